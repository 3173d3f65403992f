//! The keys at hand: those that are built in, and those that the user dropped.
//!
//! A dropped file may be PEM (public keys, certificates), Sigstore's `trusted_root.json`, or npm's `keys.json`.

use std::ops::RangeInclusive;

use sha2::{Digest as _, Sha256};

use super::Document;
use super::certificate::{Certificate, distinguished, moment};
use super::chain::Root;
use super::signature::PublicKey;
use super::table::{Lines, short};
use crate::base64;
use crate::display;
use crate::error::Fault;
use crate::json::{self, Json};
use crate::report::attestation::{Attestation, AttestationPart, Signer};

/// The key that OSS Rebuild signs with (`cmd/oss-rebuild/verify.go`), as `SubjectPublicKeyInfo`. A long-lived key in
/// Google's Cloud KMS: no certificate, no log, no expiry.
const OSS_REBUILD: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXkyL5IFxz/Hg6DwUy0HBumXcMxt9nQSECAK6r262hPwIzjd6LpE7IPlUb\
                           wgheE87vU8EUE9tsS02MShFZGo1gg==";
/// The two names under which OSS Rebuild's signatures know it; the second is of older bundles.
pub(super) const OSS_REBUILD_IDS: [&str; 2] = [
    "gcpkms://projects/oss-rebuild/locations/global/keyRings/ring/cryptoKeys/signing-key/cryptoKeyVersions/1",
    "https://cloudkms.googleapis.com/v1/projects/oss-rebuild/locations/global/keyRings/ring/cryptoKeys/signing-key/\
     cryptoKeyVersions/1",
];
/// The key of Sigstore's public log `rekor.sigstore.dev`; its id is the SHA-256 of this.
const REKOR: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy5\
                     5GhWP/9A/bY2LhC30M9+RYtw==";

/// No limit of time.
const EVER: RangeInclusive<i64> = i64::MIN..=i64::MAX;
/// Keys in one file.
const MOST_KEYS: usize = 200;

/// A key that can check signatures.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// What to call it in a sentence.
    pub(super) name: String,
    /// Names that a signature may know it by; none if the file states none.
    pub(super) ids: Vec<String>,
    pub(super) public: PublicKey,
    /// Whether the user gave it, rather than us.
    pub(super) dropped: bool,
}

/// The key of a transparency log.
#[derive(Clone, Debug)]
pub(super) struct LogKey {
    pub(super) name: String,
    pub(super) id: Vec<u8>,
    pub(super) public: PublicKey,
    /// When its operator says it was in use: seconds since 1970.
    pub(super) valid: RangeInclusive<i64>,
}

/// Everything that signatures can be checked with.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    pub(super) keys: Vec<Key>,
    pub(super) logs: Vec<LogKey>,
    pub(super) roots: Vec<Root>,
    pub(super) between: Vec<Certificate>,
}

impl Keys {
    /// The keys that are built in.
    pub(super) fn built_in() -> Self {
        let mut keys = Self::default();
        let public =
            |spki: &str| base64::decode(spki).ok().and_then(|spki| Some((PublicKey::from_spki(&spki).ok()?, spki)));
        if let Some((public, _)) = public(OSS_REBUILD) {
            let ids = OSS_REBUILD_IDS.map(str::to_owned).to_vec();
            keys.keys.push(Key { name: "OSS Rebuild's key".to_owned(), ids, public, dropped: false });
        }
        if let Some((public, spki)) = public(REKOR) {
            let id = Sha256::digest(&spki).to_vec();
            keys.logs.push(LogKey { name: "rekor.sigstore.dev".to_owned(), id, public, valid: EVER });
        }
        keys
    }

    /// Adds what is in a file, and says what it is.
    pub(super) fn add(&mut self, document: &Document<'_>) -> Attestation {
        let name = display::bytes(document.name.as_bytes());
        let mut said = Attestation { name, kind: "key".to_owned(), title: "Keys".to_owned(), ..Attestation::default() };
        let mut lines = Lines::of(document.bytes);
        let added = if document.bytes.trim_ascii_start().starts_with(b"{") {
            self.add_json(document, &mut lines, &mut said)
        } else {
            self.add_pem(document, &mut lines, &mut said);
            Ok(())
        };
        if let Err(fault) = added {
            said.problems.push(lines.problem(&fault, true));
        }
        let count: usize = said.parts.iter().map(|part| part.signers.len()).sum();
        if count == 0 && said.problems.is_empty() {
            said.problems.push(lines.problem(&Fault::new("there is no key in it"), true));
        }
        said
    }

