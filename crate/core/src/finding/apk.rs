//! Android packages: the signing block, and what Android's loaders read otherwise than other tools.

use sha2::{Digest, Sha256, Sha512};

use super::{Found, Info, info, own, shown, signed};
use crate::entry::Severity::{Conflict, High, Medium};
use crate::entry::{Content, Value};
use crate::reading::{Node, NodeId};

const AGAIN: &str = "Do not install it; get it from its publisher.";

pub(super) const TABLE: &[Info] = &[
    info(
        "APK-01",
        High,
        "An odd signing block",
        "The signing block is damaged, has pairs that no known tool writes, or states another digest of the file.",
        "Android 7 and later check what the block covers; earlier ones check each entry alone.",
        AGAIN,
    ),
    info(
        "APK-02",
        Conflict,
        "A program in front of the package",
        "The file begins as an Android program and ends as a package (CVE-2017-13156, Janus).",
        "Android's runtime runs the program, the installer checks the package.",
        AGAIN,
    ),
    info(
        "APK-03",
        Conflict,
        "An entry twice",
        "Two entries have one name (CVE-2013-4787).",
        "The installer may check the one, and the runtime load the other.",
        AGAIN,
    ),
    info(
        "APK-04",
        Conflict,
        "Lengths beyond 32 767",
        "The length of a name or extra field is negative for a reader that takes it for a signed number.",
        "Old Android versions read other data than they checked.",
        AGAIN,
    ),
    info(
        "APK-05",
        Conflict,
        "An entry that only Android reads",
        "An entry is marked as encrypted or compressed in an unknown way, or has the name of a folder.",
        "Android ignores the mark and reads the bytes; other tools refuse or skip the entry.",
        "Compare what Android reads.",
    ),
];

/// A length that is negative as a signed 16-bit number.
const NEGATIVE: usize = 0x8000;

/// Checks one package.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let Some(node) = found.node(id) else { return };
    if own(node, "prefix-bytes").is_some()
        && let Some(content) = &node.content
        && found.store.read(content, 4).is_ok_and(|(head, _)| head == b"dex\n")
    {
        found.raise_at(Conflict, "APK-02", id, Some(0), format_args!("an Android program stands before the package"));
    }
    block(found, id, node);
    let mut signatures = Vec::new();
    for (member, node) in found.members(id) {
        entry(found, member, node);
        let name = node.path.to_ascii_uppercase();
        if name.starts_with(b"META-INF/") && name.ends_with(b".SF") {
            signatures.push(member);
        }
    }
    for signature in signatures {
        stripped(found, signature, node);
    }
}

/// One entry.
fn entry(found: &mut Found<'_>, id: NodeId, node: &Node) {
    let path = shown(&node.path);
    if node.occurrence > 0 && !node.path.ends_with(b"/") {
        found.raise("APK-03", id, format_args!("{path} is there twice"));
    }
    for (start, what) in [("extra", ""), ("local:extra", "local ")] {
        // Blocks have four bytes in front.
        let blocks = node.fields.iter().filter(|field| field.name.starts_with(start));
        let length: usize = blocks
            .map(|field| match &field.value {
                Value::Bytes(bytes) => bytes.len().saturating_add(if field.name.ends_with("rest") { 0 } else { 4 }),
                _ => 0,
            })
            .fold(0, usize::saturating_add);
        if length >= NEGATIVE {
            found.raise("APK-04", id, format_args!("{path} has {length} bytes in its {what}extra field"));
        }
    }
    let longest = node.path.len().max(super::bytes(node, "local:name").map_or(0, <[u8]>::len));
    if longest >= NEGATIVE {
        found.raise("APK-04", id, format_args!("{path} has a name of {longest} bytes"));
    }
    let unknown = node.unread && node.value("stored-sha256").is_some() && node.value("encryption").is_none();
    if node.value("encryption").is_some() {
        found.raise("APK-05", id, format_args!("{path} is marked as encrypted, which Android ignores"));
    } else if unknown || (!node.unread && node.value("stored-sha256").is_some()) {
        found.raise("APK-05", id, format_args!("{path} has an unknown compression, which Android takes for none"));
    }
    let name = node.path.strip_suffix(b"/").unwrap_or_default();
    let code = name.starts_with(b"classes") && name.ends_with(b".dex");
    if code || matches!(name, b"AndroidManifest.xml" | b"resources.arsc") {
        found.raise("APK-05", id, format_args!("{path} has the name of a folder"));
    }
}

