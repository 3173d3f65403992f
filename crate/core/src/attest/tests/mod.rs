//! Documents made here, signed with a key of our own, and what is found in them.

use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer as _;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::report::attestation::Check;

mod damage;
mod documents;
mod envelopes;
mod rebuilds;

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const IN_TOTO: &str = "application/vnd.in-toto+json";

/// A key of our own: the same every time.
fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32].into()).unwrap()
}

/// The public part as PEM.
fn pem(seed: u8) -> String {
    let point = key(seed).verifying_key().to_sec1_point(false);
    // A SubjectPublicKeyInfo of a P-256 key is this, and the point.
    let head = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
    let spki = [digest::from_hex(head).unwrap(), point.as_bytes().to_vec()].concat();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", crate::base64::encode(&spki))
}

fn sha256(bytes: &[u8]) -> String {
    display::hex(&Sha256::digest(bytes))
}

/// An envelope around a payload, with a signature of each key, under the name given.
fn envelope(kind: &str, payload: &str, signers: &[(u8, &str)]) -> String {
    let signed = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
    let signatures: Vec<String> = signers
        .iter()
        .map(|(seed, id)| {
            let signature: p256::ecdsa::Signature = key(*seed).sign(signed.as_bytes());
            let signature = crate::base64::encode(signature.to_der().as_bytes());
            format!(r#"{{"keyid":"{id}","sig":"{signature}"}}"#)
        })
        .collect();
    let payload = crate::base64::encode(payload.as_bytes());
    format!(r#"{{"payloadType":"{kind}","payload":"{payload}","signatures":[{}]}}"#, signatures.join(","))
}

/// A statement about one file.
fn statement(name: &str, bytes: &[u8]) -> String {
    let digest = sha256(bytes);
    format!(
        r#"{{"_type":"{STATEMENT}","subject":[{{"name":"{name}","digest":{{"sha256":"{digest}"}}}}],"predicateType":"https://example.org/p","predicate":{{"a":[1]}}}}"#
    )
}

/// Examines documents with PEM keys and artifacts; the stabilized digest is what `stabilized` says.
fn examined(
    documents: &[(&str, &str)],
    keys: &[&str],
    files: [Option<(&str, &[u8])>; 2],
    stabilized: &dyn Fn(&Variant) -> Result<[u8; 32], String>,
) -> Vec<Attestation> {
    let documents: Vec<Document<'_>> =
        documents.iter().map(|(name, text)| Document { name, bytes: text.as_bytes() }).collect();
    let keys: Vec<Document<'_>> =
        keys.iter().map(|text| Document { name: "key.pem", bytes: text.as_bytes() }).collect();
    let artifacts = files.map(|file| file.map(|(name, bytes)| Artifact::new(name, bytes.to_vec())));
    let subject = |artifact| Subject { artifact, stabilized };
    let subjects = Sides { left: artifacts[0].as_ref().map(subject), right: artifacts[1].as_ref().map(subject) };
    examine(&documents, &keys, &subjects)
}

fn no_stabilizer(_: &Variant) -> Result<[u8; 32], String> {
    Err("not here.".to_owned())
}

/// Examines one document with one artifact or none.
fn one(document: &str, keys: &[&str], file: Option<(&str, &[u8])>) -> Attestation {
    examined(&[("doc.json", document)], keys, [file, None], &no_stabilizer).remove(0)
}

/// The result of each check of this kind, e.g. `holds A`.
fn results(said: &Attestation, id: &str) -> Vec<String> {
    let word = |check: &Check| {
        let result = match check.result {
            CheckResult::Holds => "holds",
            CheckResult::Fails => "fails",
            CheckResult::NotChecked => "not checked",
        };
        check.side.map_or(result.to_owned(), |side| format!("{result} {}", side.letter()))
    };
    said.checks.iter().filter(|check| check.id == id).map(word).collect()
}

/// The reasons of the checks of this kind, joined.
fn reasons(said: &Attestation, id: &str) -> String {
    said.checks.iter().filter(|check| check.id == id).map(|check| check.reason.as_str()).collect::<Vec<_>>().join(" | ")
}
