//! Where lines mean something: keys at their beginning, and text that goes by its indentation.

use std::ops::Range;

use crate::syntax::Kind;
use crate::syntax::code::Scan;
use crate::syntax::state::Inside;
use crate::syntax::table::{Keys, Odd};

/// Bytes of a key at the beginning of a line, at most.
const MOST_KEY: usize = 200;

impl Scan<'_> {
    /// The beginning of a line: keys and the like.
    pub(super) fn first(&mut self) {
        if self.line.starts_with(b"#!/") && self.language.comments.contains(&"#") | self.has(Odd::Pattern) {
            self.rest_is(Kind::Comment, if self.continues { Inside::Line } else { Inside::Code });
            return;
        }
        let start = self.line.len() - self.line.trim_ascii_start().len();
        let line = self.slice(start..self.line.len());
        if self.has(Odd::Section) && line.starts_with(b"[") && line.trim_ascii_end().ends_with(b"]") {
            self.at = start + line.trim_ascii_end().len();
            self.push(start, Kind::Keyword);
            return;
        }
        let comment = self.language.comments.iter().any(|open| line.starts_with(open.as_bytes()));
        let key = match self.language.keys {
            _ if comment => None,
            Keys::Plain(ends) if start == 0 => {
                let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
                let length = line.iter().take(MOST_KEY).take_while(|byte| is_plain(byte)).count();
                line.get(length).filter(|byte| ends.contains(byte)).map(|_| (start, length))
            }
            // A line that begins with a tab is a recipe's.
            Keys::Line(ends) if self.language.id != "make" || !self.line.starts_with(b"\t") => {
                line.iter().take(MOST_KEY).position(|byte| ends.contains(byte)).map(|length| (start, length))
            }
            Keys::Yaml => yaml_key(line).map(|range| (start + range.start, range.len())),
            _ => None,
        };
        if let Some((start, length)) = key {
            self.at = start + self.slice(start..start + length).trim_ascii_end().len();
            self.push(start, Kind::Name);
        }
    }

    /// Whether the line of YAML that was read announces lines that are a string.
    pub(super) fn fold(&mut self) {
        let line = self.line.trim_ascii_end();
        let hints = line.iter().rev().take(2).take_while(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9')).count();
        let head = line.get(..line.len() - hints).unwrap_or_default();
        if let [.., b' ' | b'\t', b'|' | b'>'] = head {
            let indent = self.line.len() - self.line.trim_ascii_start().len();
            self.state.inside = Inside::Folded(indent);
        }
    }

    pub(super) fn folded(&mut self, indent: usize) {
        let own = self.line.iter().take_while(|byte| **byte == b' ').count();
        if self.at > 0 || own > indent || self.line.trim_ascii().is_empty() {
            self.at = self.at.max(own.min(self.line.len()));
            self.rest_is(Kind::String, Inside::Folded(indent));
        } else {
            self.first();
        }
    }
}

/// The key of a line of YAML, behind the dashes of lists.
fn yaml_key(line: &[u8]) -> Option<Range<usize>> {
    let start = line.iter().take(MOST_KEY).take_while(|byte| matches!(byte, b'-' | b' ' | b'?')).count();
    let key = line.get(start..)?;
    let is_end = |at: usize| key.get(at + 1).is_none_or(u8::is_ascii_whitespace);
    let quote = key.first().filter(|byte| matches!(byte, b'"' | b'\''));
    let mut length = 0;
    for (at, byte) in key.iter().enumerate().take(MOST_KEY) {
        match (quote, byte) {
            (Some(quote), byte) if at > 0 && byte == quote => {
                let colon = key.get(at + 1) == Some(&b':') && is_end(at + 1);
                return colon.then_some(start..start + at + 1);
            }
            (None, b':') if is_end(at) => {
                length = at;
                break;
            }
            (None, b'#' | b'{' | b'[' | b'|' | b'>' | b'&' | b'*' | b'!') if at == 0 => return None,
            (None, b'#') if key.get(at - 1) == Some(&b' ') => return None,
            _ => {}
        }
    }
    (length > 0).then_some(start..start + length)
}
