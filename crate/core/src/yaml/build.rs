//! From tokens to the tree, by libyaml's grammar, and with `yaml.v3`'s idea of whom a comment belongs to.

use std::collections::BTreeSet;

use super::chars::Mark;
use super::comment::Place;
use super::scan::{Kind, Scanner, Token};
use super::tag::YAML_PREFIX;
use super::text::Text;
use super::{Comments, Document, Error, MAX_DEPTH, MAX_NODES, Node, Value};

/// Builds the first document.
pub(super) fn document(text: &Text<'_>) -> Result<Document, Error> {
    let mut builder = Builder {
        scanner: Scanner::new(text),
        passed: 0,
        comments: Comments::default(),
        stem: None,
        anchors: BTreeSet::new(),
        tags: Vec::new(),
        nodes: 0,
    };
    builder.peek()?;
    builder.skip();
    let Some(mut document) = builder.document()? else { return Ok(Document::default()) };
    document.rest = builder.rest().err();
    Ok(document)
}

/// Where a node stands decides what may be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    /// In a block sequence, or the root.
    Block,
    /// Key or value of a block mapping: a sequence may stand at the same column.
    BlockMapping,
    /// In brackets or braces.
    Flow,
}

struct Builder<'a> {
    scanner: Scanner<'a>,
    /// Comments already handed out.
    passed: usize,
    /// Comments that wait for a node.
    comments: Comments,
    /// A comment before `-` that belongs to the collection behind it as a whole.
    stem: Option<String>,
    anchors: BTreeSet<String>,
    /// Handles and their prefixes.
    tags: Vec<(String, String)>,
    nodes: usize,
}

