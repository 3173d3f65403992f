//! What a content is by its first bytes, as far as it matters for what a name promises.

/// What a content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Code for a machine, by its name.
    Program(&'static str),
    /// A picture, a font, a sound, a film, a document or an archive, by its name.
    Known(&'static str),
    /// Text.
    Text,
    /// Anything else.
    Other,
}

/// Beginnings of contents that are not programs. Where two could fit, the longer one comes first.
const KNOWN: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"\0\0\x01\0", "ico"),
    (b"wOFF", "woff"),
    (b"wOF2", "woff2"),
    (b"\0\x01\0\0", "ttf"),
    (b"OTTO", "otf"),
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
    (b"\xff\xfb", "mp3"),
    (b"fLaC", "flac"),
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"SQLite format 3\0", "sqlite"),
];

/// By the beginning of a content.
pub(super) fn look(head: &[u8]) -> Look {
    let at = |offset: usize| head.get(offset..).unwrap_or_default();
    let program = match head {
        [0x7f, b'E', b'L', b'F', ..] => Some("ELF"),
        [b'M', b'Z', ..] if windows(head) => Some("Windows"),
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => Some("macOS"),
        // Java has its version there, a file for several machines their number.
        [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 1..20, ..] => Some("macOS"),
        [0xca, 0xfe, 0xba, 0xbe, _, _, _, 45..=255, ..] => Some("Java class"),
        [0, b'a', b's', b'm', 1 | 13 | 14, 0, ..] => Some("WebAssembly"),
        [b'd', b'e', b'x', b'\n', ..] => Some("Dalvik"),
        [0x1b, b'L', b'u', b'a', ..] => Some("Lua bytecode"),
        [b'B', b'C', 0xc0, 0xde, ..] => Some("LLVM bitcode"),
        [_, 0x0c..=0x0f, b'\r', b'\n', 0..=3, 0, 0, 0, ..] => Some("Python bytecode"),
        _ => None,
    };
    if let Some(program) = program {
        return Look::Program(program);
    }
    if head.starts_with(b"RIFF") {
        return Look::Known(match at(8) {
            rest if rest.starts_with(b"WEBP") => "webp",
            rest if rest.starts_with(b"WAVE") => "wav",
            _ => "riff",
        });
    }
    if at(4).starts_with(b"ftyp") {
        return Look::Known("mp4");
    }
    if let Some((_, name)) = KNOWN.iter().find(|(start, _)| head.starts_with(start)) {
        return Look::Known(name);
    }
    if super::is_text(head)
        && std::str::from_utf8(head.get(..head.len().min(4096)).unwrap_or_default()).map_or_else(
            // Cut inside a letter is no damage.
            |e| e.error_len().is_none(),
            |_| true,
        )
    {
        Look::Text
    } else {
        Look::Other
    }
}

/// A program for DOS with a Windows program behind it.
fn windows(head: &[u8]) -> bool {
    let Some(Ok(at)) = head.get(0x3c..0x40).map(<[u8; 4]>::try_from) else { return false };
    let at = usize::try_from(u32::from_le_bytes(at)).unwrap_or(usize::MAX);
    head.get(at..).is_some_and(|rest| rest.starts_with(b"PE\0\0"))
}

/// What a name promises: the names of [`KNOWN`] that fit its extension, `text` for source and documents.
pub(super) fn promised(extension: &[u8]) -> &'static [&'static str] {
    match extension {
        b"png" => &["png"],
        b"jpg" | b"jpeg" => &["jpeg"],
        b"gif" => &["gif"],
        b"bmp" => &["bmp"],
        b"webp" => &["webp"],
        b"wav" => &["wav"],
        b"woff" => &["woff"],
        b"woff2" => &["woff2"],
        b"ttf" => &["ttf", "otf"],
        b"otf" => &["otf", "ttf"],
        b"mp3" => &["mp3"],
        b"pdf" => &["pdf"],
        b"js" | b"mjs" | b"cjs" | b"jsx" | b"ts" | b"tsx" | b"json" | b"md" | b"txt" | b"rst" | b"css" | b"html"
        | b"htm" | b"svg" | b"xml" | b"yml" | b"yaml" | b"toml" | b"ini" | b"cfg" | b"py" | b"pyi" | b"rb" | b"rs"
        | b"c" | b"h" | b"cc" | b"cpp" | b"hpp" | b"java" | b"kt" | b"go" | b"php" | b"pl" | b"sh" | b"bat"
        | b"ps1" | b"m4" | b"am" | b"ac" | b"cmake" | b"gemspec" | b"license" | b"map" | b"csv" => &["text"],
        _ => &[],
    }
}
