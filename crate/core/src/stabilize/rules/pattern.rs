//! Regular expressions in the syntax of Go's `regexp`, which upstream's rules are written in, for the crate `regex`.
//!
//! Both are linear in time and prefer the leftmost, first alternative. They differ in what some escapes mean (Go's `\d`
//! is ASCII, its `\s` has no vertical tab) and in what each takes literally; the translation writes every such piece
//! in full. What Go refuses is refused. Two differences stay: in bytes that are not UTF-8, `.` and `[^…]` match nothing
//! here, where Go matches one byte; and a repetition right after flags (`a(?i)+`), which Go applies to what stands before
//! them, is refused.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

use regex::bytes::{Regex, RegexBuilder};

/// Bytes that a compiled expression may take.
const MOST_COMPILED: usize = 4 << 20;
/// Repetitions that Go allows.
const MOST_REPEATS: u32 = 1000;

/// Compiles an expression.
///
/// # Errors
/// Why it cannot be used.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let mut translation = Translation { rest: pattern.chars().peekable(), out: String::new(), repeatable: false };
    translation.all()?;
    RegexBuilder::new(&translation.out)
        .size_limit(MOST_COMPILED)
        .build()
        .map_err(|error| error.to_string().lines().last().unwrap_or("it cannot be read").trim().to_owned())
}

struct Translation<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    /// Whether a repetition may follow.
    repeatable: bool,
}

