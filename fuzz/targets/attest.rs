//! Attestations, checksum lists and keys, about an artifact that is there.
#![no_main]

use twinspect::artifact::{Artifact, Sides};
use twinspect::attest::{Document, Subject, examine, outcome, recognise};

const NAMES: &[&str] = &[
    "a.intoto.jsonl", "a.sigstore.json", "a.sigstore", "a.publish.attestation", "a.provenance", "a.pem", "SHA256SUMS",
    "a.sha256", "a.dsse.json", "a.json", "a.bundle",
];

twinspect_fuzz::fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    let artifact = Artifact::new("hello.txt", b"hello\n".to_vec());
    let stabilized = |_: &_| Ok([7; 32]);
    let subjects = Sides { left: Some(Subject { artifact: &artifact, stabilized: &stabilized }), right: None };
    let documents = [Document { name, bytes }];
    let _ = recognise(name, bytes);
    let said = |documents: &[Document<'_>], keys: &[Document<'_>]| {
        let said = examine(documents, keys, &subjects);
        let _ = outcome(&said);
        serde_json::to_string(&said).expect("what was said is plain data")
    };
    assert_eq!(said(&documents, &[]), said(&documents, &[]), "examining twice gives the same");
    said(&[], &documents);
});
