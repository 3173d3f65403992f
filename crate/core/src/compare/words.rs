//! What differs inside a line: words, numbers, punctuation and white space compared one by one.

use std::ops::Range;

use similar::DiffOp;
use similar::algorithms::{Capture, Compact, Replace, myers};

/// Lines are alike from here on, in percent: below, marks would say less than none.
pub(super) const ALIKE: u32 = 40;

/// Comparisons of words that are worth it for one pair of lines.
const MOST_WORK: usize = 1 << 20;

/// What differs between two lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// Byte ranges of the left and the right line that replace each other; one of the two may be empty.
    pub(super) differences: Vec<(Range<usize>, Range<usize>)>,
}

/// Compares two lines by words; `None` if they share too little.
pub(super) fn compare(left: &[u8], right: &[u8]) -> Option<Words> {
    let differences = raw_differences(left, right)?;
    Some(Words { differences: without_tiny_gaps(left, differences) })
}

/// As [`compare`], with every gap however small.
pub(super) fn raw_differences(left: &[u8], right: &[u8]) -> Option<Vec<(Range<usize>, Range<usize>)>> {
    let (left_tokens, right_tokens) = (tokens(left), tokens(right));
    let (left_words, right_words) = (slices(left, &left_tokens), slices(right, &right_tokens));
    let prefix = left_words.iter().zip(&right_words).take_while(|(l, r)| l == r).count();
    let shorter = left_words.len().min(right_words.len());
    let suffix = left_words
        .iter()
        .rev()
        .zip(right_words.iter().rev())
        .take(shorter - prefix)
        .take_while(|(l, r)| l == r)
        .count();
    let (left_middle, right_middle) = (left_words.len() - prefix - suffix, right_words.len() - prefix - suffix);
    if left_middle.saturating_mul(right_middle) > MOST_WORK {
        return None;
    }

    let capture = Replace::new(Capture::new());
    let mut compact = Compact::new(capture, left_words.as_slice(), right_words.as_slice());
    let (all_left, all_right) = (0..left_words.len(), 0..right_words.len());
    let Ok(()) = myers::diff(&mut compact, left_words.as_slice(), all_left, right_words.as_slice(), all_right);
    let ops = compact.into_inner().into_inner().into_ops();

    let weight_of = |words: &[&[u8]]| words.iter().map(|word| weight(word)).sum::<u32>();
    let common: u32 = ops
        .iter()
        .map(|op| match op {
            DiffOp::Equal { old_index, len, .. } => left_words.get(*old_index..old_index + len).map_or(0, weight_of),
            _ => 0,
        })
        .sum();
    if alike(common, weight_of(&left_words), weight_of(&right_words)) < ALIKE {
        return None;
    }
    let bytes = |tokens: &[Range<usize>], range: Range<usize>, end: usize| -> Range<usize> {
        let start = tokens.get(range.start).map_or(end, |token| token.start);
        tokens.get(range).and_then(|tokens| tokens.last()).map_or(start..start, |last| start..last.end)
    };
    let changed = ops
        .iter()
        .filter(|op| !matches!(op, DiffOp::Equal { .. }))
        .map(|op| (bytes(&left_tokens, op.old_range(), left.len()), bytes(&right_tokens, op.new_range(), right.len())));
    Some(changed.collect())
}

fn slices<'line>(line: &'line [u8], ranges: &[Range<usize>]) -> Vec<&'line [u8]> {
    ranges.iter().map(|range| line.get(range.clone()).unwrap_or(&[])).collect()
}

/// How alike two lines are, in percent, by the weight of what they have in common.
pub(super) fn alike(common: u32, left: u32, right: u32) -> u32 {
    let (common, left, right) = (u64::from(common), u64::from(left), u64::from(right));
    if left + right == 0 {
        return 100; // Only white space.
    }
    let dice = 200 * common / (left + right);
    // A line that was only added to, or cut: what is left of it counts for most.
    let smaller = left.min(right);
    let contained = if smaller >= 12 { 60 * common / smaller } else { 0 };
    u32::try_from(dice.max(contained).min(100)).unwrap_or(100)
}

/// What a word counts when lines are judged: white space nothing, and punctuation less than letters.
pub(super) fn weight(word: &[u8]) -> u32 {
    let length = u32::try_from(word.len()).unwrap_or(u32::MAX / 4);
    match word.first() {
        Some(b' ' | b'\t') => 0,
        Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80 => length.saturating_mul(2),
        _ => length,
    }
}

