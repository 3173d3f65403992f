//! Replacements as Go's `Regexp.Expand` reads them: `$1`, `$name`, `${name}`, `$$`.

use regex::bytes::Captures;

/// A replacement, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Number(usize),
    Name(String),
}

impl Template {
    pub(super) fn read(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('$') {
            pieces.push(Piece::Literal(literal.to_owned()));
            if let Some(after) = after.strip_prefix('$') {
                pieces.push(Piece::Literal("$".to_owned()));
                rest = after;
            } else if let Some((name, after)) = name(after) {
                pieces.push(piece(name));
                rest = after;
            } else {
                // A dollar sign that names nothing is itself.
                pieces.push(Piece::Literal("$".to_owned()));
                rest = after;
            }
        }
        pieces.push(Piece::Literal(rest.to_owned()));
        Self(pieces)
    }

    /// Adds what takes the place of one match; a group that does not exist or did not take part gives nothing.
    pub(super) fn expand(&self, captures: &Captures<'_>, out: &mut Vec<u8>) {
        for piece in &self.0 {
            let group = match piece {
                Piece::Literal(text) => {
                    out.extend_from_slice(text.as_bytes());
                    continue;
                }
                Piece::Number(number) => captures.get(*number),
                Piece::Name(name) => captures.name(name),
            };
            out.extend_from_slice(group.map(|group| group.as_bytes()).unwrap_or_default());
        }
    }
}

/// The name after a dollar sign, and what follows it.
fn name(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('{').unwrap_or(text);
    let word = |character: char| character == '_' || character.is_alphanumeric();
    let end = inside.find(|character| !word(character)).unwrap_or(inside.len());
    let (name, after) = inside.split_at_checked(end)?;
    let after = if text.starts_with('{') { after.strip_prefix('}')? } else { after };
    (!name.is_empty()).then_some((name, after))
}

fn piece(name: &str) -> Piece {
    let number = (name.bytes().all(|byte| byte.is_ascii_digit()) && (name == "0" || !name.starts_with('0')))
        .then(|| name.parse().ok())
        .flatten();
    number.map_or_else(|| Piece::Name(name.to_owned()), Piece::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let regex = regex::bytes::Regex::new("(?P<word>b)(c)?").unwrap();
        let mut out = Vec::new();
        Template::read(template).expand(&regex.captures(b"abd").unwrap(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{template}");
    }

    #[test]
    fn groups_by_number_and_name() {
        check("<$0|$1|$2|$3>", "<b|b||>");
        check("$word ${word}s $words", "b bs ");
        check("${1}x $1x", "bx ");
    }

    #[test]
    fn what_names_nothing_is_itself() {
        check("$$ $ ${ ${} ${${word} $-", "$ $ ${ ${} ${b $-");
        check("$01", "");
    }
}
