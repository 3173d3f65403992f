//! Finding the directory, and doing without.

use super::*;

#[test]
fn an_archive_behind_something_else_is_known_by_its_end() {
    let plain = zip(&[file("a", "x")], b"");
    assert!(ends_like_zip(&plain[plain.len() - 22..]));
    assert!(!ends_like_zip(&plain[plain.len() - 21..]));
    let commented = zip(&[file("a", "x")], b"c");
    assert!(!ends_like_zip(&commented[commented.len() - 22..]));
    assert!(!ends_like_zip(&[0; 22]));
    assert!(ends_with_comment(&commented) && ends_with_comment(&plain));
    assert!(!ends_with_comment(&commented[..commented.len() - 1]) && !ends_with_comment(b""));
}

#[test]
fn an_empty_archive() {
    check(zip(&[], b""), "");
    check(zip(&[], b"c"), "= comment: \"c\"");
}

#[test]
fn a_zip64_end_record() {
    let said = "
        a File \"hello\"
          method: stored
        = zip64: entries-on-disk, entries, directory-size, directory-offset
        = zip64-version-made: 45
        = zip64-version-needed: 45";
    check(zip64(&[file("a", "hello")]), said);
    let stub = [b"#!stub\n".to_vec(), zip64(&[file("a", "hello")])].concat();
    check(
        stub,
        "
        a File \"hello\"
          method: stored
        = offset-base: 7
        = zip64-offset: -7
        = zip64: entries-on-disk, entries, directory-size, directory-offset
        = zip64-version-made: 45
        = zip64-version-needed: 45
        = prefix-bytes: 7
        = prefix-sha256: SHA-256",
    );
}

#[test]
fn a_zip64_end_record_that_lies() {
    let mut bytes = zip64(&[file("a", "hello")]);
    let end = bytes.len() - 22;
    bytes[end + 10] = 1;
    bytes[end + 11] = 0;
    let zip64_at = end - 20 - 56;
    bytes[zip64_at + 32] = 2;
    check(
        bytes,
        "
        a File \"hello\"
          method: stored
        = zip64:entries: 2
        = zip64: entries-on-disk, directory-size, directory-offset
        = zip64-version-made: 45
        = zip64-version-needed: 45
        = entries-on-disk: 1
        = entries: 2
        ! the zip64 end record says number of entries 2, the end record 1 (byte 83)
        ! the end record counts 1 entries on this disk and 2 in all (byte 159)
        ! the end record counts 2 entries, the directory has 1 (byte 159)
        ",
    );
}

#[test]
fn a_stub_in_front_with_and_without_adjusted_offsets() {
    let stub = b"#! with PK\x03\x04 in it, but no local header\n";
    let shifted = [&stub[..], &zip(&[file("a", "hello")], b"")].concat();
    let rest = "= prefix-bytes: 40\n = prefix-sha256: SHA-256";
    check(shifted, &format!("a File \"hello\"\n method: stored\n = offset-base: 40\n {rest}"));
    let mut adjusted = file("x", "hello");
    adjusted.offset = 0;
    let (body, directory) = body(&[adjusted]);
    let mut bytes = [&stub[..], &body].concat();
    let record = stub.len() + directory as usize;
    bytes[record + 42] = 40;
    bytes.extend(end(1, 47, 40 + directory, b""));
    check(bytes, &format!("x File \"hello\"\n method: stored\n {rest}"));
}

#[test]
fn bytes_after_the_end() {
    let bytes = [zip(&[file("a", "hello")], b"c"), b"more".to_vec()].concat();
    check(
        bytes,
        r#"
        a File "hello"
          method: stored
        = comment: "c"
        = trailing-bytes: 4
        = trailing-sha256: SHA-256
        "#,
    );
}

#[test]
fn more_bytes_after_the_end_than_readers_search() {
    let bytes = [zip(&[file("a", "hello")], b""), vec![b'x'; 700_000]].concat();
    check(bytes, "a File \"hello\"\n method: stored\n = trailing-bytes: 700000\n = trailing-sha256: SHA-256");
}

