//! Tar passes: what they give up under either profile, and the look-alikes they leave alone.

use super::super::testing::{Item, Side, container, file, stabilize};
use super::*;

fn number(number: i128) -> Value {
    Value::Number(number)
}

fn bytes(text: &str) -> Value {
    Value::Bytes(text.into())
}

fn one(profile: Profile, item: Item) -> Side {
    stabilize(profile, &container("tar", "a.tar", [item]))
}

fn deb(item: Item) -> Side {
    of_deb("data", item)
}

fn of_deb(part: &str, item: Item) -> Side {
    let tar = container("tar", &format!("{part}.tar"), [item]);
    let part = container("gzip", &format!("{part}.tar.gz"), [tar]);
    stabilize(Profile::Standard, &container("deb", "a.deb", [part]))
}

/// A member with all that the tests of OSS Rebuild have, and more.
fn full() -> Item {
    file("a", "")
        .with("mtime", Value::Time(1, 5))
        .with("atime", Value::Time(2, 0))
        .with("ctime", Value::Time(3, 0))
        .with("mode", Value::Mode(0o644))
        .with("uid", number(10))
        .with("gid", number(30))
        .with("owner", bytes("user"))
        .with("group", bytes("group"))
        .with("device-major", number(8))
        .with("format", Value::text("gnu"))
        .with("header:mtime", Value::Time(9, 0))
        .with("pax:SCHILY.xattr.user.a", bytes("b"))
}

#[test]
fn upstream_leaves_only_the_mode_and_that_is_0777() {
    let side = one(Profile::OssRebuild, full());
    assert_eq!(side.fields("a"), "mode=0777");
    assert_eq!(
        side.causes("a"),
        "mtime by tar-time, atime by tar-time, ctime by tar-time, header:mtime by tar-time, \
         mode by tar-file-mode, uid by tar-owners, gid by tar-owners, owner by tar-owners, group by tar-owners, \
         pax:SCHILY.xattr.user.a by tar-xattrs, device-major by tar-device-number, format by tar-rewrite"
    );
    assert_eq!(side.overlay("a.tar").order, Some("tar-file-order"));
}

#[test]
fn standard_leaves_what_is_acted_upon() {
    let side = one(Profile::Standard, full());
    assert_eq!(side.fields("a"), "mode=0644 pax:SCHILY.xattr.user.a=b");
    assert_eq!(side.overlay("a.tar").order, Some("tar-file-order"));
}

#[test]
fn upstream_keeps_names_types_and_targets() {
    let link = file("l", "").kind(Kind::Symlink).with("target", bytes("t")).with("mode", Value::Mode(0o777));
    assert_eq!(one(Profile::OssRebuild, link).fields("l"), "target=t mode=0777");
    let odd = file("c", "").with("type", Value::text("7, contiguous file")).with("sparse", Value::text("gnu"));
    assert_eq!(one(Profile::OssRebuild, odd).fields("c"), "type=7, contiguous file sparse=gnu");
    let holes = file("c", "").with("sparse", Value::text("pax 1.0")).with("sparse-map", Value::Digest([0; 32]));
    assert_eq!(one(Profile::OssRebuild, holes).fields("c"), "");
    let old = file("o", "").with("type", Value::text("NUL")).with("mode-extra", number(0o100_000));
    assert_eq!(one(Profile::OssRebuild, old).fields("o"), "");
    let folder = file("d/", "").kind(Kind::Directory).with("type", Value::text("0"));
    assert_eq!(one(Profile::OssRebuild, folder).fields("d/"), "type=0");
}

#[test]
fn upstream_never_sees_unused_bytes_and_what_follows_the_end() {
    let tar = container(
        "tar",
        "a.tar",
        [file("a", "")
            .with("header-form", Value::text("140:\"evil\""))
            .with("header:path", bytes("b"))
            .with("extension-header", Value::text("x"))],
    )
    .says("trailing-bytes", number(1))
    .says("padding-bytes", bytes("evil"))
    .says("global-pax:comment", bytes("commit"))
    .says("end-marker", Value::text("missing"));
    let side = stabilize(Profile::OssRebuild, &tar);
    assert_eq!((side.fields("a").as_str(), side.container("a.tar").as_str()), ("", ""));
    let cut = container("tar", "a.tar", []).says("unread-bytes", number(9));
    assert_eq!(stabilize(Profile::OssRebuild, &cut).container("a.tar"), "unread-bytes=9");
}

