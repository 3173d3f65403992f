//! Bytes claimed twice, or by nothing.

use super::*;

#[test]
fn gaps_between_the_records() {
    let padded = |bytes: &[u8]| file("a", "hello").with(|member| member.after = bytes.to_vec());
    check(
        zip(&[padded(b"\0\0\0\0"), padded(b"gap")], b""),
        r#"
        a File "hello"
          method: stored
        a File "hello"
          method: stored
        = gap@36: 4
        = gap@76: 3
        = gap@76:sha256: SHA-256
        "#,
    );
}

#[test]
fn a_local_entry_hidden_in_a_gap() {
    let (hidden, directory) = body(&[file("evil", "hidden")]);
    let hidden = hidden[..directory as usize].to_vec();
    check(
        zip(&[file("a", "hello").with(|member| member.after = hidden.clone())], b""),
        r#"
        a File "hello"
          method: stored
        = gap@36: 40
        = gap@36:sha256: SHA-256
        ! a local header at byte 36 is not in the directory (byte 36)
        "#,
    );
}

#[test]
fn an_apk_signing_block() {
    let pair = [&6_u64.to_le_bytes()[..], &0x7109_871a_u32.to_le_bytes(), b"v2"].concat();
    let size = 24 + pair.len() as u64;
    let block =
        |before: u64, pair: &[u8]| [&before.to_le_bytes()[..], pair, &size.to_le_bytes(), b"APK Sig Block 42"].concat();
    check(
        zip(&[file("a", "hello").with(|member| member.after = [&[0; 3][..], &block(size, &pair)].concat())], b""),
        r#"
        a File "hello"
          method: stored
        = signing-block: 46
        = signing-block-sha256: SHA-256
        = signing:v2: 2
        = signing:v2:sha256: SHA-256
        = gap@36: 3
        "#,
    );
    // A block that is not well formed belongs to nothing.
    let longer = [&7_u64.to_le_bytes()[..], &pair[8..]].concat();
    let short = [&3_u64.to_le_bytes()[..], &pair[8..]].concat();
    for (block, why) in [
        (block(size + 1, &pair), "it says 38 bytes at its end and 39 where it should begin"),
        (block(size, &longer), "its pairs do not fill it"),
        (block(size, &short), "its pairs do not fill it"),
    ] {
        check(
            zip(&[file("a", "hello").with(|member| member.after = block.clone())], b""),
            &format!(
                "a File \"hello\"\n method: stored\n = gap@36: 46\n = gap@36:sha256: SHA-256\n\
                 ! this is no proper signing block: {why} (byte 58)"
            ),
        );
    }
}

#[test]
fn entries_that_overlap() {
    let mut second = file("b", "hello");
    second.offset = 36_u32.wrapping_neg();
    check(
        zip(&[file("a", "hello"), second], b""),
        r#"
        a File "hello"
          method: stored
        b File "hello"
          method: stored
          local:name: "a"
        = gap@36: 36
        = gap@36:sha256: SHA-256
        ! the local header of "b" has another name: "a" (byte 0)
        ! "b" overlaps "a" (byte 0)
        ! a local header at byte 36 is not in the directory (byte 36)
        "#,
    );
    let long = file("a", "hello").both(|head| (head.compressed, head.size) = (9, 9));
    check(
        zip(&[long], b""),
        r#"
        a File "helloPK\x01\x02" but wrong CRC
          method: stored
        ! the directory or its end record overlaps "a" (byte 36)
        "#,
    );
}

#[test]
fn data_in_another_order_than_the_directory() {
    // Each record points to the header and data that stand where the other's would.
    let swap = |name: &str, there: &str, data: &str, distance: i32| {
        let other = file(there, data);
        file(name, if name == "a" { "1" } else { "2" }).with(|member| {
            member.local = other.local.clone();
            member.data = other.data.clone();
            member.offset = distance.cast_unsigned();
        })
    };
    let swapped = [swap("b", "a", "1", 32), swap("a", "b", "2", -32)];
    check(zip(&swapped, b""), "b File \"2\"\n method: stored\n a File \"1\"\n method: stored\n = data-order: SHA-256");
}

#[test]
fn data_beyond_the_end_of_the_file() {
    check(
        zip(&[file("a", "hello").both(|head| (head.compressed, head.size) = (1000, 1000))], b""),
        r#"
        a File "helloPK\x01\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x86\xa6\x106\xe8\x03\x00\x00\xe8\x03\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00aPK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00/\x00\x00\x00$\x00\x00\x00\x00\x00" but wrong CRC but wrong size
          method: stored
        ! the data of "a" reach 926 bytes beyond the end of the file (byte 31)
        ! the directory or its end record overlaps "a" (byte 36)
        ! the directory or its end record overlaps "a" (byte 83)
        "#,
    );
}

#[test]
fn a_crowd_of_problems_and_gaps_is_summed_up() {
    let members =
        vec![file("a", "").local(|head| head.name = b"b".to_vec()).with(|member| member.after = b"gap".to_vec()); 1002];
    let opened = open(&ZIP, "a.zip", zip(&members, b""));
    assert_eq!(opened.problems.len(), 1001);
    assert_eq!(opened.problems[1000].message, "2 more problems of this archive are not listed");
    assert_eq!(opened.fields.len(), 2003);
    assert_eq!(opened.value("more-gaps"), Some(&Value::Number(2)));
    assert_eq!(opened.value("more-gaps:bytes"), Some(&Value::Number(6)));
}

#[test]
fn headers_that_overlap_are_not_read_again_and_again() {
    let long = "n".repeat(60_000);
    let mut members = vec![file(&long, "")];
    for index in 1_u32..2000 {
        let mut member = file("a", "");
        member.offset = (60_030 + (index - 1) * 31).wrapping_neg();
        members.push(member);
    }
    let opened = open(&ZIP, "a.zip", zip(&members, b""));
    assert_eq!(opened.problems.last().unwrap().limit, Some("total-bytes"));
}
