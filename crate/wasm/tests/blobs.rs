//! A blob as a source: the same bytes as in memory, wherever and however they are read.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use js_sys::{Array, Uint8Array};
use twinspect::artifact::Source as _;
use twinspect_wasm::blob::BlobSource;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Blob;

// FileReaderSync exists in a dedicated worker only.
wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// The most that the source reads ahead.
const SLICE: usize = 16 << 20;
/// What it reads first.
const FIRST: usize = 256 << 10;

/// Bytes without a period that a wrong offset could hide in.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut bytes = Vec::with_capacity(count);
    while bytes.len() < count {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes.extend_from_slice(&state.to_be_bytes()[..3]);
    }
    bytes.truncate(count);
    bytes
}

fn blob(parts: &[&[u8]]) -> Blob {
    let parts: Array = parts.iter().map(|part| Uint8Array::from(*part)).collect();
    Blob::new_with_u8_array_sequence(&parts).unwrap()
}

/// Reads until the buffer is full or the source ends, as the engine does.
fn read(source: &BlobSource, offset: usize, count: usize) -> Vec<u8> {
    let mut buffer = vec![0; count];
    let mut filled = 0;
    while filled < count {
        let read = source.read_at((offset + filled) as u64, &mut buffer[filled..]).unwrap();
        if read == 0 {
            break;
        }
        filled += read;
    }
    buffer.truncate(filled);
    buffer
}

/// As `assert_eq`, without printing megabytes.
#[track_caller]
fn same(found: &[u8], expected: &[u8], at: usize) {
    assert_eq!(found.len(), expected.len(), "length of what is read at {at}");
    let wrong = found.iter().zip(expected).position(|(a, b)| a != b);
    assert_eq!(wrong, None, "first wrong byte of what is read at {at}");
}

#[wasm_bindgen_test]
fn reading_forward_gives_every_byte() {
    // The slices grow to the largest, and there are two of those.
    let bytes = noise(2 * SLICE + 6 * (1 << 20) + 7);
    let source = BlobSource::new(blob(&[&bytes]));
    assert_eq!(source.len(), bytes.len() as u64);
    // A count that divides no slice.
    let mut at = 0;
    while at < bytes.len() {
        let part = read(&source, at, 100_003);
        same(&part, &bytes[at..(at + 100_003).min(bytes.len())], at);
        at += part.len();
    }
    assert_eq!(at, bytes.len());
}

#[wasm_bindgen_test]
fn random_access_across_slices_gives_the_same_bytes() {
    let bytes = noise(2 * SLICE + 99);
    let source = BlobSource::new(blob(&[&bytes]));
    for border in [FIRST, 5 * FIRST, SLICE, SLICE + FIRST, 2 * SLICE] {
        for start in [border - 1, border, border + 1, border - 70_000] {
            let end = (start + 140_000).min(bytes.len());
            same(&read(&source, start, 140_000), &bytes[start..end], start);
            // Backwards, as a zip's directory is looked for.
            same(&read(&source, start - 5, 3), &bytes[start - 5..start - 2], start - 5);
        }
    }
    let mut state = 7_u32;
    for _ in 0..200 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let start = state as usize % bytes.len();
        let count = (state >> 8) as usize % 300_000;
        same(&read(&source, start, count), &bytes[start..(start + count).min(bytes.len())], start);
    }
}

#[wasm_bindgen_test]
fn a_read_larger_than_a_slice_is_filled() {
    let bytes = noise(SLICE + 1000);
    let source = BlobSource::new(blob(&[&bytes]));
    same(&read(&source, 0, bytes.len()), &bytes, 0);
    same(&read(&source, 3, SLICE + 1), &bytes[3..SLICE + 4], 3);
}

#[wasm_bindgen_test]
fn reading_at_or_past_the_end_gives_nothing() {
    let bytes = noise(1000);
    let source = BlobSource::new(blob(&[&bytes]));
    let mut buffer = [9; 16];
    for offset in [1000, 1001, u64::from(u32::MAX) + 5, 1 << 53, u64::MAX] {
        assert_eq!(source.read_at(offset, &mut buffer).unwrap(), 0, "{offset}");
    }
    assert_eq!(buffer, [9; 16], "and the buffer stays as it was");
    assert_eq!(source.read_at(995, &mut buffer).unwrap(), 5);
    assert_eq!(buffer[..5], bytes[995..]);
    assert_eq!(buffer[5..], [9; 11]);
    assert_eq!(source.read_at(0, &mut []).unwrap(), 0);
}

#[wasm_bindgen_test]
fn an_empty_blob_is_an_empty_source() {
    for parts in [&[][..], &[&[][..]]] {
        let source = BlobSource::new(blob(parts));
        assert!(source.is_empty());
        assert_eq!(source.read_at(0, &mut [0; 4]).unwrap(), 0);
    }
}

#[wasm_bindgen_test]
fn a_part_of_a_blob_and_a_blob_of_parts_are_read_as_they_are() {
    let bytes = noise(3 * FIRST);
    let whole = blob(&[&bytes[..10], &bytes[10..FIRST + 1], &bytes[FIRST + 1..]]);
    same(&read(&BlobSource::new(whole.clone()), 0, bytes.len()), &bytes, 0);
    let part = whole.slice_with_i32_and_i32(7, i32::try_from(2 * FIRST).unwrap()).unwrap();
    let source = BlobSource::new(part);
    same(&read(&source, 0, bytes.len()), &bytes[7..2 * FIRST], 0);
}

#[wasm_bindgen_test]
fn sources_do_not_mix_and_outlive_each_other() {
    let bytes = noise(2 * FIRST);
    let (left, right) = bytes.split_at(FIRST);
    let first = BlobSource::new(blob(&[left]));
    let second = BlobSource::new(blob(&[right]));
    for at in (0..FIRST - 50).step_by(FIRST / 7) {
        same(&read(&first, at, 50), &left[at..at + 50], at);
        same(&read(&second, at, 50), &right[at..at + 50], at);
    }
    drop(first);
    same(&read(&second, 0, FIRST), right, 0);
    let third = BlobSource::new(blob(&[left]));
    same(&read(&third, 0, FIRST), left, 0);
    same(&read(&second, 9, FIRST), &right[9..], 9);
}
