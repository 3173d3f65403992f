//! Transparency logs: that a signature was entered, as far as it can be told offline.
//!
//! The proof that an entry is in a tree (RFC 6962, 2.1), the signed head of that tree (a checkpoint: C2SP
//! `tlog-checkpoint`, `signed-note`), the promise of the log to include it (Rekor's signed entry timestamp), and that
//! the entry is about this envelope and this certificate.

use sha2::{Digest as _, Sha256};

use super::digest::from_hex;
use super::keys::{Keys, LogKey, blocks, bytes_at};
use super::signature::Hash;
use super::table::{Table, fails, holds, is, short, unchecked};
use super::{TOO_MANY, Work};
use crate::base64;
use crate::display;
use crate::json::{self, Json};
use crate::report::attestation::CheckResult;

/// Hashes of one proof: the tree would have 2^64 leaves.
const MOST_HASHES: usize = 64;

/// An entry of a log, as a bundle states it.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) index: Option<i64>,
    pub(super) log: Vec<u8>,
    pub(super) kind: String,
    /// Seconds since 1970: when the log says it took the entry.
    pub(super) time: Option<i64>,
    /// The signed entry timestamp.
    pub(super) promise: Option<Vec<u8>>,
    pub(super) proof: Option<Proof>,
    /// The entry itself, as the log hashes it.
    pub(super) body: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Proof {
    pub(super) index: u64,
    pub(super) size: u64,
    pub(super) root: Vec<u8>,
    pub(super) hashes: Vec<Vec<u8>>,
    /// The signed tree head; empty if there is none.
    pub(super) checkpoint: String,
}

/// What an entry should be about.
pub(super) struct About<'a> {
    /// What the signature is over.
    pub(super) signed: Signed<'a>,
    pub(super) signatures: Vec<&'a [u8]>,
    /// Certificate, or public key, in DER.
    pub(super) verifier: Option<&'a [u8]>,
}

/// What a signature is over.
pub(super) enum Signed<'a> {
    /// An envelope: its payload, and the bytes that are signed.
    Envelope(&'a [u8], &'a [u8]),
    /// A file, known by its digest.
    File(Hash, &'a [u8]),
}

impl Signed<'_> {
    /// `whole`: whether the entry hashes the signed bytes, rather than the payload in them.
    fn is(&self, whole: bool, hash: Hash, digest: &[u8]) -> bool {
        match self {
            Self::Envelope(payload, signed) => hash.of(if whole { signed } else { payload }) == digest,
            Self::File(kind, actual) => *kind == hash && *actual == digest,
        }
    }
}

impl Entry {
    /// Reads an entry of a Sigstore bundle (`sigstore_rekor.proto`, `TransparencyLogEntry`).
    ///
    /// # Errors
    /// What is missing or damaged.
    pub(super) fn read(json: &Json) -> Result<Self, String> {
        let whole = |json: &Json, path: &[&str]| json.at(path).and_then(Json::whole);
        let proof = match json.get("inclusionProof") {
            Some(proof @ Json::Object(_)) => {
                let number = |name| whole(proof, &[name]).and_then(|number| u64::try_from(number).ok());
                let hashes = proof.list_at(&["hashes"]);
                if hashes.len() > MOST_HASHES {
                    return Err("its proof is longer than any tree is deep".to_owned());
                }
                let hash =
                    |hash: &Json| base64::decode(hash.text().unwrap_or_default()).map_err(|fault| fault.to_string());
                Some(Proof {
                    // Zero is left out in this notation.
                    index: number("logIndex").unwrap_or(0),
                    size: number("treeSize").ok_or("its proof has no “treeSize”")?,
                    root: bytes_at(proof, &["rootHash"])?,
                    hashes: hashes.iter().map(hash).collect::<Result<_, _>>()?,
                    checkpoint: proof.text_at(&["checkpoint", "envelope"]).unwrap_or_default().to_owned(),
                })
            }
            _ => None,
        };
        let promised = ["inclusionPromise", "signedEntryTimestamp"];
        Ok(Self {
            index: whole(json, &["logIndex"]),
            log: bytes_at(json, &["logId", "keyId"])?,
            kind: json.text_at(&["kindVersion", "kind"]).unwrap_or_default().to_owned(),
            time: whole(json, &["integratedTime"]).filter(|time| *time > 0),
            promise: json.at(&promised).map(|_| bytes_at(json, &promised)).transpose()?,
            proof,
            body: bytes_at(json, &["canonicalizedBody"])?,
        })
    }

