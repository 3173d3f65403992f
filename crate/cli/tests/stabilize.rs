//! `twinspect stabilize` as a user runs it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The digest that OSS Rebuild's own stabilizer gives six-1.16.0.tar.gz and six-1.16.0-py2.py3-none-any.whl.
const SIX: &str = "d2ea6bdebc40f790b440f2bf2ae57432e114843ef3126ab8b307a7e95174169d";
const SIX_WHEEL: &str = "f5b05d59d1a08864c9bb7fb1f30a1c8ab91ad3f221d697133a2f77c7aa637f8e";

fn published(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples/published").join(name)
}

fn stabilize(file: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twinspect"));
    command.arg("stabilize").arg(file).args(arguments).current_dir(env!("CARGO_TARGET_TMPDIR")).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Exit status, what standard output begins with, and what standard error says, nothing if that is empty.
#[track_caller]
fn check(name: &str, arguments: &[&str], code: i32, digest: &str, said: &str) {
    let output = stabilize(&published(name), arguments);
    let (printed, note) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{name} {arguments:?}: {printed}{note}");
    assert!(printed.starts_with(digest), "{name} {arguments:?}: {printed}");
    assert!(if said.is_empty() { note.is_empty() } else { note.contains(said) }, "{name} {arguments:?}: {note}");
}

#[test]
fn it_prints_the_digest_like_sha256sum_and_a_note_where_it_is_not_upstreams() {
    let file = published("six-1.16.0.tar.gz");
    let output = stabilize(&file, &[]);
    assert_eq!(text(&output.stdout), format!("{SIX}  {}\n", file.display()));
    check("six-1.16.0.tar.gz", &["--ecosystem", "npm"], 0, SIX, "");
    check("six-1.16.0-py2.py3-none-any.whl", &["--enable-passes", "all", "--disable-passes", "none"], 0, SIX_WHEEL, "");
    check("imap-0.8.19.tgz", &[], 0, "d4b9d512", "cannot write the global PAX header");
    check("six-1.16.0.tar.gz", &["--disable-passes", "gzip-compression"], 0, "", "digest is our own");
}

#[test]
fn passes_and_names_are_checked_as_upstream_does() {
    let (tar, wheel) = ("six-1.16.0.tar.gz", "six-1.16.0-py2.py3-none-any.whl");
    check(tar, &["--enable-passes", "nonsense"], 2, "", "no pass called nonsense");
    check(tar, &["--enable-passes", "tar-form"], 2, "", "no pass called tar-form");
    check(tar, &["--enable-passes", "zip-misc"], 2, "", "does not run the pass zip-misc");
    check(wheel, &["--disable-passes", "jar-signature"], 2, "", "does not run the pass jar-signature");
    check(wheel, &["--enable-passes", "zip-misc", "--disable-passes", "zip-misc"], 0, "", "digest is our own");
    check(tar, &["--disable-passes", "all"], 0, "", "digest is our own");
    check(wheel, &["--as", "six.tar.xz", "--ecosystem", "pypi"], 2, "", "of this kind and name");
    check("python3-iniconfig_1.1.1-2_all.deb", &[], 0, "c9226a32a78fa93f", "");
}

#[test]
fn what_cannot_be_read_to_its_end_is_said_and_leaves_no_file() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let bytes = std::fs::read(published("six-1.16.0.tar.gz")).unwrap();
    let cut = folder.join("cut.tar.gz");
    std::fs::write(&cut, bytes.get(..10_000).unwrap()).unwrap();
    let output = stabilize(&cut, &["-o", "cut-result"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(3), String::new()));
    assert!(text(&output.stderr).contains("cannot be stabilized"), "{}", text(&output.stderr));
    assert!(!folder.join("cut-result").exists());
}

#[test]
fn the_archive_goes_to_a_file_or_to_standard_output() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = published("six-1.16.0.tar.gz");
    assert!(text(&stabilize(&file, &["-o", "six.stable"]).stdout).starts_with(SIX));
    let output = stabilize(&file, &["-o", "-"]);
    assert!(text(&output.stderr).starts_with(SIX));
    let kept = std::fs::read(folder.join("six.stable")).unwrap();
    assert!(kept.len() > 100_000 && kept == output.stdout);
    // Stabilized again it is the same.
    std::fs::write(folder.join("again.tar.gz"), &kept).unwrap();
    assert!(text(&stabilize(&folder.join("again.tar.gz"), &[]).stdout).starts_with(SIX));
}
