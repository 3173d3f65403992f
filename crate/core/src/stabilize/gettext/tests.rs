//! Hits, look-alikes and hostile files.

use super::super::Profile;
use super::super::testing::{container, file, stabilize};

const HEADER: &str =
    "Language: de\nPOT-Creation-Date: 2001-02-03 04:05+0100\nPO-Revision-Date: 2002-02-03 04:05-0330\n";
const MASKED: &str =
    "Language: de\nPOT-Creation-Date: 1970-01-01 00:00+0000\nPO-Revision-Date: 1970-01-01 00:00+0000\n";

/// A compiled file as msgfmt writes it: tables, then ids, then texts. The header's text is the first.
fn mo(revision: u32, big: bool, strings: &[(&str, &str)]) -> Vec<u8> {
    let words: u32 = if revision & 0xffff == 1 { 12 } else { 7 };
    let count = u32::try_from(strings.len()).unwrap();
    let mut numbers = vec![0x9504_12de, revision, count, words * 4, words * 4 + count * 8, 0, words * 4 + count * 16];
    numbers.resize(words as usize, 0);
    let mut text = Vec::new();
    let all = strings.iter().map(|(id, _)| id).chain(strings.iter().map(|(_, text)| text));
    for string in all {
        let at = words * 4 + count * 16 + u32::try_from(text.len()).unwrap();
        numbers.extend([u32::try_from(string.len()).unwrap(), at]);
        text.extend_from_slice(string.as_bytes());
        text.push(0);
    }
    let bytes = |number: u32| if big { number.to_be_bytes() } else { number.to_le_bytes() };
    [numbers.into_iter().flat_map(bytes).collect(), text].concat()
}

/// The whole header is given back where the file may be touched, else nothing.
#[track_caller]
fn check(before: &[u8], after: &[u8]) {
    for artifact in [file("a", before), container("gzip", "a.gz", [file("a", before)])] {
        let side = stabilize(Profile::Standard, &artifact);
        assert_eq!(side.bytes("a").escape_ascii().to_string(), after.escape_ascii().to_string());
    }
    let side = stabilize(Profile::OssRebuild, &file("a", before));
    assert_eq!(side.bytes("a"), before);
}

#[test]
fn both_dates_become_1970() {
    for big in [false, true] {
        for revision in [0, 1, 0x1_0000, 0x1_0001] {
            let file = |header| mo(revision, big, &[("", header), ("one", "eins")]);
            check(&file(HEADER), &file(MASKED));
        }
    }
    check(
        &mo(0, false, &[("", "PO-Revision-Date: 2002-02-03 04:05-0330\n")]),
        &mo(0, false, &[("", "PO-Revision-Date: 1970-01-01 00:00+0000\n")]),
    );
}

#[test]
fn what_is_no_date_or_stands_elsewhere_stays() {
    for header in [
        "PO-Revision-Date: YEAR-MO-DA HO:MI+ZONE\n",
        "PO-Revision-Date: 2002-02-03 04:05-0330 and more\n",
        "PO-Revision-Date: 2002-02-03 04:05-0330",
        "PO-Revision-Date:2002-02-03 04:05-0330\n",
        "X-PO-Revision-Date: 2002-02-03 04:05-0330\n",
        "PO-Revision-Date: 2002-02-03 04:05-0330\nPO-Revision-Date: 2002-02-03 04:05-0330\n",
        "Language: de\n",
        "",
    ] {
        let bytes = mo(0, false, &[("", header), ("one", "eins")]);
        check(&bytes, &bytes);
    }
    let elsewhere = mo(0, false, &[("one", HEADER)]);
    check(&elsewhere, &elsewhere);
    let twice = mo(0, false, &[("", HEADER), ("", HEADER)]);
    check(&twice, &twice);
    let unknown = mo(2, false, &[("", HEADER)]);
    check(&unknown, &unknown);
    let hidden = mo(0, false, &[("", &format!("a\0{HEADER}"))]);
    check(&hidden, &hidden);
}

