//! JSON from strangers: read strictly, in linear time, with a cap on depth and on the number of values.
//!
//! What two readers could understand differently is noted, not repaired: a key that occurs twice, keys that differ in
//! case only (the reader that OSS Rebuild uses takes them for the same), half of a surrogate pair. RFC 8259.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::display;
use crate::error::Fault;

/// Containers inside one another. Statements need about ten; a browser's stack holds a few thousand.
const MOST_DEPTH: u32 = 100;
/// Values in one text: a statement about 100 000 files has about 500 000.
const MOST_VALUES: u32 = 1_000_000;
/// Doubts that are kept by name; the rest is only counted.
const MOST_DOUBTS: usize = 20;

/// A value. Numbers keep their digits: some are larger than a float can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Json>),
    /// Members in order, repeated keys included.
    Object(Vec<(String, Json)>),
}

/// Something that another reader may understand differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doubt {
    pub(crate) offset: u64,
    pub(crate) message: String,
}

impl Json {
    /// The member of an object; of repeated ones the last, as most readers do.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Members of members.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// A text that is not empty, by path.
    pub(crate) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).and_then(Self::text).filter(|text| !text.is_empty())
    }

    pub(crate) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The values of a list, by path; nothing if there is none.
    pub(crate) fn list_at(&self, path: &[&str]) -> &[Self] {
        self.at(path).and_then(Self::list).unwrap_or_default()
    }

    pub(crate) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// A whole number, written as a number or, as protobuf writes 64-bit ones, as a text.
    pub(crate) fn whole(&self) -> Option<i64> {
        match self {
            Self::Number(digits) | Self::String(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The value on one line, as JSON: short enough to show.
    pub(crate) fn compact(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// The value over several lines, indented (at most ten steps: it may be deep).
    pub(crate) fn laid_out(&self) -> String {
        let mut text = String::new();
        self.lay_out(0, &mut text);
        text.push('\n');
        text
    }

    fn lay_out(&self, depth: usize, out: &mut String) {
        let (open, close, count) = match self {
            Self::Array(values) if !values.is_empty() => ('[', ']', values.len()),
            Self::Object(members) if !members.is_empty() => ('{', '}', members.len()),
            other => return other.write(out),
        };
        let line = |depth: usize, out: &mut String| {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth.min(10)));
        };
        out.push(open);
        for index in 0..count {
            out.push_str(if index > 0 { "," } else { "" });
            line(depth + 1, out);
            match self {
                Self::Array(values) => {
                    if let Some(value) = values.get(index) {
                        value.lay_out(depth + 1, out);
                    }
                }
                _ => {
                    if let Some((key, value)) = self.members().get(index) {
                        write_text(key, out);
                        out.push_str(": ");
                        value.lay_out(depth + 1, out);
                    }
                }
            }
        }
        line(depth, out);
        out.push(close);
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::String(text) => write_text(text, out),
            Self::Array(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// A text that was read.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) value: Json,
    pub(crate) doubts: Vec<Doubt>,
    /// Values in it: what it costs to keep.
    pub(crate) values: u32,
}

/// Reads a text that is one value and nothing else.
///
/// # Errors
/// Where and why it is not.
pub(crate) fn read(bytes: &[u8]) -> Result<Text, Fault> {
    let mut reader = Reader::new(bytes);
    let value = reader.value()?;
    if !reader.is_done() {
        return Err(reader.fault("something follows the value"));
    }
    Ok(Text { value, values: reader.values, doubts: reader.doubts() })
}

/// Reads values that follow one another.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    depth: u32,
    values: u32,
    doubts: Vec<Doubt>,
    more_doubts: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        // A byte order mark is not JSON, but some editors put one.
        let position = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self { bytes, position, depth: 0, values: 0, doubts: Vec::new(), more_doubts: 0 }
    }

    /// Whether only white space is left, which it skips.
    pub(crate) fn is_done(&mut self) -> bool {
        self.space();
        self.position >= self.bytes.len()
    }

    /// Where the reader is.
    pub(crate) fn offset(&self) -> usize {
        self.position
    }

    /// The doubts about what was read since the last call.
    pub(crate) fn doubts(&mut self) -> Vec<Doubt> {
        let more = std::mem::take(&mut self.more_doubts);
        let mut doubts = std::mem::take(&mut self.doubts);
        if more > 0
            && let Some(last) = doubts.last()
        {
            doubts.push(Doubt { offset: last.offset, message: format!("and {more} more of this kind") });
        }
        doubts
    }

    /// The next value.
    pub(crate) fn value(&mut self) -> Result<Json, Fault> {
        self.space();
        if self.depth == 0 {
            self.values = 0;
        }
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(self.fault(&format!("more than {MOST_VALUES} values in one text")));
        }
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Json::String),
            Some(b'n') => self.word("null", Json::Null),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => Err(self.fault("this is not JSON")),
            None => Err(self.fault("the text ends where a value should be")),
        }
    }

    fn fault(&self, message: &str) -> Fault {
        Fault::at(self.position as u64, message)
    }

    fn doubt(&mut self, offset: usize, message: String) {
        if self.doubts.len() < MOST_DOUBTS {
            self.doubts.push(Doubt { offset: offset as u64, message });
        } else {
            self.more_doubts += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    fn space(&mut self) {
        self.position += self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
    }

    /// Takes this byte if it comes next.
    fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.position += usize::from(found);
        found
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, Fault> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(self.fault("this is not JSON"));
        }
        self.position += word.len();
        Ok(value)
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, Fault>) -> Result<Json, Fault> {
        if self.depth == MOST_DEPTH {
            return Err(self.fault(&format!("more than {MOST_DEPTH} objects and lists inside one another")));
        }
        self.position += 1;
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<Json, Fault> {
        let mut values = Vec::new();
        self.space();
        if self.takes(b']') {
            return Ok(Json::Array(values));
        }
        loop {
            values.push(self.value()?);
            self.space();
            if self.takes(b']') {
                return Ok(Json::Array(values));
            }
            if !self.takes(b',') {
                return Err(self.fault("a comma or the end of the list should be here"));
            }
        }
    }

    fn object(&mut self) -> Result<Json, Fault> {
        let start = self.position.saturating_sub(1);
        let mut members = Vec::new();
        self.space();
        if self.takes(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.fault("a name should be here"));
            }
            let key = self.string()?;
            self.space();
            if !self.takes(b':') {
                return Err(self.fault("a colon should be here"));
            }
            members.push((key, self.value()?));
            self.space();
            if self.takes(b'}') {
                self.compare_keys(start, &members);
                return Ok(Json::Object(members));
            }
            if !self.takes(b',') {
                return Err(self.fault("a comma or the end of the object should be here"));
            }
        }
    }

    /// Notes keys that are equal, or equal but for case.
    fn compare_keys(&mut self, start: usize, members: &[(String, Json)]) {
        if members.len() < 2 {
            return;
        }
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (key, _) in members {
            match seen.insert(key.to_lowercase(), key) {
                Some(other) if other == key => {
                    let key = display::bytes(key.as_bytes());
                    self.doubt(start, format!("the key “{key}” occurs twice in one object"));
                }
                Some(other) => {
                    let (key, other) = (display::bytes(key.as_bytes()), display::bytes(other.as_bytes()));
                    self.doubt(start, format!("the keys “{other}” and “{key}” differ in case only"));
                }
                None => {}
            }
        }
    }

    fn number(&mut self) -> Result<Json, Fault> {
        let start = self.position;
        self.takes(b'-');
        if !self.takes(b'0') {
            self.digits()?;
        }
        if self.takes(b'.') {
            self.digits()?;
        }
        if self.takes(b'e') || self.takes(b'E') {
            if !self.takes(b'+') {
                self.takes(b'-');
            }
            self.digits()?;
        }
        let digits = self.bytes.get(start..self.position).unwrap_or_default();
        Ok(Json::Number(String::from_utf8_lossy(digits).into_owned()))
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), Fault> {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.position += count;
        if count == 0 { Err(self.fault("a digit should be here")) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<String, Fault> {
        self.position += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count();
            match std::str::from_utf8(rest.get(..plain).unwrap_or_default()) {
                Ok(part) => text.push_str(part),
                Err(error) => {
                    self.position += error.valid_up_to();
                    return Err(self.fault("this is not UTF-8"));
                }
            }
            self.position += plain;
            match self.peek() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.fault("a control character inside a text")),
                None => return Err(self.fault("the text ends inside a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.position;
        self.position += 1;
        let letter = self.peek();
        self.position += usize::from(letter.is_some());
        Ok(match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.unit()?;
                if let Some(character) = char::from_u32(first) {
                    return Ok(character);
                }
                let before = self.position;
                if first < 0xdc00 && self.takes(b'\\') && self.takes(b'u') {
                    let second = self.unit()?;
                    if let Some(low @ 0..0x400) = second.checked_sub(0xdc00) {
                        return Ok(char::from_u32(0x10000 + ((first - 0xd800) << 10) + low)
                            .unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                }
                self.position = before;
                self.doubt(start, "half of a surrogate pair: not a character".to_owned());
                char::REPLACEMENT_CHARACTER
            }
            _ => {
                self.position = start;
                return Err(self.fault("an unknown escape"));
            }
        })
    }

    fn unit(&mut self) -> Result<u32, Fault> {
        let digits = self.rest().get(..4).and_then(|digits| std::str::from_utf8(digits).ok());
        let unit = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match unit.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            Some(unit) => {
                self.position += 4;
                Ok(unit)
            }
            None => Err(self.fault("four hex digits should be here")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: Result<&str, (&str, u64)>) {
        match (read(input.as_bytes()), expected) {
            (Ok(text), Ok(expected)) => assert_eq!(text.value.compact(), expected, "{input}"),
            (Err(fault), Err((message, offset))) => {
                assert!(fault.message.contains(message) && fault.offset == Some(offset), "{input}: {fault}");
            }
            (found, _) => panic!("{input}: {found:?}"),
        }
    }

    #[test]
    fn reads_what_is_json_and_says_where_it_is_not() {
        check(" {\"b\" : 1,\n\"a\":[ true,false , null,{} , [] ]} ", Ok(r#"{"b":1,"a":[true,false,null,{},[]]}"#));
        check(r#""\u0041\ud83d\ude00\n\/""#, Ok("\"A😀\\u000a/\""));
        check("-0.5e+10", Ok("-0.5e+10"));
        check("123456789012345678901234567890", Ok("123456789012345678901234567890"));
        check("", Err(("ends where a value", 0)));
        check("{\"a\":1,}", Err(("a name", 7)));
        check("[1 2]", Err(("a comma", 3)));
        check("{\"a\" 1}", Err(("a colon", 5)));
        check("01", Err(("something follows", 1)));
        check("1.", Err(("a digit", 2)));
        check("\"a\nb\"", Err(("control character", 2)));
        check("\"a\\x\"", Err(("unknown escape", 2)));
        check("\"a", Err(("inside a string", 2)));
        check("tru", Err(("not JSON", 0)));
        check("\"\\u12\"", Err(("four hex digits", 3)));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_a_fault() {
        assert_eq!(read(b"[\"ab\xff\"]").unwrap_err().offset, Some(4));
    }

    #[test]
    fn depth_and_number_of_values_are_capped() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(deep(100).as_bytes()).is_ok());
        assert!(read(deep(101).as_bytes()).unwrap_err().message.contains("inside one another"));
        assert!(read("[".repeat(5_000_000).as_bytes()).is_err());
        let many = format!("[0{}]", ",0".repeat(1_000_000));
        assert!(read(many.as_bytes()).unwrap_err().message.contains("1000000 values"));
    }

    #[test]
    fn what_readers_understand_differently_is_noted() {
        let doubts = |text: &str| -> Vec<String> {
            read(text.as_bytes()).unwrap().doubts.into_iter().map(|doubt| doubt.message).collect()
        };
        assert_eq!(doubts(r#"[{"a":{"b":1,"b":2}}]"#), ["the key “b” occurs twice in one object"]);
        assert_eq!(doubts(r#"{"subject":1,"Subject":2}"#), ["the keys “subject” and “Subject” differ in case only"]);
        assert_eq!(doubts(r#"{"a":1,"\u0061":2}"#), ["the key “a” occurs twice in one object"]);
        assert_eq!(doubts(r#"["\ud800x","\udc00"]"#).len(), 2);
        assert!(doubts(r#"[{"a":{"b":1}},{"a":1}]"#).is_empty());
        let many = format!("[{}0]", r#"{"a":1,"a":2},"#.repeat(30));
        assert_eq!(doubts(&many).last().unwrap(), "and 10 more of this kind");
    }

    #[test]
    fn a_value_can_be_laid_out() {
        let text = read(br#"{"a":[1,{}],"b":"x"}"#).unwrap();
        assert_eq!(text.value.laid_out(), "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"x\"\n}\n");
    }

    #[test]
    fn the_last_of_repeated_members_counts() {
        let text = read(br#"{"a":1,"a":2}"#).unwrap();
        assert_eq!(text.value.get("a").and_then(Json::whole), Some(2));
    }
}
