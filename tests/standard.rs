//! The profile `standard` on files of real tools: built twice, and as strip-nondeterminism leaves them (see
//! `samples/README.md`).

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::path::PathBuf;

use twinspect::report::Verdict;
use twinspect::stabilize::Profile;
use twinspect_tests::compare;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples/standard")
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The verdict, and every pass that it rests on.
fn verdict(left: (&str, &[u8]), right: (&str, &[u8]), profile: Profile) -> (Verdict, String) {
    let comparison = compare(left, right, profile);
    let causes: Vec<&str> = comparison.report().summary.by_cause.keys().map(String::as_str).collect();
    (comparison.report().verdict, causes.join(" "))
}

#[test]
fn pairs_are_equivalent_by_the_stated_passes_and_no_others() {
    let table = String::from_utf8(sample("pairs.tsv")).unwrap();
    let mut seen = Vec::new();
    let mut wrong = Vec::new();
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [left, right, passes] = columns[..] else { panic!("three columns: {line}") };
        seen.extend([left.to_owned(), right.to_owned()]);
        let (a, b) = (sample(left), sample(right));
        let found = verdict((left, &a), (right, &b), Profile::Standard);
        if found != (Verdict::Equivalent, passes.to_owned()) {
            wrong.push(format!("{left}\t{right}\t{}\t{:?}", found.1, found.0));
        }
        assert_eq!(verdict((left, &a), (right, &b), Profile::None).0, Verdict::Different, "{left}");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let mut files: Vec<String> = (std::fs::read_dir(folder()).unwrap())
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "pairs.tsv")
        .collect();
    files.sort();
    seen.sort();
    seen.dedup();
    assert_eq!(seen, files, "every sample stands in the table");
}

/// A sample with one stretch of bytes replaced, the first of its kind, by another of the same length.
fn edited(name: &str, from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = sample(name);
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes.splice(at..at + from.len(), to.iter().copied());
    bytes
}

#[test]
fn what_a_reader_acts_on_stays_different() {
    for (name, from, to) in [
        ("pyzip_2.pyz", &b"/usr/bin/python3"[..], &b"/tmp/bin/python3"[..]),
        ("jmod_2.jmod", b"JM\x01", b"JM\x02"),
        ("mo_2.mo", b"eins", b"zwei"),
        ("po_2.po", b"eins", b"zwei"),
        ("cpio_2.cpio", b"one.txt", b"One.txt"),
        ("pyc311_2.pyc", b"m.py", b"M.py"),
        ("pyc311_2.pyc", b"\0\0\0\0", b"\x01\0\0\0"),
        ("uimage_2.uimage", b"Linux", b"Minix"),
        ("png_2.png", b"IEND", b"IENE"),
        ("ar_2.a", b"100644", b"104755"),
    ] {
        let bytes = match name {
            // GNU ar in its deterministic mode writes no kind of file.
            "ar_2.a" => edited("ar_1.a", from, to),
            name => edited(name, from, to),
        };
        let other = name.replace("_2.", "_1.");
        let found = verdict((&other, &sample(&other)), (name, &bytes), Profile::Standard);
        assert_eq!(found.0, Verdict::Different, "{name}: {}", found.1);
    }
}

#[test]
fn dormant_compiled_python_brought_to_life_stays_different() {
    // The source is as old as the compiled file says, or not.
    let archive = |pyc: &str, mtime: u64| {
        let source = twinspect_tests::file("m.py", b"x=1\ndef f(): return x\n").mtime(mtime);
        twinspect_tests::tar(&[source, twinspect_tests::file("m.pyc", &sample(pyc))])
    };
    let time = |pyc: &str| u64::from(u32::from_le_bytes(sample(pyc)[8..12].try_into().unwrap()));
    let (first, second) = (time("pyc311_1.pyc"), time("pyc311_2.pyc"));
    let found = |a: &[u8], b: &[u8]| verdict(("a.tar", a), ("b.tar", b), Profile::Standard);
    let fresh = archive("pyc311_1.pyc", first);
    let both = found(&fresh, &archive("pyc311_2.pyc", second));
    assert_eq!(both, (Verdict::Equivalent, "pyc-source tar-time".to_owned()));
    assert_eq!(found(&fresh, &archive("pyc311_2.pyc", first)).0, Verdict::Different);
}