    fn key<'k>(&self, keys: &'k Keys) -> Option<&'k LogKey> {
        keys.logs.iter().find(|key| key.id == self.log && self.time.is_none_or(|time| key.valid.contains(&time)))
    }

    /// Adds the lines about this entry. Returns the time of the entry if the log's signature on it holds.
    pub(super) fn check(&self, about: &About<'_>, keys: &Keys, work: &mut Work, table: &mut Table) -> Option<i64> {
        table.add("log-entry", "The log's entry is about this signature", self.check_body(about));
        table.add("log-inclusion", "The entry is in the log's tree, by its proof of inclusion", self.check_inclusion());
        table.add("log-checkpoint", "The log signed the head of that tree", self.check_checkpoint(keys, work));
        let promised = self.check_promise(keys, work);
        let vouched = promised.0 == CheckResult::Holds;
        table.add("log-promise", "The log signed entry and time (signed entry timestamp)", promised);
        self.time.filter(|_| vouched)
    }

    /// The log's key is missing.
    fn no_key(&self) -> String {
        format!(
            "The key of the log {} for that time is not at hand: give it as PEM, or Sigstore's trusted_root.json.",
            display::hex(&self.log)
        )
    }

    fn check_inclusion(&self) -> (CheckResult, String) {
        let Some(proof) = &self.proof else { return unchecked("The bundle has no proof of inclusion.") };
        match root(leaf(&self.body), proof.index, proof.size, &proof.hashes) {
            Some(root) if root.as_slice() == proof.root => {
                holds(format!("Entry {} of {} leads to the root stated.", proof.index, proof.size))
            }
            Some(_) => fails("The entry and the proof lead to another root than the one stated."),
            None => fails("The proof is not one for this index and size of the tree."),
        }
    }

    fn check_checkpoint(&self, keys: &Keys, work: &mut Work) -> (CheckResult, String) {
        let Some(proof) = self.proof.as_ref().filter(|proof| !proof.checkpoint.is_empty()) else {
            return unchecked("The bundle has no signed head of the tree.");
        };
        let note = match Note::read(&proof.checkpoint) {
            Ok(note) => note,
            Err(why) => return fails(format!("The head cannot be read: {why}.")),
        };
        if note.size != proof.size || note.root != proof.root {
            return fails("The head is of another tree than the proof.");
        }
        let Some(key) = self.key(keys) else { return unchecked(self.no_key()) };
        for (origin, hint, signature) in &note.signatures {
            // The first four bytes of the log's id say which of several signatures is the log's own.
            if !self.log.starts_with(hint) {
                continue;
            }
            if !work.take(&key.public) {
                return unchecked(TOO_MANY);
            }
            if key.public.fits(note.text.as_bytes(), signature) {
                return holds(format!("The signature of “{}” fits the key of {}.", short(origin), key.name));
            }
        }
        fails(format!("No signature under the head fits the key of {}.", key.name))
    }

    fn check_promise(&self, keys: &Keys, work: &mut Work) -> (CheckResult, String) {
        let (Some(promise), Some(time), Some(index)) = (&self.promise, self.time, self.index) else {
            return unchecked("The bundle has no signed entry timestamp.");
        };
        let Some(key) = self.key(keys) else { return unchecked(self.no_key()) };
        if !work.take(&key.public) {
            return unchecked(TOO_MANY);
        }
        // Canonical JSON (RFC 8785) of what Rekor signs.
        let body = base64::encode(&self.body);
        let log = display::hex(&self.log);
        let text = format!(r#"{{"body":"{body}","integratedTime":{time},"logID":"{log}","logIndex":{index}}}"#);
        is(
            key.public.fits(text.as_bytes(), promise),
            format!("It fits the key of {}.", key.name),
            format!("It does not fit the key of {}.", key.name),
        )
    }

    fn check_body(&self, about: &About<'_>) -> (CheckResult, String) {
        let text = match json::read(&self.body) {
            Ok(text) if text.doubts.is_empty() => text,
            Ok(_) => return fails("The entry can be understood in more than one way."),
            Err(fault) => return fails(format!("The entry is not JSON: {fault}.")),
        };
        let Some(entry) = Body::read(&text.value) else {
            return unchecked(format!("Entries of the kind “{}” are not understood here.", short(&self.kind)));
        };
        if !entry.hash.is_some_and(|(hash, digest)| about.signed.is(entry.whole, hash, &digest)) {
            return fails("It is about something else: the hash in the entry is not that of what was signed.");
        }
        if !entry.signatures.iter().all(|given| about.signatures.contains(&given.as_slice())) {
            return fails("It is about another signature.");
        }
        let what = if entry.signatures.is_empty() { "Hash" } else { "Hash, signature" };
        match about.verifier {
            Some(verifier) if !entry.verifiers.is_empty() && entry.verifiers.iter().all(|given| given == verifier) => {
                holds(format!("{what} and certificate or key in the entry are those of the bundle."))
            }
            Some(_) => fails("It names another certificate or key."),
            None => holds(format!("{what} in the entry are those of the bundle; it could not be compared by key.")),
        }
    }
}

