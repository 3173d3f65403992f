//! Documents that differ only because what they name by digest differs: the lists of a container image.
//!
//! A claim is made only where it is proven. The texts must be the same but for digests and sizes; each digest that
//! differs must be, on either side, that of the content really there, of two contents that are compared with each
//! other; and each size that differs must stand beside such a digest and be the size of that content.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evidence, Signal};
use crate::json::{self, Json};

/// Two contents that are compared with each other, as a document may name them.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Digests in A and in B, lower-case hex.
    pub digests: (String, String),
    /// Sizes in bytes in A and in B.
    pub sizes: (u64, u64),
    /// What to call them.
    pub name: String,
}

/// By their digests.
pub type Names<'a> = BTreeMap<(&'a str, &'a str), &'a Named>;

/// Digests of other entries.
pub const CONSEQUENCE: Signal = Signal {
    id: "consequence",
    title: "A consequence of other differences",
    advice: "Look at the entries that are named: here only their digests and sizes differ.",
    least: 1,
    recognise: |evidence: &Evidence<'_>| match evidence.difference.what.as_ref() {
        "blob-names" => Some("blobs are named by their digests".to_owned()),
        "content" => Some(format!("only the digests of {} differ", evidence.text?.consequence.as_ref()?)),
        _ => None,
    },
};

/// What two documents differ by, if it is nothing but digests and sizes of these contents.
pub fn consequence(left: &[u8], right: &[u8], names: &Names<'_>) -> Option<String> {
    let (left_text, right_text) = (std::str::from_utf8(left).ok()?, std::str::from_utf8(right).ok()?);
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut numbers = false;
    let (mut a, mut b) = (words(left_text), words(right_text));
    loop {
        match (a.next(), b.next()) {
            (None, None) => break,
            (Some(old), Some(new)) if old == new => {}
            (Some(old), Some(new)) => match names.get(&(old, new)) {
                Some(named) => {
                    found.insert(&named.name);
                }
                None if is_number(old) && is_number(new) => numbers = true,
                None => return None,
            },
            _ => return None,
        }
    }
    if found.is_empty() {
        return None;
    }
    if numbers {
        let (left, right) = (json::read(left).ok()?, json::read(right).ok()?);
        if !left.doubts.is_empty() || !right.doubts.is_empty() || !sizes_follow(&left.value, &right.value, names) {
            return None;
        }
    }
    const MOST: usize = 4;
    let more = found.len().saturating_sub(MOST);
    let mut list: Vec<String> = found.into_iter().take(MOST).map(str::to_owned).collect();
    if more > 0 {
        list.push(format!("{more} more"));
    }
    Some(list.join(", "))
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters and digits in a row, or one character between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let word = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let length = if word > 0 { word } else { rest.chars().next()?.len_utf8() };
        let (word, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(word)
    })
}

/// Whether every number that differs is the size of the content whose digest stands beside it, and no text differs in
/// a number. The reader of JSON caps the depth.
fn sizes_follow(left: &Json, right: &Json, names: &Names<'_>) -> bool {
    match (left, right) {
        (Json::Object(a), Json::Object(b)) => {
            let digest = |json: &Json| {
                json.text_at(&["digest"]).and_then(|digest| digest.split_once(':')).map(|(_, hex)| hex.to_owned())
            };
            let named = digest(left)
                .zip(digest(right))
                .and_then(|(old, new)| names.get(&(old.as_str(), new.as_str())).copied());
            a.len() == b.len()
                && a.iter().zip(b).all(|((name, old), (other, new))| {
                    let is_size = name == "size" && number(old).zip(number(new)) == named.map(|named| named.sizes);
                    same_numbers(name, other) && ((is_size && named.is_some()) || sizes_follow(old, new, names))
                })
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(old, new)| sizes_follow(old, new, names))
        }
        (Json::String(old), Json::String(new)) => same_numbers(old, new),
        (old, new) => old == new,
    }
}

fn number(json: &Json) -> Option<u64> {
    match json {
        Json::Number(digits) => digits.parse().ok(),
        _ => None,
    }
}

/// Whether two texts have the same numbers; other words were compared already.
fn same_numbers(old: &str, new: &str) -> bool {
    words(old).zip(words(new)).all(|(old, new)| old == new || !(is_number(old) && is_number(new)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &str, right: &str, expected: Option<&str>) {
        let digest = |letter: &str| letter.repeat(64);
        let named = [("a", "b", (10, 12), "layer 1"), ("c", "d", (7, 7), "config")]
            .map(|(old, new, sizes, name)| Named { digests: (digest(old), digest(new)), sizes, name: name.to_owned() });
        let names = named
            .iter()
            .map(|named| ((named.digests.0.as_str(), named.digests.1.as_str()), named))
            .collect::<Names<'_>>();
        let full = |text: &str| {
            ["A", "B", "C", "D", "E"]
                .iter()
                .fold(text.to_owned(), |text, letter| text.replace(letter, &letter.to_lowercase().repeat(64)))
        };
        let found = consequence(full(left).as_bytes(), full(right).as_bytes(), &names);
        assert_eq!(found.as_deref(), expected, "{left} {right}");
    }

    #[test]
    fn digests_and_sizes_of_what_is_compared_are_a_consequence() {
        check(r#"["sha256:A"]"#, r#"["sha256:B"]"#, Some("layer 1"));
        check("A.json", "B.json", Some("layer 1"));
        check(
            r#"[{"digest":"sha256:A","size":10},"C"]"#,
            r#"[{"digest":"sha256:B","size":12},"D"]"#,
            Some("config, layer 1"),
        );
        check(r#"{"blobs/sha256/A":1}"#, r#"{"blobs/sha256/B":1}"#, Some("layer 1"));
    }

    #[test]
    fn anything_else_is_none() {
        // Nothing differs; a digest of nothing that is there; one of two contents not compared with each other.
        check("A", "A", None);
        check("A", "E", None);
        check("A", "D", None);
        check("B", "A", None);
        // Another word, white space, or one more value.
        check(r#"["A","x"]"#, r#"["B","y"]"#, None);
        check(r#"["A"]"#, r#"["B" ]"#, None);
        check(r#"["A"]"#, r#"["B","B"]"#, None);
        // A size that is not that of the content, of the other content, or not a size.
        check(r#"{"digest":"sha256:A","size":10}"#, r#"{"digest":"sha256:B","size":13}"#, None);
        check(r#"{"digest":"sha256:C","size":10}"#, r#"{"digest":"sha256:D","size":12}"#, None);
        check(r#"{"digest":"sha256:A","port":10}"#, r#"{"digest":"sha256:B","port":12}"#, None);
        check(r#"{"digest":"sha256:A","size":"10"}"#, r#"{"digest":"sha256:B","size":"12"}"#, None);
        check(r#"["sha256:A", {"size":10}]"#, r#"["sha256:B", {"size":12}]"#, None);
        check(r#"{"digest":"sha256:A","x":"10"}"#, r#"{"digest":"sha256:B","x":"12"}"#, None);
        // Which of two sizes counts is not certain.
        check(r#"{"digest":"sha256:A","size":10,"size":10}"#, r#"{"digest":"sha256:B","size":12,"size":10}"#, None);
    }
}
