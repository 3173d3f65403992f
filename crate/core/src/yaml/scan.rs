//! From characters to tokens, by the rules of libyaml: indentation becomes start and end tokens, and a key is recognised
//! when its `:` is met.

use std::collections::{BTreeMap, VecDeque};

use super::chars::Mark;
use super::comment::Comment;
use super::text::Text;
use super::{Error, MAX_DEPTH, Style};

/// How far, in characters, the `:` of a key may be from its start.
const LONGEST_KEY: usize = 1024;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    StreamStart,
    StreamEnd,
    Version { major: u8, minor: u8 },
    TagPrefix { handle: String, prefix: String },
    DocumentStart,
    DocumentEnd,
    SequenceStart,
    MappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag { handle: String, suffix: String },
    Scalar { text: String, style: Style },
}

/// A token and where it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: Mark,
}

/// A place where a key without `?` may have started.
#[derive(Clone, Copy, Debug, Default)]
struct KeyStart {
    possible: bool,
    /// Nothing but a key may stand there.
    required: bool,
    /// Number of the token that starts it.
    token: usize,
    mark: Mark,
}

/// Produces tokens one by one.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    start: u64,
    fault: Option<&'a Error>,
    pub(super) mark: Mark,
    /// Line breaks since the last character that is not a blank.
    pub(super) newlines: usize,
    pub(super) tokens: VecDeque<Token>,
    /// Tokens already taken.
    taken: usize,
    /// Columns of the block collections around the one in [`Self::indent`].
    indents: Vec<Option<usize>>,
    /// Column of the innermost block collection.
    pub(super) indent: Option<usize>,
    /// Flow collections that are open.
    pub(super) flow: usize,
    key_allowed: bool,
    /// One for each flow level, the block level included.
    keys: Vec<KeyStart>,
    /// Level of the key that a token may start, for tokens not yet taken. What starts with a bracket is forgotten when
    /// the bracket is closed, as `yaml.v3` does: such a key is recognised only if it is no longer than `[]`.
    starts: BTreeMap<usize, usize>,
    /// Every comment met so far.
    pub(super) comments: Vec<Comment>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a Text<'_>) -> Self {
        Self {
            text: &text.text,
            start: text.start,
            fault: text.fault.as_ref(),
            mark: Mark { index: 1, ..Mark::default() },
            newlines: 0,
            tokens: VecDeque::from([Token { kind: Kind::StreamStart, start: Mark::default() }]),
            taken: 0,
            indents: Vec::new(),
            indent: None,
            flow: 0,
            key_allowed: true,
            keys: vec![KeyStart::default()],
            starts: BTreeMap::new(),
            comments: Vec::new(),
        }
    }

    /// An error at a place.
    pub(super) fn error(&self, mark: Mark, message: &str) -> Error {
        match self.fault {
            // It only looks like the end of the text.
            Some(fault) if self.mark.at >= self.text.len() => fault.clone(),
            _ => Error { message: message.to_string(), offset: self.offset(mark) },
        }
    }

    /// A place as an offset in the input.
    pub(super) fn offset(&self, mark: Mark) -> u64 {
        self.start.saturating_add(u64::try_from(mark.at).unwrap_or(u64::MAX))
    }

    /// The token that comes next.
    pub(super) fn peek(&mut self) -> Result<&Token, Error> {
        self.fetch_enough()?;
        self.tokens.front().ok_or(Error { message: String::new(), offset: 0 })
    }

    /// Takes the token that comes next.
    pub(super) fn take(&mut self) -> Option<Token> {
        self.starts.remove(&self.taken);
        self.taken = self.taken.saturating_add(1);
        self.tokens.pop_front()
    }

    /// Two tokens behind the first are needed to tell whom a comment belongs to; and if the first may turn out to start a
    /// key, all up to where that is decided.
    fn fetch_enough(&mut self) -> Result<(), Error> {
        loop {
            if self.tokens.len() > 2 {
                match self.starts.get(&self.taken).copied() {
                    None => return Ok(()),
                    Some(level) if !self.is_key(level)? => return Ok(()),
                    Some(_) => {}
                }
            }
            self.fetch()?;
        }
    }

    // Tokens.

    fn push(&mut self, kind: Kind, start: Mark) {
        self.tokens.push_back(Token { kind, start });
    }

    /// Reads the next token, and what stands before it.
    fn fetch(&mut self) -> Result<(), Error> {
        let before = self.mark;
        self.skip_to_token()?;
        if let Some(fault) = self.fault
            && self.mark.at.saturating_add(4) > self.text.len()
        {
            return Err(fault.clone());
        }
        self.close_blocks(Some(self.mark.column), before);
        let start = self.mark;
        match self.byte(0) {
            0 => return self.fetch_end(),
            b'%' if start.column == 0 => return self.fetch_directive(),
            first if self.is_document_marker() => {
                self.close_blocks(None, start);
                self.forget_key()?;
                self.key_allowed = false;
                self.skip_many(3);
                self.push(if first == b'-' { Kind::DocumentStart } else { Kind::DocumentEnd }, start);
                return Ok(());
            }
            _ => {}
        }
        // A comment behind `:` or `,` is about what stands before it.
        let subject = match (self.tokens.back(), self.byte(0)) {
            (Some(token), b':') if self.flow == 0 => token.start,
            (Some(token), b',') if self.flow > 0 => token.start,
            _ => start,
        };
        self.fetch_content()?;
        if self.tokens.back().is_none_or(|token| token.kind != Kind::BlockEntry) {
            self.scan_line_comment(subject);
        }
        Ok(())
    }

    fn fetch_content(&mut self) -> Result<(), Error> {
        let start = self.mark;
        let in_block = self.flow == 0;
        match self.byte(0) {
            b'[' => self.open_flow(Kind::FlowSequenceStart),
            b'{' => self.open_flow(Kind::FlowMappingStart),
            b']' => self.close_flow(Kind::FlowSequenceEnd),
            b'}' => self.close_flow(Kind::FlowMappingEnd),
            b',' => {
                self.forget_key()?;
                self.key_allowed = true;
                self.skip();
                self.push(Kind::FlowEntry, start);
                Ok(())
            }
            b'-' if self.is_word_end(1) => self.fetch_block_entry(),
            b'?' if !in_block || self.is_word_end(1) => self.fetch_key(),
            b':' if !in_block || self.is_word_end(1) => self.fetch_value(),
            b'*' | b'&' => {
                self.note_key()?;
                self.key_allowed = false;
                let kind = self.scan_anchor()?;
                self.push(kind, start);
                Ok(())
            }
            b'!' => {
                self.note_key()?;
                self.key_allowed = false;
                let kind = self.scan_tag()?;
                self.push(kind, start);
                Ok(())
            }
            b'|' | b'>' if in_block => {
                self.forget_key()?;
                self.key_allowed = true;
                let kind = self.scan_block_scalar()?;
                self.push(kind, start);
                Ok(())
            }
            b'\'' | b'"' => {
                self.note_key()?;
                self.key_allowed = false;
                let kind = self.scan_quoted()?;
                self.push(kind, start);
                Ok(())
            }
            _ if self.starts_plain() => {
                self.note_key()?;
                self.key_allowed = false;
                let (kind, broken) = self.scan_plain()?;
                // It ended on a later line: what follows may be a key.
                self.key_allowed |= broken;
                self.push(kind, start);
                Ok(())
            }
            _ => Err(self.error(start, "a character that cannot start anything")),
        }
    }

    fn starts_plain(&self) -> bool {
        match self.byte(0) {
            b'-' => !self.is_blank(1),
            b'?' | b':' => self.flow == 0 && !self.is_word_end(1),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
            | b'`' => false,
            _ => !self.is_word_end(0),
        }
    }

    /// Passes blanks, line breaks and comments.
    fn skip_to_token(&mut self) -> Result<(), Error> {
        let before = self.mark;
        loop {
            // A tab may not be indentation.
            while self.byte(0) == b' ' || (self.byte(0) == b'\t' && (self.flow > 0 || !self.key_allowed)) {
                self.skip();
            }
            self.promote_line_comment();
            if self.byte(0) == b'#' {
                self.scan_comments(before)?;
            }
            if !self.is_break(0) {
                return Ok(());
            }
            self.skip_line();
            self.key_allowed |= self.flow == 0;
        }
    }

    // Keys without `?`.

    /// Whether what started there may still be a key.
    fn is_key(&mut self, level: usize) -> Result<bool, Error> {
        let mark = self.mark;
        let Some(key) = self.keys.get_mut(level) else { return Ok(false) };
        if key.possible && (key.mark.line < mark.line || key.mark.index.saturating_add(LONGEST_KEY) < mark.index) {
            if key.required {
                let at = key.mark;
                return Err(self.error(at, "did not find the ':' of a key"));
            }
            key.possible = false;
        }
        Ok(key.possible)
    }

    /// Notes that the token to come may start a key.
    fn note_key(&mut self) -> Result<(), Error> {
        if !self.key_allowed {
            return Ok(());
        }
        self.forget_key()?;
        let key = KeyStart {
            possible: true,
            required: self.flow == 0 && self.indent == Some(self.mark.column),
            token: self.taken.saturating_add(self.tokens.len()),
            mark: self.mark,
        };
        self.starts.insert(key.token, self.keys.len().saturating_sub(1));
        if let Some(slot) = self.keys.last_mut() {
            *slot = key;
        }
        Ok(())
    }

    /// What may have started a key does not.
    fn forget_key(&mut self) -> Result<(), Error> {
        match self.keys.last_mut() {
            Some(key) if key.possible && key.required => {
                let at = key.mark;
                Err(self.error(at, "did not find the ':' of a key"))
            }
            Some(key) if key.possible => {
                key.possible = false;
                self.starts.remove(&key.token);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    // Block collections.

    /// Opens a block collection if the column is deeper than the current one; its token goes before the token of that
    /// number, or last.
    fn open_block(&mut self, column: usize, before: Option<usize>, kind: Kind, mark: Mark) -> Result<(), Error> {
        if self.flow > 0 || self.indent.is_some_and(|indent| indent >= column) {
            return Ok(());
        }
        if self.indents.len() >= MAX_DEPTH {
            return Err(self.error(mark, "nested too deep"));
        }
        self.indents.push(self.indent);
        self.indent = Some(column);
        self.insert(before, kind, mark);
        Ok(())
    }

    fn insert(&mut self, before: Option<usize>, kind: Kind, start: Mark) {
        // Before a token that is already taken means last.
        let at = before.and_then(|number| number.checked_sub(self.taken)).unwrap_or(self.tokens.len());
        let at = at.min(self.tokens.len());
        self.tokens.insert(at, Token { kind, start });
    }

    /// Closes the block collections that are deeper than a column; all for `None`.
    fn close_blocks(&mut self, column: Option<usize>, before: Mark) {
        if self.flow > 0 {
            return;
        }
        // The end stands before a comment that starts where scanning started.
        let mut end = Mark { index: before.index.saturating_sub(1), ..before };
        while let Some(indent) = self.indent
            && column.is_none_or(|column| indent > column)
        {
            end = self.before_foot_comments(indent, end);
            self.push(Kind::BlockEnd, end);
            self.indent = self.indents.pop().flatten();
        }
    }

    fn fetch_block_entry(&mut self) -> Result<(), Error> {
        let start = self.mark;
        if self.flow == 0 {
            if !self.key_allowed {
                return Err(self.error(start, "a sequence cannot start here"));
            }
            self.open_block(start.column, None, Kind::SequenceStart, start)?;
        }
        self.forget_key()?;
        self.key_allowed = true;
        self.skip();
        self.push(Kind::BlockEntry, start);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Error> {
        let start = self.mark;
        if self.flow == 0 {
            if !self.key_allowed {
                return Err(self.error(start, "a key cannot start here"));
            }
            self.open_block(start.column, None, Kind::MappingStart, start)?;
        }
        self.forget_key()?;
        self.key_allowed = self.flow == 0;
        self.skip();
        self.push(Kind::Key, start);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Error> {
        let start = self.mark;
        let level = self.keys.len().saturating_sub(1);
        if self.is_key(level)?
            && let Some(key) = self.keys.get_mut(level)
        {
            key.possible = false;
            let KeyStart { token, mark, .. } = *key;
            self.starts.remove(&token);
            self.insert(Some(token), Kind::Key, mark);
            self.open_block(mark.column, Some(token), Kind::MappingStart, mark)?;
            self.key_allowed = false;
        } else {
            if self.flow == 0 {
                if !self.key_allowed {
                    return Err(self.error(start, "a value cannot start here"));
                }
                self.open_block(start.column, None, Kind::MappingStart, start)?;
            }
            self.key_allowed = self.flow == 0;
        }
        self.skip();
        self.push(Kind::Value, start);
        Ok(())
    }

    // Flow collections.

    fn open_flow(&mut self, kind: Kind) -> Result<(), Error> {
        let start = self.mark;
        self.note_key()?;
        if self.flow >= MAX_DEPTH {
            return Err(self.error(start, "nested too deep"));
        }
        let token = self.taken.saturating_add(self.tokens.len());
        self.keys.push(KeyStart { token, ..KeyStart::default() });
        self.flow = self.flow.saturating_add(1);
        self.key_allowed = true;
        self.skip();
        self.push(kind, start);
        Ok(())
    }

    fn close_flow(&mut self, kind: Kind) -> Result<(), Error> {
        let start = self.mark;
        self.forget_key()?;
        if self.flow > 0 {
            self.flow = self.flow.saturating_sub(1);
            if let Some(key) = self.keys.pop() {
                self.starts.remove(&key.token);
            }
        }
        self.key_allowed = false;
        self.skip();
        self.push(kind, start);
        Ok(())
    }

    // The stream.

    fn fetch_end(&mut self) -> Result<(), Error> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line = self.mark.line.saturating_add(1);
        }
        self.close_blocks(None, self.mark);
        self.forget_key()?;
        self.key_allowed = false;
        self.push(Kind::StreamEnd, self.mark);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), Error> {
        let start = self.mark;
        self.close_blocks(None, start);
        self.forget_key()?;
        self.key_allowed = false;
        let kind = self.scan_directive()?;
        self.push(kind, start);
        Ok(())
    }
}