/// What an entry says: Rekor's kinds `dsse`, `intoto` and `hashedrekord`, of both versions of the log.
#[derive(Debug, Default)]
struct Body {
    hash: Option<(Hash, Vec<u8>)>,
    /// Whether the hash is of the signed bytes: `hashedrekord`.
    whole: bool,
    signatures: Vec<Vec<u8>>,
    /// Certificates or public keys, DER.
    verifiers: Vec<Vec<u8>>,
}

impl Body {
    fn read(json: &Json) -> Option<Self> {
        let kind = json.text_at(&["kind"])?;
        let spec = json.get("spec")?;
        let hex_hash = |json: Option<&Json>| {
            let json = json?;
            Some((hash_of(json.text_at(&["algorithm"])?)?, from_hex(json.text_at(&["value"])?)?))
        };
        let base64_hash = |json: Option<&Json>| {
            let json = json?;
            Some((hash_of(json.text_at(&["algorithm"])?)?, base64::decode(json.text_at(&["digest"])?).ok()?))
        };
        let decoded = |json: Option<&Json>| base64::decode(json?.text()?).ok();
        let mut body = Self { whole: kind == "hashedrekord", ..Self::default() };
        // What cannot be read stays as something that fits nothing.
        let mut sign = |signature: Option<Vec<u8>>, verifier: Option<Vec<u8>>| {
            body.signatures.push(signature.unwrap_or_default());
            body.verifiers.push(verifier.unwrap_or_default());
        };
        let hash = match kind {
            "dsse" if spec.get("dsseV002").is_some() => {
                let spec = spec.get("dsseV002")?;
                for signature in spec.list_at(&["signatures"]) {
                    sign(decoded(signature.get("content")), signature.get("verifier").and_then(verifier));
                }
                base64_hash(spec.get("payloadHash"))
            }
            "dsse" => {
                for signature in spec.list_at(&["signatures"]) {
                    sign(
                        decoded(signature.get("signature")),
                        decoded(signature.get("verifier")).and_then(|pem| one_block(&pem)),
                    );
                }
                hex_hash(spec.get("payloadHash"))
            }
            "intoto" => {
                let content = spec.get("content")?;
                for signature in content.list_at(&["envelope", "signatures"]) {
                    // Most often base64 in base64: the log encodes the text that the envelope has.
                    let bytes = decoded(signature.get("sig"));
                    let text = bytes.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
                    let inner = text.and_then(|text| base64::decode(text).ok());
                    sign(inner.or(bytes), decoded(signature.get("publicKey")).and_then(|pem| one_block(&pem)));
                }
                // The first version of this kind has one key, and no signature.
                if let Some(key) = spec.get("publicKey") {
                    body.verifiers.extend(decoded(Some(key)).and_then(|pem| one_block(&pem)));
                }
                hex_hash(content.get("payloadHash"))
            }
            "hashedrekord" if spec.get("hashedRekordV002").is_some() => {
                let spec = spec.get("hashedRekordV002")?;
                sign(
                    decoded(spec.at(&["signature", "content"])),
                    spec.at(&["signature", "verifier"]).and_then(verifier),
                );
                base64_hash(spec.get("data"))
            }
            "hashedrekord" => {
                let pem = decoded(spec.at(&["signature", "publicKey", "content"]));
                sign(decoded(spec.at(&["signature", "content"])), pem.and_then(|pem| one_block(&pem)));
                hex_hash(spec.at(&["data", "hash"]))
            }
            _ => return None,
        };
        body.hash = hash;
        Some(body)
    }
}

fn hash_of(name: &str) -> Option<Hash> {
    use super::digest::Algorithm;
    match Algorithm::by_name(name)? {
        Algorithm::Sha256 => Some(Hash::Sha256),
        Algorithm::Sha384 => Some(Hash::Sha384),
        Algorithm::Sha512 => Some(Hash::Sha512),
        _ => None,
    }
}

