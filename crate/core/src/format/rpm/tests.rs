//! Built packages: what becomes of each part, and damage.

use super::testing::{Build, Data, FILES, cpio, demo, header, stripped, text, texts, words};
use super::*;
use crate::format::testing::{self, Opened};

fn open(bytes: &[u8]) -> Opened {
    testing::open(&RPM, "a-1.0-2.noarch.rpm", bytes.to_vec())
}

/// The content of the member of this path, as text.
fn content(opened: &Opened, path: &str) -> String {
    let at = opened.entries.iter().position(|entry| entry.path == path.as_bytes());
    at.map_or("(not there)".to_owned(), |at| String::from_utf8_lossy(&opened.content(at)).into_owned())
}

/// Everything an opening gave, as text.
fn show(bytes: &[u8]) -> String {
    let opened = open(bytes);
    let mut out = String::new();
    for field in &opened.fields {
        out += &format!("{} = {:?}\n", field.name, field.value);
    }
    for (at, entry) in opened.entries.iter().enumerate() {
        out += &format!("{} = {}\n", display::bytes(&entry.path), opened.content(at).escape_ascii());
    }
    for problem in &opened.problems {
        out += &format!("! {problem}\n");
    }
    out
}

/// As one would make it by hand, of tags that say something each in its own way.
fn rich() -> Build {
    demo()
        .with(100, texts(["C", "de"]))
        .with(1004, Data::Translated(vec!["A package".into(), "Ein Paket".into()]))
        .with(1005, Data::Translated(vec!["Some\nlines".into(), "x".into()]))
        .with(1020, text(&"u".repeat(300)))
        .with(1025, text(""))
        .with(1047, texts(["a", "b c", "(x if y)"]))
        .with(1065, texts(["echo one\n", "echo two\n"]))
        .with(1066, texts(["bash", "zsh"]))
        .with(1067, texts(["9", ""]))
        .with(1068, words([0x1_0002, 0x2_0000]))
        .with(1069, words([0, 1]))
        .with(1098, texts(["/usr", "/opt"]))
        .with(1145, Data::Word((0..9).collect()))
        .with(1142, Data::Texts((0..9).map(|nth| format!("class {nth}")).collect()))
        .with(1146, Data::Bytes(vec![0xab; 16]))
        .with(5009, Data::Long(vec![1 << 40]))
        .with(7000, text("unknown"))
}

#[test]
fn every_part_becomes_what_it_is() {
    let bytes = rich().change(|build| build.signature.push((1008, Data::Bytes(vec![0; 100])))).bytes();
    let opened = open(&bytes);
    assert_eq!(opened.problems, []);
    for (name, value) in [
        ("lead-version", Value::text("3.0")),
        ("lead-type", Value::text("binary")),
        ("lead-name", Value::Bytes(b"a-1.0-2".to_vec())),
        ("signature:reserved-space", Value::text("100 zeros")),
        ("name", Value::Bytes(b"a".to_vec())),
        ("summary (C)", Value::Bytes(b"A package".to_vec())),
        ("summary (de)", Value::Bytes(b"Ein Paket".to_vec())),
        ("description (de)", Value::Bytes(b"x".to_vec())),
        ("build-time", Value::Time(1_700_000_000, 0)),
        ("postin-prog", Value::Bytes(b"/bin/sh".to_vec())),
        ("prefixes", Value::Bytes(b"/usr\0/opt".to_vec())),
        ("source-pkg-id", Value::text("ab".repeat(16))),
        ("long-size", Value::Number(1 << 40)),
        ("tag-7000", Value::Bytes(b"unknown".to_vec())),
        ("form", Value::text("tag-7000 is of the type 6")),
    ] {
        assert_eq!(opened.value(name), Some(&value), "{name}");
    }
    for (path, expected) in [
        ("scriptlet/postin", "echo installed\n"),
        ("scriptlet/preun", ""),
        ("scriptlet/trigger-1", "echo one\n"),
        ("scriptlet/trigger-2", "echo two\n"),
        ("header/description (C)", "Some\nlines"),
        ("header/url", &"u".repeat(300)),
        ("header/depends-dict", "0\n1\n2\n3\n4\n5\n6\n7\n8\n"),
        ("header/requires", "bash >= 4\nrpmlib(X) <= 1-1 [rpmlib]\n"),
        ("header/provides", "a\n\"b c\"\n(x if y)\n"),
        ("header/triggers", "1: bash < 9 [triggerin]\n2: zsh [triggerun]\n"),
        ("header/changelog", "* 1970-01-02T00:00:00Z A Person\n  - a change\n  - another\n"),
        (
            "header/files",
            "100644 root:root /etc/a.conf [config,noreplace]\n100755 root:root /usr/bin/a\n120777 root:root \
             /usr/bin/b -> a\n040755 root:root /usr/share/a\n",
        ),
        (
            "header/file-times",
            "1970-01-01T00:00:07Z /etc/a.conf\n1970-01-01T00:00:07Z /usr/bin/a\n1970-01-01T00:00:07Z /usr/bin/b\n\
             1970-01-01T00:00:07Z /usr/share/a\n",
        ),
        ("header/file-numbers", "inode=1 /etc/a.conf\ninode=2 /usr/bin/a\ninode=3 /usr/bin/b\ninode=4 /usr/share/a\n"),
    ] {
        assert_eq!(content(&opened, path), expected, "{path}");
    }
    assert!(content(&opened, "header/class-dict").starts_with("class 0\nclass 1\n"));
    assert!(content(&opened, "header/file-contents").contains("- 1 /usr/bin/b\n"));
    assert_eq!(content(&opened, "payload.cpio").into_bytes(), cpio(&FILES));
}

