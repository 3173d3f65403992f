//! X.509 certificates, as far as attestations need them (RFC 5280), with the fields that Sigstore's authority adds.

use std::fmt::Write as _;

use der::asn1::{GeneralizedTime, UtcTime};
use der::{Decode as _, Tag};
use sha2::{Digest as _, Sha256};

use super::asn1::{Element, Elements, bits, oid};
use super::signature::{Hash, PublicKey};
use crate::display;
use crate::entry::Value;

/// A certificate, taken apart. Nothing of it is proven by having been read.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    /// The whole, as DER.
    pub(super) der: Vec<u8>,
    /// The signed part.
    signed: Vec<u8>,
    algorithm: String,
    signature: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Vec<u8>,
    /// Seconds since 1970, both included.
    pub(super) valid: (i64, i64),
    /// The public key, as `SubjectPublicKeyInfo`.
    pub(super) spki: Vec<u8>,
    pub(super) extensions: Vec<Extension>,
}

#[derive(Clone, Debug)]
pub(super) struct Extension {
    pub(super) oid: String,
    pub(super) critical: bool,
    pub(super) value: Vec<u8>,
}

const SUBJECT_ALTERNATIVE_NAME: &str = "2.5.29.17";
const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const KEY_USAGE: &str = "2.5.29.15";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
/// Signed certificate timestamps (RFC 6962, 3.3).
pub(super) const TIMESTAMPS: &str = "1.3.6.1.4.1.11129.2.4.2";
/// What [`Certificate::path_problem`] understands; other critical ones forbid to rely on the certificate.
const UNDERSTOOD: &[&str] = &[SUBJECT_ALTERNATIVE_NAME, BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE];

