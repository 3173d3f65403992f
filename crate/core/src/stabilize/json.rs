//! JSON as Go's `encoding/json` reads and writes it: what upstream's passes leave behind, byte for byte.
//!
//! Reading into `any` and writing again sorts the keys, keeps the last of equal ones, takes every number through a
//! 64-bit float and escapes `<`, `>` and `&`.

use std::collections::BTreeMap;
use std::ops::Range;

/// Deeper documents are not read. Go stops at 10 000; a browser's stack does before that.
const MOST_DEPTH: u32 = 128;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

/// A document, and whether reading it lost anything but white space, the order of keys, and spelling.
pub(super) struct Document {
    pub(super) value: Json,
    /// Whether some object has a key twice: all but the last are lost.
    pub(super) repeats: bool,
}

/// Reads a whole document; `None` where Go gives an error.
pub(super) fn read(bytes: &[u8]) -> Option<Document> {
    let mut reader = Reader { rest: bytes, depth: 0, repeats: false };
    let value = reader.value()?;
    reader.space();
    reader.rest.is_empty().then_some(Document { value, repeats: reader.repeats })
}

/// Where the value of a key stands in an object that stands somewhere in a document. `None` if the object has no such key,
/// or another one that some readers take for the same because they ignore case.
pub(super) fn find(bytes: &[u8], object: Range<usize>, key: &str) -> Option<Range<usize>> {
    let end = object.end;
    let mut reader = Reader { rest: bytes.get(object)?, depth: 0, repeats: false };
    let mut found = None;
    reader.space();
    if !reader.takes(b"{") {
        return None;
    }
    loop {
        reader.space();
        let this = reader.string()?;
        reader.space();
        if !reader.takes(b":") {
            return None;
        }
        reader.space();
        let start = end - reader.rest.len();
        reader.value()?;
        if this.eq_ignore_ascii_case(key) {
            if this != key || found.is_some() {
                return None;
            }
            found = Some(start..end - reader.rest.len());
        }
        reader.space();
        match reader.next()? {
            b',' => {}
            b'}' => return found,
            _ => return None,
        }
    }
}

impl Json {
    /// Adds the compact form.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => write_number(*number, out),
            Self::String(text) => write_string(text, out),
            Self::Array(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(values) => {
                out.push('{');
                for (index, (key, value)) in values.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_string(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// The shortest digits that read back the same, with an exponent below 1e-6 and from 1e21.
fn write_number(number: f64, out: &mut String) {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        // Go writes `1e+21` and `1e-7`, Rust `1e21` and `1e-7`.
        let text = format!("{number:e}");
        match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                out.push_str(digits);
                out.push_str("e+");
                out.push_str(exponent);
            }
            _ => out.push_str(&text),
        }
    } else {
        out.push_str(&number.to_string());
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(char)));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

struct Reader<'a> {
    rest: &'a [u8],
    depth: u32,
    repeats: bool,
}

