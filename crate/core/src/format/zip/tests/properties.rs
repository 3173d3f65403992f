//! What must hold for every archive.

use super::*;
use crate::format::testing::value;

/// An archive with one of everything.
fn rich() -> Vec<u8> {
    let unix = block(0x5455, &[3, 1, 0, 0, 0]);
    let local =
        [block(0x5455, &[3, 1, 0, 0, 0, 2, 0, 0, 0]), block(0x7875, &[1, 4, 1, 0, 0, 0, 4, 2, 0, 0, 0])].concat();
    let sizes = [5_u64.to_le_bytes(), 5_u64.to_le_bytes()].concat();
    let members = [
        file("d/", "").unix(0o040_755),
        file("u", "hello")
            .unix(0o100_644)
            .both(|head| (head.needed, head.time, head.date) = (20, 0x6b2f, 0x5a8a))
            .central(|head| head.extra = unix.clone())
            .local(|head| head.extra = local.clone())
            .with(|member| (member.comment, member.internal) = (b"note", 1)),
        file("l", "a/b").unix(0o120_777),
        file("s", "hello hello hello").deflated().streamed(true, false),
        file("t", "hello hello hello").deflated().streamed(false, false),
        file("w", "hello").streamed(true, true),
        file("e", "secret").both(|head| head.flags = 1),
        file("z", "hello").both(|head| {
            (head.compressed, head.size, head.extra) = (u32::MAX, u32::MAX, block(1, &sizes));
        }),
        file("g", "hello").with(|member| member.after = b"gap\0".to_vec()),
    ];
    [zip64(&members), b"tail".to_vec()].concat()
}

/// What a comparison would see of an archive: everything but where contents are; for compressed ones also the stored
/// bytes, whose digest the conductor adds.
fn seen(bytes: Vec<u8>) -> String {
    let opened = open(&ZIP, "a.zip", bytes);
    let mut out = format!("{:?}{:?}", opened.fields, opened.problems);
    for entry in &opened.entries {
        let content = entry.content.as_ref().map(|content| {
            let stored = Content { coding: Coding::Stored, ..content.clone() };
            let compressed = content.coding != Coding::Stored;
            let stored = compressed.then(|| opened.store.read(&stored, 1 << 20));
            (&content.coding, content.size, opened.store.read(content, 1 << 20), stored)
        });
        let Entry { path, kind, fields, crc32, unread, .. } = entry;
        write!(out, "\n{path:?}{kind:?}{fields:?}{crc32:?}{unread:?}{content:?}").unwrap();
    }
    out
}

#[test]
fn no_bit_can_be_flipped_unseen() {
    let plain = zip(&[file("a", "hello").unix(0o644), file("b", "hello hello hello").deflated()], b"comment");
    let empty = zip(&[], b"comment");
    let stub = [b"#!stub".to_vec(), plain.clone()].concat();
    for (name, archive) in [("plain", plain), ("empty", empty), ("stub", stub), ("rich", rich())] {
        let original = seen(archive.clone());
        assert_eq!(seen(archive.clone()), original, "{name} is not read the same twice");
        for index in 0..archive.len() {
            for mask in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                let mut flipped = archive.clone();
                flipped[index] ^= mask;
                assert!(seen(flipped) != original, "{name}: byte {index} ^ {mask} is not seen");
            }
        }
    }
}

#[test]
fn cut_anywhere_the_entries_before_stay() {
    let whole = rich();
    let paths = |opened: &Opened| opened.entries.iter().map(|entry| entry.path.clone()).collect::<Vec<_>>();
    let all = paths(&open(&ZIP, "a.zip", whole.clone()));
    assert_eq!(all.len(), 9);
    for length in 0..whole.len() {
        let opened = open(&ZIP, "a.zip", whole[..length].to_vec());
        let some = paths(&opened);
        assert!(all.starts_with(&some), "cut at {length}: {some:?}");
        if length < whole.len() - 4 {
            assert!(!opened.problems.is_empty(), "cut at {length} passes for whole");
        }
    }
}

#[test]
fn an_archive_of_an_independent_writer_reads_the_same() {
    let mut writer = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = ::zip::write::SimpleFileOptions::default().unix_permissions(0o755).large_file(true);
    writer.start_file("bin/run", options).unwrap();
    writer.write_all(&b"run ".repeat(1000)).unwrap();
    writer.add_directory("empty/", ::zip::write::SimpleFileOptions::default()).unwrap();
    writer.add_symlink("link", "bin/run", ::zip::write::SimpleFileOptions::default()).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let opened = open(&ZIP, "a.zip", bytes.clone());
    assert_eq!(opened.problems, []);
    let mut reader = ::zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!(reader.len(), opened.entries.len());
    for (index, entry) in opened.entries.iter().enumerate() {
        let mut theirs = reader.by_index(index).unwrap();
        assert_eq!(theirs.name().unwrap().as_bytes(), entry.path);
        assert_eq!(theirs.is_dir(), entry.kind == Kind::Directory);
        assert_eq!(theirs.is_symlink(), entry.kind == Kind::Symlink);
        assert_eq!(theirs.unix_mode().map(Value::Mode).as_ref(), value(entry, "mode"));
        let mut content = Vec::new();
        theirs.read_to_end(&mut content).unwrap();
        if entry.content.is_some() {
            assert_eq!(opened.content(index), content);
            assert_eq!(entry.crc32, Some(theirs.crc32()));
        }
    }
}
