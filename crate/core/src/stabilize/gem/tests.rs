//! Whole gems: what is entered, what is left out, what becomes of the metadata.

use sha2::{Digest as _, Sha256, Sha512};

use super::super::testing::{Item, Side, container, file, stabilize, stabilize_without};
use super::*;
use crate::display;
use crate::entry::Value;

const HEAD: &str = "--- !ruby/object:Gem::Specification\nname: demo\n";

/// A gem whose metadata is this text.
fn gem(metadata: &str) -> Item {
    let inside = file("lib.rb", "").with("mtime", Value::Time(1, 0));
    let files = container("gzip", "data.tar.gz", [container("tar", "data.tar", [inside])]);
    container("tar", "a.gem", [stream("metadata.gz", metadata), files.says("mtime", Value::Time(1, 0))])
}

fn stream(path: &str, text: &str) -> Item {
    container("gzip", path, [file(&format!("in {path}"), text)])
}

/// What becomes of the metadata.
fn metadata(side: &Side) -> String {
    side.content("in metadata.gz")
}

fn check(profile: Profile, before: &str, after: &str) {
    assert_eq!(metadata(&stabilize(profile, &gem(before))), after, "{profile:?} {before:?}");
}

fn passes(side: &Side, path: &str) -> String {
    side.overlay(path).content.as_ref().map_or(String::new(), |new| new.by.join(" "))
}

#[test]
fn upstream_replaces_date_and_version() {
    check(
        Profile::OssRebuild,
        "date: 2026-05-15 00:00:00.000000000 Z\nrubygems_version: 4.0.2\nversion: 1.0\n",
        "date: 1980-01-02 00:00:00.000000000 Z\nrubygems_version: 0.0.0\nversion: 1.0\n",
    );
    check(Profile::OssRebuild, "date: a\r\nb: 1\r\n", "date: 1980-01-02 00:00:00.000000000 Z\nb: 1\n");
    check(Profile::OssRebuild, "a:\n    date: 2001-01-01\n", "a:\n  date: 2001-01-01\n");
    check(Profile::OssRebuild, "date: \nmydate: x\nDate: x\ndate:y\n", "date: \nmydate: x\nDate: x\ndate:y\n");
}

#[test]
fn upstream_empties_the_certificates() {
    let cert = "-----BEGIN CERTIFICATE-----\n  MIID\n";
    for list in [format!("- |\n  {cert}"), "  - a\n  - b\n".into(), " x\n".into()] {
        check(Profile::OssRebuild, &format!("cert_chain:\n{list}a: b\n"), "cert_chain: []\na: b\n");
    }
    check(Profile::OssRebuild, "cert_chain: []\n", "cert_chain: []\n");
    check(Profile::OssRebuild, "a:\n  cert_chain:\n  - b\n", "a:\n  cert_chain:\n    - b\n");
    check(Profile::OssRebuild, "cert_chain:\r\n- b\r\n", "cert_chain:\n  - b\n");
    check(Profile::OssRebuild, "cert_chain:\n- a\n- b", "cert_chain: []\n- b");
}

#[test]
fn upstream_writes_the_metadata_in_one_style() {
    for (before, after) in [
        (
            "--- !ruby/object:Gem::Specification\na:\n- \"x\"\n- 'y'\n",
            "!ruby/object:Gem::Specification\na:\n  - x\n  - y\n",
        ),
        ("a: [b, c]\n", "a:\n  - b\n  - c\n"),
        ("a: []\nb: {}\nc:\nd: ~\n", "a: []\nb: {}\nc:\nd: ~\n"),
        ("a:\n    b: c\n", "a:\n  b: c\n"),
        ("a: '1.0'\nb: 1.0\n", "a: \"1.0\"\nb: 1.0\n"),
        ("a: \">=\"\n", "a: '>='\n"),
        ("a: 1\na: 2\n", "a: 1\na: 2\n"),
        ("a: b\n---\nc: d\n", "a: b\n"),
        ("", "null\n"),
    ] {
        check(Profile::OssRebuild, before, after);
        check(Profile::OssRebuild, after, after);
    }
    for wrong in ["a: b: c\n", "a: *b\n", "a:\n\t- b\n", "%YAML 1.2\n---\na:  b\n", "a: [b\n"] {
        check(Profile::OssRebuild, wrong, wrong);
    }
}

