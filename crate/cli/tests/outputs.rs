//! Every output as a user makes it: what is written is the same twice, a patch applies, and nothing steers a terminal.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use twinspect::display::is_hidden;
use twinspect::export::{FORMATS, Format};
use twinspect_tests::pairs::pairs;
use twinspect_tests::{Member, file, gzip, link, tar};

/// A folder of this test's own, emptied before.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn twinspect<S: Into<OsString> + Clone>(folder: &Path, arguments: &[S]) -> Output {
    let arguments = arguments.iter().cloned().map(Into::into);
    Command::new(env!("CARGO_BIN_EXE_twinspect")).args(arguments).current_dir(folder).output().unwrap()
}

/// What was printed on both, with nothing in it that a terminal obeys.
fn inert(output: &Output) -> String {
    let text = String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned();
    let found = text.chars().find(|letter| is_hidden(*letter) && !matches!(letter, '\n' | '\t' | '\r'));
    assert_eq!(found, None, "{text:?}");
    text
}

#[test]
fn reports_beside_the_output_are_what_their_format_prints_twice() {
    for pair in pairs() {
        let folder = folder(&format!("outputs-{}", pair.name));
        for (side, (name, bytes)) in [("a", &pair.left), ("b", &pair.right)] {
            std::fs::create_dir_all(folder.join(side)).unwrap();
            std::fs::write(folder.join(side).join(name), bytes).unwrap();
        }
        let (left, right) = (format!("a/{}", pair.left.0), format!("b/{}", pair.right.0));
        let base = ["compare", &left, &right, "--profile", pair.profile.id()].map(str::to_owned).to_vec();
        let plain = twinspect(&folder, &base);
        for info in FORMATS {
            let report = format!("r{}", info.endings.first().unwrap());
            let printed = twinspect(&folder, &[base.clone(), vec!["--format".into(), info.id.into()]].concat());
            if info.format == Format::InToto && plain.status.code() == Some(1) {
                assert!(inert(&printed).contains("no equivalence to state"));
                continue;
            }
            assert_eq!(printed.status.code(), plain.status.code(), "{} {}", pair.name, info.id);
            let beside = twinspect(&folder, &[base.clone(), vec!["--report".into(), report.clone()]].concat());
            assert_eq!((beside.stdout, beside.status), (plain.stdout.clone(), plain.status), "{}", pair.name);
            assert!(std::fs::read(folder.join(&report)).unwrap() == printed.stdout, "{} {}", pair.name, info.id);
            if info.format != Format::Patch {
                inert(&printed);
            }
        }
    }
}

#[test]
fn one_artifact_is_written_in_every_format_that_makes_sense() {
    let folder = folder("inspected");
    std::fs::write(folder.join("a.tar"), tar(&[file("<b>\u{202e}", b"1"), file("c", b"2")])).unwrap();
    for info in FORMATS {
        let output = twinspect(&folder, &["inspect", "a.tar", "--format", info.id]);
        let said = inert(&output);
        if info.inspects {
            assert!(output.status.success() && said.contains("202e"), "{}: {said}", info.id);
        } else {
            assert_eq!(output.status.code(), Some(2), "{}", info.id);
            assert!(said.contains("Only a comparison"), "{said}");
        }
    }
}

/// Lays the members out as files.
fn unpack(folder: &Path, members: &[Member<'_>]) {
    for member in members {
        let path = folder.join(member.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        #[cfg(unix)]
        if member.link {
            std::os::unix::fs::symlink(std::str::from_utf8(member.content).unwrap(), &path).unwrap();
            continue;
        }
        std::fs::write(&path, member.content).unwrap();
    }
}

/// The files below a folder, with their contents.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            let target = std::fs::read_link(&path).unwrap();
            found.push((path, target.as_os_str().as_encoded_bytes().to_vec()));
        } else if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found.sort();
    found
}

#[cfg(unix)]
#[test]
fn a_patch_makes_the_texts_of_b_from_those_of_a() {
    let code: String = (0..300).map(|line| format!("line {line} of the code\n")).collect();
    let edited =
        code.replace("line 7 of", "line seven of").replace("line 200 of the", "line 200 of\u{202e} the") + "end";
    let left = [
        file("package/code.js", code.as_bytes()),
        file("package/a name with spaces.txt", b"one\ntwo"),
        file("package/gone.txt", b"bye\n"),
        file("package/gr\u{fc}n\"\t.txt", b"a\nb\n"),
        file("package/ends.txt", b"a\r\nb\rc\n"),
        file("package/latin.txt", b"caf\xe9 one\n"),
        file("package/empty-gone", b""),
        link("package/link", "code.js"),
    ];
    let right = [
        file("package/code.js", edited.as_bytes()),
        file("package/a name with spaces.txt", b"one\ntwo\n"),
        file("package/come.txt", b"```\n\x1b[31mred\n"),
        file("package/gr\u{fc}n\"\t.txt", b"a\nc\n"),
        file("package/ends.txt", b"a\nb\rc\n"),
        file("package/latin.txt", b"caf\xe9 two\n"),
        file("package/empty-come", b""),
        link("package/link", "come.txt"),
    ];
    let folder = folder("patched");
    std::fs::write(folder.join("a.tgz"), gzip(&tar(&left))).unwrap();
    std::fs::write(folder.join("b.tgz"), gzip(&tar(&right))).unwrap();
    let output = twinspect(&folder, &["compare", "a.tgz", "b.tgz", "--report", "changes.patch"]);
    assert_eq!(output.status.code(), Some(1));
    let (ours, theirs) = (folder.join("ours"), folder.join("theirs"));
    unpack(&ours, &left);
    unpack(&theirs, &right);
    let run = Command::new("git").args(["init", "-q"]).current_dir(&ours).output().unwrap();
    assert!(run.status.success());
    let run = Command::new("git").args(["apply", "../changes.patch"]).current_dir(&ours).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    std::fs::remove_dir_all(ours.join(".git")).unwrap();
    let relative = |of: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        files(of).into_iter().map(|(path, bytes)| (path.strip_prefix(of).unwrap().to_owned(), bytes)).collect()
    };
    assert_eq!(relative(&ours), relative(&theirs));
}

