//! Foreign text made inert, for each reader in its own way.

use std::fmt::{self, Write as _};

use crate::display::is_hidden;

/// Text of several lines with nothing in it that a terminal obeys or a reader does not see: line ends and tabs stay.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_visible(&mut out, text, |hidden| matches!(hidden, '\n' | '\t'));
    out
}

/// The same on one line: line ends and tabs are escaped too.
pub(super) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_visible(&mut out, text, |_| false);
    out
}

fn push_visible(out: &mut String, text: &str, stays: impl Fn(char) -> bool) {
    for character in text.chars() {
        if is_hidden(character) && !stays(character) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
        } else {
            out.push(character);
        }
    }
}

/// One line, at most `most` characters of it; says how many are missing.
pub(super) fn cut(text: &str, most: usize) -> String {
    let text = line(text);
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let head = text.get(..end).unwrap_or_default();
            let missing = text.chars().count() - most;
            format!("{head}… ({missing} more characters)")
        }
        None => text,
    }
}

/// Text in HTML, as content of an element or between double quotes.
pub(super) struct Html<'a>(pub(super) &'a str);

impl fmt::Display for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(character)?,
                hidden if is_hidden(hidden) => write!(f, "\\u{{{:x}}}", u32::from(hidden))?,
                plain => f.write_char(plain)?,
            }
        }
        Ok(())
    }
}

/// A code span of Markdown: there no markup, mention, link, reference or entity means anything. On one line, and longer
/// than any run of backticks inside.
pub(super) fn code_span(text: &str) -> String {
    let text = line(text);
    if text.is_empty() {
        return "` `".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // One space on each side is taken away where both are there, unless there is nothing else.
    let needs_space = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let pad = if needs_space && !text.chars().all(|character| character == ' ') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The longest run of backticks.
pub(super) fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// A cell of a table: always in quotes, and never a formula for a program that opens it.
pub(super) fn cell(text: &str) -> String {
    // The guard is judged before hidden characters are escaped: a tab or carriage return in front counts.
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", line(text).replace('"', "\"\""))
}

/// A path as part of a relative URI: everything but letters, digits and `-._~/!` is a percent-encoded byte. What could be
/// read as a scheme, an authority or a step up is encoded too.
pub(super) fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for part in path.split_inclusive('/') {
        let name = part.trim_end_matches('/');
        let is_dots = matches!(name, "." | "..");
        for byte in part.bytes() {
            match byte {
                // Two slashes in a row, or one in front, would begin an authority or a root.
                b'/' if name.is_empty() => out.push_str("%2F"),
                b'.' if is_dots => out.push_str("%2E"),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'!' => {
                    out.push(char::from(byte))
                }
                _ => {
                    let _ = write!(out, "%{byte:02X}");
                }
            }
        }
    }
    out
}

/// Text of a SARIF message: brackets would be a link, braces a placeholder.
pub(super) fn message(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in line(text).chars() {
        match character {
            '\\' | '[' | ']' => out.extend(['\\', character]),
            '{' | '}' => out.extend([character, character]),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_text() {
        let check = |text: &str, expected: &str| assert_eq!(Html(text).to_string(), expected);
        check("</style><img src=x onerror='a'>&\"", "&lt;/style&gt;&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot;");
        check("a\u{202e}\u{1b}[0m\tb\n", "a\\u{202e}\\u{1b}[0m\tb\n");
    }

    #[test]
    fn a_code_span_is_longer_than_what_is_in_it() {
        let check = |text: &str, expected: &str| assert_eq!(code_span(text), expected);
        check("plain @user #1", "`plain @user #1`");
        check("a``b", "```a``b```");
        check("`", "`` ` ``");
        check(" x ", "`  x  `");
        check("", "` `");
        check("a\n# b", "`a\\u{a}# b`");
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        let check = |text: &str, expected: &str| assert_eq!(cell(text), expected);
        check("=1+1", "\"'=1+1\"");
        check("\tx", "\"'\\u{9}x\"");
        check("\rx", "\"'\\u{d}x\"");
        check("@a", "\"'@a\"");
        check("a\"b,c", "\"a\"\"b,c\"");
        check("a=1", "\"a=1\"");
    }

    #[test]
    fn a_uri_stays_below_its_base() {
        let check = |path: &str, expected: &str| assert_eq!(uri(path), expected);
        check("a b/c.js", "a%20b/c.js");
        check("javascript:alert(1)", "javascript%3Aalert%281%29");
        check("../../etc", "%2E%2E/%2E%2E/etc");
        check("//host/x", "%2F%2Fhost/x");
        check("in.zip!/a\\xff", "in.zip!/a%5Cxff");
        check("ü?#", "%C3%BC%3F%23");
    }

    #[test]
    fn a_message_has_no_links_and_no_placeholders() {
        assert_eq!(message("[a](http://b) {0} \\"), "\\[a\\](http://b) {{0}} \\\\");
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 2), "ab… (4 more characters)");
    }
}