#[test]
fn packages_are_known_by_lead_and_header() {
    let detected = |head: &[u8]| crate::format::detect(head, b"any").map(|format| format.id);
    let bytes = demo().bytes();
    assert_eq!(detected(&bytes), Some("rpm"));
    assert_eq!(detected(&bytes[..96]), Some("rpm"), "cut behind the lead");
    assert_eq!(detected(&[&bytes[..96], &[0; 9]].concat()), None, "a lead alone is none");
    assert_eq!(detected(&bytes[1..]), None);
}

#[test]
fn the_payload_is_named_after_what_it_is() {
    let name = |build: Build| {
        let opened = open(&build.bytes());
        String::from_utf8(opened.entries.last().unwrap().path.clone()).unwrap()
    };
    assert_eq!(name(demo()), "payload.cpio");
    assert_eq!(name(demo().holding(b"\x1f\x8b\x08\0rest".to_vec())), "payload.cpio.gz");
    assert_eq!(name(demo().holding(b"\xfd7zXZ\0\0\x04".to_vec())), "payload.cpio.xz");
    assert_eq!(name(demo().holding(b"\x28\xb5\x2f\xfd".to_vec())), "payload.cpio.zst");
    assert_eq!(name(demo().holding(b"BZh91AY&SY".to_vec())), "payload.cpio.bz2");
    let lzma = [0x5d, 0, 0, 0x80, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0].to_vec();
    assert_eq!(name(demo().holding(lzma.clone())), "payload.cpio", "nothing but the name says LZMA");
    assert_eq!(name(demo().with(1125, text("lzma")).holding(lzma)), "payload.cpio.lzma");
    assert_eq!(name(demo().with(1124, text("drpm")).holding(b"delta".to_vec())), "payload.drpm");
}

#[test]
fn a_payload_of_version_6_is_read_with_the_list() {
    let sizes = Data::Long(FILES.iter().map(|file| file.2.len() as u64).collect());
    let build = |payload: Vec<u8>| demo().with(5008, sizes.clone()).holding(payload).bytes();
    let tree = |bytes: Vec<u8>| {
        let artifact = crate::artifact::Artifact::new("a.rpm", bytes);
        let reading = crate::read::read(&artifact, &crate::limits::Limits::default(), &mut |_| {}).unwrap();
        let inside = |node: &&crate::reading::Node| node.path.starts_with(b"./");
        let tree: Vec<String> = reading
            .nodes
            .iter()
            .filter(inside)
            .map(|node| {
                let target = node.value("target").map(display::value).unwrap_or_default();
                format!("{:?} {} {} {target}", node.kind, display::bytes(&node.path), node.size)
            })
            .collect();
        (tree, reading.problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>())
    };
    let (files, problems) = tree(build(stripped(&FILES)));
    assert_eq!(problems, [""; 0]);
    assert_eq!(
        files,
        ["File ./etc/a.conf 4 ", "File ./usr/bin/a 10 ", "Symlink ./usr/bin/b 0 a", "Directory ./usr/share/a 0 "]
    );
    assert_eq!(tree(build(cpio(&FILES))).0, files, "the other form says the same");
    let odd = |from: &str, to: &str| {
        let payload = stripped(&FILES);
        let at = payload.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        tree(build([&payload[..at], to.as_bytes(), &payload[at + from.len()..]].concat())).1.join("; ")
    };
    assert!(odd("07070X00000003", "07070X00000009").contains("no file of the number 9 in the package's list"));
    assert!(odd("07070X00000003", "07070X0000000_").contains("has no number"));
    assert!(odd("07070100000000", "07070Xffffffff").contains("bytes follow the end of the archive"));
    // Without its package, nothing says what it holds.
    let alone = testing::open(crate::format::by_id("cpio").unwrap(), "payload.cpio", stripped(&FILES));
    assert!(alone.problems[0].message.contains("described in the header of an RPM package"));
}

#[test]
fn names_of_one_file_share_the_last_content() {
    let files = [("/a", 0o100_644, ""), ("/b", 0o100_644, "text")];
    let listed = demo()
        .with(1030, Data::Half(vec![0o100_644; 2]))
        .with(1096, words([5, 5]))
        .with(1116, words([0, 0]))
        .with(1117, texts(["a", "b"]))
        .with(1118, texts(["/"]))
        .with(5008, Data::Long(vec![4, 4]))
        .holding(stripped(&files));
    let opened = open(&listed.bytes());
    let outline = opened.entries.last().unwrap().outline.clone().unwrap();
    let found: Vec<_> = outline
        .members
        .iter()
        .map(|entry| (entry.path.as_slice(), entry.kind, entry.content.as_ref().and_then(|content| content.size)))
        .collect();
    assert_eq!(found, [(&b"./a"[..], Kind::File, Some(0)), (b"./b", Kind::Hardlink, Some(4))]);
}

