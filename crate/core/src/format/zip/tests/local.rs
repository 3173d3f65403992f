//! What local headers and data descriptors say beside the directory.

use super::*;

#[test]
fn a_data_descriptor_in_each_form() {
    for (signed, wide, form) in [
        (true, false, "signature, 32 bits"),
        (false, false, "no signature, 32 bits"),
        (true, true, "signature, 64 bits"),
        (false, true, "no signature, 64 bits"),
    ] {
        let expected = |text: &str| {
            format!(
                "a File \"{text}\"\n method: stored\n data-descriptor: {form}\n
                 b File \"\"\n method: stored\n data-descriptor: {form}"
            )
        };
        let members = [file("a", "hello").streamed(signed, wide), file("b", "").streamed(signed, wide)];
        check(zip(&members, b""), &expected("hello"));
    }
}

#[test]
fn a_data_descriptor_that_lies() {
    let member = file("a", "hello").streamed(true, false).with(|member| member.after[12] = 6);
    check(
        zip(&[member], b""),
        r#"
        a File "hello"
          method: stored
          data-descriptor: signature, 32 bits
          descriptor:size: 6
        ! the data descriptor of "a" says size 6, the directory 5 (byte 36)
        "#,
    );
}

#[test]
fn a_data_descriptor_without_signature_that_lies() {
    for (wide, form) in [(false, "no signature, 32 bits"), (true, "no signature, 64 bits")] {
        let member = file("a", "hello").streamed(false, wide).with(|member| member.after[4] = 6);
        let expected = format!(
            "a File \"hello\"
             method: stored
             data-descriptor: {form}
             descriptor:compressed-size: 6
             ! the data descriptor of \"a\" says compressed size 6, the directory 5 (byte 36)"
        );
        check(zip(&[member], b""), &expected);
    }
}

#[test]
fn a_data_descriptor_that_is_missing() {
    let member = file("a", "hello").streamed(true, false).with(|member| member.after.clear());
    check(zip(&[member], b""), "a File \"hello\"\n method: stored\n data-descriptor: missing");
}

#[test]
fn values_in_a_local_header_that_leaves_them_to_the_descriptor() {
    let whole = file("a", "hello");
    let crc = whole.central.crc;
    let member = whole.streamed(true, false).local(|head| (head.crc, head.size) = (crc, 4));
    check(
        zip(&[member], b""),
        &format!(
            r#"
        a File "hello"
          method: stored
          local:crc32: {crc}
          local:size: 4
          data-descriptor: signature, 32 bits
        ! the local header of "a" says size 4, the directory 5 (byte 0)
        "#
        ),
    );
}

#[test]
fn a_local_header_that_lies() {
    let member = file("a.txt", "hello").local(|head| {
        head.name = b"b.exe".to_vec();
        (head.needed, head.method, head.flags, head.date) = (10, 8, 1, 0x21);
        (head.crc, head.compressed, head.size) = (1, 2, 3);
    });
    check(
        zip(&[member], b""),
        r#"
        a.txt File "hello"
          method: stored
          local:name: "b.exe"
          local:method: deflate
          local:version-needed: 10
          local:flags: 1
          local:mtime: 1980-1-1 0:0:0
          local:crc32: 1
          local:compressed-size: 2
          local:size: 3
        ! the local header of "a.txt" has another name: "b.exe" (byte 0)
        ! the local header of "a.txt" says deflate, the directory stored (byte 0)
        ! the local header of "a.txt" and the directory disagree on encryption (byte 0)
        ! the local header of "a.txt" says CRC 00000001, the directory 3610a686 (byte 0)
        ! the local header of "a.txt" says compressed size 2, the directory 5 (byte 0)
        ! the local header of "a.txt" says size 3, the directory 5 (byte 0)
        "#,
    );
}

#[test]
fn a_local_header_that_is_not_there() {
    let member = file("a", "hello").with(|member| member.offset = 1);
    check(
        zip(&[file("b", "ok"), member], b""),
        r#"
        b File "ok"
          method: stored
        a File unread: there is no local header where its record points
          method: stored
          size: 5
          crc32: 907060870
        = gap@33: 36
        = gap@33:sha256: SHA-256
        ! there is no local header of "a" (byte 34)
        ! a local header at byte 33 is not in the directory (byte 33)
        "#,
    );
}

#[test]
fn a_record_that_points_beyond_the_end_is_told_where_it_stands() {
    let member = file("a", "hello").with(|member| member.offset = 9_999_999);
    check(
        zip(&[file("b", "ok"), member], b""),
        r#"
        b File "ok"
          method: stored
        a File unread: there is no local header where its record points
          method: stored
          size: 5
          crc32: 907060870
        = gap@33: 36
        = gap@33:sha256: SHA-256
        ! the local header of "a" would be at byte 10000032, beyond the end of the file (byte 116)
        ! a local header at byte 33 is not in the directory (byte 33)
        "#,
    );
}

#[test]
fn the_local_extra_field_may_say_more() {
    let local = block(0x5455, &[3, 1, 0, 0, 0, 2, 0, 0, 0]);
    let central = block(0x5455, &[3, 1, 0, 0, 0]);
    let (first, second) = (block(0xaaaa, b"1"), block(0xbbbb, b"2"));
    check(
        zip(
            &[
                file("a", "").central(|head| head.extra = central.clone()).local(|head| head.extra = local.clone()),
                file("b", "").central(|head| head.extra = first.clone()),
                file("c", "")
                    .central(|head| head.extra = [first.clone(), second.clone()].concat())
                    .local(|head| head.extra = [second.clone(), first.clone()].concat()),
            ],
            b"",
        ),
        r#"
        a File ""
          method: stored
          unix-mtime: @1.0
          local:unix-atime: @2.0
        b File ""
          method: stored
          extra:aaaa: "1"
          local:without: aaaa
        c File ""
          method: stored
          extra:aaaa: "1"
          extra:bbbb: "2"
          local:extra: "\xbb\xbb\x01\x002\xaa\xaa\x01\x001"
        "#,
    );
}
