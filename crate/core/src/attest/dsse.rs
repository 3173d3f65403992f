//! DSSE envelopes: a payload, its type, and signatures over both (secure-systems-lab/dsse, `envelope.md`, `protocol.md`).

use super::keys::{Key, Keys, OSS_REBUILD_IDS};
use super::table::{count, fails, holds, short, unchecked};
use super::{TOO_MANY, Work};
use crate::base64;
use crate::error::Fault;
use crate::json::Json;
use crate::report::attestation::{CheckResult, Signer};

/// The payload type of an in-toto statement.
pub(super) const IN_TOTO: &str = "application/vnd.in-toto+json";
/// What OSS Rebuild wrote there at first, and still accepts.
pub(super) const IN_TOTO_LEGACY: &str = "https://in-toto.io/Statement/v1";
/// Signatures of one envelope that are looked at.
const MOST_SIGNATURES: usize = 100;
/// Signers that are listed.
const MOST_SIGNERS: usize = 20;

/// An envelope, decoded.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    pub(super) payload_type: String,
    pub(super) payload: Vec<u8>,
    pub(super) signatures: Vec<Signature>,
    /// What was decoded with doubts.
    pub(super) problems: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Signature {
    /// The name of the key, as the envelope gives it; may be empty.
    pub(super) key_id: String,
    pub(super) bytes: Vec<u8>,
}

impl Envelope {
    /// Reads an envelope.
    ///
    /// # Errors
    /// What is missing or not base64.
    pub(super) fn read(json: &Json) -> Result<Self, Fault> {
        let text = |name: &str| json.get(name).and_then(Json::text);
        let payload_type = text("payloadType").ok_or_else(|| Fault::new("“payloadType” is missing"))?;
        let payload = text("payload").ok_or_else(|| Fault::new("“payload” is missing"))?;
        let payload = base64::decode(payload).map_err(|fault| Fault::new(format!("“payload”: {fault}")))?;
        let list = json.get("signatures").and_then(Json::list).ok_or_else(|| Fault::new("“signatures” is missing"))?;
        let (mut signatures, mut problems) = (Vec::new(), Vec::new());
        for (index, signature) in list.iter().take(MOST_SIGNATURES).enumerate() {
            let key_id = signature.text_at(&["keyid"]).unwrap_or_default().to_owned();
            match signature.get("sig").and_then(Json::text).map(base64::decode) {
                Some(Ok(bytes)) => signatures.push(Signature { key_id, bytes }),
                Some(Err(fault)) => problems.push(format!("signature {} cannot be read: {fault}", index + 1)),
                None => problems.push(format!("signature {} has no “sig”", index + 1)),
            }
        }
        if list.len() > MOST_SIGNATURES {
            problems.push(format!("of {} only {MOST_SIGNATURES} were looked at", count(list.len(), "signature")));
        }
        Ok(Self { payload_type: payload_type.to_owned(), payload, signatures, problems })
    }

    /// Whether the payload says that it is an in-toto statement.
    pub(super) fn is_in_toto(&self) -> bool {
        [IN_TOTO, IN_TOTO_LEGACY].contains(&self.payload_type.as_str())
    }

    /// The bytes that are signed.
    pub(super) fn signed(&self) -> Vec<u8> {
        let (kind, body) = (&self.payload_type, &self.payload);
        let mut bytes = format!("DSSEv1 {} {kind} {} ", kind.len(), body.len()).into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }
}

/// Whether one of the signatures fits one of the keys: the threshold is one, as upstream has it.
///
/// A key is tried on a signature unless both state an id and the two differ. `ours` says that the statement is one of
/// OSS Rebuild's, so that its key is the one that must fit.
pub(super) fn check(
    envelope: &Envelope,
    keys: &Keys,
    ours: bool,
    work: &mut Work,
) -> (&'static str, (CheckResult, String)) {
    if ours {
        ("The envelope is signed by OSS Rebuild, or by a key given", outcome(envelope, keys, ours, work))
    } else {
        ("The envelope is signed by a key given", outcome(envelope, keys, ours, work))
    }
}

/// The keys that the signatures name.
pub(super) fn signers(envelope: &Envelope) -> Vec<Signer> {
    let name = |id: &str| match id {
        "" => "a key without a name".to_owned(),
        id if OSS_REBUILD_IDS.contains(&id) => format!("OSS Rebuild ({id})"),
        id => short(id),
    };
    envelope
        .signatures
        .iter()
        .take(MOST_SIGNERS)
        .map(|signature| Signer { name: name(&signature.key_id), fields: Vec::new() })
        .collect()
}

fn outcome(envelope: &Envelope, keys: &Keys, ours: bool, work: &mut Work) -> (CheckResult, String) {
    if envelope.signatures.is_empty() {
        let why = envelope.problems.first().map_or(String::new(), |problem| format!(": {problem}"));
        return fails(format!("There is no signature in the envelope{why}."));
    }
    let signed = envelope.signed();
    let (mut tried, mut unknown, mut fitting): (Vec<&Key>, Vec<&str>, Vec<&Key>) = Default::default();
    for signature in &envelope.signatures {
        let may = |key: &&Key| signature.key_id.is_empty() || key.ids.is_empty() || key.ids.contains(&signature.key_id);
        let mut candidates = keys.keys.iter().filter(may).peekable();
        if candidates.peek().is_none() {
            unknown.push(&signature.key_id);
        }
        for key in candidates {
            if !work.take(&key.public) {
                return unchecked(TOO_MANY);
            }
            if key.public.fits(&signed, &signature.bytes) {
                fitting.push(key);
                break;
            }
            // That OSS Rebuild's key does not fit a statement of someone else's says nothing.
            let named = OSS_REBUILD_IDS.contains(&signature.key_id.as_str());
            if (key.dropped || ours || named) && !tried.iter().any(|other| other.name == key.name) {
                tried.push(key);
            }
        }
    }
    let names = |keys: &[&Key], word: &str| keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>().join(word);
    if !fitting.is_empty() {
        let mut reason = format!("The signature over type and payload fits {}.", names(&fitting, " and "));
        if ours && fitting.iter().all(|key| key.dropped) {
            reason.push_str(" That is a key you gave, not OSS Rebuild's.");
        }
        if fitting.len() < envelope.signatures.len() {
            let all = count(envelope.signatures.len(), "signature");
            reason.push_str(&format!(" One is enough; of {all} the others fit no key at hand."));
        }
        return holds(reason);
    }
    if !tried.is_empty() {
        return fails(format!(
            "The signature does not fit {}: the payload was changed after it was signed, or another key signed it.",
            names(&tried, " nor ")
        ));
    }
    let refused = if ours { " OSS Rebuild's own reader refuses such an envelope." } else { "" };
    match unknown.first() {
        Some(id) => unchecked(format!(
            "The signature names the key “{}”, which is not at hand; give the public key as a PEM file.{refused}",
            short(id)
        )),
        None => unchecked("No key to check it with: give the signer's public key as a PEM file."),
    }
}
