//! in-toto statements: something said about files that are named by their digests.
//!
//! Versions 0.1 and 1 (in-toto/attestation, `spec/v1/statement.md`). The predicate is shown field by field, whatever it
//! is; SLSA provenance 0.2 and 1 also give a recipe.

use super::digest::{Algorithm, Digests, from_hex};
use super::table::{Table, count, cut, fails, holds, short, unchecked};
use super::{Dropped, Files};
use crate::artifact::Side;
use crate::error::Fault;
use crate::json::{self, Doubt, Json, Text};
use crate::report::attestation::{CheckResult, Claim, ClaimedDigest};

/// Subjects that are listed; all are compared.
const MOST_LISTED: usize = 100;
/// Fields of a predicate that are listed.
const MOST_FIELDS: usize = 400;
/// Characters of one field's name.
const MOST_NAME: usize = 200;
/// Characters of one field.
const MOST_VALUE: usize = 1_000;

/// A statement, read.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) kind: String,
    pub(super) subjects: Vec<Subject>,
    pub(super) predicate_type: String,
    pub(super) predicate: Json,
    /// What another reader may understand differently.
    pub(super) doubts: Vec<Doubt>,
    /// What is odd about it.
    pub(super) problems: Vec<String>,
    /// Values in it: what it costs to keep.
    pub(super) values: u32,
}

/// A file that a statement, or a list of checksums, is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) name: String,
    /// Algorithm as written, and value as written.
    pub(super) digests: Vec<(String, String)>,
}

/// How a dropped file compares with a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// Every digest that can be computed here is equal: by these algorithms.
    Equal(Vec<Algorithm>),
    /// At least one is not.
    Unequal,
    /// None can be computed here.
    Unknown,
}

impl Subject {
    /// A subject of a statement, or a resource descriptor: name (or URI), and digests.
    pub(super) fn read(json: &Json) -> Self {
        let name = json.text_at(&["name"]).or(json.text_at(&["uri"])).unwrap_or_default().to_owned();
        let digests = json.get("digest").map(Json::members).unwrap_or_default();
        let digests = digests
            .iter()
            .map(|(algorithm, value)| (algorithm.clone(), value.text().unwrap_or_default().to_owned()))
            .collect();
        Self { name, digests }
    }

    /// The algorithms of its digests that we have.
    pub(super) fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        self.digests.iter().filter_map(|(name, _)| Algorithm::by_name(name))
    }

    /// The value for an algorithm, as bytes.
    pub(super) fn digest(&self, wanted: Algorithm) -> Option<Vec<u8>> {
        let value = self.digests.iter().find(|(name, _)| Algorithm::by_name(name) == Some(wanted))?;
        bytes_of(&value.1).filter(|bytes| bytes.len() == wanted.size())
    }

    pub(super) fn compare(&self, digests: &Digests) -> Match {
        let mut equal = Vec::new();
        for (name, value) in &self.digests {
            let Some(algorithm) = Algorithm::by_name(name) else { continue };
            let Some(actual) = digests.get(&algorithm) else { continue };
            if bytes_of(value).as_ref() != Some(actual) {
                return Match::Unequal;
            }
            equal.push(algorithm);
        }
        if equal.is_empty() { Match::Unknown } else { Match::Equal(equal) }
    }

    /// Whether the name is that of this file, or of the package in it.
    pub(super) fn is_called(&self, file: &str) -> bool {
        let last = self.name.rsplit(['/', '\\']).next().unwrap_or_default();
        self.name == file || last == file || self.npm().is_some_and(|names| names.iter().any(|name| name == file))
    }

    /// The file names that `npm pack` and the registry give to the package of `pkg:npm/%40scope/name@1.0.0`.
    fn npm(&self) -> Option<[String; 2]> {
        let package = self.name.strip_prefix("pkg:npm/")?.replace("%40", "@");
        let (name, version) = package.rsplit_once('@').filter(|(name, _)| !name.is_empty())?;
        let plain = name.rsplit('/').next().unwrap_or(name);
        Some([
            format!("{}-{version}.tgz", name.trim_start_matches('@').replace('/', "-")),
            format!("{plain}-{version}.tgz"),
        ])
    }

    pub(super) fn claimed(&self) -> Vec<ClaimedDigest> {
        let digest = |(algorithm, value): &(String, String)| ClaimedDigest {
            name: short(&self.name),
            algorithm: short(algorithm),
            value: short(value),
        };
        self.digests.iter().take(MOST_LISTED).map(digest).collect()
    }
}

