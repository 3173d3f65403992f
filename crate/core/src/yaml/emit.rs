//! From the tree to text in one uniform style: what `yaml.v3` 3.0.1 writes when every style is cleared and the
//! indentation is 2.
//!
//! Styles are chosen anew: blocks for collections, plain scalars where text, tag and place allow it, `|` for text of
//! several lines. A tag is written where the text alone would mean something else. Lines are never wrapped. Comments keep
//! their nodes, where that encoder keeps them.

use super::form::Form;
use super::tag::YAML_PREFIX;
use super::{Comments, Document, Node, Style, Value, schema};

/// The longest key, in bytes with its properties, that is written without `?`.
const LONGEST_KEY: usize = 128;

/// Columns by which a level is indented.
const STEP: usize = 2;

/// Writes a document that [`super::parse_first`] returned; `None` where that takes more than so many bytes. Texts that
/// pass `keep_quotes` stay in quotes if they were; `yaml.v3` keeps none.
pub fn normalize(document: &Document, most: usize, keep_quotes: fn(&str) -> bool) -> Option<String> {
    let Some(root) = &document.root else { return Some("null\n".to_string()) };
    let mut emitter = Emitter::new(most, keep_quotes);
    emitter.pending.head.clone_from(&document.head);
    if !document.head.is_empty() {
        emitter.head_comment();
        emitter.line_break();
    }
    emitter.note_start(root);
    emitter.head_comment();
    emitter.node(root, Place { level: None, is_key: false });
    emitter.end(&document.foot);
    (emitter.text.len() <= most).then_some(emitter.text)
}

/// Where a node is written.
#[derive(Clone, Copy)]
struct Place {
    /// Indentation of what it stands in, in levels; `None` for the root.
    level: Option<usize>,
    /// As a key without `?`.
    is_key: bool,
}

impl Place {
    /// The level that is one deeper.
    fn inner(self) -> usize {
        self.level.map_or(0, |level| level.saturating_add(1))
    }

    /// The level of lines that continue a scalar.
    fn scalar(self) -> usize {
        self.level.map_or(1, |level| level.saturating_add(1))
    }
}

struct Emitter {
    text: String,
    most: usize,
    keep_quotes: fn(&str) -> bool,
    column: usize,
    /// Nothing, or a blank, stands before.
    whitespace: bool,
    /// The line holds nothing but indentation and indicators.
    indention: bool,
    /// Columns of the current level.
    indent: usize,
    /// A comment ended at this indentation; what follows there is set apart by an empty line.
    foot_indent: Option<usize>,
    /// Comments that are not written yet.
    pending: Comments,
    /// The foot of the key before.
    tail: String,
    /// A line comment of a key that its value may take over.
    key_line: String,
}

impl Emitter {
    fn new(most: usize, keep_quotes: fn(&str) -> bool) -> Self {
        Self {
            text: String::new(),
            most,
            keep_quotes,
            column: 0,
            whitespace: true,
            indention: true,
            indent: 0,
            foot_indent: None,
            pending: Comments::default(),
            tail: String::new(),
            key_line: String::new(),
        }
    }

    // Characters.

    fn put(&mut self, char: char) {
        self.text.push(char);
        self.column = self.column.saturating_add(1);
    }

    fn line_break(&mut self) {
        self.text.push('\n');
        self.column = 0;
        self.indention = true;
    }

    /// Writes a line break of the text itself.
    fn text_break(&mut self, char: char) {
        if char == '\n' {
            self.line_break();
        } else {
            self.text.push(char);
            self.column = 0;
            self.indention = true;
        }
    }

    fn write_indent(&mut self) {
        if !self.indention || self.column > self.indent || (self.column == self.indent && !self.whitespace) {
            self.line_break();
        }
        if self.foot_indent.take() == Some(self.indent) {
            self.line_break();
        }
        while self.column < self.indent {
            self.put(' ');
        }
        self.whitespace = true;
    }

    fn indicator(&mut self, indicator: &str) {
        self.text.push_str(indicator);
        self.column = self.column.saturating_add(indicator.chars().count());
        self.whitespace = false;
        self.indention = false;
    }

    /// As [`Self::indicator`], set apart from what stands before.
    fn word(&mut self, word: &str) {
        if !self.whitespace {
            self.put(' ');
        }
        self.indicator(word);
    }

