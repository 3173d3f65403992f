//! What two texts have in common and what not, in linear time: no diff, so that even large files get their sentence.

use std::collections::BTreeMap;

use super::TextFacts;

/// More distinct replacements than this are not one edit.
const MOST_SUBSTITUTIONS: usize = 8;

/// Looks at two different contents; `None` if either is not text.
pub fn facts(left: &[u8], right: &[u8]) -> Option<TextFacts> {
    if [left, right].iter().any(|text| text.contains(&0)) {
        return None;
    }
    Some(TextFacts {
        only_line_endings: left != right && lines(left).eq(lines(right)),
        only_order: left != right && left.len() == right.len() && sorted(left) == sorted(right),
        only_whitespace: left != right && dense(left).eq(dense(right)),
        substitutions: substitutions(left, right),
        consequence: None,
    })
}

/// Lines without their ends; a final newline does not count.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    text.split(|byte| *byte == b'\n')
        .flat_map(|line| line.strip_suffix(b"\r").unwrap_or(line).split(|byte| *byte == b'\r'))
}

fn sorted(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = lines(text).collect();
    lines.sort_unstable();
    lines
}

/// The bytes that are not white space, and one space wherever white space separates two words: joining words is more
/// than white space.
fn dense(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// A word, or one byte between words. A version number with its dots and dashes is one word.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let length = rest.iter().take_while(|byte| is_word(**byte)).count();
        let (word, after) = rest.split_at_checked(length.max(1))?;
        rest = after;
        Some(word)
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+') || byte >= 0x80
}

/// The distinct words replaced, if both texts are the same sequence of words but for a few replacements.
fn substitutions(left: &[u8], right: &[u8]) -> Option<Vec<(String, String)>> {
    let mut found: BTreeMap<(&[u8], &[u8]), ()> = BTreeMap::new();
    let (mut a, mut b) = (words(left), words(right));
    loop {
        match (a.next(), b.next()) {
            (None, None) => break,
            (Some(old), Some(new)) if old == new => {}
            (Some(old), Some(new)) => {
                let short = old.len() <= 200 && new.len() <= 200;
                let both_words = [old, new].iter().all(|word| word.first().is_some_and(|byte| is_word(*byte)));
                found.insert((old, new), ());
                if !short || !both_words || found.len() > MOST_SUBSTITUTIONS {
                    return None;
                }
            }
            _ => return None,
        }
    }
    let show = crate::display::bytes;
    Some(found.keys().map(|(old, new)| (show(old), show(new))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &str, right: &str, expected: &str) {
        let facts = facts(left.as_bytes(), right.as_bytes()).unwrap();
        let mut text = String::new();
        for (yes, name) in
            [(facts.only_line_endings, "endings"), (facts.only_order, "order"), (facts.only_whitespace, "white space")]
        {
            if yes {
                text += name;
                text += ";";
            }
        }
        for (old, new) in facts.substitutions.unwrap_or_default() {
            text += &format!("{old} → {new};");
        }
        assert_eq!(text, expected, "{left:?} {right:?}");
    }

    #[test]
    fn line_endings_alone() {
        check("a\nb\n", "a\r\nb\r\n", "endings;white space;");
        check("a\nb", "a\nb\n", "endings;white space;");
        check("a\nb\n", "a\r\nc\r\n", "");
    }

    #[test]
    fn order_alone() {
        check(
            "a=1\nb=2\n",
            "b=2\na=1\n",
            "order;a → b;1 → 2;2 → 1;b → a;".replace("a → b;1 → 2;2 → 1;b → a;", "1 → 2;2 → 1;a → b;b → a;").as_str(),
        );
        check("a\nb c\n", "b c\nx\n", "");
    }

    #[test]
    fn white_space_alone() {
        check("if x:\n\ty = 1\n", "if x:\n    y = 1\n", "white space;");
        check("ab c\n", "a bc\n", "ab → a;c → bc;");
    }

    #[test]
    fn a_few_replacements() {
        check("v 1.0.0\nuse 1.0.0\n", "v 1.0.1\nuse 1.0.1\n", "1.0.0 → 1.0.1;");
        check("x = a;", "x = b, c;", "");
        check("x = 1;", "x = {;", "");
    }
}
