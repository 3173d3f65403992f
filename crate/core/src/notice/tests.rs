//! For every kind a pair of packages that shows it, and a look-alike that must stay silent.

use crate::artifact::{Artifact, Sides};
use crate::comparison::{Comparison, Options};
use crate::limits::Limits;
use crate::report::NoticeLine;

use super::NOTICES;

type File = (&'static str, &'static [u8], u32);

fn file(path: &'static str, text: &'static str) -> File {
    (path, text.as_bytes(), 0o644)
}

fn pack(files: &[File]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes, mode) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(*mode);
        header.set_mtime(1);
        builder.append_data(&mut header, path, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn notices_of(left: Vec<u8>, right: Vec<u8>) -> Vec<NoticeLine> {
    let artifacts = Sides { left: Artifact::new("a.tar", left), right: Artifact::new("b.tar", right) };
    let limits = Limits::default();
    let read = |artifact| crate::read::read(artifact, &limits, &mut |_| {}).unwrap();
    let readings = Sides { left: read(&artifacts.left), right: read(&artifacts.right) };
    Comparison::new(artifacts, readings, Options::default()).unwrap().report().notices.clone()
}

fn notices(left: &[File], right: &[File]) -> Vec<NoticeLine> {
    notices_of(pack(left), pack(right))
}

/// A kind, packages that show it, and packages that do not.
struct Case {
    id: &'static str,
    hit: (Vec<File>, Vec<File>),
    silent: (Vec<File>, Vec<File>),
}

const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0";
const ELF_2: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\x01";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\0";

/// Bytes that look random, and are the same every time.
fn noise() -> &'static [u8] {
    let mut seed = 7_u32;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0]
    })
    .take(8192)
    .collect();
    bytes.leak()
}

fn zeros() -> &'static [u8] {
    vec![0_u8; 2 << 20].leak()
}

