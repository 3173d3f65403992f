//! Very long lines cut into pieces that can be read and compared, as in minified scripts.
//!
//! Where to cut depends on the bytes near the cut, not on how far it is from the beginning of the line: after an
//! insertion the same pieces follow again at once.

/// A text with a longer line than this is reflowed.
pub(super) const LONG: usize = 2000;

/// In a text that is reflowed, lines longer than this are cut. Well below [`LONG`], so that a line just above that in
/// one text is cut in the same way as its version just below in the other.
pub(super) const CUT_ABOVE: usize = 300;

/// Longest piece in bytes, shortest of the pieces cut for lack of a better place.
const MOST: usize = 200;
const LEAST: usize = 100;

/// Where to cut a line: ascending offsets, neither 0 nor the line's length among them.
pub(super) fn cuts(line: &[u8]) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut start = 0;
    while start < line.len() {
        let rest = line.get(start..).unwrap_or(&[]);
        let length = piece(rest);
        start += length;
        if start < line.len() {
            cuts.push(start);
        }
    }
    cuts
}

/// Length of the first piece: up to the end of a statement, a block or a tag, otherwise to the best place in reach.
fn piece(rest: &[u8]) -> usize {
    let reach = rest.get(..MOST).unwrap_or(rest);
    for (index, &byte) in reach.iter().enumerate() {
        let next = rest.get(index + 1).copied();
        let ends = match byte {
            // Closing characters stay with what they close: `});`.
            b';' | b'{' | b'}' => !matches!(next, Some(b';' | b',' | b')' | b']' | b'}')),
            b'>' => next == Some(b'<'),
            _ => false,
        };
        if ends {
            return index + 1;
        }
    }
    if rest.len() <= MOST {
        return rest.len();
    }
    // No such end: of the places between LEAST and MOST the one with the best kind of character before it, and among
    // those the largest hash of the bytes before it. That choice is the same wherever the piece started.
    let mut best = (0u8, 0u32, MOST);
    for end in LEAST..=MOST {
        let Some(&after) = rest.get(end) else { break };
        let kind = match rest.get(end - 1) {
            _ if after & 0xc0 == 0x80 => 0,
            Some(b',') => 3,
            Some(b' ' | b'\t' | b')' | b'&' | b'|') => 2,
            _ => 1,
        };
        let before = rest.get(end - 16..end).unwrap_or(&[]);
        let hash =
            before.iter().fold(0x811c_9dc5_u32, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        if (kind, hash) > (best.0, best.1) {
            best = (kind, hash, end);
        }
    }
    best.2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(line: &str) -> Vec<&str> {
        let mut ends = cuts(line.as_bytes());
        ends.push(line.len());
        let mut start = 0;
        ends.into_iter().map(|end| line.get(std::mem::replace(&mut start, end)..end).unwrap()).collect()
    }

    #[test]
    fn scripts_and_markup_are_cut_where_they_can_be_read() {
        assert_eq!(pieces("f(function(){a=1;b()});g({});"), ["f(function(){", "a=1;", "b()});", "g({});"]);
        assert_eq!(pieces("<ul><li>one</li><li>two</li></ul>"), ["<ul>", "<li>one</li>", "<li>two</li>", "</ul>"]);
        assert_eq!(pieces(""), [""]);
        assert_eq!(pieces("}"), ["}"]);
    }

    #[test]
    fn an_insertion_moves_no_later_cut() {
        let mut random = super::super::Random(7);
        let words = ["alpha,", "beta ", "gamma", "ünï", "7,"];
        let long: String = (0..5000).map(|_| words[random.below(words.len())]).collect();
        for line in [long.clone(), long.replace([',', ' '], "")] {
            let before = pieces(&line);
            let changed = format!("inserted {line}");
            let after = pieces(&changed);
            let same = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
            assert!(before.len() - same < 12, "{} of {} pieces differ", before.len() - same, before.len());
            assert!(after.iter().all(|piece| piece.len() <= MOST));
            assert_eq!(after.concat(), changed);
        }
    }
}
