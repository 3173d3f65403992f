//! Zip passes: what they give up under either profile, and the look-alikes they leave alone.

use super::super::testing::{Item, Side, container, file, stabilize};
use super::*;

fn number(number: i128) -> Value {
    Value::Number(number)
}

fn bytes(text: impl AsRef<[u8]>) -> Value {
    Value::Bytes(text.as_ref().to_vec())
}

fn one(profile: Profile, item: Item) -> Side {
    stabilize(profile, &container("zip", "a.zip", [item]))
}

/// Checks that `standard` leaves every field of a member as it is.
fn stays(item: Item) {
    assert_eq!(one(Profile::Standard, item.clone()).causes("a"), "");
    assert_eq!(one(Profile::OssRebuild, item).fields("a"), "");
}

/// Checks that `standard` gives up every field of a member.
fn goes(item: Item) {
    assert_eq!(one(Profile::Standard, item.clone()).fields("a"), "");
    assert_eq!(one(Profile::OssRebuild, item).fields("a"), "");
}

fn full() -> Item {
    file("a", "content")
        .with("method", Value::text("deflate"))
        .with("compressed-size", number(9))
        .with("mtime", Value::LocalTime(2022, 1, 2, 3, 4, 6))
        .with("mode", Value::Mode(0o100_644))
        .with("dos-attributes", number(0x20))
        .with("made-by", Value::text("unix"))
        .with("version-made", number(63))
        .with("version-needed", number(20))
        .with("flags", number(2))
        .with("utf8-name", Value::text("yes"))
        .with("unix-mtime", Value::Time(1, 0))
        .with("uid", number(1000))
        .with("zip64", Value::text("size"))
        .with("comment", bytes("text"))
        .with("internal-attributes", number(1))
        .with("local:mtime", Value::LocalTime(1980, 0, 0, 0, 0, 0))
        .with("data-descriptor", Value::text("signature, 32 bits"))
}

#[test]
fn upstream_leaves_nothing_of_a_member_but_name_and_content() {
    let zip = container("zip", "a.zip", [full()])
        .says("comment", bytes("archive"))
        .says("data-order", Value::Digest([0; 32]))
        .says("prefix-bytes", number(9))
        .says("gap@77", number(9))
        .says("trailing-bytes", number(9))
        .says("entries", number(9));
    let side = stabilize(Profile::OssRebuild, &zip);
    assert_eq!(side.fields("a"), "");
    assert_eq!(
        side.causes("a"),
        "mtime by zip-modified-time, unix-mtime by zip-modified-time, method by zip-compression, \
         compressed-size by zip-compression, data-descriptor by zip-data-descriptor, \
         utf8-name by zip-file-encoding, mode by zip-file-mode, dos-attributes by zip-file-mode, \
         made-by by zip-file-mode, version-made by zip-file-mode, version-needed by zip-misc, flags by zip-misc, \
         uid by zip-misc, zip64 by zip-misc, comment by zip-misc, internal-attributes by zip-rewrite, \
         local:mtime by zip-rewrite"
    );
    assert_eq!(side.container("a.zip"), "comment=archive", "the archive comment counts");
    assert_eq!(side.overlay("a.zip").order, Some("zip-file-order"));
    assert_eq!(side.overlay("a").encoding, Some("zip-compression"));
}

#[test]
fn standard_leaves_comments_and_hidden_bytes() {
    let zip = container("zip", "a.zip", [full()])
        .says("comment", bytes("archive"))
        .says("data-order", Value::Digest([0; 32]))
        .says("zip64", Value::text("entries"))
        .says("zip64-version-made", number(45))
        .says("zip64-version-needed", number(45))
        .says("prefix-bytes", number(9))
        .says("gap@77", number(9))
        .says("trailing-bytes", number(9))
        .says("entries", number(9));
    let side = stabilize(Profile::Standard, &zip);
    assert_eq!(side.fields("a"), "comment=text");
    assert_eq!(side.container("a.zip"), "comment=archive prefix-bytes=9 gap@77=9 trailing-bytes=9 entries=9");
    assert_eq!(side.overlay("a").encoding, Some("zip-compression"));
}

