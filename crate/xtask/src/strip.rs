//! Comments out of the published scripts: they are a fifth of their weight. The rest stays as it was written, line for
//! line, for whoever wants to read in the page what it does.
//!
//! Only comments that begin a line go. What a file opens with stays: it says what the file is.

use crate::Outcome;
use std::path::Path;

/// What the scanner is in when a line begins or ends.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Code,
    Comment,
    Template,
}

/// Rewrites every script below a folder.
pub(crate) fn scripts(folder: &Path) -> Outcome<()> {
    let failed = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    for entry in std::fs::read_dir(folder).map_err(|e| failed(folder, e))? {
        let path = entry.map_err(|e| failed(folder, e))?.path();
        if path.is_dir() {
            scripts(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "js") {
            let text = std::fs::read_to_string(&path).map_err(|e| failed(&path, e))?;
            let short = without_comments(&text).map_err(|line| {
                format!("{}:{line}: a string or a comment that begins behind code goes on: comments cannot be told from text", path.display())
            })?;
            std::fs::write(&path, short).map_err(|e| failed(&path, e))?;
        }
    }
    Ok(())
}

/// The text without comments that begin a line; an error is the line that was not understood, counted from 1.
fn without_comments(text: &str) -> Result<String, usize> {
    let mut kept = String::with_capacity(text.len());
    let mut inside = Inside::Code;
    let mut opening = true;
    for (at, line) in text.lines().enumerate() {
        let mut rest = line;
        let mut dropped = false;
        let begun = inside;
        // Comments at the beginning of the line, and what is left of one from the line before.
        while inside != Inside::Template {
            let code = rest.trim_start();
            let block = if inside == Inside::Comment { Some(code) } else { code.strip_prefix("/*") };
            if let Some(block) = block {
                dropped = true;
                match block.split_once("*/") {
                    Some((_, after)) => (inside, rest) = (Inside::Code, after),
                    None => (inside, rest) = (Inside::Comment, ""),
                }
            } else if code.starts_with("//") {
                (dropped, rest) = (true, "");
            } else {
                break;
            }
            if rest.trim().is_empty() {
                break;
            }
        }
        opening &= begun == Inside::Code && line.starts_with("//") && !line.starts_with("// @ts-check");
        if opening {
            kept.push_str(line);
            kept.push('\n');
            continue;
        }
        if dropped && rest.trim().is_empty() {
            continue;
        }
        if dropped {
            kept.extend(line.chars().take_while(|c| c.is_whitespace()));
            rest = rest.trim_start();
        }
        inside = after(rest, inside).ok_or(at + 1)?;
        kept.push_str(rest);
        kept.push('\n');
    }
    Ok(kept)
}

/// What the scanner is in after a line of code; `None` when a string or a comment goes on, which ours never do.
fn after(code: &str, mut inside: Inside) -> Option<Inside> {
    let mut quote = None;
    let mut characters = code.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\\' {
            characters.next();
            continue;
        }
        match (inside, quote) {
            (Inside::Comment, _) => {
                if character == '*' && characters.next_if_eq(&'/').is_some() {
                    inside = Inside::Code;
                }
            }
            (Inside::Template, _) => {
                if character == '`' {
                    inside = Inside::Code;
                }
            }
            (Inside::Code, Some(open)) => {
                if character == open {
                    quote = None;
                }
            }
            (Inside::Code, None) => match character {
                '"' | '\'' => quote = Some(character),
                '`' => inside = Inside::Template,
                '/' if characters.next_if_eq(&'/').is_some() => break,
                '/' if characters.next_if_eq(&'*').is_some() => inside = Inside::Comment,
                _ => {}
            },
        }
    }
    (quote.is_none() && inside != Inside::Comment).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(text: &str) -> String {
        without_comments(text).unwrap()
    }

    #[test]
    fn comments_that_begin_a_line_go() {
        assert_eq!(short("let a;\n// one\n  /** two\n   * three\n   */\nlet b;\n"), "let a;\nlet b;\n");
    }

    #[test]
    fn what_a_file_opens_with_stays() {
        assert_eq!(
            short("// What it is.\n// And for whom.\n// @ts-check\n\nlet a;\n"),
            "// What it is.\n// And for whom.\n\nlet a;\n"
        );
    }

    #[test]
    fn code_behind_a_comment_stays_and_keeps_its_place() {
        assert_eq!(short("f(\n  /** @type {X} */ (x).y,\n);\n"), "f(\n  (x).y,\n);\n");
    }

    #[test]
    fn what_looks_like_a_comment_in_text_stays() {
        for text in [
            "let a = `\n// text\n/* text */\n`;\n",
            "let a = \"// text\";\n",
            "let a = 1; // said\n",
            "let a = /\\/$/;\n",
        ] {
            assert_eq!(short(text), text);
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        assert_eq!(without_comments("let a;\nlet b = \"x;\n"), Err(2));
        assert_eq!(without_comments("let a; /* one\n two */\nlet b;\n"), Err(1));
    }
}