#[test]
fn upstream_runs_inside_the_two_archives_and_nowhere_else() {
    let side = stabilize(Profile::OssRebuild, &gem("a: 'b'\n"));
    assert_eq!(side.causes("lib.rb"), "mtime by tar-time");
    assert_eq!(side.container("data.tar.gz"), "");
    assert_eq!(passes(&side, "in metadata.gz"), "gem-metadata-yaml-normalize");

    let deep = container("tar", "b.gem", [gem("a: 'b'\n")]);
    let side = stabilize(Profile::OssRebuild, &deep);
    assert_eq!((side.causes("lib.rb").as_str(), metadata(&side).as_str()), ("", "a: 'b'\n"), "a gem in a gem");

    for (path, format) in [("other.gz", "gzip"), ("metadata.gz", "xz"), ("./metadata.gz", "gzip")] {
        let other = container(format, path, [file("inside", "a: 'b'\n")]);
        let side = stabilize(Profile::OssRebuild, &container("tar", "a.gem", [other]));
        assert_eq!(side.content("inside"), "a: 'b'\n", "{path} {format}");
    }
    let side = stabilize(Profile::OssRebuild, &container("tar", "a.tar", [stream("metadata.gz", "a: 'b'\n")]));
    assert_eq!(metadata(&side), "a: 'b'\n", "not a gem");
}

#[test]
fn of_members_with_the_same_name_each_is_entered() {
    let one = container("gzip", "metadata.gz", [file("one", "a: 'b'\n")]);
    let two = container("gzip", "metadata.gz", [file("two", "a: \"b\"\n")]);
    let side = stabilize(Profile::OssRebuild, &container("tar", "a.gem", [one, two]));
    assert_eq!([side.content("one"), side.content("two")], ["a: b\n", "a: b\n"]);
}

#[test]
fn without_its_pass_no_archive_is_entered() {
    let side = stabilize_without(Profile::OssRebuild, &["gem-inner-archives"], &gem("a: 'b'\n"));
    assert_eq!((side.causes("lib.rb").as_str(), metadata(&side).as_str()), ("", "a: 'b'\n"));
    assert_eq!(side.container("data.tar.gz"), "mtime=1970-01-01T00:00:01Z");
}

#[test]
fn an_archive_that_upstream_cannot_read_stays_as_it_is() {
    let inside = || file("lib.rb", "").with("mtime", Value::Time(1, 0));
    let data = |tar: Item| container("gzip", "data.tar.gz", [tar]);
    let tar = |member: Item| container("tar", "data.tar", [member]);
    for broken in [
        data(tar(inside()).says("global-header", Value::text("before entry 1"))),
        data(tar(inside()).says("unread-bytes", Value::Number(3))),
        data(tar(inside().with("sparse", Value::text("GNU")))),
        data(tar(inside().unread())),
        data(tar(inside())).says("header-crc", Value::Number(1)),
        data(tar(inside()).says("end-marker", Value::text("missing"))).says("wrong-crc32", Value::Number(1)),
        container("gzip", "data.tar.gz", [data(tar(inside()))]),
        container("xz", "data.tar.gz", [tar(inside())]),
    ] {
        let side = stabilize(Profile::OssRebuild, &container("tar", "a.gem", [broken]));
        assert_eq!(side.causes("lib.rb"), "");
    }
    // It does not get that far.
    let read = data(tar(inside())).says("wrong-crc32", Value::Number(1)).says("trailing-bytes", Value::Number(1));
    let side = stabilize(Profile::OssRebuild, &container("tar", "a.gem", [read]));
    assert_eq!(side.causes("lib.rb"), "mtime by tar-time");
    // Of the metadata it reads all.
    for (name, value) in [
        ("wrong-crc32", Value::Number(1)),
        ("zero-padding", Value::Number(1)),
        ("member 2: wrong-size", Value::Number(1)),
    ] {
        let broken = stream("metadata.gz", "a: 'b'\n").says(name, value);
        let side = stabilize(Profile::OssRebuild, &container("tar", "a.gem", [broken]));
        assert_eq!(metadata(&side), "a: 'b'\n", "{name}");
    }
}

#[test]
fn upstream_leaves_out_checksums_and_signatures() {
    let members = [
        "checksums.yaml.gz",
        "data.tar.gz.sig",
        "metadata.gz.sig",
        "checksums.yaml.gz.sig",
        "x.sig",
        "sig",
        "a/checksums.yaml.gz",
    ];
    let artifact = container("tar", "a.gem", members.map(|path| file(path, "")));
    let by = |side: &Side| members.map(|path| side.overlay(path).excluded.unwrap_or("-"));
    let (sums, sig) = ("gem-exclude-checksums", "gem-exclude-signatures");
    assert_eq!(by(&stabilize(Profile::OssRebuild, &artifact)), [sums, sig, sig, sig, sig, "-", "-"]);
    assert_eq!(by(&stabilize(Profile::Standard, &artifact)), ["-"; 7]);
    let inner = container("tar", "b.gem", [artifact]);
    assert_eq!(by(&stabilize(Profile::OssRebuild, &inner)), ["-"; 7]);
}

