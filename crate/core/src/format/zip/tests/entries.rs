//! What the directory says about one entry.

use super::*;

#[test]
fn only_the_beginning_of_an_archive_is_detected() {
    for head in [&b"PK\x03\x04\x14"[..], b"PK\x05\x06\0", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04"] {
        assert!(detect(head, b""), "{}", head.escape_ascii());
    }
    for head in [&b"PK\x01\x02"[..], b"PK\x07\x08PK\x01\x02", b"a text named .zip", b"PK", b"", b"MZPK\x03\x04"] {
        assert!(!detect(head, b"a.zip"), "{}", head.escape_ascii());
    }
}

#[test]
fn a_stored_file_says_nothing_but_its_method() {
    check(zip(&[file("a", "hello")], b""), "a File \"hello\"\n method: stored");
}

#[test]
fn the_values_of_a_record() {
    let member = file("a", "hello").deflated().both(|head| {
        head.needed = 20;
        head.flags = flag::UTF8 | 2;
        (head.time, head.date) = (0x6b2f, 0x5a8a);
    });
    let member = member.with(|member| {
        (member.made, member.internal, member.external, member.comment) = (0x031e, 1, 0o100_755 << 16 | 0x20, b"hi");
    });
    check(
        zip(&[member], b"whole"),
        r#"
        a File "hello"
          method: deflate
          compressed-size: 7
          mtime: 2025-4-10 13:25:30
          mode: 100755
          dos-attributes: 32
          made-by: unix
          version-made: 30
          version-needed: 20
          flags: 2
          utf8-name: yes
          comment: "hi"
          internal-attributes: 1
        = comment: "whole"
        "#,
    );
}

#[test]
fn a_path_that_ends_with_a_slash_is_a_directory_even_with_data() {
    check(
        zip(&[file("d/", ""), file("e/", "data").unix(0o100_644), file("f", "").unix(0o040_755)], b""),
        r#"
        d/ Directory
          method: stored
        e/ Directory "data"
          method: stored
          mode: 100644
          made-by: unix
        f Directory
          method: stored
          mode: 40755
          made-by: unix
        "#,
    );
}

#[test]
fn a_symbolic_link_is_one_only_if_unix_made_it() {
    check(
        zip(
            &[
                file("l", "a/b").unix(0o120_777),
                file("m", "a/b").deflated().unix(0o120_777),
                file("n", "a/b").unix(0o120_777).with(|member| member.made = 20),
                file("o", "a/b").unix(0o100_777),
            ],
            b"",
        ),
        r#"
        l Symlink "a/b"
          method: stored
          mode: 120777
          made-by: unix
          target: "a/b"
        m Symlink "a/b"
          method: deflate
          compressed-size: 5
          mode: 120777
          made-by: unix
          target: "a/b"
        n File "a/b"
          method: stored
          mode: 120777
          made-by: dos
          version-made: 20
        o File "a/b"
          method: stored
          mode: 100777
          made-by: unix
        "#,
    );
}

#[test]
fn duplicates_stay_in_order() {
    check(
        zip(&[file("a", "1"), file("b", "2"), file("a", "3")], b""),
        "a File \"1\"\n method: stored\n b File \"2\"\n method: stored\n a File \"3\"\n method: stored",
    );
}

#[test]
fn encrypted_entries_are_named_and_their_bytes_kept_in_sight() {
    let aes = block(0x9901, &[2, 0, b'A', b'E', 3, 8, 0]);
    check(
        zip(
            &[
                file("a", "secret").both(|head| head.flags = 1),
                file("b", "secret").both(|head| {
                    (head.flags, head.method, head.crc, head.extra) = (1, 99, 0, aes.clone());
                }),
            ],
            b"",
        ),
        r#"
        a File "secret" unread: it is encrypted
          method: stored
          encryption: yes
          size: 6
          crc32: 1554180325
          stored-sha256: SHA-256
        b File unread: it is encrypted
          method: aes
          compressed-size: 6
          encryption: AES
          aes-version: 2
          aes-strength: 3
          aes-method: deflate
          size: 6
          stored-sha256: SHA-256
        "#,
    );
}

#[test]
fn a_method_that_is_not_supported() {
    let member = |method| file("a", "hello").both(|head| head.method = method);
    check(
        zip(&[member(98), member(77)], b""),
        r#"
        a File "hello" unread: its compression method 98 (ppmd) is not supported
          method: ppmd
          compressed-size: 5
          size: 5
          crc32: 907060870
          stored-sha256: SHA-256
        a File "hello" unread: its compression method 77 is not supported
          method: method 77
          compressed-size: 5
          size: 5
          crc32: 907060870
          stored-sha256: SHA-256
        "#,
    );
}

#[test]
fn each_method_has_its_coding() {
    let coding = |method, flags| {
        let member = file("a", "hello").both(|head| (head.method, head.flags) = (method, flags));
        open(&ZIP, "a.zip", zip(&[member], b"")).entries.remove(0).content.map(|content| content.coding)
    };
    assert_eq!(coding(0, 0), Some(Coding::Stored));
    assert_eq!(coding(8, 0), Some(Coding::Deflate));
    assert_eq!(coding(9, 0), Some(Coding::Deflate64));
    assert_eq!(coding(12, 0), Some(Coding::Bzip2));
    assert_eq!(coding(14, 2), Some(Coding::LzmaZip(true)));
    assert_eq!(coding(14, 0), Some(Coding::LzmaZip(false)));
    assert_eq!(coding(93, 0), Some(Coding::Zstd));
    assert_eq!(coding(20, 0), Some(Coding::Zstd));
    assert_eq!(coding(95, 0), Some(Coding::Xz));
}

