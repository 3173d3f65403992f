//! ZIP archives, jars and wheels included.
//!
//! Upstream reads the central directory and writes the archive again; what it gives up is everything but names,
//! contents and the archive comment. In `standard` each pass is narrowed to what no reader acts on.

use crate::entry::{Field, Kind, Value};
use crate::reading::NodeId;

use super::upstream::{Set, set};
use super::{Fate, Pass, Profile, Scope, Stabilizer, View, order};

/// The order of the members.
pub const FILE_ORDER: Stabilizer = Stabilizer {
    id: "zip-file-order",
    title: "Order of zip members",
    rationale: "Unpacking gives the same files in any order. In `standard` the order counts where it could decide \
        what a reader gets: paths that collide, members below a link or file, a jar's manifest or an EPUB's \
        `mimetype` away from the start. OSS Rebuild ignores it always.",
    upstream: true,
    stage: 0,
    applies: on_zip,
    pass: Pass::Container(|view| {
        if view.scope.is_upstream() || order::is_free(view) {
            view.ignore_order();
            // The order of the data, where it is not that of the directory.
            view.change_container(|field, _| Fate::drop_if(field.name == "data-order"));
        }
    }),
};

/// Times.
pub const MODIFIED_TIME: Stabilizer = Stabilizer {
    id: "zip-modified-time",
    title: "Times of zip members",
    rationale: "They say when a build ran. Installers set them on files at most, and none decides by them; each is \
        a few bytes of a fixed form, too small to hide anything in.",
    upstream: true,
    stage: 0,
    applies: on_zip,
    pass: Pass::Entry(|view, id| {
        let upstream = view.scope.is_upstream();
        view.drop_fields(id, |name| is_time(if upstream { name } else { either(name) }));
    }),
};

/// How members are compressed.
pub const COMPRESSION: Stabilizer = Stabilizer {
    id: "zip-compression",
    title: "Compression of zip members",
    rationale: "Compressors and levels write the same content as different bytes; the content itself is compared. In \
        `standard` only storing and deflate, which every reader knows, stand for each other: some readers take an \
        unknown method for none, and get other bytes.",
    upstream: true,
    stage: 0,
    applies: on_zip,
    pass: Pass::Entry(|view, id| {
        if view.scope.is_upstream() {
            view.ignore_encoding(id);
            view.drop_fields(id, is_compression);
            return;
        }
        let Some(node) = view.node(id).filter(|node| !node.unread) else { return };
        let method = node.value("method");
        let common = is_text(method, "deflate") || is_text(method, "stored");
        view.ignore_encoding(id);
        view.change_fields(id, |field, value| match (&*field.name, value) {
            ("method", _) => Fate::drop_if(common),
            // Where a stored member has one, the sizes disagree.
            ("compressed-size", _) => Fate::drop_if(!is_text(method, "stored")),
            // Bits 1 and 2 say how hard deflate tried (APPNOTE 4.4.4); zip sets them before it finds that storing is
            // shorter.
            ("flags", Value::Number(flags)) if common => match flags & !0b110 {
                0 => Fate::Drop,
                rest => Fate::Set(Value::Number(rest)),
            },
            _ => Fate::Keep,
        });
    }),
};

/// Checksums and sizes after the data.
pub const DATA_DESCRIPTOR: Stabilizer = Stabilizer {
    id: "zip-data-descriptor",
    title: "Data descriptors of zip members",
    rationale: "Whether checksum and sizes stand before or after the data depends on whether the archive was written \
        as a stream. In `standard` a descriptor after stored data counts: a reader of a stream must guess where such \
        data end. So do descriptors that contradict the directory.",
    upstream: true,
    stage: 0,
    applies: on_zip,
    pass: Pass::Entry(|view, id| {
        let upstream = view.scope.is_upstream();
        let guess = view.node(id).is_none_or(|node| is_text(node.value("method"), "stored") && node.size > 0);
        view.change_fields(id, |field, value| {
            Fate::drop_if(is_descriptor(&field.name) && (upstream || !guess && !is_text(Some(value), "missing")))
        });
    }),
};

