//! Gem specifications as `gem build` writes them, for the profile `standard`: rewritten only where nothing else could be
//! meant.

use super::ruby;
use crate::yaml::{self, Document, Node, Style, Value};

/// The text with the value of one key at the top replaced: if it is a gem specification that has the key once, and the
/// value is a scalar on one line that passes the test.
pub(super) fn value_replaced(text: &[u8], key: &str, test: fn(&str) -> bool, by: &str) -> Option<Vec<u8>> {
    let document = specification(text)?;
    let mut found = document.root.as_ref()?.entries().iter().filter(|(name, _)| name.as_str() == Some(key));
    let (Some((_, node)), None) = (found.next(), found.next()) else { return None };
    let Value::Scalar { text: value, style } = &node.value else { return None };
    let written = match style {
        Style::Plain => value.clone(),
        Style::SingleQuoted => format!("'{value}'"),
        Style::DoubleQuoted => format!("\"{value}\""),
        Style::Literal | Style::Folded => return None,
    };
    if node.tag.is_some() || node.anchor.is_some() || !test(value) {
        return None;
    }
    let (before, rest) = text.split_at_checked(usize::try_from(node.offset).ok()?)?;
    let after = rest.strip_prefix(written.as_bytes())?;
    Some([before, by.as_bytes(), after].concat())
}

/// The text in one uniform style, if it is a gem specification and Ruby reads the same from both.
pub(super) fn normalized(text: &[u8], most: usize) -> Option<String> {
    let before = specification(text)?;
    let text = yaml::normalize(&before, most, |text| !ruby::is_surely_text(text))?;
    let after = yaml::parse_first(text.as_bytes()).ok()?;
    let is_same = match (&before.root, &after.root) {
        (Some(before), Some(after)) => after_is(before, after),
        _ => false,
    };
    (is_same && after.rest.is_none()).then_some(text)
}

/// A document that starts as a gem specification does, is the only one, and has only what `gem build` writes: readers
/// agree about that.
fn specification(text: &[u8]) -> Option<Document> {
    // Syck wrote a blank at the end of such lines.
    let rest = text.strip_prefix(b"--- !ruby/object:Gem::Specification")?;
    if !rest.trim_ascii_start().starts_with(b"name: ") || !rest.starts_with(b"\n") && !rest.starts_with(b" \n") {
        return None;
    }
    let document = yaml::parse_first(text).ok()?;
    let is_plain = document.head.is_empty() && document.foot.is_empty() && document.rest.is_none();
    (is_plain && document.root.as_ref().is_some_and(is_usual)).then_some(document)
}

/// Whether a node and all in it are without comments, `!`, brackets around something, and keys that are no words.
fn is_usual(node: &Node) -> bool {
    if node.comments.is_some() || node.tag.as_deref() == Some("!") {
        return false;
    }
    match &node.value {
        Value::Scalar { .. } | Value::Alias(_) => true,
        Value::Sequence(items) => (!node.flow || items.is_empty()) && items.iter().all(is_usual),
        Value::Mapping(entries) => {
            (!node.flow || entries.is_empty())
                && entries.iter().all(|(key, value)| key.as_str().is_some() && is_usual(key) && is_usual(value))
        }
    }
}

/// Whether a node says the same as another, for readers of YAML and for Ruby.
fn after_is(before: &Node, after: &Node) -> bool {
    if (&before.tag, &before.anchor) != (&after.tag, &after.anchor) || before.resolved_tag() != after.resolved_tag() {
        return false;
    }
    match (&before.value, &after.value) {
        (Value::Scalar { text: a, style: style_a }, Value::Scalar { text: b, style: style_b }) => {
            let quotes_kept = (*style_a == Style::Plain) == (*style_b == Style::Plain);
            a == b && (quotes_kept || ruby::is_surely_text(a))
        }
        (Value::Sequence(a), Value::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| after_is(a, b)),
        (Value::Mapping(a), Value::Mapping(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|((key, value), (key_b, value_b))| after_is(key, key_b) && after_is(value, value_b))
        }
        (Value::Alias(a), Value::Alias(b)) => a == b,
        _ => false,
    }
}