    fn add_pem(&mut self, document: &Document<'_>, lines: &mut Lines<'_>, said: &mut Attestation) {
        let file = short(document.name);
        for (offset, label, body) in blocks(document.bytes).into_iter().take(MOST_KEYS) {
            let at = offset as u64;
            let der = match base64::decode(&body) {
                Ok(der) => der,
                Err(fault) => {
                    said.problems.push(lines.problem(&Fault::at(at, fault.message), true));
                    continue;
                }
            };
            let added = match label {
                "PUBLIC KEY" => PublicKey::from_spki(&der).map(|key| self.add_key(key, &der, &file)),
                "RSA PUBLIC KEY" => PublicKey::from_rsa(&der).map(|key| self.add_key(key, &der, &file)),
                "CERTIFICATE" => {
                    Certificate::read(&der).and_then(|certificate| self.add_certificate(certificate, &file))
                }
                label if label.contains("PRIVATE KEY") => {
                    Err("this is a private key: it is not needed to check anything, was not read, and should not be \
                         handed around"
                        .to_owned())
                }
                _ => {
                    Err(format!("a block of the kind “{}” is not a key that we know", display::bytes(label.as_bytes())))
                }
            };
            match added {
                Ok(signer) => said.parts.push(AttestationPart {
                    title: "Key".to_owned(),
                    line: lines.at(offset),
                    signers: vec![signer],
                    ..AttestationPart::default()
                }),
                Err(message) => said.problems.push(lines.problem(&Fault::at(at, message), true)),
            }
        }
    }

    fn add_key(&mut self, public: PublicKey, der: &[u8], file: &str) -> Signer {
        let id = Sha256::digest(der).to_vec();
        let name = format!("the {} key of {file}", public.title());
        let signer = Signer { name: name.clone(), fields: vec![("sha256".to_owned(), display::hex(&id))] };
        self.logs.push(LogKey { name: name.clone(), id, public: public.clone(), valid: EVER });
        self.keys.push(Key { name, ids: Vec::new(), public, dropped: true });
        signer
    }

    fn add_certificate(&mut self, certificate: Certificate, file: &str) -> Result<Signer, String> {
        let public = certificate.key()?;
        let subject = distinguished(&certificate.subject);
        let signer = describe(&certificate);
        if certificate.authority().is_some() {
            self.roots.push(Root { certificate, valid: EVER });
        } else {
            let name = format!("the certificate “{subject}” of {file}");
            self.keys.push(Key { name, ids: Vec::new(), public, dropped: true });
        }
        Ok(signer)
    }

    fn add_json(
        &mut self,
        document: &Document<'_>,
        lines: &mut Lines<'_>,
        said: &mut Attestation,
    ) -> Result<(), Fault> {
        let json::Text { value: root, doubts, .. } = json::read(document.bytes)?;
        for doubt in doubts {
            said.problems.push(lines.problem(&Fault::at(doubt.offset, doubt.message), false));
        }
        let file = short(document.name);
        let mut signers = Vec::new();
        let mut wrong = Vec::new();
        if root.get("tlogs").is_some() || root.get("certificateAuthorities").is_some() {
            said.title = "Sigstore's trusted root".to_owned();
            for log in root.list_at(&["tlogs"]).iter().take(MOST_KEYS) {
                match self.add_log(log) {
                    Ok(signer) => signers.push(signer),
                    Err(message) => wrong.push(format!("a log: {message}")),
                }
            }
            for authority in root.list_at(&["certificateAuthorities"]).iter().take(MOST_KEYS) {
                match self.add_authority(authority) {
                    Ok(signer) => signers.push(signer),
                    Err(message) => wrong.push(format!("a certificate authority: {message}")),
                }
            }
        } else {
            said.title = "Keys of a registry".to_owned();
            for key in root.list_at(&["keys"]).iter().take(MOST_KEYS) {
                match self.add_registry_key(key, &file) {
                    Ok(signer) => signers.push(signer),
                    Err(message) => wrong.push(format!("a key: {message}")),
                }
            }
        }
        for message in wrong {
            said.problems.push(lines.problem(&Fault::new(format!("{message}; it is not used")), true));
        }
        said.parts.push(AttestationPart { title: said.title.clone(), line: 1, signers, ..AttestationPart::default() });
        Ok(())
    }

    fn add_log(&mut self, log: &Json) -> Result<Signer, String> {
        let spki = bytes_at(log, &["publicKey", "rawBytes"])?;
        let id = bytes_at(log, &["logId", "keyId"])?;
        let public = PublicKey::from_spki(&spki)?;
        let name = short(log.text_at(&["baseUrl"]).unwrap_or("a log")).replace("https://", "");
        let signer = Signer { name: format!("log {name}"), fields: vec![("log id".to_owned(), display::hex(&id))] };
        let valid = valid_for(log.at(&["publicKey", "validFor"]))?;
        self.logs.push(LogKey { name, id, public, valid });
        Ok(signer)
    }