#[test]
fn modes_keep_what_is_acted_upon() {
    let check = |kind, before, standard| {
        let item = file("a", "").kind(kind).with("mode", Value::Mode(before));
        assert_eq!(one(Profile::Standard, item.clone()).fields("a"), format!("mode={standard:04o}"), "{before:o}");
        assert_eq!(deb(item.clone()).fields("a"), format!("mode={before:04o}"), "deb {before:o}");
        assert_eq!(one(Profile::OssRebuild, item).fields("a"), "mode=0777");
    };
    check(Kind::File, 0o644, 0o644);
    check(Kind::File, 0o664, 0o644);
    check(Kind::File, 0o600, 0o644);
    check(Kind::File, 0o440, 0o644);
    check(Kind::File, 0o755, 0o755);
    check(Kind::File, 0o775, 0o755);
    check(Kind::File, 0o700, 0o755);
    check(Kind::File, 0o645, 0o755);
    check(Kind::File, 0o666, 0o646);
    check(Kind::File, 0o777, 0o757);
    check(Kind::File, 0o4755, 0o4755);
    check(Kind::File, 0o2711, 0o2755);
    check(Kind::File, 0o1644, 0o1644);
    check(Kind::Hardlink, 0o4755, 0o4755);
    check(Kind::Directory, 0o775, 0o755);
    check(Kind::Directory, 0o700, 0o755);
    check(Kind::Directory, 0o1777, 0o1757);
    check(Kind::Symlink, 0o755, 0o777);
    check(Kind::CharacterDevice, 0o660, 0o660);
    check(Kind::Fifo, 0o600, 0o600);
}

#[test]
fn owners_count_where_they_lend_their_rights() {
    let item = |kind, mode| file("a", "").kind(kind).with("mode", Value::Mode(mode)).with("uid", number(0));
    assert_eq!(one(Profile::Standard, item(Kind::File, 0o755)).fields("a"), "mode=0755");
    assert_eq!(one(Profile::Standard, item(Kind::File, 0o4755)).fields("a"), "mode=4755 uid=0");
    assert_eq!(one(Profile::Standard, item(Kind::File, 0o2755)).fields("a"), "mode=2755 uid=0");
    assert_eq!(one(Profile::Standard, item(Kind::BlockDevice, 0o660)).fields("a"), "mode=0660 uid=0");
    assert_eq!(deb(item(Kind::File, 0o755)).fields("a"), "mode=0755 uid=0");
    assert_eq!(one(Profile::OssRebuild, item(Kind::File, 0o4755)).fields("a"), "mode=0777");
}

#[test]
fn control_files_of_others_than_root_keep_owner_and_mode() {
    let of = |uid, owner| {
        file("postinst", "")
            .with("mtime", Value::Time(1, 0))
            .with("mode", Value::Mode(0o775))
            .with("uid", number(uid))
            .with("gid", number(0))
            .with("owner", bytes(owner))
    };
    let check = |item, expected| assert_eq!(of_deb("control", item).fields("postinst"), expected);
    check(of(0, "root"), "mode=0755");
    check(of(1000, "root"), "mode=0775 uid=1000 gid=0 owner=root");
    check(of(0, "eve"), "mode=0775 uid=0 gid=0 owner=eve");
    check(of(0, "root").with("header:gid", number(7)), "mode=0775 uid=0 gid=0 owner=root header:gid=7");
    check(file("postinst", "").with("mode", Value::Mode(0o4757)), "mode=4757");
}

#[test]
fn what_is_too_long_for_its_purpose_counts() {
    let item = file("a", "")
        .with("owner", Value::Bytes(vec![b'o'; 33]))
        .with("group", Value::Bytes(vec![b'g'; 32]))
        .odd("mtime", Value::Time(1, 0), &[b'0'; 31])
        .odd("atime", Value::Time(1, 0), b"1.0");
    let side = one(Profile::Standard, item.clone());
    assert_eq!(side.causes("a"), "atime by tar-time, group by tar-owners");
    assert_eq!(one(Profile::OssRebuild, item).fields("a"), "");
}

#[test]
fn records_that_change_what_a_file_may_do_stay() {
    let item = file("a", "")
        .with("pax:SCHILY.xattr.security.capability", bytes("cap"))
        .with("pax:SCHILY.acl.access", bytes("user::rwx"))
        .with("pax:RHT.security.selinux", bytes("label"))
        .with("pax:comment", bytes("text"))
        .with("pax:hdrcharset", bytes("BINARY"))
        .with("pax:LIBARCHIVE.xattr.com.apple.quarantine", bytes("q"))
        .with("pax:SCHILY.xattr.com.apple.provenance", Value::Bytes(vec![b'p'; 65]));
    assert_eq!(one(Profile::Standard, item.clone()).causes("a"), "");
    assert_eq!(one(Profile::OssRebuild, item).fields("a"), "");
    let harmless = file("a", "")
        .with("pax:SCHILY.dev", bytes("1"))
        .with("pax:SCHILY.ino", bytes("2"))
        .with("pax:SCHILY.nlink", bytes("3"))
        .with("pax:LIBARCHIVE.creationtime", bytes("4.5"))
        .with("pax:LIBARCHIVE.xattr.com.apple.provenance", bytes("AQIAx"))
        .with("pax:SCHILY.xattr.com.apple.lastuseddate#PS", bytes("12345678"));
    assert_eq!(one(Profile::Standard, harmless.clone()).fields("a"), "");
    assert_eq!(deb(harmless).causes("a"), "");
}

