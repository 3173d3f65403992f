//! Which language a text is in, by its name or its `#!`.

use crate::reading::{base_name, extension};
use crate::syntax::Language;
use crate::syntax::languages::LANGUAGES;

/// Bytes of the first line that are looked at.
const MOST_LINE: usize = 200;

/// The language of a content, by its path and its beginning; `None` for every other one.
pub fn recognise(path: &[u8], head: &[u8]) -> Option<&'static Language> {
    let extension = extension(path);
    let name = base_name(path);
    let has = |list: &[&str], word: &[u8]| list.iter().any(|item| item.as_bytes() == word);
    LANGUAGES
        .iter()
        .find(|language| has(language.names, name))
        .or_else(|| LANGUAGES.iter().find(|language| has(language.extensions, &extension)))
        .or_else(|| {
            let interpreter = interpreter(head).filter(|_| extension.is_empty())?;
            LANGUAGES.iter().find(|language| has(language.interpreters, interpreter))
        })
}

/// The program that a `#!` names, without its path and version: `python` for `#!/usr/bin/env -S python3.11 -u`.
fn interpreter(head: &[u8]) -> Option<&[u8]> {
    let line = head.get(..MOST_LINE).unwrap_or(head).strip_prefix(b"#!")?;
    let line = line.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    let mut words = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let mut program = base_name(words.next()?);
    if program == b"env" {
        program = base_name(words.find(|word| !word.starts_with(b"-") && !word.contains(&b'='))?);
    }
    let version = program.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    program.get(..program.len() - version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_by_names_and_never_by_contents_alone() {
        let check = |path: &str, head: &str, expected: Option<&str>| {
            let found = recognise(path.as_bytes(), head.as_bytes()).map(|language| language.id);
            assert_eq!(found, expected, "{path:?} {head:?}");
        };
        check("package/index.mjs", "", Some("javascript"));
        check("package/INDEX.JS", "", Some("javascript"));
        check("a/package.json", "", Some("json"));
        check("a/Makefile", "", Some("make"));
        check("six-1.16.0.dist-info/METADATA", "", Some("headers"));
        check("a/METADATA/x", "", None);
        check("bin/tool", "#!/usr/bin/env node\n", Some("javascript"));
        check("bin/tool", "#!/usr/bin/env -S A=1 python3.11 -u\r\n", Some("python"));
        check("bin/tool", "#! /bin/bash\n", Some("shell"));
        check("bin/tool", "#!/opt/unknown\n", None);
        check("bin/tool", "x = 1\n#!/bin/sh\n", None);
        check("bin/tool", "#!", None);
        check("bin/tool", "#!/usr/bin/env\n", None);
        check("notes.txt", "#!/bin/sh\n", None);
        check(".js", "", None);
        check("", "", None);
    }
}