/// How names are encoded.
pub const FILE_ENCODING: Stabilizer = Stabilizer {
    id: "zip-file-encoding",
    title: "UTF-8 mark of zip names",
    rationale: "A plain ASCII name is the same name with the mark and without. In `standard` the mark of any other \
        name counts, because readers without it decode another name; OSS Rebuild compares the bytes alone.",
    upstream: true,
    stage: 0,
    applies: on_zip,
    pass: Pass::Entry(|view, id| {
        if view.scope.is_upstream() {
            view.drop_fields(id, is_encoding);
            return;
        }
        let Some(node) = view.node(id) else { return };
        // Backslash and tilde are other characters in Shift JIS.
        let plain = node.path.iter().all(|byte| matches!(byte, 0x20..=0x7d) && *byte != b'\\');
        let comment = !matches!(node.value("comment"), Some(Value::Bytes(comment)) if !comment.is_ascii());
        let restates = matches!(node.value("unicode-path"), Some(Value::Bytes(path)) if *path == node.path)
            && node.value("unicode-path-crc32").is_none();
        view.drop_fields(id, |name| match name {
            "utf8-name" => plain && comment,
            "unicode-path" => restates,
            _ => false,
        });
    }),
};

/// Modes and attributes.
pub const FILE_MODE: Stabilizer = Stabilizer {
    id: "zip-file-mode",
    title: "Modes and attributes of zip members",
    rationale: "Readable or writable for whom depends on the builder's settings. In `standard` kept are: execute, \
        set-uid, set-gid and sticky bits, writable by all, the kind of file, hidden and system attributes. OSS \
        Rebuild drops all of it: a script made executable and a link turned into a file are the same to it.",
    upstream: true,
    stage: 0,
    applies: on_zip,
    pass: Pass::Entry(|view, id| {
        let Some(node) = view.node(id) else { return };
        let kind = node.kind;
        if view.scope.is_upstream() {
            view.drop_fields(id, is_mode);
            view.set_kind(id, if node.path.ends_with(b"/") { Kind::Directory } else { Kind::File });
            return;
        }
        let mode = match node.value("mode") {
            Some(Value::Mode(mode)) => permissions(kind, *mode),
            _ => Fate::Drop,
        };
        view.change_fields(id, |field, value| match (&*field.name, value) {
            ("mode", _) => mode.clone(),
            // Who made it decides how the mode is read, where it says anything.
            ("made-by", _) => match mode {
                Fate::Drop => Fate::Drop,
                _ if is_text(Some(value), "darwin") => Fate::Set(Value::text("unix")),
                _ => Fate::Keep,
            },
            ("version-made", _) => Fate::Drop,
            // Read-only, folder, archive, normal.
            ("dos-attributes", Value::Number(bits)) => {
                let folder = bits & 0x10 == 0 || kind == Kind::Directory;
                Fate::drop_if(bits & !0xb1 == 0 && folder)
            }
            _ => Fate::Keep,
        });
    }),
};

/// Owners, versions, extra fields, comments.
pub const MISC: Stabilizer = Stabilizer {
    id: "zip-misc",
    title: "Extra fields of zip members",
    rationale: "Owners and the version of zip that is needed are not acted upon, and padding moves data to a round \
        offset. In `standard` only these known forms are ignored, padding only of zeros; entry comments, unknown \
        extra fields and a second name in one count. OSS Rebuild drops every extra field, flag and comment.",
    upstream: true,
    stage: 0,
    applies: on_zip,
    pass: Pass::Entry(|view, id| {
        if view.scope.is_upstream() {
            view.drop_fields(id, is_misc);
        } else {
            view.change_fields(id, |field, value| Fate::drop_if(is_harmless_extra(field, value)));
        }
    }),
};

/// Ways to write the same archive.
pub const FORM: Stabilizer = Stabilizer {
    id: "zip-form",
    title: "Use of zip64, and the mark of text files",
    rationale: "Sizes mean the same in 32 and in 64 bits, and the parser gives this only where every record agrees. \
        The hint that a member is text is one bit that readers use on request only.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.profile == Profile::Standard && scope.format == "zip",
    pass: Pass::Both(
        |view, id| {
            view.change_fields(id, |field, value| {
                Fate::drop_if(match &*field.name {
                    "zip64" | "local:zip64" => true,
                    "internal-attributes" => *value == Value::Number(1),
                    _ => false,
                })
            });
        },
        |view| {
            view.change_container(|field, _| {
                Fate::drop_if(matches!(&*field.name, "zip64" | "zip64-version-made" | "zip64-version-needed"))
            });
        },
    ),
};