/// A verifier of the log's second version: a certificate or a key.
fn verifier(json: &Json) -> Option<Vec<u8>> {
    bytes_at(json, &["x509Certificate", "rawBytes"]).or_else(|_| bytes_at(json, &["publicKey", "rawBytes"])).ok()
}

fn one_block(pem: &[u8]) -> Option<Vec<u8>> {
    blocks(pem).first().and_then(|(.., body)| base64::decode(body).ok())
}

/// The hash of a leaf (RFC 6962, 2.1).
pub(super) fn leaf(body: &[u8]) -> [u8; 32] {
    Sha256::new_with_prefix([0]).chain_update(body).finalize().into()
}

/// The root that a proof of inclusion leads to (RFC 9162, 2.1.3.2); `None` if the proof is too short or too long.
pub(super) fn root(leaf: [u8; 32], index: u64, size: u64, hashes: &[Vec<u8>]) -> Option<[u8; 32]> {
    if index >= size {
        return None;
    }
    let (mut index, mut last, mut root) = (index, size - 1, leaf);
    for hash in hashes {
        if last == 0 || hash.len() != 32 {
            return None;
        }
        let (left, right) =
            if index & 1 == 1 || index == last { (hash.as_slice(), &root[..]) } else { (&root[..], hash.as_slice()) };
        let parent = Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into();
        if index & 1 == 0 && index == last {
            while index & 1 == 0 && index != 0 {
                (index, last) = (index >> 1, last >> 1);
            }
        }
        root = parent;
        (index, last) = (index >> 1, last >> 1);
    }
    (last == 0).then_some(root)
}

/// A signed head of a tree.
struct Note {
    /// What is signed, with its final newline.
    text: String,
    size: u64,
    root: Vec<u8>,
    /// Name of the signer, which of its keys, and signature.
    signatures: Vec<(String, Vec<u8>, Vec<u8>)>,
}

impl Note {
    fn read(note: &str) -> Result<Self, &'static str> {
        let (text, rest) = note.split_once("\n\n").ok_or("it has no empty line before its signatures")?;
        let mut lines = text.lines();
        let (Some(_), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err("it has no name, size and root");
        };
        let size = size.parse().map_err(|_| "its size is not a number")?;
        let root = base64::decode(root).map_err(|_| "its root is not base64")?;
        let mut signatures = Vec::new();
        for line in rest.lines().filter(|line| !line.is_empty()).take(20) {
            let signature = line.strip_prefix("\u{2014} ").and_then(|line| line.split_once(' '));
            let (name, signature) = signature.ok_or("a signature has no name")?;
            let signature = base64::decode(signature).map_err(|_| "a signature is not base64")?;
            let (hint, signature) = signature.split_at_checked(4).ok_or("a signature is too short")?;
            signatures.push((name.to_owned(), hint.to_vec(), signature.to_vec()));
        }
        Ok(Self { text: format!("{text}\n"), size, root, signatures })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash of the leaves in a range, and the proof for one of them (RFC 6962, 2.1 and 2.1.1, as written there).
    fn tree(leaves: &[Vec<u8>], wanted: Option<usize>, proof: &mut Vec<Vec<u8>>) -> [u8; 32] {
        if let [only] = leaves {
            return leaf(only);
        }
        let split = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(split);
        let (below, above) = (wanted.filter(|index| *index < split), wanted.and_then(|index| index.checked_sub(split)));
        let (left, right) = (tree(left, below, proof), tree(right, above, proof));
        match (below, above) {
            (Some(_), _) => proof.push(right.to_vec()),
            (_, Some(_)) => proof.push(left.to_vec()),
            _ => {}
        }
        Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
    }

    #[test]
    fn every_leaf_of_every_small_tree_leads_to_the_root() {
        for size in 1..=20usize {
            let leaves: Vec<Vec<u8>> = (0..size).map(|index| format!("leaf {index}").into_bytes()).collect();
            for index in 0..size {
                let mut proof = Vec::new();
                let expected = tree(&leaves, Some(index), &mut proof);
                let found = |index: usize, size: usize, proof: &[Vec<u8>]| {
                    root(leaf(&leaves[index.min(leaves.len() - 1)]), index as u64, size as u64, proof)
                };
                assert_eq!(found(index, size, &proof), Some(expected), "{index} of {size}");
                // Another place, another leaf, a longer or a shorter proof: none leads there.
                assert_ne!(root(leaf(&leaves[index]), index as u64 + 1, size as u64, &proof), Some(expected));
                assert_ne!(root(leaf(b"x"), index as u64, size as u64, &proof), Some(expected));
                let longer = [proof.clone(), vec![vec![0; 32]]].concat();
                assert_eq!(found(index, size, &longer), None);
                if let Some((_, shorter)) = proof.split_last() {
                    assert_ne!(found(index, size, shorter), Some(expected));
                }
            }
        }
        assert_eq!(root([0; 32], 0, 0, &[]), None);
        assert_eq!(root([0; 32], u64::MAX, u64::MAX, &[]), None);
        assert_eq!(root([0; 32], 0, 2, &[vec![0; 31]]), None);
    }

