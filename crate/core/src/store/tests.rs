//! The store with a tiny cache, damaged bases, bases of bases, and limits.

use std::io::Write as _;

use super::*;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Bytes that do not repeat.
fn varied(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    next.take(count).collect()
}

fn store(bytes: Vec<u8>, cache: u64) -> Store {
    Store::new(Arc::new(bytes), &Limits::default(), cache)
}

fn coded(base: BaseId, coding: Coding) -> Content {
    Content { base, offset: 0, stored: u64::MAX, coding, size: None }
}

fn read_at(store: &Store, base: BaseId, offset: u64, count: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; count];
    let count = store.read_at(base, offset, &mut bytes)?;
    bytes.truncate(count);
    Ok(bytes)
}

/// [`BLOCK`] as a length in memory.
const B: usize = 256 << 10;

#[test]
fn what_the_cache_dropped_is_decoded_again() {
    let content = varied(3 * B + 77);
    let store = store(gzip(&content), BLOCK);
    let base = store.add_base(coded(0, Coding::Gzip));
    for offset in [3 * B + 70, 0, 2 * B - 3, B, 3 * B, 5, 3 * B + 76] {
        let end = content.len().min(offset + 9).min((offset / B + 1) * B);
        assert_eq!(read_at(&store, base, offset as u64, 9).unwrap(), content[offset..end], "at {offset}");
    }
    assert_eq!(read_at(&store, base, content.len() as u64, 9).unwrap(), b"");
    assert_eq!(read_at(&store, base, u64::MAX, 9).unwrap(), b"");
    assert_eq!(store.len(base).unwrap(), content.len() as u64);
    // Charged once, however often it was decoded.
    assert_eq!(store.budget(|budget| budget.decoded()), content.len() as u64);
}

#[test]
fn an_exact_multiple_of_the_block_ends_where_it_ends() {
    let store = store(gzip(&varied(2 * B)), BLOCK);
    let base = store.add_base(coded(0, Coding::Gzip));
    assert_eq!(store.len(base).unwrap(), 2 * BLOCK);
    assert_eq!(read_at(&store, base, 2 * BLOCK, 1).unwrap(), b"");
    assert_eq!(store.finish(base).unwrap().len(), 2);
    assert_eq!(store.finish(base).unwrap(), []);
}

#[test]
fn bases_stack_and_slices_of_them_know_their_length() {
    let inner = varied(B + 100);
    let middle = [b"head".as_slice(), &gzip(&inner), b"tail"].concat();
    let store = store([b"xx".as_slice(), &gzip(&middle)].concat(), BLOCK);
    let outer = store.add_base(Content { offset: 2, ..coded(0, Coding::Gzip) });
    let slice = store.add_base(Content::stored(outer, 4, middle.len() as u64 - 8));
    let deep = store.add_base(coded(slice, Coding::Gzip));
    let open = store.add_base(Content { offset: 100, ..coded(deep, Coding::Stored) });
    let long = store.add_base(Content::stored(deep, 50, 1 << 40));
    assert_eq!(store.len(slice).unwrap(), middle.len() as u64 - 8);
    assert_eq!(read_at(&store, deep, BLOCK, 200).unwrap(), inner[B..]);
    assert_eq!(store.len(open).unwrap(), BLOCK, "a slice to the end of a decoded base starts at its offset");
    assert_eq!(store.len(long).unwrap(), BLOCK + 50, "a claimed length is no length");
    assert_eq!(read_at(&store, open, 0, 7).unwrap(), inner[100..107]);
    let content = Content::stored(slice, 0, 3);
    assert_eq!(store.read(&content, 100).unwrap(), (vec![0x1f, 0x8b, 8], false));
    assert_eq!(store.read(&content, 2).unwrap(), (vec![0x1f, 0x8b], true));
    let again =
        Store::with_bases(Arc::new([b"xx".as_slice(), &gzip(&middle)].concat()), &store.bases(), &Limits::default(), 0);
    assert_eq!(read_at(&again, deep, 10, 5).unwrap(), inner[10..15]);
}

#[test]
fn what_comes_before_damage_can_be_read_and_the_damage_is_met_after_it() {
    let content = varied(2 * B);
    let mut bytes = gzip(&content);
    bytes.truncate(bytes.len() * 3 / 4);
    for cache in [0, BLOCK, 64 * BLOCK] {
        let store = store(bytes.clone(), cache);
        let base = store.add_base(coded(0, Coding::Gzip));
        let length = store.len(base).unwrap();
        let end = usize::try_from(length).unwrap();
        assert!(length > BLOCK && length < 2 * BLOCK, "{length}");
        for _ in 0..2 {
            assert_eq!(read_at(&store, base, 0, 5).unwrap(), content[..5]);
            assert_eq!(read_at(&store, base, length - 1, 5).unwrap(), content[end - 1..end]);
            assert!(read_at(&store, base, length, 5).is_err(), "the end by damage is not an end");
            assert!(read_at(&store, base, 9 * BLOCK, 5).is_err());
        }
        let member = Content::stored(base, length - 10, 20);
        let mut reader = store.open(&member).unwrap();
        let mut read = Vec::new();
        let fault = Fault::from(reader.read_to_end(&mut read).unwrap_err());
        assert_eq!(read, content[end - 10..end]);
        assert!(fault.message.contains("gzip data ends early"), "{fault}");
        assert!(store.finish(base).is_err());
        assert_eq!(store.notes(base).len(), 2, "what the header said is known all the same");
    }
}