    /// `-`, `?` or `:` at the start of a line: what follows may still start the line.
    fn line_indicator(&mut self, indicator: &str) {
        let indention = self.indention;
        self.word(indicator);
        self.indention = indention;
    }

    // Comments.

    fn note(&mut self, comments: Option<&Comments>) {
        let Some(Comments { head, line, foot }) = comments else { return };
        for (from, to) in
            [(head, &mut self.pending.head), (line, &mut self.pending.line), (foot, &mut self.pending.foot)]
        {
            if !from.is_empty() {
                to.clone_from(from);
            }
        }
    }

    fn head_comment(&mut self) {
        let tail = std::mem::take(&mut self.tail);
        if !tail.is_empty() {
            self.write_indent();
            self.comment(&tail);
            self.foot_indent = Some(self.indent);
        }
        let head = std::mem::take(&mut self.pending.head);
        if !head.is_empty() {
            self.write_indent();
            self.comment(&head);
        }
    }

    fn line_comment(&mut self) {
        let line = std::mem::take(&mut self.pending.line);
        if !line.is_empty() {
            if !self.whitespace {
                self.put(' ');
            }
            self.comment(&line);
        }
    }

    fn foot_comment(&mut self) {
        let foot = std::mem::take(&mut self.pending.foot);
        if !foot.is_empty() {
            self.write_indent();
            self.comment(&foot);
            self.foot_indent = Some(self.indent);
        }
    }

    fn comment(&mut self, comment: &str) {
        let (mut broken, mut sharp) = (false, false);
        for char in comment.chars() {
            if is_break(char) {
                self.text_break(char);
                (broken, sharp) = (true, false);
                continue;
            }
            if broken {
                self.write_indent();
            }
            if !sharp && char != '#' {
                self.put('#');
                self.put(' ');
            }
            self.put(char);
            self.indention = false;
            (broken, sharp) = (false, true);
        }
        if !broken {
            self.line_break();
        }
        self.whitespace = true;
    }

    /// Writes the end of the document.
    fn end(&mut self, foot: &str) {
        self.indent = 0;
        if !foot.is_empty() {
            self.pending.foot = foot.to_string();
        }
        self.foot_indent = Some(0);
        self.foot_comment();
        self.foot_indent = None;
        self.write_indent();
    }

    // Nodes. Recursion goes as deep as the tree, which the parser limits.

    /// Writes a node whose comments were noted, and the comments that follow its first line.
    fn node(&mut self, node: &Node, place: Place) {
        self.head(node, place);
        self.line_comment();
        self.foot_comment();
        self.body(node, place, node.comments.as_deref().map_or("", |comments| &comments.foot));
    }

    /// Writes what stands on the line where the node starts.
    fn head(&mut self, node: &Node, place: Place) {
        if let Value::Alias(name) = &node.value {
            self.word(&format!("*{name}"));
            return;
        }
        if let Some(anchor) = &node.anchor {
            self.word(&format!("&{anchor}"));
        }
        let (tag, quoted) = explicit_tag(node);
        if let Some(tag) = tag {
            self.word(&write_tag(tag));
        }
        if let Value::Scalar { text, style } = &node.value {
            let quoted = quoted || *style != Style::Plain && (self.keep_quotes)(text);
            let indent = self.indent_to(place.scalar());
            self.scalar(text, quoted, place.is_key);
            self.indent = indent;
        }
    }

    /// Writes the entries of a collection.
    fn body(&mut self, node: &Node, place: Place, foot: &str) {
        if self.text.len() > self.most {
            return;
        }
        let line = node.comments.as_deref().map_or("", |comments| &comments.line);
        match &node.value {
            Value::Sequence(items) if items.is_empty() => {
                self.word("[]");
                self.note_end(line, foot);
                self.line_comment();
                self.foot_comment();
            }
            Value::Mapping(entries) if entries.is_empty() => {
                self.word("{");
                self.whitespace = true;
                self.note_end(line, foot);
                // That of a value still waits.
                let indent = self.indent_to(place.scalar());
                self.head_comment();
                self.indent = indent;
                self.indicator("}");
                self.line_comment();
                self.foot_comment();
            }
            Value::Sequence(items) => {
                let inner = Place { level: Some(place.inner()), is_key: false };
                let indent = self.indent_to(place.inner());
                for item in items {
                    self.note_start(item);
                    self.head_comment();
                    self.write_indent();
                    self.line_indicator("-");
                    self.node(item, inner);
                }
                self.note_end(line, foot);
                self.indent = indent;
            }
            Value::Mapping(entries) => {
                let indent = self.indent_to(place.inner());
                self.entries(entries, place.inner());
                self.note_end(line, foot);
                self.head_comment();
                self.indent = indent;
            }
            Value::Scalar { .. } | Value::Alias(_) => {}
        }
    }

