//! Cases of RPM and Alpine packages, and of the archives in them.

use sha2::{Digest as _, Sha256};

use super::build::{Tar, gzip};
use super::{Case, File, case};
use crate::display::hex;
use crate::entry::Severity;
use crate::format::rpm::testing::{Build, Data, FILES, cpio, demo, stripped, text, texts, words};

pub(super) fn cases() -> Vec<Case> {
    [rpm(), archives(), alpine()].into_iter().flatten().collect()
}

fn package(build: &Build) -> File {
    ("a-1.0-2.noarch.rpm", build.bytes())
}

/// The usual package with other files in its payload, whose digest is right.
fn holding(change: impl FnOnce(&mut Vec<(&str, u32, &str)>)) -> File {
    let mut files = FILES.to_vec();
    change(&mut files);
    package(&demo().holding(cpio(&files)))
}

/// The usual package with another lead.
fn led(at: usize, bytes: &[u8]) -> File {
    package(&demo().change(|build| build.lead[at..at + bytes.len()].copy_from_slice(bytes)))
}

fn stating(tag: u32, data: Data) -> File {
    package(&demo().change(|build| build.signature.push((tag, data))))
}

fn rpm() -> Vec<Case> {
    let usual = || package(&demo());
    let compressed = |stated: &str| {
        let build = demo().with(1125, text(stated));
        package(&build.clone().holding(gzip(&build.payload)))
    };
    let long = Data::Long(FILES.iter().map(|file| file.2.len() as u64).collect());
    let ghost = |flags: u32| {
        let listed = demo().with(1037, words([flags, 0, 0, 0]));
        package(&listed.holding(cpio(&FILES[1..])))
    };
    let alt = |digest: &str| package(&demo().with(5097, texts([digest])));
    let right = hex(&Sha256::digest(cpio(&FILES)));
    vec![
        case("RPM-01", holding(|files| files.push(("/usr/bin/extra", 0o100_755, ""))), usual()),
        case("RPM-01", ghost(0), ghost(0x40)),
        case("RPM-01", holding(|files| files[1].1 = 0o104_755), usual()),
        case("RPM-01", holding(|files| files[1].2 = "#!/bin/bash\n"), usual()),
        case("RPM-01", holding(|files| files[2].2 = "/bin/sh"), usual()),
        case("RPM-01", holding(|files| files[3].1 = 0o120_777), usual()),
        case(
            "RPM-01",
            package(&demo().with(5008, long.clone()).holding([&b"07070X00000009\0\0"[..], &cpio(&[])].concat())),
            package(&demo().with(5008, long).holding(stripped(&FILES))),
        ),
        case("RPM-02", holding(|files| files[1].2 = "#!/bin/zz\n"), usual()),
        case("RPM-02", stating(269, text(&"0".repeat(40))), usual()),
        case("RPM-02", stating(273, text(&"0".repeat(64))), usual()),
        case("RPM-02", stating(1004, Data::Bytes(vec![0; 16])), usual()),
        case("RPM-02", package(&demo().with(5092, texts(["0"])).change(|build| build.sealed = false)), usual()),
        case("RPM-02", alt("0"), alt(&right)),
        case("RPM-03", led(10, b"b-1.0-2"), led(10, b"a-1.0\0\0")),
        case("RPM-03", led(10, b"b-1.0-2"), led(10, &[0; 66])),
        case("RPM-03", led(7, &[1]), usual()),
        case("RPM-03", compressed("xz"), compressed("gzip")),
        case("RPM-03", package(&demo().holding(b"no archive".to_vec())), usual()),
        case("RPM-04", package(&demo().change(|build| build.behind = b"hidden".to_vec())), usual()),
        case("RPM-04", package(&demo().holding([cpio(&FILES), cpio(&[("/x", 0o100_644, "")])].concat())), usual()),
        case("RPM-05", stating(1000, words([1 << 20])), usual()),
        case("RPM-05", package(&demo().with(1030, Data::Half(vec![0; 2]))), usual()),
    ]
}