#[test]
fn a_stored_content_that_is_not_all_there_is_a_fault() {
    let store = store(b"0123456789".to_vec(), 0);
    assert!(store.read(&Content::stored(0, 5, 6), 100).is_err());
    assert!(store.read(&Content::stored(0, 50, 6), 100).is_err());
    assert!(store.read(&Content::stored(0, u64::MAX, u64::MAX - 1), 100).is_err());
    assert_eq!(store.read(&Content::stored(0, 50, 0), 100).unwrap().0, b"");
    assert_eq!(store.read(&Content::inline(b"here".to_vec()), 100).unwrap().0, b"here");
    assert!(store.read(&Content::stored(7, 0, 1), 100).is_err());
}

#[test]
fn a_manifest_whose_bases_go_round_ends_in_a_fault() {
    let bases = [Content::stored(0, 0, 1), Content::stored(2, 0, 1), Content::stored(1, 0, 1), coded(3, Coding::Gzip)];
    let store = Store::with_bases(Arc::new(vec![0_u8; 9]), &bases, &Limits::default(), 0);
    for base in 1..5 {
        assert!(store.read_at(base, 0, &mut [0]).is_err(), "{base}");
        assert!(store.len(base).is_err() || base == 3, "{base}");
    }
}

#[test]
fn sparse_content_has_zeros_where_no_data_are() {
    let store = store(b"abcdef".to_vec(), 0);
    let sparse = |extents: &[(u64, u64)], size| Content {
        base: 0,
        offset: 0,
        stored: extents.iter().map(|extent| extent.1).sum(),
        coding: Coding::Sparse(extents.to_vec()),
        size: Some(size),
    };
    let read = |extents: &[(u64, u64)], size| store.read(&sparse(extents, size), 100).map(|read| read.0);
    assert_eq!(read(&[(2, 2), (5, 1)], 8).unwrap(), b"\0\0ab\0c\0\0");
    assert_eq!(read(&[(0, 3), (3, 0), (3, 3)], 6).unwrap(), b"abcdef");
    assert_eq!(read(&[], 3).unwrap(), b"\0\0\0");
    assert_eq!(read(&[], 0).unwrap(), b"");
    assert_eq!(read(&[(0, 6)], 4).unwrap(), b"abcd");
    assert!(read(&[(0, 7)], 7).is_err());
    let base = store.add_base(sparse(&[(BLOCK - 1, 3)], 2 * BLOCK));
    assert_eq!(store.len(base).unwrap(), 2 * BLOCK);
    assert_eq!(read_at(&store, base, BLOCK, 3).unwrap(), b"bc\0");
}

#[test]
fn a_bomb_stops_at_the_ratio_and_a_large_artifact_at_the_total() {
    let mut limits = Limits::default();
    limits.set("ratio-free-bytes", BLOCK);
    limits.set("ratio", 100);
    let bomb = gzip(&vec![0; 8 * B]);
    let store = Store::new(Arc::new(bomb.clone()), &limits, BLOCK);
    let base = store.add_base(coded(0, Coding::Gzip));
    assert_eq!(store.len(base).unwrap_err().limit, Some("ratio"));
    assert_eq!(read_at(&store, base, 0, 2).unwrap(), [0, 0], "what came before stays readable");
    assert_eq!(read_at(&store, base, 7 * BLOCK, 2).unwrap_err().limit, Some("ratio"));

    let mut limits = Limits::default();
    limits.set("total-bytes", 3 * BLOCK);
    let store = Store::new(Arc::new(bomb), &limits, BLOCK);
    let base = store.add_base(coded(0, Coding::Gzip));
    assert_eq!(store.len(base).unwrap_err().limit, Some("total-bytes"));
    assert_eq!(store.finish(base).unwrap_err().limit, Some("total-bytes"));
}

#[test]
fn the_cache_drops_the_least_recently_used() {
    let mut cache = Cache { most: 3, held: 0, clock: 0, blocks: BTreeMap::new(), by_age: BTreeMap::new() };
    for index in 0..3 {
        cache.put((1, index), Arc::new(vec![0]));
    }
    assert!(cache.get((1, 0)).is_some());
    cache.put((1, 3), Arc::new(vec![0]));
    assert!(cache.get((1, 1)).is_none() && cache.get((1, 0)).is_some() && cache.get((1, 2)).is_some());
    cache.put((1, 4), Arc::new(vec![0; 9]));
    assert_eq!((cache.blocks.len(), cache.held), (1, 9), "one block stays, however large");
    cache.put((1, 4), Arc::new(vec![0; 2]));
    assert_eq!((cache.blocks.len(), cache.by_age.len(), cache.held), (1, 1, 2));
}
