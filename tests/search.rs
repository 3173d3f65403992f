//! Search: what is planted at any depth is found and counted, and what only looks like it is not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use twinspect::artifact::Sides;
use twinspect::comparison::Options;
use twinspect::limits::Limits;
use twinspect::report::search::{SearchEntry, SearchReport};
use twinspect::search::{Query, Scope, Search};
use twinspect::stabilize::Profile;
use twinspect::store::{CACHE, Store};
use twinspect_tests::{ar, compare, compare_with, file, gzip, link, read, tar, zip};

fn query(text: &str) -> Query {
    Query { text: text.to_owned(), ..Query::default() }
}

fn finish(mut search: Search, scope: Scope<'_>, step: u64) -> SearchReport {
    let mut steps = 0;
    while !search.step(scope, step).finished {
        steps += 1;
        assert!(steps < 1_000_000, "a search ends");
    }
    search.report(scope)
}

fn alone(name: &str, bytes: &[u8], query: Query) -> SearchReport {
    let reading = read(name, bytes);
    let store = Store::with_bases(std::sync::Arc::new(bytes.to_vec()), &reading.bases, &Limits::default(), CACHE);
    let scope = Scope { sides: Sides { left: Some((&reading, &store)), right: None } };
    finish(Search::alone(query, scope, 60).unwrap(), scope, 1 << 20)
}

fn both(left: (&str, &[u8]), right: (&str, &[u8]), query: Query) -> SearchReport {
    let comparison = compare(left, right, Profile::Standard);
    finish(comparison.search(query).unwrap(), comparison.scope(), 1 << 20)
}

fn package(content: &[u8]) -> Vec<u8> {
    let inner = zip(&[file("lib/readme.txt", b"nothing here\n"), file("lib/x.bin", content)]);
    let data = gzip(&tar(&[file("./usr/a.txt", b"one\n"), file("./usr/lib.zip", &inner)]));
    let control = gzip(&tar(&[file("./control", b"Package: x\nVersion: 1\nArchitecture: all\n")]));
    ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &control), ("data.tar.gz", &data)])
}

fn entry<'a>(report: &'a SearchReport, end: &str) -> &'a SearchEntry {
    let ends = |path: &Option<String>| path.as_ref().is_some_and(|path| path.ends_with(end));
    report.found.iter().find(|entry| ends(&entry.paths.left) || ends(&entry.paths.right)).unwrap()
}

#[test]
fn a_string_in_a_zip_in_a_tar_gz_in_a_deb_is_found_and_its_look_alike_is_not() {
    let (a, b) = (package(b"\x00\x01 planted-needle \xff"), package(b"\x00\x01 planted-needl3 \xff"));
    let report = both(("a.deb", &a), ("b.deb", &b), query("planted-needle"));
    assert_eq!(report.matches, Sides { left: 1, right: 0 });
    assert_eq!(report.entries, Sides { left: 1, right: 0 });
    let found = entry(&report, "lib.zip!/lib/x.bin");
    let one = &found.listed[0];
    assert_eq!(one.left.unwrap().offset, 3);
    assert_eq!((one.left.unwrap().line, one.right), (None, None), "no text, so no line");
    assert!(one.excerpt.contains("planted-needle"), "{}", one.excerpt);
    assert!(!one.excerpt.contains('\u{1}'), "escaped: {:?}", one.excerpt);
    assert_eq!(alone("a.deb", &a, query("planted-needle")).matches.left, 1);
    assert_eq!(alone("b.deb", &b, query("planted-needle")).matches.left, 0);
}

