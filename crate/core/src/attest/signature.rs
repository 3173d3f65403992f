//! Public keys, and whether a signature fits: verification only.
//!
//! ECDSA with a DER signature on P-256 and P-384 (FIPS 186), Ed25519 (RFC 8032, strictly), RSA with PKCS #1 v1.5 or PSS
//! (RFC 8017).

use der::Tag;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::asn1::{Elements, bits, oid};

const EC: &str = "1.2.840.10045.2.1";
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
const RSA: &str = "1.2.840.113549.1.1.1";
const ED25519: &str = "1.3.101.112";

/// A public key that can check signatures.
#[derive(Clone, Debug)]
pub(super) enum PublicKey {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    Ed25519(ed25519_dalek::VerifyingKey),
    Rsa(Box<rsa::PublicKey>),
}

/// The hash that a signature was made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    pub(super) fn of(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }
}

impl PublicKey {
    /// The key in a `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7).
    ///
    /// # Errors
    /// What is wrong with it, or which kind of key we do not know.
    pub(super) fn from_spki(spki: &[u8]) -> Result<Self, String> {
        let damaged = || "it is not a public key in DER".to_owned();
        let mut outer = Elements::of(spki);
        let mut inner = Elements::of(outer.take(Tag::Sequence).ok_or_else(damaged)?);
        let mut algorithm = Elements::of(inner.take(Tag::Sequence).ok_or_else(damaged)?);
        let key = inner.take(Tag::BitString).and_then(bits).ok_or_else(damaged)?;
        if !outer.is_done() || !inner.is_done() {
            return Err(damaged());
        }
        let kind = oid(algorithm.take(Tag::ObjectIdentifier).ok_or_else(damaged)?);
        match kind.as_str() {
            EC => match algorithm.take(Tag::ObjectIdentifier).map(oid).as_deref() {
                Some(P256) => p256::ecdsa::VerifyingKey::from_sec1_bytes(key)
                    .map(Self::P256)
                    .map_err(|_| "its point is not on the curve P-256".to_owned()),
                Some(P384) => p384::ecdsa::VerifyingKey::from_sec1_bytes(key)
                    .map(Self::P384)
                    .map_err(|_| "its point is not on the curve P-384".to_owned()),
                other => Err(format!("the curve {} is not one of P-256, P-384", other.unwrap_or("?"))),
            },
            ED25519 => ed25519_dalek::VerifyingKey::try_from(key)
                .map(Self::Ed25519)
                .map_err(|_| "it is not an Ed25519 key".to_owned()),
            RSA => Self::from_rsa(key),
            other => Err(format!("keys of the kind {other} are not known here")),
        }
    }

    /// The key in an `RSAPublicKey` (RFC 8017, A.1.1). Between 1024 and 8192 bits, with a small exponent: a larger one
    /// would only cost time.
    pub(super) fn from_rsa(der: &[u8]) -> Result<Self, String> {
        let mut elements = Elements::of(der);
        let numbers = elements.take(Tag::Sequence).and_then(|sequence| {
            let mut numbers = Elements::of(sequence);
            Some((numbers.take(Tag::Integer)?, numbers.take(Tag::Integer)?))
        });
        let Some((modulus, exponent)) = numbers else { return Err("it is not an RSA key in DER".to_owned()) };
        if modulus.len() > 1025 || exponent.len() > 8 {
            return Err("the RSA key is larger than 8192 bits".to_owned());
        }
        let number = BoxedUint::from_be_slice_vartime;
        let key = rsa::PublicKey::new(number(modulus), number(exponent));
        key.map(|key| Self::Rsa(Box::new(key))).map_err(|error| format!("the RSA key cannot be used: {error}"))
    }