impl Translation<'_> {
    fn all(&mut self) -> Result<(), String> {
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                '*' | '+' | '?' => self.repeat(&character.to_string())?,
                '{' => match self.counts()? {
                    Some(counts) => self.repeat(&counts)?,
                    None => self.literal('{'),
                },
                '|' => {
                    self.out.push('|');
                    self.repeatable = false;
                }
                '.' | '^' | '$' | ')' => {
                    self.out.push(character);
                    self.repeatable = true;
                }
                other => self.literal(other),
            }
        }
        Ok(())
    }

    fn literal(&mut self, character: char) {
        push_literal(&mut self.out, character);
        self.repeatable = true;
    }

    fn piece(&mut self, text: &str) {
        self.out.push_str(text);
        self.repeatable = true;
    }

    fn repeat(&mut self, operator: &str) -> Result<(), String> {
        if !self.repeatable {
            return Err(format!("there is nothing that {operator} could repeat"));
        }
        self.out.push_str(operator);
        if self.rest.next_if_eq(&'?').is_some() {
            self.out.push('?');
        }
        // Go refuses a repetition of a repetition.
        self.repeatable = false;
        Ok(())
    }

    /// The rest of `{2}`, `{2,}` or `{2,3}`; `None` if it is not of this form and the brace is a literal.
    fn counts(&mut self) -> Result<Option<String>, String> {
        let mut ahead = self.rest.clone();
        let mut text = String::new();
        for character in ahead.by_ref() {
            if character == '}' {
                break;
            }
            text.push(character);
            if text.len() > 16 {
                return Ok(None);
            }
        }
        let number = |text: &str| -> Option<u32> {
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            (plain && (text == "0" || !text.starts_with('0'))).then(|| text.parse().unwrap_or(u32::MAX))
        };
        let (low, high) = match text.split_once(',') {
            None => (number(&text), Some(None)),
            Some((low, "")) => (number(low), Some(None)),
            Some((low, high)) => (number(low), number(high).map(Some)),
        };
        let closed = self.rest.clone().any(|character| character == '}');
        let (Some(low), Some(high), true) = (low, high, closed) else { return Ok(None) };
        if low > MOST_REPEATS || high.is_some_and(|high| high > MOST_REPEATS || high < low) {
            return Err(format!("{{{text}}} is not a count of up to {MOST_REPEATS}"));
        }
        self.rest = ahead;
        Ok(Some(format!("{{{text}}}")))
    }

    fn group(&mut self) -> Result<(), String> {
        self.repeatable = false;
        self.out.push('(');
        if self.rest.next_if_eq(&'?').is_none() {
            return Ok(());
        }
        self.out.push('?');
        let mut head = String::new();
        for character in self.rest.by_ref() {
            head.push(character);
            if matches!(character, ':' | ')' | '>') {
                break;
            }
        }
        let named = head.strip_prefix("P<").or_else(|| head.strip_prefix('<')).and_then(|name| name.strip_suffix('>'));
        if let Some(name) = named {
            let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if name.is_empty() || !name.bytes().all(word) || name.starts_with(|first: char| first.is_ascii_digit()) {
                return Err(format!("{name} is not a name that a group can have"));
            }
        } else {
            let flags = head.strip_suffix([':', ')']).unwrap_or("?");
            let (on, off) = flags.split_once('-').unwrap_or((flags, ""));
            let known = |flags: &str| flags.chars().all(|flag| matches!(flag, 'i' | 'm' | 's' | 'U'));
            let something = head.ends_with(':') || !on.is_empty() || !off.is_empty();
            if !known(on) || !known(off) || flags.ends_with('-') || !something {
                return Err(format!("(?{head} is not a group that Go knows"));
            }
        }
        self.out.push_str(&head);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        let Some(character) = self.rest.next() else { return Err("it ends with a backslash".to_owned()) };
        match character {
            'A' => self.piece(r"\A"),
            'z' => self.piece(r"\z"),
            'b' => self.piece(r"(?-u:\b)"),
            'B' => self.piece(r"(?-u:\B)"),
            'Q' => self.quoted(),
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => {
                let class = format!("[{}]", perl(character));
                self.piece(&class);
            }
            'p' | 'P' => {
                let class = self.property(character)?;
                self.piece(&class);
            }
            other => {
                let found = self.character(other)?;
                self.literal(found);
            }
        }
        Ok(())
    }

    /// `\Q…\E`: everything literally, to the end if nothing ends it.
    fn quoted(&mut self) {
        while let Some(character) = self.rest.next() {
            if character == '\\' && self.rest.next_if_eq(&'E').is_some() {
                return;
            }
            self.literal(character);
        }
    }

    /// `\pL`, `\p{Greek}`, `\p{^Greek}`.
    fn property(&mut self, letter: char) -> Result<String, String> {
        let mut negated = letter == 'P';
        let mut name = match self.rest.next() {
            Some('{') => {
                let mut name = String::new();
                loop {
                    match self.rest.next() {
                        Some('}') => break name,
                        Some(character) if name.len() < 64 => name.push(character),
                        _ => return Err(format!("\\{letter}{{ has no end")),
                    }
                }
            }
            Some(one) => one.to_string(),
            None => return Err(format!("\\{letter} wants a class")),
        };
        if let Some(rest) = name.strip_prefix('^') {
            negated = !negated;
            name = rest.to_owned();
        }
        if name.is_empty() || !name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_') {
            return Err(format!("{name} is not a class of characters"));
        }
        Ok(format!("\\{}{{{name}}}", if negated { 'P' } else { 'p' }))
    }

    /// The character that an escape stands for, after its first letter.
    fn character(&mut self, first: char) -> Result<char, String> {
        let refused = || format!("\\{first} is not an escape that Go knows");
        let code = match first {
            'a' => 7,
            'f' => 12,
            't' => 9,
            'n' => 10,
            'r' => 13,
            'v' => 11,
            '0'..='7' => {
                // `\1` to `\7` alone are back references, which Go does not have.
                if first != '0' && !self.rest.peek().is_some_and(|next| next.is_digit(8)) {
                    return Err(refused());
                }
                let mut code = first.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = self.rest.peek().and_then(|next| next.to_digit(8)) else { break };
                    code = code * 8 + digit;
                    self.rest.next();
                }
                code
            }
            'x' => {
                let mut digits = String::new();
                if self.rest.next_if_eq(&'{').is_some() {
                    loop {
                        match self.rest.next() {
                            Some('}') => break,
                            Some(digit) if digits.len() < 8 => digits.push(digit),
                            _ => return Err(refused()),
                        }
                    }
                } else {
                    digits.extend(self.rest.next());
                    digits.extend(self.rest.next());
                    if digits.len() != 2 {
                        return Err(refused());
                    }
                }
                u32::from_str_radix(&digits, 16).map_err(|_| refused())?
            }
            other if other.is_ascii_punctuation() || other.is_ascii_control() || other == ' ' => u32::from(other),
            _ => return Err(refused()),
        };
        char::from_u32(code).ok_or_else(refused)
    }

    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let Some(character) = self.rest.next() else { return Err("a class has no end".to_owned()) };
            match character {
                ']' if !first => break,
                '[' if self.rest.peek() == Some(&':') && self.posix()? => {}
                '\\' if matches!(self.rest.peek(), Some('d' | 'D' | 's' | 'S' | 'w' | 'W')) => {
                    let letter = self.rest.next().unwrap_or_default();
                    let _ = write!(self.out, "[{}]", perl(letter));
                }
                '\\' if matches!(self.rest.peek(), Some('p' | 'P')) => {
                    let letter = self.rest.next().unwrap_or_default();
                    let class = self.property(letter)?;
                    self.out.push_str(&class);
                }
                other => {
                    let low = self.member(other)?;
                    push_code(&mut self.out, low);
                    let mut ahead = self.rest.clone();
                    if ahead.next() == Some('-') && ahead.next().is_some_and(|next| next != ']') {
                        self.rest.next();
                        let next = self.rest.next().unwrap_or_default();
                        let high = self.member(next)?;
                        if high < low {
                            return Err(format!("{low}-{high} is not a range"));
                        }
                        self.out.push('-');
                        push_code(&mut self.out, high);
                    }
                }
            }
            first = false;
        }
        self.out.push(']');
        self.repeatable = true;
        Ok(())
    }

    fn member(&mut self, character: char) -> Result<char, String> {
        if character != '\\' {
            return Ok(character);
        }
        match self.rest.next() {
            Some(first) => self.character(first),
            None => Err("it ends with a backslash".to_owned()),
        }
    }

    /// `[:alpha:]` inside a class, after its bracket; false if it is not of this form.
    fn posix(&mut self) -> Result<bool, String> {
        let mut ahead = self.rest.clone();
        ahead.next();
        let mut name = String::new();
        loop {
            match ahead.next() {
                None => return Ok(false),
                Some(':') if ahead.next_if_eq(&']').is_some() => break,
                Some(character) => name.push(character),
            }
        }
        let known = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
            "word", "xdigit",
        ];
        if !known.contains(&name.strip_prefix('^').unwrap_or(&name)) {
            return Err(format!("[:{name}:] is not a class of characters"));
        }
        let _ = write!(self.out, "[:{name}:]");
        self.rest = ahead;
        Ok(true)
    }
}