#[test]
fn order_counts_where_paths_collide() {
    let zip = container("zip", "a.zip", [file("a", "1"), file("a", "2")]).says("data-order", Value::Digest([0; 32]));
    let side = stabilize(Profile::Standard, &zip);
    assert_eq!((side.overlay("a.zip").order, side.overlay("a.zip").opened.len()), (None, 0));
    assert_eq!(stabilize(Profile::OssRebuild, &zip).overlay("a.zip").order, Some("zip-file-order"));
}

#[test]
fn rare_methods_and_stored_sizes_that_disagree_count() {
    stays(file("a", "").with("method", Value::text("zstd")));
    stays(file("a", "").with("method", Value::text("method 77")));
    let odd = file("a", "").with("method", Value::text("stored")).with("compressed-size", number(9));
    assert_eq!(one(Profile::Standard, odd).fields("a"), "compressed-size=9");
    let flags = file("a", "").with("method", Value::text("deflate")).with("flags", number(0x26));
    assert_eq!(one(Profile::Standard, flags).fields("a"), "flags=32");
    let flags = file("a", "").with("method", Value::text("stored")).with("flags", number(2));
    assert_eq!(one(Profile::Standard, flags).fields("a"), "");
    stays(file("a", "").with("method", Value::text("lzma")).with("flags", number(2)));
    stays(file("a", "").with("flags", number(0x2000)));
}

#[test]
fn what_cannot_be_read_keeps_all_that_is_known_of_it() {
    let item = file("a", "")
        .unread()
        .with("method", Value::text("deflate"))
        .with("compressed-size", number(9))
        .with("size", number(9))
        .with("crc32", number(9))
        .with("stored-sha256", Value::Digest([7; 32]));
    let side = one(Profile::Standard, item.clone());
    assert_eq!((side.causes("a").as_str(), side.overlay("a").encoding), ("", None));
    let side = one(Profile::OssRebuild, item);
    assert_eq!(side.fields("a"), format!("size=9 crc32=9 stored-sha256={}", "07".repeat(32)));
}

#[test]
fn descriptors_count_after_stored_data_and_when_they_contradict() {
    let item = |method: &'static str, form: &'static str, content: &str| {
        file("a", content).with("method", Value::text(method)).with("data-descriptor", Value::text(form))
    };
    goes(item("deflate", "signature, 64 bits", "a"));
    goes(item("deflate", "no signature, 32 bits", "a"));
    goes(item("stored", "signature, 32 bits", ""));
    let kept = |item| one(Profile::Standard, item).fields("a");
    assert_eq!(kept(item("stored", "signature, 32 bits", "a")), "data-descriptor=signature, 32 bits");
    assert_eq!(kept(item("deflate", "missing", "a")), "data-descriptor=missing");
    stays(file("a", "").with("descriptor:crc32", number(7)));
    stays(file("a", "").with("local:size", number(7)).with("local:name", bytes("b")));
}

#[test]
fn the_mark_counts_where_the_name_is_not_plain_ascii() {
    let marked = |path: &str| file(path, "").with("utf8-name", Value::text("yes"));
    let check = |item: Item, path: &str, expected: &str| {
        assert_eq!(one(Profile::Standard, item.clone()).fields(path), expected, "{path}");
        assert_eq!(one(Profile::OssRebuild, item).fields(path), "", "{path}");
    };
    check(marked("a b"), "a b", "");
    for path in ["é", "a\\b", "a~", "a\n"] {
        check(marked(path), path, "utf8-name=yes");
    }
    assert_eq!(one(Profile::Standard, marked("a").with("comment", bytes("é"))).fields("a"), "utf8-name=yes comment=é");
    goes(file("a", "").with("unicode-path", bytes("a")));
    stays(file("a", "").with("unicode-path", bytes("b")));
    stays(file("a", "").with("unicode-path", bytes("a")).with("unicode-path-crc32", number(7)));
}