/// The pairs of the signing block.
fn block(found: &mut Found<'_>, id: NodeId, node: &Node) {
    let Some(opened) = &node.opened else { return };
    let mut schemes = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for field in &opened.fields {
        if let Some(at) = field.name.strip_prefix("gap@").and_then(|at| at.strip_suffix(":sha256")) {
            let message = format_args!("bytes that belong to no entry stand at byte {at}");
            found.raise_at(High, "APK-01", id, at.parse().ok(), message);
        }
        let Some(name) = field.name.strip_prefix("signing:") else { continue };
        if let Some(name) = name.strip_suffix(":sha256") {
            if name == "padding" {
                found.raise_at(Medium, "APK-01", id, None, format_args!("the padding of the signing block has data"));
            }
            continue;
        }
        if name.starts_with("id-") {
            let message = format_args!("the signing block has a pair of the unknown {}", name.replace('-', " "));
            found.raise_at(Medium, "APK-01", id, None, message);
        }
        if !seen.insert(name) {
            let message = format_args!("the signing block has two pairs {name}: Android takes the first");
            found.raise_at(Conflict, "APK-01", id, None, message);
        }
        schemes.extend(name.starts_with('v').then_some(name).filter(|name| ["v2", "v3", "v3.1"].contains(name)));
    }
    if schemes.is_empty() {
        return;
    }
    // What stands behind the end is not covered; the parsers say so of the zip.
    let Some(bytes) = Sections::of(found, node) else { return };
    for digest in bytes.stated() {
        let scheme = digest.scheme;
        let actual = match digest.kind {
            Chunked::Sha256 => bytes.digest::<Sha256>(found),
            Chunked::Sha512 => bytes.digest::<Sha512>(found),
        };
        if let Some(actual) = actual
            && actual != digest.bytes
        {
            let (stated, actual) = (crate::display::hex(&digest.bytes), crate::display::hex(&actual));
            let message = format_args!("the {scheme} signature states the digest {stated} of the file, it is {actual}");
            found.raise_at(High, "APK-01", id, None, message);
        }
    }
}

/// A signature of single entries that says there is one of the whole file.
fn stripped(found: &mut Found<'_>, id: NodeId, package: &Node) {
    let Some(bytes) = found.read(id) else { return };
    let sections = signed::sections(&bytes);
    let Some(schemes) = sections.first().and_then(|main| main.value("X-Android-APK-Signed")) else { return };
    let path = found.node(id).map(|node| shown(&node.path)).unwrap_or_default();
    for scheme in schemes.split(',').map(str::trim) {
        if matches!(scheme, "2" | "3") && own(package, &format!("signing:v{scheme}")).is_none() {
            let message = format_args!("{path} says that there is a v{scheme} signature, and there is none");
            found.raise_as(High, "APK-01", id, message);
        }
    }
}

/// How a digest of the file is made.
#[derive(Clone, Copy)]
enum Chunked {
    Sha256,
    Sha512,
}

/// A digest that a signer states.
struct Stated {
    scheme: &'static str,
    kind: Chunked,
    bytes: Vec<u8>,
}

/// The parts of the file that a signature covers: the entries, the directory, and the end record, as bytes of the
/// file; and the block between them.
struct Sections {
    entries: u64,
    directory: u64,
    end: u64,
    length: u64,
    block: Vec<u8>,
}

/// Bytes hashed at once.
const CHUNK: u64 = 1 << 20;
/// The largest signing block looked into; ordinary ones have some ten thousand bytes.
const MOST_BLOCK: u64 = 16 << 20;

