//! Digests of the dropped files, by the algorithms that the documents use, in one pass over each file.

use std::collections::BTreeMap;

use blake2::Blake2b;
use blake2::digest::consts::U32;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::artifact::Source;

/// Bytes read at a time.
const BLOCK: usize = 1 << 20;

/// A digest's algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Blake2b256,
}

/// Algorithm, the names it goes by (lower case, letters and digits only), bytes of a digest.
const ALGORITHMS: &[(Algorithm, &[&str], usize)] = &[
    (Algorithm::Md5, &["md5"], 16),
    (Algorithm::Sha1, &["sha1", "sha", "shasum"], 20),
    (Algorithm::Sha224, &["sha224", "sha2224"], 28),
    (Algorithm::Sha256, &["sha256", "sha2256"], 32),
    (Algorithm::Sha384, &["sha384", "sha2384"], 48),
    (Algorithm::Sha512, &["sha512", "sha2512"], 64),
    (Algorithm::Blake2b256, &["blake2b256"], 32),
];

impl Algorithm {
    /// The algorithm of a name such as `sha256`, `SHA2-256` or `blake2b_256`.
    pub(super) fn by_name(name: &str) -> Option<Self> {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        ALGORITHMS.iter().find(|(_, names, _)| names.contains(&plain.as_str())).map(|(algorithm, ..)| *algorithm)
    }

    /// The usual algorithm with digests of so many bytes.
    pub(super) fn by_size(bytes: usize) -> Option<Self> {
        ALGORITHMS.iter().find(|(.., size)| *size == bytes).map(|(algorithm, ..)| *algorithm)
    }

    pub(super) fn name(self) -> &'static str {
        ALGORITHMS
            .iter()
            .find(|(algorithm, ..)| *algorithm == self)
            .map_or("", |(_, names, _)| names.first().unwrap_or(&""))
    }

    /// Bytes of a digest.
    pub(super) fn size(self) -> usize {
        ALGORITHMS.iter().find(|(algorithm, ..)| *algorithm == self).map_or(0, |(.., size)| *size)
    }

    /// Whether two different files with the same digest can be made.
    pub(super) fn is_weak(self) -> bool {
        matches!(self, Self::Md5 | Self::Sha1)
    }
}

/// The digests of one file.
pub(super) type Digests = BTreeMap<Algorithm, Vec<u8>>;

/// Computes the digests of a file.
///
/// # Errors
/// What the source says when it cannot be read.
pub(super) fn digests(source: &dyn Source, algorithms: &[Algorithm]) -> Result<Digests, String> {
    let mut hashes: Vec<Hasher> = algorithms.iter().map(|algorithm| Hasher::new(*algorithm)).collect();
    let mut block = vec![0; BLOCK];
    let mut offset = 0;
    loop {
        let count = source.read_at(offset, &mut block).map_err(|error| error.to_string())?;
        if count == 0 {
            break;
        }
        let bytes = block.get(..count).unwrap_or_default();
        for hash in &mut hashes {
            hash.update(bytes);
        }
        offset = offset.saturating_add(count as u64);
    }
    if offset < source.len() {
        return Err("the file is shorter than it was".to_owned());
    }
    Ok(algorithms.iter().copied().zip(hashes.into_iter().map(Hasher::finish)).collect())
}

enum Hasher {
    Md5(Md5),
    Sha1(Sha1),
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
    Blake2b256(Box<Blake2b<U32>>),
}

impl Hasher {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Md5 => Self::Md5(Md5::new()),
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Sha224 => Self::Sha224(Sha224::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha384 => Self::Sha384(Sha384::new()),
            Algorithm::Sha512 => Self::Sha512(Sha512::new()),
            Algorithm::Blake2b256 => Self::Blake2b256(Box::default()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hash) => hash.update(bytes),
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha224(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha384(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
            Self::Blake2b256(hash) => hash.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Md5(hash) => hash.finalize().to_vec(),
            Self::Sha1(hash) => hash.finalize().to_vec(),
            Self::Sha224(hash) => hash.finalize().to_vec(),
            Self::Sha256(hash) => hash.finalize().to_vec(),
            Self::Sha384(hash) => hash.finalize().to_vec(),
            Self::Sha512(hash) => hash.finalize().to_vec(),
            Self::Blake2b256(hash) => hash.finalize().to_vec(),
        }
    }
}

/// Bytes written as hex, in either case.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.chunks_exact(2).map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.last()?)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::hex;

    #[test]
    fn known_answers() {
        let all: Vec<Algorithm> = ALGORITHMS.iter().map(|(algorithm, ..)| *algorithm).collect();
        let found = digests(&b"abc".to_vec(), &all).unwrap();
        let start = |algorithm| hex(&found[&algorithm])[..8].to_owned();
        assert_eq!(start(Algorithm::Md5), "90015098");
        assert_eq!(start(Algorithm::Sha1), "a9993e36");
        assert_eq!(start(Algorithm::Sha224), "23097d22");
        assert_eq!(start(Algorithm::Sha256), "ba7816bf");
        assert_eq!(start(Algorithm::Sha384), "cb00753f");
        assert_eq!(start(Algorithm::Sha512), "ddaf35a1");
        assert_eq!(start(Algorithm::Blake2b256), "bddd813c");
        for (algorithm, names, size) in ALGORITHMS {
            assert_eq!(found[algorithm].len(), *size);
            assert_eq!(Algorithm::by_name(names[0]), Some(*algorithm));
        }
    }

    #[test]
    fn names_as_lists_write_them() {
        assert_eq!(Algorithm::by_name("SHA2-256"), Some(Algorithm::Sha256));
        assert_eq!(Algorithm::by_name("SHA2_512"), Some(Algorithm::Sha512));
        assert_eq!(Algorithm::by_name("blake2b_256"), Some(Algorithm::Blake2b256));
        assert_eq!(Algorithm::by_name("gitCommit"), None);
        assert_eq!(Algorithm::by_size(20), Some(Algorithm::Sha1));
        assert_eq!(Algorithm::by_size(32), Some(Algorithm::Sha256));
        assert_eq!(Algorithm::by_size(33), None);
        assert_eq!(from_hex("0aFf"), Some(vec![10, 255]));
        assert_eq!((from_hex("0"), from_hex("+1")), (None, None));
    }
}