#[test]
fn a_comment_with_an_end_record_that_leads_nowhere() {
    let fake = end(1, 46, 1, b"");
    check(
        zip(&[file("a", "hello")], &fake),
        r#"
        a File "hello"
          method: stored
        = comment: "PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00.\x00\x00\x00\x01\x00\x00\x00\x00\x00"
        "#,
    );
}

#[test]
fn a_comment_with_a_whole_archive_is_ambiguous() {
    let inner = zip(&[file("b", "hidden")], b"");
    check(
        zip(&[file("a", "hello")], &inner),
        r#"
        b File "hidden"
          method: stored
        = offset-base: 105
        = prefix-bytes: 105
        = prefix-sha256: SHA-256
        ! another end-of-central-directory record points to a directory too (byte 83)
        ! a local header at byte 0 is not in the directory (byte 0)
        "#,
    );
}

#[test]
fn the_last_of_two_end_records_is_taken_unless_it_is_cut_off() {
    let inner = zip(&[file("b", "hidden")], b"");
    let last = open(&ZIP, "a.zip", zip(&[file("a", "hello")], &[&inner[..], b"x"].concat()));
    assert_eq!((last.entries.len(), &last.entries[0].path[..]), (1, &b"b"[..]));
    let mut cut = inner.clone();
    cut[inner.len() - 2] = 1;
    let first = open(&ZIP, "a.zip", zip(&[file("a", "hello")], &cut));
    assert_eq!((first.entries.len(), &first.entries[0].path[..]), (1, &b"a"[..]));
    for opened in [last, first] {
        let message = &opened.problems[0].message;
        assert_eq!(message, "another end-of-central-directory record points to a directory too");
    }
}

#[test]
fn a_comment_that_ends_like_an_empty_archive() {
    check(
        zip(&[file("a", "hello")], &end(0, 0, 0, b"")),
        r#"
        a File "hello"
          method: stored
        = comment: "PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        ! another end-of-central-directory record points to a directory too (byte 105)
        "#,
    );
}

#[test]
fn an_archive_stored_inside_is_nobodys_business() {
    let inner = zip(&[file("b", "x")], b"");
    let mut member = file("a.zip", "");
    let length = u32::try_from(inner.len()).unwrap();
    member.data = inner;
    let crc = crc32fast::hash(&member.data);
    let member = member.both(|head| (head.compressed, head.size, head.crc) = (length, length, crc));
    let opened = open(&ZIP, "a.zip", zip(std::slice::from_ref(&member), b""));
    assert_eq!((opened.entries.len(), opened.fields.len(), opened.problems.len()), (1, 0, 0));
    // Cut off behind the inner archive, the outer one is still what is shown.
    let mut cut = zip(&[member], b"");
    cut.truncate(cut.len() - 30);
    let opened = open(&ZIP, "a.zip", cut);
    assert_eq!(opened.entries[0].path, b"a.zip");
    let message = &opened.problems[0].message;
    assert_eq!(
        message,
        "the last end-of-central-directory record belongs to an archive inside this one: \
         showing what the local headers say"
    );
}

#[test]
fn an_end_record_that_counts_wrong() {
    let (mut bytes, directory) = body(&[file("a", "1"), file("b", "2")]);
    let size = u32::try_from(bytes.len()).unwrap() - directory;
    bytes.extend(end(1, size - 1, directory, b""));
    let at = bytes.len() - 22;
    bytes[at + 8] = 2;
    bytes[at + 4] = 3;
    check(
        bytes,
        r#"
        a File "1"
          method: stored
        b File "2"
          method: stored
        = disk: 3
        = entries-on-disk: 2
        = entries: 1
        = directory-size: 93
        ! this is disk 3 of a split archive, its directory is on disk 0 (byte 158)
        ! the end record counts 2 entries on this disk and 1 in all (byte 158)
        ! the end record counts 1 entries, the directory has 2 (byte 158)
        ! the end record says the directory has 93 bytes, it has 94 (byte 158)
        "#,
    );
}

#[test]
fn a_directory_elsewhere_than_stated() {
    let (mut bytes, directory) = body(&[file("a", "1")]);
    let size = u32::try_from(bytes.len()).unwrap() - directory;
    bytes.extend(end(1, size, directory + 5, b""));
    check(
        bytes,
        r#"
        a File "1"
          method: stored
        = directory-offset: 37
        ! the end record says the directory is at byte 37, it is at byte 32 (byte 95)
        "#,
    );
}

