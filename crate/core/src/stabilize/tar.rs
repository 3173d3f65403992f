//! tar archives, whatever compression is around them.

use crate::entry::{Field, Kind, Value};
use crate::reading::Node;

use super::upstream::{Set, set};
use super::{Fate, Pass, Profile, Scope, Stabilizer, acted_upon, order};

/// The order of the members.
pub const FILE_ORDER: Stabilizer = Stabilizer {
    id: "tar-file-order",
    title: "Order of tar members",
    rationale: "Unpacking gives the same files in any order. In `standard` the order counts where it could decide \
        what is unpacked: paths that collide, members below a link or file, hard links before the file they name. \
        OSS Rebuild ignores it always.",
    upstream: true,
    stage: 0,
    applies: on_tar,
    pass: Pass::Container(|view| {
        if view.scope.is_upstream() || order::is_free(view) {
            view.ignore_order();
        }
    }),
};

/// Times.
pub const TIME: Stabilizer = Stabilizer {
    id: "tar-time",
    title: "Times of tar members",
    rationale: "They say when a build ran. Installers set them on files at most, and none decides by them; each is \
        one number, too small to hide anything in.",
    upstream: true,
    stage: 0,
    applies: on_tar,
    pass: Pass::Entry(|view, id| view.drop_fields(id, is_time)),
};

/// Modes.
pub const FILE_MODE: Stabilizer = Stabilizer {
    id: "tar-file-mode",
    title: "Modes of tar members",
    rationale: "Readable or writable for whom depends on the umask of the builder. In `standard` kept are: execute, \
        set-uid, set-gid and sticky bits, writable by all; and the whole mode in the payload of a Debian package, \
        which is installed as it says. OSS Rebuild makes every mode 0777, a new set-uid bit included.",
    upstream: true,
    stage: 0,
    applies: |scope| on_tar(scope) && !scope.is_deb_payload(),
    pass: Pass::Entry(|view, id| {
        let upstream = view.scope.is_upstream();
        let Some(kind) = view.node(id).map(|node| node.kind) else { return };
        view.change_fields(id, |field, value| match value {
            _ if upstream && field.name == "mode-extra" => Fate::Drop,
            Value::Mode(_) if field.name != "mode" => Fate::Keep,
            Value::Mode(_) if upstream => Fate::Set(Value::Mode(0o777)),
            Value::Mode(mode) => match kind {
                // Links have no mode of their own.
                Kind::Symlink => Fate::Set(Value::Mode(0o777)),
                Kind::File | Kind::Hardlink | Kind::Directory => {
                    Fate::Set(Value::Mode(acted_upon(mode & 0o7777, kind)))
                }
                _ => Fate::Keep,
            },
            _ => Fate::Keep,
        });
    }),
};

/// Owners.
pub const OWNERS: Stabilizer = Stabilizer {
    id: "tar-owners",
    title: "Owners of tar members",
    rationale: "They name the account that ran the build; package managers install files as their own user. In \
        `standard` they count where they are acted upon: in the payload of a Debian package, on set-uid and set-gid \
        files, and on devices. OSS Rebuild drops them always.",
    upstream: true,
    stage: 0,
    applies: |scope| on_tar(scope) && !scope.is_deb_payload(),
    pass: Pass::Entry(|view, id| {
        if !view.scope.is_upstream() {
            let Some(node) = view.node(id) else { return };
            let lends = matches!(node.value("mode"), Some(Value::Mode(mode)) if mode & 0o6000 != 0);
            if lends || is_device(node.kind) {
                return;
            }
        }
        view.drop_fields(id, is_owner);
    }),
};

/// Extended attributes and other extension records.
pub const XATTRS: Stabilizer = Stabilizer {
    id: "tar-xattrs",
    title: "Extension records of tar members",
    rationale: "In `standard` only records are ignored that say where a file lay on the builder's disk, and two \
        marks that macOS sets by itself, up to 64 bytes long. Capabilities, access control lists, SELinux labels, \
        comments and everything unknown count. OSS Rebuild drops every record and extended attribute.",
    upstream: true,
    stage: 0,
    applies: |scope| on_tar(scope) && !scope.is_deb_payload(),
    pass: Pass::Entry(|view, id| {
        if view.scope.is_upstream() {
            view.drop_fields(id, is_record);
        } else {
            view.change_fields(id, |field, value| Fate::drop_if(is_harmless_record(field, value)));
        }
    }),
};

