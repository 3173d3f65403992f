//! What the headers of compressed streams say: gzip, and which compression a wrapper is at all.

use crate::entry::Value;

use super::upstream::{Set, is_gem_metadata, set};
use super::{Fate, Pass, Profile, Scope, Stabilizer};

/// How hard it was compressed.
pub const COMPRESSION: Stabilizer = Stabilizer {
    id: "gzip-compression",
    title: "Compression level of gzip streams",
    rationale: "Levels and compressors write the same content as different bytes; the content itself is compared. \
        Only the level hints that RFC 1952 defines are ignored, so nothing can be stored in them.",
    upstream: true,
    stage: 0,
    applies: on_gzip,
    pass: Pass::Container(|view| {
        let upstream = view.scope.is_upstream();
        view.ignore_layout();
        view.change_container(|field, value| {
            // 2: slowest, 4: fastest (RFC 1952, 2.3.1).
            let harmless = upstream || matches!(value, Value::Number(0 | 2 | 4));
            Fate::drop_if(part(&field.name, upstream) == "extra-flags" && harmless)
        });
    }),
};

/// The file name in the header.
pub const NAME: Stabilizer = Stabilizer {
    id: "gzip-name",
    title: "File name in gzip headers",
    rationale: "It repeats what the file was called on the machine that packed it; readers go by the name of the \
        `.gz` file. In `standard` a name with a folder, `..` or a control character counts, because `gunzip -N` \
        would write there, and one longer than a file name can be.",
    upstream: true,
    stage: 0,
    applies: on_gzip,
    pass: Pass::Container(|view| {
        let upstream = view.scope.is_upstream();
        view.change_container(|field, value| {
            let harmless = upstream || matches!(value, Value::Bytes(name) if is_plain_name(name));
            Fate::drop_if(part(&field.name, upstream) == "name" && harmless)
        });
    }),
};

/// The time in the header.
pub const TIME: Stabilizer = Stabilizer {
    id: "gzip-time",
    title: "Time in gzip headers",
    rationale: "It says when the file was packed. It is four bytes that no installer reads.",
    upstream: true,
    stage: 0,
    applies: on_gzip,
    pass: Pass::Container(|view| {
        let upstream = view.scope.is_upstream();
        view.change_container(|field, _| Fate::drop_if(part(&field.name, upstream) == "mtime"));
    }),
};

/// The rest of the header.
pub const MISC: Stabilizer = Stabilizer {
    id: "gzip-misc",
    title: "Operating system and flags in gzip headers",
    rationale: "The system that packed the file, the hint that it is text, and whether the header has a checksum of \
        its own change nothing for a reader. In `standard` the comment and the extra field count, because they can \
        hold anything, and so do unknown systems and reserved flags; OSS Rebuild drops all of it.",
    upstream: true,
    stage: 0,
    applies: on_gzip,
    pass: Pass::Container(|view| {
        let upstream = view.scope.is_upstream();
        view.change_container(|field, value| {
            Fate::drop_if(match part(&field.name, upstream) {
                // RFC 1952, 2.3.1 defines 0 to 13 and 255.
                "os" => upstream || matches!(value, Value::Number(0..=13 | 255)),
                "comment" | "extra" => upstream,
                // Bit 0: the content is probably text.
                "flags" => !upstream && *value == Value::Number(1),
                // A wrong one has its number as value.
                "header-crc" => !upstream && matches!(value, Value::Text(_)),
                _ => false,
            })
        });
    }),
};

/// Which compression, and how its stream is laid out.
pub const RECOMPRESSION: Stabilizer = Stabilizer {
    id: "recompression",
    title: "Which compression wraps a file, and its settings",
    rationale: "Packing the same content with gzip, bzip2, xz or zstd, in one stream or several, gives the same \
        files; the content is compared in full. Bytes after the end, skippable frames, comments and wrong checksums \
        are kept: they are not part of the content and could hold anything.",
    upstream: false,
    stage: 0,
    applies: |scope| {
        scope.profile == Profile::Standard && matches!(scope.format, "gzip" | "bzip2" | "xz" | "zstd" | "lzma")
    },
    pass: Pass::Container(|view| {
        let format = view.scope.format;
        if format != "gzip" {
            view.ignore_layout();
        }
        view.ignore_recompression();
        view.change_container(|field, value| Fate::drop_if(is_setting(format, part(&field.name, false), value)));
    }),
};