/// The arc of Sigstore's certificate authority (Fulcio, `docs/oid-info.md`), with the names of what is under it.
const FULCIO: &str = "1.3.6.1.4.1.57264.1.";
const FULCIO_FIELDS: &[(u32, &str)] = &[
    (1, "issuer"),
    (2, "workflow trigger"),
    (3, "workflow commit"),
    (4, "workflow name"),
    (5, "workflow repository"),
    (6, "workflow ref"),
    (8, "issuer"),
    (9, "build signer"),
    (10, "build signer digest"),
    (11, "runner environment"),
    (12, "source repository"),
    (13, "source repository digest"),
    (14, "source repository ref"),
    (15, "source repository id"),
    (16, "source repository owner"),
    (17, "source repository owner id"),
    (18, "build config"),
    (19, "build config digest"),
    (20, "build trigger"),
    (21, "run invocation"),
    (22, "source repository visibility"),
    (23, "workflow environment"),
    (24, "token subject"),
];

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// That it is not one.
    pub(super) fn read(der: &[u8]) -> Result<Self, String> {
        Self::parts(der).ok_or_else(|| "it is not a certificate in DER".to_owned())
    }

    fn parts(der: &[u8]) -> Option<Self> {
        let mut outer = Elements::of(der);
        let mut certificate = Elements::of(outer.take(Tag::Sequence)?);
        let signed = certificate.next().filter(|element| element.tag == Tag::Sequence)?;
        let algorithm = Elements::of(certificate.take(Tag::Sequence)?).take(Tag::ObjectIdentifier).map(oid)?;
        let signature = certificate.take(Tag::BitString).and_then(bits)?;
        if !outer.is_done() || !certificate.is_done() {
            return None;
        }
        let mut fields = Elements::of(signed.value);
        fields.take_numbered(0);
        fields.take(Tag::Integer)?;
        fields.take(Tag::Sequence)?;
        let issuer = fields.next()?.whole.to_vec();
        let mut validity = Elements::of(fields.take(Tag::Sequence)?);
        let valid = (time(validity.next()?)?, time(validity.next()?)?);
        let subject = fields.next()?.whole.to_vec();
        let spki = fields.next().filter(|element| element.tag == Tag::Sequence)?.whole.to_vec();
        fields.take_numbered(1);
        fields.take_numbered(2);
        let mut extensions = Vec::new();
        if let Some(wrapped) = fields.take_numbered(3) {
            let mut list = Elements::of(Elements::of(wrapped.value).take(Tag::Sequence)?);
            while !list.is_done() {
                let mut extension = Elements::of(list.take(Tag::Sequence)?);
                let name = extension.take(Tag::ObjectIdentifier).map(oid)?;
                let mut value = extension.next()?;
                let critical = value.tag == Tag::Boolean && value.value == [0xff];
                if value.tag == Tag::Boolean {
                    value = extension.next()?;
                }
                let value = Some(value).filter(|value| value.tag == Tag::OctetString)?.value.to_vec();
                extensions.push(Extension { oid: name, critical, value });
            }
        }
        Some(Self {
            der: der.to_vec(),
            signed: signed.whole.to_vec(),
            algorithm,
            signature: signature.to_vec(),
            issuer,
            subject,
            valid,
            spki,
            extensions,
        })
    }

    /// The public key, if it is of a kind we know.
    pub(super) fn key(&self) -> Result<PublicKey, String> {
        PublicKey::from_spki(&self.spki)
    }

    fn extension(&self, oid: &str) -> Option<&[u8]> {
        self.extensions.iter().find(|extension| extension.oid == oid).map(|extension| extension.value.as_slice())
    }

    /// Whether it carries signed certificate timestamps.
    pub(super) fn has_timestamps(&self) -> bool {
        self.extension(TIMESTAMPS).is_some()
    }

    /// The identities: subject alternative names, as text (RFC 5280, 4.2.1.6).
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let Some(list) = self.extension(SUBJECT_ALTERNATIVE_NAME) else { return names };
        let mut list = Elements::of(Elements::of(list).take(Tag::Sequence).unwrap_or_default());
        while let Some(name) = list.next() {
            let text = || String::from_utf8_lossy(name.value).into_owned();
            match name.whole.first().map(|byte| byte & 0x1f) {
                Some(1 | 2 | 6) => names.push(text()),
                Some(0) => {
                    // Sigstore's own kind of name: an identifier, then the name inside an explicit tag.
                    let mut other = Elements::of(name.value);
                    let kind = other.take(Tag::ObjectIdentifier).map(oid).unwrap_or_default();
                    let inner = other.take_numbered(0).and_then(|wrapped| Elements::of(wrapped.value).next());
                    let inner = inner.map(|inner| String::from_utf8_lossy(inner.value).into_owned());
                    names.push(inner.unwrap_or_else(|| format!("a name of the kind {kind}")));
                }
                _ => names.push(format!("0x{}", display::hex(name.value))),
            }
        }
        names
    }

    /// What Sigstore's authority says about whom it gave the certificate to: number, name and value.
    pub(super) fn fulcio(&self) -> Vec<(u32, String, String)> {
        let mut fields = Vec::new();
        for extension in &self.extensions {
            let Some(number) = extension.oid.strip_prefix(FULCIO).and_then(|number| number.parse().ok()) else {
                continue;
            };
            // The first six are bare texts, later ones are DER.
            let text = match Elements::of(&extension.value).next() {
                Some(element) if number > 7 && element.whole.len() == extension.value.len() => element.value,
                _ => &extension.value,
            };
            let known = FULCIO_FIELDS.iter().find(|(field, _)| *field == number);
            let name = known.map_or_else(|| format!("Sigstore field {number}"), |(_, name)| (*name).to_owned());
            fields.push((number, name, String::from_utf8_lossy(text).into_owned()));
        }
        fields
    }

    /// One of [`Certificate::fulcio`], by number.
    pub(super) fn fulcio_field(&self, number: u32) -> Option<String> {
        self.fulcio().into_iter().find(|(field, ..)| *field == number).map(|(.., value)| value)
    }

    /// Whether it may sign other certificates, and how many may stand between those and the last one.
    pub(super) fn authority(&self) -> Option<Option<u64>> {
        let value = self.extension(BASIC_CONSTRAINTS)?;
        let mut fields = Elements::of(Elements::of(value).take(Tag::Sequence)?);
        if fields.take(Tag::Boolean)? != [0xff] {
            return None;
        }
        if let Some(usage) = self.extension(KEY_USAGE) {
            // Bit 5: certificate signing (RFC 5280, 4.2.1.3).
            let flags = Elements::of(usage).take(Tag::BitString)?.get(1).copied()?;
            if flags & 0x04 == 0 {
                return None;
            }
        }
        let most =
            fields.take(Tag::Integer).map(|number| number.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
        Some(most)
    }

    /// Whether it is one for signing code.
    pub(super) fn is_for_code(&self) -> bool {
        let Some(value) = self.extension(EXTENDED_KEY_USAGE) else { return false };
        let mut purposes = Elements::of(Elements::of(value).take(Tag::Sequence).unwrap_or_default());
        std::iter::from_fn(|| purposes.take(Tag::ObjectIdentifier)).any(|purpose| oid(purpose) == CODE_SIGNING)
    }

    /// A critical extension that we do not understand: then nobody may rely on the certificate (RFC 5280, 4.2).
    pub(super) fn path_problem(&self) -> Option<String> {
        let unknown = self.extensions.iter().find(|ext| ext.critical && !UNDERSTOOD.contains(&ext.oid.as_str()))?;
        Some(format!("the critical extension {} is not understood", unknown.oid))
    }

    /// Whether this certificate was signed by the holder of another.
    pub(super) fn is_signed_by(&self, issuer: &Self) -> bool {
        let Ok(key) = issuer.key() else { return false };
        let hash = match self.algorithm.as_str() {
            "1.2.840.10045.4.3.2" | "1.2.840.113549.1.1.11" => Hash::Sha256,
            "1.2.840.10045.4.3.3" | "1.2.840.113549.1.1.12" => Hash::Sha384,
            "1.2.840.10045.4.3.4" | "1.2.840.113549.1.1.13" => Hash::Sha512,
            "1.3.101.112" => return key.fits(&self.signed, &self.signature),
            _ => return false,
        };
        key.fits_hash(hash, &hash.of(&self.signed), &self.signature)
    }

    /// Whether a moment lies in its validity.
    pub(super) fn is_valid_at(&self, seconds: i64) -> bool {
        self.valid.0 <= seconds && seconds <= self.valid.1
    }

    /// SHA-256 of the whole, hex.
    pub(super) fn fingerprint(&self) -> String {
        display::hex(&Sha256::digest(&self.der))
    }
}

