//! Sigstore bundles: a signature with the certificate it was made under and the log it was entered in.
//!
//! `sigstore_bundle.proto` 0.1 to 0.3, as JSON; npm's and GitHub's lists of them; and the older form of cosign.

use super::certificate::{Certificate, moment};
use super::chain;
use super::digest::Algorithm;
use super::document::{Content, Part};
use super::dsse::Envelope;
use super::keys::{Keys, OSS_REBUILD_IDS, blocks, bytes_at};
use super::log::{About, Entry, Signed};
use super::signature::{Hash, PublicKey};
use super::table::{Table, fails, holds, is, short, unchecked};
use super::{Files, TOO_MANY, Work};
use crate::artifact::Side;
use crate::base64;
use crate::display;
use crate::error::Fault;
use crate::json::Json;
use crate::report::attestation::{CheckResult, Claim, ClaimedDigest};

/// Log entries of one bundle that are looked at.
const MOST_ENTRIES: usize = 10;

/// What comes with a signature.
#[derive(Clone, Debug, Default)]
pub(super) struct Material {
    /// The signer's certificate first, then those that lead on.
    pub(super) certificates: Vec<Certificate>,
    /// The name of a key, where there is no certificate.
    pub(super) hint: Option<String>,
    pub(super) entries: Vec<Entry>,
    /// Signed timestamps of a timestamp authority.
    pub(super) timestamps: usize,
    /// What of it could not be read.
    pub(super) problems: Vec<String>,
}

/// A signature over a file, rather than over a statement about it.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The digest that the bundle states: a hint, to be compared.
    pub(super) digest: Option<(Hash, Vec<u8>)>,
    pub(super) signature: Vec<u8>,
}

/// Reads one bundle.
pub(super) fn read(json: &Json) -> Part {
    let material = json.get("verificationMaterial").map(Material::read).unwrap_or_default();
    let content = match (json.get("dsseEnvelope"), json.get("messageSignature")) {
        (Some(envelope), None) => Envelope::read(envelope).map(Content::Envelope),
        (None, Some(message)) => Message::read(message).map(Content::Message).map_err(Fault::new),
        _ => Err(Fault::new("a bundle has either “dsseEnvelope” or “messageSignature”")),
    };
    let mut part = Part { material: Some(material), ..Part::of(content.unwrap_or_else(Content::Broken)) };
    let brought = part.material.iter().flat_map(|material| material.certificates.iter().skip(1));
    if brought.into_iter().any(|certificate| certificate.subject == certificate.issuer) {
        part.problems.push("the bundle brings a root certificate of its own, which proves nothing".to_owned());
    }
    part
}

/// Reads cosign's older form: `{base64Signature, cert, rekorBundle}`.
pub(super) fn read_old(json: &Json) -> Part {
    let mut material = Material::default();
    match bytes_at(json, &["cert"]).map(|pem| blocks(&pem).into_iter().map(|(.., body)| body).collect::<Vec<_>>()) {
        Ok(bodies) => {
            for body in bodies {
                material.add_certificate(base64::decode(&body).map_err(|fault| fault.to_string()));
            }
        }
        Err(why) => material.problems.push(why),
    }
    let payload = json.at(&["rekorBundle", "Payload"]);
    if let Some(payload) = payload {
        let promise = bytes_at(json, &["rekorBundle", "SignedEntryTimestamp"]);
        let log = payload.text_at(&["logID"]).and_then(super::digest::from_hex).unwrap_or_default();
        match (bytes_at(payload, &["body"]), promise) {
            (Ok(body), Ok(promise)) => material.entries.push(Entry {
                index: payload.get("logIndex").and_then(Json::whole),
                time: payload.get("integratedTime").and_then(Json::whole),
                promise: Some(promise),
                log,
                body,
                ..Entry::default()
            }),
            (Err(why), _) | (_, Err(why)) => material.problems.push(why),
        }
    }
    let content = match bytes_at(json, &["base64Signature"]) {
        Ok(signature) => Content::Message(Message { digest: None, signature }),
        Err(why) => Content::Broken(Fault::new(why)),
    };
    Part { material: Some(material), ..Part::of(content) }
}

