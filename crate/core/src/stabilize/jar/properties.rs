//! Properties files (`java.util.Properties`) as tools write them: one line for each key, nothing that readers could take in
//! two ways.

use std::collections::BTreeSet;

/// What a properties file says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Properties<'a> {
    /// Comments, from `#` on.
    pub(super) comments: Vec<&'a str>,
    pub(super) pairs: Vec<Pair<'a>>,
}

/// One property.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pair<'a> {
    pub(super) key: &'a str,
    /// Decoded.
    pub(super) value: String,
    /// As it stands, without the line's end.
    pub(super) line: &'a str,
}

/// Reads a file of printable ASCII with plain keys, each once, `=`, and values that neither begin with a space nor go on
/// in the next line. `None` for everything else.
pub(super) fn parse(text: &[u8]) -> Option<Properties<'_>> {
    let text = std::str::from_utf8(text).ok()?;
    let (mut comments, mut pairs, mut keys) = (Vec::new(), Vec::new(), BTreeSet::new());
    for line in text.split_terminator('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if !line.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return None;
        }
        if line.is_empty() {
            continue;
        }
        if line.starts_with('#') {
            comments.push(line);
            continue;
        }
        let (key, value) = line.split_once('=')?;
        let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        if key.is_empty() || !plain || value.starts_with(' ') || !keys.insert(key) {
            return None;
        }
        pairs.push(Pair { key, value: decode(value)?, line });
    }
    Some(Properties { comments, pairs })
}

/// The escapes that `Properties.store` writes.
fn decode(value: &str) -> Option<String> {
    let mut text = String::with_capacity(value.len());
    let mut units = Vec::new();
    let mut rest = value;
    while let Some((char, after)) = rest.split_at_checked(1) {
        rest = after;
        if char != "\\" {
            text.push_str(char);
            continue;
        }
        let (escaped, after) = rest.split_at_checked(1)?;
        rest = after;
        match escaped {
            ":" | "=" | "#" | "!" | "\\" | " " => text.push_str(escaped),
            "u" => {
                let (digits, after) = rest.split_at_checked(4)?;
                units.push(u16::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?);
                rest = after;
                // The other half of a character follows at once.
                if !(rest.starts_with("\\u") && units.len() == 1 && matches!(units.first(), Some(0xd800..=0xdbff))) {
                    text.push_str(&String::from_utf16(&units).ok()?);
                    units.clear();
                }
            }
            _ => return None,
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&[(&str, &str)]>) {
        let properties = parse(text.as_bytes());
        let pairs: Option<Vec<(&str, &str)>> = (properties.as_ref())
            .map(|properties| properties.pairs.iter().map(|pair| (pair.key, pair.value.as_str())).collect());
        assert_eq!(pairs.as_deref(), expected, "{text}");
    }

    #[test]
    fn what_tools_write_is_read() {
        check("#c\n#d\r\na.b=1\r\n\nc=\nd=x=y z", Some(&[("a.b", "1"), ("c", ""), ("d", "x=y z")]));
        check("t=10\\:00\\=\\#\\!\\\\\\ ", Some(&[("t", "10:00=#!\\ ")]));
        check("n=Ren\\u00e9 \\uD834\\uDD1E", Some(&[("n", "René 𝄞")]));
        assert_eq!(parse(b"#one\na=1\n#two\n").unwrap().comments, ["#one", "#two"]);
    }

    #[test]
    fn what_could_be_read_otherwise_is_not() {
        for text in [
            "a",
            "a:1",
            "a 1",
            " a=1",
            "a =1",
            "=1",
            "a= 1",
            "a=1\\",
            "a=1\\\nb=2",
            "a=1\na=2",
            "a=\\n",
            "a=\\u12",
            "a=\\u+123",
            "a=\\ud834",
            "a=\\ud834\\u0041",
            "a=\\udd1e",
            "a=\t",
            "a=é",
            "a=1\rb=2",
            "!c\na=1",
            "\\u0061=1",
            "\u{feff}a=1",
            "a=\0",
        ] {
            check(text, None);
        }
    }
}