/// A moment as text, in UTC.
pub(super) fn moment(seconds: i64) -> String {
    display::value(&Value::Time(seconds, 0))
}

fn time(element: Element<'_>) -> Option<i64> {
    let since = match element.tag {
        Tag::UtcTime => UtcTime::from_der(element.whole).ok()?.to_unix_duration(),
        Tag::GeneralizedTime => GeneralizedTime::from_der(element.whole).ok()?.to_unix_duration(),
        _ => return None,
    };
    i64::try_from(since.as_secs()).ok()
}

/// A distinguished name as text: the values of its attributes, e.g. `O=sigstore.dev, CN=sigstore`.
pub(super) fn distinguished(name: &[u8]) -> String {
    let mut text = String::new();
    let mut sets = Elements::of(Elements::of(name).take(Tag::Sequence).unwrap_or_default());
    while let Some(set) = sets.take(Tag::Set) {
        let mut attributes = Elements::of(set);
        while let Some(attribute) = attributes.take(Tag::Sequence) {
            let mut parts = Elements::of(attribute);
            let kind = parts.take(Tag::ObjectIdentifier).map(oid).unwrap_or_default();
            let kind = match kind.as_str() {
                "2.5.4.3" => "CN",
                "2.5.4.6" => "C",
                "2.5.4.10" => "O",
                "2.5.4.11" => "OU",
                other => other,
            };
            let value = parts.next().map(|value| display::bytes(value.value)).unwrap_or_default();
            let _ = write!(text, "{}{kind}={value}", if text.is_empty() { "" } else { ", " });
        }
    }
    text
}