/// Device numbers.
pub const DEVICE_NUMBER: Stabilizer = Stabilizer {
    id: "tar-device-number",
    title: "Device numbers of tar members",
    rationale: "Some writers put the numbers of the builder's disk on ordinary files, where nothing reads them. In \
        `standard` the numbers of devices count; OSS Rebuild drops those too.",
    upstream: true,
    stage: 0,
    applies: |scope| on_tar(scope) && !scope.is_deb_payload(),
    pass: Pass::Entry(|view, id| {
        let device = view.node(id).is_some_and(|node| is_device(node.kind));
        if view.scope.is_upstream() || !device {
            view.drop_fields(id, is_device_number);
        }
    }),
};

/// Ways to write the same archive.
pub const FORM: Stabilizer = Stabilizer {
    id: "tar-form",
    title: "Dialect of tar, and padding at the end",
    rationale: "GNU, PAX and ustar headers say the same in different words; what they say is compared. Ignored are \
        only forms that every reader understands alike and that have no room for anything: bytes in unused parts of \
        headers, names that an older reader would see, comments of global headers and bytes after the end all count.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.profile == Profile::Standard && scope.format == "tar",
    pass: Pass::Both(
        |view, id| {
            let Some(node) = view.node(id) else { return };
            view.change_fields(id, |field, value| Fate::drop_if(is_usual_form(node, field, value)));
        },
        |view| view.change_container(|field, value| Fate::drop_if(is_usual_end(field, value))),
    ),
};

/// What reading and writing again loses.
pub const REWRITE: Stabilizer = Stabilizer {
    id: "tar-rewrite",
    title: "Whatever else OSS Rebuild never sees of a tar",
    rationale: "OSS Rebuild reads entries up to the end of the archive and writes new headers, and so never sees \
        bytes after the end, in padding and in unused parts of headers; on a global PAX header it fails, and we read \
        on. None of this is harmless by itself: it is ignored for the same verdict as theirs, and listed here \
        because they do not.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.is_upstream() && on_tar(scope),
    pass: Pass::Both(
        |view, id| {
            let kind = view.node(id).map(|node| node.kind);
            view.change_fields(id, |field, value| {
                let others = [is_time, is_owner, is_record, is_device_number];
                Fate::drop_if(match &*field.name {
                    // The mode has a pass of its own, and upstream fails on sparse members.
                    "mode" | "mode-extra" | "target" | "sparse" | "sparse-map" => false,
                    "type" => is_ordinary(value, kind),
                    name => !others.iter().any(|other| other(name)),
                })
            });
        },
        // What follows damage is all that is known of it: upstream has no verdict then.
        |view| {
            view.ignore_layout();
            view.change_container(|field, _| Fate::drop_if(!field.name.starts_with("unread-")));
        },
    ),
};

fn on_tar(scope: &Scope<'_>) -> bool {
    scope.format == "tar"
        && match scope.profile {
            Profile::None => false,
            Profile::OssRebuild => matches!(set(scope), Some(Set::Tar | Set::TarGzip | Set::Crate | Set::Gem)),
            Profile::Standard => true,
        }
}

fn is_device(kind: Kind) -> bool {
    matches!(kind, Kind::CharacterDevice | Kind::BlockDevice)
}

/// The name of a field, also where a header contradicts a PAX record.
fn either(name: &str) -> &str {
    name.strip_prefix("header:").unwrap_or(name)
}

fn is_time(name: &str) -> bool {
    matches!(either(name), "mtime" | "atime" | "ctime")
}

fn is_owner(name: &str) -> bool {
    matches!(either(name), "uid" | "gid" | "owner" | "group")
}

fn is_device_number(name: &str) -> bool {
    matches!(name, "device-major" | "device-minor")
}

fn is_record(name: &str) -> bool {
    name.starts_with("pax:")
}

/// Whether a type flag is another way to say file or folder. Not so a `0` on what is a folder by its name: some readers
/// take it for a file.
fn is_ordinary(flag: &Value, kind: Option<Kind>) -> bool {
    match flag {
        Value::Text(flag) => match &**flag {
            "NUL" => true,
            "0" => kind == Some(Kind::File),
            "5" => kind == Some(Kind::Directory),
            _ => false,
        },
        _ => false,
    }
}

