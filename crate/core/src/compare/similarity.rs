//! How alike two contents are: to find what was renamed and edited.
//!
//! A content becomes a sketch, a bounded set of hashes of its parts with their sizes: lines of a text, pieces of a
//! binary cut where its bytes say so. Two contents are as alike as the parts they share are large (Dice's measure).
//! Hashes may collide: a similarity is a hint for a reader, and decides no verdict.

use crate::compare::{encoding, number, reflow};

/// Parts kept of one content. Of a larger one those with the smallest hashes are kept, so that two sketches of any
/// size keep the same ones of what they share.
const MOST_PARTS: usize = 2048;

/// Bytes of a content that are looked at.
const MOST_BYTES: usize = 16 << 20;

/// What is remembered of one content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    /// Hash of a part and the bytes of all parts with this hash, by hash.
    parts: Vec<(u64, u32)>,
    /// Parts with a hash above were not kept.
    bound: u64,
    /// Bytes looked at.
    bytes: u64,
    is_text: bool,
}

/// Sketches a content.
pub fn sketch(bytes: &[u8]) -> Sketch {
    let bytes = bytes.get(..MOST_BYTES).unwrap_or(bytes);
    let is_text = encoding::detect(bytes).is_some();
    let mut parts: Vec<(u64, u32)> = Vec::new();
    let mut add = |part: &[u8]| parts.push((hash(part), number(part.len())));
    if is_text {
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            let mut start = 0;
            for end in reflow::cuts(line).into_iter().filter(|_| line.len() > reflow::CUT_ABOVE).chain([line.len()]) {
                add(line.get(start..end).unwrap_or(&[]));
                start = end;
            }
        }
    } else {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (part, after) = rest.split_at_checked(binary_piece(rest)).unwrap_or((rest, &[]));
            add(part);
            rest = after;
        }
    }
    parts.sort_unstable();
    let mut merged: Vec<(u64, u32)> = Vec::with_capacity(parts.len().min(MOST_PARTS));
    let mut bound = u64::MAX;
    for (hash, size) in parts {
        let is_full = merged.len() >= MOST_PARTS;
        match merged.last_mut() {
            Some(last) if last.0 == hash => last.1 = last.1.saturating_add(size),
            Some(last) if is_full => {
                bound = last.0;
                break;
            }
            _ => merged.push((hash, size)),
        }
    }
    Sketch { parts: merged, bound, bytes: bytes.len() as u64, is_text }
}

/// How alike two contents are, in percent. 100 does not mean equal, 0 does not mean that nothing is shared.
pub fn similarity(left: &Sketch, right: &Sketch) -> u8 {
    if left.is_text != right.is_text {
        return 0;
    }
    let bound = left.bound.min(right.bound);
    let known =
        |sketch: &Sketch| sketch.parts.iter().filter(|part| part.0 <= bound).map(|part| u64::from(part.1)).sum();
    let (left_known, right_known): (u64, u64) = (known(left), known(right));
    let mut common = 0u64;
    let mut rest = right.parts.iter().peekable();
    for part in &left.parts {
        while rest.next_if(|other| other.0 < part.0).is_some() {}
        if let Some(other) = rest.next_if(|other| other.0 == part.0 && other.0 <= bound) {
            common += u64::from(part.1.min(other.1));
        }
    }
    percent(common.saturating_mul(2), left_known + right_known).min(most_similarity(left, right))
}

/// What the similarity cannot exceed, from the sizes alone.
fn most_similarity(left: &Sketch, right: &Sketch) -> u8 {
    percent(left.bytes.min(right.bytes).saturating_mul(2), left.bytes + right.bytes)
}

fn percent(part: u64, whole: u64) -> u8 {
    u8::try_from((part.saturating_mul(100) / whole.max(1)).min(100)).unwrap_or(100)
}

/// Length of the first piece of a binary: 16 to 256 bytes, about 64, cut by the bytes before the cut.
fn binary_piece(bytes: &[u8]) -> usize {
    let mut gear = 0u32;
    for (index, &byte) in bytes.iter().take(256).enumerate() {
        gear = (gear << 1).wrapping_add((u32::from(byte) + 1).wrapping_mul(0x9e37_79b1));
        if index >= 15 && gear >> 26 == 0 {
            return index + 1;
        }
    }
    bytes.len().min(256)
}

/// A fast hash, the same everywhere.
fn hash(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, word: u64| {
        let product = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        product ^ (product >> 32)
    };
    let mut words = bytes.chunks_exact(8);
    let mut hash = 0x51_7cc1_b727_220a_u64 ^ bytes.len() as u64;
    for word in &mut words {
        hash = mix(hash, <[u8; 8]>::try_from(word).map_or(0, u64::from_le_bytes));
    }
    let rest = words.remainder().iter().fold(0u64, |word, &byte| (word << 8) | u64::from(byte));
    mix(mix(hash, rest), 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Random;

    fn alike(left: &[u8], right: &[u8]) -> u8 {
        let (left, right) = (sketch(left), sketch(right));
        assert_eq!(similarity(&left, &right), similarity(&right, &left));
        similarity(&left, &right)
    }

    fn noise(seed: u64, count: usize) -> Vec<u8> {
        let mut random = Random(seed);
        (0..count).map(|_| u8::try_from(random.below(256)).unwrap()).collect()
    }

    fn prose(seed: u64, lines: usize) -> String {
        let mut random = Random(seed);
        (0..lines).map(|_| format!("line {} and {}\n", random.below(100_000), random.below(100_000))).collect()
    }

    #[test]
    fn texts_are_alike_by_the_lines_they_share() {
        assert_eq!(alike(b"one line\ntwo line\n", b"one line\ntwo line\n"), 100);
        assert_eq!(alike(b"1111\n2222\n3333\n4444\n", b"1111\n2222\n3333\nxxxx\n"), 75);
        assert_eq!(alike(b"1111\n", b"2222\n"), 0);
        assert_eq!(alike(b"1111\n1111\n1111\n", b"1111\n"), 50);
        assert_eq!(alike(b"", b""), 0);
        assert_eq!(alike(b"text\n", b"\0\x01\x02"), 0);
    }

    #[test]
    fn binaries_and_long_lines_are_alike_after_an_insertion() {
        let left = noise(1, 50_000);
        let mut right = left.clone();
        right.splice(25_000..25_000, *b"inserted");
        assert!(alike(&left, &right) >= 95, "{}", alike(&left, &right));
        assert_eq!(alike(&left, &noise(2, 50_000)), 0);
        let line = prose(3, 2000).replace('\n', ";");
        let edited = line.replacen("line", "word word", 1);
        assert!(alike(line.as_bytes(), edited.as_bytes()) >= 95);
    }

    #[test]
    fn large_contents_are_measured_by_a_sample() {
        let left = prose(4, 50_000);
        let right = prose(5, 25_000) + &left[..left.len() / 2];
        assert!(sketch(left.as_bytes()).parts.len() == MOST_PARTS);
        let found = alike(left.as_bytes(), right.as_bytes());
        assert!((42..=58).contains(&found), "{found}");
    }
}
