//! Cases of Android packages and of signed archives.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::build::{Entry, block, body, end, entry, zip};
use super::{Case, File, case};
use crate::base64;
use crate::entry::Severity;

/// A package with these further entries.
fn package(more: &[Entry]) -> Vec<Entry> {
    [&[entry("AndroidManifest.xml", "m"), entry("classes.dex", "dex\n035")], more].concat()
}

fn apk(more: &[Entry]) -> File {
    ("a.apk", zip(&package(more)))
}

/// Pairs of a signing block with sizes and magic around them.
fn signing_block(pairs: &[(u32, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (id, value) in pairs {
        body.extend((value.len() as u64 + 4).to_le_bytes());
        body.extend(id.to_le_bytes());
        body.extend(*value);
    }
    let size = (body.len() as u64 + 24).to_le_bytes();
    [size.as_slice(), &body, &size, b"APK Sig Block 42"].concat()
}

/// A package with bytes between its entries and its directory.
fn with_block(block: &[u8]) -> File {
    let (mut bytes, directory) = body(&package(&[]));
    let records = bytes.split_off(directory as usize);
    let size = u32::try_from(records.len()).unwrap();
    let at = directory + u32::try_from(block.len()).unwrap();
    ("a.apk", [bytes.as_slice(), block, &records, &end([2, 2, size, at], b"")].concat())
}

fn prefixed(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_le_bytes(), bytes].concat()
}

/// A v2 pair that states a digest of the file.
fn v2(digest: &[u8]) -> Vec<u8> {
    let stated = [&0x0103_u32.to_le_bytes(), prefixed(digest).as_slice()].concat();
    prefixed(&prefixed(&prefixed(&prefixed(&prefixed(&stated)))))
}

/// The digest of the package as v2 makes it: each part is shorter than a piece.
fn covered() -> Vec<u8> {
    let (bytes, directory) = body(&package(&[]));
    let (entries, records) = bytes.split_at(directory as usize);
    let end = end([2, 2, u32::try_from(records.len()).unwrap(), directory], b"");
    let piece = |bytes: &[u8]| Sha256::digest([&[0xa5], prefixed(bytes).as_slice()].concat()).to_vec();
    let pieces = [piece(entries), piece(records), piece(&end)].concat();
    Sha256::digest([&[0x5a_u8, 3, 0, 0, 0], pieces.as_slice()].concat()).to_vec()
}

const V2: u32 = 0x7109_871a;
const PADDING: u32 = 0x4272_6577;

pub(super) fn cases() -> Vec<Case> {
    let usual = || apk(&[entry("res/a", "x")]);
    let good = || with_block(&signing_block(&[(V2, &v2(&covered())), (PADDING, &[0; 9])]));
    let cut = || {
        let mut block = signing_block(&[(V2, &v2(&covered()))]);
        block[0] ^= 1;
        with_block(&block)
    };
    let overrun = || {
        let mut block = signing_block(&[(V2, b"x")]);
        block[8] ^= 1;
        with_block(&block)
    };
    let signature = |schemes: &str| {
        let text = format!("Signature-Version: 1.0\nX-Android-APK-Signed: {schemes}\n");
        apk(&[entry("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n"), entry("META-INF/A.SF", text)])
    };
    let long = |length: usize| block(0xd935, &vec![0; length - 4]);
    let extra = |length: usize| apk(&[entry("a", "").with(|entry| entry.local.extra = long(length))]);
    let named = |length: usize| apk(&[entry("a".repeat(length), "")]);
    let prefixed = |start: &[u8]| ("a.apk", [start, &zip(&package(&[]))].concat());
    let jar = |name: &'static str| (name, zip(&[entry("AndroidManifest.xml", "m"), entry("AndroidManifest.xml", "n")]));
    vec![
        case("APK-01", cut(), good()),
        case("APK-01", overrun(), good()),
        case("ZIP-22", cut(), good()),
        case("APK-01", with_block(&signing_block(&[(V2, &v2(&[7; 32]))])), good()),
        case(
            "APK-01",
            with_block(&signing_block(&[(0x1234, b"x")])),
            with_block(&signing_block(&[(0x504b_4453, b"x")])),
        ),
        case("APK-01", with_block(&signing_block(&[(PADDING, b"x")])), with_block(&signing_block(&[(PADDING, b"\0")]))),
        case("APK-01", with_block(&signing_block(&[(0x7177_7777, b""), (0x7177_7777, b"")])), good()),
        case("APK-01", with_block(&[b"x".as_slice(), &signing_block(&[(V2, b"")])].concat()), good()),
        case("APK-01", signature("2, 3"), signature("4")),
        case("APK-02", prefixed(b"dex\n035\0"), prefixed(b"#!/bin/sh\n")),
        case("APK-03", apk(&[entry("classes.dex", "dex\n036")]), usual()),
        // A library for Android has the manifest alone.
        case("APK-03", jar("a.apk"), jar("a.aar")),
        case("APK-04", extra(0x8000), extra(0x7fff)),
        case("APK-04", named(0x8000), named(0x7fff)),
        case("APK-05", apk(&[entry("a", "x").both(|head| head.flags = 1)]), usual()),
        case("APK-05", apk(&[entry("a", "x").both(|head| head.method = 77)]), usual()),
        case("APK-05", apk(&[entry("resources.arsc/", "")]), apk(&[entry("resources/", "")])),
    ]
}

#[test]
fn what_is_encrypted_only_by_its_flag_is_inspected_and_said() {
    let severity = |file: File, id: &str| {
        let reading = super::read(&file);
        let found = super::of(&reading, id).first().map(|finding| finding.severity);
        let node = reading.nodes.iter().find(|node| node.path == b"x").unwrap();
        (found, node.unread, node.sha256.is_some())
    };
    let flagged = |flags: u16, change: fn(Entry) -> Entry| {
        let entry = change(entry("x", "hello hello hello"));
        ("a.zip", zip(&[entry.both(move |head| head.flags |= flags)]))
    };
    let plain = |entry: Entry| entry;
    assert_eq!(severity(flagged(1, plain), "ZIP-26"), (Some(Severity::Conflict), false, true));
    assert_eq!(severity(flagged(1, Entry::deflated), "ZIP-26"), (Some(Severity::Conflict), false, true));
    let other = |entry: Entry| entry.with(|entry| entry.data[0] ^= 1);
    assert_eq!(severity(flagged(1, other), "ZIP-26"), (Some(Severity::High), true, false));
    assert_eq!(severity(flagged(0, plain), "ZIP-26"), (None, false, true));
    let unknown = |entry: Entry| entry.both(|head| head.method = 77);
    assert_eq!(severity(flagged(0, unknown), "ZIP-27"), (Some(Severity::Conflict), false, true));
    let packed = |entry: Entry| entry.deflated().both(|head| head.method = 77);
    assert_eq!(severity(flagged(0, packed), "ZIP-27"), (Some(Severity::Medium), true, false));
}

#[test]
fn the_pairs_of_a_signing_block_are_fields() {
    let reading = super::read(&with_block(&signing_block(&[(V2, &v2(&covered())), (0x99, b"x"), (PADDING, &[0; 9])])));
    let fields = &reading.nodes[0].opened.as_ref().unwrap().fields;
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_ref()).collect();
    let expected = [
        "signing-block",
        "signing-block-sha256",
        "signing:v2",
        "signing:v2:sha256",
        "signing:id-00000099",
        "signing:id-00000099:sha256",
        "signing:padding",
    ];
    assert_eq!(names, expected);
    assert_eq!(crate::ecosystem::recognise(&reading), Some("apk"));
}