impl Message {
    fn read(json: &Json) -> Result<Self, String> {
        let digest = match json.get("messageDigest") {
            Some(stated) => {
                let algorithm = stated.text_at(&["algorithm"]).unwrap_or("SHA2_256");
                let hash = match Algorithm::by_name(algorithm) {
                    Some(Algorithm::Sha256) => Hash::Sha256,
                    Some(Algorithm::Sha384) => Hash::Sha384,
                    Some(Algorithm::Sha512) => Hash::Sha512,
                    _ => return Err(format!("digests by “{}” are not known here", short(algorithm))),
                };
                Some((hash, bytes_at(stated, &["digest"])?))
            }
            None => None,
        };
        Ok(Self { digest, signature: bytes_at(json, &["signature"])? })
    }

    /// What it claims.
    pub(super) fn claims(&self) -> Vec<Claim> {
        let digests = self.digest.iter().map(|(hash, digest)| ClaimedDigest {
            name: "the signed file".to_owned(),
            algorithm: algorithm_of(*hash).name().to_owned(),
            value: display::hex(digest),
        });
        vec![Claim { sentence: "The signer signed this file.".to_owned(), digests: digests.collect() }]
    }
}

/// The algorithm of a hash.
pub(super) fn algorithm_of(hash: Hash) -> Algorithm {
    match hash {
        Hash::Sha256 => Algorithm::Sha256,
        Hash::Sha384 => Algorithm::Sha384,
        Hash::Sha512 => Algorithm::Sha512,
    }
}

impl Material {
    fn read(json: &Json) -> Self {
        let mut material = Self::default();
        let chain = json.list_at(&["x509CertificateChain", "certificates"]);
        for certificate in json.get("certificate").into_iter().chain(chain).take(MOST_ENTRIES) {
            material.add_certificate(bytes_at(certificate, &["rawBytes"]));
        }
        // An absent hint is an empty one: there is one key, and it is known by other means.
        material.hint = json.get("publicKey").map(|key| key.text_at(&["hint"]).unwrap_or_default().to_owned());
        material.add_entries(json.list_at(&["tlogEntries"]));
        material.timestamps = json.list_at(&["timestampVerificationData", "rfc3161Timestamps"]).len();
        material
    }

    pub(super) fn add_certificate(&mut self, der: Result<Vec<u8>, String>) {
        match der.and_then(|der| Certificate::read(&der)) {
            Ok(certificate) => self.certificates.push(certificate),
            Err(why) => self.problems.push(format!("a certificate cannot be read: {why}")),
        }
    }

    pub(super) fn add_entries(&mut self, entries: &[Json]) {
        for entry in entries.iter().take(MOST_ENTRIES) {
            match Entry::read(entry) {
                Ok(entry) => self.entries.push(entry),
                Err(why) => self.problems.push(format!("an entry of the log cannot be read: {why}")),
            }
        }
    }

    /// Adds the lines about certificate, log and time of a signature. `about` says what the log's entry should be about.
    pub(super) fn check(&self, about: &About<'_>, keys: &Keys, work: &mut Work, table: &mut Table) {
        let mut vouched = None;
        for entry in &self.entries {
            vouched = entry.check(about, keys, work, table).or(vouched);
        }
        if self.entries.is_empty() {
            let why = self.problems.first().map_or(String::new(), |why| format!(" ({why})"));
            table.add(
                "log-entry",
                "The signature is entered in a log",
                unchecked(format!("The bundle has no entry{why}.")),
            );
        }
        let Some(leaf) = self.certificates.first() else { return };
        let stated = self.entries.iter().find_map(|entry| entry.time);
        table.add(
            "certificate-time",
            "The log took the entry while the certificate was valid",
            time(leaf, stated, vouched),
        );
        table.add("certificate-chain", "The certificate leads to a trusted root", self.chain(leaf, keys, stated, work));
        let scts = if leaf.has_timestamps() {
            "The certificate has one; certificate transparency logs are not checked here."
        } else {
            "The certificate has none."
        };
        table.add("certificate-timestamp", "The certificate was entered in a certificate log (SCT)", unchecked(scts));
        if self.timestamps > 0 {
            let why = "Timestamps of an authority (RFC 3161) are not checked here.";
            table.add("timestamp-authority", "A timestamp authority vouches for the time", unchecked(why));
        }
    }