    fn indent_to(&mut self, level: usize) -> usize {
        std::mem::replace(&mut self.indent, level.saturating_mul(STEP))
    }

    /// Notes the comments before a node; those behind a collection come when it ends.
    fn note_start(&mut self, node: &Node) {
        match (&node.value, node.comments.as_deref()) {
            (Value::Sequence(_) | Value::Mapping(_), Some(comments)) => {
                self.note(Some(&Comments { head: comments.head.clone(), ..Comments::default() }));
            }
            (_, comments) => self.note(comments),
        }
    }

    fn note_end(&mut self, line: &str, foot: &str) {
        self.note(Some(&Comments { line: line.to_string(), foot: foot.to_string(), ..Comments::default() }));
    }

    fn entries(&mut self, entries: &[(Node, Node)], level: usize) {
        let mut tail = "";
        for (key, value) in entries {
            if self.text.len() > self.most {
                return;
            }
            // The foot of a key stands below its value: before the next key.
            if !tail.is_empty() && !matches!(key.value, Value::Alias(_) | Value::Sequence(_)) {
                self.tail = tail.to_string();
            }
            let foot = key.comments.as_deref().map_or("", |comments| &comments.foot);
            self.note_key(key);
            tail = foot;
            self.head_comment();
            self.write_indent();
            let line = std::mem::take(&mut self.pending.line);
            if !line.is_empty() {
                self.key_line = line;
            }
            let is_simple = is_simple_key(key);
            let place = Place { level: Some(level), is_key: is_simple };
            if is_simple {
                self.head(key, place);
                self.body(key, place, "");
                self.note_start(value);
                self.indicator(":");
            } else {
                self.line_indicator("?");
                self.head(key, place);
                self.body(key, place, "");
                self.note_start(value);
                self.write_indent();
                self.line_indicator(":");
            }
            self.take_key_line(value);
            self.node(value, Place { level: Some(level), is_key: false });
        }
        if !tail.is_empty() {
            self.tail = tail.to_string();
        }
    }

    /// Notes the comments of a key, all but its foot.
    fn note_key(&mut self, key: &Node) {
        let Some(comments) = key.comments.as_deref() else { return };
        let is_collection = matches!(key.value, Value::Sequence(_) | Value::Mapping(_));
        let line = if is_collection { String::new() } else { comments.line.clone() };
        self.note(Some(&Comments { head: comments.head.clone(), line, foot: String::new() }));
    }

    /// The line comment of a key stands behind the first line of its value.
    fn take_key_line(&mut self, value: &Node) {
        if self.key_line.is_empty() {
            return;
        }
        match value.value {
            Value::Scalar { .. } if self.pending.line.is_empty() => {
                self.pending.line = std::mem::take(&mut self.key_line);
            }
            Value::Sequence(_) | Value::Mapping(_) => {
                let own = std::mem::replace(&mut self.pending.line, std::mem::take(&mut self.key_line));
                self.line_comment();
                self.pending.line = own;
            }
            _ => {}
        }
    }

    // Scalars.

    fn scalar(&mut self, text: &str, quoted: bool, is_key: bool) {
        let form = Form::of(text);
        match form.style(text, quoted, is_key) {
            Style::Plain => self.plain(text),
            Style::SingleQuoted => self.single_quoted(text),
            Style::Literal | Style::Folded => self.literal(text),
            Style::DoubleQuoted => self.double_quoted(text),
        }
    }

    fn plain(&mut self, text: &str) {
        if !text.is_empty() {
            self.word(text);
        }
        self.indention = false;
    }

    fn single_quoted(&mut self, text: &str) {
        self.word("'");
        let mut broken = false;
        for char in text.chars() {
            if is_break(char) {
                self.text_break(char);
                broken = true;
                continue;
            }
            if char != ' ' {
                if broken {
                    self.write_indent();
                }
                if char == '\'' {
                    self.put('\'');
                }
                self.indention = false;
                broken = false;
            }
            self.put(char);
        }
        self.indicator("'");
    }