#[test]
fn modes_keep_what_is_acted_upon() {
    let item = |kind, mode| {
        let path = if kind == Kind::Directory { "a/" } else { "a" };
        file(path, "").kind(kind).with("mode", Value::Mode(mode)).with("made-by", Value::text("unix"))
    };
    let check = |kind, mode, expected: &str| {
        let path = if kind == Kind::Directory { "a/" } else { "a" };
        assert_eq!(one(Profile::Standard, item(kind, mode)).fields(path), expected, "{mode:o}");
        assert_eq!(one(Profile::OssRebuild, item(kind, mode)).fields(path), "");
    };
    check(Kind::File, 0o100_644, "");
    check(Kind::File, 0o100_664, "");
    check(Kind::File, 0o600, "");
    check(Kind::File, 0o100_755, "mode=100755 made-by=unix");
    check(Kind::File, 0o100_775, "mode=100755 made-by=unix");
    check(Kind::File, 0o700, "mode=100755 made-by=unix");
    check(Kind::File, 0o104_755, "mode=104755 made-by=unix");
    check(Kind::File, 0o100_666, "mode=100646 made-by=unix");
    check(Kind::Directory, 0o040_755, "");
    check(Kind::Directory, 0o040_700, "");
    check(Kind::Directory, 0o041_777, "mode=41757 made-by=unix");
    check(Kind::Symlink, 0o120_755, "mode=120777 made-by=unix");
    // The name says folder, the mode link.
    check(Kind::Directory, 0o120_777, "mode=120777 made-by=unix");
    check(Kind::Fifo, 0o010_644, "mode=10644 made-by=unix");
    let darwin = file("a", "").with("mode", Value::Mode(0o755)).with("made-by", Value::text("darwin"));
    assert_eq!(one(Profile::Standard, darwin).fields("a"), "mode=100755 made-by=unix");
    // Python's installers look at the mode whoever made it, Info-ZIP does not.
    let dos = file("a", "").with("mode", Value::Mode(0o100_755));
    assert_eq!(one(Profile::Standard, dos).fields("a"), "mode=100755");
}

#[test]
fn attributes_that_hide_a_file_count() {
    goes(file("a", "").with("dos-attributes", number(0x21)));
    stays(file("a", "").with("dos-attributes", number(0x02)));
    stays(file("a", "").with("dos-attributes", number(0x10)));
    let folder = file("a/", "").kind(Kind::Directory).with("dos-attributes", number(0x10));
    assert_eq!(one(Profile::Standard, folder).fields("a/"), "");
}

#[test]
fn upstream_makes_links_files() {
    let link = file("a", "target").kind(Kind::Symlink).with("target", bytes("target"));
    let side = one(Profile::OssRebuild, link.clone());
    assert_eq!((side.overlay("a").kind, side.fields("a").as_str()), (Some((Kind::File, "zip-file-mode")), ""));
    let side = one(Profile::Standard, link);
    assert_eq!((side.overlay("a").kind, side.fields("a").as_str()), (None, "target=target"));
    let folder = file("a/", "").kind(Kind::Directory);
    assert_eq!(one(Profile::OssRebuild, folder).overlay("a/").kind, None);
}

#[test]
fn only_known_extra_fields_are_ignored() {
    goes(
        file("a", "")
            .with("version-needed", number(45))
            .with("uid", number(1))
            .with("gid", number(1))
            .with("unix-layout", Value::text("Info-ZIP 2"))
            .with("local:uid", number(1))
            .with("local:version-needed", number(20))
            .with("local:unix-atime", Value::Time(1, 0))
            .with("local:zip64", Value::text("size"))
            .with("local:without", Value::text("5455 7875"))
            .with("extra:cafe", bytes(""))
            .with("local:extra:d935", bytes([4, 0, 0, 0]))
            .with("local:extra-rest", bytes([0, 0, 0])),
    );
    for item in [
        file("a", "").with("extra:cafe", bytes("evil")),
        file("a", "").with("extra:d935", bytes([4, 0, 1])),
        file("a", "").with("extra:d935", bytes([4])),
        file("a", "").with("extra-rest", bytes([1])),
        file("a", "").with("extra:5455", bytes("not a time")),
        file("a", "").with("extra:0001", bytes("")),
        file("a", "").with("extra:abcd", bytes([0])),
        file("a", "").with("local:extra:abcd", bytes("evil")),
        file("a", "").with("local:without", Value::text("5455 7075")),
        file("a", "").with("local:extra", bytes("order")),
        file("a", "").with("unix-data", bytes("target")),
        file("a", "").with("comment", bytes("evil")),
        file("a", "").with("internal-attributes", number(2)),
        file("a", "").with("disk", number(1)),
    ] {
        stays(item);
    }
}