    fn chain(&self, leaf: &Certificate, keys: &Keys, stated: Option<i64>, work: &mut Work) -> (CheckResult, String) {
        if keys.roots.is_empty() {
            return unchecked(
                "No root was given: who the certificate names is not proven. Give Sigstore's trusted_root.json, or a root \
                 certificate as PEM.",
            );
        }
        let at = stated.unwrap_or(leaf.valid.0);
        let between: Vec<&Certificate> = self.certificates.iter().skip(1).chain(&keys.between).collect();
        match chain::lead(leaf, &between, &keys.roots, at, work) {
            Ok(_) if !leaf.is_for_code() => {
                fails("It leads to a root that was given, but is not one for signing code.")
            }
            Ok(root) => holds(format!("It leads to “{root}”, one of the roots given; revocation was not asked for.")),
            Err(_) if work.is_spent() => unchecked(TOO_MANY),
            Err(why) => fails(format!("It leads to none of the roots given: {why}.")),
        }
    }
}

fn time(leaf: &Certificate, stated: Option<i64>, vouched: Option<i64>) -> (CheckResult, String) {
    let window = format!("{} to {}", moment(leaf.valid.0), moment(leaf.valid.1));
    match stated {
        None => {
            unchecked(format!("The bundle states no time that is checked here; the certificate is valid {window}."))
        }
        Some(time) if !leaf.is_valid_at(time) => {
            fails(format!("The entry is of {}, the certificate valid {window} only.", moment(time)))
        }
        Some(time) if vouched == stated => {
            holds(format!("The entry is of {}, the certificate valid {window}.", moment(time)))
        }
        Some(time) => unchecked(format!(
            "The entry says {}, which lies in the certificate's time, {window}; but the log's signature on it was not \
             checked.",
            moment(time)
        )),
    }
}

/// The signature of an envelope that comes with a certificate, or with the name of a key.
pub(super) fn check_envelope(
    envelope: &Envelope,
    material: &Material,
    keys: &Keys,
    work: &mut Work,
    table: &mut Table,
) {
    const WHAT: &str = "The envelope is signed by the key of the certificate";
    let signed = envelope.signed();
    let mut fits = |key: &PublicKey| {
        envelope.signatures.iter().any(|signature| work.take(key) && key.fits(&signed, &signature.bytes))
    };
    let (mut outcome, what);
    let mut verifier = None;
    if let Some(leaf) = material.certificates.first() {
        verifier = Some(leaf.der.clone());
        outcome = match leaf.key() {
            Ok(key) => is(
                fits(&key),
                "The signature over type and payload fits it. Whose certificate it is depends on its chain.",
                "It does not fit: the payload was changed after it was signed, or another key signed it.",
            ),
            Err(why) => unchecked(format!("The certificate's key cannot be used: {why}.")),
        };
        what = WHAT;
    } else if let Some(hint) = &material.hint {
        let named = keys.keys.iter().filter(|key| {
            key.dropped && (hint.is_empty() || key.ids.is_empty() || key.ids.contains(hint)) || is_ours(&key.ids, hint)
        });
        let named: Vec<_> = named.collect();
        let found = named.iter().find(|key| fits(&key.public));
        outcome = match found {
            Some(key) => holds(format!("The signature over type and payload fits {}.", key.name)),
            None if named.is_empty() => unchecked(format!(
                "It is signed by the key “{}”, which is not at hand; give it as a file.",
                short(hint)
            )),
            None => fails("The signature fits none of the keys given."),
        };
        what = "The envelope is signed by the key that the bundle names";
    } else {
        let why = material.problems.first().map_or(String::new(), |why| format!(": {why}"));
        outcome = fails(format!("The bundle has neither certificate nor key{why}."));
        what = WHAT;
    }
    if outcome.0 == CheckResult::Fails && work.is_spent() {
        outcome = unchecked(TOO_MANY);
    }
    table.add("signature", what, outcome);
    let signatures = envelope.signatures.iter().map(|signature| signature.bytes.as_slice()).collect();
    let about =
        About { signed: Signed::Envelope(&envelope.payload, &signed), signatures, verifier: verifier.as_deref() };
    material.check(&about, keys, work, table);
}

