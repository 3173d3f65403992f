//! Where the long lines of scripts, styles and data can be broken, for reading.
//!
//! Nothing is written again: the answer is where pieces of a line begin and how deep they stand. So the pieces put
//! together are the line, byte for byte, and a difference is one of the pieces, never of the breaks.

use crate::syntax::table::Breaks;
use crate::syntax::{Kind, Language, State, tokens};

/// A text with a longer line than this, in bytes, is worth breaking.
pub const LONG: usize = 500;
/// Lines up to this long, in bytes, are left as they are.
const SHORT: usize = 160;
/// In pieces that are longer than this, in bytes, lists of arguments are broken, too.
const FULL: usize = 80;
/// Texts longer than this, in bytes, are not broken.
pub const MOST_BYTES: usize = 16 << 20;

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it begins.
    pub start: usize,
    /// How many blocks are open around it.
    pub depth: usize,
}

/// A text being broken, from its first line to its last.
pub struct Breaker {
    language: &'static Language,
    breaks: Breaks,
    state: State,
    /// The brackets that are open.
    open: Vec<u8>,
    /// How many of them are of blocks.
    depth: usize,
    /// Templates with code in them that are open: nothing is broken in them.
    templates: usize,
}

/// One line being broken.
struct Line<'given> {
    line: &'given [u8],
    pieces: Vec<Piece>,
    /// Whether it is broken at all.
    long: bool,
}

impl Line<'_> {
    /// Begins a piece behind the white space at a place, unless there is none or nothing follows.
    fn cut(&mut self, at: usize, depth: usize) {
        let rest = self.line.get(at..).unwrap_or_default();
        let start = at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match self.pieces.last_mut() {
            _ if !self.long || start >= self.line.len() => {}
            Some(last) if start <= last.start => {
                if start == last.start && start > 0 {
                    last.depth = depth;
                }
            }
            _ => self.pieces.push(Piece { start, depth }),
        }
    }

    /// Where the current piece begins.
    fn begun(&self) -> usize {
        self.pieces.last().map_or(0, |piece| piece.start)
    }
}

impl Breaker {
    /// For a text in a language; `None` where lines mean something, or it has no blocks.
    pub fn new(language: &'static Language) -> Option<Self> {
        let breaks = language.breaks?;
        Some(Self { language, breaks, state: State::default(), open: Vec::new(), depth: 0, templates: 0 })
    }

    /// The pieces of the next line, without its end: at least one, the first at 0, the others behind each other.
    pub fn line(&mut self, line: &[u8]) -> Vec<Piece> {
        let first = Piece { start: 0, depth: self.first_depth(line) };
        let mut broken = Line { line, pieces: vec![first], long: line.len() > SHORT };
        let found = tokens(self.language, &mut self.state, line, false);
        let mut at = 0;
        for token in found {
            self.marks(&mut broken, at..token.range.start);
            let text = line.get(token.range.clone()).unwrap_or_default();
            if token.kind == Kind::String && text.starts_with(b"}") {
                self.templates = self.templates.saturating_sub(1);
            }
            if token.kind == Kind::String && text.ends_with(b"${") {
                self.templates += 1;
            }
            at = token.range.end;
            // A notice stands for itself; the hints of a minifier do not.
            if token.kind == Kind::Comment && (text.starts_with(b"/*!") || text.len() > FULL) {
                broken.cut(at, self.depth);
            }
        }
        self.marks(&mut broken, at..line.len());
        broken.pieces
    }

    /// Lines with an indentation of their own keep it alone.
    fn first_depth(&self, line: &[u8]) -> usize {
        match line.first() {
            None | Some(b' ' | b'\t') => 0,
            Some(b'}' | b']') => self.depth.saturating_sub(1),
            _ => self.depth,
        }
    }

    /// Goes through what is neither a string nor a comment.
    fn marks(&mut self, broken: &mut Line, range: std::ops::Range<usize>) {
        if self.templates > 0 {
            return;
        }
        let line = broken.line;
        for (at, &byte) in line.iter().enumerate().take(range.end).skip(range.start) {
            // Only behind a bracket: white space is looked through once, however much of it there is.
            let next = || line.get(at + 1..).unwrap_or_default().trim_ascii_start().first().copied();
            match byte {
                b'{' | b'[' | b'(' => {
                    self.open.push(byte);
                    if self.is_block(byte) {
                        self.depth += 1;
                        if next() != Some(closing(byte)) {
                            broken.cut(at + 1, self.depth);
                        }
                    }
                }
                b'}' | b']' | b')' => {
                    let closed = self.open.pop_if(|open| closing(*open) == byte);
                    if closed.is_some_and(|open| self.is_block(open)) {
                        self.depth = self.depth.saturating_sub(1);
                        let before = line.get(..at).unwrap_or_default().trim_ascii_end().last();
                        if before.is_none_or(|before| closing(*before) != byte) {
                            broken.cut(at, self.depth);
                        }
                        let stays = next().is_some_and(|next| b";,)].:(?=&|`".contains(&next));
                        if self.breaks != Breaks::Data && !stays {
                            broken.cut(at + 1, self.depth);
                        }
                    }
                }
                b';' if self.breaks != Breaks::Data && self.open.last() != Some(&b'(') => {
                    broken.cut(at + 1, self.depth);
                }
                b',' => {
                    let list = match self.breaks {
                        Breaks::Data => true,
                        Breaks::Script => !matches!(self.open.last(), Some(b'(' | b'[')),
                        Breaks::Style => false,
                    };
                    let full =
                        at - broken.begun() > FULL && (self.breaks, self.open.last()) != (Breaks::Style, Some(&b'('));
                    if list || full {
                        broken.cut(at + 1, self.depth);
                    }
                }
                _ => {}
            }
        }
    }