#[test]
fn device_numbers_count_on_devices() {
    let item = |kind| file("a", "").kind(kind).with("device-major", number(8)).with("device-minor", number(1));
    assert_eq!(one(Profile::Standard, item(Kind::File)).fields("a"), "");
    assert_eq!(one(Profile::Standard, item(Kind::BlockDevice)).fields("a"), "device-major=8 device-minor=1");
    assert_eq!(one(Profile::OssRebuild, item(Kind::BlockDevice)).fields("a"), "");
    assert_eq!(deb(item(Kind::File)).causes("a"), "");
}

#[test]
fn dialects_and_spellings_do_not_count() {
    let long = "é".repeat(60) + "/abc";
    let item = file(&long, "")
        .with("format", Value::text("pax"))
        .with("prefix-length", number(5))
        .with("type", Value::text("NUL"))
        .with("mode-extra", number(0o100_000))
        .with("header-form", Value::text("numbers end in space NUL and space; the checksum in NUL; filled with spaces"))
        .with("extension-header", Value::text("x PaxHeaders.77/abc 644 0/0 @1: path; L ././@LongLink 644 0/0 @0"))
        .with("header:path", bytes("/abc"));
    let tar = container("tar", "a.tar", [item])
        .says("zero-padding", number(9216))
        .says("end-marker", Value::text("one block"))
        .says("global-header", Value::text("before entry 1: g pax_global_header 666 0/0 @1: mtime"))
        .says("global-pax:mtime", bytes("1"));
    let side = stabilize(Profile::Standard, &tar);
    assert_eq!((side.fields(&long).as_str(), side.container("a.tar").as_str()), ("", ""));
    // In the payload of a deb too: it is the same archive.
    assert_eq!(deb(file("a", "").with("format", Value::text("gnu"))).fields("a"), "");
}

#[test]
fn hidden_bytes_and_contradictions_count() {
    let item = file("a", "")
        .with("header-form", Value::text("numbers end in NUL and NUL; 140:\"evil; numbers end in\""))
        .with("extension-header", Value::text("L ././@LongLink 644 0/0 @0; after the NUL \"evil\""))
        .with("header:path", bytes("b"))
        .with("header:size", number(0))
        .with("gnu:path", bytes("c"))
        .with("type", Value::text("7, contiguous file"))
        .with("mode-extra", number(0o040_000))
        .with("pax-malformed", bytes("evil"))
        .with("size", number(512));
    assert_eq!(one(Profile::Standard, item).causes("a"), "");
    for name in ["package/evil.js", "PaxHeader/a; package/evil.js", "../../PaxHeader/evil"] {
        let text = format!("x {name} 644 0/0 @1: path");
        let item = file("a", "").with("extension-header", Value::text(text.clone()));
        assert_eq!(one(Profile::Standard, item).causes("a"), "", "{text}");
    }
    let signed = file("a", "").with("header-form", Value::text("the checksum is over signed bytes"));
    assert_eq!(one(Profile::Standard, signed).causes("a"), "");
    let tar = container("tar", "a.tar", [])
        .says("trailing-bytes", number(1))
        .says("padding-bytes", bytes("evil"))
        .says("end-marker", Value::text("cut"))
        .says("global-header", Value::text("before entry 1: g x 644 0/0 @0 (0:\"evil\"): comment"))
        .says("global-pax:comment", bytes("commit"))
        .says("global-pax:path", bytes("evil"))
        .says("dangling-pax:path", bytes("evil"));
    assert_eq!(stabilize(Profile::Standard, &tar).overlay("a.tar").opened, []);
}

#[test]
fn order_counts_where_paths_collide() {
    let twice = container("tar", "a.tar", [file("a", "1"), file("a", "2")]);
    assert_eq!(stabilize(Profile::Standard, &twice).overlay("a.tar").order, None);
    assert_eq!(stabilize(Profile::OssRebuild, &twice).overlay("a.tar").order, Some("tar-file-order"));
}
