//! The boundary as the page calls it: blobs in, manifests between workers, JSON and typed arrays out. The reports are
//! those of the native golden test, byte for byte.

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

use js_sys::{Array, Float64Array, Function, Int32Array, Reflect, Uint8Array, Uint32Array};
use page::{blob, done, exported, judge, manifest, options, refused, silent};
use serde_json::Value;
use twinspect::artifact::Side;
use twinspect::comparison::{Comparison, Form};
use twinspect::reading::Reading;
use twinspect::report::{BytesShape, Detail, Report, Row, TextWindow};
use twinspect::stabilize::STABILIZERS;
use twinspect_tests::pairs::{GoldenPair, pairs};
use twinspect_tests::{compare, file, gzip, tar};
use twinspect_wasm::{Judge, passes, read_artifact, readers};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

// FileReaderSync exists in a dedicated worker only.
wasm_bindgen_test_configure!(run_in_dedicated_worker);

macro_rules! blessed {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../tests/golden/", $name, ".json")))),*]
    };
}

/// The expected reports of the native golden test.
const BLESSED: &[(&str, &str)] = blessed!(
    "rebuild-standard" "rebuild-oss-rebuild" "rebuild-none" "install-script" "wheel-versions" "deb-recompressed"
    "deb-setuid" "initial" "initial-changed" "nested" "moved" "hostile-names" "same-edit" "rpm-rebuilt"
    "rpm-scriptlet" "alpine"
    "image" "image-layer" "signing-block" "two-views"
);

fn judge_pair(pair: &GoldenPair) -> Judge {
    judge((pair.left.0, &pair.left.1), (pair.right.0, &pair.right.1), &options(pair.profile))
}

fn compare_pair(pair: &GoldenPair) -> Comparison {
    compare((pair.left.0, &pair.left.1), (pair.right.0, &pair.right.1), pair.profile)
}

fn blessed(name: &str) -> &'static str {
    let found = BLESSED.iter().find(|(golden, _)| *golden == name);
    found.unwrap_or_else(|| panic!("{name} is missing in BLESSED")).1
}

fn report(judge: &mut Judge) -> String {
    exported(judge, "json")
}

fn golden(name: &str) -> GoldenPair {
    pairs().into_iter().find(|pair| pair.name == name).expect("a golden pair of that name")
}