#[test]
fn what_a_patch_cannot_say_is_named_in_it() {
    let folder = folder("unpatched");
    let twice = |last: &'static [u8]| {
        tar(&[file("twice", b"1"), file("twice", last), file("bin", last).mtime(last.len() as u64)])
    };
    std::fs::write(folder.join("a.tar"), twice(b"\0a")).unwrap();
    std::fs::write(folder.join("b.tar"), twice(b"\0bc")).unwrap();
    let said = inert(&twinspect(&folder, &["compare", "a.tar", "b.tar", "--format", "patch"]));
    assert!(said.contains("# not included (another entry has this path): twice [2], different: content"), "{said}");
    assert!(said.contains("# not included (binary): bin, different: content"), "{said}");
    assert!(!said.contains("diff --git"), "{said}");
}

#[test]
fn nothing_that_is_withheld_is_printed() {
    let side = |text: &str| tar(&[file("PATH-SECRET", text.as_bytes()), file("package.json", b"{}")]);
    let folder = folder("withheld");
    std::fs::write(folder.join("NAME-SECRET-1.tar"), side("CONTENT-SECRET one\n")).unwrap();
    std::fs::write(folder.join("NAME-SECRET-2.tar"), side("CONTENT-SECRET two\n")).unwrap();
    let secrets = ["CONTENT-SECRET", "PATH-SECRET", "NAME-SECRET"];
    for (withheld, level) in (1..).zip(["contents", "paths", "names"]) {
        for format in ["text"].into_iter().chain(FORMATS.iter().map(|info| info.id)).filter(|id| *id != "in-toto") {
            let arguments =
                ["compare", "NAME-SECRET-1.tar", "NAME-SECRET-2.tar", "--format", format, "--redact", level];
            let output = twinspect(&folder, &arguments);
            assert_eq!(output.status.code(), Some(1), "{format}");
            let said = inert(&output);
            for secret in secrets.iter().take(withheld) {
                assert!(!said.contains(secret), "{secret} under {level} as {format}: {said}");
            }
        }
        let said = inert(&twinspect(&folder, &["inspect", "NAME-SECRET-1.tar", "--redact", level]));
        assert!(secrets.iter().take(withheld).all(|secret| !said.contains(secret)), "{said}");
    }
}

/// Everything that a terminal, or a reader, should not be given as it is.
const ODD: &str = "x\u{1b}[31m\u{1b}]0;t\u{7}\u{9b}2J\u{202e}\u{200b}\u{e0041}y";

#[test]
fn names_given_on_the_command_line_are_escaped_in_every_sentence() {
    let folder = folder("odd-arguments");
    std::fs::write(folder.join("good.txt"), "1\n").unwrap();
    let odd = |arguments: &[&str]| {
        let output = twinspect(&folder, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(inert(&output).contains("\\u{1b}"), "{arguments:?}: {output:?}");
    };
    odd(&["compare", "good.txt", ODD]);
    odd(&["inspect", ODD]);
    odd(&["stabilize", ODD]);
    odd(&["attest", ODD]);
    odd(&[ODD]);
    odd(&["compare", "good.txt", "good.txt", "--profile", ODD]);
    odd(&["compare", "good.txt", "good.txt", "--format", ODD]);
    odd(&["compare", "good.txt", "good.txt", "--ecosystem", ODD]);
    odd(&["compare", "good.txt", "good.txt", "--disable", ODD]);
    odd(&["compare", "good.txt", "good.txt", "--limit", ODD]);
    odd(&["compare", "good.txt", "good.txt", "--redact", ODD]);
    odd(&["compare", "good.txt", "good.txt", "--report", ODD]);
    odd(&["compare", "good.txt", "good.txt", "--rules", ODD]);
    odd(&["compare", "good.txt", "good.txt", &format!("--{ODD}")]);
    odd(&["compare", "good.txt", "good.txt", "-o", &format!("missing/{ODD}")]);
}

#[cfg(unix)]
#[test]
fn names_of_files_are_escaped_wherever_they_are_printed() {
    use std::os::unix::ffi::OsStringExt as _;
    let folder = folder("odd-names");
    let mut invalid = ODD.as_bytes().to_vec();
    invalid.extend(b"\xff\n.tar");
    let name = OsString::from_vec(invalid);
    let bytes = tar(&[file(ODD, ODD.as_bytes()), file("b", b"1")]);
    std::fs::write(folder.join(&name), &bytes).unwrap();
    std::fs::write(folder.join("other.tar"), tar(&[file(ODD, b"other\n"), file("b", b"2")])).unwrap();
    let rule = "custom_stabilizers: [{reason: \"x\\e[31m\\u202e\", exclude_path: {paths: [\"b\"]}}]\n";
    std::fs::write(folder.join("rules.yaml"), rule).unwrap();
    let all = [
        vec!["compare".into(), name.clone(), "other.tar".into(), "--lines".into(), "99".into()],
        vec!["inspect".into(), name.clone()],
        vec!["stabilize".into(), name.clone()],
        vec!["attest".into(), name.clone()],
        vec!["compare".into(), name.clone(), "other.tar".into(), "--rules".into(), "rules.yaml".into()],
    ];
    for arguments in all {
        assert!(inert(&twinspect(&folder, &arguments)).contains("\\u{1b}"), "{arguments:?}");
    }
}
