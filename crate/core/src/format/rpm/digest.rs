//! Digests by the algorithms that headers name, and those that the headers state of header and payload as stored.

use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::header::Header;
use crate::display;
use crate::entry::{Severity, Value};
use crate::error::Fault;
use crate::format::Opening;

/// A running digest.
pub(crate) enum Hash {
    Md5(Md5),
    Sha1(Sha1),
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

/// SHA-256 by its number.
pub(crate) const SHA256: u64 = 8;

impl Hash {
    /// By the algorithm's number in OpenPGP (RFC 9580, 9.5); `None` for those that are not checked.
    pub(crate) fn new(algorithm: u64) -> Option<Self> {
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

    pub(crate) fn update(&mut self, bytes: &[u8]) {
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
    pub(crate) fn end(self) -> String {
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

/// Of the main header, in the signature header: tag and algorithm.
const OF_HEADER: [(u32, u64); 2] = [(269, 2), (273, 8)];
/// Of main header and payload, in the signature header.
const MD5: u32 = 1004;
/// Of the payload, in the main header: tag and algorithm, where that is not stated.
const OF_PAYLOAD: [(u32, Option<u64>); 2] = [(5092, None), (5121, Some(10))];
const ALGORITHM: u32 = 5093;

/// The algorithm of the payload's digests. SHA-256 is the only one that has been in use where none is stated.
pub(crate) fn algorithm(header: &Header) -> u64 {
    header.number(ALGORITHM).unwrap_or(SHA256)
}

/// Says which digests are wrong, as a field too: a package that rpm refuses is not the same as one that it takes, though
/// both state the same.
pub(super) fn check(
    opening: &mut dyn Opening,
    signature: Option<&Header>,
    header: &Header,
    payload: u64,
) -> Result<(), Fault> {
    for (tag, algorithm) in OF_HEADER {
        let (Some(signature), Some(mut hash)) = (signature, Hash::new(algorithm)) else { continue };
        if let Some(stated) = signature.text(tag) {
            hash.update(&header.bytes);
            let name = signature.name(tag);
            compare(
                opening,
                header.start,
                ("signature:", &name),
                &format!("the header's {name}"),
                &[stated],
                &hash.end(),
            );
        }
    }
    let md5 = signature.and_then(|signature| signature.bytes_of(MD5)).map(display::hex);
    let mut running: Vec<(&str, String, Vec<&[u8]>, Hash)> = Vec::new();
    if let (Some(stated), Some(mut hash)) = (&md5, Hash::new(1)) {
        hash.update(&header.bytes);
        running.push(("signature:", "md5".to_owned(), vec![stated.as_bytes()], hash));
    }
    for (tag, known) in OF_PAYLOAD {
        // Several may be stated, for payloads that are compressed in one way or another.
        let stated: Vec<&[u8]> = header.texts(tag).take(16).collect();
        let name = header.name(tag).into_owned();
        match Hash::new(known.unwrap_or_else(|| algorithm(header))) {
            _ if stated.is_empty() => {}
            Some(hash) => running.push(("", name, stated, hash)),
            None => {
                let fault = Fault::new(format!("{name} was not checked: its algorithm is unknown"));
                opening.problem(fault.raises_as(Severity::Info, "RPM-02"));
            }
        }
    }
    if running.is_empty() {
        return Ok(());
    }
    let mut chunk = vec![0; 64 << 10];
    let mut at = payload;
    loop {
        let read = opening.read_at(at, &mut chunk)?;
        if read == 0 {
            break;
        }
        for (.., hash) in &mut running {
            hash.update(chunk.get(..read).unwrap_or_default());
        }
        at += read as u64;
    }
    for (prefix, name, stated, hash) in running {
        let what = if prefix.is_empty() { name.clone() } else { format!("the {name} of header and payload") };
        compare(opening, payload, (prefix, &name), &what, &stated, &hash.end());
    }
    Ok(())
}

fn compare(
    opening: &mut dyn Opening,
    at: u64,
    (prefix, name): (&str, &str),
    what: &str,
    stated: &[&[u8]],
    actual: &str,
) {
    if stated.iter().any(|stated| stated.eq_ignore_ascii_case(actual.as_bytes())) {
        return;
    }
    opening.say(format!("{prefix}wrong-{name}"), Value::Text(actual.to_owned().into()));
    let stated = stated.first().map(|stated| display::bytes(stated.get(..128).unwrap_or(stated))).unwrap_or_default();
    let message = format!("{what} is stated as {stated}, it is {actual}");
    opening.problem(Fault::at(at, message).raises("RPM-02"));
}