#[test]
fn standard_replaces_dates_and_versions_only() {
    let after = |key: &str, value: &str| {
        metadata(&stabilize_without(
            Profile::Standard,
            &["gem-metadata-yaml-normalize"],
            &gem(&format!("{HEAD}{key}: {value}\na: b\n")),
        ))
    };
    let replaced = |key: &str, value: &str| after(key, value) != format!("{HEAD}{key}: {value}\na: b\n");
    assert_eq!(after("date", "2013-01-01"), format!("{HEAD}date: 1980-01-02 00:00:00.000000000 Z\na: b\n"));
    assert_eq!(after("rubygems_version", "'3.4'"), format!("{HEAD}rubygems_version: 0.0.0\na: b\n"));
    for date in
        ["2013-01-01 00:00:00.000000000 Z", "2010-05-10 00:00:00 -04:00", "2010-05-10 00:00:00 Z", "\"2013-01-01\""]
    {
        assert!(replaced("date", date), "{date}");
    }
    for other in [
        "2013-13-01",
        "1812-01-01",
        "2013-01-01; rm",
        "today",
        "2013-01-01 00:00:00.000000000000 Z",
        "!x 2013-01-01",
        "&a 2013-01-01",
        "[2013-01-01]",
        "|\n  2013-01-01",
    ] {
        assert!(!replaced("date", other), "{other}");
    }
    for other in ["3", "3.4.evil-code", "three", "1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", "3.4.1\nrubygems_version: 3.4.2"] {
        assert_eq!(replaced("rubygems_version", other), other == "3", "{other}");
    }
    for (key, value) in [("my_date", "2013-01-01"), ("required_rubygems_version", "3.4.1")] {
        assert!(!replaced(key, value), "{key}");
    }
    for other in [
        "--- !ruby/object:Other\nname: demo\ndate: 2013-01-01\n",
        "name: demo\ndate: 2013-01-01\n",
        "--- !ruby/object:Gem::Specification\nname: demo\ndate: 2013-01-01\n# c\n",
    ] {
        check(Profile::Standard, other, other);
    }
}

#[test]
fn standard_writes_only_what_ruby_reads_the_same() {
    let normal = |text: &str| {
        let after = metadata(&stabilize(Profile::Standard, &gem(&format!("{HEAD}{text}"))));
        after.strip_prefix("!ruby/object:Gem::Specification\nname: demo\n").map(str::to_owned)
    };
    let same = |a: &str, b: &str| {
        let (a, b) = (normal(a), normal(b));
        a.is_some() && a == b
    };
    assert!(same("a: \">=\"\nb:\n- x\n", "a: '>='\nb:\n  - \"x\"\n"));
    assert!(same("a: \nb: |\n  x\n", "a:\nb: \"x\\n\"\n"));
    assert!(same("v: 1.2.3\n", "v: '1.2.3'\n"));
    assert!(same("v: &x 1.0\nw: *x\n", "v:   &x 1.0\nw:  *x\n"));
    assert!(!same("v: 1.0\n", "v: '1.0'\n"), "a number and a text");
    assert!(!same("v: :runtime\n", "v: ':runtime'\n"), "a symbol and a text");
    assert!(!same("v: yes\n", "v: 'yes'\n"), "true and a text");
    assert!(!same("v: 1,000\n", "v: '1,000'\n"), "a number and a text");
    assert!(!same("<<: &x\n", "'<<': &x\n"), "a merge and a key");
    assert!(same("v: 'yes'\n':w': 'x'\n", "v: \"yes\"\n\":w\": x\n"));
    assert!(!same("v: ~\n", "v:\n"), "written otherwise, and upstream keeps it");
    assert!(!same("v: a\nv: b\n", "v: b\n"), "a key that stands twice");
    assert!(!same("v: &x a\n", "v: a\n"), "an anchor");
    assert!(!same("v: !ruby/object:A\n  a: b\n", "v:\n  a: b\n"), "a tag");
    assert!(!same("v: !!binary YQ==\n", "v: YQ==\n"), "binary data");
    for kept in [
        "v: [a, b]\n",
        "v: a # c\n",
        "# c\nv: a\n",
        "v: a\n---\nb: c\n",
        "v: a\n...\nx\n",
        "v: ! 12\n",
        "? [a]\n: b\n",
        "v: !!str 1\n",
    ] {
        assert_eq!(normal(kept), None, "{kept}");
    }
}

