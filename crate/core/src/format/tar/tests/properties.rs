//! What holds for every archive: no flipped byte goes unseen, and a cut one shows what is left of it.

use super::*;

/// Small archives of each dialect.
fn samples() -> Vec<Vec<u8>> {
    let ustar = Build::default()
        .header("dir/a.txt", b'0', 5, |block| {
            block.put(OWNER, b"root");
            block.put(PREFIX, b"usr");
        })
        .data(b"hello")
        .header("l", b'2', 0, |block| block.put(LINK, b"a.txt"))
        .end();
    let long = [&b"n".repeat(120)[..], b"\0"].concat();
    let gnu = Build::default()
        .header("././@LongLink", b'L', long.len(), gnu)
        .data(&long)
        .header(&"n".repeat(100), b'0', 1, gnu)
        .data(b"x")
        .end();
    let records = [record("mtime", "10.25"), record("path", "p"), record("x", "y")].concat();
    let pax = Build::default().pax(b'g', &record("comment", "c")).pax(b'x', &records).file("p", b"hi").end();
    vec![ustar, gnu, pax]
}

#[test]
fn every_flipped_byte_shows() {
    for bytes in samples() {
        let before = show(&bytes);
        for at in 0..bytes.len() {
            for bit in [1, 0x20, 0x80] {
                let mut flipped = bytes.clone();
                flipped[at] ^= bit;
                assert_ne!(show(&flipped), before, "byte {at} with {bit:x}");
            }
        }
    }
}

#[test]
fn every_flipped_header_byte_with_a_right_checksum_shows() {
    for bytes in samples() {
        let before = show(&bytes);
        for start in (0..bytes.len()).step_by(512) {
            let block = Block(bytes[start..start + 512].try_into().unwrap());
            if block.check().is_none() {
                continue;
            }
            for at in 0..512 {
                for bit in [1, 0x20, 0x80] {
                    let mut changed = block.clone();
                    changed.0[at] ^= bit;
                    seal(&mut changed);
                    if changed.0 == block.0 {
                        continue;
                    }
                    let mut flipped = bytes.clone();
                    flipped[start..start + 512].copy_from_slice(&changed.0);
                    assert_ne!(show(&flipped), before, "byte {at} with {bit:x} of the header at {start}");
                }
            }
        }
    }
}

#[test]
fn a_cut_archive_shows_what_is_left_of_it() {
    for bytes in samples() {
        let whole = open(&bytes).entries;
        let mut seen = std::collections::BTreeSet::new();
        for length in 0..=bytes.len() {
            let entries = open(&bytes[..length]).entries;
            assert!(whole.starts_with(&entries), "cut to {length}");
            assert!(seen.insert(show(&bytes[..length])), "cut to {length} looks like another");
        }
    }
}
