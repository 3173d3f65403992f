//! What the page does with the boundary, for its tests: blobs in, both sides read and judged, sentences out.

#![allow(dead_code, reason = "each test program uses some of it")]

use js_sys::{Array, Error, Function, Uint8Array};
use twinspect::stabilize::Profile;
use twinspect_wasm::{Judge, read_artifact};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

pub fn blob(bytes: &[u8]) -> Blob {
    Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes))).unwrap()
}

pub fn options(profile: Profile) -> String {
    format!("{{\"profile\":\"{}\"}}", profile.id())
}

pub fn silent() -> Function {
    Function::new_no_args("")
}

/// What JavaScript would read in `error.message`.
pub fn sentence(error: JsError) -> String {
    String::from(JsValue::from(error).dyn_into::<Error>().unwrap().message())
}

pub fn refused<T>(result: Result<T, JsError>) -> String {
    sentence(result.err().expect("this must be refused"))
}

pub fn done<T>(result: Result<T, JsError>) -> T {
    result.unwrap_or_else(|error| panic!("{}", sentence(error)))
}

pub fn manifest((name, bytes): (&str, &[u8])) -> Vec<u8> {
    done(read_artifact(blob(bytes), name, "{}", &silent())).to_vec()
}

/// An output, with nothing withheld.
pub fn exported(judge: &mut Judge, format: &str) -> String {
    String::from_utf8(done(judge.export(format, "none")).to_vec()).unwrap()
}

/// Both sides read and judged as the page does it.
pub fn judge(left: (&str, &[u8]), right: (&str, &[u8]), options: &str) -> Judge {
    let (a, b) = (manifest(left), manifest(right));
    done(Judge::new(&a, left.0, blob(left.1), &b, right.0, blob(right.1), options))
}