/// Hex, tolerating the `sha256:` that some tools put in front.
fn bytes_of(value: &str) -> Option<Vec<u8>> {
    from_hex(value.rsplit(':').next().unwrap_or(value))
}

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    /// That it is not JSON, or not a statement.
    pub(super) fn read(payload: &[u8]) -> Result<Self, Fault> {
        Self::of(json::read(payload)?)
    }

    fn of(Text { value: root, doubts, values }: Text) -> Result<Self, Fault> {
        let text = |name: &str| root.get(name).and_then(Json::text).map(str::to_owned);
        let kind = text("_type").ok_or_else(|| Fault::new("“_type” is missing: it is not an in-toto statement"))?;
        let list = root.get("subject").and_then(Json::list).ok_or_else(|| Fault::new("“subject” is missing"))?;
        let predicate_type = text("predicateType").ok_or_else(|| Fault::new("“predicateType” is missing"))?;
        let subjects: Vec<Subject> = list.iter().map(Subject::read).collect();
        let mut problems = Vec::new();
        if !is_known_type(&kind) {
            problems.push(format!("the statement is of the type “{}”, which is not known here", short(&kind)));
        }
        if subjects.is_empty() {
            problems.push("the statement has no subject: it is about nothing".to_owned());
        }
        let unfit = |subject: &&Subject| {
            subject.digests.iter().any(|(name, value)| {
                Algorithm::by_name(name)
                    .is_some_and(|algorithm| bytes_of(value).map(|bytes| bytes.len()) != Some(algorithm.size()))
            })
        };
        if let Some(subject) = subjects.iter().find(unfit) {
            problems.push(format!("a digest of “{}” is not what its algorithm gives", short(&subject.name)));
        }
        let predicate = root.get("predicate").cloned().unwrap_or(Json::Null);
        Ok(Self { kind, subjects, predicate_type, predicate, doubts, problems, values })
    }

    /// What it is, in words.
    pub(super) fn title(&self) -> String {
        let known = PREDICATES.iter().find(|(kind, ..)| *kind == self.predicate_type);
        known.map_or_else(
            || format!("Statement of the type {}", short(&self.predicate_type)),
            |(_, title, _)| (*title).to_owned(),
        )
    }

    /// What it claims about its subjects.
    pub(super) fn claims(&self) -> Vec<Claim> {
        let known = PREDICATES.iter().find(|(kind, ..)| *kind == self.predicate_type);
        let says = known.map_or("is what the fields below speak of", |(.., says)| *says);
        let mut claims: Vec<Claim> = (self.subjects.iter().take(MOST_LISTED))
            .map(|subject| Claim {
                sentence: format!("“{}” {says}.", short(&subject.name)),
                digests: subject.claimed(),
            })
            .collect();
        if self.subjects.len() > MOST_LISTED {
            let more = self.subjects.len() - MOST_LISTED;
            claims.push(Claim { sentence: format!("The same of {}.", count(more, "more file")), digests: Vec::new() });
        }
        claims
    }

    /// Every field, the predicate flattened: name and value.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let mut fields =
            vec![("_type".to_owned(), short(&self.kind)), ("predicateType".to_owned(), short(&self.predicate_type))];
        let mut more = 0;
        flatten("predicate", &self.predicate, &mut fields, &mut more);
        if more > 0 {
            fields.push(("…".to_owned(), format!("{} not shown", count(more, "more field"))));
        }
        fields
    }

    /// Why it can be understood in more than one way, if it can.
    pub(super) fn doubt(&self) -> Option<String> {
        let doubt = self.doubts.first()?;
        Some(format!(
            "Readers may disagree about what it says: {}. What it claims was therefore compared with nothing.",
            doubt.message
        ))
    }
}

/// Whether this is the type of a statement of a version that we know.
fn is_known_type(kind: &str) -> bool {
    matches!(kind, "https://in-toto.io/Statement/v1" | "https://in-toto.io/Statement/v0.1")
}

/// Predicate type, title, and what it says of a subject.
const PREDICATES: &[(&str, &str, &str)] = &[
    ("https://slsa.dev/provenance/v1", "SLSA provenance 1", "was built as stated below"),
    ("https://slsa.dev/provenance/v0.2", "SLSA provenance 0.2", "was built as stated below"),
    ("https://slsa.dev/provenance/v0.1", "SLSA provenance 0.1", "was built as stated below"),
    ("https://slsa.dev/verification_summary/v1", "SLSA verification summary", "was verified as stated below"),
    ("https://docs.pypi.org/attestations/publish/v1", "PyPI publish attestation", "was uploaded to PyPI by the signer"),
    (
        "https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
        "npm publish attestation",
        "was accepted by the npm registry",
    ),
    ("https://in-toto.io/attestation/release/v0.1", "Release attestation", "belongs to the release stated below"),
    ("https://in-toto.io/attestation/link/v0.3", "in-toto link", "came out of the step stated below"),
    ("https://in-toto.io/attestation/test-result/v0.1", "Test result", "was tested as stated below"),
    ("https://spdx.dev/Document", "SPDX bill of materials", "has the components stated below"),
    ("https://spdx.dev/Document/v2.3", "SPDX bill of materials", "has the components stated below"),
    ("https://cyclonedx.org/bom", "CycloneDX bill of materials", "has the components stated below"),
];

