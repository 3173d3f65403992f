//! Checksums of the archives in a gem.

use std::io::Read as _;

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::super::upstream::{Set, set};
use super::super::{Pass, Profile, Stabilizer, View, current};
use super::{CHECKSUMS, FILES, METADATA};
use crate::display;
use crate::entry::{Kind, Value};
use crate::reading::NodeId;
use crate::yaml::{self, Node};

/// What `gem build` writes about the archives it packed.
pub const EXCLUDE_CHECKSUMS: Stabilizer = Stabilizer {
    id: "gem-exclude-checksums",
    title: "Checksums of the archives in a gem",
    rationale: "They follow from the archives as compressed, whose contents are compared. In `standard` the file is \
        ignored only where it is right: it lists digests of `data.tar.gz` and `metadata.gz`, each of which is that of \
        the member as stored, and nothing else. OSS Rebuild leaves it out whatever it says.",
    upstream: true,
    stage: 0,
    applies: |scope| {
        scope.format == "tar"
            && match scope.profile {
                Profile::None => false,
                Profile::OssRebuild => scope.depth == 0 && set(scope) == Some(Set::Gem),
                Profile::Standard => true,
            }
    },
    pass: Pass::Container(|view| {
        for id in view.members() {
            if view.path(id) == CHECKSUMS && (view.scope.is_upstream() || is_right(view, id)) {
                view.exclude(id);
            }
        }
    }),
};

/// Bytes of a list of checksums, far more than six digests need.
const MOST: usize = 16 << 10;

/// Whether everything in the member follows from the two archives beside it.
fn is_right(view: &View<'_>, id: NodeId) -> bool {
    let only = |path: &[u8]| {
        let mut found = view.members().into_iter().filter(|id| view.path(*id) == path);
        found.next().filter(|_| found.next().is_none())
    };
    let (Some(_), Some(files), Some(metadata)) = (only(CHECKSUMS), only(FILES), only(METADATA)) else { return false };
    let Some(text) = plain_content(view, id) else { return false };
    let Ok(list) = yaml::parse(&text) else { return false };
    !list.entries().is_empty()
        && !has_comments(&list)
        && list.duplicate().is_none()
        && list.entries().iter().all(|(algorithm, digests)| {
            let entries = digests.entries();
            digests.duplicate().is_none()
                && entries.len() == 2
                && entries.iter().all(|(name, digest)| {
                    let member = match name.as_str().map(str::as_bytes) {
                        Some(FILES) => files,
                        Some(METADATA) => metadata,
                        _ => return false,
                    };
                    let right = algorithm.as_str().and_then(|algorithm| digest_of(view, member, algorithm));
                    right.is_some_and(|right| said(digest).is_some_and(|said| said == right))
                })
        })
}

/// What the member's gzip stream holds, if nothing else is said in its headers that counts.
fn plain_content(view: &View<'_>, id: NodeId) -> Option<Vec<u8>> {
    let node = view.node(id).filter(|node| node.kind == Kind::File && !node.unread)?;
    let overlay = view.overlay(id)?;
    let usual = |name: &str, value: &Value| name == "mode" && *value == Value::Mode(0o644);
    if !current(&node.fields, &overlay.fields).all(|(_, field, value)| usual(&field.name, value)) {
        return None;
    }
    let stream = node.opened.as_ref().filter(|opened| opened.format == "gzip")?;
    if current(&stream.fields, &overlay.opened).next().is_some() {
        return None;
    }
    let (inside, content) = view.reading.members(id).next()?;
    let fits = content.opened.is_none() && content.size <= MOST as u64;
    fits.then(|| view.content(inside)).flatten()
}

fn has_comments(node: &Node) -> bool {
    node.comments.is_some()
        || node.tag.as_deref().is_some_and(|tag| !is_binary(tag))
        || node.anchor.is_some()
        || node.entries().iter().any(|(key, value)| has_comments(key) || has_comments(value))
}

/// A digest as the list says it. Ruby 1.9 and 2.0 took digits for binary data, and wrote them in base64.
fn said(node: &Node) -> Option<String> {
    let text = node.as_str()?;
    match &node.tag {
        Some(_) => String::from_utf8(from_base64(text)?).ok(),
        None => Some(text.to_owned()),
    }
}

fn is_binary(tag: &str) -> bool {
    matches!(tag, "!binary" | "!!binary")
}

/// Decodes base64 with line breaks (RFC 4648, 4).
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(&text);
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for byte in body {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        (held, bits) = ((held << 6 | u32::from(value)) & 0xFFF_FFFF, bits + 6);
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).ok()?);
        }
    }
    // What is left over must be nothing, so that there is one way to write a digest.
    (held & ((1 << bits) - 1) == 0).then_some(bytes)
}

/// The digest of a member as stored, in hexadecimal digits.
fn digest_of(view: &View<'_>, id: NodeId, algorithm: &str) -> Option<String> {
    match algorithm {
        "SHA256" => hash::<Sha256>(view, id),
        "SHA512" => hash::<Sha512>(view, id),
        "SHA1" => hash::<Sha1>(view, id),
        _ => None,
    }
}

fn hash<D: Digest>(view: &View<'_>, id: NodeId) -> Option<String> {
    let node = view.node(id).filter(|node| node.kind == Kind::File)?;
    let mut reader = view.store.open(node.content.as_ref()?).ok()?;
    let (mut hash, mut buffer) = (D::new(), vec![0; 64 << 10]);
    loop {
        match reader.read(&mut buffer).ok()? {
            0 => return Some(display::hex(&hash.finalize())),
            count => hash.update(buffer.get(..count)?),
        }
        view.store.budget(|budget| budget.check_time()).ok()?;
    }
}