fn is_usual_form(node: &Node, field: &Field, value: &Value) -> bool {
    match (&*field.name, value) {
        ("format" | "prefix-length", _) => true,
        ("header-form", Value::Text(form)) => form.split("; ").all(is_manner),
        ("extension-header", Value::Text(text)) => is_plain(text),
        ("type", flag) => is_ordinary(flag, Some(node.kind)),
        // Unix writes the kind of file above the permissions.
        ("mode-extra", Value::Number(bits)) => match node.kind {
            Kind::File | Kind::Hardlink => *bits == 0o100_000,
            Kind::Directory => *bits == 0o040_000,
            Kind::Symlink => *bits == 0o120_000,
            _ => false,
        },
        ("header:path", Value::Bytes(header)) => is_cut(&node.path, header),
        ("header:target", Value::Bytes(header)) => {
            matches!(node.value("target"), Some(Value::Bytes(target)) if is_cut(target, header))
        }
        // Eleven octal digits end at 8 GiB.
        ("header:size", Value::Number(0)) => node.size >= 1 << 33,
        _ => false,
    }
}

fn is_usual_end(field: &Field, value: &Value) -> bool {
    match (&*field.name, value) {
        ("zero-padding", _) => true,
        // One block of zeros or none, where two should be. Cut within a block is damage.
        ("end-marker", Value::Text(marker)) => marker != "cut",
        (name, Value::Text(text)) if name.starts_with("global-header") => is_plain(text),
        // What these say was taken over into the fields of the members.
        (name, _) if name.starts_with("global-pax") => name
            .split_once(':')
            .is_some_and(|(_, key)| matches!(key, "mtime" | "atime" | "ctime" | "uid" | "gid" | "uname" | "gname")),
        _ => false,
    }
}

/// How numbers are padded and ended. The parser's other remarks show bytes that should not be there, and checksums
/// that only some readers accept.
fn is_manner(remark: &str) -> bool {
    remark.starts_with("numbers end in ")
        || remark.starts_with("the checksum in ")
        || matches!(remark, "filled with spaces" | "device numbers present" | "device numbers absent")
}

/// Whether a description shows no stray bytes: those are quoted.
fn is_plain(text: &str) -> bool {
    !text.contains('"') && !text.contains("signed bytes")
}

/// Whether a header's name is what Go leaves of one that needs a PAX record: ASCII, cut to the field, without slashes
/// at the end.
fn is_cut(name: &[u8], header: &[u8]) -> bool {
    let mut ascii: Vec<u8> = name.iter().copied().filter(u8::is_ascii).take(100).collect();
    while ascii.last() == Some(&b'/') && ascii.len() > header.len() {
        ascii.pop();
    }
    ascii == header
}

/// Where a file lay on the builder's disk, or marks that macOS sets on whatever it downloads or opens. `SCHILY.` is
/// star's prefix, `LIBARCHIVE.` that of bsdtar.
fn is_harmless_record(field: &Field, value: &Value) -> bool {
    let Some(key) = field.name.strip_prefix("pax:") else { return false };
    let short = match value {
        Value::Bytes(bytes) => bytes.len() <= 64,
        Value::Text(text) => text.len() <= 64,
        _ => true,
    };
    let attribute = key.strip_prefix("SCHILY.xattr.").or_else(|| key.strip_prefix("LIBARCHIVE.xattr."));
    short
        && match attribute {
            Some(attribute) => matches!(attribute, "com.apple.provenance" | "com.apple.lastuseddate#PS"),
            None => matches!(key, "SCHILY.dev" | "SCHILY.ino" | "SCHILY.nlink" | "LIBARCHIVE.creationtime"),
        }
}

#[cfg(test)]
mod tests {
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
        let data = container("gzip", "data.tar.gz", [container("tar", "data.tar", [item])]);
        stabilize(Profile::Standard, &container("deb", "a.deb", [data]))
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
            .with(
                "header-form",
                Value::text("numbers end in space NUL and space; the checksum in NUL; filled with spaces"),
            )
            .with("extension-header", Value::text("x PaxHeaders.77/abc 644 0/0 @1: path"))
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
}