/// The words of a line: letters with digits, single characters of punctuation, runs of white space.
pub(super) fn tokens(line: &[u8]) -> Vec<Range<usize>> {
    #[derive(PartialEq)]
    enum Class {
        Word,
        Space,
        Single,
    }
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut last = Class::Single;
    let mut position = 0;
    let mut push = |class: Class, length: usize| {
        match tokens.last_mut() {
            Some(token) if class == last && class != Class::Single => token.end += length,
            _ => tokens.push(position..position + length),
        }
        position += length;
        last = class;
    };
    for chunk in line.utf8_chunks() {
        for character in chunk.valid().chars() {
            let class = match character {
                ' ' | '\t' => Class::Space,
                '_' => Class::Word,
                // Scripts written without spaces (CJK, kana, Hangul …): each character is a word.
                '\u{2e80}'.. => Class::Single,
                _ if character.is_alphanumeric() => Class::Word,
                _ => Class::Single,
            };
            push(class, character.len_utf8());
        }
        for _ in chunk.invalid() {
            push(Class::Single, 1);
        }
    }
    tokens
}

/// Joins differences with next to nothing between them: marks in bits and pieces are hard to read.
fn without_tiny_gaps(left: &[u8], differences: Vec<(Range<usize>, Range<usize>)>) -> Vec<(Range<usize>, Range<usize>)> {
    let mut merged: Vec<(Range<usize>, Range<usize>)> = Vec::with_capacity(differences.len());
    for (l, r) in differences {
        match merged.last_mut() {
            Some(last) if is_tiny(left.get(last.0.end..l.start).unwrap_or(&[])) => {
                last.0.end = l.end;
                last.1.end = r.end;
            }
            _ => merged.push((l, r)),
        }
    }
    merged
}

fn is_tiny(gap: &[u8]) -> bool {
    let visible = gap.iter().filter(|byte| !matches!(byte, b' ' | b'\t'));
    gap.len() <= 3 && visible.clone().count() <= 1 && !visible.clone().any(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Differences as `{old|new}` in the left line.
    fn check(left: &str, right: &str, expected: Option<&str>) {
        let shown = compare(left.as_bytes(), right.as_bytes()).map(|words| {
            let (mut text, mut at) = (String::new(), 0);
            for (l, r) in words.differences {
                text += &format!("{}{{{}|{}}}", &left[at..l.start], &left[l.clone()], &right[r]);
                at = l.end;
            }
            text + &left[at..]
        });
        assert_eq!(shown.as_deref(), expected, "{left:?} {right:?}");
    }

    #[test]
    fn lines_are_compared_by_words() {
        check("let count = 1;", "let total = 1;", Some("let {count|total} = 1;"));
        check("\"version\": \"1.2.3\",", "\"version\": \"1.2.14\",", Some("\"version\": \"1.2.{3|14}\","));
        check("call(first, second)", "call(second)", Some("call({first, |}second)"));
        check("  indented", "\tindented", Some("{  |\t}indented"));
        check("grün ist schön", "grün war schön", Some("grün {ist|war} schön"));
        check("漢字入力方法", "漢字出力方法", Some("漢字{入|出}力方法"));
        check("    ", "\t", Some("{    |\t}"));
        check("same text", "same text", Some("same text"));
    }

    #[test]
    fn lines_that_share_little_get_no_marks() {
        check("import os", "def main():", None);
        check("foo(bar);", "quux(zap);", None);
        check("}", "return value", None);
    }

    #[test]
    fn a_line_that_was_added_to_is_still_the_line() {
        check(
            "result = compute(value)",
            "result = compute(value)  # and a long comment that explains at length why this is so",
            Some("result = compute(value){|  # and a long comment that explains at length why this is so}"),
        );
    }

    #[test]
    fn marks_with_next_to_nothing_between_them_are_one() {
        check(
            "x = alpha.beta + unchanged()",
            "x = gamma.delta + unchanged()",
            Some("x = {alpha.beta|gamma.delta} + unchanged()"),
        );
    }

    #[test]
    fn invalid_bytes_are_words_of_their_own() {
        assert_eq!(tokens(b"a\xff\xfeb  c"), [0..1, 1..2, 2..3, 3..4, 4..6, 6..7]);
        let words = compare(b"name \xff end", b"name \xfe end").unwrap();
        assert_eq!(words.differences, [(5..6, 5..6)]);
    }
}
