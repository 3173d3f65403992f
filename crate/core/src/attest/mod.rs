//! Attestations: what a document claims about artifacts, and which of its claims hold for the files at hand. Offline.
//!
//! [`recognise`](fn@recognise) tells attestations and keys from artifacts; [`examine`] reads the documents, looks for
//! what they are about among the two artifacts, and fills a table of checks. A check *holds* only if it was made here;
//! what would need the network, a key or a root that was not given is *not checked*, and says so.
//!
//! Documents come from strangers: every text is bounded, every signature is verified by maintained crates, nothing in
//! them is run. [`crate::json`] reads, [`dsse`], [`sigstore`], [`pep740`] and [`checksums`] know the shapes, [`statement`] what
//! is said, [`oss_rebuild`] what OSS Rebuild means by it, [`log`] and [`chain`] what stands behind a signature.

mod asn1;
mod certificate;
mod chain;
mod checksums;
mod digest;
mod document;
mod dsse;
mod keys;
mod log;
mod oss_rebuild;
mod pep740;
mod recipe;
mod recognise;
mod signature;
mod sigstore;
mod statement;
mod table;
#[cfg(test)]
mod tests;
mod variants;

pub use recognise::{HEAD, Kind, recognise};
pub use variants::{OLDER, Older, Variant};

use crate::artifact::{Artifact, Sides};
use crate::display;
use crate::error::Error;
use crate::report::attestation::{Attestation, Check, CheckResult};
use digest::{Algorithm, Digests};
use keys::Keys;
use signature::PublicKey;
use statement::Subject as Claimed;

/// Bytes of one document: more is not read. A bundle has ten thousand, a list of checksums rarely a million.
pub const MOST_BYTES: u64 = 64 << 20;
/// Signatures that are verified in one go, as many as ECDSA on P-256 would need as much time for.
const MOST_SIGNATURES: u32 = 3_000;
/// What is said of the rest.
const TOO_MANY: &str = "There are more signatures, keys and certificates than are tried in one go.";

/// A dropped file that [`recognise`](fn@recognise) takes for an attestation or a key.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// The file's name without folders.
    pub name: &'a str,
    /// The whole file, at most [`MOST_BYTES`].
    pub bytes: &'a [u8],
}

/// An artifact that the documents may be about.
pub struct Subject<'a> {
    /// The file.
    pub artifact: &'a Artifact,
    /// SHA-256 of the archive as OSS Rebuild's stabilizers leave it, under a variant of them; or why there is none.
    pub stabilized: &'a dyn Fn(&Variant) -> Result<[u8; 32], String>,
}

/// Reads a file whole if it is an attestation, a list of checksums or a key; `None` for an artifact, of which only the
/// beginning is read.
///
/// # Errors
/// A file that cannot be read, and a document of more than [`MOST_BYTES`].
pub fn load(file: &Artifact) -> Result<Option<(Kind, Vec<u8>)>, Error> {
    let shown = display::bytes(file.name.as_bytes());
    let read = |most: u64| -> Result<Vec<u8>, Error> {
        let length = usize::try_from(file.source.len().min(most)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match file.source.read_at(filled as u64, rest) {
                Ok(0) => return Err(Error::new(format!("{shown} is shorter than it was."))),
                Ok(count) => filled += count,
                Err(error) => return Err(Error::new(format!("{shown} cannot be read: {error}."))),
            }
        }
        Ok(bytes)
    };
    let head = read(HEAD as u64)?;
    let Some(kind) = recognise(&file.name, &head) else { return Ok(None) };
    if file.source.len() > MOST_BYTES {
        return Err(Error::new(format!("{shown} is an attestation of more than {MOST_BYTES} bytes: it is not read.")));
    }
    Ok(Some((kind, if file.source.len() > HEAD as u64 { read(MOST_BYTES)? } else { head })))
}