    fn double_quoted(&mut self, text: &str) {
        self.word("\"");
        // One that starts with a byte order mark has every character escaped.
        let marked = text.starts_with('\u{FEFF}');
        for char in text.chars() {
            if !marked && super::form::is_printable(char) && !is_break(char) && char != '"' && char != '\\' {
                self.put(char);
                continue;
            }
            self.put('\\');
            match char {
                '\0' => self.put('0'),
                '\u{07}' => self.put('a'),
                '\u{08}' => self.put('b'),
                '\t' => self.put('t'),
                '\n' => self.put('n'),
                '\u{0B}' => self.put('v'),
                '\u{0C}' => self.put('f'),
                '\r' => self.put('r'),
                '\u{1B}' => self.put('e'),
                '"' | '\\' => self.put(char),
                '\u{85}' => self.put('N'),
                '\u{A0}' => self.put('_'),
                '\u{2028}' => self.put('L'),
                '\u{2029}' => self.put('P'),
                _ => match u32::from(char) {
                    code @ 0..=0xFF => self.indicator(&format!("x{code:02X}")),
                    code @ 0x100..=0xFFFF => self.indicator(&format!("u{code:04X}")),
                    code => self.indicator(&format!("U{code:08X}")),
                },
            }
        }
        self.indicator("\"");
    }

    fn literal(&mut self, text: &str) {
        self.word("|");
        if text.starts_with([' ', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            self.indicator("2");
        }
        let mut last = text.chars().rev().map(is_break);
        match (last.next(), last.next()) {
            (Some(true), Some(false)) => {}
            (Some(true), _) => self.indicator("+"),
            _ => self.indicator("-"),
        }
        self.line_comment();
        self.whitespace = true;
        let mut broken = true;
        for char in text.chars() {
            if is_break(char) {
                self.text_break(char);
                broken = true;
            } else {
                if broken {
                    self.write_indent();
                }
                self.put(char);
                self.indention = false;
                broken = false;
            }
        }
    }
}

/// The tag that must be written, if any, and whether the text must be quoted instead.
fn explicit_tag(node: &Node) -> (Option<&str>, bool) {
    let tag = node.resolved_tag();
    let implied = match &node.value {
        Value::Alias(_) => "",
        Value::Sequence(_) => "!!seq",
        Value::Mapping(_) => "!!map",
        Value::Scalar { text, .. } => schema::tag(text),
    };
    match tag == implied {
        true => (None, false),
        false if tag == "!!str" && matches!(node.value, Value::Scalar { .. }) => (None, true),
        false => (Some(tag), false),
    }
}

/// A tag as it is written: with a handle where it has one, other than URI characters escaped.
fn write_tag(tag: &str) -> String {
    let (open, name, close) = match (tag.strip_prefix("!!"), tag.strip_prefix('!')) {
        (Some(name), _) => ("!!", name, ""),
        (None, Some(name)) => ("!", name, ""),
        (None, None) => match tag.strip_prefix(YAML_PREFIX) {
            Some(name) => ("!!", name, ""),
            None => ("!<", tag, ">"),
        },
    };
    let mut text = open.to_string();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_;/?:@&=+$,.~*'()[]".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text.push_str(close);
    text
}

/// Whether a key may stand before its `:` on one line.
fn is_simple_key(key: &Node) -> bool {
    let length = match &key.value {
        Value::Alias(name) => name.len(),
        Value::Scalar { text, .. } if text.contains(is_break) => return false,
        Value::Scalar { text, .. } => text.len(),
        value if is_empty(value) => 0,
        Value::Sequence(_) | Value::Mapping(_) => return false,
    };
    let anchor = key.anchor.as_ref().map_or(0, String::len);
    let tag = explicit_tag(key).0.map_or(0, str::len);
    length.saturating_add(anchor).saturating_add(tag) <= LONGEST_KEY
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(entries) => entries.is_empty(),
        Value::Scalar { .. } | Value::Alias(_) => false,
    }
}

/// YAML 1.1's line breaks.
pub(super) fn is_break(char: char) -> bool {
    matches!(char, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests;