/// What Go's Perl classes are.
fn perl(letter: char) -> &'static str {
    match letter {
        'd' => "0-9",
        'D' => "^0-9",
        's' => r"\t\n\x0c\r ",
        'S' => r"^\t\n\x0c\r ",
        'w' => "0-9A-Za-z_",
        _ => "^0-9A-Za-z_",
    }
}

fn push_literal(out: &mut String, character: char) {
    if character.is_ascii_punctuation() {
        push_code(out, character);
    } else {
        out.push(character);
    }
}

fn push_code(out: &mut String, character: char) {
    // Writing to a string does not fail.
    let _ = write!(out, "\\x{{{:x}}}", u32::from(character));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, replace: &str, expected: &str) {
        let regex = compile(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        let found = regex.replace_all(text.as_bytes(), replace.as_bytes());
        assert_eq!(String::from_utf8_lossy(&found), expected, "{pattern}");
    }

    #[test]
    fn what_both_know_means_the_same() {
        check("Hello", "Hello, Hello", "Changed", "Changed, Changed");
        check("\r\n", "a\r\nb", "\n", "a\nb");
        check(r"\r\n", "a\r\nb", "\n", "a\nb");
        check("(a)(b)?", "ab a", "$2$1", "ba a");
        check("(?P<x>a+)", "aab", "<${x}>", "<aa>b");
        check("(?<x>a+)", "aab", "<$x>", "<aa>b");
        check("(?i)hello", "HELLO", "x", "x");
        check("(?m)^a$", "a\nb\na", "x", "x\nb\nx");
        check("^a$", "a\nb\na", "x", "a\nb\na");
        check("(?s)a.b", "a\nb", "x", "x");
        check("a{2,3}?", "aaaa", "x", "xx");
        check("a|b", "ab", "x", "xx");
        check("x*", "abc", "-", "-a-b-c-");
    }

    #[test]
    fn perl_classes_are_ascii() {
        check(r"\d", "1\u{661}", "x", "x\u{661}");
        check(r"\w+", "aé", "x", "xé");
        check(r"\s", "a\u{b}b\tc\u{a0}", "_", "a\u{b}b_c\u{a0}");
        check(r"[\d.]+", "1.2\u{661}", "x", "x\u{661}");
        check(r"[^\D]", "a1", "x", "ax");
        check(r"\bé", "é", "x", "é");
        check(r"\S\W", "a!", "x", "x");
    }

    #[test]
    fn what_only_the_crate_reads_specially_is_literal() {
        check("[a&&b]", "&", "x", "x");
        check("[[]", "[", "x", "x");
        check("[!--b]", "-", "x", "x");
        check("[a~~b]", "~", "x", "x");
        check("a{,2}", "a{,2}", "x", "x");
        check("a{", "a{", "x", "x");
        check("a{x}", "a{x}", "x", "x");
        check("]}", "]}", "x", "x");
        check(r"\<\>", "<>", "x", "x");
        check(r"\Qa.b*\E+", "a.b**", "x", "x");
        check(r"\Qa.b", "a.b axb", "x", "x axb");
        check(r"\101\x42\x{43}", "ABC", "x", "x");
        check("[]a]", "]a", "x", "xx");
        check("[a-]", "a-", "x", "xx");
        check("[[:alpha:]0]+", "ab0-", "x", "x-");
        check("[[:^alpha:]]", "a0", "x", "ax");
        check(r"\p{^Greek}\pL", "aα", "x", "x");
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for pattern in [
            "(",
            ")",
            "[a--b]",
            "[",
            "[a",
            "a**",
            "a+*",
            "*",
            "+a",
            "|*",
            "a{1001}",
            "a{2,1}",
            r"\1",
            r"\C",
            r"\y",
            r"\8",
            r"\",
            "(?x)a",
            "(?R)a",
            "(?=a)",
            "(?!a)",
            "(?<!a)",
            "(?P<1>a)",
            "(?P<>a)",
            r"\x",
            r"\xZZ",
            r"\p{",
            "[z-a]",
            r"\x{110000}",
            r"\Z",
        ] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn large_expressions_are_refused() {
        assert!(compile(&"(a{1000}){1000}".repeat(10)).is_err());
    }
}
