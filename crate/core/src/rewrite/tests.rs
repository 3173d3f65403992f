//! Whole archives, byte for byte as OSS Rebuild's own stabilizer writes them.

use std::io::Write as _;

use super::*;
use crate::artifact::Artifact;
use crate::limits::Limits;
use crate::read::{read, read_to_stabilize};
use crate::stabilize::{Choice, Profile, run, run_to_rewrite};

/// The stabilized archive, and what is said about it. Both ways to read must give the same.
fn stabilized(name: &str, bytes: &[u8], choice: &Choice) -> Result<(Vec<u8>, Written), Fault> {
    let (artifact, limits) = (Artifact::new(name, bytes.to_vec()), Limits::default());
    let all = |reading: &Reading, run: fn(&Reading, &Store, &Choice) -> Stabilized| {
        let store = Store::with_bases(artifact.source.clone(), &reading.bases, &limits, 1 << 20);
        let mut out = Vec::new();
        let stabilized = run(reading, &store, choice);
        let written = write(reading, &store, &stabilized, &mut out)?;
        assert_eq!(digest(reading, &store, &stabilized)?.0, <[u8; 32]>::from(Sha256::digest(&out)));
        Ok::<_, Fault>((out, written))
    };
    let lean = all(&read_to_stabilize(&artifact, &limits, &mut |_| {}).unwrap(), run_to_rewrite);
    let full = all(&read(&artifact, &limits, &mut |_| {}).unwrap(), run);
    assert_eq!(lean, full);
    full
}

fn choice(disabled: &[&str]) -> Choice {
    Choice { disabled: disabled.iter().map(|id| (*id).to_owned()).collect(), ..Choice::of(Profile::OssRebuild) }
}

#[track_caller]
fn check(name: &str, bytes: &[u8], expected: &[u8]) {
    let (found, written) = stabilized(name, bytes, &choice(&[])).unwrap();
    assert_eq!(found.escape_ascii().to_string(), expected.escape_ascii().to_string());
    assert!(written.is_upstream(), "{written:?}");
}

