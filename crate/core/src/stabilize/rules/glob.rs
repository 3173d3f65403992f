//! Shell patterns as OSS Rebuild has them: those of one path segment, plus one `**` for any number of levels.
//!
//! `*`, `?` and `[…]` never match a slash; a backslash makes the next character ordinary. `**` stands between slashes
//! or at an end, once. Names are bytes; where they are UTF-8 a character counts as one.

/// A pattern that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadPattern;

/// Whether a name matches. As upstream, a pattern may prove bad only while a name is matched.
pub(super) fn matches(pattern: &str, name: &[u8]) -> Result<bool, BadPattern> {
    let Some((prefix, suffix)) = pattern.split_once("**") else {
        return plain(pattern, name);
    };
    let apart = (prefix.is_empty() || prefix.ends_with('/')) && (suffix.is_empty() || suffix.starts_with('/'));
    if !apart || suffix.contains("**") {
        return Err(BadPattern);
    }
    // Both halves are matched with as many levels of the name as they have themselves; they may overlap, as upstream.
    if !prefix.is_empty() {
        let levels = prefix.bytes().filter(|byte| *byte == b'/').count();
        let Some(end) = slashes(name).nth(levels.saturating_sub(1)) else { return Ok(false) };
        if !plain(prefix, name.get(..=end).unwrap_or_default())? {
            return Ok(false);
        }
    }
    if !suffix.is_empty() {
        let levels = suffix.bytes().filter(|byte| *byte == b'/').count();
        let Some(start) = last_slashes(name).nth(levels.saturating_sub(1)) else { return Ok(false) };
        if !plain(suffix, name.get(start..).unwrap_or_default())? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn slashes(name: &[u8]) -> impl Iterator<Item = usize> + '_ {
    name.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at)
}

/// The slashes from the last one back. Upstream looks only as far from the end as characters begin from the start, and
/// so overlooks some in names that are not ASCII; a verdict like theirs needs the same.
fn last_slashes(name: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let (_, length) = character(name.get(start..)?)?;
        start += length;
        Some(start - length)
    })
    .filter_map(|start| name.len().checked_sub(start + 1))
    .filter(|at| name.get(*at) == Some(&b'/'))
}

/// Whether a pattern can be read at all.
pub(super) fn is_good(pattern: &str) -> bool {
    let parts = pattern.split("**").map(|part| tokens(part.as_bytes()).is_ok()).collect::<Vec<_>>();
    !pattern.is_empty() && parts.iter().all(|good| *good) && matches(pattern, b"").is_ok()
}

enum Token {
    /// Any number of bytes other than a slash.
    Star,
    /// One character other than a slash.
    Any,
    /// One character of these ranges, or of none of them.
    Class(bool, Vec<(char, char)>),
    /// This byte.
    Byte(u8),
}

fn tokens(pattern: &[u8]) -> Result<Vec<Token>, BadPattern> {
    let mut tokens = Vec::new();
    let mut rest = pattern;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        tokens.push(match first {
            b'*' => Token::Star,
            b'?' => Token::Any,
            b'\\' => {
                let (byte, after) = rest.split_first().ok_or(BadPattern)?;
                rest = after;
                Token::Byte(*byte)
            }
            b'[' => class(&mut rest)?,
            byte => Token::Byte(*byte),
        });
    }
    Ok(tokens)
}

fn class(rest: &mut &[u8]) -> Result<Token, BadPattern> {
    let negated = rest.first() == Some(&b'^');
    if negated {
        *rest = rest.get(1..).unwrap_or_default();
    }
    let mut ranges = Vec::new();
    loop {
        if rest.first() == Some(&b']') && !ranges.is_empty() {
            *rest = rest.get(1..).unwrap_or_default();
            return Ok(Token::Class(negated, ranges));
        }
        let low = class_character(rest)?;
        let high = if rest.first() == Some(&b'-') {
            *rest = rest.get(1..).unwrap_or_default();
            class_character(rest)?
        } else {
            low
        };
        ranges.push((low, high));
    }
}

/// One character of a class; something must follow it.
fn class_character(rest: &mut &[u8]) -> Result<char, BadPattern> {
    match rest.first() {
        None | Some(b'-' | b']') => return Err(BadPattern),
        Some(b'\\') => *rest = rest.get(1..).unwrap_or_default(),
        _ => {}
    }
    let (character, length) = character(rest).ok_or(BadPattern)?;
    *rest = rest.get(length..).unwrap_or_default();
    if rest.is_empty() || character == char::REPLACEMENT_CHARACTER && length == 1 {
        return Err(BadPattern);
    }
    Ok(character)
}