#[test]
fn standard_enters_gems_in_other_archives_and_keeps_certificates() {
    let text = format!("{HEAD}cert_chain:\n- |\n  x\ndate: 2013-01-01\n");
    for artifact in [gem(&text), container("zip", "a.zip", [gem(&text)])] {
        let side = stabilize(Profile::Standard, &artifact);
        assert_eq!(passes(&side, "in metadata.gz"), "gem-metadata-date gem-metadata-yaml-normalize");
        assert!(metadata(&side).contains("cert_chain:\n  - |\n    x\n"));
    }
}

/// Checksums of the archives of [`gem`] by an algorithm.
fn sums(algorithm: &str, hex: impl Fn(&[u8]) -> String) -> String {
    let sum = |path: &str| format!("  {path}: {}\n", hex(format!("the bytes of {path}").as_bytes()));
    format!("{algorithm}:\n{}{}", sum("metadata.gz"), sum("data.tar.gz"))
}

fn is_left_out(checksums: Item) -> bool {
    let inside = container("gzip", "data.tar.gz", [container("tar", "data.tar", [])]);
    let artifact = container("tar", "a.gem", [stream("metadata.gz", "a: b\n"), inside, checksums]);
    stabilize(Profile::Standard, &artifact).overlay("checksums.yaml.gz").excluded.is_some()
}

#[test]
fn standard_leaves_out_checksums_that_are_right() {
    let sha256 = sums("SHA256", |bytes| display::hex(&Sha256::digest(bytes)));
    let sha512 = sums("SHA512", |bytes| display::hex(&Sha512::digest(bytes)));
    let sha1 = sums("SHA1", |bytes| display::hex(&sha1::Sha1::digest(bytes)));
    let right = |text: &str| is_left_out(stream("checksums.yaml.gz", text));
    assert!(right(&format!("---\n{sha256}{sha512}")));
    assert!(right(&format!("---\n{sha1}{sha512}")));
    let quoted = sha256.replace(".gz: ", ".gz: '").replace("\n  data", "'\n  data");
    assert!(right(&format!("{}'\n", quoted.trim_end())));
    assert!(!right(""));
    assert!(!right("--- {}\n"));
    assert!(!right(&sha256.replace("metadata.gz: ", "metadata.gz: 0")), "wrong");
    assert!(!right(&format!("{sha256}MD4:\n  a: b\n")), "an algorithm that cannot be checked");
    assert!(!right(&format!("{sha256}  other: b\n")), "something else");
    assert!(!right(&format!("{sha256}{sha256}")), "twice");
    assert!(!right(&format!("{sha256}# hidden\n")), "a comment");
    assert!(!right(&format!("{sha256}---\nhidden\n")), "more");
    let list = || stream("checksums.yaml.gz", &sha256);
    assert!(is_left_out(list().says("mtime", Value::Time(1, 0)).with("mode", Value::Mode(0o444))));
    assert!(!is_left_out(list().says("comment", Value::Bytes(b"hidden".to_vec()))));
    assert!(!is_left_out(list().with("mode", Value::Mode(0o4755))));
    assert!(!is_left_out(list().with("pax:comment", Value::text("hidden"))));
    assert!(!is_left_out(file("checksums.yaml.gz", &sha256)));
}

#[test]
fn digests_in_base64_are_read() {
    let binary = sums("SHA512", |bytes| {
        // As Ruby 1.9 wrote them.
        format!("!binary |-\n    {}", base64(display::hex(&Sha512::digest(bytes)).as_bytes()))
    });
    assert!(is_left_out(stream("checksums.yaml.gz", &format!("---\n{binary}"))));
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let held = group.iter().fold(0_usize, |held, byte| held << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = if place <= group.len() { char::from(DIGITS[held >> (18 - 6 * place) & 63]) } else { '=' };
            text.push(digit);
        }
        if text.len() % 61 == 60 {
            text.push_str("\n    ");
        }
    }
    text
}

#[test]
fn hostile_metadata_is_kept() {
    let deep = format!("a: {}{}\n", "[".repeat(10_000), "]".repeat(10_000));
    let bomb: String = (1..40).map(|level| format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1)).collect();
    for profile in [Profile::OssRebuild, Profile::Standard] {
        check(profile, &deep, &deep);
        let side = stabilize(profile, &gem(&format!("a0: &a0 x\n{bomb}")));
        assert!(metadata(&side).len() < 4000);
    }
    // Each item is on a line of its own, far to the right.
    let wide = format!("{}{}{}\n", "[".repeat(60), "a,".repeat(100_000), "]".repeat(60));
    check(Profile::OssRebuild, &wide, &wide);
    let long = format!("a: {}", "x ".repeat(5 << 20));
    check(Profile::OssRebuild, &long, &format!("{}\n", long.trim_end()));
}