fn flatten(name: &str, value: &Json, fields: &mut Vec<(String, String)>, more: &mut usize) {
    if fields.len() >= MOST_FIELDS {
        // Names are long in deep documents: none is made that is not shown.
        *more += leaves(value);
        return;
    }
    match value {
        Json::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                flatten(&format!("{name}.{}", short(key)), value, fields, more);
            }
        }
        Json::Array(values) if !values.is_empty() => {
            for (index, value) in values.iter().enumerate() {
                flatten(&format!("{name}[{index}]"), value, fields, more);
            }
        }
        // Whole files, which the recipe shows decoded.
        Json::String(text) if name.ends_with(".content") && text.len() > 100 => {
            fields.push((shown(name), format!("{} of base64", count(text.len(), "letter"))));
        }
        Json::String(text) => fields.push((shown(name), cut(text, MOST_VALUE))),
        other => fields.push((shown(name), short(&other.compact()))),
    }
}

/// A field's name: of a long one the end, which says more than the beginning.
fn shown(name: &str) -> String {
    match name.char_indices().rev().nth(MOST_NAME) {
        Some((start, _)) => format!("…{}", name.get(start..).unwrap_or_default()),
        None => name.to_owned(),
    }
}

/// Values that hold no others.
fn leaves(value: &Json) -> usize {
    match value {
        Json::Object(members) if !members.is_empty() => members.iter().map(|(_, value)| leaves(value)).sum(),
        Json::Array(values) if !values.is_empty() => values.iter().map(leaves).sum(),
        _ => 1,
    }
}

/// A line for each dropped file: is it one of the subjects?
pub(super) fn check_subjects(statement: &Statement, files: &Files<'_>, table: &mut Table) {
    const WHAT: &str = "The file is one that the statement is about";
    if !statement.doubts.is_empty() {
        return table.add("subject", WHAT, unchecked("The statement can be understood in more than one way."));
    }
    let found = files.as_ref().map(|file| file.as_ref().map(|file| find(&statement.subjects, file)));
    let any_equal = Side::BOTH.into_iter().any(|side| matches!(found.get(side), Some((_, Match::Equal(_)))));
    let mut lines = 0;
    for side in Side::BOTH {
        let (Some((subject, outcome)), Some(file)) = (found.get(side), files.get(side)) else { continue };
        lines += 1;
        table.about(side, "subject", WHAT, verdict(side, file, *subject, outcome, any_equal));
    }
    if lines == 0 {
        table.add("subject", WHAT, unchecked("No artifact was given with it."));
    }
}

fn verdict(
    side: Side,
    file: &Dropped<'_>,
    subject: Option<&Subject>,
    outcome: &Match,
    any_equal: bool,
) -> (CheckResult, String) {
    let letter = side.letter();
    if let Some(error) = &file.error {
        return unchecked(format!("{letter} cannot be read: {error}."));
    }
    match (subject, outcome) {
        (Some(subject), Match::Equal(algorithms)) => holds(format!(
            "{} of {letter} is that of “{}”.{}",
            joined(algorithms),
            short(&subject.name),
            weakness(algorithms)
        )),
        (Some(subject), Match::Unequal) => fails(format!(
            "“{}” is {letter} by its name, but not by its digest: {}.",
            short(&subject.name),
            file.actual(subject)
        )),
        (Some(subject), Match::Unknown) => unchecked(format!(
            "“{}” is {letter} by its name, but is given by no digest that can be computed here.",
            short(&subject.name)
        )),
        (None, _) if any_equal => unchecked(format!("It says nothing about {letter}.")),
        (None, _) => {
            fails(format!("It is about other files: neither name nor digest of {letter} is among its subjects."))
        }
    }
}

/// The subject that a file is, by digest; or else the one that has its name.
pub(super) fn find<'s>(subjects: &'s [Subject], file: &Dropped<'_>) -> (Option<&'s Subject>, Match) {
    let mut named = None;
    for subject in subjects {
        let outcome = subject.compare(&file.digests);
        if matches!(outcome, Match::Equal(_)) {
            return (Some(subject), outcome);
        }
        if named.is_none() && subject.is_called(file.name) {
            named = Some((Some(subject), outcome));
        }
    }
    named.unwrap_or((None, Match::Unequal))
}

/// Names of algorithms, for a sentence.
pub(super) fn joined(algorithms: &[Algorithm]) -> String {
    algorithms.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(" and ")
}

/// A word of caution, where all of them are weak.
pub(super) fn weakness(algorithms: &[Algorithm]) -> &'static str {
    if algorithms.iter().all(|algorithm| algorithm.is_weak()) {
        " This algorithm protects against accidents only: two files with the same digest can be made."
    } else {
        ""
    }
}