    /// What kind of key it is.
    pub(super) fn title(&self) -> &'static str {
        match self {
            Self::P256(_) => "ECDSA P-256",
            Self::P384(_) => "ECDSA P-384",
            Self::Ed25519(_) => "Ed25519",
            Self::Rsa(_) => "RSA",
        }
    }

    /// How much longer one signature takes than with P-256.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::P256(_) | Self::Ed25519(_) => 1,
            Self::P384(_) => 4,
            Self::Rsa(_) => 20,
        }
    }

    /// Whether the signature fits a message, by any scheme that is used with this kind of key.
    pub(super) fn fits(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            // Some tools hash for a P-384 key with SHA-256.
            Self::P256(_) => self.fits_hash(Hash::Sha256, &Hash::Sha256.of(message), signature),
            Self::P384(_) => {
                [Hash::Sha384, Hash::Sha256].into_iter().any(|hash| self.fits_hash(hash, &hash.of(message), signature))
            }
            Self::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Self::Rsa(_) => Hash::ALL.into_iter().any(|hash| self.fits_hash(hash, &hash.of(message), signature)),
        }
    }

    /// Whether the signature fits a message of which only the hash is known. Never for Ed25519, which signs the message.
    pub(super) fn fits_hash(&self, hash: Hash, digest: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256(key) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()),
            Self::P384(key) => p384::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()),
            Self::Ed25519(_) => false,
            Self::Rsa(key) => match hash {
                Hash::Sha256 => rsa_fits::<Sha256>(key, digest, signature),
                Hash::Sha384 => rsa_fits::<Sha384>(key, digest, signature),
                Hash::Sha512 => rsa_fits::<Sha512>(key, digest, signature),
            },
        }
    }
}

fn rsa_fits<D>(key: &rsa::PublicKey, digest: &[u8], signature: &[u8]) -> bool
where
    D: sha2::digest::Digest + sha2::digest::FixedOutputReset + rsa::sha2::digest::const_oid::AssociatedOid,
{
    key.verify(Pkcs1v15Sign::new::<D>(), digest, signature).is_ok()
        || key.verify(Pss::<D>::new(), digest, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attest::digest::from_hex;

    #[test]
    fn known_answers_of_ed25519() {
        // RFC 8032, 7.1, test 3.
        let key = from_hex("302a300506032b6570032100fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
            .unwrap();
        let signature = from_hex(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        );
        let key = PublicKey::from_spki(&key).unwrap();
        assert!(key.fits(&[0xaf, 0x82], &signature.clone().unwrap()));
        assert!(!key.fits(&[0xaf, 0x83], &signature.clone().unwrap()));
        assert!(!key.fits(&[0xaf, 0x82], &signature.unwrap()[1..]));
        assert_eq!(key.title(), "Ed25519");
    }

    #[test]
    fn what_is_no_key_is_named() {
        let check = |hex: &str, part: &str| {
            let why = PublicKey::from_spki(&from_hex(hex).unwrap()).unwrap_err();
            assert!(why.contains(part), "{hex}: {why}");
        };
        check("", "not a public key in DER");
        check("3003020101", "not a public key in DER");
        // Secp256k1, an X25519 key, a point that is not on the curve, a key with something after it.
        check("3012301006072a8648ce3d020106052b8104000a030000", "not a public key in DER");
        check("3016301006072a8648ce3d020106052b8104000a03020000", "the curve 1.3.132.0.10");
        check("300c300506032b656e0303000000", "keys of the kind 1.3.101.110");
        check("3019301306072a8648ce3d020106082a8648ce3d03010703020004", "not on the curve P-256");
        check("300c300506032b65700303000000", "not an Ed25519 key");
    }

    #[test]
    fn rsa_keys_beyond_reason_are_refused() {
        let number = |length: usize| {
            let bytes = vec![0x7f; length];
            let mut der = vec![0x02, 0x82];
            der.extend(u16::try_from(length).unwrap().to_be_bytes());
            der.extend(bytes);
            der
        };
        let key = |length: usize| {
            let body = [number(length), vec![0x02, 0x01, 0x03]].concat();
            let mut der = vec![0x30, 0x82];
            der.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
            der.extend(body);
            der
        };
        assert!(PublicKey::from_rsa(&key(2_000)).unwrap_err().contains("larger than 8192 bits"));
        assert!(PublicKey::from_rsa(&key(40)).is_err());
        assert!(PublicKey::from_rsa(b"").is_err());
    }
}