    #[test]
    fn a_signed_head_is_read_or_named() {
        let note = Note::read("log - 1\n7\nAAAA\nmore\n\n\u{2014} log AAAAAAEC\n").unwrap();
        assert_eq!(
            (note.text.as_str(), note.size, note.root.as_slice()),
            ("log - 1\n7\nAAAA\nmore\n", 7, &[0, 0, 0][..])
        );
        assert_eq!(note.signatures, [("log".to_owned(), vec![0; 4], vec![1, 2])]);
        let wrong = |text: &str| Note::read(text).err().unwrap();
        assert!(wrong("log\n7\nAAAA\n").contains("empty line"));
        assert!(wrong("log\n7\n\n").contains("name, size and root"));
        assert!(wrong("log\nx\nAAAA\n\n").contains("not a number"));
        assert!(wrong("log\n7\n!\n\n").contains("root is not base64"));
        assert!(wrong("log\n7\nAAAA\n\n- log AAAA\n").contains("no name"));
        assert!(wrong("log\n7\nAAAA\n\n\u{2014} log AA==\n").contains("too short"));
    }

    #[test]
    fn entries_of_every_kind_say_hash_signature_and_key() {
        let pem = base64::encode(b"-----BEGIN CERTIFICATE-----\nBwg=\n-----END CERTIFICATE-----\n");
        let hash = r#"{"algorithm":"sha256","value":"0102"}"#;
        let check = |text: &str, whole: bool, signatures: &[&[u8]]| {
            let body = Body::read(&json::read(text.as_bytes()).unwrap().value).unwrap();
            assert_eq!(body.hash, Some((Hash::Sha256, vec![1, 2])), "{text}");
            assert_eq!(
                (body.whole, body.signatures),
                (whole, signatures.iter().map(|given| given.to_vec()).collect()),
                "{text}"
            );
            assert_eq!(body.verifiers, [vec![7, 8]], "{text}");
        };
        let two = base64::encode(b"Bgc=");
        check(
            &format!(
                r#"{{"kind":"dsse","spec":{{"payloadHash":{hash},"signatures":[{{"signature":"Bgc=","verifier":"{pem}"}}]}}}}"#
            ),
            false,
            &[&[6, 7]],
        );
        for signature in ["Bgc=", &two] {
            check(
                &format!(
                    r#"{{"kind":"intoto","spec":{{"content":{{"payloadHash":{hash},"envelope":{{"signatures":[{{"sig":"{signature}","publicKey":"{pem}"}}]}}}}}}}}"#
                ),
                false,
                &[&[6, 7]],
            );
        }
        check(
            &format!(r#"{{"kind":"intoto","spec":{{"content":{{"payloadHash":{hash}}},"publicKey":"{pem}"}}}}"#),
            false,
            &[],
        );
        check(
            &format!(
                r#"{{"kind":"hashedrekord","spec":{{"data":{{"hash":{hash}}},"signature":{{"content":"Bgc=","publicKey":{{"content":"{pem}"}}}}}}}}"#
            ),
            true,
            &[&[6, 7]],
        );
        let v2 = r#""signature":{"content":"Bgc=","verifier":{"x509Certificate":{"rawBytes":"Bwg="}}}"#;
        check(
            &format!(
                r#"{{"kind":"hashedrekord","spec":{{"hashedRekordV002":{{"data":{{"algorithm":"SHA2_256","digest":"AQI="}},{v2}}}}}}}"#
            ),
            true,
            &[&[6, 7]],
        );
        let v2 = r#"{"content":"Bgc=","verifier":{"publicKey":{"rawBytes":"Bwg="}}}"#;
        check(
            &format!(
                r#"{{"kind":"dsse","spec":{{"dsseV002":{{"payloadHash":{{"algorithm":"SHA2_256","digest":"AQI="}},"signatures":[{v2}]}}}}}}"#
            ),
            false,
            &[&[6, 7]],
        );
        assert!(Body::read(&json::read(br#"{"kind":"rfc3161","spec":{}}"#).unwrap().value).is_none());
    }
}
