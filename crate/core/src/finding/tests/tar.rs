//! Cases of tar archives.

use super::build::Tar;
use super::{Case, File, case};

fn file(tar: Tar) -> File {
    ("a.tar", tar.end())
}

/// An old GNU sparse header with this map and size.
fn sparse(size: u64) -> Tar {
    let extent = [format!("{:011o}\0", 0), format!("{:011o}\0", 5)].concat();
    let real = format!("{size:011o}\0");
    let set: [(usize, &[u8]); 3] = [(257, b"ustar  \0"), (386, extent.as_bytes()), (483, real.as_bytes())];
    Tar::default().header("a", b'S', 5, &set).data(b"hello")
}

pub(super) fn cases() -> Vec<Case> {
    let tar = Tar::default;
    let plain = || tar().file("a", b"hello");
    let long = "n".repeat(120);
    let header_sized = |size: &[u8]| tar().header("a", b'0', 0, &[(124, size)]);
    vec![
        case(
            "TAR-01",
            file(tar().pax(b'x', &[("size", "3")]).file("a", b"hello")),
            file(tar().pax(b'x', &[("size", "5")]).file("a", b"hello")),
        ),
        case(
            "TAR-02",
            file(tar().pax(b'x', &[("comment", "1"), ("path", "b"), ("comment", "2")]).file("a", b"")),
            file(tar().pax(b'x', &[("comment", "1"), ("mtime", "1")]).file("a", b"")),
        ),
        case(
            "TAR-03",
            file(tar().long(b'L', b"short\0").file("a", b"")),
            file(tar().long(b'L', format!("{long}\0").as_bytes()).file(&long, b"")),
        ),
        case(
            "TAR-04",
            file(tar().pax(b'g', &[("path", "b")]).file("a", b"")),
            file(tar().pax(b'g', &[("mtime", "1")]).file("a", b"")),
        ),
        case("TAR-05", file(plain().file("a", b"other")), file(plain().file("b", b"other"))),
        case(
            "TAR-06",
            file(header_sized(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")),
            file(header_sized(b"\x80\0\0\0\0\0\0\0\0\0\0\0")),
        ),
        case("TAR-07", file(sparse(100)), file(plain())),
        case("TAR-08", file(tar().header("a", b'5', 5, &[]).data(b"hello")), file(tar().header("a", b'5', 0, &[]))),
        case(
            "TAR-09",
            ("a.tar", [plain().end(), plain().end()].concat()),
            ("a.tar", [plain().end(), vec![0; 8192]].concat()),
        ),
        case("TAR-10", ("a.tar", plain().cut()), file(plain())),
        case(
            "TAR-11",
            ("a.tar", {
                let mut bytes = plain().file("b", b"").end();
                bytes[1024 + 148] ^= 1;
                bytes
            }),
            file(plain()),
        ),
        case(
            "TAR-12",
            file(tar().long(b'x', b"9 path=b\n\n").file("a", b"")),
            file(tar().long(b'x', b"9 path=b\n").file("a", b"")),
        ),
        case(
            "TAR-13",
            file(tar().pax(b'x', &[("path", "b")]).pax(b'x', &[("mtime", "1")]).file("a", b"")),
            file(tar().pax(b'x', &[("path", "b"), ("mtime", "1")]).file("a", b"")),
        ),
        case("TAR-14", file(header_sized(b"\x000000000000\0")), file(header_sized(b"          0 "))),
        case("TAR-15", file(tar().header("a", b'7', 0, &[])), file(tar().header("a", b'0', 0, &[]))),
        case(
            "TAR-16",
            file(tar().header("", b'5', 0, &[(345, b"dir")])),
            file(tar().header(&"n".repeat(99), b'0', 0, &[(345, b"dir")])),
        ),
        case(
            "TAR-17",
            file(tar().pax(b'x', &[("hdrcharset", "BINARY")]).file("a", b"")),
            file(tar().pax(b'x', &[("hdrcharset", "ISO-IR 10646 2000 UTF-8")]).file("a", b"")),
        ),
        case("TAR-18", ("a.tar", plain().cut()[..700].to_vec()), file(plain())),
        case(
            "TAR-19",
            file(plain().file("a", b"other").link("b", b'1', "a")),
            file(plain().file("a", b"hello").link("b", b'1', "a")),
        ),
        case(
            "TAR-20",
            file(tar().pax(b'x', &[("mtime", "-5")]).file("a", b"")),
            file(tar().pax(b'x', &[("mtime", "5")]).file("a", b"")),
        ),
        case("TAR-21", file(tar().header("a", b'0', 5, &[]).raw(b"hellohidden").raw(&[0; 501])), file(plain())),
        case("TAR-22", file(tar().header("a", b'V', 0, &[])), file(tar().header("V", b'0', 0, &[]))),
    ]
}

#[test]
fn a_header_that_pax_replaces_must_not_lead_astray_either() {
    let reading = super::read(&file(Tar::default().pax(b'x', &[("path", "safe")]).file("../evil", b"")));
    assert_eq!(super::of(&reading, "PATH-01").len(), 1, "{:?}", reading.findings);
    let reading = super::read(&file(Tar::default().pax(b'x', &[("path", "safe")]).file("ignored", b"")));
    assert_eq!(super::of(&reading, "TAR-02")[0].severity, crate::entry::Severity::Info);
}