impl Sections {
    /// Found as Android does: from the end record, whose comment ends with the file.
    fn of(found: &Found<'_>, node: &Node) -> Option<Self> {
        let content = node.content.as_ref().filter(|content| content.base == 0 && content.offset == 0)?;
        let comment = match own(node, "comment") {
            Some(Value::Bytes(comment)) => comment.len() as u64,
            _ => 0,
        };
        let length = content.size?;
        let end = length.checked_sub(22)?.checked_sub(comment)?;
        let record = read(found, end, 22)?;
        if !record.starts_with(b"PK\x05\x06") {
            return None;
        }
        let directory = u64::from(u32::from_le_bytes(record.get(16..20)?.try_into().ok()?));
        let tail = directory.checked_sub(24)?;
        let size = u64::from_le_bytes(read(found, tail, 8)?.try_into().ok()?);
        let entries = directory.checked_sub(size)?.checked_sub(8)?;
        if directory > end || size > MOST_BLOCK {
            return None;
        }
        let block = read(found, entries + 8, tail.checked_sub(entries + 8)?)?;
        Some(Self { entries, directory, end, length, block })
    }

    /// Every digest of the file that a signer of the block states, and that can be made here.
    fn stated(&self) -> Vec<Stated> {
        let mut found = Vec::new();
        let mut rest = self.block.as_slice();
        while let Some((pair, after)) = prefixed::<8>(rest) {
            rest = after;
            let Some((id, value)) = pair.split_first_chunk::<4>() else { continue };
            let scheme = match u32::from_le_bytes(*id) {
                0x7109_871a => "v2",
                0xf053_68c0 => "v3",
                0x1b93_ad61 => "v3.1",
                _ => continue,
            };
            let Some((mut signers, _)) = prefixed::<4>(value) else { continue };
            while let Some((signer, after)) = prefixed::<4>(signers) {
                signers = after;
                let digests = prefixed::<4>(signer).and_then(|(data, _)| prefixed::<4>(data));
                let mut digests = digests.map(|(digests, _)| digests).unwrap_or_default();
                while let Some((digest, after)) = prefixed::<4>(digests) {
                    digests = after;
                    let Some((algorithm, value)) = digest.split_first_chunk::<4>() else { continue };
                    let kind = match u32::from_le_bytes(*algorithm) {
                        0x0101 | 0x0103 | 0x0201 | 0x0301 => Chunked::Sha256,
                        0x0102 | 0x0104 | 0x0202 => Chunked::Sha512,
                        _ => continue,
                    };
                    if let Some((bytes, _)) = prefixed::<4>(value) {
                        found.push(Stated { scheme, kind, bytes: bytes.to_vec() });
                    }
                    if found.len() >= 16 {
                        return found;
                    }
                }
            }
        }
        found
    }

    /// The digest of the file as the schemes make it: of the digests of pieces of 1 MiB.
    fn digest<D: Digest>(&self, found: &mut Found<'_>) -> Option<Vec<u8>> {
        found.hashed = found.hashed.checked_sub(self.length)?;
        let mut record = read(found, self.end, self.length - self.end)?;
        // The signature was made when the directory stood where the block is now.
        let place = u32::try_from(self.entries).ok()?.to_le_bytes();
        record.get_mut(16..20)?.copy_from_slice(&place);
        let (mut count, mut pieces) = (0_u32, Vec::new());
        let mut piece = |bytes: &[u8]| {
            let length = u32::try_from(bytes.len()).unwrap_or_default();
            count = count.saturating_add(1);
            pieces.extend(
                D::new().chain_update([0xa5]).chain_update(length.to_le_bytes()).chain_update(bytes).finalize(),
            );
        };
        for (mut at, end) in [(0, self.entries), (self.directory, self.end)] {
            while at < end {
                let bytes = read(found, at, (end - at).min(CHUNK))?;
                at += bytes.len() as u64;
                piece(&bytes);
            }
        }
        piece(&record);
        let top = D::new().chain_update([0x5a]).chain_update(count.to_le_bytes()).chain_update(&pieces);
        Some(top.finalize().to_vec())
    }
}

/// Exactly these bytes of the file.
fn read(found: &Found<'_>, offset: u64, length: u64) -> Option<Vec<u8>> {
    let (bytes, _) = found.store.read(&Content::stored(0, offset, length), length.max(1)).ok()?;
    (bytes.len() as u64 == length).then_some(bytes)
}

/// A value behind its length, a little-endian number of so many bytes, and what follows.
fn prefixed<const N: usize>(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<N>()?;
    let length = length.iter().rev().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
    rest.split_at_checked(usize::try_from(length).ok()?)
}