    fn is_block(&self, open: u8) -> bool {
        open == b'{' || (open == b'[' && self.breaks == Breaks::Data)
    }
}

/// What closes a bracket; 0 for what is none.
fn closing(open: u8) -> u8 {
    match open {
        b'{' => b'}',
        b'[' => b']',
        b'(' => b')',
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::recognise;

    /// The pieces of a text, each on its line and indented. Lines are made long by a comment that is cut off again.
    fn broken(path: &str, line: &str) -> String {
        let mut breaker = Breaker::new(recognise(path.as_bytes(), b"").unwrap()).unwrap();
        let long = format!("{line}{}", " ".repeat(SHORT + 1));
        let pieces = breaker.line(long.as_bytes());
        let mut drawing = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            let end = pieces.get(at + 1).map_or(long.len(), |next| next.start);
            drawing += &format!("{}{}\n", "  ".repeat(piece.depth), long[piece.start..end].trim_end());
        }
        drawing
    }

    #[test]
    fn scripts_are_broken_between_statements() {
        assert_eq!(
            broken("a.js", "!function(a,b){var c=1,d={e:{},f:[1,2]};for(;;){g(a,b)}}(x);h();"),
            "!function(a,b){\n  var c=1,\n  d={\n    e:{},\n    f:[1,2]\n  };\n  for(;;){\n    g(a,b)\n  }\n}(x);\nh();\n"
        );
        assert_eq!(broken("a.js", "/*! a;b */a();b()"), "/*! a;b */\na();\nb()\n");
    }

    #[test]
    fn nothing_is_broken_in_strings_patterns_comments_and_templates() {
        for line in ["a=\"b;{c}\"", "a=/[;{]}/", "a=`;{${b;{c}}};${`;{`}`", "a/*;{*/", "a// ;{}"] {
            assert_eq!(broken("a.js", line), format!("{line}\n"));
        }
        assert_eq!(broken("a.js", "a='\\';{';b"), "a='\\';{';\nb\n");
    }

    #[test]
    fn data_and_styles() {
        assert_eq!(
            broken("a.json", "{\"a,\":[1,{}],\"b\":{\"c\":\"{\"}}"),
            "{\n  \"a,\":[\n    1,\n    {}\n  ],\n  \"b\":{\n    \"c\":\"{\"\n  }\n}\n"
        );
        assert_eq!(
            broken("a.css", "@media x{a,b{color:red;background:url(data:a;b,c)}}c{}"),
            "@media x{\n  a,b{\n    color:red;\n    background:url(data:a;b,c)\n  }\n}\nc{}\n"
        );
    }

    #[test]
    fn white_space_is_not_looked_through_again_from_each_of_its_bytes() {
        let mut breaker = Breaker::new(recognise(b"a.js", b"").unwrap()).unwrap();
        // A megabyte: half a million million steps, if it were.
        let line = format!("a{{{}b}}", " ".repeat(1 << 20));
        let pieces = breaker.line(line.as_bytes());
        assert_eq!(pieces.iter().map(|piece| piece.depth).collect::<Vec<_>>(), [0, 1, 0]);
    }

    #[test]
    fn short_lines_and_other_languages_stay() {
        let mut breaker = Breaker::new(recognise(b"a.js", b"").unwrap()).unwrap();
        assert_eq!(breaker.line(b"a{b;c}"), [Piece { start: 0, depth: 0 }]);
        assert!(Breaker::new(recognise(b"a.py", b"").unwrap()).is_none());
        assert!(Breaker::new(recognise(b"a.md", b"").unwrap()).is_none());
    }

    #[test]
    fn pieces_are_in_order_and_none_is_empty_whatever_comes() {
        let parts = [
            "{", "}", "[", "]", "(", ")", ";", ",", "\"", "'", "`", "${", "/", "/*", "*/", "//", "\\", " ", "a",
            "\u{fc}", "\0",
        ];
        for seed in 1..=200 {
            let mut random = crate::compare::Random(seed);
            for path in ["a.js", "a.json", "a.css"] {
                let mut breaker = Breaker::new(recognise(path.as_bytes(), b"").unwrap()).unwrap();
                for _ in 0..5 {
                    let line: String = (0..random.below(400)).map(|_| parts[random.below(parts.len())]).collect();
                    let starts: Vec<usize> = breaker.line(line.as_bytes()).iter().map(|piece| piece.start).collect();
                    assert_eq!(starts[0], 0);
                    assert!(starts.is_sorted_by(|a, b| a < b) && starts.iter().all(|start| *start <= line.len()));
                    assert!(starts.len() == 1 || starts.iter().all(|start| *start < line.len()));
                }
            }
        }
    }
}
