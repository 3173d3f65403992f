//! What `yaml.v3` 3.0.1 writes, noted from it.

use super::*;
use crate::yaml::parse_first;

fn check(cases: &[(&str, &str)]) {
    for (before, after) in cases {
        let document = parse_first(before.as_bytes()).unwrap_or_else(|error| panic!("{before:?}: {error}"));
        assert_eq!(normalize(&document, usize::MAX, |_| false).as_deref(), Some(*after), "{before:?}");
    }
}

#[test]
fn quotes_stay_where_text_needs_them() {
    check(&[
        ("a: \"b\"\n", "a: b\n"),
        ("a: 'b c'\n", "a: b c\n"),
        ("a: \"1.0\"\n", "a: \"1.0\"\n"),
        ("a: 1.0\n", "a: 1.0\n"),
        ("a: ''\n", "a: \"\"\n"),
        ("a:\n", "a:\n"),
        ("a: ~\n", "a: ~\n"),
        ("a: \"~\"\n", "a: \"~\"\n"),
        ("a: '>='\n", "a: '>='\n"),
        ("a: \"a: b\"\n", "a: 'a: b'\n"),
        ("a: \"a #b\"\n", "a: 'a #b'\n"),
        ("a: 'it''s'\n", "a: it's\n"),
        ("a: \"- b\"\n", "a: '- b'\n"),
        ("a: \"-b\"\n", "a: -b\n"),
        ("a: \" b\"\n", "a: ' b'\n"),
        ("a: \"b:\"\n", "a: 'b:'\n"),
        ("a: 'yes'\n", "a: yes\n"),
        ("a: \"---\"\n", "a: '---'\n"),
    ]);
}

#[test]
fn characters_are_escaped_or_not() {
    check(&[
        ("a: \"b\\tc\"\n", "a: \"b\\tc\"\n"),
        ("a: \"\\0\\a\\b\\v\\f\\r\\e\\x7f\\N\\_\\L\\P\"\n", "a: \"\\0\\a\\b\\v\\f\\r\\e\\x7F\\N\u{a0}\\L\\P\"\n"),
        ("a: \"\\ufeffb\"\n", "a: \"\\uFEFF\\x62\"\n"),
        ("a: \"b\\ufeff\"\n", "a: \"b\\uFEFF\"\n"),
        ("a: \"😀é\"\n", "a: \"\\U0001F600é\"\n"),
        ("a: é\n", "a: é\n"),
        ("a: \"b\\u2028c\"\n", "a: 'b\u{2028}  c'\n"),
        ("a: 'b\u{2028}c'\n", "a: 'b\u{2028}  c'\n"),
    ]);
}

#[test]
fn several_lines_become_a_block() {
    check(&[
        ("a: \"b\\nc\"\n", "a: |-\n  b\n  c\n"),
        ("a: \"b\\nc\\n\"\n", "a: |\n  b\n  c\n"),
        ("a: \"b\\n\\n\"\n", "a: |+\n  b\n\n"),
        ("a: \"\\nb\"\n", "a: |2-\n  b\n"),
        ("a: \"\\n\"\n", "a: |2+\n"),
        ("a: \" b\\nc\"\n", "a: |2-\n   b\n  c\n"),
        ("a: \"b \\nc\"\n", "a: \"b \\nc\"\n"),
        ("a: \"b\\n c\"\n", "a: |-\n  b\n   c\n"),
        ("a: \"b\\nc \"\n", "a: \"b\\nc \"\n"),
        ("a: \"b\\tc\\n\"\n", "a: |\n  b\tc\n"),
        ("a: >\n  b\n  c\n\n  d\n", "a: |\n  b c\n  d\n"),
        ("|\n  a\n", "|\n  a\n"),
        ("- |2\n   a\n", "- |2\n   a\n"),
        ("a: |+\n  b\n\nc: d\n", "a: |+\n  b\n\nc: d\n"),
    ]);
}

#[test]
fn collections_become_blocks() {
    check(&[
        ("- - a\n  - b\n- c\n", "- - a\n  - b\n- c\n"),
        ("- a: b\n  c: d\n", "- a: b\n  c: d\n"),
        ("a:\n- b\n-\n- []\n- {}\n", "a:\n  - b\n  -\n  - []\n  - {}\n"),
        ("? - a\n: b\n", "? - a\n: b\n"),
        ("? a\n  b\n: c\n", "a b: c\n"),
        ("\"a\\nb\": c\n", "? |-\n  a\n  b\n: c\n"),
        ("[a, b]: c\n", "? - a\n  - b\n: c\n"),
        ("{}: a\n", "{}: a\n"),
        ("\"\": a\n", "\"\": a\n"),
        ("[a, [b], {c: d}]\n", "- a\n- - b\n- c: d\n"),
    ]);
    let (short, long) = ("k".repeat(127), "k".repeat(129));
    let (simple, marked) = (format!("&x {short}: b\n"), format!("? {long}\n: b\n"));
    check(&[(&simple, &simple), (&format!("{long}: b\n"), &marked)]);
}

