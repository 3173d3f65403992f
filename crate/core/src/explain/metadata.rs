//! Signals about fields: the same kind of metadata differing in many entries is one statement.

use super::{Evidence, Signal};

/// The name of the differing field without the format in front, and without `local:` and numbering.
fn name<'a>(evidence: &'a Evidence<'_>) -> &'a str {
    evidence.difference.what.rsplit(':').next().unwrap_or_default().trim()
}

fn among(evidence: &Evidence<'_>, names: &[&str]) -> Option<String> {
    names.contains(&name(evidence)).then(String::new)
}

fn values(evidence: &Evidence<'_>) -> String {
    let show = |value: &Option<String>| value.as_deref().filter(|value| !value.is_empty()).unwrap_or("none").to_owned();
    format!("{} → {}", show(&evidence.difference.left), show(&evidence.difference.right))
}

/// Mode bits.
pub const PERMISSIONS: Signal = Signal {
    id: "permissions",
    title: "Permission bits differ",
    advice: "Look for a new execute or set-uid bit; a changed umask of the builder touches every entry alike.",
    least: 1,
    recognise: |evidence| among(evidence, &["mode", "mode-extra"]).map(|_| values(evidence)),
};

/// Owners and groups.
pub const OWNERSHIP: Signal = Signal {
    id: "ownership",
    title: "Owners differ",
    advice: "The account of the builder, unless the package is installed with the owners it states.",
    least: 1,
    recognise: |evidence| among(evidence, &["uid", "gid", "owner", "group"]),
};

/// Times.
pub const TIMES: Signal = Signal {
    id: "times",
    title: "Times differ",
    advice: "Set SOURCE_DATE_EPOCH in the build, or compare under the profile standard.",
    least: 1,
    recognise: |evidence| {
        let what = name(evidence);
        (matches!(what, "mtime" | "atime" | "ctime" | "LIBARCHIVE.creationtime")
            || what.ends_with("-mtime")
            || what.ends_with("-atime")
            || what.ends_with("-ctime"))
        .then(String::new)
    },
};

/// The order of members.
pub const ORDER: Signal = Signal {
    id: "entry-order",
    title: "The same entries stand in another order",
    advice: "The builder listed its folder without sorting; with two entries of one path the order decides which one wins.",
    least: 1,
    recognise: |evidence| among(evidence, &["order"]),
};

/// How content was compressed.
pub const COMPRESSION: Signal = Signal {
    id: "compression",
    title: "The compression differs, the content does not",
    advice: "Another compressor, level or library version.",
    least: 1,
    recognise: |evidence| {
        among(evidence, &["encoding", "compression", "method", "compressed-size", "extra-flags", "level", "check"])
    },
};

/// How headers are written.
pub const FORM: Signal = Signal {
    id: "archive-form",
    title: "The archive headers are written in another form",
    advice: "Another archiver, or other options of it.",
    least: 1,
    recognise: |evidence| {
        among(
            evidence,
            &[
                "format",
                "header-form",
                "extension-header",
                "made-by",
                "version-made",
                "version-needed",
                "flags",
                "utf8-name",
                "data-descriptor",
                "zero-padding",
                "end-blocks",
                "os",
                "zip64",
                "dos-attributes",
                "local-form",
            ],
        )
    },
};

/// Where a link points.
pub const LINK_TARGET: Signal = Signal {
    id: "link-target",
    title: "Links point elsewhere",
    advice: "Follow both targets: a link decides what is read or overwritten when the package is used.",
    least: 1,
    recognise: |evidence| among(evidence, &["target"]).map(|_| values(evidence)),
};

/// Same or similar content under another path.
pub const MOVED: Signal = Signal {
    id: "moved",
    title: "Entries have another path",
    advice: "Check what refers to the old path.",
    least: 1,
    recognise: |evidence| (evidence.difference.what == "path").then(String::new),
};

/// Roots and versions in names.
pub const NAMES: Signal = Signal {
    id: "names",
    title: "Names differ by a version or root folder",
    advice: "Expected between two versions; between a package and its rebuild the names should be equal.",
    least: 1,
    recognise: |evidence| (evidence.difference.what == "names").then(|| values(evidence)),
};
