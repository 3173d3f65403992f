//! Which documents are recognised, and how they are read.

use super::*;

fn check(name: &str, text: &str, expected: Option<Kind>) {
    assert_eq!(recognise(name, text.as_bytes()), expected, "{name}: {text}");
}

#[test]
fn attestations_are_recognised_by_more_than_one_mark() {
    let signed = envelope(IN_TOTO, &statement("a", b"a"), &[(7, "")]);
    check("x", &signed, Some(Kind::Envelopes));
    check("x", &format!("\u{feff} \n{signed}"), Some(Kind::Envelopes));
    check("x", &statement("a", b"a"), Some(Kind::Statement));
    check("x", r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}"#, Some(Kind::Sigstore));
    check("x", r#"{"verificationMaterial":{},"dsseEnvelope":{}}"#, Some(Kind::Sigstore));
    check(
        "x",
        r#"{"attestations":[{"predicateType":"p","bundle":{"verificationMaterial":{}}}]}"#,
        Some(Kind::Sigstore),
    );
    check("x", r#"[{"bundle":{"verificationMaterial":{}}}]"#, Some(Kind::Sigstore));
    check("x", r#"{"base64Signature":"AA==","cert":"AA==","rekorBundle":{}}"#, Some(Kind::Sigstore));
    check("x", r#"{"version":1,"attestation_bundles":[]}"#, Some(Kind::Pep740));
    check("x", r#"{"version":1,"verification_material":{},"envelope":{}}"#, Some(Kind::Pep740));
    check("x", r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#, Some(Kind::Key));
    check("x", r#"{"keys":[{"keyid":"a","key":"AA=="}]}"#, Some(Kind::Key));
    check("x", &pem(7), Some(Kind::Key));
    check("x", "-----BEGIN CERTIFICATE-----\n", None);
    check("x", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", Some(Kind::Key));
    check("x.crt", "Certificate:\n-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", Some(Kind::Key));
    check(
        "dist.json",
        r#"{"integrity":"sha512-AA==","shasum":"00","tarball":"https://x/a.tgz"}"#,
        Some(Kind::Checksums),
    );
    check("x.jsonl", &format!("garbage{signed}\n{signed}"), None);
    check("x.jsonl", &format!("{{garbage}}\n{signed}"), Some(Kind::Envelopes));
}

#[test]
fn what_only_looks_alike_is_an_artifact() {
    check("package.json", r#"{"name":"a","version":"1.0.0","dist":{"attestations":{}}}"#, None);
    check("package-lock.json", r#"{"name":"a","packages":{"x":{"integrity":"sha512-AA=="}}}"#, None);
    check("x.json", r#"{"payload":"eyJ","type":"message"}"#, None);
    check("x.json", r#"{"name":"x","integrity":"sha512-AA==","tarball":"x"}"#, None);
    check("jwks.json", r#"{"keys":[{"kty":"EC","kid":"a","keyid":"b"}]}"#, None);
    check("x.json", r#"{"_type":"layout"}"#, None);
    check("x.json", r#"{"attestations":[1,2]}"#, None);
    check("x.json", r#"{"attestations":[],"other":{"verificationMaterial":1}}"#, None);
    check("x.json", r#"{"envelope":{"payloadType":"x","payload":"e30=","signatures":[]}}"#, None);
    check("x.json", "[]", None);
    check("x.json", "{}", None);
    check("x", "", None);
    check("x.asc", "-----BEGIN PGP PUBLIC KEY BLOCK-----\nAA==\n-----END PGP PUBLIC KEY BLOCK-----\n", None);
    check("x.txt", "see\n-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n", None);
    check("HEAD", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8\n", None);
    check("packed-refs", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8 refs/heads/main\n", None);
    check("table.csv", "name,a=b,3\n", None);
    check("table.csv", "a,,\nb,,\n", None);
    check("x.txt", "word\n", None);
    assert_eq!(recognise("a.tgz", b"\x1f\x8b\x08\x00{\"payloadType\":\"x\",\"payload\":\"\"}"), None);
    assert_eq!(recognise("a.zip", b"PK\x03\x04"), None);
    assert_eq!(recognise("SHA256SUMS", b"\xff\xfe\n"), None);
}

#[test]
fn the_beginning_of_a_long_bundle_is_enough() {
    let long =
        crate::base64::encode(statement("a", b"a").replace("[1]", &format!("[{}1]", "1,".repeat(100_000))).as_bytes());
    for text in [
        format!(r#"{{"payload":"{long}","payloadType":"{IN_TOTO}","signatures":[]}}"#),
        format!(r#"{{"payloadType":"{IN_TOTO}","payload":"{long}","signatures":[]}}"#),
    ] {
        assert_eq!(recognise("x", &text.as_bytes()[..HEAD]), Some(Kind::Envelopes));
        assert_eq!(recognise("x", text.as_bytes()), Some(Kind::Envelopes));
    }
    let bundle = format!(r#"{{"dsseEnvelope":{{"payload":"{long}"}},"verificationMaterial":{{}}}}"#);
    assert_eq!(recognise("x", bundle.as_bytes()), Some(Kind::Sigstore));
    let list = format!("{}  a\n", sha256(b"a")).repeat(2_000);
    assert_eq!(recognise("SHA256SUMS", &list.as_bytes()[..HEAD]), Some(Kind::Checksums));
    assert_eq!(recognise("x.json", format!("{{\"payload\":\"{}\"}}", "A".repeat(HEAD)).as_bytes()), None);
}

#[test]
fn a_file_is_read_whole_only_if_it_is_recognised() {
    let list = format!("{}  a\n", sha256(b"a")).repeat(2_000);
    let loaded = load(&Artifact::new("SHA256SUMS", list.clone().into_bytes())).unwrap();
    assert_eq!(loaded, Some((Kind::Checksums, list.into_bytes())));
    assert_eq!(load(&Artifact::new("a.tgz", vec![0x1f; 100_000])).unwrap(), None);
    assert_eq!(load(&Artifact::new("empty", Vec::new())).unwrap(), None);
    let huge = format!("{}  a\n", sha256(b"a")).repeat(1_100_000);
    assert!(load(&Artifact::new("SHA256SUMS", huge.into_bytes())).unwrap_err().message.contains("more than 67108864"));
}

/// The titles of the statements in a document, and the lines they begin in.
fn parts(text: &str) -> Vec<(String, u64)> {
    one(text, &[], None).parts.into_iter().map(|part| (part.title, part.line)).collect()
}

#[test]
fn statements_follow_one_another_on_lines_of_their_own_or_not() {
    let signed = envelope(IN_TOTO, &statement("a", b"a"), &[]);
    let title = |line| ("Statement of the type https://example.org/p".to_owned(), line);
    let broken = |line| ("Cannot be read".to_owned(), line);
    assert_eq!(parts(&format!("{signed}\n\n{signed}\n")), [title(1), title(3)]);
    assert_eq!(parts(&format!("{signed}{signed}")), [title(1), title(1)]);
    assert_eq!(parts(&signed.replace(',', ",\n ")), [title(1)]);
    assert_eq!(parts(&format!("[{signed},\n{signed}]")), [title(1), title(1)]);
    for bad in [
        "garbage",
        "{\"payload\":",
        "{\"payload\":\"\n",
        "{}",
        "{\"payloadType\":\"x\",\"payload\":\"!\",\"signatures\":[]}",
    ] {
        let found = parts(&format!("{signed}\n{bad}\n{signed}"));
        assert_eq!(found.first(), Some(&title(1)), "{bad}");
        assert_eq!(found.get(1), Some(&broken(2)), "{bad}");
        assert_eq!(found.last().unwrap().0, title(0).0, "{bad}");
    }
    assert_eq!(parts("{\n  \"payloadType\": \"x\"\n"), [broken(1)]);
    assert_eq!(parts(""), [broken(1)]);
}

#[test]
fn lists_of_bundles_say_what_is_in_them() {
    let bundle = format!(
        r#"{{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.2","verificationMaterial":{{"publicKey":{{"hint":"x"}}}},"dsseEnvelope":{}}}"#,
        envelope(IN_TOTO, &statement("a", b"a"), &[(7, "")])
    );
    let list = |kind: &str| format!(r#"{{"attestations":[{{"predicateType":"{kind}","bundle":{bundle}}}]}}"#);
    let said = one(&list("https://example.org/p"), &[&pem(7)], Some(("a", b"a")));
    assert_eq!(results(&said, "predicate-type"), ["holds"]);
    assert_eq!(
        (results(&said, "signature"), results(&said, "subject")),
        (vec!["holds".into()], vec!["holds A".into()])
    );
    assert_eq!(results(&one(&list("https://example.org/q"), &[], None), "predicate-type"), ["fails"]);
}

/// Results of the checks `subject` of a list called `name`, with the file `a` (content `a`) as A.
fn list(name: &str, text: &str, expected: &[&str], reason: &str) {
    assert_eq!(recognise(name, text.as_bytes()), Some(Kind::Checksums), "{text}");
    let said = &examined(&[(name, text)], &[], [Some(("a", b"a")), None], &no_stabilizer)[0];
    assert_eq!(results(said, "subject"), expected, "{text}");
    assert!(reasons(said, "subject").contains(reason), "{}", reasons(said, "subject"));
    assert_eq!(results(said, "signature"), ["not checked"]);
}

#[test]
fn checksums_in_every_style() {
    let (a, b) = (sha256(b"a"), sha256(b"b"));
    let (sha1, md5) = ("86f7e437faa5a7fce15d1ddcb9eaeaea377667b8", "0cc175b9c0f1b6a831c399e269772661");
    let named = "is the one listed";
    list("SHA256SUMS", &format!("{a}  a\n{b}  b\n"), &["holds A"], named);
    list("SHA256SUMS", &format!("{b}  b\r\n{a} *./a\r\n"), &["holds A"], named);
    list("SHA256SUMS", &format!("{}  dist/a\n", a.to_uppercase()), &["holds A"], named);
    list("SHA256SUMS", &format!("# comment\n\n\\{a}  a\n"), &["holds A"], named);
    list("SHA256SUMS", &format!("{a}  x,y=z,1\n"), &["holds A"], "as “x,y=z,1”");
    list("CHECKSUMS", &format!("SHA256 (a) = {a}\nMD5 (a) = {md5}\n"), &["holds A"], "sha256 and md5");
    list("CHECKSUMS", &format!("SHA2-256(a)= {a}\n"), &["holds A"], named);
    list("a.sha256", &format!("{a}\n"), &["holds A"], named);
    list("a.sha256", &format!("{a} a\n"), &["holds A"], named);
    list("other.sha256", &a, &["holds A"], "not listed by its name, but its digest is: as “other”");
    list("a.md5", md5, &["holds A"], "accidents only");
    list("sha1sums", &format!("{sha1}  a\n"), &["holds A"], "accidents only");
    list(
        "RECORD",
        "a,sha256=ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs,1\nx.dist-info/RECORD,,\n",
        &["holds A"],
        named,
    );
    list(
        "RECORD",
        "b,sha256=PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0,1\n",
        &["not checked A"],
        "members of a wheel",
    );
    list("integrity", "sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=\n", &["holds A"], named);
    list("dist.json", &format!(r#"{{"shasum":"{sha1}","tarball":"https://r/a/-/a"}}"#), &["holds A"], "sha1 of A");
    let signed = format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{a}  a\n-----BEGIN PGP SIGNATURE-----\n\nAA==\n-----END PGP SIGNATURE-----\n"
    );
    list("SHA256SUMS.asc", &signed, &["holds A"], named);
}

#[test]
fn checksums_that_are_not_right() {
    let (a, b) = (sha256(b"a"), sha256(b"b"));
    list("SHA256SUMS", &format!("{b}  a\n"), &["fails A"], "A is listed, with another digest: sha256 is ca97");
    // The name counts before the digest: `a` may not hide behind `b`.
    list("SHA256SUMS", &format!("{b}  a\n{a}  b\n"), &["fails A"], "with another digest");
    list("CHECKSUMS", &format!("SHA256 (a) = {a}\nMD5 (a) = {}\n", "0".repeat(32)), &["fails A"], "md5 is 0cc1");
    list("SHA256SUMS", &format!("{b}  b\n"), &["fails A"], "Neither name nor digest of A");
    list("a.sha256", &b, &["fails A"], "with another digest");
    let two = [Some(("a", &b"a"[..])), Some(("c", &b"c"[..]))];
    let said = &examined(&[("SHA256SUMS", &format!("{a}  a\nnonsense\n"))], &[], two, &no_stabilizer)[0];
    assert_eq!(said.kind, "unknown", "a list with a line that is none is not recognised");
    let text = format!("{a}  a\n").repeat(1_000) + "nonsense\n";
    let said = &examined(&[("SHA256SUMS", &text)], &[], two, &no_stabilizer)[0];
    assert_eq!(results(said, "subject"), ["holds A", "not checked B"]);
    assert_eq!(
        (said.problems[0].line, said.problems[0].message.as_str()),
        (1001, "This line is not a digest and a name.")
    );
}