    fn add_authority(&mut self, authority: &Json) -> Result<Signer, String> {
        let mut chain = Vec::new();
        for certificate in authority.list_at(&["certChain", "certificates"]).iter().take(MOST_KEYS) {
            chain.push(Certificate::read(&bytes_at(certificate, &["rawBytes"])?)?);
        }
        let root = chain.pop().ok_or("it has no certificate")?;
        let valid = valid_for(authority.get("validFor"))?;
        let signer = describe(&root);
        self.roots.push(Root { certificate: root, valid });
        self.between.extend(chain);
        Ok(signer)
    }

    /// npm writes `keyid` and `key`; in Sigstore's repository the same keys have `keyId` and `publicKey`.
    fn add_registry_key(&mut self, key: &Json, file: &str) -> Result<Signer, String> {
        let id = key.text_at(&["keyid"]).or(key.text_at(&["keyId"])).ok_or("it has no id")?;
        let spki =
            if key.get("key").is_some() { bytes_at(key, &["key"]) } else { bytes_at(key, &["publicKey", "rawBytes"]) };
        let public = PublicKey::from_spki(&spki?)?;
        let name = format!("the key {} of {file}", short(id));
        let signer = Signer { name: short(id), fields: vec![("kind".to_owned(), public.title().to_owned())] };
        self.keys.push(Key { name, ids: vec![id.to_owned()], public, dropped: true });
        Ok(signer)
    }
}

/// SHA-256 of the keys that are built in: OSS Rebuild's, then the log's.
#[cfg(test)]
pub(super) fn fingerprints() -> [String; 2] {
    [OSS_REBUILD, REKOR].map(|spki| display::hex(&Sha256::digest(base64::decode(spki).unwrap())))
}

/// A certificate as a line of the list of signers.
pub(super) fn describe(certificate: &Certificate) -> Signer {
    let names = certificate.names();
    let name = names.first().map_or_else(|| distinguished(&certificate.subject), |name| short(name));
    let mut fields: Vec<(String, String)> = names.iter().skip(1).map(|name| ("name".to_owned(), short(name))).collect();
    fields.extend(certificate.fulcio().into_iter().map(|(_, name, value)| (name, short(&value))));
    fields.push(("certificate issuer".to_owned(), distinguished(&certificate.issuer)));
    fields.push(("valid".to_owned(), format!("{} to {}", moment(certificate.valid.0), moment(certificate.valid.1))));
    fields.push(("key".to_owned(), certificate.key().map_or_else(|why| why, |key| key.title().to_owned())));
    fields.push(("certificate sha256".to_owned(), certificate.fingerprint()));
    // Two numbers of Sigstore's say the issuer; the older one goes where both say the same.
    fields.dedup();
    Signer { name, fields }
}

/// Base64 in JSON.
pub(super) fn bytes_at(json: &Json, path: &[&str]) -> Result<Vec<u8>, String> {
    let name = path.join(".");
    let text = json.text_at(path).ok_or_else(|| format!("“{name}” is missing"))?;
    base64::decode(text).map_err(|fault| format!("“{name}”: {fault}"))
}

/// Blocks of PEM: offset, label, and the text between the marks (RFC 7468).
pub(super) fn blocks(bytes: &[u8]) -> Vec<(usize, &str, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str, String)> = None;
    let mut offset = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let start = offset;
        offset += line.len();
        let Ok(text) = std::str::from_utf8(line) else { continue };
        let text = text.trim();
        if let Some(label) = text.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) {
            open = Some((start, label, String::new()));
        } else if text.starts_with("-----END ") {
            found.extend(open.take());
        } else if let Some((.., body)) = &mut open {
            body.push_str(text);
        }
    }
    found
}

/// The time for which a trusted root lists a key or an authority: it must say since when.
fn valid_for(json: Option<&Json>) -> Result<RangeInclusive<i64>, String> {
    let limit = |name: &str| json.and_then(|json| json.text_at(&[name]));
    let read = |text: &str| seconds(text).ok_or_else(|| format!("“{}” is not a time", short(text)));
    let start = read(limit("start").ok_or("it does not say since when it is valid")?)?;
    Ok(start..=limit("end").map(read).transpose()?.unwrap_or(i64::MAX))
}

/// Seconds since 1970 of a time such as `2022-04-13T20:06:15.000Z` (RFC 3339, in UTC).
fn seconds(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.split('-').map(|part| part.parse::<u16>().ok());
    let mut time = time.split('.').next()?.split(':').map(|part| part.parse::<u8>().ok());
    let small = |part: Option<Option<u16>>| part.flatten().and_then(|part| u8::try_from(part).ok());
    let (year, month, day) = (date.next().flatten()?, small(date.next())?, small(date.next())?);
    let (hour, minute, second) = (time.next().flatten()?, time.next().flatten()?, time.next().flatten()?);
    let moment = der::DateTime::new(year, month, day, hour, minute, second).ok()?;
    i64::try_from(moment.unix_duration().as_secs()).ok()
}
