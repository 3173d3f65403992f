//! Digests by the algorithms that headers name.

use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use crate::display;

/// A running digest.
pub(super) enum Hash {
    Md5(Md5),
    Sha1(Sha1),
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

/// SHA-256 by its number.
pub(super) const SHA256: u64 = 8;

impl Hash {
    /// By the algorithm's number in OpenPGP (RFC 9580, 9.5); `None` for those that are not checked.
    pub(super) fn new(algorithm: u64) -> Option<Self> {
        Some(match algorithm {
            1 => Self::Md5(Md5::new()),
            2 => Self::Sha1(Sha1::new()),
            SHA256 => Self::Sha256(Sha256::new()),
            9 => Self::Sha384(Sha384::new()),
            10 => Self::Sha512(Sha512::new()),
            11 => Self::Sha224(Sha224::new()),
            _ => return None,
        })
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hash) => hash.update(bytes),
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha224(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha384(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    /// In hexadecimal.
    pub(super) fn end(self) -> String {
        match self {
            Self::Md5(hash) => display::hex(&hash.finalize()),
            Self::Sha1(hash) => display::hex(&hash.finalize()),
            Self::Sha224(hash) => display::hex(&hash.finalize()),
            Self::Sha256(hash) => display::hex(&hash.finalize()),
            Self::Sha384(hash) => display::hex(&hash.finalize()),
            Self::Sha512(hash) => display::hex(&hash.finalize()),
        }
    }
}
