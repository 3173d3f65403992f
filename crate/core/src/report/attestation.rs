//! What an attestation claims, and which of its claims could be checked: the answer of [`crate::attest::examine`].
//!
//! Plain data, as everything in [`crate::report`]. Texts that come from a document are escaped for display; the texts
//! of a [`Recipe`] keep their line ends, tabs and backslashes, so that they can be copied.

use serde::{Deserialize, Serialize};

use crate::artifact::Side;

/// The value of [`AttestationReport::schema`].
pub const ATTESTATION_SCHEMA: &str = "twinspect-attestation/1";

/// Several documents, as `twinspect attest --format json` prints them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttestationReport {
    /// Always [`ATTESTATION_SCHEMA`].
    pub schema: String,
    /// The documents, in the order given; then the keys.
    pub attestations: Vec<Attestation>,
}

/// One document: an attestation bundle, a list of checksums, or a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// The file's name.
    pub name: String,
    /// `oss-rebuild`, `in-toto`, `sigstore`, `pep-740`, `checksums`, `key` or `unknown`.
    pub kind: String,
    /// What it is, in words.
    pub title: String,
    /// The statements in it, in order.
    pub parts: Vec<AttestationPart>,
    /// What was checked, and what was not.
    pub checks: Vec<Check>,
    /// How to build the artifact again, where the document says so.
    pub recipe: Option<Recipe>,
    /// What in it is damaged, ambiguous or not understood.
    pub problems: Vec<AttestationProblem>,
}

/// One statement: who says what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttestationPart {
    /// What it is, e.g. `SLSA provenance 1`.
    pub title: String,
    /// The line of the document it begins in, from 1.
    pub line: u64,
    /// Who signed it, as far as it says so; what of that is proven stands in the checks.
    pub signers: Vec<Signer>,
    /// What it claims, one sentence each.
    pub claims: Vec<Claim>,
    /// Everything else it says, name and value.
    pub fields: Vec<(String, String)>,
}

/// A key or certificate that a statement names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// The identity: a certificate's subject alternative name, or a key id.
    pub name: String,
    /// What else is known of it, name and value.
    pub fields: Vec<(String, String)>,
}

/// One claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The claim in words.
    pub sentence: String,
    /// The digests it is about.
    pub digests: Vec<ClaimedDigest>,
}

/// A digest that a document states.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedDigest {
    /// Of what: a file's name, as the document gives it.
    pub name: String,
    /// By which algorithm, e.g. `sha256`.
    pub algorithm: String,
    /// The digest, hex.
    pub value: String,
}

/// The outcome of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckResult {
    /// It was checked, and it is so.
    Holds,
    /// It was checked, and it is not so.
    Fails,
    /// It was not checked: nothing is said about it.
    NotChecked,
}

/// One line of the table of checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What kind of check: kebab-case, stable.
    pub id: String,
    /// What would hold, in words.
    pub what: String,
    /// Whether it does.
    pub result: CheckResult,
    /// Why, in a sentence.
    pub reason: String,
    /// The artifact it is about, if it is about one.
    pub side: Option<Side>,
    /// The statement it is about: an index into `parts`; `null` if it is about the whole document.
    pub part: Option<u32>,
}

/// Something in a document that is damaged, ambiguous or not understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttestationProblem {
    /// The line of the document, from 1.
    pub line: u64,
    /// Byte offset in the document; in the decoded payload, if `decoded`. `null` where no byte is to blame.
    pub offset: Option<u64>,
    /// Whether `offset` counts in the decoded payload of the envelope on this line.
    pub decoded: bool,
    /// A sentence.
    pub message: String,
    /// Whether something was not read because of it.
    pub unread: bool,
}

/// How an artifact was built, so that someone else can build it again. Nothing of this was run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// The package: ecosystem, name, version, artifact, as far as stated; name and value.
    pub package: Vec<(String, String)>,
    /// Where the source is.
    pub sources: Vec<RecipeSource>,
    /// Container images that the build ran in.
    pub images: Vec<ClaimedDigest>,
    /// Whole texts: `Dockerfile`, `build.json` (the strategy), `steps.json`, `build.fix.json`.
    pub texts: Vec<RecipeText>,
    /// Passes of this package alone, which stabilizing applies beside the ordinary ones.
    pub custom_passes: Vec<CustomPass>,
    /// What to do with it, in sentences.
    pub advice: Vec<String>,
}

/// A source repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipeSource {
    /// Its address.
    pub repository: String,
    /// The commit; `null` if none is stated.
    pub commit: Option<String>,
    /// What it was used for: `source`, or `build definition`.
    pub role: String,
}

/// A text of a recipe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipeText {
    /// Its name.
    pub name: String,
    /// The text; hidden characters escaped as `\u{N}`, bytes that are not UTF-8 as `\xNN`.
    pub text: String,
    /// Whether anything was escaped: then a copy is not the original.
    pub escaped: bool,
    /// Bytes left out at the end.
    pub cut: u64,
}

/// A pass that a bundle's `build.fix.json` adds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomPass {
    /// Its name, as OSS Rebuild makes it: `exclude-path-custom00`.
    pub name: String,
    /// What it does, in words.
    pub sentence: String,
    /// Patterns of the paths it is about.
    pub paths: Vec<String>,
    /// For a replacement: the regular expression.
    pub pattern: Option<String>,
    /// For a replacement: what is put in its place.
    pub replace: Option<String>,
    /// Why, as the author of the definition says.
    pub reason: String,
}
