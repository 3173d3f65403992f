//! Whether a dropped file is an attestation, a list of checksums, a key, or an artifact.
//!
//! Decided by the beginning alone, and by more than one mark wherever something else could look the same: what is
//! recognised wrongly could not be compared any more.

use super::checksums::{self, Style};
use super::keys::blocks;

/// Bytes that are looked at: the beginning of the file is enough.
pub const HEAD: usize = 64 << 10;
/// Keys of the outermost object that are looked at.
const MOST_KEYS: usize = 64;

/// What a dropped file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// DSSE envelopes, such as a bundle of OSS Rebuild.
    Envelopes,
    /// An in-toto statement without a signature.
    Statement,
    /// Sigstore bundles: of npm, of GitHub, of cosign.
    Sigstore,
    /// Provenance of PyPI.
    Pep740,
    /// A list of checksums.
    Checksums,
    /// Public keys or certificates.
    Key,
}

/// What a file is, from its name and its beginning (at least [`HEAD`] bytes of it); `None`: an artifact.
pub fn recognise(name: &str, bytes: &[u8]) -> Option<Kind> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let is_whole = bytes.len() < HEAD;
    match head.trim_ascii_start().first()? {
        b'{' | b'[' => json(name, head.trim_ascii_start(), is_whole),
        _ => pem(name, head).or_else(|| list(name, head, is_whole)),
    }
}

fn pem(name: &str, head: &[u8]) -> Option<Kind> {
    let begins = head.trim_ascii_start().starts_with(b"-----BEGIN ");
    let lower = name.to_ascii_lowercase();
    // Tools print the certificate in words first.
    if !begins && ![".pem", ".crt", ".cer", ".pub"].iter().any(|ending| lower.ends_with(ending)) {
        return None;
    }
    let is_key = |label: &str| {
        ["PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE"].contains(&label) || label.ends_with("PRIVATE KEY")
    };
    blocks(head).iter().any(|(_, label, _)| is_key(label)).then_some(Kind::Key)
}

/// Every line that is not empty must be one of a list.
fn list(name: &str, head: &[u8], is_whole: bool) -> Option<Kind> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The beginning may end inside a character.
        Err(error) if !is_whole && error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let complete = if is_whole { text } else { text.rsplit_once('\n')?.0 };
    let signed = complete.starts_with("-----BEGIN PGP SIGNED MESSAGE-----");
    let body =
        if signed { complete.split_once("\n\n").or_else(|| complete.split_once("\r\n\r\n"))?.1 } else { complete };
    let body = body.split("-----BEGIN PGP SIGNATURE-----").next().unwrap_or(body);
    let mut found = 0;
    for line in body.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (style, subject) = checksums::line(line, name)?;
        // One line of three words and commas could be any table.
        found += usize::from(style != Style::Record || !subject.digests.is_empty());
    }
    (found > 0).then_some(Kind::Checksums)
}

fn json(name: &str, head: &[u8], is_whole: bool) -> Option<Kind> {
    let kind = object(head, is_whole);
    if kind.is_some() || !name.to_ascii_lowercase().ends_with(".jsonl") {
        return kind;
    }
    // One to a line, and the first is damaged.
    head.split(|byte| *byte == b'\n').skip(1).take(10).find_map(|line| object(line.trim_ascii_start(), is_whole))
}

fn object(head: &[u8], is_whole: bool) -> Option<Kind> {
    let keys = outer_keys(head);
    let has = |key: &str| keys.iter().any(|(found, _)| found == key);
    let value = |key: &str| keys.iter().find(|(found, _)| found == key).map_or("", |(_, value)| value.as_str());
    let mentions = |text: &str| head.windows(text.len()).any(|window| window == text.as_bytes());
    let seen = |wanted: &[&str]| wanted.iter().filter(|key| has(key)).count();
    let only = |wanted: &[&str]| keys.iter().all(|(key, _)| wanted.contains(&key.as_str()));
    // Where the beginning ends inside the first value, that one key has to do.
    let enough = if is_whole { 2 } else { 1 };
    let sigstore = ["verificationMaterial", "dsseEnvelope", "messageSignature"];
    let list = ["attestations", "bundle", "attestation"];
    let beside = ["predicateType", "repository_id", "bundle_url", "verificationResult"];
    let keys_of_npm = mentions("\"keyid\"") || mentions("\"keyId\"");
    let marks = [
        (Kind::Key, value("mediaType").contains("sigstore.trustedroot")),
        (Kind::Key, has("tlogs") && has("certificateAuthorities")),
        (Kind::Key, has("keys") && keys.len() == 1 && keys_of_npm && !mentions("\"kty\"")),
        (Kind::Sigstore, value("mediaType").contains("sigstore.bundle") || seen(&sigstore) >= enough),
        (Kind::Sigstore, has("base64Signature") && seen(&["cert", "rekorBundle"]) > 0),
        (
            Kind::Sigstore,
            seen(&list) > 0 && only(&[&list[..], &beside].concat()) && mentions("\"verificationMaterial\""),
        ),
        (Kind::Envelopes, has("payloadType") && seen(&["payload", "signatures"]) + 1 >= enough),
        // Base64 of an opening brace, and what follows it.
        (
            Kind::Envelopes,
            !is_whole
                && only(&["payload"])
                && ["eyJ", "ewo", "ewk", "eyA"].contains(&value("payload").get(..3).unwrap_or_default()),
        ),
        (Kind::Pep740, has("attestation_bundles") || has("verification_material") && has("envelope")),
        (Kind::Statement, value("_type").starts_with("https://in-toto.io/Statement/")),
        (Kind::Checksums, seen(&["integrity", "tarball", "shasum"]) > 1 && !has("name")),
    ];
    marks.into_iter().find(|(_, so)| *so).map(|(kind, _)| kind)
}

/// Keys of the outermost object (of the first one in a list), with the beginning of those values that are texts.
fn outer_keys(head: &[u8]) -> Vec<(String, String)> {
    let mut keys: Vec<(String, String)> = Vec::new();
    let (mut depth, mut base, mut key) = (0usize, 1usize, None::<String>);
    let mut rest = head;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'[' if depth == 0 => {
                base = 2;
                depth = 1;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth < base {
                    break;
                }
            }
            b'"' => {
                let text = string(&mut rest);
                if depth == base {
                    match key.take() {
                        Some(key) => keys.push((key, text)),
                        None => key = Some(text),
                    }
                }
            }
            b',' if depth == base => keys.extend(key.take().map(|key| (key, String::new()))),
            _ => {}
        }
        if keys.len() > MOST_KEYS {
            return keys;
        }
        // A value that is not a text: the key is known as soon as it begins.
        if depth > base {
            keys.extend(key.take().map(|key| (key, String::new())));
        }
    }
    keys.extend(key.map(|key| (key, String::new())));
    keys
}

/// The beginning of a text, up to its end; escapes stay as they are.
fn string(rest: &mut &[u8]) -> String {
    let mut end = 0;
    while let Some(byte) = rest.get(end) {
        match byte {
            b'"' => break,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    let text = rest.get(..end.min(200)).unwrap_or(rest);
    let text = String::from_utf8_lossy(text).into_owned();
    *rest = rest.get(end + 1..).unwrap_or_default();
    text
}