fn is_ours(ids: &[String], hint: &str) -> bool {
    OSS_REBUILD_IDS.contains(&hint) && ids.iter().any(|id| id == hint)
}

/// The signature over a file.
pub(super) fn check_message(
    message: &Message,
    material: &Material,
    keys: &Keys,
    files: &Files<'_>,
    work: &mut Work,
    table: &mut Table,
) {
    const WHAT: &str = "The file is the one that was signed";
    let leaf = material.certificates.first();
    let candidates: Vec<(String, PublicKey)> = match leaf.map(Certificate::key) {
        Some(Ok(key)) => vec![("the certificate's key".to_owned(), key)],
        Some(Err(_)) => Vec::new(),
        None => keys.keys.iter().filter(|key| key.dropped).map(|key| (key.name.clone(), key.public.clone())).collect(),
    };
    let hash = message.digest.as_ref().map_or(Hash::Sha256, |(hash, _)| *hash);
    let mut fits = |digest: &[u8]| {
        let mut tried = candidates.iter();
        let found = tried.find(|(_, key)| work.take(key) && key.fits_hash(hash, digest, &message.signature));
        (found.map(|(name, _)| name.clone()), work.is_spent())
    };
    let no_key = candidates.iter().all(|(_, key)| matches!(key, PublicKey::Ed25519(_)));
    let mut signed: Option<Vec<u8>> = None;
    let mut any = false;
    for side in Side::BOTH {
        let Some(file) = files.get(side) else { continue };
        any = true;
        let letter = side.letter();
        let outcome = match file.digests.get(&algorithm_of(hash)) {
            None => unchecked(format!("{letter} cannot be read: {}.", file.error.as_deref().unwrap_or("no digest"))),
            Some(_) if no_key => unchecked(match &material.hint {
                Some(hint) => {
                    format!("It is signed by the key “{}”, which is not at hand; give it as a file.", short(hint))
                }
                None => "There is no key that can check a signature by the file's digest.".to_owned(),
            }),
            Some(digest) => match fits(digest) {
                (Some(key), _) => {
                    signed = Some(digest.clone());
                    holds(format!("The signature fits {letter} and {key}."))
                }
                (None, true) => unchecked(TOO_MANY),
                (None, false) if message.digest.as_ref().is_some_and(|(_, stated)| stated == digest) => {
                    fails(format!("{letter} has the digest stated, but the signature does not fit it."))
                }
                (None, false) => {
                    fails(format!("The signature does not fit {letter}: it is over another file, or by another key."))
                }
            },
        };
        let fits = outcome.0 == CheckResult::Holds;
        table.about(side, "signature", WHAT, outcome);
        if let (true, Some((_, stated)), Some(digest)) = (fits, &message.digest, file.digests.get(&algorithm_of(hash)))
        {
            let outcome =
                is(stated == digest, "It is.", "It is the digest of another file, although the signature fits.");
            table.about(side, "subject", "The digest that the bundle states is the file's", outcome);
        }
    }
    if !any {
        let outcome = match message.digest.as_ref().filter(|_| !no_key).map(|(_, digest)| (digest, fits(digest))) {
            Some((digest, (Some(key), _))) => {
                signed = Some(digest.clone());
                holds(format!("The signature fits the digest stated and {key}. No artifact was given to compare."))
            }
            Some((_, (None, true))) => unchecked(TOO_MANY),
            Some((_, (None, false))) => fails("The signature does not fit the digest that the bundle states."),
            None => unchecked("No artifact was given with it."),
        };
        table.add("signature", "The digest is the one that was signed", outcome);
    }
    let stated = message.digest.as_ref().map(|(_, digest)| digest.clone());
    let digest = signed.or(stated).unwrap_or_default();
    let about = About {
        signed: Signed::File(hash, &digest),
        signatures: vec![&message.signature],
        verifier: leaf.map(|leaf| leaf.der.as_slice()),
    };
    material.check(&about, keys, work, table);
}
