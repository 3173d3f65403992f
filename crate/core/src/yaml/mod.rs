//! A YAML document as data: a tree that keeps what was written.
//!
//! The dialect is that of libyaml and its descendants (YAML 1.1's syntax, as Ruby, Go and Python's common libraries read
//! it), because what is read here was written by one of them and its readers decide what it means. Two things follow that
//! a parser for YAML 1.2 would do differently: what is accepted, and where comments belong. Both are those of Go's
//! `yaml.v3` 3.0.1, so that a pass that rewrites a document gives what OSS Rebuild gives.
//!
//! Nothing is interpreted: `1.0` stays text with the style plain; an alias stays an alias, so a document that expands to
//! terabytes costs what it weighs; keys keep their order, and a key that stands twice is there twice.
//!
//! ```
//! let node = twinspect::yaml::parse(b"- name: &a 'x'\n- name: *a\n").unwrap();
//! let names: Vec<_> = node.items().iter().filter_map(|item| item.get("name")).collect();
//! assert_eq!(names[0].as_str(), Some("x"));
//! assert_eq!(names[1].as_str(), None);
//! ```

use std::collections::BTreeSet;
use std::fmt;

mod build;
mod chars;
mod comment;
mod emit;
mod form;
mod scalar;
mod scan;
mod schema;
mod tag;
#[cfg(test)]
mod tests;
mod text;

pub use emit::normalize;

/// How deep collections may nest. Recursion over a tree is bounded by it.
pub const MAX_DEPTH: usize = 64;

/// How many nodes, keys included, a document may have. A gem that lists 50,000 files has fewer.
pub const MAX_NODES: usize = 1 << 18;

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What happened, as a clause: `did not find the ':' of a key`.
    pub message: String,
    /// Byte offset in the input. (In UTF-16 input: of the same place in its UTF-8 form.)
    pub offset: u64,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.message, self.offset)
    }
}

impl std::error::Error for Error {}

/// One node of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// The tag as written, with its handle resolved: `!ruby/object:Gem::Version`, `!!str` for what YAML itself defines
    /// (`tag:yaml.org,2002:str`), or `!`. `None` where none was written.
    pub tag: Option<String>,
    /// The name by which aliases refer to it.
    pub anchor: Option<String>,
    /// What it holds.
    pub value: Value,
    /// Whether it is a collection in brackets or braces.
    pub flow: bool,
    /// The comments that belong to it.
    pub comments: Option<Box<Comments>>,
    /// Byte offset of its first character, properties included.
    pub offset: u64,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, unescaped and unfolded, not interpreted.
    Scalar {
        /// The text.
        text: String,
        /// How it was written.
        style: Style,
    },
    /// Nodes in order.
    Sequence(Vec<Node>),
    /// Keys and values in order, equal keys each.
    Mapping(Vec<(Node, Node)>),
    /// The anchor of an earlier node; never followed.
    Alias(String),
}

impl Default for Value {
    fn default() -> Self {
        Self::Scalar { text: String::new(), style: Style::Plain }
    }
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: what it means depends on the text.
    #[default]
    Plain,
    /// `'text'`
    SingleQuoted,
    /// `"text"`
    DoubleQuoted,
    /// A block after `|`.
    Literal,
    /// A block after `>`.
    Folded,
}

/// Comments around a node, each with its `#`, lines separated by line feeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    /// On the lines before.
    pub head: String,
    /// At the end of its line.
    pub line: String,
    /// On the lines after.
    pub foot: String,
}

/// A document: its root, and the comments that belong to none of its nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The root; `None` for input that holds nothing but space and comments.
    pub root: Option<Node>,
    /// Before everything.
    pub head: String,
    /// After everything.
    pub foot: String,
    /// What is wrong with what follows; a second document is wrong too.
    pub rest: Option<Error>,
}

/// Parses bytes that hold one document; an empty one is an empty plain scalar.
///
/// # Errors
/// Where it is not YAML, where something follows the document, and above [`MAX_DEPTH`] and [`MAX_NODES`].
pub fn parse(bytes: &[u8]) -> Result<Node, Error> {
    let text = text::decode(bytes);
    let document = build::document(&text)?;
    match document.rest {
        Some(error) => Err(error),
        None => Ok(document.root.unwrap_or_default()),
    }
}

/// Parses the first document, whatever follows it.
///
/// # Errors
/// As [`parse`].
pub fn parse_first(bytes: &[u8]) -> Result<Document, Error> {
    let text = text::decode(bytes);
    build::document(&text)
}

impl Node {
    /// The value of the first key that is this text.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// The text of a scalar, as written: `~` is the text `~`.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The nodes of a sequence; empty for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// Keys and values of a mapping; empty for anything else.
    pub fn entries(&self) -> &[(Self, Self)] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The tag that it has, written or implied by its style and text, as `yaml.v3` resolves it; empty for an alias.
    pub fn resolved_tag(&self) -> &str {
        let written = self.tag.as_deref().filter(|tag| *tag != "!");
        match (&self.value, written) {
            (Value::Alias(_), _) => "",
            (_, Some(tag)) => tag,
            (Value::Sequence(_), None) => "!!seq",
            (Value::Mapping(_), None) => "!!map",
            (Value::Scalar { text, style: Style::Plain }, None) if text == "<<" => "!!merge",
            (Value::Scalar { text, style: Style::Plain }, None) => schema::tag(text),
            (Value::Scalar { .. }, None) => "!!str",
        }
    }

    /// Whether it is a scalar that means nothing: empty, `~` or `null`, without quotes.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { style: Style::Plain, .. }) && self.resolved_tag() == "!!null"
    }

    /// The first key of a mapping that stood there before.
    pub fn duplicate(&self) -> Option<&Self> {
        let mut seen = BTreeSet::new();
        self.entries().iter().map(|(key, _)| key).find(|key| key.as_str().is_some_and(|text| !seen.insert(text)))
    }
}
