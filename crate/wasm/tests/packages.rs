//! What the page asks about one side by itself: its stabilized archive, and what attestations say about it.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod page;

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Uint8Array};
use page::{blob, done, exported, judge, manifest, refused};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use twinspect_wasm::{Package, attest, recognise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const WHEEL: (&str, &[u8]) = (
    "six-1.16.0-py2.py3-none-any.whl",
    include_bytes!("../../../tests/samples/published/six-1.16.0-py2.py3-none-any.whl"),
);
/// What OSS Rebuild's own stabilizer makes of it.
const STABILIZED: &str = "f5b05d59d1a08864c9bb7fb1f30a1c8ab91ad3f221d697133a2f77c7aa637f8e";

fn package((name, bytes): (&str, &[u8])) -> Package {
    done(Package::new(&manifest((name, bytes)), name, blob(bytes)))
}

fn stabilized(package: &Package, options: &str) -> Value {
    serde_json::from_str(&done(package.stabilized(options))).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[wasm_bindgen_test]
fn the_stabilized_archive_has_the_digest_that_is_shown() {
    let package = package(WHEEL);
    let expected = json!({"passes": "wheel", "sha256": STABILIZED, "refusal": null, "notes": []});
    assert_eq!(stabilized(&package, "{}"), expected);
    let bytes = Rc::new(RefCell::new(Vec::new()));
    let taken = Rc::clone(&bytes);
    let take = Closure::<dyn FnMut(Uint8Array)>::new(move |part: Uint8Array| taken.borrow_mut().extend(part.to_vec()));
    done(package.stabilized_archive("{}", take.as_ref().unchecked_ref()));
    assert_eq!(hex(&Sha256::digest(&*bytes.borrow())), STABILIZED);
    // The profile of the page does not matter; what is switched off does.
    assert_eq!(stabilized(&package, "{\"profile\":\"none\"}")["sha256"], STABILIZED);
    assert_ne!(stabilized(&package, "{\"disabled\":[\"zip-modified-time\"]}")["sha256"], STABILIZED);
    let gone = Function::new_no_args("throw new Error('the page is gone')");
    assert!(refused(package.stabilized_archive("{}", &gone)).contains("was not taken"));
}

#[wasm_bindgen_test]
fn what_oss_rebuild_does_not_stabilize_says_so() {
    let answer = stabilized(&package(("notes.txt", b"text")), "{}");
    assert!(
        answer["sha256"].is_null() && answer["refusal"].as_str().is_some_and(|said| said.ends_with('.')),
        "{answer}"
    );
    let global = include_bytes!("../../../tests/samples/oss-rebuild/tar_global_pax_2.tar");
    let answer = stabilized(&package(("a.tar", global)), "{}");
    assert!(answer["refusal"].as_str().is_some_and(|said| said.contains("lobal")), "{answer}");
    refused(package(WHEEL).stabilized("{\"disabled\":[\"no-such-pass\"]}"));
    assert!(refused(Package::new(&manifest(WHEEL), "a.whl", blob(b"other"))).contains("changed"));
}

#[wasm_bindgen_test]
fn the_statement_names_the_archive_that_both_stabilize_to() {
    let mut judge = judge(WHEEL, WHEEL, "{}");
    let statement: Value = serde_json::from_str(&exported(&mut judge, "in-toto")).unwrap();
    assert_eq!(statement["predicate"]["runDetails"]["byproducts"][0]["digest"]["sha256"], STABILIZED);
}

/// Files as the page gives them.
fn files(files: &[(&str, &[u8])]) -> Array {
    let pair = |(name, bytes): &(&str, &[u8])| Array::of2(&(*name).into(), &Uint8Array::from(*bytes));
    files.iter().map(pair).collect()
}

#[wasm_bindgen_test]
fn documents_are_recognised_and_checked_against_the_sides() {
    let digest = hex(&Sha256::digest(WHEEL.1));
    let list = format!("{digest}  {}\n", WHEEL.0);
    assert_eq!(recognise("SHA256SUMS", list.as_bytes()).as_deref(), Some("attestation"));
    assert_eq!(recognise(WHEEL.0, WHEEL.1), None);
    let document = ("SHA256SUMS", list.as_bytes());
    let examined = |left| -> Value {
        serde_json::from_str(&done(attest(&files(&[document]), &Array::new(), left, None))).unwrap()
    };
    let results = |answer: &Value| -> Vec<String> {
        let checks = answer[0]["checks"].as_array().unwrap();
        checks.iter().map(|check| check["result"].as_str().unwrap().to_owned()).collect()
    };
    let alone = examined(None);
    assert_eq!((&alone[0]["kind"], &alone[0]["name"]), (&json!("checksums"), &json!("SHA256SUMS")));
    assert!(!results(&alone).contains(&"holds".to_owned()), "{alone}");
    let with = examined(Some(package(WHEEL)));
    assert!(results(&with).contains(&"holds".to_owned()), "{with}");
    assert!(refused(attest(&Array::of1(&JsValue::NULL), &Array::new(), None, None)).contains("name and its bytes"));
}