#[test]
fn a_damaged_directory_record_ends_the_directory() {
    let mut bytes = zip(&[file("a", "1"), file("b", "2")], b"");
    bytes[64 + 47] = b'X';
    check(
        bytes,
        r#"
        a File "1"
          method: stored
        = entries: 2
        = directory-size: 94
        = gap@32: 32
        = gap@32:sha256: SHA-256
        = gap@111: 47
        = gap@111:sha256: SHA-256
        ! directory record 2 is damaged: it and what follows it is not read (byte 111)
        ! the end record counts 2 entries, the directory has 1 (byte 158)
        ! the end record says the directory has 94 bytes, it has 47 (byte 158)
        ! a local header at byte 32 is not in the directory (byte 32)
        "#,
    );
}

#[test]
fn without_a_directory_the_local_headers_speak() {
    let members = [
        file("a", "1").both(|head| head.needed = 20),
        file("b", "23").deflated().streamed(true, false),
        file("c", "45").deflated().streamed(false, false),
        file("d", "67").deflated().streamed(true, false),
    ];
    let (bytes, directory) = body(&members);
    let cut = bytes[..directory as usize - 1].to_vec();
    check(
        cut,
        r#"
        a File "1"
          method: stored
          version-needed: 20
        b File "23"
          method: deflate
          compressed-size: 4
          data-descriptor: signature, 32 bits
        c File "45"
          method: deflate
          compressed-size: 4
          data-descriptor: no signature, 32 bits
        d File "67"
          method: deflate
        = trailing-bytes: 50
        = trailing-sha256: SHA-256
        ! no end-of-central-directory record was found: showing what the local headers say
        ! the data of "d" have no known end (byte 161)
        "#,
    );
}

#[test]
fn not_an_archive_after_all() {
    check(b"PK\x03\x04".to_vec(), "! no end-of-central-directory record was found");
    check(b"PK\x05\x06".to_vec(), "! the end-of-central-directory record points to no directory (byte 0)");
    check(Vec::new(), "! no end-of-central-directory record was found");
}

#[test]
fn a_name_that_looks_like_a_zip64_locator() {
    let name = "PK\u{6}\u{7}0123456789abcdef";
    check(zip(&[file(name, "")], b""), "PK\\x06\\x070123456789abcdef File \"\"\n method: stored");
}

#[test]
fn two_end_records_that_lead_to_different_directories() {
    // The zip64 end record and its locator stand in the comment of the last record.
    let (first, directory) = body(&[file("a", "1")]);
    let mut bytes = first;
    let record = u32::try_from(bytes.len()).unwrap() - directory;
    bytes[directory as usize + 32] = 76;
    let at = bytes.len() as u64;
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44_u64.to_le_bytes());
    bytes.extend([0; 12]);
    for number in [1, 1, 5, 1] {
        bytes.extend(u64::to_le_bytes(number));
    }
    bytes.extend(b"PK\x06\x07\0\0\0\0");
    bytes.extend(at.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(end(1, record + 76, directory, b""));
    let opened = open(&ZIP, "a.zip", bytes);
    assert_eq!(opened.entries.len(), 1);
    let text = text(&opened);
    for line in [
        "= zip64: not needed",
        "= zip64:directory-offset: 1",
        "! the zip64 end record says directory offset 1, the end record 32 (byte 79)",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn without_a_directory_the_first_gap_ends_the_reading() {
    let gapped = file("a", "1").with(|member| member.after = b"gap".to_vec());
    let (bytes, directory) = body(&[gapped, file("b", "2")]);
    check(
        bytes[..directory as usize].to_vec(),
        r#"
        a File "1"
          method: stored
        = trailing-bytes: 35
        = trailing-sha256: SHA-256
        ! no end-of-central-directory record was found: showing what the local headers say
        ! no local header begins here: the rest is not read (byte 32)
        "#,
    );
    check(b"PK\x03\x04 is not enough for a local header".to_vec(), "! no end-of-central-directory record was found");
}
