//! Signed Java archives: the digests of files in the manifest, and of the manifest in the signature files (the JAR file
//! specification, "Signed JAR File"). Whose signature it is, is not asked here.

use std::collections::BTreeMap;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::{Found, shown};
use crate::base64;
use crate::entry::Kind;
use crate::entry::Severity::{High, Info as Note};
use crate::reading::{Node, NodeId};

/// A part of a manifest: its bytes with the empty line that ends it, and its names and values.
pub(super) struct Section<'a> {
    raw: &'a [u8],
    values: Vec<(String, String)>,
}

impl Section<'_> {
    /// The value of a name, whatever its case.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The digests under names that end like this, of the algorithms known here.
    fn digests<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = (Hash, &'a str)> {
        self.values.iter().filter_map(move |(key, value)| {
            let key = key.to_ascii_lowercase();
            Some((Hash::by_name(key.strip_suffix(ending)?)?, value.as_str()))
        })
    }
}

/// A manifest or signature file in its sections; a line that begins with a space continues the one before. The first
/// section is the main one.
pub(super) fn sections(bytes: &[u8]) -> Vec<Section<'_>> {
    let mut sections = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut values: Vec<(String, Vec<u8>)> = Vec::new();
    let mut end = |start: usize, end: usize, values: &mut Vec<(String, Vec<u8>)>| {
        let text = |(name, value): (String, Vec<u8>)| (name, String::from_utf8_lossy(value.trim_ascii()).into_owned());
        let section = Section {
            raw: bytes.get(start..end).unwrap_or_default(),
            values: std::mem::take(values).into_iter().map(text).collect(),
        };
        // Empty lines between two sections belong to neither.
        if sections.is_empty() || !section.values.is_empty() {
            sections.push(section);
        }
    };
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
        let (line, after) = rest.split_at_checked(length).unwrap_or_default();
        at += length + if after.starts_with(b"\r\n") { 2 } else { after.len().min(1) };
        if line.is_empty() {
            end(start, at, &mut values);
            start = at;
        } else if let Some(more) = line.strip_prefix(b" ") {
            if let Some((_, value)) = values.last_mut() {
                value.extend(more);
            }
        } else if let Some(colon) = line.iter().position(|byte| *byte == b':') {
            let (name, value) = line.split_at_checked(colon).unwrap_or_default();
            values.push((String::from_utf8_lossy(name).into_owned(), value.get(1..).unwrap_or_default().to_vec()));
        }
    }
    end(start, bytes.len(), &mut values);
    sections
}

/// What a digest is made with.
#[derive(Clone)]
enum Hash {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hash {
    /// By Java's name in lower case.
    fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "md5" => Self::Md5(Md5::new()),
            "sha" | "sha1" | "sha-1" => Self::Sha1(Sha1::new()),
            "sha-256" | "sha256" => Self::Sha256(Sha256::new()),
            "sha-384" | "sha384" => Self::Sha384(Sha384::new()),
            "sha-512" | "sha512" => Self::Sha512(Sha512::new()),
            _ => return None,
        })
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hash) => hash.update(bytes),
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha384(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    /// As manifests have it.
    fn finish(self) -> String {
        match self {
            Self::Md5(hash) => base64::encode(&hash.finalize()),
            Self::Sha1(hash) => base64::encode(&hash.finalize()),
            Self::Sha256(hash) => base64::encode(&hash.finalize()),
            Self::Sha384(hash) => base64::encode(&hash.finalize()),
            Self::Sha512(hash) => base64::encode(&hash.finalize()),
        }
    }

    fn of(mut self, bytes: &[u8]) -> String {
        self.update(bytes);
        self.finish()
    }
}

/// Checks an archive with these signature files.
pub(super) fn check(found: &mut Found<'_>, id: NodeId, manifest: &[u8], signatures: &[NodeId]) {
    let sections = sections(manifest);
    let named: BTreeMap<&str, &Section<'_>> =
        sections.iter().skip(1).filter_map(|section| Some((section.value("Name")?, section))).collect();
    files(found, id, &named);
    for signature in signatures {
        signed(found, *signature, manifest, &sections, &named);
    }
}

/// Files against the digests in the manifest.
fn files(found: &mut Found<'_>, id: NodeId, named: &BTreeMap<&str, &Section<'_>>) {
    for (member, node) in found.members(id).filter(|(_, node)| node.kind == Kind::File && !about_signing(node)) {
        let path = shown(&node.path);
        let name = String::from_utf8_lossy(&node.path);
        let section = named
            .get(name.as_ref())
            .filter(|section| section.values.iter().any(|(key, _)| key.to_ascii_lowercase().contains("-digest")));
        let Some(section) = section else {
            found.raise("JAR-04", member, format_args!("{path} is not among the signed files"));
            continue;
        };
        let mut hashes: Vec<(Hash, &str)> = section.digests("-digest").collect();
        if hashes.is_empty()
            || !found.stream(member, |bytes| hashes.iter_mut().for_each(|(hash, _)| hash.update(bytes)))
        {
            continue;
        }
        for (hash, stated) in hashes {
            let actual = hash.finish();
            if actual != stated {
                let stated = shown(stated.as_bytes());
                let message = format_args!("the manifest says {stated} of {path}, it is {actual}");
                found.raise_as(High, "JAR-01", member, message);
            }
        }
    }
}

