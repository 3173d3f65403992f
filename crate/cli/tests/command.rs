//! The command as a user runs it: what it prints for every golden pair, and how it exits.
//!
//! The expected texts lie in `tests/golden/`. After a deliberate change:
//! `TWINSPECT_BLESS=1 cargo test -p twinspect-cli --test command`, and read the difference before committing it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use twinspect_tests::pairs::pairs;

/// A folder of this test's own, emptied before.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn twinspect(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinspect")).args(arguments).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// File names are made safe for the file system; the report names what was given.
fn place(folder: &Path, side: &str, (name, bytes): &(&str, Vec<u8>)) -> String {
    let path = folder.join(side).join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    format!("{side}/{name}")
}

#[test]
fn every_pair_prints_the_blessed_text_and_json_and_exits_with_its_verdict() {
    let bless = std::env::var_os("TWINSPECT_BLESS").is_some();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let mut wrong = Vec::new();
    for pair in pairs() {
        let folder = folder(pair.name);
        let (left, right) = (place(&folder, "a", &pair.left), place(&folder, "b", &pair.right));
        let run = |format| {
            twinspect(&folder, &["compare", &left, &right, "--profile", pair.profile.id(), "--format", format])
        };
        let (printed, json) = (run("text"), text(&run("json").stdout));
        let path = golden.join(format!("{}.txt", pair.name));
        if bless {
            std::fs::write(&path, &printed.stdout).unwrap();
        }
        if std::fs::read_to_string(&path).unwrap_or_default() != text(&printed.stdout) {
            wrong.push(format!("{}.txt is not as blessed; got:\n{}", pair.name, text(&printed.stdout)));
        }
        assert_eq!(json, std::fs::read_to_string(golden.join(format!("{}.json", pair.name))).unwrap(), "{}", pair.name);
        let expected = match json.lines().find(|line| line.starts_with("  \"verdict\"")) {
            Some(line) if line.contains("different") => 1,
            Some(line) if line.contains("incomplete") => 3,
            _ => 0,
        };
        assert_eq!(printed.status.code(), Some(expected), "{}", pair.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(arguments: &[&str], code: i32, said: &str) {
    let folder = folder(&format!("check-{}", arguments.join("-").replace(['/', '='], "_")));
    std::fs::write(folder.join("one.txt"), "one\n").unwrap();
    std::fs::write(folder.join("two.txt"), "two\n").unwrap();
    std::fs::write(folder.join("copy.txt"), "one\n").unwrap();
    std::fs::create_dir(folder.join("folder")).unwrap();
    let output = twinspect(&folder, arguments);
    let all = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {all}");
    assert!(all.contains(said), "{arguments:?}: {all}");
}

#[test]
fn the_exit_status_is_the_verdict_and_mistakes_are_sentences() {
    check(&["compare", "one.txt", "copy.txt"], 0, "Identical");
    check(&["compare", "one.txt", "two.txt"], 1, "+two");
    check(&["compare", "one.txt", "folder"], 2, "folder is a directory");
    check(&["compare", "one.txt", "missing.txt"], 2, "missing.txt cannot be opened");
    check(&["compare", "one.txt"], 2, "two files");
    check(&["compare", "one.txt", "two.txt", "--disable", "nonsense"], 2, "no pass called nonsense");
    check(&["inspect", "one.txt"], 0, "sha256");
    check(&["inspect", "one.txt", "--format", "json"], 0, "twinspect-inspection/1");
    check(&["passes"], 0, "tar-time");
    check(&["passes", "--format", "json"], 0, "\"rationale\"");
    check(&["findings"], 0, "ZIP-01  Two names for one entry (conflict)");
    check(&["notices"], 0, "install-hook  Runs at install or start");
    check(&["notices", "--format", "json"], 0, "\"about\"");
    check(&["findings", "--format", "json"], 0, "\"diverges\"");
    check(&["--help"], 0, "Exit status");
}

#[test]
fn an_ambiguous_artifact_is_named_beside_the_verdict() {
    let folder = folder("ambiguous");
    let twice = twinspect_tests::tar(&[twinspect_tests::file("a", b"1"), twinspect_tests::file("a", b"2")]);
    std::fs::write(folder.join("a.tar"), &twice).unwrap();
    let said = text(&twinspect(&folder, &["compare", "a.tar", "a.tar"]).stdout);
    assert!(said.starts_with("= Identical: the same bytes.\n! Ambiguous: The bytes are the same, and yet"), "{said}");
    assert!(said.contains("conflict TAR-05  A: a [2]: a is there twice"), "{said}");
    let said = text(&twinspect(&folder, &["inspect", "a.tar"]).stdout);
    assert!(said.contains("conflict TAR-05  a [2]: a is there twice"), "{said}");
}

#[test]
fn a_result_can_go_to_a_file() {
    let folder = folder("output");
    std::fs::write(folder.join("one.txt"), "one\n").unwrap();
    let output = twinspect(&folder, &["compare", "one.txt", "one.txt", "--format", "json", "-o", "report.json"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    assert!(std::fs::read_to_string(folder.join("report.json")).unwrap().contains("\"identical\""));
}

#[test]
fn switching_a_pass_off_names_the_profile_custom() {
    let pair = pairs().into_iter().find(|pair| pair.name == "rebuild-standard").unwrap();
    let folder = folder("disable");
    let (left, right) = (place(&folder, "a", &pair.left), place(&folder, "b", &pair.right));
    let output = twinspect(&folder, &["compare", &left, &right, "--disable", "tar-time"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("profile custom, without tar-time") && said.contains("Times differ in 2 entries"), "{said}");
}

#[test]
fn nothing_in_the_text_can_steer_a_terminal() {
    for pair in pairs() {
        let folder = folder(&format!("inert-{}", pair.name));
        let (left, right) = (place(&folder, "a", &pair.left), place(&folder, "b", &pair.right));
        let said = text(&twinspect(&folder, &["compare", &left, &right]).stdout);
        assert!(!said.contains(|letter: char| letter != '\n' && twinspect::display::is_hidden(letter)), "{said:?}");
    }
}

#[test]
fn attestations_are_told_from_artifacts_and_the_exit_status_is_what_they_say() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples");
    let check = |files: &[&str], keys: &[&str], code: i32, said: &str| {
        let path = |name: &&str| samples.join(name).to_str().unwrap().to_owned();
        let mut arguments = vec!["attest".to_owned()];
        arguments.extend(files.iter().map(path));
        arguments.extend(keys.iter().flat_map(|key| ["--key".to_owned(), path(key)]));
        let output = twinspect(&folder("attest"), &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let all = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{files:?}: {all}");
        assert!(all.contains(said), "{files:?}: {all}");
        assert!(!all.contains(|letter: char| letter != '\n' && twinspect::display::is_hidden(letter)), "{all:?}");
    };
    let (bundle, key) = ("attestations/ours/lodash.intoto.jsonl", "attestations/ours/test-p256.pem");
    let (left, right) = ("published/lodash-4.17.21.tgz", "rebuilt/lodash-4.17.21.tgz");
    check(&[bundle, left, right], &[key], 0, "holds        B  The file is the rebuild");
    check(&[left, bundle, key, right], &[], 0, "holds        A  The file is the published artifact");
    check(&[bundle, left, right], &[key], 0, "B gives this digest, with today's passes.");
    check(&[bundle, left], &[], 1, "does not fit OSS Rebuild's key");
    // Their stabilized digests are what OSS Rebuild's own stabilizers give.
    let wheel = "nodeenv-1.9.0-py2.py3-none-any.whl";
    let (published, rebuilt) = (format!("published/{wheel}"), format!("rebuilt/{wheel}"));
    let rules = "B gives this digest, with today's passes and the package's own rules.";
    check(&["attestations/ours/nodeenv-rules.intoto.jsonl", &published, &rebuilt], &[key], 0, rules);
    let older = "B gives this digest, with the passes of before 2026-06-10, without wheel-record.";
    check(&["attestations/ours/nodeenv-2025.intoto.jsonl", &published, &rebuilt], &[key], 0, older);
    check(&[bundle], &[key], 0, "  Dockerfile\n    #syntax=docker");
    check(&["attestations/ours/hello.p256.dsse.json"], &[], 3, "? Nothing could be checked");
    check(&["attestations/real/sigstore-5.0.0.tgz.sigstore.json", left], &[], 1, "FAILS        A");
    check(&[left, right], &[], 2, "no attestation and no list of checksums");
    check(&[bundle, left, right, "attestations/ours/hello.txt"], &[], 2, "Two artifacts at most");
    check(&[bundle, "missing"], &[], 2, "cannot be opened");
}

#[test]
fn one_file_is_opened_as_two_readers_see_it() {
    let pair = pairs().into_iter().find(|pair| pair.name == "two-views").unwrap();
    let folder = folder("readers");
    let file = place(&folder, "b", &pair.right);
    let check = |arguments: &[&str], code: i32, said: &str| {
        let output = twinspect(&folder, arguments);
        let all = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {all}");
        assert!(all.contains(said), "{arguments:?}: {all}");
    };
    let two = |right| ["compare", "--reader-a", "unzip", "--reader-b", right, &file, &file];
    check(&["readers"], 0, "java-zipstream       zip  Java ZipInputStream 17");
    check(&["inspect", "--reader", "java-zipstream", &file], 0, "as java-zipstream sees it");
    check(&["inspect", "--reader", "java-zipstream", &file], 0, "demo.py [2]  file  29 bytes");
    check(&two("java-zipstream"), 1, "stream finds");
    check(&two("py-zipfile"), 0, "= Identical");
    check(&["inspect", "--reader", "nobody", &file], 2, "There is no reader nobody");
    check(&["inspect", "--reader", "gnu-tar", &file], 2, "GNU tar");
}

#[test]
fn search_prints_places_escaped_and_exits_as_grep_does() {
    let folder = folder("search");
    std::fs::write(folder.join("a.txt"), "one\n\u{1b}[31mneedle \u{202e}evil\n").unwrap();
    std::fs::write(folder.join("b.txt"), "needle\nneedle\n").unwrap();
    let run = |arguments: &[&str]| {
        let output = twinspect(&folder, arguments);
        (text(&output.stdout) + &text(&output.stderr), output.status.code())
    };
    let (said, code) = run(&["search", "needle", "a.txt", "b.txt"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("A 1 · B 2"), "{said}");
    assert!(said.contains("A:2  \\u{1b}[31mneedle \\u{202e}evil"), "{said}");
    assert!(!said.contains('\u{1b}') && !said.contains('\u{202e}'));
    let (said, code) = run(&["search", "NEEDLE", "a.txt"]);
    assert_eq!((code, said.contains("0 matches in 0 entries")), (Some(1), true), "{said}");
    assert_eq!(run(&["search", "NEEDLE", "a.txt", "-i"]).1, Some(0));
    assert_eq!(run(&["search", "^need.e$", "b.txt", "--regex"]).1, Some(0));
    let (json, code) = run(&["search", "needle", "a.txt", "b.txt", "--json"]);
    assert_eq!(code, Some(0));
    assert!(json.contains("\"twinspect-search/1\"") && !json.contains('\u{1b}'), "{json}");
    let (said, code) = run(&["search", "(", "a.txt", "--regex"]);
    assert_eq!((code, said.contains("cannot be used")), (Some(2), true), "{said}");
}