#[test]
fn tags_stay_where_the_text_means_something_else() {
    check(&[
        ("{a: , b}\n", "a:\nb:\n"),
        ("!t a\n", "!t a\n"),
        ("!!str 1\n", "\"1\"\n"),
        ("!!int \"1\"\n", "1\n"),
        ("!!float 1\n", "!!float 1\n"),
        ("! 1\n", "1\n"),
        ("!<tag:e.org,2000:a!b> c\n", "!<tag:e.org,2000:a%21b> c\n"),
        ("!!x c\n", "!!x c\n"),
        ("!a%20b c\n", "!a%20b c\n"),
        ("!t\n", "!t\n"),
        ("&a !t\nb: c\n", "&a !t\nb: c\n"),
        ("!!map {a: b}\n", "a: b\n"),
        ("!!seq {a: b}\n", "!!seq\na: b\n"),
        ("- &a b\n- *a\n- *a : c\n", "- &a b\n- *a\n- *a: c\n"),
        ("<<: &a\n", "!!merge <<: &a\n"),
        ("'<<': a\n", "<<: a\n"),
    ]);
}

#[test]
fn comments_stay_with_their_nodes() {
    check(&[
        ("!!binary YQ==\n", "!!binary YQ==\n"),
        ("# a\n\n# b\nc: d # e\n# f\n\n# g\n", "# a\n\n# b\nc: d # e\n# f\n\n# g\n"),
        ("- a # b\n# c\n- d\n", "- a # b\n# c\n- d\n"),
        ("a: # b\n  c: d\n", "a: # b\n  c: d\n"),
        ("a: # b\n  - c\n", "a: # b\n  - c\n"),
        ("a:\n  # b\n  c\nd: e\n", "a: c\n# b\nd: e\n"),
        ("a:\n  b: c\n  # d\n# e\nf: g\n", "a:\n  b: c\n  # d\n# e\nf: g\n"),
        ("# a\r\nb: c\r\n# d\r\n", "# a\n\nb: c\n# d\n"),
        ("[a, # b\n c] # d\n", "- a # b\n- c\n"),
        ("- # a\n  - b\n", "- # a\n  - b\n"),
        ("a: | # b\n  c\n", "a: | # b\n  c\n"),
        ("? a # b\n: c\n", "a: c # b\n"),
        ("- a\n  # b\n\n# c\n- d\n", "- a\n# b\n\n# c\n- d\n"),
        ("a: []\n# b\n", "a: []\n\n# b\n"),
        ("k0:\n  ? |\n # c\n  : {} # d\n", "k0:\n  \"\": {\n    # c\n} # d\n"),
    ]);
}

#[test]
fn the_first_document_is_written() {
    check(&[
        ("--- a\n...\nb\n", "a\n"),
        ("a: b\n--- c\n", "a: b\n"),
        ("[a] b\n", "- a\n"),
        ("", "null\n"),
        ("# a\n", "null\n"),
        ("%YAML 1.1\n--- a\n", "a\n"),
        ("a: 1\na: 2\n", "a: 1\na: 2\n"),
    ]);
}

#[test]
fn texts_that_shall_stay_in_quotes_do() {
    let document = parse_first(b"- 'yes'\n- yes\n- 'no'\n").unwrap();
    let text = normalize(&document, usize::MAX, |text| text == "yes");
    assert_eq!(text.as_deref(), Some("- \"yes\"\n- yes\n- no\n"));
}

#[test]
fn a_text_that_grows_too_long_is_not_written() {
    let deep = format!("{}{}{}", "[".repeat(60), "a,".repeat(1000), "]".repeat(60));
    let document = parse_first(deep.as_bytes()).unwrap();
    assert_eq!(normalize(&document, 100_000, |_| false), None);
    let length = normalize(&document, 200_000, |_| false).map(|text| text.len());
    assert_eq!(length, Some(60 * 2 + 1000 * (2 * 59 + 4) - 2 * 59 - 2));
}
