//! Reading source text line by line: enough to find a slip, without parsing the language.

/// A file of the tree; `path` is relative to its root, with forward slashes.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    pub(crate) fn line(&self, number: usize) -> &str {
        self.text.lines().nth(number - 1).unwrap_or_default()
    }

    /// Lines whose code, comments and unit tests left out, fits.
    pub(crate) fn lines_with(&self, fits: impl Fn(&str) -> bool) -> Vec<usize> {
        self.code().into_iter().filter(|(_, code)| fits(code)).map(|(number, _)| number).collect()
    }

    pub(crate) fn code(&self) -> Vec<(usize, &str)> {
        let mut code = Vec::new();
        if ["tests.rs", "testing.rs"].contains(&file_name(&self.path)) {
            return code;
        }
        let mut in_comment = false;
        for (number, line) in self.numbered() {
            let start = line.trim_start();
            if start.starts_with("mod tests {") && number > 1 && self.line(number - 1).contains("#[cfg(test)]") {
                break;
            }
            in_comment |= start.starts_with("/*");
            if !in_comment {
                code.push((number, without_comment(line)));
            }
            in_comment &= !line.contains("*/");
        }
        code
    }
}

/// Cuts the line at `//` outside of a string.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '"' | '`') if before != '\'' => quote = Some(c),
            (Some(open), _) if c == open && before != '\\' => quote = None,
            (None, '/') if before == '/' => return line.get(..at - 1).unwrap_or_default(),
            _ => {}
        }
        before = c;
    }
    line
}

/// `needle` where no longer word begins before it.
pub(crate) fn has_start(text: &str, needle: &str) -> bool {
    starts(text, needle).next().is_some()
}

/// `needle` as a whole word.
pub(crate) fn has_word(text: &str, needle: &str) -> bool {
    starts(text, needle).any(|at| !text.get(at + needle.len()..).is_some_and(|rest| rest.starts_with(in_word)))
}

fn starts<'t>(text: &'t str, needle: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(needle)
        .map(|(at, _)| at)
        .filter(move |at| !text.get(..*at).is_some_and(|before| before.ends_with(in_word)))
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// A path that begins here, not the middle of a longer one.
pub(crate) fn has_path(text: &str, start: &str) -> bool {
    text.match_indices(start).any(|(at, _)| {
        !text.get(..at).is_some_and(|before| before.ends_with(|c: char| in_word(c) || "./-~}".contains(c)))
    })
}

pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

pub(crate) fn extension(path: &str) -> &str {
    file_name(path).rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// The modules of this crate that a file names, each with its line: what follows `crate::` or `super::`, in braces too.
pub(crate) fn imports(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let code = file.code();
    let text: String = code.iter().map(|(_, line)| format!("{line}\n")).collect();
    for root in ["crate::", "super::"] {
        for at in starts(&text, root) {
            let rest = text.get(at + root.len()..).unwrap_or_default();
            let end = if rest.starts_with('{') { rest.find(';').unwrap_or(rest.len()) } else { rest.len() };
            for (offset, module) in first_segments(rest.get(..end).unwrap_or_default()) {
                let before = text.get(..at + root.len() + offset).unwrap_or_default().matches('\n').count();
                if let Some((line, _)) = code.get(before) {
                    found.push((*line, module));
                }
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// `a::b` gives a; `{a::{b, c}, d}` gives a and d; each with its offset.
fn first_segments(path: &str) -> Vec<(usize, String)> {
    let word =
        |from: usize| -> String { path.get(from..).unwrap_or_default().chars().take_while(|c| in_word(*c)).collect() };
    if !path.starts_with('{') {
        return vec![(0, word(0))];
    }
    let mut segments = Vec::new();
    let mut depth = 0;
    let mut expected = false;
    for (at, c) in path.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if expected && in_word(c) => {
                segments.push((at, word(at)));
                expected = false;
            }
            _ => {}
        }
        expected |= depth == 1 && matches!(c, '{' | ',');
        if depth == 0 {
            break;
        }
    }
    segments
}