impl Reader<'_> {
    fn space(&mut self) {
        while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// Takes these bytes if they come next.
    fn takes(&mut self, bytes: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(bytes);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self) -> Option<Json> {
        self.space();
        match self.rest.first()? {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::array),
            b'"' => self.string().map(Json::String),
            b'n' => self.takes(b"null").then_some(Json::Null),
            b't' => self.takes(b"true").then_some(Json::Bool(true)),
            b'f' => self.takes(b"false").then_some(Json::Bool(false)),
            _ => self.number(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Json>) -> Option<Json> {
        self.next()?;
        self.depth += 1;
        let value = if self.depth <= MOST_DEPTH { read(self) } else { None };
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Option<Json> {
        let mut values = Vec::new();
        self.space();
        if self.takes(b"]") {
            return Some(Json::Array(values));
        }
        loop {
            values.push(self.value()?);
            self.space();
            match self.next()? {
                b',' => {}
                b']' => return Some(Json::Array(values)),
                _ => return None,
            }
        }
    }

    fn object(&mut self) -> Option<Json> {
        let mut values = BTreeMap::new();
        self.space();
        if self.takes(b"}") {
            return Some(Json::Object(values));
        }
        loop {
            self.space();
            let key = self.string()?;
            self.space();
            if self.next()? != b':' {
                return None;
            }
            let value = self.value()?;
            self.repeats |= values.insert(key, value).is_some();
            self.space();
            match self.next()? {
                b',' => {}
                b'}' => return Some(Json::Object(values)),
                _ => return None,
            }
        }
    }

    fn number(&mut self) -> Option<Json> {
        let start = self.rest;
        self.takes(b"-");
        match self.next()? {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.takes(b".") {
            self.digit()?;
        }
        if self.takes(b"e") || self.takes(b"E") {
            if !self.takes(b"+") {
                self.takes(b"-");
            }
            self.digit()?;
        }
        let text = start.get(..start.len() - self.rest.len())?;
        let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
        number.is_finite().then_some(Json::Number(number))
    }

    fn digits(&mut self) {
        while let [b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// At least one digit.
    fn digit(&mut self) -> Option<()> {
        self.next().filter(u8::is_ascii_digit)?;
        self.digits();
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        if self.next()? != b'"' {
            return None;
        }
        let mut text = String::new();
        loop {
            let end = self.rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
            let (plain, rest) = self.rest.split_at_checked(end)?;
            self.rest = rest;
            for chunk in plain.utf8_chunks() {
                text.push_str(chunk.valid());
                // Go puts one for each byte.
                text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
            }
            match self.next()? {
                b'"' => return Some(text),
                b'\\' => text.push(self.escape()?),
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                if let Some(char) = char::from_u32(first) {
                    return Some(char);
                }
                // A surrogate: half of a pair, or else not a character.
                let rest = self.rest;
                if first < 0xdc00
                    && self.takes(b"\\u")
                    && let Some(second @ 0xdc00..=0xdfff) = self.unit()
                {
                    return char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
                }
                self.rest = rest;
                char::REPLACEMENT_CHARACTER
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: Option<&str>) {
        let written = read(input.as_bytes()).map(|document| {
            let mut out = String::new();
            document.value.write(&mut out);
            out
        });
        assert_eq!(written.as_deref(), expected, "{input}");
    }

    #[test]
    fn reads_and_writes_as_go_does() {
        check(" {\"b\" : 1,\n\"a\":[ true,false , null,{} , [] ]} ", Some(r#"{"a":[true,false,null,{},[]],"b":1}"#));
        check(r#"{"a":1,"a":2}"#, Some(r#"{"a":2}"#));
        check(r#""<a href=\"&\">\/\u0041\u00e9""#, Some(r#""\u003ca href=\"\u0026\"\u003e/Aé""#));
        check(r#""\b\f\n\r\t\u0000\u001f\u007f""#, Some("\"\\b\\f\\n\\r\\t\\u0000\\u001f\u{7f}\""));
        check(
            "\"\u{2028}\\ud83d\\ude00\\ud800x\\udc00\\ud800\\u0041\"",
            Some("\"\\u2028😀\u{fffd}x\u{fffd}\u{fffd}A\""),
        );
    }

    #[test]
    fn numbers_go_through_a_float() {
        for (input, expected) in [
            ("0", "0"),
            ("-0", "-0"),
            ("1.50", "1.5"),
            ("1E3", "1000"),
            ("9007199254740993", "9007199254740992"),
            ("123456789012345678901", "123456789012345680000"),
            ("1e21", "1e+21"),
            ("1.5e300", "1.5e+300"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("-2.5e-10", "-2.5e-10"),
        ] {
            check(input, Some(expected));
        }
    }

    #[test]
    fn refuses_what_go_refuses() {
        for input in [
            "",
            "{",
            "{}}",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "01",
            "+1",
            "1.",
            ".5",
            "1e",
            "1e999",
            "tru",
            "'a'",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"a",
            "\u{feff}{}",
            "[1 2]",
            "{\"a\" 1}",
            "nan",
        ] {
            check(input, None);
        }
        let deep = "[".repeat(100_000);
        assert!(read(deep.as_bytes()).is_none());
    }

    #[test]
    fn repeated_keys_are_noticed_at_any_depth() {
        assert!(read(br#"[{"a":{"b":1,"b":1}}]"#).unwrap().repeats);
        assert!(!read(br#"[{"a":{"b":1}},{"a":1}]"#).unwrap().repeats);
    }

    #[test]
    fn values_are_found_where_they_stand() {
        let at = |text: &str, path: &[&str]| {
            let found = path.iter().try_fold(0..text.len(), |range, key| find(text.as_bytes(), range, key));
            found.map(|range| text[range].to_owned())
        };
        let text = r#" { "a" : {"b": [1, {"c": 2}] , "\u0063":"\"x\"" } , "d":null}"#;
        assert_eq!(at(text, &["a", "b"]).as_deref(), Some(r#"[1, {"c": 2}]"#));
        assert_eq!(at(text, &["a", "c"]).as_deref(), Some(r#""\"x\"""#));
        assert_eq!(at(text, &["d"]).as_deref(), Some("null"));
        for path in [&["e"][..], &["a", "d"], &["d", "e"], &["a", "b", "c"]] {
            assert_eq!(at(text, path), None, "{path:?}");
        }
        for text in [r#"{"a":1,"A":2}"#, r#"{"A":2}"#, r#"{"a":1,"a":2}"#, r#"{"a":1"#, r#"["a"]"#, "{}", ""] {
            assert_eq!(at(text, &["a"]), None, "{text}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_become_replacement_characters() {
        assert_eq!(read(b"\"\xff\xfe\"").unwrap().value, Json::String("\u{fffd}\u{fffd}".into()));
    }
}