#[test]
fn what_a_header_claims_beyond_itself_is_said() {
    let said = |bytes: &[u8]| {
        // A changed header has another digest, too.
        let problems: Vec<Fault> =
            open(bytes).problems.into_iter().filter(|problem| problem.finding != Some(("RPM-02", None))).collect();
        assert!(problems.iter().all(|problem| problem.finding == Some(("RPM-05", None))), "{problems:?}");
        problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(said(&demo().bytes()), "");
    let of = |change: &dyn Fn(&mut Vec<u8>)| {
        let build = demo();
        let (whole, header) = (build.bytes(), build.header());
        let at = whole.windows(header.len()).position(|window| window == header).unwrap();
        let mut changed = header;
        change(&mut changed);
        said(&[&whole[..at], &changed].concat())
    };
    // The region's own entry comes first, then that of the name: number, type, offset, count.
    assert!(of(&|header| header[8] = 1).contains("rpm refuses more than 65535"));
    assert!(
        of(&|header| header[12] = 0x7f).contains("bytes early") || of(&|header| header[12] = 0x7f).contains("allowed")
    );
    assert!(of(&|header| header[3] = 2).contains("unknown version"));
    assert!(
        of(&|header| header[40] = 0x7f).contains("the data of name, 1 values at 2130706432, do not lie in the header")
    );
    assert!(of(&|header| header[39] = 77).contains("name is of the unknown type 77"));
    let unclaimed = of(&|header| {
        // The name's data are now those of the next tag.
        header[47] = 0;
        header[39] = 7;
        header[43] = 2;
    });
    assert_eq!(unclaimed, "2 bytes of the main header belong to no tag");
    let twice = demo().change(|build| build.tags.insert(1, (1000, text("b"))));
    assert!(said(&twice.bytes()).contains("in the main header name is there twice"));
    let uneven = said(&demo().with(1028, words([1, 2])).bytes());
    assert_eq!(uneven, "file-sizes has 2 values for 4 files");
    assert_eq!(said(&demo().bytes()[..90]), "the file ends inside the lead");
    assert_eq!(said(&[&demo().bytes()[..96], b"nothing"].concat()), "there is no signature header");
}

#[test]
fn nothing_is_lost_where_lists_do_not_fit_together() {
    let uneven = open(&demo().with(1028, words([11, 12, 13])).with(1050, texts(["4"])).bytes());
    assert_eq!(uneven.value("file-sizes"), Some(&Value::text("11, 12, 13")));
    assert_eq!(uneven.value("require-version"), Some(&Value::Bytes(b"4".to_vec())));
    assert!(uneven.value("require-name").is_some() && content(&uneven, "header/requires") == "(not there)");
    // The same paths, split elsewhere.
    let split = open(
        &demo()
            .with(1117, texts(["a.conf", "bin/a", "bin/b", "a"]))
            .with(1118, texts(["/etc/", "/usr/", "/usr/share/"]))
            .bytes(),
    );
    assert_eq!(content(&split, "header/files"), content(&open(&demo().bytes()), "header/files"));
    assert_eq!(split.value("dir-names"), Some(&Value::Bytes(b"/etc/\0/usr/\0/usr/share/".to_vec())));
    assert_eq!(open(&demo().bytes()).value("dir-names"), None);
}

#[test]
fn a_header_without_a_region_and_one_with_tags_behind_it_are_read() {
    let plain = |region: bool| {
        let bytes = header(63, &[(1000, text("a")), (1001, text("1"))]);
        let cut = bytes.len() - 16;
        let mut bytes = if region { bytes } else { [&bytes[..11], &[2, 0, 0, 0, 4], &bytes[32..cut]].concat() };
        let mut read = |at: u64, buffer: &mut [u8]| {
            let rest = &bytes[usize::try_from(at).unwrap().min(bytes.len())..];
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        };
        let header = Header::read(&mut read, 0, 1 << 20, tag::MAIN).unwrap().unwrap();
        let odd = (header.form().odd.join("; "), header.text(1001).map(<[u8]>::to_vec));
        bytes.clear();
        odd
    };
    assert_eq!(plain(true), (String::new(), Some(b"1".to_vec())));
    assert_eq!(plain(false), ("there is no region".to_owned(), Some(b"1".to_vec())));
}

#[test]
fn every_flipped_byte_and_every_cut_shows() {
    let bytes = rich().bytes();
    let before = show(&bytes);
    let mut seen = std::collections::BTreeSet::new();
    for at in 4..bytes.len() {
        for bit in [1, 0x10, 0x80] {
            let mut flipped = bytes.clone();
            flipped[at] ^= bit;
            assert_ne!(show(&flipped), before, "byte {at} with {bit:x}");
        }
        assert!(seen.insert(show(&bytes[..at])), "cut to {at} looks like another");
    }
}
