//! Cases of names, links and kinds, in zips, tars and Debian packages.

use super::build::{Tar, deb, entry, zip};
use super::{Case, File, case};

fn zipped(names: &[&str]) -> File {
    let entries: Vec<_> = names.iter().enumerate().map(|(index, name)| entry(name, index.to_string())).collect();
    ("a.zip", zip(&entries.into_iter().map(|entry| entry.both(|head| head.flags = 0x800)).collect::<Vec<_>>()))
}

fn tarred(tar: Tar) -> File {
    ("a.tar", tar.end())
}

/// The same names where they are ordinary.
fn in_deb(tar: Tar) -> File {
    ("a.deb", deb("Package: a\n", "", tar))
}

pub(super) fn cases() -> Vec<Case> {
    let tar = Tar::default;
    vec![
        case("PATH-01", zipped(&["a/../../b"]), zipped(&["a/..b"])),
        case("PATH-01", zipped(&["a\\..\\b"]), zipped(&["a/...b"])),
        case("PATH-02", zipped(&["/a"]), zipped(&["a"])),
        case("PATH-02", zipped(&["C:/a"]), zipped(&["C/a"])),
        case("PATH-03", zipped(&["a\\b"]), zipped(&["a/b"])),
        case("PATH-04", zipped(&["a/b", "a//b"]), zipped(&["a/b", "a/c"])),
        case("PATH-04", zipped(&["a/b", "c/../a/b"]), zipped(&["a/b", "./c"])),
        case("PATH-05", zipped(&["read.me", "READ.ME"]), zipped(&["read.me", "READ.MI"])),
        case("PATH-05", zipped(&["stra\u{df}e", "STRASSE"]), zipped(&["strase", "STRASSE"])),
        case("PATH-06", zipped(&["caf\u{e9}", "cafe\u{301}"]), zipped(&["caf\u{e9}", "cafe"])),
        case("PATH-07", zipped(&["a\u{202e}b"]), zipped(&["a\u{2764}\u{fe0f}b"])),
        case("PATH-07", zipped(&["a\u{1b}[0m"]), zipped(&["a[0m"])),
        case(
            "PATH-08",
            ("a.tar", tar().header("", b'0', 0, &[(0, b"a\xff")]).end()),
            tarred(tar().file("\u{e4}", b"")),
        ),
        case("PATH-09", zipped(&["aux.h"]), zipped(&["auxiliary.h"])),
        case("PATH-09", zipped(&["a."]), zipped(&[".a"])),
        case("PATH-10", tarred(tar().file("a", b"").file("a/b", b"")), tarred(tar().file("a.c", b"").file("a/b", b""))),
        case("PATH-11", tarred(tar().link("a/b", b'2', "../../c")), tarred(tar().link("a/b", b'2', "../c"))),
        case("PATH-11", tarred(tar().link("a", b'2', "/etc")), in_deb(tar().link("./a", b'2', "/etc"))),
        case(
            "PATH-11",
            tarred(tar().link("a", b'2', ".").link("b", b'2', "a/..")),
            tarred(tar().link("a/c", b'2', ".").link("b", b'2', "a/c/..")),
        ),
        case(
            "PATH-12",
            tarred(tar().link("a", b'2', "b").file("a/c", b"")),
            tarred(tar().link("a", b'2', "b").file("b/c", b"")),
        ),
        case("PATH-13", tarred(tar().link("a", b'1', "b")), tarred(tar().file("b", b"").link("a", b'1', "./b"))),
        case(
            "PATH-13",
            tarred(tar().link("a", b'1', "b").file("b", b"")),
            tarred(tar().file("b", b"").link("a", b'1', "b")),
        ),
        case("PATH-14", zipped(&[&"x".repeat(256)]), zipped(&[&"x".repeat(255)])),
        case("PATH-14", zipped(&[&"x/".repeat(101)]), zipped(&[&"x/".repeat(99)])),
        case("PATH-15", zipped(&["p\u{430}ypal"]), zipped(&["\u{430}/paypal"])),
        case("PATH-16", tarred(tar().header("a", b'3', 0, &[])), tarred(tar().file("a", b""))),
        case("PATH-16", tarred(tar().mode("a", 0o4755)), tarred(tar().mode("a", 0o755))),
        case(
            "PATH-17",
            tarred(tar().pax(b'x', &[("path", "a\0b")]).file("a", b"")),
            tarred(tar().pax(b'x', &[("path", "ab")]).file("a", b"")),
        ),
    ]
}

#[test]
fn what_is_ordinary_in_a_debian_package_is_a_note() {
    let odd = Tar::default()
        .mode("./bin/su", 0o4755)
        .file("./a\\x2db", b"")
        .file("./Foo::Bar.3", b"")
        .file("./a", b"1")
        .file("./A", b"2");
    let reading = super::read(&in_deb(odd.clone()));
    let above = |reading: &crate::reading::Reading| {
        let bad = reading.findings.iter().filter(|finding| finding.severity != crate::entry::Severity::Info);
        bad.map(|finding| finding.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(above(&reading), Vec::<String>::new());
    assert_eq!(above(&super::read(&tarred(odd))), ["PATH-03", "PATH-05", "PATH-16"]);
}
