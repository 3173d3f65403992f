//! Views of whole readings, and archives opened as a reader sees them.

use super::zip::tests::{archive, entry, hidden, plainly};
use crate::artifact::{Artifact, Sides};
use crate::comparison::{Comparison, Options};
use crate::entry::Severity;
use crate::limits::Limits;
use crate::read::{read, read_as};
use crate::reading::{Disagreement, Ending, Reading};
use crate::report::Verdict;

fn artifact(bytes: Vec<u8>) -> Artifact {
    Artifact::new("a.zip", bytes)
}

fn paths(reading: &Reading) -> Vec<String> {
    reading.members(0).map(|(_, node)| String::from_utf8_lossy(&node.path).into_owned()).collect()
}

/// One member in the directory, another one that only streams find.
fn ambiguous() -> Vec<u8> {
    plainly(&[entry("a", "one"), hidden("b", "two")])
}

#[test]
fn an_ordinary_archive_has_no_views() {
    let reading = read(&artifact(plainly(&[entry("a", "one")])), &Limits::default(), &mut |_| {}).unwrap();
    assert!(reading.views.is_empty() && reading.findings.is_empty());
}

#[test]
fn readers_that_see_the_same_are_one_group() {
    let reading = read(&artifact(ambiguous()), &Limits::default(), &mut |_| {}).unwrap();
    let [views] = reading.views.as_slice() else { panic!("{:?}", reading.views) };
    assert_eq!(views.disagree, Disagreement::Part);
    let of = |id: &str| views.groups.iter().position(|group| group.readers.iter().any(|reader| reader.reader == id));
    assert_eq!(of("unzip"), of("py-zipfile"));
    assert_eq!(of("java-zipstream"), of("bsdtar-zip-stream"));
    assert_ne!(of("unzip"), of("java-zipstream"));
    let [seen] = views.seen.as_slice() else { panic!("{:?}", views.seen) };
    assert_eq!(seen.path, b"b");
    let sizes: Vec<_> = seen.by.iter().map(|sight| sight.as_ref().map(|sight| sight.size)).collect();
    assert_eq!((sizes[of("unzip").unwrap()], sizes[of("java-zipstream").unwrap()]), (None, Some(3)));
}

#[test]
fn readers_that_see_nothing_and_say_so_are_the_last_group() {
    let bytes = archive(b"#!/bin/sh\n", &[entry("a", "one"), hidden("b", "two")], |_| {}, b"");
    let reading = read(&artifact(bytes), &Limits::default(), &mut |_| {}).unwrap();
    let last = reading.views[0].groups.last().unwrap();
    assert_eq!(last.members, 0);
    assert!(last.readers.iter().any(|reader| reader.reader == "7zz" && reader.ending != Ending::Whole));
}

#[test]
fn the_same_contents_under_other_names_are_a_note() {
    let bytes = plainly(&[entry("\u{e9}", "one")]);
    let reading = read(&artifact(bytes), &Limits::default(), &mut |_| {}).unwrap();
    assert_eq!(reading.views[0].disagree, Disagreement::Names);
    assert!(reading.findings.iter().all(|finding| finding.severity != Severity::Conflict), "{:?}", reading.findings);
}

#[test]
fn an_archive_opens_as_a_reader_sees_it() {
    let artifact = artifact(ambiguous());
    let open = |reader| read_as(&artifact, &Limits::default(), reader, &mut |_| {});
    assert_eq!(paths(&open(Some("java-zipstream")).unwrap()), ["a", "b"]);
    let central = open(Some("java-zipfile")).unwrap();
    assert_eq!((paths(&central), central.reader.as_deref()), (vec!["a".to_owned()], Some("java-zipfile")));
    assert!(open(Some("nobody")).unwrap_err().message.contains("java-zipstream"));
    let text = Artifact::new("a.txt", b"text".to_vec());
    assert!(read_as(&text, &Limits::default(), Some("7zz"), &mut |_| {}).unwrap().members(0).next().is_none());
}

#[test]
fn what_a_reader_sees_travels_in_the_manifest() {
    let reading = read(&artifact(ambiguous()), &Limits::default(), &mut |_| {}).unwrap();
    assert_eq!(Reading::from_manifest(&reading.to_manifest().unwrap()).unwrap(), reading);
}

#[test]
fn one_file_with_two_contents_is_not_identical() {
    let verdict = |left, right| {
        let artifacts = Sides { left: artifact(ambiguous()), right: artifact(ambiguous()) };
        let open = |artifact, reader| read_as(artifact, &Limits::default(), Some(reader), &mut |_| {}).unwrap();
        let readings = Sides { left: open(&artifacts.left, left), right: open(&artifacts.right, right) };
        let mut comparison = Comparison::new(artifacts, readings, Options::default()).unwrap();
        comparison.complete();
        comparison.report().verdict
    };
    assert_eq!(verdict("unzip", "java-zipstream"), Verdict::Different);
    assert_eq!(verdict("unzip", "unzip"), Verdict::Identical);
    assert_eq!(verdict("unzip", "py-zipfile"), Verdict::Identical);
}