/// What reading and writing again loses.
pub const REWRITE: Stabilizer = Stabilizer {
    id: "gzip-rewrite",
    title: "Whatever else OSS Rebuild never sees of a gzip stream",
    rationale: "OSS Rebuild decompresses and compresses again, and so never sees further members' headers, bytes \
        after the end, wrong checksums and reserved flags. None of this is harmless by itself: it is ignored for the \
        same verdict as theirs, and listed here because they do not.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.is_upstream() && on_gzip(scope),
    pass: Pass::Container(|view| {
        view.change_container(|field, _| {
            let other = matches!(&*field.name, "extra-flags" | "name" | "mtime" | "os" | "comment" | "extra");
            Fate::drop_if(!other)
        });
    }),
};

/// Whether a field says how a stream was made, and can say nothing else.
fn is_setting(format: &str, name: &str, value: &Value) -> bool {
    match (format, name, value) {
        (_, "members" | "streams" | "frames" | "zero-padding" | "padding-before", _) => true,
        ("bzip2", "level", Value::Number(1..=9)) => true,
        // An unknown check is none that a reader could make.
        ("xz", "check", Value::Text(check)) => check != "unknown",
        ("zstd", "checksum", Value::Text(_)) | ("zstd", "window", _) => true,
        // The unused and the reserved bit (RFC 8878, 3.1.1.1.1) are not settings.
        ("zstd", "descriptor", Value::Number(bits)) => bits & 0b1_1000 == 0,
        ("lzma", "properties" | "dictionary" | "end", _) => true,
        _ => false,
    }
}

fn on_gzip(scope: &Scope<'_>) -> bool {
    scope.format == "gzip"
        && match scope.profile {
            Profile::None => false,
            Profile::OssRebuild => matches!(set(scope), Some(Set::TarGzip | Set::Crate)) || is_gem_metadata(scope),
            Profile::Standard => true,
        }
}

/// The name without `member 2: ` and the like. Upstream sees the header of the first member only.
fn part(name: &str, upstream: bool) -> &str {
    match name.split_once(": ") {
        Some((_, part)) if !upstream => part,
        _ => name,
    }
}

