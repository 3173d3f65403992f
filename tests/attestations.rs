//! Attestations as they are in the world, and bundles that openssl signed for us (see `samples/README.md`).

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::path::PathBuf;

use twinspect::artifact::{Artifact, Sides};
use twinspect::attest::{Document, Kind, Outcome, Subject, Variant, examine, outcome, recognise};
use twinspect::report::attestation::{Attestation, CheckResult};

fn sample(path: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples").join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Examines a document with files of keys and with artifacts, all of them samples.
fn said(document: &str, keys: &[&str], files: &[&str]) -> Vec<Attestation> {
    let bytes = sample(document);
    assert!(recognise(name(document), &bytes).is_some_and(|kind| kind != Kind::Key), "{document}");
    let keys: Vec<(&str, Vec<u8>)> = keys.iter().map(|path| (name(path), sample(path))).collect();
    let keys: Vec<Document<'_>> = keys.iter().map(|(name, bytes)| Document { name, bytes }).collect();
    let files: Vec<Artifact> = files.iter().map(|path| Artifact::new(name(path), sample(path))).collect();
    let stabilized = |_: &Variant| Err("not in this test.".to_owned());
    let subject = |artifact| Subject { artifact, stabilized: &stabilized };
    let subjects = Sides { left: files.first().map(subject), right: files.get(1).map(subject) };
    examine(&[Document { name: name(document), bytes: &bytes }], &keys, &subjects)
}

/// Ids of the checks with a result, in order.
fn ids(said: &[Attestation], result: CheckResult) -> Vec<&str> {
    said.iter()
        .flat_map(|said| &said.checks)
        .filter(|check| check.result == result)
        .map(|check| check.id.as_str())
        .collect()
}

const ROOT: &str = "attestations/real/trusted_root.json";
/// What holds of a good signature with Sigstore's roots at hand.
const PROVEN: &[&str] = &[
    "signature",
    "log-entry",
    "log-inclusion",
    "log-checkpoint",
    "log-promise",
    "certificate-time",
    "certificate-chain",
];

fn check_proven(document: &str, files: &[&str], more: &[&str]) {
    let with_root = said(document, &[ROOT], files);
    assert_eq!(ids(&with_root, CheckResult::Holds), [PROVEN, more].concat(), "{document}");
    assert_eq!(ids(&with_root, CheckResult::Fails), [""; 0], "{document}");
    // Without roots the built-in key of the log is enough for the log, but nobody vouches for the certificate.
    let without = said(document, &[], files);
    assert_eq!(ids(&without, CheckResult::Holds), [PROVEN.split_last().unwrap().1, more].concat(), "{document}");
    assert!(ids(&without, CheckResult::NotChecked).contains(&"certificate-chain"), "{document}");
    assert_eq!(outcome(&without), Outcome::Holds);
}

#[test]
fn npm_provenance_holds_for_its_package() {
    let (document, package) =
        ("attestations/real/sigstore-5.0.0.tgz.sigstore.json", "attestations/real/sigstore-5.0.0.tgz");
    check_proven(document, &[package], &["subject"]);
    let said = &said(document, &[], &[package])[0];
    assert_eq!(said.kind, "sigstore");
    let signer = &said.parts[0].signers[0];
    assert_eq!(signer.name, "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main");
    let field = |name: &str| signer.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    assert_eq!(field("issuer"), Some("https://token.actions.githubusercontent.com"));
    assert_eq!(field("source repository"), Some("https://github.com/sigstore/sigstore-js"));
    assert_eq!(field("valid"), Some("2026-06-01T21:02:50Z to 2026-06-01T21:12:50Z"));
    let source = &said.recipe.as_ref().unwrap().sources[0];
    assert_eq!(source.commit.as_deref(), Some("7d2900eca1c22b3f87c13987c8d4b7c9a29b733a"));
}

#[test]
fn npm_provenance_fails_for_another_package() {
    let document = "attestations/real/sigstore-5.0.0.tgz.sigstore.json";
    let said = said(document, &[], &["published/lodash-4.17.21.tgz"]);
    assert_eq!(ids(&said, CheckResult::Fails), ["subject"]);
    assert_eq!(outcome(&said), Outcome::Fails);
}

#[test]
fn pypi_provenance_holds_for_its_files() {
    let real = |name: &str| format!("attestations/real/{name}");
    let circle = real("circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl");
    check_proven(&format!("{circle}.provenance"), &[&circle], &["subject"]);
    let google = real("gcb_attestation_test-0.0.0.tar.gz");
    check_proven(&format!("{google}.provenance"), &[&google], &["publisher", "subject"]);
    check_proven(&real("pypi_attestations-0.0.19.tar.gz.provenance"), &[], &["publisher"]);
    check_proven(&real("gitlab_oidc_project-0.0.3.tar.gz.publish.attestation"), &[], &[]);
}

#[test]
fn a_publisher_who_is_not_in_the_certificate_is_found_out() {
    let text = String::from_utf8(sample("attestations/real/pypi_attestations-0.0.19.tar.gz.provenance")).unwrap();
    for (from, to) in [
        ("\"repository\": \"trailofbits/pypi-attestations\"", "\"repository\": \"trailofbits/other\""),
        ("\"workflow\": \"release.yml\"", "\"workflow\": \"other.yml\""),
        ("\"kind\": \"GitHub\"", "\"kind\": \"GitLab\", \"workflow_filepath\": \"release.yml\""),
    ] {
        let text = text.replace("\":\"", "\": \"");
        assert!(text.contains(from), "{from}");
        let changed = text.replace(from, to);
        let document = Document { name: "x.provenance", bytes: changed.as_bytes() };
        let said = examine(&[document], &[], &Sides { left: None, right: None });
        assert_eq!(ids(&said, CheckResult::Fails), ["publisher"], "{to}");
    }
}

#[test]
fn a_bundle_of_another_instance_of_sigstore_is_not_vouched_for() {
    let document = "attestations/real/rfc8785-0.1.2-py3-none-any.whl.sigstore";
    let said = said(document, &[ROOT], &[]);
    assert_eq!(ids(&said, CheckResult::Holds), ["signature", "log-entry", "log-inclusion"]);
    assert_eq!(ids(&said, CheckResult::Fails), ["certificate-chain"]);
    let unchecked = ids(&said, CheckResult::NotChecked);
    assert_eq!(unchecked, ["log-checkpoint", "log-promise", "certificate-time", "certificate-timestamp", "subject"]);
}

/// Any byte of a real bundle may be wrong: nothing more holds than before, and a change of what is signed is found.
#[test]
fn a_real_bundle_with_a_wrong_byte() {
    let bytes = sample("attestations/real/sigstore-5.0.0.tgz.sigstore.json");
    let run = |bytes: &[u8]| {
        let said = examine(&[Document { name: "x", bytes }], &[], &Sides { left: None, right: None });
        ids(&said, CheckResult::Holds).len()
    };
    let before = run(&bytes);
    for position in (0..bytes.len()).step_by(17) {
        let mut bytes = bytes.clone();
        bytes[position] ^= 1;
        assert!(run(&bytes) <= before, "byte {position}");
    }
    let payload = bytes.windows(10).position(|window| window == b"\"payload\":").unwrap() + 20;
    let mut changed = bytes.clone();
    changed[payload + 100] = if changed[payload + 100] == b'A' { b'B' } else { b'A' };
    let said = examine(&[Document { name: "x", bytes: &changed }], &[], &Sides { left: None, right: None });
    let fails = ids(&said, CheckResult::Fails);
    assert!(fails.contains(&"signature") && fails.contains(&"log-entry"), "{fails:?}");
}

fn ours(name: &str) -> String {
    format!("attestations/ours/{name}")
}

#[test]
fn signatures_by_openssl_hold_under_their_key_only() {
    let keys = ["p256", "p384", "ed25519", "rsa", "other"];
    for (document, right) in
        [("p256", "p256"), ("p384", "p384"), ("ed25519", "ed25519"), ("rsa-pkcs1", "rsa"), ("rsa-pss", "rsa")]
    {
        for key in keys {
            let said = said(
                &ours(&format!("hello.{document}.dsse.json")),
                &[&ours(&format!("test-{key}.pem"))],
                &[&ours("hello.txt")],
            );
            let (holds, fails) = (ids(&said, CheckResult::Holds), ids(&said, CheckResult::Fails));
            match key == right {
                true => assert_eq!((holds, fails), (vec!["signature", "subject"], vec![]), "{document} {key}"),
                false => assert_eq!((holds, fails), (vec!["subject"], vec!["signature"]), "{document} {key}"),
            }
        }
    }
    let said = &said(&ours("hello.p256.dsse.json"), &[], &[])[0];
    assert_eq!(said.parts[0].title, "SLSA provenance 0.2");
    assert_eq!(said.recipe.as_ref().unwrap().sources[0].repository, "https://git.example/hello@refs/tags/v1");
}

#[test]
fn a_signature_over_a_file_holds_for_the_file() {
    let document = ours("hello.sigstore.json");
    let holds = said(&document, &[&ours("test-p256.pem")], &[&ours("hello.txt")]);
    assert_eq!(ids(&holds, CheckResult::Holds), ["signature", "subject"]);
    let other = said(&document, &[&ours("test-p256.pem")], &[&ours("test-p256.pem")]);
    assert_eq!(ids(&other, CheckResult::Fails), ["signature"]);
    assert_eq!(
        ids(&said(&document, &[&ours("test-other.pem")], &[&ours("hello.txt")]), CheckResult::Fails),
        ["signature"]
    );
    assert_eq!(outcome(&said(&document, &[], &[&ours("hello.txt")])), Outcome::Incomplete);
    assert_eq!(ids(&said(&document, &[&ours("test-p256.pem")], &[]), CheckResult::Holds), ["signature"]);
}

#[test]
fn a_certificate_leads_to_a_root_that_was_given_or_to_none() {
    let with = |root: &str| said(&ours("hello.cosign.json"), &[&ours(root)], &[&ours("hello.txt")]);
    let right = with("chain-root.pem");
    assert_eq!(ids(&right, CheckResult::Holds), ["signature", "certificate-chain"]);
    assert_eq!(right[0].parts[0].signers[0].name, "https://builds.example/worker");
    // Another root of the same name.
    assert_eq!(ids(&with("chain-other-root.pem"), CheckResult::Fails), ["certificate-chain"]);
    let alone = said(&ours("hello.cosign.json"), &[], &[&ours("test-p256.pem")]);
    assert_eq!(ids(&alone, CheckResult::Fails), ["signature"]);
    assert!(ids(&alone, CheckResult::NotChecked).contains(&"certificate-chain"));
}

const KEY: &str = "attestations/ours/test-p256.pem";
const LODASH: [&str; 2] = ["published/lodash-4.17.21.tgz", "rebuilt/lodash-4.17.21.tgz"];
const NODEENV: [&str; 2] =
    ["published/nodeenv-1.9.0-py2.py3-none-any.whl", "rebuilt/nodeenv-1.9.0-py2.py3-none-any.whl"];

/// The checks that fail, and those that are not made, of a bundle with lodash and its rebuild.
fn bundle(document: &str, keys: &[&str], files: &[&str], fails: &[&str], unchecked: &[&str]) -> Vec<Attestation> {
    let said = said(&ours(document), keys, files);
    assert_eq!(said[0].kind, "oss-rebuild", "{document}");
    assert_eq!(ids(&said, CheckResult::Fails), fails, "{document}");
    assert_eq!(ids(&said, CheckResult::NotChecked), unchecked, "{document}");
    said
}

#[test]
fn bundles_like_those_of_oss_rebuild() {
    let stabilized = &["stabilized", "stabilized", "outside"];
    bundle("lodash.intoto.jsonl", &[KEY], &LODASH, &[], stabilized);
    bundle("two-signatures.intoto.jsonl", &[KEY], &LODASH, &[], stabilized);
    bundle("nodeenv-rules.intoto.jsonl", &[KEY], &NODEENV, &[], stabilized);
    let old = bundle("nodeenv-2025.intoto.jsonl", &[KEY], &NODEENV, &[], stabilized);
    assert!(old[0].parts[0].fields.iter().any(|(name, _)| name == "payload type"), "the legacy payload type is said");
    let alone = &["subject", "rebuilt", "stabilized", "outside"];
    bundle("lodash.intoto.jsonl", &[], &[], &["signature", "signature"], alone);
    let unknown = &["signature", "signature", "stabilized", "stabilized", "outside"];
    bundle("unknown-key.intoto.jsonl", &[], &LODASH, &[], unknown);
    bundle("forged.intoto.jsonl", &[], &LODASH, &["signature", "signature"], stabilized);
    bundle("broken-middle.intoto.jsonl", &[KEY], &LODASH, &["readable"], stabilized);
    let contradiction = &["agree-rebuilt", "agree-builder", "agree-invocation", "rebuilt"];
    bundle("contradiction.intoto.jsonl", &[KEY], &LODASH, contradiction, stabilized);
    bundle("lodash.intoto.jsonl", &[KEY], &NODEENV, &["subject", "rebuilt"], stabilized);
}