/// The first character and its length; a byte that is not UTF-8 counts as U+FFFD, as in Go.
fn character(bytes: &[u8]) -> Option<(char, usize)> {
    let first = *bytes.first()?;
    if first.is_ascii() {
        return Some((char::from(first), 1));
    }
    let head = bytes.get(..bytes.len().min(4)).unwrap_or_default();
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => {
            head.get(..error.valid_up_to()).and_then(|head| std::str::from_utf8(head).ok()).unwrap_or_default()
        }
    };
    Some(valid.chars().next().map_or((char::REPLACEMENT_CHARACTER, 1), |found| (found, found.len_utf8())))
}

/// Matches without `**`: one star is tried again at a time, which takes at most pattern times name steps.
fn plain(pattern: &str, name: &[u8]) -> Result<bool, BadPattern> {
    let tokens = tokens(pattern.as_bytes())?;
    let (mut at, mut from) = (0_usize, 0_usize);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let rest = name.get(from..).unwrap_or_default();
        let step = match tokens.get(at) {
            Some(Token::Star) => {
                star = Some((at, from));
                at += 1;
                continue;
            }
            None if rest.is_empty() => return Ok(true),
            None => None,
            Some(token) => one(token, rest),
        };
        if let Some(length) = step {
            at += 1;
            from += length;
            continue;
        }
        // The last star takes one more byte, which must not be a slash.
        match star {
            Some((token, start)) if name.get(start).is_some_and(|byte| *byte != b'/') => {
                star = Some((token, start + 1));
                at = token + 1;
                from = start + 1;
            }
            _ => return Ok(false),
        }
    }
}

/// How much of the name one token takes.
fn one(token: &Token, rest: &[u8]) -> Option<usize> {
    let (found, length) = character(rest)?;
    match token {
        Token::Byte(byte) => (rest.first() == Some(byte)).then_some(1),
        Token::Any => (found != '/').then_some(length),
        Token::Class(negated, ranges) => {
            let inside = ranges.iter().any(|(low, high)| (*low..=*high).contains(&found));
            (inside != *negated).then_some(length)
        }
        Token::Star => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, name: &str, expected: bool) {
        assert_eq!(matches(pattern, name.as_bytes()), Ok(expected), "{pattern} {name}");
    }

    #[test]
    fn one_segment() {
        for (pattern, name) in [
            ("abc", "abc"),
            ("a*c", "abc"),
            ("a?c", "abc"),
            ("a[b]c", "abc"),
            ("a/b/c", "a/b/c"),
            ("a/*/c", "a/b/c"),
            ("a/?/c", "a/b/c"),
            ("*", ""),
            ("a*", "a"),
            ("*.txt", "x.txt"),
            ("a*b*c", "axbybzc"),
            ("[a-c]x", "bx"),
            ("[^a-c]x", "dx"),
            (r"\*", "*"),
            ("?", "é"),
            ("[é-ü]", "ö"),
        ] {
            check(pattern, name, true);
        }
        for (pattern, name) in [
            ("a*c", "a/c"),
            ("a?c", "a/c"),
            ("*", "a/b"),
            ("*.txt", "d/x.txt"),
            ("abc", "abcd"),
            ("abc", "ab"),
            ("??", "é"),
        ] {
            check(pattern, name, false);
        }
    }

    #[test]
    fn a_class_may_name_a_slash() {
        // Go's path.Match lets a class match a slash where it is listed or where the class is negated.
        check("a[/]b", "a/b", true);
    }

    #[test]
    fn any_number_of_levels() {
        for (pattern, name) in [
            ("**", ""),
            ("**", "a"),
            ("**", "a/b/c"),
            ("**", "/a"),
            ("**", "a/"),
            ("a/**", "a/"),
            ("a/**", "a/b"),
            ("a/**", "a/b/c"),
            ("**/a", "/a"),
            ("**/a", "b/a"),
            ("**/a", "c/b/a"),
            ("a/**/c", "a/b/c"),
            ("a/**/c", "a/b/b/c"),
            ("a/**/c", "a/c"),
            ("*/**/*.txt", "a/b/c.txt"),
        ] {
            check(pattern, name, true);
        }
        for (pattern, name) in [("a/**", "a"), ("**/a", "a"), ("a/**", "b/a"), ("**/a", "a/b"), ("a/**/c", "b/c")] {
            check(pattern, name, false);
        }
    }

    #[test]
    fn bad_patterns() {
        for pattern in ["a**", "**a", "a/**b", "**/**", "***", "[", "[]", "[a", "[a-", "[a-]", "[-a]", "[^]", "\\"] {
            assert!(!is_good(pattern), "{pattern}");
        }
        for pattern in ["a", "*", "a/**", "**/b", "[a]", "[^a]", "a/**/[b]"] {
            assert!(is_good(pattern), "{pattern}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "a*".repeat(2_000) + "b";
        check(&pattern, &"a".repeat(20_000), false);
    }
}
