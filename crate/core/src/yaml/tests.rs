//! What is read, how it is kept, and what is refused.

use super::*;

/// A tree on one line: `tag &anchor 'text'`, `[…]`, `{key: value}`, `*alias`.
fn show(node: &Node) -> String {
    let tag = node.tag.iter().map(|tag| format!("{tag} "));
    let anchor = node.anchor.iter().map(|anchor| format!("&{anchor} "));
    let properties: String = tag.chain(anchor).collect();
    let value = match &node.value {
        Value::Scalar { text, style: Style::Plain } => text.escape_default().to_string(),
        Value::Scalar { text, style: Style::SingleQuoted } => format!("'{}'", text.escape_default()),
        Value::Scalar { text, style: Style::DoubleQuoted } => format!("\"{}\"", text.escape_default()),
        Value::Scalar { text, style: Style::Literal } => format!("|{}|", text.escape_default()),
        Value::Scalar { text, style: Style::Folded } => format!(">{}>", text.escape_default()),
        Value::Sequence(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Value::Mapping(entries) => {
            let entries: Vec<_> =
                entries.iter().map(|(key, value)| format!("{}: {}", show(key), show(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Alias(name) => format!("*{name}"),
    };
    format!("{properties}{value}")
}

fn check(text: &str, expected: &str) {
    match parse(text.as_bytes()) {
        Ok(node) => assert_eq!(show(&node), expected, "{text:?}"),
        Err(error) => assert_eq!(error.to_string(), expected, "{text:?}"),
    }
}

#[test]
fn collections_in_both_styles() {
    check("a: 1\nb:\n- x\n- y: z\n  w: v\n", "{a: 1, b: [x, {y: z, w: v}]}");
    check("- - a\n  - b\n-\n- c", "[[a, b], , c]");
    check("{a: [b, c: d], e}", "{a: [b, {c: d}], e: }");
    check("? a\n: b\n? c\n", "{a: b, c: }");
    check("[]", "[]");
    check("{}", "{}");
    check("", "");
    check("# nothing\n", "");
}

#[test]
fn scalars_in_every_style() {
    check("a b\n c\n\n d", "a b c\\nd");
    check("'it''s'", "'it\\'s'");
    check("\"a\\tb\\u00e9\\\n  c\"", "\"a\\tb\\u{e9}c\"");
    check("|\n a\n  b\n\n", "|a\\n b\\n|");
    check("|-\n a\n", "|a|");
    check("|+\n a\n\n", "|a\\n\\n|");
    check(">\n a\n b\n\n c\n", ">a b\\nc\\n>");
    check("|2\n   a\n", "| a\\n|");
    check("a: |\r\n b\r\n", "{a: |b\\n|}");
}

#[test]
fn properties_stay_and_aliases_are_not_followed() {
    check(
        "--- !ruby/object:Gem::Version\nversion: &v !!str 1\nother: *v\n",
        "!ruby/object:Gem::Version {version: !!str &v 1, other: *v}",
    );
    check("%TAG !e! tag:e.org,2000:\n---\n!e!x%20y a", "tag:e.org,2000:x y a");
    check("! a", "! a");
    check("!<tag:yaml.org,2002:int> 1", "!!int 1");
    check("*a", "an alias without its anchor (byte 0)");
    check("&a [*a]", "&a [*a]");
}

#[test]
fn equal_keys_are_both_there() {
    let node = parse(b"a: 1\nb: 2\na: 3\n").unwrap();
    assert_eq!(show(&node), "{a: 1, b: 2, a: 3}");
    assert_eq!(node.get("a").and_then(Node::as_str), Some("1"));
    assert_eq!(node.duplicate().map(|key| key.offset), Some(10));
    assert_eq!(parse(b"a: 1\nb: 1\n").unwrap().duplicate(), None);
}

#[test]
fn null_is_a_plain_word() {
    for (text, is_null) in
        [("", true), ("~", true), ("null", true), ("'~'", false), ("!!str null", false), ("nil", false), ("[]", false)]
    {
        assert_eq!(parse(text.as_bytes()).unwrap().is_null(), is_null, "{text}");
    }
}

#[test]
fn what_is_wrong_has_a_place() {
    check("a: b: c", "a value cannot start here (byte 4)");
    check("a: 1\n\tb: 2", "a tab as indentation in a plain scalar (byte 3)");
    check("a: @b", "a character that cannot start anything (byte 3)");
    check("a: 'x", "quotes that do not end (byte 3)");
    check("[a", "neither a ',' nor the ']' of a sequence (byte 2)");
    check("a: 1\nb\n", "did not find the ':' of a key (byte 5)");
    check("!e!x a", "a tag handle that is not declared (byte 0)");
    check("a: \u{1}", "a control character (byte 3)");
    check("%YAML 1.2\n---\na", "a version of YAML other than 1.1 (byte 0)");
    assert_eq!(parse(b"\xef\xbb\xbfa: \xff").unwrap_err().to_string(), "not UTF-8 (byte 6)");
}

#[test]
fn one_document_only() {
    check("--- a\n...\n", "a");
    check("--- a\n--- b\n", "something follows the document (byte 6)");
    assert_eq!(parse_first(b"--- a\n--- b\n").unwrap().root.as_ref().map(show), Some("a".to_string()));
}

#[test]
fn utf_16_is_read() {
    assert_eq!(parse(b"\xff\xfea\0:\0 \0\xe9\0").map(|node| show(&node)), Ok("{a: \\u{e9}}".to_string()));
    assert_eq!(parse(b"\xfe\xff\0a\0:\0 \0b").map(|node| show(&node)), Ok("{a: b}".to_string()));
}

#[test]
fn comments_are_beside_their_nodes() {
    let node = parse(b"# head\na: 1 # line\n# foot\n\nb: 2\n").unwrap();
    let (key, value) = &node.entries()[0];
    let comments = |node: &Node| node.comments.as_deref().cloned().unwrap_or_default();
    assert_eq!(
        (comments(key).head.as_str(), comments(value).line.as_str(), comments(key).foot.as_str()),
        ("# head", "# line", "# foot")
    );
}

#[test]
fn hostile_documents_end_soon() {
    let deep = |open: &str, close: &str, depth: usize| format!("{}{}", open.repeat(depth), close.repeat(depth));
    assert!(parse(deep("[", "]", MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(parse(deep("[", "]", MAX_DEPTH + 1).as_bytes()).unwrap_err().message, "nested too deep");
    assert_eq!(parse("[".repeat(1 << 20).as_bytes()).unwrap_err().message, "nested too deep");
    assert_eq!(parse("- ".repeat(1 << 20).as_bytes()).unwrap_err().message, "nested too deep");
    assert_eq!(parse("? ".repeat(1 << 20).as_bytes()).unwrap_err().message, "nested too deep");
    assert_eq!(parse("- a\n".repeat(MAX_NODES).as_bytes()).unwrap_err().message, "too many nodes");
    assert_eq!(parse("#\n\n".repeat(MAX_NODES + 1).as_bytes()).map(|_| ()), Ok(()));

    let bomb: String = (1..60).map(|level| format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1)).collect();
    let node = parse(format!("a0: &a0 lol\n{bomb}").as_bytes()).unwrap();
    assert_eq!(node.entries().len(), 60);

    let anchors: String = (0..20_000).map(|number| format!("- &a{number} x\n- *a{number}\n")).collect();
    assert_eq!(parse(anchors.as_bytes()).unwrap().items().len(), 40_000);

    let long = "x y\n ".repeat(2 << 20);
    for (text, expected) in
        [(long.clone(), (8 << 20) - 1), (format!("'{long}'"), 8 << 20), (format!("\"{long}\""), 8 << 20)]
    {
        assert_eq!(parse(text.as_bytes()).unwrap().as_str().map(str::len), Some(expected));
    }
}

#[test]
fn damage_is_an_error_or_another_tree() {
    let text = "%TAG !e! e:\n---\n# c\na: &x !e!t [1, {b: 'c', d: \"\\u00e9\\\n e\", *x : f}] # l\n? |2-\n    e\n: >+\n  f\n\nz: *x\n...\n";
    assert!(parse(text.as_bytes()).is_ok());
    let check = |bytes: &[u8]| match parse_first(bytes) {
        Ok(document) => assert!(normalize(&document, 1 << 20, |_| false).is_some()),
        Err(error) => assert!(usize::try_from(error.offset).unwrap() <= bytes.len() && !error.message.is_empty()),
    };
    for at in 0..text.len() {
        check(&text.as_bytes()[..at]);
        for byte in [0, b' ', b'\n', b'\t', b'-', b':', b'#', b'"', b'[', b'}', b'?', 0xC3, 0xFF] {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = byte;
            check(&changed);
        }
    }
}
