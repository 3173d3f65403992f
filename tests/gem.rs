//! Pairs of gems: what OSS Rebuild says of them, and what the standard profile says.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use sha2::{Digest as _, Sha256};
use twinspect::report::Verdict::{self, Different, Equivalent};
use twinspect::stabilize::Profile;
use twinspect_tests::{Member, compare, file, gzip, gzip_with, tar};

/// As RubyGems 3 writes it, and shorter.
const METADATA: &str = "--- !ruby/object:Gem::Specification
name: demo
version: !ruby/object:Gem::Version
  version: 1.2.3
autorequire:
cert_chain: []
date: 2026-05-15 00:00:00.000000000 Z
dependencies:
- !ruby/object:Gem::Dependency
  name: rake
  requirement: !ruby/object:Gem::Requirement
    requirements:
    - - \">=\"
      - !ruby/object:Gem::Version
        version: '13.0'
  type: :runtime
rubygems_version: 3.3.15
";

fn data(content: &[u8]) -> Vec<u8> {
    gzip(&tar(&[file("lib/demo.rb", content)]))
}

/// A gem with checksums of what is in it.
fn gem(metadata: &[u8], data: &[u8], more: &[Member<'_>]) -> Vec<u8> {
    let hex = |bytes: &[u8]| -> String { Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect() };
    let sums = format!("---\nSHA256:\n  metadata.gz: {}\n  data.tar.gz: {}\n", hex(metadata), hex(data));
    let sums = gzip(sums.as_bytes());
    let mut members = vec![file("metadata.gz", metadata), file("data.tar.gz", data), file("checksums.yaml.gz", &sums)];
    members.extend_from_slice(more);
    tar(&members)
}

fn check(name: &str, left: &[u8], right: &[u8], upstream: Verdict, standard: Verdict) {
    for (profile, expected) in [(Profile::OssRebuild, upstream), (Profile::Standard, standard)] {
        let comparison = compare(("a.gem", left), ("a.gem", right), profile);
        assert_eq!(comparison.report().verdict, expected, "{name}: {profile:?} {:?}", comparison.report().statements);
    }
}

/// Two gems that differ in their metadata alone.
fn check_metadata(right: &str, upstream: Verdict, standard: Verdict) {
    let of = |text: &str| gem(&gzip(text.as_bytes()), &data(b"1"), &[]);
    check(right, &of(METADATA), &of(right), upstream, standard);
}

/// The passes that account for the metadata in the standard profile.
fn causes(right: &str) -> Vec<String> {
    let of = |text: &str| gem(&gzip(text.as_bytes()), &data(b"1"), &[]);
    let comparison = compare(("a.gem", &of(METADATA)), ("a.gem", &of(right)), Profile::Standard);
    let row = comparison.report().rows.iter().find(|row| row.path == "metadata.gz").unwrap();
    row.causes.clone()
}

#[test]
fn when_and_by_what_the_metadata_was_written_does_not_count() {
    check_metadata(&METADATA.replace("2026-05-15", "2013-01-01"), Equivalent, Equivalent);
    check_metadata(
        &METADATA.replace("2026-05-15 00:00:00.000000000 Z", "2010-05-10 00:00:00 -04:00"),
        Equivalent,
        Equivalent,
    );
    check_metadata(&METADATA.replace("3.3.15", "1.3.7"), Equivalent, Equivalent);
    check_metadata(&METADATA.replace("autorequire:\n", "autorequire: \n"), Equivalent, Equivalent);
    check_metadata(&METADATA.replace("\">=\"", "'>='").replace("'13.0'", "\"13.0\""), Equivalent, Equivalent);
    check_metadata(
        &METADATA.replace("- - ", "-   - ").replace("      - !", "        - !").replace("        v", "          v"),
        Equivalent,
        Equivalent,
    );
    check_metadata(&METADATA.replace('\n', "\r\n"), Equivalent, Different);
    check_metadata(&METADATA.replace("2026-05-15", "whenever"), Equivalent, Different);
    check_metadata(&METADATA.replace("name: demo", "name: demo # c"), Different, Different);
}

#[test]
fn what_the_metadata_says_counts() {
    check_metadata(&METADATA.replace("name: demo", "name: demon"), Different, Different);
    check_metadata(&METADATA.replace("'13.0'", "13.0"), Different, Different);
    check_metadata(&METADATA.replace("1.2.3", "'1.2.3'"), Equivalent, Equivalent);
    check_metadata(&METADATA.replace(":runtime", "':runtime'"), Equivalent, Different);
    check_metadata(&METADATA.replace("name: demo\n", "name: demo\nname: demo\n"), Different, Different);
    check_metadata(&METADATA.replace("name: demo", "name: &a demo"), Different, Different);
    check_metadata(&METADATA.replace("cert_chain: []", "cert_chain:\n- |\n  CERT"), Equivalent, Different);
    check_metadata(&format!("{METADATA}---\nmore: here\n"), Equivalent, Different);
}

#[test]
fn the_pass_that_made_metadata_equal_is_the_one_named() {
    assert!(causes(&METADATA.replace("2026-05-15", "2013-01-01")).contains(&"gem-metadata-date".into()));
    assert!(causes(&METADATA.replace("3.3.15", "3.4.0")).contains(&"gem-metadata-rubygems-version".into()));
    assert!(causes(&METADATA.replace("'13.0'", "\"13.0\"")).contains(&"gem-metadata-yaml-normalize".into()));
}

#[test]
fn signatures_count_in_standard_only() {
    let metadata = gzip(METADATA.as_bytes());
    let plain = gem(&metadata, &data(b"1"), &[]);
    let signed = gem(&metadata, &data(b"1"), &[file("metadata.gz.sig", b"s"), file("data.tar.gz.sig", b"s")]);
    check("signed", &plain, &signed, Equivalent, Different);
}

#[test]
fn how_the_archives_inside_were_packed_does_not_count() {
    let metadata = gzip(METADATA.as_bytes());
    let one = gem(&metadata, &data(b"1"), &[]);
    let times = gzip_with(&tar(&[file("lib/demo.rb", b"1").mtime(7).mode(0o600)]), 7, 1, Some("data.tar"));
    check("times", &one, &gem(&gzip_with(METADATA.as_bytes(), 7, 1, None), &times, &[]), Equivalent, Equivalent);
    check("a byte of the library", &one, &gem(&metadata, &data(b"2"), &[]), Different, Different);
    let (data, sums) = (data(b"1"), gzip(b"SHA256: {}\n"));
    let wrong = tar(&[file("metadata.gz", &metadata), file("data.tar.gz", &data), file("checksums.yaml.gz", &sums)]);
    check("wrong checksums", &one, &wrong, Equivalent, Different);
    let trailing = [metadata.clone(), vec![0; 8]].concat();
    check("upstream cannot read it", &one, &gem(&trailing, &data, &[]), Different, Equivalent);
}
