//! Envelopes and signatures; statements and their subjects.

use super::*;

/// What the check `signature` says of one envelope.
fn check(document: &str, keys: &[&str], expected: &str, reason: &str) {
    let said = one(document, keys, None);
    assert_eq!(results(&said, "signature"), [expected], "{}", reasons(&said, "signature"));
    assert!(reasons(&said, "signature").contains(reason), "{}", reasons(&said, "signature"));
}

#[test]
fn the_pinned_key_is_upstreams() {
    let keys = keys::Keys::built_in();
    assert_eq!(keys.keys.len(), 1);
    assert_eq!(keys.keys[0].ids, keys::OSS_REBUILD_IDS);
    assert_eq!(
        keys::fingerprints(),
        [
            // The hash that OSS Rebuild's key is known by.
            "845685a53d4e42683ccb8de3acbc1d8ba1913c4daaad034729fe1610818c0129",
            // The log id of rekor.sigstore.dev.
            "c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d",
        ]
    );
}

#[test]
fn a_signature_holds_only_under_its_key_and_over_its_bytes() {
    let text = statement("a", b"a");
    let signed = envelope(IN_TOTO, &text, &[(7, "")]);
    check(&signed, &[&pem(7)], "holds", "fits the ECDSA P-256 key of key.pem");
    check(&signed, &[&pem(8)], "fails", "does not fit the ECDSA P-256 key of key.pem");
    check(&signed, &[&pem(8), &pem(7)], "holds", "fits");
    check(&signed, &[], "not checked", "No key to check it with");
    let other = crate::base64::encode(statement("b", b"a").as_bytes());
    let altered = signed.replace(&crate::base64::encode(text.as_bytes()), &other);
    check(&altered, &[&pem(7)], "fails", "changed after it was signed");
    // The type is signed too.
    check(&signed.replace(IN_TOTO, STATEMENT), &[&pem(7)], "fails", "changed after it was signed");
}

#[test]
fn one_of_several_signatures_is_enough() {
    let text = statement("a", b"a");
    let both = envelope(IN_TOTO, &text, &[(8, ""), (7, "")]);
    check(&both, &[&pem(7)], "holds", "of 2 signatures the others fit no key");
    check(&both, &[&pem(7), &pem(8)], "holds", "fits the ECDSA P-256 key of key.pem and the ECDSA P-256 key");
    check(&both, &[&pem(9)], "fails", "does not fit");
    check(&envelope(IN_TOTO, &text, &[]), &[&pem(7)], "fails", "no signature in the envelope");
}

#[test]
fn a_signature_that_is_not_base64_is_named() {
    let signed = envelope(IN_TOTO, &statement("a", b"a"), &[(7, "")]).replace("\"sig\":\"", "\"sig\":\"?");
    let said = one(&signed, &[&pem(7)], None);
    assert_eq!(results(&said, "signature"), ["fails"]);
    assert!(said.problems[0].message.contains("Signature 1 cannot be read"), "{:?}", said.problems);
}

#[test]
fn a_name_of_a_key_that_is_not_at_hand_is_said() {
    let text = statement("a", b"a");
    let signed = envelope(IN_TOTO, &text, &[(7, "gcpkms://another")]);
    check(&signed, &[], "not checked", "names the key “gcpkms://another”");
    // A PEM file says no name: it is tried, as upstream does.
    check(&signed, &[&pem(7)], "holds", "fits");
    for id in keys::OSS_REBUILD_IDS {
        check(&envelope(IN_TOTO, &text, &[(7, id)]), &[], "fails", "does not fit OSS Rebuild's key");
    }
}