/// Every row of a report as the page names it; `None` is the root.
fn rows(comparison: &Comparison) -> impl Iterator<Item = Option<u32>> + use<> {
    let count = u32::try_from(comparison.report().rows.len()).unwrap();
    std::iter::once(None).chain((0..count).map(Some))
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

#[wasm_bindgen_test]
fn every_golden_pair_gives_the_report_of_native() {
    let pairs = pairs();
    assert_eq!(pairs.len(), BLESSED.len(), "BLESSED names a pair that does not exist");
    for pair in &pairs {
        let found = report(&mut judge_pair(pair));
        let expected = blessed(pair.name);
        for (line, (a, b)) in found.lines().zip(expected.lines()).enumerate() {
            assert_eq!(a, b, "{}: line {}", pair.name, line + 1);
        }
        assert!(found == expected, "{}: {} bytes, {} expected", pair.name, found.len(), expected.len());
    }
}

#[wasm_bindgen_test]
fn changing_options_gives_the_report_of_a_fresh_start() {
    let pair = golden("rebuild-none");
    let mut judge = judge_pair(&pair);
    for profile in ["standard", "none", "oss-rebuild", "none", "standard"] {
        done(judge.set_options(&format!("{{\"profile\":\"{profile}\"}}")));
        assert!(report(&mut judge) == blessed(&format!("rebuild-{profile}")), "{profile}");
    }
    done(judge.set_options("{\"profile\":\"standard\",\"disabled\":[\"tar-time\"]}"));
    let custom: Report = serde_json::from_str(&report(&mut judge)).unwrap();
    assert_eq!((custom.profile.as_str(), custom.disabled.as_slice()), ("custom", &["tar-time".to_owned()][..]));
    assert!(custom.statements.iter().any(|statement| statement.cause == "times"), "{:?}", custom.statements);
    // Refused options change nothing.
    let before = report(&mut judge);
    refused(judge.set_options("{\"disabled\":[\"no-such-pass\"]}"));
    refused(judge.set_options("{\"profile\":\"no-such-profile\"}"));
    assert!(report(&mut judge) == before);
    done(judge.set_options("{}"));
    assert!(report(&mut judge) == blessed("rebuild-standard"), "no options are the defaults");
}

#[wasm_bindgen_test]
fn details_and_windows_are_those_of_the_engine() {
    let mut texts = 0;
    for pair in pairs() {
        let (mut native, mut judge) = (compare_pair(&pair), judge_pair(&pair));
        for row in rows(&native) {
            for (stabilized, reformatted) in [(false, false), (true, false), (true, true)] {
                let context = format!("{} {row:?} {stabilized} {reformatted}", pair.name);
                let form = Form { stabilized, reformatted };
                let bits = u8::from(stabilized) + 2 * u8::from(reformatted);
                let expected = native.detail(row, form).unwrap();
                let value = done(judge.detail(row, bits));
                let found: Detail = serde_wasm_bindgen::from_value(value.clone()).unwrap();
                assert_eq!(found, expected, "{context}");
                match &expected.text {
                    None => assert!(get(&value, "text").is_null(), "{context}"),
                    Some(text) => {
                        let ops = get(&get(&value, "text"), "ops").dyn_into::<Uint32Array>().unwrap();
                        assert_eq!(ops.to_vec(), text.ops, "{context}");
                        let (left, right) = (text.lines.left, text.lines.right);
                        for (from, count) in [(0, u32::MAX), (0, 1), (1, 2), (u32::MAX, 5)] {
                            let window = done(judge.text_window(row, bits, from, count, from, count));
                            let window: TextWindow = serde_wasm_bindgen::from_value(window).unwrap();
                            let to = from.saturating_add(count);
                            let expected = native.text_window(row, form, from..to, from..to).unwrap();
                            assert_eq!(window, expected, "{context} {from} {count}");
                            if from == 0 && count == u32::MAX {
                                let lines = [window.left.len(), window.right.len()];
                                assert_eq!(lines, [left as usize, right as usize], "{context}");
                            }
                        }
                        texts += 1;
                    }
                }
            }
        }
    }
    assert!(texts > 50, "only {texts} texts were compared");
}

#[wasm_bindgen_test]
fn bytes_and_their_windows_are_those_of_the_engine() {
    let (mut seen, mut unwrapped) = (0, 0);
    for pair in pairs() {
        let (mut native, mut judge) = (compare_pair(&pair), judge_pair(&pair));
        for row in rows(&native) {
            for stabilized in [false, true] {
                let context = format!("{} {row:?} {stabilized}", pair.name);
                let expected = native.bytes(row, stabilized).unwrap();
                let value = done(judge.bytes(row, stabilized));
                assert!(get(&value, "ops").is_instance_of::<Float64Array>(), "{context}");
                let found: BytesShape = serde_wasm_bindgen::from_value(value).unwrap();
                assert_eq!(found, expected, "{context}");
                for (side, right) in [(Side::Left, false), (Side::Right, true)] {
                    for (offset, count) in [(0, 1 << 20), (3, 5), (1 << 40, 9)] {
                        let window = done(judge.bytes_window(row, stabilized, right, offset as f64, count));
                        let expected = native.bytes_window(row, stabilized, side, offset, u64::from(count)).unwrap();
                        assert_eq!(window.to_vec(), expected, "{context} {side:?} {offset}");
                        seen += expected.len();
                    }
                }
            }
        }
        // Without a wrapper the root's bytes are the artifact's own: that can be checked without the engine.
        if native.report().sides.right.format.as_deref().is_some_and(|format| !format.contains('+')) {
            let whole = done(judge.bytes_window(None, false, true, 0.0, u32::MAX)).to_vec();
            assert!(whole == pair.right.1, "{}: bytes of B", pair.name);
            unwrapped += 1;
        }
    }
    assert!(seen > 10_000, "only {seen} bytes were compared");
    assert!(unwrapped >= 5, "only {unwrapped} artifacts are without a wrapper");
}

#[wasm_bindgen_test]
fn tree_rows_statements_and_ledger_are_those_of_the_report() {
    for pair in pairs() {
        let (native, mut judge) = (compare_pair(&pair), judge_pair(&pair));
        let report = native.report();
        // Before explaining, statuses are final already.
        for row in rows(&native) {
            let found: Row = serde_wasm_bindgen::from_value(done(judge.row(row))).unwrap();
            let expected = row.map_or(&report.root, |row| &report.rows[row as usize]);
            assert_eq!((&found.path, found.status), (&expected.path, expected.status), "{} {row:?}", pair.name);
        }
        judge.explain();
        for row in rows(&native) {
            let found: Row = serde_wasm_bindgen::from_value(done(judge.row(row))).unwrap();
            let expected = row.map_or(&report.root, |row| &report.rows[row as usize]);
            assert_eq!(&found, expected, "{} {row:?}", pair.name);
        }
        for (at, statement) in report.statements.iter().enumerate() {
            assert_eq!(judge.statement_rows(at).to_vec(), statement.rows, "{}", pair.name);
        }
        assert_eq!(judge.statement_rows(report.statements.len()).length(), 0);

        let tree = twinspect::tree::tree(report);
        let columns = done(judge.tree());
        assert_eq!(get(&columns, "names").dyn_into::<Uint8Array>().unwrap().to_vec(), tree.names, "{}", pair.name);
        assert_eq!(get(&columns, "rows").dyn_into::<Int32Array>().unwrap().to_vec(), tree.rows, "{}", pair.name);
        assert_eq!(get(&columns, "sizes").dyn_into::<Float64Array>().unwrap().to_vec(), tree.sizes, "{}", pair.name);
        assert_eq!(get(&columns, "counts").dyn_into::<Uint32Array>().unwrap().to_vec(), tree.counts, "{}", pair.name);

        let overview: Value = serde_json::from_str(&done(judge.overview())).unwrap();
        assert_eq!(overview["verdict"], serde_json::to_value(report.verdict).unwrap(), "{}", pair.name);
        for line in overview["ledger"].as_array().unwrap() {
            let pass = line["pass"].as_str().unwrap();
            let count = usize::try_from(line["lines"].as_u64().unwrap()).unwrap();
            let lines = Array::from(&done(judge.ledger(pass, 0, usize::MAX)));
            assert_eq!(lines.length() as usize, count, "{} {pass}", pair.name);
            assert_eq!(report.ledger.iter().filter(|line| line.pass == pass).count(), count, "{} {pass}", pair.name);
        }
    }
}

#[wasm_bindgen_test]
fn a_row_that_does_not_exist_is_refused() {
    let mut judge = judge_pair(&golden("moved"));
    for row in [Some(1000), Some(u32::MAX)] {
        assert_eq!(refused(judge.row(row)), "There is no such row.");
        assert_eq!(refused(judge.detail(row, 0)), "There is no such row.");
        assert_eq!(refused(judge.bytes(row, true)), "There is no such row.");
        assert_eq!(refused(judge.bytes_window(row, false, false, 0.0, 1)), "There is no such row.");
        assert_eq!(refused(judge.text_window(row, 0, 0, 1, 0, 1)), "There is no such row.");
    }
    assert_eq!(refused(judge.text_window(None, 0, 0, 1, 0, 1)), "This pair is not compared as text.");
    // Numbers that JavaScript can send and no file has.
    for offset in [-1.0, f64::NAN, f64::INFINITY, 0.5] {
        done(judge.bytes_window(Some(0), false, false, offset, u32::MAX));
    }
    assert!(report(&mut judge) == blessed("moved"), "and it still answers");
}

#[wasm_bindgen_test]
fn a_bad_manifest_is_refused_with_a_sentence() {
    let archive = tar(&[file("a", b"1")]);
    let good = manifest(("a.tar", &archive));
    let judged =
        |left: &[u8]| Judge::new(left, "a.tar", blob(&archive), &good, "b.tar", blob(&archive), "{}").map(|_| ());
    done(judged(&good));
    for length in 0..good.len() {
        let said = refused(judged(&good[..length]));
        assert!(said.starts_with("The manifest cannot be read: ") && said.ends_with('.'), "{length}: {said}");
    }
    assert!(refused(judged(b"{\"schema\":1}")).starts_with("The manifest cannot be read: "));
    let other = manifest(("a.tar", &gzip(&archive)));
    assert_eq!(refused(judged(&other)), "a.tar changed while it was compared.");
}

#[wasm_bindgen_test]
fn bad_options_are_refused_with_a_sentence() {
    let archive = tar(&[file("a", b"1")]);
    let good = manifest(("a.tar", &archive));
    for (options, said) in [
        ("", "The options cannot be read: "),
        ("{", "The options cannot be read: "),
        ("{\"limits\":{\"no-such-limit\":1}}", "no-such-limit is not a limit, or its value is not a whole number."),
        ("{\"limits\":{\"depth\":-1}}", "depth is not a limit, or its value is not a whole number."),
        ("{\"limits\":{\"depth\":\"2\"}}", "depth is not a limit, or its value is not a whole number."),
    ] {
        let read = refused(read_artifact(blob(&archive), "a.tar", options, &silent()));
        assert!(read.starts_with(said) && read.ends_with('.'), "{options}: {read}");
        let judged = Judge::new(&good, "a.tar", blob(&archive), &good, "a.tar", blob(&archive), options);
        assert_eq!(refused(judged.map(|_| ())), read, "{options}");
    }
    // What concerns judging only, reading leaves to it.
    for wrong in ["{\"profile\":\"strict\"}", "{\"profile\":3}", "{\"disabled\":\"tar-time\"}", "{\"disabled\":[3]}"] {
        done(read_artifact(blob(&archive), "a.tar", wrong, &silent()));
        let judged = Judge::new(&good, "a.tar", blob(&archive), &good, "a.tar", blob(&archive), wrong);
        assert!(refused(judged.map(|_| ())).ends_with('.'), "{wrong}");
    }
    let unknown = "{\"disabled\":[\"no-such-pass\"]}";
    let judged = Judge::new(&good, "a.tar", blob(&archive), &good, "a.tar", blob(&archive), unknown);
    assert!(refused(judged.map(|_| ())).starts_with("There is no pass called no-such-pass"));
}

#[wasm_bindgen_test]
fn a_side_is_opened_as_a_reader_sees_it() {
    let pair = golden("two-views");
    let read = |options: &str| {
        let manifest = done(read_artifact(blob(&pair.right.1), pair.right.0, options, &silent())).to_vec();
        Reading::from_manifest(&manifest).unwrap()
    };
    let sizes = |reading: &Reading| reading.members(0).map(|(_, node)| node.size).collect::<Vec<u64>>();
    let (own, stream) = (read("{\"reader\":null}"), read("{\"reader\":\"java-zipstream\"}"));
    assert_eq!((sizes(&own), sizes(&stream)), (vec![24], vec![24, 29]));
    assert_eq!(stream.reader.as_deref(), Some("java-zipstream"));
    for wrong in ["{\"reader\":3}", "{\"reader\":\"nobody\"}", "{\"reader\":\"gnu-tar\"}"] {
        refused(read_artifact(blob(&pair.right.1), pair.right.0, wrong, &silent()));
    }
    assert!(readers().contains("\"java-zipstream\""));
}

#[wasm_bindgen_test]
fn limits_reach_the_engine() {
    let inner = tar(&[file("deep", b"1")]);
    let archive = tar(&[file("inner.tar", &inner)]);
    let read = done(read_artifact(blob(&archive), "a.tar", "{\"limits\":{\"depth\":0}}", &silent())).to_vec();
    let mut judge =
        done(Judge::new(&read, "a.tar", blob(&archive), &read, "a.tar", blob(&archive), "{\"profile\":\"none\"}"));
    let report: Report = serde_json::from_str(&report(&mut judge)).unwrap();
    assert!(report.problems.iter().any(|problem| problem.limit.as_deref() == Some("depth")), "{:?}", report.problems);
}

#[wasm_bindgen_test]
fn progress_is_told_and_a_failing_listener_does_no_harm() {
    let body = vec![b'x'; 9 << 20];
    let archive = tar(&[file("big", &body), file("small", b"1")]);
    let seen = Rc::new(RefCell::new(Vec::<(String, f64, f64, f64)>::new()));
    let notes = Rc::clone(&seen);
    let listen = Closure::<dyn FnMut(String, f64, f64, f64, f64, u32)>::new(
        move |phase: String, bytes: f64, total: f64, _decoded: f64, entries: f64, _levels: u32| {
            notes.borrow_mut().push((phase, bytes, total, entries));
        },
    );
    let heard = done(read_artifact(blob(&archive), "a.tar", "{}", listen.as_ref().unchecked_ref())).to_vec();
    let seen = seen.borrow();
    let length = archive.len() as f64;
    assert!(seen.len() >= 3, "{seen:?}");
    assert!(seen.iter().any(|(phase, ..)| phase == "hashing"), "{seen:?}");
    assert!(seen.iter().all(|(_, bytes, total, _)| bytes <= total && *total == length), "{seen:?}");
    assert!(seen.is_sorted_by(|a, b| a.1 <= b.1 && a.3 <= b.3), "it never goes back: {seen:?}");
    let last = seen.last().unwrap();
    assert_eq!((last.0.as_str(), last.1, last.3), ("opening", length, 2.0));

    let failing = Function::new_no_args("throw new Error('the page is gone')");
    assert!(done(read_artifact(blob(&archive), "a.tar", "{}", &failing)).to_vec() == heard);
}

#[wasm_bindgen_test]
fn an_empty_file_is_read_and_judged() {
    let mut judge = judge(("empty", b""), ("empty.zip", b""), "{}");
    let report: Report = serde_json::from_str(&report(&mut judge)).unwrap();
    assert_eq!(report.verdict, twinspect::report::Verdict::Identical);
    assert_eq!((report.sides.left.size, report.rows.len()), (0, 0));
}

#[wasm_bindgen_test]
fn every_pass_is_listed() {
    let list: Vec<Value> = serde_json::from_str(&passes()).unwrap();
    let ids: Vec<&str> = list.iter().map(|pass| pass["id"].as_str().unwrap()).collect();
    assert_eq!(ids, STABILIZERS.iter().map(|pass| pass.id).collect::<Vec<_>>());
    for name in ["rationale", "title", "scope"] {
        assert!(list.iter().all(|pass| pass[name].as_str().is_some_and(|text| !text.is_empty())), "{name}");
    }
    let upstream = list.iter().filter(|pass| pass["upstream"] == true).count();
    assert_eq!(upstream, STABILIZERS.iter().filter(|pass| pass.upstream).count());
}