/// Reads the documents and checks what they claim about the artifacts, with the keys built in and those given.
///
/// The answer has one entry for each document, in order, then one for each file of keys.
pub fn examine(
    documents: &[Document<'_>],
    keys: &[Document<'_>],
    subjects: &Sides<Option<Subject<'_>>>,
) -> Vec<Attestation> {
    let mut ring = Keys::built_in();
    let described: Vec<Attestation> = keys.iter().map(|document| ring.add(document)).collect();
    let readings: Vec<document::Reading> = documents.iter().map(document::Reading::of).collect();
    let mut algorithms = vec![Algorithm::Sha256];
    for reading in &readings {
        reading.algorithms(&mut algorithms);
    }
    let files: Files<'_> = Sides {
        left: subjects.left.as_ref().map(|subject| Dropped::open(subject, &algorithms)),
        right: subjects.right.as_ref().map(|subject| Dropped::open(subject, &algorithms)),
    };
    let mut work = Work { left: MOST_SIGNATURES };
    let mut answers: Vec<Attestation> =
        readings.into_iter().map(|reading| reading.check(&ring, &files, &mut work)).collect();
    answers.extend(described);
    answers
}

/// What the tables say, all together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At least one check fails.
    Fails,
    /// None fails, but nothing about a file or a signer holds either, or something could not be read.
    Incomplete,
    /// Something holds, and nothing fails. What was not checked is not part of this.
    Holds,
}

/// Checks that say something of a file or a signer. The others only say that a document does not contradict itself.
const WEIGHTY: &[&str] = &["signature", "subject", "rebuilt", "stabilized", "equivalent"];

/// What the tables say, all together.
pub fn outcome(attestations: &[Attestation]) -> Outcome {
    let mut checks = attestations.iter().flat_map(|said| &said.checks);
    let unread = attestations.iter().flat_map(|said| &said.problems).any(|problem| problem.unread);
    let holds = |check: &Check| check.result == CheckResult::Holds && WEIGHTY.contains(&check.id.as_str());
    if checks.clone().any(|check| check.result == CheckResult::Fails) {
        Outcome::Fails
    } else if unread || !checks.any(holds) {
        Outcome::Incomplete
    } else {
        Outcome::Holds
    }
}

/// A dropped artifact with its digests.
struct Dropped<'a> {
    name: &'a str,
    digests: Digests,
    /// Why there are no digests.
    error: Option<String>,
    subject: &'a Subject<'a>,
}

type Files<'a> = Sides<Option<Dropped<'a>>>;

impl<'a> Dropped<'a> {
    fn open(subject: &'a Subject<'a>, algorithms: &[Algorithm]) -> Self {
        let name = subject.artifact.name.as_str();
        match digest::digests(subject.artifact.source.as_ref(), algorithms) {
            Ok(digests) => Self { name, digests, error: None, subject },
            Err(error) => Self { name, digests: Digests::new(), error: Some(error), subject },
        }
    }

    /// The first digest that differs from the one claimed, as a clause.
    fn actual(&self, claimed: &Claimed) -> String {
        for algorithm in claimed.algorithms() {
            if let (Some(actual), wanted) = (self.digests.get(&algorithm), claimed.digest(algorithm))
                && wanted.as_ref() != Some(actual)
            {
                let wanted = wanted.map_or_else(|| "is no digest".to_owned(), |wanted| display::hex(&wanted));
                return format!("{} is {}, not {wanted}", algorithm.name(), display::hex(actual));
            }
        }
        "no digest is equal".to_owned()
    }
}

/// How many signatures may still be verified.
struct Work {
    left: u32,
}

impl Work {
    /// Pays for one signature; false if that is too much.
    fn take(&mut self, key: &PublicKey) -> bool {
        let some = self.left >= key.cost();
        self.left = if some { self.left - key.cost() } else { 0 };
        some
    }

    /// Whether something was not tried: then nothing may be said to fail.
    fn is_spent(&self) -> bool {
        self.left == 0
    }
}