#[test]
fn counts_are_right_on_both_sides_and_equal_contents_are_searched_once() {
    let same = b"needle needle\nneedle\n";
    let a = tar(&[
        file("same.txt", same),
        file("copy.txt", same),
        file("old.txt", b"a needle\nb\n"),
        file("only-a", b"needle"),
    ]);
    let b = tar(&[file("same.txt", same), file("copy.txt", same), file("old.txt", b"x\na needle\nnew needle\n")]);
    let report = both(("a.tar", &a), ("b.tar", &b), query("needle"));
    assert_eq!(report.matches, Sides { left: 8, right: 8 });
    assert_eq!(report.entries, Sides { left: 4, right: 3 });
    assert_eq!(report.contents, 4, "same.txt, two old.txt, only-a");
    let old = entry(&report, "old.txt");
    assert_eq!(old.matches, Sides { left: 1, right: 2 });
    let lines: Vec<_> =
        (old.listed.iter()).map(|one| (one.left.and_then(|at| at.line), one.right.and_then(|at| at.line))).collect();
    assert_eq!(lines, [(Some(1), Some(2)), (None, Some(3))], "the same words are one match on both sides");
    assert_eq!(entry(&report, "same.txt").listed[2].right.unwrap().line, Some(2));
    let mut comparison = compare(("a.tar", &a), ("b.tar", &b), Profile::Standard);
    let row = entry(&report, "old.txt").row;
    let spot = old.listed[1].right.unwrap();
    assert_eq!(comparison.line_at(row, twinspect::artifact::Side::Right, spot.offset).unwrap(), Some(2));
}

#[test]
fn a_string_that_spans_windows_is_found_wherever_the_border_is() {
    // Windows are 64 KiB: the text stands at every place around the second border, whole or in halves.
    for shift in 0..24_usize {
        let mut content = vec![b'.'; (128 << 10) - 12 + shift];
        content.extend_from_slice(b"spanning-needle");
        content.extend_from_slice(&vec![b'.'; 70_000]);
        for ignore_case in [false, true] {
            let text = if ignore_case { "SPANNING-needle" } else { "spanning-needle" };
            let query = Query { text: text.to_owned(), ignore_case, regex: false };
            let report = alone("a", &content, query);
            assert_eq!(report.matches.left, 1, "{shift}");
            assert_eq!(report.found[0].listed[0].left.unwrap().offset, ((128 << 10) - 12 + shift) as u64);
        }
        let query = Query { text: "span+ing-n[e]+dle".to_owned(), regex: true, ignore_case: false };
        assert_eq!(alone("a", &content, query).matches.left, 1, "{shift}");
    }
}

#[test]
fn lines_are_those_of_the_text_view_across_windows() {
    let mut content = Vec::new();
    for line in 1..=20_000 {
        let end = ["\n", "\r\n", "\r"][line % 3];
        content.extend_from_slice(format!("line {line} of a text{end}").as_bytes());
    }
    let report = alone(
        "a.txt",
        &content,
        Query { text: r"^line (9|9000|19999) of".to_owned(), regex: true, ignore_case: false },
    );
    // A lone CR ends no line for an expression.
    let lines: Vec<_> = report.found[0].listed.iter().map(|one| one.left.unwrap().line.unwrap()).collect();
    assert!(!lines.is_empty(), "{report:?}");
    for (needle, line) in [("line 9 of", 9), ("line 9000 of", 9000), ("line 19999 of", 19999)] {
        let report = alone("a.txt", &content, query(needle));
        assert_eq!(report.found[0].listed[0].left.unwrap().line, Some(line), "{needle}");
    }
}

#[test]
fn utf_16_is_found_in_both_orders_and_in_binaries() {
    let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let le = [&[0xff, 0xfe][..], &wide("first\nä Needle here\n", u16::to_le_bytes)].concat();
    let be = [&[0xfe, 0xff][..], &wide("first\nä Needle here\n", u16::to_be_bytes)].concat();
    let exe = [&b"MZ\x90\x00\x03"[..], &wide("xNeedley", u16::to_le_bytes), b"\x01\x02\xff\xfe\xfd"].concat();
    let pack = zip(&[file("le.txt", &le), file("be.txt", &be), file("x.exe", &exe), file("no.txt", b"N.e.e.d.l.e")]);
    for (text, ignore_case) in [("Needle", false), ("nEEDLE", true)] {
        let report = alone("a.zip", &pack, Query { text: text.to_owned(), ignore_case, regex: false });
        assert_eq!(report.matches.left, 3, "{report:?}");
        assert_eq!(entry(&report, "le.txt").listed[0].encoding.as_deref(), Some("UTF-16LE"));
        assert_eq!(entry(&report, "be.txt").listed[0].encoding.as_deref(), Some("UTF-16BE"));
        let one = &entry(&report, "le.txt").listed[0];
        assert_eq!((one.excerpt.as_str(), one.mark.as_slice()), ("ä Needle here", &[2, 8][..]));
        assert_eq!(one.left.unwrap().line, Some(2));
    }
    assert_eq!(alone("a.zip", &pack, query("ä Needle")).matches.left, 2);
    // Folding the case of bytes must not make other characters of these: U+4E41 is no U+4E61.
    let other = [&[0xff, 0xfe][..], &wide("\u{4e41}\u{4e42}", u16::to_le_bytes)].concat();
    let folded = Query { text: "\u{4e61}\u{4e62}".to_owned(), ignore_case: true, regex: false };
    assert_eq!(alone("a.txt", &other, folded).matches.left, 0);
}

