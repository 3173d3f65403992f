//! Forms of a text that are for reading only: which entries have colours and can be reformatted, and that the result
//! stays what it is.

use twinspect::comparison::{Comparison, Form};
use twinspect::stabilize::Profile;
use twinspect_tests::{compare, file, gzip, tar};

const READ: Form = Form { stabilized: false, reformatted: true };

/// Whether any line of a row has colours.
fn is_coloured(comparison: &mut Comparison, row: Option<u32>) -> bool {
    let Ok(window) = comparison.text_window(row, Form::default(), 0..10, 0..10) else { return false };
    window.left.iter().chain(&window.right).any(|line| !line.tokens.is_empty())
}

#[test]
fn the_language_is_that_of_the_innermost_name() {
    let coloured = |path: &str, content: &[u8], other: &[u8]| {
        let archive = |bytes: &[u8]| gzip(&tar(&[file(path, bytes)]));
        let mut comparison = compare(("a.tgz", &archive(content)), ("b.tgz", &archive(other)), Profile::Standard);
        is_coloured(&mut comparison, Some(0))
    };
    let (one, two) = (b"// one\n".as_slice(), b"// two\n".as_slice());
    assert!(coloured("package/a.js", one, two));
    assert!(!coloured("package/a.txt", one, two));
    assert!(!coloured("a.js/b", one, two));
    assert!(coloured("a.js.gz", &gzip(one), &gzip(two)));
    assert!(coloured("bin/tool", b"#!/bin/sh\n", b"#!/bin/sh\n\n"));
    assert!(!coloured("bin/tool", b"echo\n#!/bin/sh\n", b"\n"));
    // Artifacts that are texts themselves.
    assert!(is_coloured(&mut compare(("a.js", one), ("b.js", two), Profile::Standard), None));
    assert!(!is_coloured(&mut compare(("a", one), ("b", two), Profile::Standard), None));
}

#[test]
fn reformatting_changes_nothing_of_the_result() {
    let archive = |call: &str| gzip(&tar(&[file("a.min.js", format!("{}{call}", "f({a:1});".repeat(99)).as_bytes())]));
    let mut comparison = compare(("a.tgz", &archive("g()")), ("b.tgz", &archive("h()")), Profile::Standard);
    let before = comparison.report().clone();
    let raw = comparison.detail(Some(0), Form::default()).unwrap();
    let read = comparison.detail(Some(0), READ).unwrap();
    let (raw_text, text) = (raw.text.clone().unwrap(), read.text.clone().unwrap());
    assert!(raw_text.breakable && !raw_text.reformatted && text.breakable && text.reformatted);
    assert_eq!((raw_text.lines.left, text.added, text.removed), (1, 1, 1));
    assert!(text.lines.left > 100);
    assert_eq!((&raw.fields, &raw.sentences), (&read.fields, &read.sentences));
    // Both forms are answered side by side, and the bytes are those of the file.
    assert_eq!(comparison.text_window(Some(0), Form::default(), 0..9, 0..9).unwrap().left.len(), 1);
    assert_eq!(comparison.text_window(Some(0), READ, 0..9, 0..9).unwrap().left.len(), 9);
    assert_eq!(comparison.detail(Some(0), Form::default()).unwrap(), raw);
    assert_eq!(*comparison.report(), before);
}