/// What reading and writing again loses.
pub const REWRITE: Stabilizer = Stabilizer {
    id: "zip-rewrite",
    title: "Whatever else OSS Rebuild never sees of a zip",
    rationale: "OSS Rebuild reads the directory and writes a new archive, and so never sees bytes in front, between \
        or after the members, members missing from the directory, and local headers that contradict it. None of this \
        is harmless by itself: it is ignored for the same verdict as theirs, and listed here because they do not.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.is_upstream() && on_zip(scope),
    pass: Pass::Both(rewrite, |view| {
        view.ignore_layout();
        view.change_container(|field, _| Fate::drop_if(!matches!(&*field.name, "comment" | "data-order")));
    }),
};

fn rewrite(view: &mut View<'_>, id: NodeId) {
    let unread = view.node(id).is_some_and(|node| node.unread);
    view.drop_fields(id, |name| {
        let others = [is_time, is_compression, is_descriptor, is_encoding, is_mode, is_misc];
        // All that is known of a content that cannot be read: upstream has no verdict then.
        let instead = unread && matches!(name, "size" | "crc32" | "stored-sha256");
        !instead && !others.iter().any(|other| other(name))
    });
}

fn on_zip(scope: &Scope<'_>) -> bool {
    scope.format == "zip"
        && match scope.profile {
            Profile::None => false,
            Profile::OssRebuild => matches!(set(scope), Some(Set::Wheel | Set::Jar)),
            Profile::Standard => true,
        }
}

/// The name of a field, whichever of the two headers it is from.
fn either(name: &str) -> &str {
    name.strip_prefix("local:").unwrap_or(name)
}

fn is_time(name: &str) -> bool {
    matches!(
        name,
        "mtime"
            | "unix-mtime"
            | "unix-atime"
            | "unix-ctime"
            | "unix-time-flags"
            | "ntfs-mtime"
            | "ntfs-atime"
            | "ntfs-ctime"
    )
}

fn is_compression(name: &str) -> bool {
    matches!(name, "method" | "compressed-size")
}

fn is_descriptor(name: &str) -> bool {
    name == "data-descriptor"
}

fn is_encoding(name: &str) -> bool {
    name == "utf8-name"
}

fn is_mode(name: &str) -> bool {
    matches!(name, "mode" | "dos-attributes" | "made-by" | "version-made" | "target")
}

fn is_misc(name: &str) -> bool {
    matches!(
        name,
        "comment" | "version-needed" | "flags" | "uid" | "gid" | "unix-layout" | "unix-data" | "zip64" | "extra-rest"
    ) || ["extra:", "unicode-", "aes-"].iter().any(|start| name.starts_with(start))
}

fn is_text(value: Option<&Value>, text: &str) -> bool {
    matches!(value, Some(Value::Text(value)) if value == text)
}

/// What an installer acts on, of a Unix mode; [`Fate::Drop`] where that is nothing.
fn permissions(kind: Kind, mode: u32) -> Fate {
    let (expected, plain) = match kind {
        Kind::File => (0o100_000, 0o644),
        Kind::Directory => (0o040_000, 0o755),
        Kind::Symlink => return Fate::Set(Value::Mode(0o120_777)),
        _ => return Fate::Keep,
    };
    // The kind says otherwise when another system made the record, or the name ends like a folder's.
    if !matches!(mode & !0o7777, 0) && mode & !0o7777 != expected {
        return Fate::Keep;
    }
    match super::acted_upon(mode & 0o7777, kind) {
        acted if acted == plain => Fate::Drop,
        acted => Fate::Set(Value::Mode(expected | acted)),
    }
}

/// Ids of extra blocks that are ignored where they can be decoded: it does not matter which header has them.
const HARMLESS: [&str; 9] = ["0000", "0001", "000a", "5455", "5855", "7855", "7875", "cafe", "d935"];

fn is_harmless_extra(field: &Field, value: &Value) -> bool {
    let zeros = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    match (either(&field.name), value) {
        ("version-needed" | "uid" | "gid" | "unix-layout", _) => true,
        // Android's alignment: the multiple, then zeros. Older tools wrote zeros alone.
        ("extra:d935", Value::Bytes(bytes)) => bytes.get(2..).is_some_and(zeros),
        ("extra:0000" | "extra-rest", Value::Bytes(bytes)) => zeros(bytes),
        // The mark of a jar.
        ("extra:cafe", Value::Bytes(bytes)) => bytes.is_empty(),
        ("without", Value::Text(ids)) => ids.split(' ').all(|id| HARMLESS.contains(&id)),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