#[test]
fn a_translation_that_uses_bytes_of_the_header_stays() {
    let mut bytes = mo(0, false, &[("", HEADER), ("one", "eins")]);
    check(&bytes, &mo(0, false, &[("", MASKED), ("one", "eins")]));
    // The text of the second entry: where the header's is.
    let header = bytes[44..52].to_vec();
    bytes[52..60].copy_from_slice(&header);
    check(&bytes, &bytes);
    // The hash table lies over it.
    let mut bytes = mo(0, false, &[("", HEADER), ("one", "eins")]);
    bytes[20] = 8;
    bytes[24] = 80;
    check(&bytes, &bytes);
}

#[test]
fn damaged_tables_stay_and_do_not_panic() {
    for revision in [0, 1] {
        let whole = mo(revision, false, &[("", HEADER), ("one", "eins")]);
        let header = whole.windows(12).position(|window| window == b"Language: de").unwrap();
        for at in 4..header {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                let side = stabilize(Profile::Standard, &file("a", &bytes));
                // Whatever happens, only digits of the dates change.
                let after = side.bytes("a");
                let changed = bytes.iter().zip(&after).filter(|(one, other)| one != other);
                assert!(changed.into_iter().all(|(one, _)| one.is_ascii_digit() || matches!(one, b'+' | b'-')));
                assert_eq!(bytes.len(), after.len());
            }
        }
        for length in 0..whole.len() {
            let cut = &whole[..length];
            assert_eq!(stabilize(Profile::Standard, &file("a", cut)).bytes("a"), cut, "cut to {length}");
        }
    }
}

#[test]
fn strings_that_share_their_parts_are_not_read_for_hours() {
    let mut bytes = mo(1, false, &[("", HEADER)]);
    // As many strings as there is room for, all of them the same long one.
    let (table, string, count) = (bytes.len(), bytes.len() + 400_000, 100_000_u32);
    bytes.resize(string + 400_000, 0);
    for (at, number) in [(36, count), (40, u32::try_from(table).unwrap()), (44, u32::try_from(table).unwrap())] {
        bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    for index in 0..count as usize {
        let at = table + index * 4;
        bytes[at..at + 4].copy_from_slice(&u32::try_from(string).unwrap().to_le_bytes());
    }
    check(&bytes, &bytes);
}

fn po(header: &str) -> String {
    format!(
        "# German.\n#, fuzzy\nmsgid \"\"\nmsgstr \"\"\n\"Language: de\\n\"\n{header}\nmsgid \"one\"\nmsgstr \"eins\"\n"
    )
}

const PO_DATE: &str = "\"PO-Revision-Date: 2002-02-03 04:05-0330\\n\"\n";

#[test]
fn dates_in_the_text_form_become_1970() {
    let masked = "\"PO-Revision-Date: 1970-01-01 00:00+0000\\n\"\n";
    check(po(PO_DATE).as_bytes(), po(masked).as_bytes());
    let dos = |header| po(header).replace('\n', "\r\n");
    check(dos(PO_DATE).as_bytes(), dos(masked).as_bytes());
}

#[test]
fn other_texts_stay() {
    let shell = format!("#!/bin/sh\n{}", po(PO_DATE));
    let twice = format!("{}\nmsgid \"\"\nmsgstr \"\"\n{PO_DATE}", po(PO_DATE));
    let elsewhere = format!("{}\nmsgid \"two\"\nmsgstr \"\"\n{PO_DATE}", po(""));
    let comment = format!("{}\n# {PO_DATE}", po(""));
    let long = format!("msgid \"\"\n\"a\"\nmsgstr \"\"\n{PO_DATE}");
    let after = po(&format!("{PO_DATE} x").replace("\\n\"", "\\n\" x"));
    for text in [shell, twice, elsewhere, comment, long, after, po(&format!("{PO_DATE}{PO_DATE}"))] {
        check(text.as_bytes(), text.as_bytes());
    }
}