/// A tar header as Go writes it with all passes.
fn header(name: &str, size: usize) -> Vec<u8> {
    let block = |name: &str, size: usize, mode: &str, flag: char, rest: &[u8]| {
        let mut block = vec![0_u8; 512];
        let text = format!("{mode}\x000000000\x000000000\0{size:011o}\x0000000000000\0        {flag}");
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[100..100 + text.len()].copy_from_slice(text.as_bytes());
        block[257..265].copy_from_slice(b"ustar\x0000");
        block[329..329 + rest.len()].copy_from_slice(rest);
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    };
    let mut bytes = block(&format!("PaxHeaders.0/{name}"), 11, "0000000", 'x', b"");
    bytes.extend(b"11 atime=0\n");
    bytes.resize(1024, 0);
    bytes.extend(block(name, size, "0000777", '0', b"0000000\x000000000\0"));
    bytes
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o4755);
        header.set_mtime(1_700_000_000);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::GzBuilder::new().filename("x").mtime(7).write(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn filled(content: &[u8]) -> Vec<u8> {
    let mut bytes = content.to_vec();
    bytes.resize(content.len().next_multiple_of(512), 0);
    bytes
}

#[test]
fn a_tar_is_sorted_and_has_pax_headers() {
    let expected = [header("a", 2), filled(b"xy"), header("b", 0), vec![0; 1024]].concat();
    check("a.tar", &tar(&[("b", b""), ("a", b"xy")]), &expected);
}

#[test]
fn a_gzip_stream_is_stored_in_blocks_and_ends_with_an_empty_one() {
    let large = vec![7; 70_000];
    let inner = [header("a", 70_000), filled(&large), vec![0; 1024]].concat();
    let mut expected = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    for block in inner.chunks(65_535) {
        let length = u16::try_from(block.len()).unwrap();
        expected.extend([&[0][..], &length.to_le_bytes(), &(!length).to_le_bytes(), block].concat());
    }
    expected.extend(b"\x01\0\0\xff\xff");
    expected.extend(crc32fast::hash(&inner).to_le_bytes());
    expected.extend(u32::try_from(inner.len()).unwrap().to_le_bytes());
    check("a.tgz", &gzip(&tar(&[("a", &large)])), &expected);
}

#[test]
fn a_zip_has_descriptors_and_timestamps_but_for_folders() {
    let mut writer = ::zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = ::zip::write::SimpleFileOptions::default();
    writer.add_directory("d", options).unwrap();
    writer.start_file("é", options).unwrap();
    writer.write_all(b"xy").unwrap();
    writer.set_comment("kept").unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let extra = b"UT\x05\0\x01\0\0\0\0";
    let crc = crc32fast::hash(b"xy").to_le_bytes();
    let size = b"\x02\0\0\0\x02\0\0\0";
    let local = |flags: &[u8], name: &[u8]| {
        let length = [u8::try_from(name.len()).unwrap(), 0, 9, 0];
        [b"PK\x03\x04\x14\0", flags, b"\0\0\0\0\x21\xec", &[0; 12], &length, name, extra].concat()
    };
    let record = |flags: &[u8], name: &[u8], sums: &[u8], offset: u8| {
        let length = [u8::try_from(name.len()).unwrap(), 0, 9, 0];
        let rest = [&[0; 10][..], &[offset, 0, 0, 0]].concat();
        [b"PK\x01\x02\x14\0\x14\0", flags, b"\0\0\0\0\x21\xec", sums, &length, &rest, name, extra].concat()
    };
    let folder = local(b"\0\0", b"d/");
    let file = [local(b"\x08\x08", "é".as_bytes()), b"xyPK\x07\x08".to_vec(), crc.to_vec(), size.to_vec()].concat();
    let first = record(b"\0\0", b"d/", &[0; 12], 0);
    let sums = [&crc[..], size].concat();
    let second = record(b"\x08\x08", "é".as_bytes(), &sums, u8::try_from(folder.len()).unwrap());
    let directory = u8::try_from(first.len() + second.len()).unwrap();
    let start = u8::try_from(folder.len() + file.len()).unwrap();
    let end = [b"PK\x05\x06\0\0\0\0\x02\0\x02\0", &[directory, 0, 0, 0, start, 0, 0, 0, 4, 0][..], b"kept"].concat();
    check("a.whl", &bytes, &[folder, file, first, second, end].concat());
}

#[test]
fn a_file_without_passes_is_copied() {
    check("a.pom", b"<project/>", b"<project/>");
}

#[test]
fn what_follows_the_end_of_a_tar_is_never_seen() {
    let bytes = tar(&[("a", b"x")]);
    let trailing = [bytes.clone(), b"trailing".to_vec()].concat();
    let one = stabilized("a.tar", &bytes, &choice(&[])).unwrap();
    assert_eq!(one, stabilized("a.tar", &trailing, &choice(&[])).unwrap());
    // Nor is a broken checksum behind it.
    let mut stream = gzip(&bytes);
    let one = stabilized("a.tgz", &stream, &choice(&[])).unwrap();
    let last = stream.len() - 5;
    stream[last] ^= 1;
    assert_eq!(one, stabilized("a.tgz", &stream, &choice(&[])).unwrap());
}

#[test]
fn compression_that_is_kept_is_ours_and_says_so() {
    let bytes = gzip(&tar(&[("a", &[b'x'; 5000])]));
    let (found, written) = stabilized("a.tgz", &bytes, &choice(&["gzip-compression"])).unwrap();
    assert_eq!(written.doubts, [DEFLATED]);
    let mut inflated = Vec::new();
    flate2::read::GzDecoder::new(&*found).read_to_end(&mut inflated).unwrap();
    assert_eq!(inflated, [header("a", 5000), filled(&[b'x'; 5000]), vec![0; 1024]].concat());
    assert!(found.len() < 500);
}

#[test]
fn more_than_twelve_members_of_one_name_have_no_order_that_we_know() {
    let member = |index: u8| if index.is_multiple_of(2) { ("b", vec![index]) } else { ("a", vec![index]) };
    let build = |count: u8| {
        let members: Vec<_> = (0..count).map(member).collect();
        tar(&members.iter().map(|(name, content)| (*name, content.as_slice())).collect::<Vec<_>>())
    };
    assert!(stabilized("a.tar", &build(12), &choice(&[])).unwrap().1.is_upstream());
    assert_eq!(stabilized("a.tar", &build(13), &choice(&[])).unwrap().1.doubts.len(), 1);
    assert!(stabilized("a.tar", &build(13), &choice(&["tar-file-order"])).unwrap().1.is_upstream());
}

#[test]
fn where_upstream_gives_up_the_archive_is_our_own_and_says_why() {
    // A global header, as `git archive` writes it.
    let mut global = ::tar::Header::new_ustar();
    global.set_entry_type(::tar::EntryType::XGlobalHeader);
    global.set_path("pax_global_header").unwrap();
    global.set_size(13);
    global.set_cksum();
    let bytes = tar(&[("a", b"x")]);
    let with = [global.as_bytes(), &*filled(b"13 comment=c\n"), &bytes].concat();
    let (found, written) = stabilized("a.tar", &with, &choice(&[])).unwrap();
    assert_eq!(
        written.refusal.as_deref(),
        Some("OSS Rebuild has no verdict on this file: it cannot write the global PAX header pax_global_header again.")
    );
    assert_eq!(found, stabilized("a.tar", &bytes, &choice(&[])).unwrap().0);
    // Without the passes that touch it, it is written again.
    let (_, written) = stabilized("a.tar", &with, &choice(&["tar-time", "tar-file-mode"])).unwrap();
    assert!(written.is_upstream());
}

#[test]
fn what_cannot_be_read_to_its_end_is_not_written() {
    let bytes = tar(&[("a", &[b'x'; 2000])]);
    assert!(stabilized("a.tar", &bytes[..1500], &choice(&[])).is_err());
    let stream = gzip(&bytes);
    assert!(stabilized("a.tgz", &stream[..30], &choice(&[])).is_err());
    assert!(stabilized("a.tgz", b"no gzip", &choice(&[])).is_err());
    assert!(stabilized("a.txt", b"text", &choice(&[])).is_err());
    assert!(stabilized("a.whl", b"no zip", &choice(&[])).is_err());
}

#[test]
fn a_stream_too_large_to_be_kept_is_written_in_batches_and_the_same() {
    let contents: Vec<(String, Vec<u8>)> = (0..40_u8).rev().map(|at| (format!("f{at:02}"), vec![at; 300])).collect();
    let members: Vec<_> = contents.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    let bytes = gzip(&tar(&members));
    let expected = stabilized("a.tgz", &bytes, &choice(&[])).unwrap().0;
    let (artifact, limits) = (Artifact::new("a.tgz", bytes), Limits::default());
    let reading = read(&artifact, &limits, &mut |_| {}).unwrap();
    let store = Store::with_bases(artifact.source.clone(), &reading.bases, &limits, 1);
    let planned = plan(&reading, &store, &run(&reading, &store, &choice(&[]))).unwrap_or_else(|_| panic!("no plan"));
    for batch in [1, 299, 300, 1000, 1 << 20] {
        let mut writer =
            Writer { store: &store, refusal: None, doubts: Vec::new(), buffer: vec![0; 100], kept: 1000, batch };
        let mut out = Vec::new();
        writer.plan(&planned.plan, &mut out).unwrap();
        assert!(out == expected, "{batch}");
    }
}