fn cases() -> Vec<Case> {
    let bin = |path, bytes| (path, bytes, 0o644);
    let case = |id, hit: (&[File], &[File]), silent: (&[File], &[File])| Case {
        id,
        hit: (hit.0.to_vec(), hit.1.to_vec()),
        silent: (silent.0.to_vec(), silent.1.to_vec()),
    };
    let plain = file("p/index.js", "let a = 1;\n");
    let manifest = |text| file("package/package.json", text);
    vec![
        case(
            "install-hook",
            (&[manifest("{}")], &[manifest(r#"{"scripts":{"postinstall":"node x.js"}}"#)]),
            (
                &[manifest(r#"{"scripts":{"postinstall":"node x.js"}}"#)],
                &[manifest(r#"{"scripts":{"postinstall":"node x.js","test":"node y.js"}}"#)],
            ),
        ),
        case(
            "install-hook",
            (&[plain], &[plain, file("p/x.pth", "import os; os.getcwd()\n")]),
            (&[plain], &[plain, file("p/x.pth", "./lib\n")]),
        ),
        case(
            "install-hook",
            (&[file("control/postinst", "#!/bin/sh\ntrue\n")], &[file("control/postinst", "#!/bin/sh\nfalse\n")]),
            (&[file("control/postinst.md", "#!/bin/sh\ntrue\n")], &[file("control/postinst.md", "#!/bin/sh\nfalse\n")]),
        ),
        case(
            "hidden-characters",
            (&[file("p/a.js", "if (x) {}\n")], &[file("p/a.js", "if (x\u{202e}) {}\n")]),
            (&[file("p/a.js", "let s = 'x';\n")], &[file("p/a.js", "let s = '\u{e9}\u{1f600}';\n")]),
        ),
        case(
            "disguised-content",
            (&[plain], &[plain, bin("p/logo.png", ELF)]),
            (&[plain], &[plain, bin("p/logo.png", PNG)]),
        ),
        case(
            "program-added",
            (&[plain], &[plain, bin("p/x.node", ELF)]),
            (&[bin("p/x.node", ELF)], &[bin("p/x.node", ELF_2)]),
        ),
        case("program-replaced", (&[bin("p/x", ELF)], &[bin("p/x", ELF_2)]), (&[bin("p/x", ELF)], &[bin("p/x", ELF)])),
        case(
            "permission-widened",
            (&[("p/run", b"x", 0o755)], &[("p/run", b"x", 0o4755)]),
            (&[("p/run", b"x", 0o4755)], &[("p/run", b"y", 0o755)]),
        ),
        case(
            "starts-programs",
            (&[plain], &[file("p/index.js", "require('child_process').exec('id');\n")]),
            (
                &[file("p/index.js", "require('child_process');\n")],
                &[file("p/index.js", "require('child_process');\nlet more;\n")],
            ),
        ),
        case(
            "reads-secrets",
            (&[plain], &[file("p/index.js", "read(home + '/.npmrc')\n")]),
            (&[file("p/a.md", "x\n")], &[file("p/a.md", "put it into .npmrc\n")]),
        ),
        case(
            "obfuscated",
            (
                &[plain],
                &[file(
                    "p/index.js",
                    "_0x1a2b3c _0x1a2b3d _0x1a2b3e _0x1a2b3f _0x1a2b30 _0x1a2b31 _0x1a2b32 _0x1a2b33 _0x1a2b34 _0x1a2b35\n",
                )],
            ),
            (&[plain], &[file("p/index.js", "let color = 0x1a2b3c;\n")]),
        ),
        case(
            "new-host",
            (&[plain], &[file("p/index.js", "fetch('https://sol-rpc.xyz/')\n")]),
            (
                &[plain, file("p/b.js", "// https://known.org/a\n")],
                &[file("p/index.js", "fetch('https://known.org/b')\n"), file("p/b.js", "// https://known.org/a\n")],
            ),
        ),
        case(
            "build-logic",
            (&[file("p/m4/x.m4", "dnl\n")], &[file("p/m4/x.m4", "dnl\ngl=`xz -d < tests/files/bad.xz`\n")]),
            (&[file("p/m4/x.m4", "dnl\n")], &[file("p/m4/x.m4", "dnl\nAC_INIT\n")]),
        ),
        case(
            "opaque-content",
            (&[plain], &[plain, bin("p/data", noise())]),
            (&[plain], &[plain, bin("p/data", zeros())]),
        ),
        case(
            "automation-added",
            (&[plain], &[plain, file("p/.github/workflows/x.yml", "on: push\n")]),
            (&[plain], &[plain, file("p/github/workflows.yml", "on: push\n")]),
        ),
        case(
            "dependency-added",
            (&[manifest(r#"{"dependencies":{"a":"1"}}"#)], &[manifest(r#"{"dependencies":{"a":"1","b":"2"}}"#)]),
            (&[manifest(r#"{"dependencies":{"a":"1"}}"#)], &[manifest(r#"{"dependencies":{"a":"2"}}"#)]),
        ),
        case(
            "dependency-added",
            (
                &[file("p/PKG-INFO", "Name: p\nRequires-Dist: a>=1\n")],
                &[file("p/PKG-INFO", "Name: p\nRequires-Dist: a>=1\nRequires-Dist: b; extra == 'x'\n")],
            ),
            (
                &[file("p/PKG-INFO", "Name: p\nRequires-Dist: a_b>=1\n")],
                &[file("p/PKG-INFO", "Name: p\nRequires-Dist: A.b>=2\n\nRequires-Dist: c\n")],
            ),
        ),
        case(
            "dependency-added",
            (
                &[file("p/Cargo.toml", "[dependencies]\na = \"1\"\n")],
                &[file("p/Cargo.toml", "[dependencies]\na = \"1\"\n[build-dependencies.b]\nversion = \"1\"\n")],
            ),
            (
                &[file("p/Cargo.toml", "[dependencies]\na = \"1\"\n")],
                &[file(
                    "p/Cargo.toml",
                    "[dependencies]\na = \"2\"\n[dev-dependencies]\nb = \"1\"\n[features]\nc = []\n",
                )],
            ),
        ),
        case(
            "dependency-unused",
            (&[manifest("{}"), plain], &[manifest(r#"{"dependencies":{"plain-crypto":"1"}}"#), plain]),
            (
                &[manifest("{}"), plain],
                &[
                    manifest(r#"{"dependencies":{"plain-crypto":"1"}}"#),
                    file("p/index.js", "require('plain-crypto')\n"),
                ],
            ),
        ),
        case(
            "entry-point-moved",
            (&[manifest(r#"{"main":"a.js"}"#)], &[manifest(r#"{"main":"b.js"}"#)]),
            (&[manifest(r#"{"main":"a.js"}"#)], &[manifest(r#"{"main":"a.js","version":"2"}"#)]),
        ),
        case(
            "origin-changed",
            (&[manifest(r#"{"repository":"a/b"}"#)], &[manifest(r#"{"repository":"c/b"}"#)]),
            (&[manifest(r#"{"repository":"a/b"}"#)], &[manifest(r#"{"repository":"a/b","x":1}"#)]),
        ),
        case(
            "large-addition",
            (&[plain], &[plain, bin("p/big", zeros())]),
            (&[bin("p/old", zeros())], &[bin("p/old", zeros()), plain]),
        ),
    ]
}

#[test]
fn every_kind_is_noticed_in_its_case_and_not_in_the_look_alike() {
    let mut failed = String::new();
    for Case { id, hit, silent } in cases() {
        let (found, other) = (notices(&hit.0, &hit.1), notices(&silent.0, &silent.1));
        if !found.iter().any(|notice| notice.id == id) {
            failed += &format!("{id} is not noticed: {found:?}\n");
        }
        if other.iter().any(|notice| notice.id == id) {
            failed += &format!("{id} is noticed in the look-alike: {other:?}\n");
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn every_kind_has_a_case() {
    let cases = cases();
    for info in NOTICES.iter().filter(|info| info.id != "ambiguous-content") {
        assert!(cases.iter().any(|case| case.id == info.id), "{}", info.id);
    }
}

#[test]
fn an_ambiguity_that_only_b_has_is_noticed() {
    let twice = [file("p/a", "one"), file("p/a", "two")];
    let once = [file("p/a", "one")];
    let about =
        |left: &[File], right: &[File]| notices(left, right).iter().any(|notice| notice.id == "ambiguous-content");
    assert!(about(&once, &twice));
    assert!(!about(&twice, &[file("p/a", "one"), file("p/a", "three")]));
}

#[test]
fn equal_packages_have_nothing_to_notice() {
    let files = [file("package/package.json", r#"{"scripts":{"postinstall":"x"}}"#), ("p/x", ELF, 0o4755)];
    assert_eq!(notices(&files, &files), []);
}

#[test]
fn one_kind_does_not_push_the_others_out_of_the_first() {
    let added = ["p/a.node", "p/b.node", "p/c.node", "p/d.node"].map(|path| (path, ELF, 0o644));
    let plain = file("p/x.js", "1\n");
    let found = notices(&[plain], &[&added[..], &[file("p/x.js", "fetch('https://a.bc/')\n")]].concat());
    let ids: Vec<_> = found.iter().map(|notice| notice.id.as_str()).collect();
    assert_eq!(ids, ["program-added", "program-added", "new-host", "program-added", "program-added"]);
}

#[test]
fn names_and_contents_in_notices_are_escaped() {
    let found = notices(
        &[file("package/package.json", "{}")],
        &[file("package/package.json", "{\"scripts\":{\"install\":\"\\u001b[2J\\u202e\"}}")],
    );
    assert!(
        found.iter().all(|notice| notice.message.chars().all(|letter| !letter.is_control() && letter != '\u{202e}')),
        "{found:?}"
    );
}