/// Makes a digest.
type Make = fn(&[u8]) -> Vec<u8>;

/// A jar whose manifest and signature file have these digests.
fn signed(algorithm: &str, digest: Make, change: fn(&str) -> String) -> File {
    let base64 = |bytes: &[u8]| base64::encode(&digest(bytes));
    let main = "Manifest-Version: 1.0\r\n\r\n";
    let section = format!("Name: a.class\r\n{algorithm}-Digest: {}\r\n\r\n", base64(b"hello"));
    let manifest = format!("{main}{section}");
    let signature = format!(
        "Signature-Version: 1.0\r\n{algorithm}-Digest-Manifest: {}\r\n{algorithm}-Digest-Manifest-Main-Attributes: {}\r\n\r\nName: a.class\r\n{algorithm}-Digest: {}\r\n\r\n",
        base64(manifest.as_bytes()),
        base64(main.as_bytes()),
        base64(section.as_bytes())
    );
    let files = [
        entry("META-INF/MANIFEST.MF", change(&manifest)),
        entry("META-INF/A.SF", signature),
        entry("a.class", "hello"),
    ];
    ("a.jar", zip(&files))
}

#[test]
fn digests_of_every_kind_are_checked_in_the_manifest_and_in_the_signature_file() {
    let kinds: [(&str, Make); 6] = [
        ("MD5", |bytes| Md5::digest(bytes).to_vec()),
        ("SHA", |bytes| Sha1::digest(bytes).to_vec()),
        ("SHA1", |bytes| Sha1::digest(bytes).to_vec()),
        ("SHA-256", |bytes| Sha256::digest(bytes).to_vec()),
        ("SHA-384", |bytes| Sha384::digest(bytes).to_vec()),
        ("SHA-512", |bytes| Sha512::digest(bytes).to_vec()),
    ];
    for (algorithm, digest) in kinds {
        let check = |change: fn(&str) -> String, expected: &[Severity]| {
            let reading = super::read(&signed(algorithm, digest, change));
            let found: Vec<Severity> = super::of(&reading, "JAR-01").iter().map(|finding| finding.severity).collect();
            assert_eq!(found, expected, "{algorithm}: {:?}", reading.findings);
        };
        check(str::to_owned, &[]);
        // Another digest of the file is one in the manifest and one in the signature file.
        check(|manifest| manifest.replace("Digest: ", "Digest: A"), &[Severity::High; 2]);
        check(|manifest| manifest.replace("Version: 1.0", "Version: 1.1"), &[Severity::High]);
        check(|manifest| manifest.replace("Name: a.class", "Name: b.class"), &[Severity::High]);
        // Signing again adds a part, or takes none away.
        check(|manifest| format!("{manifest}Name: b\r\n{}: x\r\n\r\n", "Magic"), &[Severity::Info]);
    }
}