#[test]
fn npms_keys_are_found_by_their_names() {
    let body = pem(7).lines().nth(1).unwrap().to_owned();
    let key = format!(r#"{{"keyid":"SHA256:test","keytype":"ecdsa-sha2-nistp256","key":"{body}"}}"#);
    let keys = format!(r#"{{"keys":[{key}]}}"#);
    let text = statement("a", b"a");
    check(&envelope(IN_TOTO, &text, &[(7, "SHA256:test")]), &[&keys], "holds", "the key SHA256:test of key.pem");
    check(&envelope(IN_TOTO, &text, &[(7, "SHA256:other")]), &[&keys], "not checked", "SHA256:other");
    let bundle = |hint: &str| {
        let envelope = envelope(IN_TOTO, &text, &[(7, "")]);
        format!(
            r#"{{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.2","verificationMaterial":{{"publicKey":{{"hint":"{hint}"}},"tlogEntries":[]}},"dsseEnvelope":{envelope}}}"#
        )
    };
    check(&bundle("SHA256:test"), &[&keys], "holds", "the key SHA256:test");
    check(&bundle("SHA256:other"), &[&keys], "not checked", "SHA256:other");
    check(&bundle("SHA256:other"), &[], "not checked", "SHA256:other");
}

#[test]
fn a_private_key_is_refused_by_name() {
    let said = examined(
        &[],
        &["-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"],
        [None; 2],
        &no_stabilizer,
    );
    assert!(said[0].problems[0].message.starts_with("This is a private key"), "{:?}", said[0].problems);
    assert_eq!(outcome(&said), Outcome::Incomplete);
}

/// What the checks `subject` say about a statement with these subjects, of the files `a` (content `a`) and B.
fn subjects(list: &str, right: Option<(&str, &[u8])>, expected: &[&str], reason: &str) {
    let text = format!(r#"{{"_type":"{STATEMENT}","subject":[{list}],"predicateType":"p","predicate":null}}"#);
    let said =
        &examined(&[("doc.json", &envelope(IN_TOTO, &text, &[]))], &[], [Some(("a", b"a")), right], &no_stabilizer)[0];
    assert_eq!(results(said, "subject"), expected, "{list}");
    assert!(reasons(said, "subject").contains(reason), "{}", reasons(said, "subject"));
}

#[test]
fn a_file_is_a_subject_by_its_digest() {
    let (a, b) = (sha256(b"a"), sha256(b"b"));
    let of = |name: &str, digest: &str| format!(r#"{{"name":"{name}","digest":{{"sha256":"{digest}"}}}}"#);
    subjects(&of("a", &a), None, &["holds A"], "sha256 of A is that of “a”");
    subjects(&of("renamed", &a), None, &["holds A"], "“renamed”");
    subjects(&of("a", &b), None, &["fails A"], "A by its name, but not by its digest: sha256 is ca97");
    subjects(&of("c", &b), None, &["fails A"], "about other files");
    subjects(&of("a", &a), Some(("b", b"b")), &["holds A", "not checked B"], "says nothing about B");
    subjects(&of("a", &a), Some(("a", b"b")), &["holds A", "fails B"], "“a” is B by its name, but not by its digest");
    subjects("", None, &["fails A"], "about other files");
    let both = format!(r#"{{"name":"a","digest":{{"sha256":"{a}","sha512":"00"}}}}"#);
    subjects(&both, None, &["fails A"], "sha512 is 1f40");
    let weak = r#"{"name":"a","digest":{"sha1":"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"}}"#;
    subjects(weak, None, &["holds A"], "protects against accidents only");
    let unknown = r#"{"name":"a","digest":{"gitCommit":"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"}}"#;
    subjects(unknown, None, &["not checked A"], "no digest that can be computed here");
    let prefixed = format!(r#"{{"name":"a","digest":{{"sha256":"sha256:{a}"}}}}"#);
    subjects(&prefixed, None, &["holds A"], "“a”");
}

#[test]
fn a_package_url_is_the_name_of_its_tarball() {
    let named = |name: &str, file: &str| {
        let subject = statement::Subject { name: name.to_owned(), digests: Vec::new() };
        subject.is_called(file)
    };
    assert!(named("pkg:npm/lodash@4.17.21", "lodash-4.17.21.tgz"));
    assert!(named("pkg:npm/%40scope/name@1.0.0", "scope-name-1.0.0.tgz"));
    assert!(named("pkg:npm/%40scope/name@1.0.0", "name-1.0.0.tgz"));
    assert!(named("dist/a.whl", "a.whl"));
    assert!(!named("pkg:npm/lodash@4.17.21", "lodash-4.17.20.tgz"));
    assert!(!named("", "a"));
}

#[test]
fn a_payload_with_two_subjects_is_compared_with_nothing() {
    let list = format!(r#"[{{"name":"a","digest":{{"sha256":"{}"}}}}]"#, sha256(b"a"));
    for (first, second) in [("subject", "subject"), ("subject", "Subject")] {
        let text = format!(r#"{{"_type":"{STATEMENT}","{first}":{list},"{second}":{list},"predicateType":"p"}}"#);
        let said = one(&envelope(IN_TOTO, &text, &[(7, "")]), &[&pem(7)], Some(("a", b"a")));
        assert_eq!(results(&said, "signature"), ["holds"]);
        assert_eq!(results(&said, "statement"), ["fails"]);
        assert_eq!(results(&said, "subject"), ["not checked"]);
        assert!(
            said.problems.iter().any(|problem| problem.decoded && problem.offset == Some(0)),
            "{:?}",
            said.problems
        );
    }
}

#[test]
fn an_envelope_with_two_payloads_is_said_to_be_ambiguous() {
    let signed = envelope(IN_TOTO, &statement("a", b"a"), &[(7, "")]);
    let doubled = signed.replacen('{', r#"{"payload":"e30=","#, 1);
    let said = one(&doubled, &[&pem(7)], None);
    assert_eq!(results(&said, "readable"), ["fails"]);
    assert!(reasons(&said, "readable").contains("the key “payload” occurs twice"));
}

#[test]
fn a_statement_that_nobody_signed_says_so() {
    let said = one(&statement("a", b"a"), &[], Some(("a", b"a")));
    assert_eq!(
        (results(&said, "signature"), results(&said, "subject")),
        (vec!["not checked".into()], vec!["holds A".into()])
    );
    assert_eq!(said.kind, "in-toto");
}

#[test]
fn a_payload_of_another_type_is_not_taken_for_a_statement() {
    let said = one(&envelope("text/plain", &statement("a", b"a"), &[(7, "")]), &[&pem(7)], Some(("a", b"a")));
    assert_eq!(results(&said, "signature"), ["holds"]);
    assert_eq!((results(&said, "statement"), results(&said, "subject").len()), (vec!["not checked".into()], 0));
}

#[test]
fn texts_of_a_document_are_escaped_wherever_they_stand() {
    let text = statement("a\\u202eb\\u001b[31m", b"a").replace("example.org", "\\u0007.example");
    let signed = envelope(IN_TOTO, &text, &[(7, "\\u202e")]);
    let said = serde_json::to_string(&one(&signed, &[], Some(("a", b"x")))).unwrap();
    let hidden = |character: &char| display::is_hidden(*character);
    assert!(said.contains("u{202e}") && !said.chars().any(|character| hidden(&character)), "{said}");
    // JSON would hide what is not escaped.
    assert!(!said.contains("\\u00"), "{said}");
}

#[test]
fn every_field_of_a_predicate_is_shown_but_not_a_million() {
    let said = one(&envelope(IN_TOTO, &statement("a", b"a"), &[]), &[], None);
    assert!(
        said.parts[0].fields.contains(&("predicate.a[0]".to_owned(), "1".to_owned())),
        "{:?}",
        said.parts[0].fields
    );
    let many = statement("a", b"a").replace("[1]", &format!("[0{}]", ",0".repeat(5_000)));
    let fields = &one(&envelope(IN_TOTO, &many, &[]), &[], None).parts[0].fields;
    assert_eq!((fields.len(), fields.last().unwrap().1.as_str()), (401, "4603 more fields not shown"));
}