#[test]
fn known_extra_blocks() {
    let time = 1_700_000_000_u32.to_le_bytes();
    let filetime = 133_444_736_000_000_001_u64.to_le_bytes();
    let extended = [&[3][..], &time, &time].concat();
    let extra = [
        block(0x5455, &extended),
        block(0x7875, &[1, 4, 0xe8, 3, 0, 0, 4, 0xe9, 3, 0, 0]),
        block(0x000a, &[&[0, 0, 0, 0, 1, 0, 24, 0][..], &filetime, &filetime, &filetime].concat()),
        block(0x7075, &[&[1][..], &crc32fast::hash(b"a").to_le_bytes(), "ä".as_bytes()].concat()),
        block(0xcafe, b""),
    ]
    .concat();
    check(
        zip(&[file("a", "").both(|head| head.extra = extra.clone())], b""),
        r#"
        a File ""
          method: stored
          unix-mtime: @1700000000.0
          unix-atime: @1700000000.0
          uid: 1000
          gid: 1001
          ntfs-mtime: @1700000000.100
          ntfs-atime: @1700000000.100
          ntfs-ctime: @1700000000.100
          unicode-path: "\xc3\xa4"
          extra:cafe: ""
        "#,
    );
}

#[test]
fn rare_and_odd_extra_blocks() {
    let time = 1_700_000_000_u32.to_le_bytes();
    let extra = [
        block(0x5855, &[&time[..], &time, &[1, 0, 2, 0]].concat()),
        block(0x7855, &[1, 0, 2, 0]),
        block(0x000d, &[&time[..], &time, &[1, 0, 2, 0], b"target"].concat()),
        block(0x7875, &[1, 1, 7, 2, 8, 0]),
        block(0x7875, &[2, 1, 7, 1, 8]),
        block(0x5455, &[9, 1, 0, 0, 0]),
        block(0x5455, &[1, 1, 0, 0, 0, 9]),
        block(0x7075, b"\x01\0\0\0\0x"),
        vec![1, 2, 3],
    ]
    .concat();
    check(
        zip(&[file("a", "").both(|head| head.extra = extra.clone())], b""),
        r#"
        a File ""
          method: stored
          unix-layout: Info-ZIP 1
          unix-atime: @1700000000.0
          unix-mtime: @1700000000.0
          uid: 1
          gid: 2
          unix-layout: Info-ZIP 2
          uid: 1
          gid: 2
          unix-layout: PKWARE
          unix-atime: @1700000000.0
          unix-mtime: @1700000000.0
          uid: 1
          gid: 2
          unix-data: "target"
          uid: 7
          gid: 8 (odd)
          extra:7875: "\x02\x01\x07\x01\x08"
          unix-mtime: @1.0
          unix-time-flags: 9
          extra:5455: "\x01\x01\x00\x00\x00\t"
          unicode-path: "x"
          unicode-path-crc32: 0
          extra-rest: "\x01\x02\x03"
        "#,
    );
}

#[test]
fn stored_sizes_that_disagree() {
    check(
        zip(&[file("a", "hello").both(|head| head.size = 4)], b""),
        r#"
        a File "hello" but wrong size
          method: stored
          compressed-size: 5
        ! "a" is stored in 5 bytes but has 4 (byte 31)
        "#,
    );
}

#[test]
fn a_zip64_entry_takes_only_what_does_not_fit() {
    let sizes = [5_u64.to_le_bytes(), 5_u64.to_le_bytes()].concat();
    let both = block(1, &sizes);
    let full = |head: &mut Head| (head.compressed, head.size, head.extra) = (u32::MAX, u32::MAX, both.clone());
    let one = block(1, &0_u64.to_le_bytes());
    check(
        zip(
            &[
                file("offset", "hello")
                    .central(|head| head.extra = one.clone())
                    .with(|member| member.offset = u32::MAX),
                file("sizes", "hello").both(full),
                file("needless", "hello").both(|head| head.extra = both.clone()),
            ],
            b"",
        ),
        r#"
        offset File "hello"
          method: stored
          zip64: offset
          local:without: 0001
        sizes File "hello"
          method: stored
          zip64: size, compressed-size
        needless File "hello"
          method: stored
          extra:0001: "\x05\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00"
        "#,
    );
}

#[test]
fn a_crowd_of_extra_blocks_is_given_as_one() {
    let extra = block(0xaaaa, b"").repeat(18);
    let opened = open(&ZIP, "a.zip", zip(&[file("a", "").both(|head| head.extra = extra.clone())], b""));
    let fields = &opened.entries[0].fields;
    assert_eq!(fields.iter().filter(|field| field.name == "extra:aaaa").count(), 16);
    assert_eq!(fields.last().map(said).as_deref(), Some(r#"extra-rest: "\xaa\xaa\x00\x00\xaa\xaa\x00\x00""#));
}