/// The manifest against the digests in one signature file.
fn signed(
    found: &mut Found<'_>,
    id: NodeId,
    manifest: &[u8],
    sections: &[Section<'_>],
    named: &BTreeMap<&str, &Section<'_>>,
) {
    let Some(bytes) = found.read(id) else { return };
    let path = found.node(id).map(|node| shown(&node.path)).unwrap_or_default();
    let signature = self::sections(&bytes);
    let Some((main, rest)) = signature.split_first() else { return };
    let whole: Vec<bool> = main.digests("-digest-manifest").map(|(hash, stated)| hash.of(manifest) == stated).collect();
    // With the digest of the whole manifest right, Java asks for no more.
    if whole.contains(&true) {
        return;
    }
    let mut right = 0_u64;
    let mut wrong = Vec::new();
    let main_part = sections.first().map(|section| section.raw).unwrap_or_default();
    for (hash, stated) in main.digests("-digest-manifest-main-attributes") {
        if hash.of(main_part) != stated {
            wrong.push("the digest of the manifest's main part".to_owned());
        }
    }
    for section in rest {
        let Some(name) = section.value("Name") else { continue };
        let Some(other) = named.get(name) else {
            wrong.push(format!("{}, which the manifest does not have", shown(name.as_bytes())));
            continue;
        };
        for (hash, stated) in section.digests("-digest") {
            if fits(hash, stated, other.raw) {
                right += 1;
            } else {
                wrong.push(format!("the digest of the manifest's part about {}", shown(name.as_bytes())));
            }
        }
    }
    for what in &wrong {
        found.raise_as(High, "JAR-01", id, format_args!("{path} does not fit the manifest: {what}"));
    }
    if !whole.is_empty() && wrong.is_empty() {
        // Signing again adds to the manifest, which leaves the older signature as good for its own files.
        let severity = if right > 0 { Note } else { High };
        let message = format_args!("the manifest is not the one that {path} was made for; {right} parts of it are");
        found.raise_as(severity, "JAR-01", id, message);
    }
}

/// Whether a digest is that of a section, with the empty line after it or, as old tools have it, without.
fn fits(hash: Hash, stated: &str, raw: &[u8]) -> bool {
    let shorter = raw.strip_suffix(b"\r\n").or_else(|| raw.strip_suffix(b"\n")).unwrap_or(raw);
    hash.clone().of(raw) == stated || hash.of(shorter) == stated
}

/// What signing itself adds.
fn about_signing(node: &Node) -> bool {
    let upper = node.path.to_ascii_uppercase();
    let Some(name) = upper.strip_prefix(b"META-INF/") else { return false };
    let kinds: [&[u8]; 4] = [b".SF", b".RSA", b".DSA", b".EC"];
    !name.contains(&b'/')
        && (name == b"MANIFEST.MF" || name.starts_with(b"SIG-") || kinds.iter().any(|kind| name.ends_with(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_their_bytes_with_the_line_that_ends_them() {
        let text = b"A: 1\r\nB: 2\r\n  3\r\n\r\n\r\nName: x\ny\r\nC: 4\n\nName: z\r\n";
        let sections = sections(text);
        let shown: Vec<(String, Vec<(String, String)>)> = sections
            .into_iter()
            .map(|section| (String::from_utf8_lossy(section.raw).into_owned(), section.values))
            .collect();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            shown,
            [
                ("A: 1\r\nB: 2\r\n  3\r\n\r\n".to_owned(), vec![pair("A", "1"), pair("B", "2 3")]),
                ("Name: x\ny\r\nC: 4\n\n".to_owned(), vec![pair("Name", "x"), pair("C", "4")]),
                ("Name: z\r\n".to_owned(), vec![pair("Name", "z")]),
            ]
        );
    }

    #[test]
    fn names_of_digests_are_javas() {
        let digest = |name: &str| Hash::by_name(name).map(|hash| hash.of(b""));
        for (name, expected) in [
            ("md5", Some("1B2M2Y8AsgTpgAmY7PhCfg==")),
            ("sha", Some("2jmj7l5rSw0yVb/vlWAYkK/YBwk=")),
            ("sha1", Some("2jmj7l5rSw0yVb/vlWAYkK/YBwk=")),
            ("sha-256", Some("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")),
            ("sha-384", Some("OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb")),
            ("sha-3", None),
        ] {
            assert_eq!(digest(name).as_deref(), expected, "{name}");
        }
    }
}
