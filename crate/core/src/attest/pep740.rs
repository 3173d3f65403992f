//! PEP 740: what PyPI keeps beside a file. A provenance object holds bundles of attestations, each with the publisher
//! that PyPI saw; an attestation may also come alone.

use super::certificate::Certificate;
use super::document::{Content, Part};
use super::dsse::{Envelope, IN_TOTO, Signature};
use super::keys::bytes_at;
use super::sigstore::Material;
use super::table::{fails, holds, short, unchecked};
use crate::error::Fault;
use crate::json::Json;
use crate::report::attestation::CheckResult;

/// Reads a provenance object (version 1).
pub(super) fn read_provenance(json: &Json) -> Vec<Part> {
    let version = json.get("version").and_then(Json::whole);
    let mut parts = Vec::new();
    for bundle in json.list_at(&["attestation_bundles"]) {
        for attestation in bundle.list_at(&["attestations"]) {
            let mut part = read(attestation);
            part.publisher = bundle.get("publisher").cloned();
            parts.push(part);
        }
    }
    if parts.is_empty() {
        parts.push(Part::of(Content::Broken(Fault::new("there is no attestation in it"))));
    }
    if version != Some(1)
        && let Some(part) = parts.first_mut()
    {
        part.problems.push("the provenance object is not of version 1; it was read as if it were".to_owned());
    }
    parts
}

/// Reads one attestation: certificate and log entries, and an envelope with the statement and one signature over it.
pub(super) fn read(json: &Json) -> Part {
    let mut material = Material::default();
    let stated = json.get("verification_material");
    material.add_certificate(
        stated.ok_or("it is missing".to_owned()).and_then(|stated| bytes_at(stated, &["certificate"])),
    );
    material.add_entries(stated.map(|stated| stated.list_at(&["transparency_entries"])).unwrap_or_default());
    let payload = bytes_at(json, &["envelope", "statement"]);
    let signature = bytes_at(json, &["envelope", "signature"]);
    let content = match (payload, signature) {
        (Ok(payload), Ok(bytes)) => Content::Envelope(Envelope {
            payload_type: IN_TOTO.to_owned(),
            payload,
            signatures: vec![Signature { key_id: String::new(), bytes }],
            problems: Vec::new(),
        }),
        (Err(why), _) | (_, Err(why)) => Content::Broken(Fault::new(why)),
    };
    Part { material: Some(material), pypi: true, ..Part::of(content) }
}

/// Whether the certificate is of the publisher that PyPI names.
///
/// For GitHub and GitLab by repository and workflow, for Google by address; others are shown only.
pub(super) fn check_publisher(publisher: &Json, certificate: Option<&Certificate>) -> (CheckResult, String) {
    let Some(certificate) = certificate else { return unchecked("There is no certificate to compare with.") };
    let text = |name: &str| publisher.text_at(&[name]);
    let names = certificate.names();
    let source = certificate.fulcio_field(12);
    let (host, workflow) = match text("kind") {
        Some("GitHub") => ("https://github.com/", text("workflow").map(|file| format!("/.github/workflows/{file}@"))),
        Some("GitLab") => ("https://gitlab.com/", text("workflow_filepath").map(|file| format!("//{file}@"))),
        Some("Google") => {
            let Some(email) = text("email") else { return unchecked("The publisher has no address.") };
            return match names.iter().any(|name| name == email) {
                true => holds(format!("The certificate is for “{}”.", short(email))),
                false => {
                    fails(format!("The certificate is for “{}”, not for “{}”.", short(&names.join(", ")), short(email)))
                }
            };
        }
        kind => {
            let kind = short(kind.unwrap_or("?"));
            return unchecked(format!("How publishers of the kind “{kind}” appear in certificates is not known here."));
        }
    };
    let (Some(repository), Some(workflow)) = (text("repository"), workflow) else {
        return unchecked("The publisher has no repository and workflow.");
    };
    let expected = format!("{host}{repository}");
    match source {
        Some(source) if !source.eq_ignore_ascii_case(&expected) => {
            fails(format!("The certificate is for {}, not for {}.", short(&source), short(&expected)))
        }
        _ => {
            // The workflow that was started, which for a reusable one is not the name in the certificate.
            let names = certificate.fulcio_field(18).map_or(names, |started| vec![started]);
            let begins = format!("{expected}{workflow}").to_ascii_lowercase();
            match names.iter().any(|name| name.to_ascii_lowercase().starts_with(&begins)) {
                true => holds(format!("The certificate is for {}.", short(&names.join(", ")))),
                false => {
                    fails(format!("The certificate is for {}, not for {}….", short(&names.join(", ")), short(&begins)))
                }
            }
        }
    }
}