#[test]
fn names_links_and_fields_are_searched_too() {
    let a = tar(&[file("dir/needle.txt", b"x"), link("link", "to/needle")]);
    let report = alone("a.tar", &a, query("needle"));
    let places: Vec<_> = report.found.iter().map(|entry| entry.listed[0].place.as_str()).collect();
    assert_eq!((report.matches.left, places), (2, vec!["name", "target"]));
}

#[test]
fn caps_are_counted() {
    let content = "needle ".repeat(500);
    let report = alone("a.txt", content.as_bytes(), query("needle"));
    assert_eq!((report.matches.left, report.found[0].matches.left, report.found[0].listed.len()), (500, 500, 100));
    let members: Vec<_> = (0..150).map(|at| (format!("{at}.txt"), format!("{at} {content}"))).collect();
    let members: Vec<_> = members.iter().map(|(name, content)| file(name, content.as_bytes())).collect();
    let report = alone("a.tar", &tar(&members), query("needle"));
    assert_eq!(report.matches.left, 75_000);
    assert_eq!(report.found.iter().map(|entry| entry.listed.len()).sum::<usize>(), 10_000);
    assert_eq!(report.found.len(), 150, "entries beyond are counted");
}

#[test]
fn what_was_not_searched_is_said() {
    let mut damaged = zip(&[file("good.txt", b"needle"), file("bad.txt", &b"abcdefgh needle ".repeat(4000))]);
    let at = damaged.windows(7).position(|window| window == b"bad.txt").unwrap();
    damaged[at + 20] ^= 0xff;
    damaged[at + 21] ^= 0xff;
    let report = alone("a.zip", &damaged, query("needle"));
    assert!(entry(&report, "good.txt").matches.left == 1);
    assert_eq!(report.not_searched.len(), 1, "{report:?}");
    assert_eq!(report.not_searched[0].path, "bad.txt");
    // A search that is stopped says so.
    let reading = read("a.tar", &tar(&[file("a", b"needle")]));
    let store = Store::new(std::sync::Arc::new(tar(&[file("a", b"needle")])), &Limits::default(), CACHE);
    let scope = Scope { sides: Sides { left: Some((&reading, &store)), right: None } };
    let mut search = Search::alone(query("needle"), scope, 60).unwrap();
    search.stop("Cancelled.");
    assert_eq!(search.report(scope).stopped.as_deref(), Some("Cancelled."));
    let mut search = Search::alone(query("needle"), scope, 0).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(2));
    search.step(scope, 1 << 20);
    assert!(search.report(scope).stopped.unwrap().contains("limit seconds: 1 contents"));
}

#[test]
fn queries_that_cannot_be_used_are_sentences() {
    let comparison = compare_with(("a", b"x"), ("b", b"y"), Options::default());
    let regex = |text: &str| Query { text: text.to_owned(), regex: true, ignore_case: false };
    for (query, part) in [
        (query(""), "nothing to search"),
        (query(&"x".repeat(2000)), "1000 bytes"),
        (regex("a("), "cannot be used"),
        (regex("(a{100}){1000}"), "cannot be used"),
    ] {
        let error = comparison.search(query).err().unwrap();
        assert!(error.message.contains(part), "{error}");
    }
    // An empty match is none.
    assert_eq!(both(("a", b"bbb"), ("b", b"abab"), regex("a*")).matches, Sides { left: 0, right: 2 });
}

#[test]
fn small_steps_find_the_same() {
    let a = package(b"needle needle");
    let comparison = compare(("a.deb", &a), ("b.deb", &package(b"needle")), Profile::Standard);
    let whole = finish(comparison.search(query("needle")).unwrap(), comparison.scope(), u64::MAX);
    assert_eq!(whole, finish(comparison.search(query("needle")).unwrap(), comparison.scope(), 1));
    assert_eq!(whole.matches, Sides { left: 2, right: 1 });
}