fn is_plain_name(name: &[u8]) -> bool {
    name.len() <= 255
        && !name.iter().any(|byte| matches!(byte, b'/' | b'\\' | b':' | 0..=31 | 127))
        && !matches!(name, b"" | b"." | b"..")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Side, container, file, stabilize};
    use super::*;

    fn bytes(text: &str) -> Value {
        Value::Bytes(text.into())
    }

    /// A `.tgz` whose header says everything that OSS Rebuild's own test has.
    fn full() -> super::super::testing::Item {
        container("gzip", "a.tgz", [container("tar", "a.tar", [file("a", "")])])
            .says("mtime", Value::Time(1, 0))
            .says("extra-flags", Value::Number(2))
            .says("os", Value::Number(3))
            .says("extra", bytes("extra"))
            .says("name", bytes("a.tar"))
            .says("comment", bytes("comment"))
    }

    fn causes(side: &Side) -> String {
        let opened = side.reading.nodes[0].opened.as_ref().unwrap();
        let changes = &side.overlay("a.tgz").opened;
        changes.iter().map(|change| format!("{}:{} ", change.by, opened.fields[change.index].name)).collect()
    }

    #[test]
    fn upstream_drops_the_whole_header() {
        let side = stabilize(Profile::OssRebuild, &full());
        assert_eq!(side.container("a.tgz"), "");
        assert_eq!(
            causes(&side),
            "gzip-compression:extra-flags gzip-name:name gzip-time:mtime gzip-misc:os gzip-misc:extra gzip-misc:comment "
        );
        assert_eq!(side.overlay("a.tgz").layout, Some("gzip-compression"));
        assert_eq!(side.overlay("a.tgz").recompression, None);
    }

    #[test]
    fn standard_keeps_what_can_hold_anything() {
        let side = stabilize(Profile::Standard, &full());
        assert_eq!(side.container("a.tgz"), "extra=extra comment=comment");
        assert_eq!(side.overlay("a.tgz").layout, Some("gzip-compression"));
        assert_eq!(side.overlay("a.tgz").recompression, Some("recompression"));
    }

    #[test]
    fn upstream_never_sees_trailers_and_further_members() {
        let tgz = full()
            .says("flags", Value::Number(0x81))
            .says("wrong-crc32", Value::Number(1))
            .says("trailing-bytes", Value::Number(9))
            .says("members", Value::Number(2))
            .says("member 2: name", bytes("b"));
        let side = stabilize(Profile::OssRebuild, &tgz);
        assert_eq!(side.container("a.tgz"), "");
        assert!(causes(&side).ends_with(
            "gzip-rewrite:flags gzip-rewrite:wrong-crc32 gzip-rewrite:trailing-bytes gzip-rewrite:members \
             gzip-rewrite:member 2: name "
        ));
    }

    #[test]
    fn standard_keeps_damage_and_hidden_bytes() {
        let side = stabilize(
            Profile::Standard,
            &container("gzip", "a.gz", [file("a", "")])
                .says("wrong-crc32", Value::Number(1))
                .says("wrong-size", Value::Number(1))
                .says("trailing-bytes", Value::Number(9))
                .says("trailing-sha256", Value::Digest([0; 32]))
                .says("header-crc", Value::Number(7))
                .says("flags", Value::Number(0x80))
                .says("os", Value::Number(77))
                .says("extra-flags", Value::Number(77))
                .says("further-sha256", Value::Digest([0; 32])),
        );
        assert_eq!(side.overlay("a.gz").opened, []);
    }

    #[test]
    fn standard_ignores_the_headers_of_further_members_and_their_number() {
        let side = stabilize(
            Profile::Standard,
            &container("gzip", "a.gz", [file("a", "")])
                .says("member 2: mtime", Value::Time(1, 0))
                .says("member 2: extra-flags", Value::Number(4))
                .says("member 2: os", Value::Number(255))
                .says("member 2: name", bytes("b"))
                .says("member 2: header-crc", Value::text("present"))
                .says("member 2: flags", Value::Number(1))
                .says("members", Value::Number(2))
                .says("zero-padding", Value::Number(512)),
        );
        assert_eq!(side.container("a.gz"), "");
    }

    #[test]
    fn a_name_that_leads_elsewhere_stays() {
        for (name, stays) in [
            (&*"a".repeat(256), true),
            ("a", false),
            ("a b.tar", false),
            ("../a", true),
            ("..", true),
            ("C:a", true),
            ("a\\b", true),
            ("a\x1b", true),
        ] {
            let side = stabilize(Profile::Standard, &container("gzip", "x", [file("a", "")]).says("name", bytes(name)));
            assert_eq!(side.overlay("x").opened.is_empty(), stays, "{name:?}");
        }
    }

    #[test]
    fn other_compressions_give_up_their_settings_only() {
        let xz = container("xz", "x", [file("a", "")])
            .says("check", Value::text("CRC64"))
            .says("stream 2: check", Value::text("none"))
            .says("streams", Value::Number(2));
        let zstd = container("zstd", "x", [file("a", "")])
            .says("descriptor", Value::Number(0xa4))
            .says("window", Value::Number(1 << 20))
            .says("checksum", Value::text("present"))
            .says("frames", Value::Number(1));
        let bzip2 = container("bzip2", "x", [file("a", "")]).says("level", Value::Number(9));
        let lzma = container("lzma", "x", [file("a", "")])
            .says("properties", Value::Number(93))
            .says("dictionary", Value::Number(1 << 16))
            .says("end", Value::text("by its marker"));
        for item in [xz, zstd, bzip2, lzma] {
            let side = stabilize(Profile::Standard, &item);
            assert_eq!(side.container("x"), "");
            assert_eq!(side.overlay("x").layout, Some("recompression"));
        }
        let odd = container("zstd", "x", [file("a", "")])
            .says("descriptor", Value::Number(0x08))
            .says("dictionary", Value::Number(7))
            .says("wrong-checksum", Value::Number(7))
            .says("frame 2: skippable-bytes", Value::Number(7))
            .says("level", Value::Number(1));
        assert_eq!(stabilize(Profile::Standard, &odd).overlay("x").opened, []);
        let unknown = container("xz", "x", [file("a", "")]).says("check", Value::text("unknown"));
        assert_eq!(stabilize(Profile::Standard, &unknown).overlay("x").opened, []);
    }
}
