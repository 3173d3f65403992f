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
        one number, and in `standard` one written at odd length counts, because digits could hold anything.",
    upstream: true,
    stage: 0,
    applies: on_tar,
    pass: Pass::Entry(|view, id| {
        let upstream = view.scope.is_upstream();
        view.change_fields(id, |field, _| {
            // Twenty digits, a point, nine digits: more than any time needs.
            let short = field.stored.as_ref().is_none_or(|stored| stored.len() <= 30);
            Fate::drop_if(is_time(&field.name) && (upstream || short))
        });
    }),
};

/// Modes.
pub const FILE_MODE: Stabilizer = Stabilizer {
    id: "tar-file-mode",
    title: "Modes of tar members",
    rationale: "Readable or writable for whom depends on the umask of the builder. In `standard` kept are: execute, \
        set-uid, set-gid and sticky bits, writable by all; and the whole mode in the payload of a Debian package, \
        which is installed as it says, and among its control files of what is not root's. OSS Rebuild makes every \
        mode 0777, a new set-uid bit included.",
    upstream: true,
    stage: 0,
    applies: |scope| on_tar(scope) && !scope.is_deb_payload(),
    pass: Pass::Entry(|view, id| {
        let upstream = view.scope.is_upstream();
        let Some(node) = view.node(id) else { return };
        // What the group may write depends on which group it is.
        if view.scope.is_deb_control() && !is_of_root(node) {
            return;
        }
        let kind = node.kind;
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
        `standard` they count where they are acted upon: in the payload of a Debian package, among its control files \
        (who owns a script there may rewrite what root runs later), on set-uid and set-gid files, and on devices; and \
        names too long for a header, which could hold anything. OSS Rebuild drops all.",
    upstream: true,
    stage: 0,
    applies: |scope| on_tar(scope) && !scope.is_deb_payload(),
    pass: Pass::Entry(|view, id| {
        if !view.scope.is_upstream() {
            let Some(node) = view.node(id) else { return };
            let lends = matches!(node.value("mode"), Some(Value::Mode(mode)) if mode & 0o6000 != 0);
            let kept = view.scope.is_deb_control() && !is_of_root(node);
            if lends || is_device(node.kind) || kept {
                return;
            }
        }
        let upstream = view.scope.is_upstream();
        view.change_fields(id, |field, value| {
            // A header has room for 32 bytes (POSIX.1-2017, pax, "ustar Interchange Format").
            let long = matches!(value, Value::Bytes(name) if name.len() > 32);
            Fate::drop_if(is_owner(&field.name) && (upstream || !long))
        });
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
        only forms that every reader understands alike: bytes in unused parts of headers, unusual names that an older \
        reader would see, comments of global headers and bytes after the end all count.",
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
            let Some(node) = view.node(id) else { return };
            let kind = Some(node.kind);
            // It reads those whose holes are told by PAX records, and fails on the older kind.
            let holes = matches!(node.value("sparse"), Some(Value::Text(kind)) if kind.starts_with("pax"));
            view.change_fields(id, |field, value| {
                let others = [is_time, is_owner, is_record, is_device_number];
                Fate::drop_if(match &*field.name {
                    // The mode has a pass of its own.
                    "mode" | "mode-extra" | "target" => false,
                    "sparse" | "sparse-map" => holes,
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

/// Whether every owner that headers and records state is root: where they differ, readers go by the name or the number.
fn is_of_root(node: &Node) -> bool {
    node.fields.iter().filter(|field| is_owner(&field.name)).all(|field| match &field.value {
        Value::Number(id) => *id == 0,
        Value::Bytes(name) => name == b"root",
        _ => false,
    })
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
        ("extension-header", Value::Text(text)) => is_usual_extension(text),
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
        (name, Value::Text(text)) if name.starts_with("global-header") => is_usual_extension(text),
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

/// Whether a description of extension headers shows no stray bytes (those are quoted), and only names that writers give
/// to such headers: a reader that does not know them unpacks them as files.
fn is_usual_extension(text: &str) -> bool {
    // GNU tar and star, bsdtar, Go, Python, node-tar; GNU long names; git; POSIX for global headers.
    let usual = ["PaxHeader", "@LongLink", "pax_global_header", ".paxheader", "GlobalHead."];
    !["\"", "signed bytes", "../"].iter().any(|odd| text.contains(odd))
        && text.split("; ").all(|part| part == "no NUL" || usual.iter().any(|name| part.contains(name)))
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
mod tests;
