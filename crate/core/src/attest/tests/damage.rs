//! Documents that are hostile or damaged: a clear line, and an end.

use super::*;

/// The reason of the one line that says that a document cannot be read.
fn unreadable(text: &str) -> String {
    let said = one(text, &[&pem(7)], Some(("a", b"a")));
    assert!(said.checks.iter().all(|check| check.result != CheckResult::Holds), "{:?}", said.checks);
    assert!(!said.problems.is_empty());
    said.checks.iter().find(|check| check.result == CheckResult::Fails).unwrap().reason.clone()
}

#[test]
fn each_kind_of_damage_is_named() {
    let signed = |payload: &str| envelope(IN_TOTO, payload, &[]);
    assert!(unreadable("{\"payloadType\":\"x\"}").contains("“payload” is missing"));
    assert!(
        unreadable("{\"payloadType\":\"x\",\"payload\":\"e3 0\",\"signatures\":[]}").contains("not base64 (byte 2)")
    );
    assert!(unreadable("{\"payloadType\":\"x\",\"payload\":\"e30=\"}").contains("“signatures” is missing"));
    assert!(unreadable(&"[".repeat(3_000_000)).contains("inside one another"));
    assert!(unreadable(&format!("{{\"payload\":{}", "{\"a\":".repeat(1_000_000))).contains("inside one another"));
    assert!(unreadable("{\"payloadType\":\"\u{1}\"}").contains("control character"));
    assert!(
        unreadable(&format!("{{\"payload\":\"{}", "A".repeat(5_000_000)))
            .contains("ends inside a string (byte 5000012)")
    );
    assert!(unreadable(&format!("[{}0]", "0,".repeat(1_100_000))).contains("ore than 1000000 values"));
    let payload = |text: &str| {
        let said = one(&signed(text), &[], Some(("a", b"a")));
        assert!(said.problems.iter().any(|problem| problem.decoded && problem.unread), "{:?}", said.problems);
        reasons(&said, "statement")
    };
    assert!(payload("").contains("The text ends where a value should be"));
    assert!(payload("{}").contains("“_type” is missing"));
    assert!(payload("[1]").contains("“_type” is missing"));
    assert!(payload("{\"_type\":1}").contains("“_type” is missing"));
    assert!(payload(&"[".repeat(1_000)).contains("inside one another"));
    assert!(
        payload(&statement("a", b"a").replace("\"subject\":[", "\"subject\":5,\"x\":["))
            .contains("“subject” is missing")
    );
}

#[test]
fn bytes_that_are_not_text_are_named_with_their_place() {
    let bytes = b"{\"payloadType\":\"\xff\",\"payload\":\"\",\"signatures\":[]}";
    let document = Document { name: "x", bytes };
    let said = &examine(&[document], &[], &Sides { left: None, right: None })[0];
    assert!(reasons(said, "readable").contains("This is not UTF-8 (byte 16)"), "{}", reasons(said, "readable"));
}

#[test]
fn a_statement_about_thousands_of_files_is_compared_with_all_and_lists_some() {
    let subject = |name: usize, digest: &str| format!(r#"{{"name":"f{name}","digest":{{"sha256":"{digest}"}}}}"#);
    let none = "0".repeat(64);
    let mut list: Vec<String> = (0..20_000).map(|name| subject(name, &none)).collect();
    list.push(subject(20_000, &sha256(b"a")));
    let text =
        format!(r#"{{"_type":"{STATEMENT}","subject":[{}],"predicateType":"p","predicate":{{}}}}"#, list.join(","));
    let said = one(&envelope(IN_TOTO, &text, &[(7, "")]), &[&pem(7)], Some(("a", b"a")));
    assert_eq!(
        (results(&said, "signature"), results(&said, "subject")),
        (vec!["holds".into()], vec!["holds A".into()])
    );
    assert!(reasons(&said, "subject").contains("“f20000”"));
    assert_eq!(said.parts[0].claims.len(), 101);
    assert_eq!(said.parts[0].claims[100].sentence, "The same of 19901 more files.");
}

#[test]
fn more_statements_and_problems_than_can_be_shown_are_counted() {
    let said = one(&"{}\n".repeat(3_000), &[], None);
    assert_eq!(said.parts.len(), 1_000);
    assert_eq!(said.problems.len(), 101);
    assert_eq!(said.problems[100].message, "There are 901 problems more.");
}

#[test]
fn more_signatures_than_are_tried_are_not_said_to_fail() {
    let text = statement("a", b"a");
    let many = envelope(IN_TOTO, &text, &[(7, "")]);
    let start = many.find("{\"keyid\"").unwrap();
    let end = many.rfind("]}").unwrap();
    let bad = vec![r#"{"keyid":"","sig":"MAYCAQECAQE="}"#; 99].join(",");
    let line = format!("{}{bad},{}", &many[..start], &many[start..end]) + "]}";
    let said = one(&format!("{line}\n").repeat(40), &[&pem(7)], None);
    let results = results(&said, "signature");
    assert_eq!((results[0].as_str(), results[39].as_str()), ("holds", "not checked"));
    assert!(!results.contains(&"fails".to_owned()));
}

/// Any bit of a bundle may be wrong: nothing stops, and nothing holds that did not hold before.
#[test]
fn every_flip_is_survived() {
    let bundle = format!("{}\n{}  a", envelope(IN_TOTO, &statement("a", b"a"), &[(7, "")]), sha256(b"a"));
    let holds = |said: &[Attestation]| {
        said.iter().flat_map(|said| &said.checks).filter(|check| check.result == CheckResult::Holds).count()
    };
    let artifact = Artifact::new("a", b"a".to_vec());
    let run = |bytes: &[u8]| {
        let left = Some(Subject { artifact: &artifact, stabilized: &no_stabilizer });
        let key = pem(7);
        let keys = [Document { name: "key.pem", bytes: key.as_bytes() }];
        examine(&[Document { name: "x", bytes }], &keys, &Sides { left, right: None })
    };
    let before = holds(&run(bundle.as_bytes()));
    assert_eq!(before, 2);
    for position in 0..bundle.len() {
        for bit in [0, 5, 7] {
            let mut bytes = bundle.clone().into_bytes();
            bytes[position] ^= 1 << bit;
            let said = run(&bytes);
            assert!(holds(&said) <= before, "byte {position}, bit {bit}: {said:?}");
            recognise("x", &bytes);
        }
    }
    for length in 0..bundle.len() {
        run(&bundle.as_bytes()[..length]);
    }
}