fn archives() -> Vec<Case> {
    let usual = || ("a.cpio", cpio(&FILES));
    let two = |second: &str| ("a.cpio", cpio(&[("/a", 0o100_644, "one"), (second, 0o100_644, "two")]));
    let linked = |first: &str| {
        let text = String::from_utf8(cpio(&[("/a", 0o100_644, first), ("/b", 0o100_644, "two")])).unwrap();
        // Both have the inode 1 and two names.
        let one = |inode: u32, links: u32| format!("{inode:08x}{:08x}{:016x}{links:08x}", 0o100_644, 0);
        ("a.cpio", text.replace(&one(1, 1), &one(1, 2)).replace(&one(2, 1), &one(1, 2)).into_bytes())
    };
    vec![
        case(
            "CPIO-01",
            ("a.cpio", [cpio(&FILES), b"hidden".to_vec()].concat()),
            ("a.cpio", [cpio(&FILES), vec![0; 9]].concat()),
        ),
        case("CPIO-01", ("a.cpio", [cpio(&FILES), cpio(&FILES)].concat()), usual()),
        case("CPIO-02", two("/a"), two("/b")),
        case("CPIO-02", linked("one"), linked("")),
        case("CPIO-03", two("/b\0c"), two("/bc")),
    ]
}

/// A package of these parts; the description states this digest of the data.
fn apk(signed: bool, datahash: &str, data: &[u8]) -> File {
    let control = format!("pkgname = a\ndatahash = {datahash}\n");
    let signature = gzip(&Tar::default().file(".SIGN.RSA.me.rsa.pub", b"signature").cut());
    let control = gzip(&Tar::default().file(".PKGINFO", control.as_bytes()).cut());
    ("a-1-r0.apk", [if signed { signature } else { Vec::new() }, control, data.to_vec()].concat())
}

fn alpine() -> Vec<Case> {
    let digest = |bytes: &[u8]| hex(&Sha256::digest(bytes));
    let file = |sum: &str| {
        gzip(&Tar::default().pax(b'x', &[("APK-TOOLS.checksum.SHA1", sum)]).file("usr/bin/a", b"hello").end())
    };
    let plain = file("aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d");
    let usual = || apk(true, &digest(&plain), &plain);
    let more = [&plain[..], &gzip(&Tar::default().file("usr/bin/b", b"").end())].concat();
    let wrong = file(&"0".repeat(40));
    vec![
        case("ALPINE-01", apk(true, &"0".repeat(64), &plain), usual()),
        case("ALPINE-01", apk(true, &digest(&wrong), &wrong), usual()),
        case("ALPINE-02", apk(true, &digest(&more), &more), usual()),
        case("ALPINE-02", apk(true, &digest(b""), b""), usual()),
        case("ALPINE-03", apk(false, &digest(&plain), &plain), usual()),
        // What is ordinary in a package is none of an archive's oddities.
        case("TAR-10", ("a.tar", Tar::default().file("a", b"").cut()), usual()),
        case("GZ-01", ("a.tar.gz", more.clone()), usual()),
    ]
}

#[test]
fn a_damaged_payload_is_told_by_its_digests() {
    let build = demo().with(1125, text("gzip"));
    let build = build.clone().holding(gzip(&build.payload));
    let mut bytes = build.bytes();
    let at = bytes.len() - 40;
    bytes[at] ^= 0x40;
    let reading = super::read(&("a-1.0-2.noarch.rpm", bytes));
    let wrong = super::of(&reading, "RPM-02");
    let what: Vec<&str> = wrong.iter().map(|found| found.message.split(" is ").next().unwrap()).collect();
    assert!(what.contains(&"payload-digest") && what.contains(&"the md5 of header and payload"), "{what:?}");
    assert!(wrong.iter().all(|found| found.severity == Severity::High));
}

#[test]
fn an_ordinary_package_has_no_findings() {
    for file in [package(&demo()), apk(true, &hex(&Sha256::digest(b"")), b"")] {
        let reading = super::read(&file);
        let worst = reading.findings.iter().find(|found| found.id != "ALPINE-02");
        assert_eq!(worst, None, "{}", file.0);
    }
}
