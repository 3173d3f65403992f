//! Every output of hostile and of secret artifacts; the patch applied by a reader of our own.

use crate::artifact::{Artifact, Sides};
use crate::comparison::{Comparison, Options};
use crate::display::is_hidden;
use crate::export::{FORMATS, Format, Redaction, export, inspection};
use crate::limits::Limits;
use crate::report::Verdict;

/// A member of a tar: path, content, PAX records.
struct Member<'a> {
    path: &'a [u8],
    content: &'a [u8],
    records: &'a [(&'a str, &'a [u8])],
}

fn file<'a>(path: &'a [u8], content: &'a [u8]) -> Member<'a> {
    Member { path, content, records: &[] }
}

/// A tar with PAX headers, so that names can be anything.
fn tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut entry = |kind: u8, name: &[u8], content: &[u8]| {
        let mut header = [0u8; 512];
        header[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
        header[100..108].copy_from_slice(b"0000644\0");
        header[108..116].copy_from_slice(b"0000000\0");
        header[116..124].copy_from_slice(b"0000000\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[136..148].copy_from_slice(b"00000000001\0");
        header[148..156].copy_from_slice(b"        ");
        header[156] = kind;
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(512), 0);
    };
    for member in members {
        let mut records = Vec::new();
        let path: (&str, &[u8]) = ("path", member.path);
        for (key, value) in member.records.iter().chain((member.path.len() > 100).then_some(&path)) {
            let rest = key.len() + value.len() + 3;
            let mut length = rest + 1;
            while length != rest + length.to_string().len() {
                length = rest + length.to_string().len();
            }
            records.extend_from_slice(format!("{length} {key}=").as_bytes());
            records.extend_from_slice(value);
            records.push(b'\n');
        }
        if !records.is_empty() {
            entry(b'x', b"pax", &records);
        }
        entry(b'0', member.path, member.content);
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn compared(left: (&str, Vec<u8>), right: (&str, Vec<u8>)) -> Comparison {
    let artifacts = Sides { left: Artifact::new(left.0, left.1), right: Artifact::new(right.0, right.1) };
    let read = |artifact: &Artifact| crate::read::read(artifact, &Limits::default(), &mut |_| {}).unwrap();
    let readings = Sides { left: read(&artifacts.left), right: read(&artifacts.right) };
    Comparison::new(artifacts, readings, Options::default()).unwrap()
}

/// Every output that there is of a comparison.
fn all(comparison: &mut Comparison, redaction: Redaction) -> Vec<(Format, String)> {
    let outputs = FORMATS.iter().filter_map(|info| {
        let bytes = export(comparison, info.format, redaction).ok()?;
        Some((info.format, String::from_utf8_lossy(&bytes).into_owned()))
    });
    outputs.collect()
}

const ACTIVE: &str =
    "</pre></style><script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) @user #1 ```` ` |";

/// What must never act, in names and in contents.
fn hostile(version: &str) -> Vec<u8> {
    let content = format!("{ACTIVE}\n\u{1b}[2J\u{9b}31m\u{202e}{version}\n=1+1\n````\n{version}\n");
    let long = "n".repeat(1_000_000);
    let members = [
        file(b"<script>alert(1)<!script>.js", content.as_bytes()),
        file(b"=cmd|' !A0'.js", content.as_bytes()),
        file("exe.\u{202e}txt\u{1b}]8;;x\u{7}.js".as_bytes(), content.as_bytes()),
        file(b"``a`b ````.js", content.as_bytes()),
        file(b"@user [l](http:x) #1 <b>.js", content.as_bytes()),
        file(b"invalid\xff\xfe.js", b"a\xffb\n"),
        file(b"a|b,\"c\"\n\r\tx.js", content.as_bytes()),
        file(b"../../up.js", content.as_bytes()),
        file(long.as_bytes(), content.as_bytes()),
        file(b"javascript:alert(1)", version.as_bytes()),
    ];
    tar(&members)
}

#[test]
fn hostile_names_and_contents_are_inert_in_every_output() {
    let name = "<img src=x onerror=alert(1)>\u{202e}\u{1b}[31m=.tar";
    let mut comparison = compared((name, hostile("one")), (name, hostile("two")));
    let outputs = all(&mut comparison, Redaction::None);
    assert_eq!(outputs.len(), FORMATS.len() - 1, "all but the statement of an equivalence");
    for (format, text) in &outputs {
        if *format != Format::Patch {
            let found = text.chars().find(|c| is_hidden(*c) && !matches!(c, '\n' | '\t' | '\r'));
            assert_eq!(found, None, "{format:?}");
        }
        match format {
            Format::Html => {
                let body = text.split_once("</style>").unwrap().1;
                for active in ["<script", "<img", "onerror=alert(1)>", "</style"] {
                    assert!(!body.contains(active), "{active}");
                }
                assert!(body.contains("&lt;script&gt;"));
                assert_eq!(text.matches("<style>").count(), 1);
                // One long name is shown by its beginning, in each of its few places.
                assert!(text.len() < 400_000, "{}", text.len());
            }
            Format::Markdown => markdown_is_inert(text),
            Format::Csv => {
                let lines: Vec<&str> = text.split("\r\n").collect();
                assert_eq!(lines.len(), comparison.report().rows.len() + 3, "one line for each row, no more");
                assert!(lines.iter().all(|line| line.is_empty() || line.starts_with('"')));
                for cell in text.split("\r\n").flat_map(|line| line.split("\",\"")) {
                    let cell = cell.trim_start_matches('"');
                    assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
                }
                assert!(text.contains("\"'=cmd|"));
            }
            Format::Sarif => {
                let log: serde_json::Value = serde_json::from_str(text).unwrap();
                let run = &log["runs"][0];
                assert!(run["results"].as_array().unwrap().len() >= 10);
                for artifact in run["artifacts"].as_array().unwrap() {
                    let uri = artifact["location"]["uri"].as_str().unwrap();
                    assert!(!uri.contains([':', '<', '>', '"', '\\', ' ', '|']) && !uri.starts_with('/'), "{uri}");
                    assert!(!uri.split('/').any(|part| part == ".."), "{uri}");
                }
                let texts = run["results"].as_array().unwrap().iter().map(|result| &result["message"]["text"]);
                assert!(texts.filter_map(|text| text.as_str()).all(|text| !text.contains("[l](")));
            }
            Format::Patch => {
                assert!(text.contains("# not included (no file can have this path): ../../up.js"));
                assert!(
                    text.contains("\"a/exe.\\342\\200\\256txt\\033]8;;x\\a.js\"")
                        || text.contains("\\033]8;;x\\007.js")
                );
                let comments: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
                assert!(comments.iter().all(|line| !line.contains(is_hidden)), "{comments:?}");
            }
            Format::Json | Format::InToto => {}
        }
    }
}

/// Outside of code spans and fenced blocks there is only what we wrote.
fn markdown_is_inert(text: &str) {
    assert!(text.len() < 65_536, "{} characters", text.len());
    let mut fence: Option<usize> = None;
    for line in text.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        let is_bare = line.trim_matches('`').is_empty() && ticks >= 3;
        match fence {
            Some(open) => fence = if is_bare && ticks >= open { None } else { fence },
            None if ticks >= 3 && line.trim_start_matches('`') == "diff" => fence = Some(ticks),
            None => {
                let outside = without_spans(line);
                for active in ['<', '@', '[', '|', '`'] {
                    assert!(!outside.contains(active), "{active} in {outside}");
                }
            }
        }
    }
    assert_eq!(fence, None, "a block stays open");
}

/// A line without its code spans, as CommonMark finds them.
fn without_spans(line: &str) -> String {
    let run = |text: &str| text.len() - text.trim_start_matches('`').len();
    let (mut out, mut rest) = (String::new(), line);
    while let Some(start) = rest.find('`') {
        out.push_str(&rest[..start]);
        let ticks = run(&rest[start..]);
        let mut at = start + ticks;
        loop {
            let Some(next) = rest[at..].find('`') else {
                out.push_str(&rest[start..]);
                return out;
            };
            let close = run(&rest[at + next..]);
            at += next + close;
            if close == ticks {
                break;
            }
        }
        rest = &rest[at..];
    }
    out + rest
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let make = || compared(("a.tar", hostile("one")), ("b.tar", hostile("two")));
    for redaction in Redaction::ALL {
        assert_eq!(all(&mut make(), redaction), all(&mut make(), redaction));
    }
}

#[test]
fn what_is_withheld_is_in_no_output() {
    let side = |which: &str| {
        // The secret is in contents, in values and keys of fields, and so in messages and sentences about them.
        let content = format!("token = CONTENT-SECRET-{which}\n");
        let script = format!("{{\"name\":\"demo\",\"scripts\":{{\"postinstall\":\"CONTENT-SECRET-{which}\"}}}}");
        let value = format!("CONTENT-SECRET-{which}");
        let records: [(&str, &[u8]); 2] = [("uname", value.as_bytes()), ("X.CONTENT-SECRET-key", value.as_bytes())];
        tar(&[
            Member { path: b"package/PATH-SECRET/a.txt", content: content.as_bytes(), records: &records },
            file(b"package/package.json", script.as_bytes()),
            file(format!("package/PATH-SECRET-{which}/moved.txt").as_bytes(), b"the same on both sides\n"),
            file(b"package/PATH-SECRET-twice", b"1"),
            file(b"package/PATH-SECRET-twice", which.as_bytes()),
        ])
    };
    let make = || compared(("NAME-SECRET-1.tar", side("one")), ("NAME-SECRET-2.tar", side("two")));
    let secrets = ["CONTENT-SECRET", "PATH-SECRET", "NAME-SECRET"];
    for (level, redaction) in Redaction::ALL.into_iter().enumerate() {
        let mut comparison = make();
        let outputs = all(&mut comparison, redaction);
        for (format, text) in &outputs {
            for secret in secrets.iter().take(level) {
                assert!(!text.contains(secret), "{secret} in {format:?} under {redaction:?}:\n{text}");
            }
            let digest = &comparison.report().sides.left.sha256;
            assert!(*format == Format::Csv || text.contains(digest), "digests stay: {format:?}");
        }
        let told = outputs.iter().find(|(format, _)| *format == Format::Json).unwrap();
        let kept: Vec<bool> = secrets.iter().map(|secret| told.1.contains(secret)).collect();
        assert_eq!(kept, [level < 1, level < 2, level < 3], "{redaction:?}");
        let alone = crate::summarize::inspect(comparison.side(crate::artifact::Side::Left).0);
        for info in FORMATS.iter().filter(|info| info.inspects) {
            let bytes = inspection(&alone, info.format, redaction).unwrap();
            let text = String::from_utf8(bytes).unwrap();
            for secret in secrets.iter().take(level) {
                assert!(!text.contains(secret), "{secret} in {:?} of an inspection under {redaction:?}", info.format);
            }
        }
    }
}

#[test]
fn a_statement_withholds_names_too() {
    let mut comparison = compared(("NAME-SECRET.txt", b"same".to_vec()), ("NAME-SECRET-2.txt", b"same".to_vec()));
    assert_eq!(comparison.report().verdict, Verdict::Identical);
    let text = |redaction, comparison: &mut Comparison| {
        String::from_utf8(export(comparison, Format::InToto, redaction).unwrap()).unwrap()
    };
    assert_eq!(text(Redaction::None, &mut comparison), comparison.statement().unwrap());
    assert!(text(Redaction::Paths, &mut comparison).contains("NAME-SECRET"));
    assert!(!text(Redaction::Names, &mut comparison).contains("NAME-SECRET"));
}

#[test]
fn a_page_needs_nothing_and_runs_nothing() {
    let mut comparison = compared(("a.tar", hostile("one")), ("b.tar", hostile("two")));
    let page = String::from_utf8(export(&mut comparison, Format::Html, Redaction::None).unwrap()).unwrap();
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    for outside in ["src=\"", "<link", "@import", "url(", "href=\"http", " style=\"", "unsafe-inline", "<script"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn the_name_of_a_file_tells_the_output() {
    let check = |name: &str, expected: Option<Format>| assert_eq!(Format::by_file(name), expected, "{name}");
    check("x.HTML", Some(Format::Html));
    check("x.sarif.json", Some(Format::Sarif));
    check("x.intoto.json", Some(Format::InToto));
    check("x.json", Some(Format::Json));
    check("x.md", Some(Format::Markdown));
    check("x.diff", Some(Format::Patch));
    check("x.txt", None);
    for info in FORMATS {
        assert_eq!(Format::by_file(info.file), Some(info.format), "{}", info.file);
        assert_eq!(Format::by_id(info.id), Some(info.format));
    }
}