impl Builder<'_> {
    /// The next token, the comments before it collected.
    fn peek(&mut self) -> Result<&Kind, Error> {
        let token = self.scanner.peek()?;
        let (index, is_end) = (token.start.index, token.kind == Kind::BlockEnd);
        while let Some(comment) = self.scanner.comments.get_mut(self.passed)
            && comment.token.index <= index
        {
            let place = match comment.place {
                // The end of a block has no head: what follows it does.
                Place::Head if is_end && !comment.text.is_empty() => break,
                Place::Head => &mut self.comments.head,
                Place::Line => &mut self.comments.line,
                Place::Foot => &mut self.comments.foot,
            };
            let comment = std::mem::take(comment);
            if !place.is_empty() && !comment.text.is_empty() {
                place.push('\n');
            }
            place.push_str(&comment.text);
            self.passed = self.passed.saturating_add(1);
        }
        self.scanner.peek().map(|token| &token.kind)
    }

    fn start(&self) -> Mark {
        self.scanner.tokens.front().map_or(Mark::default(), |token| token.start)
    }

    fn skip(&mut self) {
        self.scanner.take();
    }

    fn error(&self, message: &str) -> Error {
        self.scanner.error(self.start(), message)
    }

    fn take_comments(&mut self) -> Comments {
        self.stem = None;
        std::mem::take(&mut self.comments)
    }

    /// `None` where the stream holds no document.
    fn document(&mut self) -> Result<Option<Document>, Error> {
        let mut head = String::new();
        let root = match self.peek()? {
            Kind::StreamEnd => return Ok(None),
            Kind::Version { .. } | Kind::TagPrefix { .. } | Kind::DocumentStart => {
                self.directives()?;
                if *self.peek()? != Kind::DocumentStart {
                    return Err(self.error("directives without a '---'"));
                }
                self.skip();
                match self.peek()? {
                    Kind::Version { .. }
                    | Kind::TagPrefix { .. }
                    | Kind::DocumentStart
                    | Kind::DocumentEnd
                    | Kind::StreamEnd => self.empty()?,
                    _ => self.node(Context::Block, 0)?,
                }
            }
            _ => {
                self.directives()?;
                head = self.split_head();
                self.node(Context::Block, 0)?
            }
        };
        if *self.peek()? == Kind::DocumentEnd {
            self.skip();
        }
        let rest = self.take_comments();
        let foot = if rest.foot.is_empty() { rest.head } else { rest.foot };
        Ok(Some(Document { root: Some(root), head, foot, rest: None }))
    }

    /// What stands before the last empty line of the first comment is about the document.
    fn split_head(&mut self) -> String {
        let head = &self.comments.head;
        let (document, node) = match head.strip_suffix('\n') {
            Some(document) if !document.is_empty() => (document.to_string(), String::new()),
            _ => match head.rsplit_once("\n\n") {
                Some((document, node)) => (document.to_string(), node.to_string()),
                None => return String::new(),
            },
        };
        self.comments.head = node;
        document
    }

    /// Nothing but the end may follow.
    fn rest(&mut self) -> Result<(), Error> {
        while *self.peek()? == Kind::DocumentEnd {
            self.skip();
        }
        match self.peek()? {
            Kind::StreamEnd => Ok(()),
            _ => Err(self.error("something follows the document")),
        }
    }

    fn directives(&mut self) -> Result<(), Error> {
        let mut version = false;
        loop {
            match self.peek()?.clone() {
                Kind::Version { major, minor } => {
                    if version {
                        return Err(self.error("two %YAML directives"));
                    }
                    if (major, minor) != (1, 1) {
                        return Err(self.error("a version of YAML other than 1.1"));
                    }
                    version = true;
                }
                Kind::TagPrefix { handle, prefix } => {
                    if self.tags.iter().any(|(known, _)| *known == handle) {
                        return Err(self.error("two %TAG directives for a handle"));
                    }
                    if self.tags.len() >= MAX_DEPTH {
                        return Err(self.error("too many %TAG directives"));
                    }
                    self.tags.push((handle, prefix));
                }
                _ => break,
            }
            self.skip();
        }
        for (handle, prefix) in [("!", "!"), ("!!", YAML_PREFIX)] {
            if !self.tags.iter().any(|(known, _)| known == handle) {
                self.tags.push((handle.to_string(), prefix.to_string()));
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), Error> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MAX_NODES { Err(self.error("too many nodes")) } else { Ok(()) }
    }

    /// A scalar that is not written at all.
    fn empty(&mut self) -> Result<Node, Error> {
        self.count()?;
        Ok(Node { offset: self.scanner.offset(self.start()), ..Node::default() })
    }

    fn node(&mut self, context: Context, depth: usize) -> Result<Node, Error> {
        self.count()?;
        self.peek()?;
        let offset = self.scanner.offset(self.start());
        if let Kind::Alias(name) = self.peek()?.clone() {
            if !self.anchors.contains(&name) {
                return Err(self.error("an alias without its anchor"));
            }
            let comments = boxed(self.take_comments());
            self.skip();
            return Ok(Node { value: Value::Alias(name), comments, offset, ..Node::default() });
        }
        let (tag, anchor) = self.properties()?;
        let mut node = Node { tag, anchor, offset, ..Node::default() };
        if let Some(anchor) = &node.anchor {
            self.anchors.insert(anchor.clone());
        }
        let is_block = context != Context::Flow;
        match self.peek()? {
            Kind::Scalar { .. } => {
                node.comments = boxed(self.take_comments());
                if let Some(Token { kind: Kind::Scalar { text, style }, .. }) = self.scanner.take() {
                    node.value = Value::Scalar { text, style };
                }
            }
            Kind::BlockEntry if context == Context::BlockMapping => {
                node.value = Value::Sequence(self.sequence(false, self.deeper(depth)?)?);
            }
            Kind::SequenceStart if is_block => {
                node.comments = boxed(Comments { head: self.stem.take().unwrap_or_default(), ..Comments::default() });
                self.skip();
                node.value = Value::Sequence(self.sequence(true, self.deeper(depth)?)?);
            }
            Kind::MappingStart if is_block => {
                let mut comments = Comments { head: self.stem.take().unwrap_or_default(), ..Comments::default() };
                self.skip();
                node.value = Value::Mapping(self.mapping(&mut comments, self.deeper(depth)?)?);
                node.comments = boxed(comments);
            }
            Kind::FlowSequenceStart => {
                node.flow = true;
                let mut comments = self.take_comments();
                self.skip();
                node.value = Value::Sequence(self.flow_sequence(self.deeper(depth)?)?);
                (comments.line, comments.foot) = self.end_comments();
                node.comments = boxed(comments);
            }
            Kind::FlowMappingStart => {
                node.flow = true;
                let mut comments = self.take_comments();
                self.skip();
                node.value = Value::Mapping(self.flow_mapping(self.deeper(depth)?)?);
                (comments.line, comments.foot) = self.end_comments();
                node.comments = boxed(comments);
            }
            _ if node.anchor.is_some() || node.tag.is_some() => {}
            _ => return Err(self.error("a value is missing")),
        }
        Ok(node)
    }

    fn deeper(&self, depth: usize) -> Result<usize, Error> {
        match depth.saturating_add(1) {
            depth if depth > MAX_DEPTH => Err(self.error("nested too deep")),
            depth => Ok(depth),
        }
    }

    /// A tag and an anchor, in either order.
    fn properties(&mut self) -> Result<(Option<String>, Option<String>), Error> {
        let (mut tag, mut anchor) = (None, None);
        for _ in 0..2 {
            match self.peek()?.clone() {
                Kind::Anchor(name) if anchor.is_none() => anchor = Some(name),
                Kind::Tag { handle, suffix } if tag.is_none() => tag = Some(self.resolve(&handle, suffix)?),
                _ => break,
            }
            self.skip();
        }
        Ok((tag, anchor))
    }

    fn resolve(&self, handle: &str, suffix: String) -> Result<String, Error> {
        let tag = match self.tags.iter().find(|(known, _)| known == handle) {
            _ if handle.is_empty() => suffix,
            Some((_, prefix)) => format!("{prefix}{suffix}"),
            None => return Err(self.error("a tag handle that is not declared")),
        };
        Ok(match tag.strip_prefix(YAML_PREFIX) {
            Some(name) => format!("!!{name}"),
            None => tag,
        })
    }

    /// The entries of a block sequence, up to and with the end of its block if it has one of its own.
    fn sequence(&mut self, own_block: bool, depth: usize) -> Result<Vec<Node>, Error> {
        let mut items = Vec::new();
        loop {
            match self.peek()? {
                Kind::BlockEntry => {}
                Kind::BlockEnd if own_block => {
                    self.skip();
                    return Ok(items);
                }
                _ if own_block => return Err(self.error("neither a '-' nor the end of a sequence")),
                _ => return Ok(items),
            }
            let head = self.comments.head.len();
            self.skip();
            self.split_stem(head)?;
            items.push(match self.peek()? {
                Kind::BlockEntry | Kind::BlockEnd => self.empty()?,
                Kind::Key | Kind::Value if !own_block => self.empty()?,
                _ => self.node(Context::Block, depth)?,
            });
        }
    }

    /// A comment of that length before a `-` belongs to the collection that starts behind it.
    fn split_stem(&mut self, length: usize) -> Result<(), Error> {
        if length == 0 || !matches!(self.peek()?, Kind::SequenceStart | Kind::MappingStart) {
            return Ok(());
        }
        let rest = self.comments.head.get(length.saturating_add(1)..).unwrap_or("").to_string();
        let mut stem = std::mem::replace(&mut self.comments.head, rest);
        stem.truncate(length);
        self.stem = Some(stem);
        Ok(())
    }

    fn mapping(&mut self, comments: &mut Comments, depth: usize) -> Result<Vec<(Node, Node)>, Error> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        loop {
            match self.peek()? {
                Kind::Key => {}
                Kind::BlockEnd => {
                    let end = self.take_comments();
                    self.skip();
                    (comments.line, comments.foot) = (end.line, end.foot);
                    if let Some((key, _)) = entries.last_mut() {
                        move_foot(comments, key);
                    }
                    return Ok(entries);
                }
                _ => return Err(self.error("neither a key nor the end of a mapping")),
            }
            self.skip();
            let mut key = self.block_value(depth)?;
            if let (Some((previous, _)), Some(comments)) = (entries.last_mut(), &mut key.comments) {
                move_foot(comments, previous);
            }
            let mut value = if *self.peek()? == Kind::Value {
                self.skip();
                self.block_value(depth)?
            } else {
                self.empty()?
            };
            raise_foot(&mut value, &mut key);
            entries.push((key, value));
        }
    }

    fn block_value(&mut self, depth: usize) -> Result<Node, Error> {
        match self.peek()? {
            Kind::Key | Kind::Value | Kind::BlockEnd => self.empty(),
            _ => self.node(Context::BlockMapping, depth),
        }
    }

    fn flow_sequence(&mut self, depth: usize) -> Result<Vec<Node>, Error> {
        let mut items = Vec::new();
        loop {
            if *self.peek()? != Kind::FlowSequenceEnd && !items.is_empty() {
                if *self.peek()? != Kind::FlowEntry {
                    return Err(self.error("neither a ',' nor the ']' of a sequence"));
                }
                self.skip();
            }
            items.push(match self.peek()? {
                Kind::FlowSequenceEnd => return Ok(items),
                Kind::Key => self.single_pair(depth)?,
                _ => self.node(Context::Flow, depth)?,
            });
        }
    }

    /// `key: value` in brackets is a mapping of its own.
    fn single_pair(&mut self, depth: usize) -> Result<Node, Error> {
        self.count()?;
        let offset = self.scanner.offset(self.start());
        let depth = self.deeper(depth)?;
        self.skip();
        let mut key = match self.peek()? {
            Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd => {
                // As libyaml, which takes the token that should have been looked at for the key.
                self.skip();
                self.empty()?
            }
            _ => self.node(Context::Flow, depth)?,
        };
        let mut value = self.flow_value(depth, &Kind::FlowSequenceEnd)?;
        raise_foot(&mut value, &mut key);
        self.peek()?;
        Ok(Node { value: Value::Mapping(vec![(key, value)]), flow: true, offset, ..Node::default() })
    }

    fn flow_value(&mut self, depth: usize, end: &Kind) -> Result<Node, Error> {
        if *self.peek()? == Kind::Value {
            self.skip();
            let next = self.peek()?;
            if *next != Kind::FlowEntry && next != end {
                return self.node(Context::Flow, depth);
            }
        }
        self.empty()
    }

    fn flow_mapping(&mut self, depth: usize) -> Result<Vec<(Node, Node)>, Error> {
        let mut entries = Vec::new();
        loop {
            if *self.peek()? != Kind::FlowMappingEnd && !entries.is_empty() {
                if *self.peek()? != Kind::FlowEntry {
                    return Err(self.error("neither a ',' nor the '}' of a mapping"));
                }
                self.skip();
            }
            let (mut key, mut value) = match self.peek()? {
                Kind::FlowMappingEnd => return Ok(entries),
                Kind::Key => {
                    self.skip();
                    match self.peek()? {
                        Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd => {
                            let key = self.empty()?;
                            (key, self.flow_value(depth, &Kind::FlowMappingEnd)?)
                        }
                        _ => {
                            let key = self.node(Context::Flow, depth)?;
                            (key, self.flow_value(depth, &Kind::FlowMappingEnd)?)
                        }
                    }
                }
                _ => {
                    let key = self.node(Context::Flow, depth)?;
                    self.peek()?;
                    (key, self.empty()?)
                }
            };
            raise_foot(&mut value, &mut key);
            entries.push((key, value));
        }
    }

    /// Takes the bracket or brace that ends a collection, with the comments after it.
    fn end_comments(&mut self) -> (String, String) {
        let end = self.take_comments();
        self.skip();
        (end.line, end.foot)
    }
}

fn boxed(comments: Comments) -> Option<Box<Comments>> {
    (comments != Comments::default()).then(|| Box::new(comments))
}

/// The foot of a mapping, or of a key, belongs to the key before.
fn move_foot(from: &mut Comments, to: &mut Node) {
    if !from.foot.is_empty() {
        to.comments.get_or_insert_default().foot = std::mem::take(&mut from.foot);
    }
}

/// The foot of a value belongs to its key, if that has none.
fn raise_foot(value: &mut Node, key: &mut Node) {
    if let Some(comments) = &mut value.comments
        && key.comments.as_ref().is_none_or(|comments| comments.foot.is_empty())
    {
        move_foot(comments, key);
    }
}
