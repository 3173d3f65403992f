//! SARIF 2.1.0: one result for each entry that is not explained, one rule for each cause; findings as results of rules of
//! their own. See <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
//!
//! A location is a path below `A` or `B`, which are named and have no address: what lies inside an artifact has none.
//! What could not be read is a notification of the run, so that no result does not mean nothing to see.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::artifact::{Side, Sides};
use crate::entry::Severity;
use crate::error::Error;
use crate::finding;
use crate::notice;
use crate::report::{EntryInfo, FindingLine, Inspection, ProblemLine, Report, Row, SideInfo};
use crate::statement::BUILDER;

use super::escape::{message, uri};
use super::json::json as written;
use super::words;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The artifact list under construction, and where each entry is in it.
#[derive(Default)]
struct Artifacts {
    list: Vec<Value>,
    places: BTreeMap<(Side, String), usize>,
}

/// The rules under construction.
#[derive(Default)]
struct Rules {
    list: Vec<Value>,
    places: BTreeMap<String, usize>,
}

/// A comparison.
pub(super) fn comparison(report: &Report) -> Result<String, Error> {
    let mut artifacts = Artifacts::default();
    for side in Side::BOTH {
        artifacts.root(side, report.sides.get(side));
    }
    let mut rules = Rules::default();
    let mut results = Vec::new();
    let root = (!words::own_causes(report).is_empty() && words::is_open(&report.root)).then_some(&report.root);
    for row in root.into_iter().chain(report.rows.iter().filter(|row| words::is_open(row))) {
        // A container that only its members make different has no cause of its own; the members have results.
        if let Some(cause) = words::open_causes(report, row).first() {
            results.push(difference(report, row, cause, &mut rules, &mut artifacts));
        }
    }
    for notice in &report.notices {
        let rule = rules.notice(&notice.id);
        let location = artifacts.entry(Side::Right, &notice.path, None);
        results.push(json!({
            "ruleId": notice.id,
            "ruleIndex": rule,
            "level": "note",
            "message": {"text": message(&notice.message)},
            "locations": [physical(location, None)],
            "properties": {"lookFirst": true},
        }));
    }
    let notes = notes(&report.findings, &report.problems, true, &mut rules, &mut artifacts, &mut results);
    let mut properties = Map::new();
    properties.insert("verdict".to_owned(), json!(report.verdict));
    properties.insert("profile".to_owned(), json!(report.profile));
    properties.insert("disabled".to_owned(), json!(report.disabled));
    properties.insert("summary".to_owned(), json!(report.summary));
    let statements = report.statements.iter().map(|statement| {
        json!({"cause": statement.cause, "explained": statement.explained, "sentence": statement.sentence,
            "entries": statement.rows.len()})
    });
    properties.insert("statements".to_owned(), Value::from_iter(statements));
    if let Some(level) = &report.redacted {
        properties.insert("withheld".to_owned(), json!(level));
    }
    let names = Sides { left: Some("The reference, A."), right: Some("The candidate, B.") };
    log(artifacts, rules, results, notes, properties, names)
}

/// One artifact: its findings and problems.
pub(super) fn inspection(inspection: &Inspection) -> Result<String, Error> {
    let mut artifacts = Artifacts::default();
    artifacts.root(Side::Left, &inspection.artifact);
    let mut rules = Rules::default();
    let mut results = Vec::new();
    let notes = notes(&inspection.findings, &inspection.problems, false, &mut rules, &mut artifacts, &mut results);
    let mut properties = Map::new();
    properties.insert("entries".to_owned(), json!(inspection.entries.len()));
    if let Some(level) = &inspection.redacted {
        properties.insert("withheld".to_owned(), json!(level));
    }
    log(artifacts, rules, results, notes, properties, Sides { left: Some("The artifact."), right: None })
}

fn log(
    artifacts: Artifacts,
    rules: Rules,
    results: Vec<Value>,
    notes: (bool, Vec<Value>),
    properties: Map<String, Value>,
    names: Sides<Option<&str>>,
) -> Result<String, Error> {
    let (whole, notifications) = notes;
    let mut bases = Map::new();
    for side in Side::BOTH {
        if let Some(text) = names.get(side) {
            bases.insert(side.letter().to_string(), json!({"description": {"text": text}}));
        }
    }
    written(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Twinspect",
                "version": words::VERSION,
                "semanticVersion": words::VERSION,
                "informationUri": BUILDER,
                "rules": rules.list,
            }},
            "invocations": [{"executionSuccessful": whole, "toolExecutionNotifications": notifications}],
            "originalUriBaseIds": bases,
            "artifacts": artifacts.list,
            "results": results,
            "columnKind": "utf16CodeUnits",
            "properties": properties,
        }],
    }))
}

fn difference(report: &Report, row: &Row, cause: &str, rules: &mut Rules, artifacts: &mut Artifacts) -> Value {
    let level = if cause == crate::summarize::UNEXPLAINED { "error" } else { "warning" };
    let rule = rules.cause(cause, level);
    let (_, status) = words::status(row.status);
    let path = if row.path.is_empty() { "The artifact itself" } else { &row.path };
    let differs = if row.differs.is_empty() { String::new() } else { format!(" ({})", row.differs.join(", ")) };
    let text = message(&format!("{path}: {status}{differs}. {}.", words::cause_title(cause)));
    let left = row.left.as_ref().map(|info| {
        let path = row.moved_from.as_ref().unwrap_or(&row.path);
        artifacts.entry(Side::Left, path, Some(info))
    });
    let right = row.right.as_ref().map(|info| artifacts.entry(Side::Right, &row.path, Some(info)));
    let (main, related) = match (right, left) {
        (Some(right), left) => (Some(right), left),
        (None, left) => (left, None),
    };
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(cause));
    result.insert("ruleIndex".to_owned(), json!(rule));
    result.insert("level".to_owned(), json!(level));
    result.insert("message".to_owned(), json!({"text": text}));
    result.insert("locations".to_owned(), Value::from_iter(main.map(|location| physical(location, None))));
    if let Some(related) = related {
        let mut location = physical(related, None);
        if let Some(location) = location.as_object_mut() {
            location.insert("id".to_owned(), json!(1));
            location.insert("message".to_owned(), json!({"text": "What it is compared with, in A."}));
        }
        result.insert("relatedLocations".to_owned(), json!([location]));
    }
    let mut properties = Map::new();
    properties.insert("status".to_owned(), json!(words::status_id(row.status)));
    properties.insert("causes".to_owned(), json!(words::open_causes(report, row)));
    properties.insert("differs".to_owned(), json!(row.differs));
    if let Some(percent) = row.similarity {
        properties.insert("similarity".to_owned(), json!(percent));
    }
    result.insert("properties".to_owned(), Value::Object(properties));
    Value::Object(result)
}

/// Findings go to the results; problems become notifications, with whether everything was read.
fn notes(
    findings: &[FindingLine],
    problems: &[ProblemLine],
    compared: bool,
    rules: &mut Rules,
    artifacts: &mut Artifacts,
    results: &mut Vec<Value>,
) -> (bool, Vec<Value>) {
    for finding in findings {
        let level = level(finding.severity);
        let rule = rules.finding(&finding.id);
        let only = words::only_here(finding);
        let only = if compared && !only.is_empty() { format!(" ({only})") } else { String::new() };
        let location = artifacts.entry(finding.side, &finding.path, None);
        results.push(json!({
            "ruleId": finding.id,
            "ruleIndex": rule,
            "level": level,
            "message": {"text": message(&format!("{}{only}", finding.message))},
            "locations": [physical(location, finding.offset)],
            "properties": {"severity": words::severity(finding.severity), "side": finding.side.letter().to_string()},
        }));
    }
    let mut notifications = Vec::new();
    for problem in problems {
        let limit = problem.limit.as_ref().map_or(String::new(), |limit| format!(" (limit {limit})"));
        let location = artifacts.entry(problem.side, &problem.path, None);
        notifications.push(json!({
            "level": if problem.unread { "error" } else { "warning" },
            "message": {"text": message(&format!("{}{limit}", problem.message))},
            "locations": [physical(location, problem.offset)],
        }));
    }
    (!problems.iter().any(|problem| problem.unread), notifications)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Conflict | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Info => "note",
    }
}

fn physical(location: Value, offset: Option<u64>) -> Value {
    // Offsets are of the bytes being parsed, which for an entry are those of its container: a property, not a region.
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), location);
    if let Some(offset) = offset {
        physical.insert("properties".to_owned(), json!({"byteOffsetInContainer": offset}));
    }
    json!({"physicalLocation": physical})
}

impl Artifacts {
    fn root(&mut self, side: Side, info: &SideInfo) {
        let index = self.list.len();
        self.places.insert((side, String::new()), index);
        self.list.push(json!({
            "location": {"uri": uri(&info.name), "uriBaseId": side.letter().to_string()},
            "length": info.size,
            "hashes": {"sha-256": info.sha256},
            "roles": ["analysisTarget"],
            "description": {"text": message(&info.name)},
        }));
    }

    /// The location of an entry; it is listed when first asked for. An empty path is the artifact.
    fn entry(&mut self, side: Side, path: &str, info: Option<&EntryInfo>) -> Value {
        let key = (side, path.to_owned());
        let index = match self.places.get(&key) {
            Some(index) => *index,
            None => {
                let root = self.places.get(&(side, String::new())).copied().unwrap_or(0);
                // A path that names no level is a member of the artifact; one that does, of an entry listed before it.
                let outer = path.rfind("!/").and_then(|end| path.get(..end));
                let parent =
                    outer.and_then(|outer| self.places.get(&(side, outer.to_owned()))).copied().unwrap_or(root);
                let mut artifact = Map::new();
                artifact
                    .insert("location".to_owned(), json!({"uri": uri(path), "uriBaseId": side.letter().to_string()}));
                artifact.insert("parentIndex".to_owned(), json!(parent));
                self.places.insert(key, self.list.len());
                self.list.push(Value::Object(artifact));
                self.list.len() - 1
            }
        };
        if let (Some(info), Some(artifact)) = (info, self.list.get_mut(index).and_then(Value::as_object_mut))
            && !path.is_empty()
        {
            artifact.insert("length".to_owned(), json!(info.size));
            if let Some(sha256) = &info.sha256 {
                artifact.insert("hashes".to_owned(), json!({"sha-256": sha256}));
            }
        }
        let location = self.list.get(index).and_then(|artifact| artifact.get("location")).cloned();
        let mut location = location.unwrap_or_else(|| json!({}));
        if let Some(location) = location.as_object_mut() {
            location.insert("index".to_owned(), json!(index));
        }
        location
    }
}

impl Rules {
    fn add(&mut self, id: &str, rule: impl FnOnce() -> Value) -> usize {
        if let Some(index) = self.places.get(id) {
            return *index;
        }
        let index = self.list.len();
        self.places.insert(id.to_owned(), index);
        self.list.push(rule());
        index
    }

    fn cause(&mut self, id: &str, level: &str) -> usize {
        self.add(id, || {
            json!({
                "id": id,
                "shortDescription": {"text": words::cause_title(id)},
                "fullDescription": {"text": words::cause_title(id)},
                "help": {"text": words::cause_advice(id)},
                "defaultConfiguration": {"level": level},
            })
        })
    }

    fn notice(&mut self, id: &str) -> usize {
        self.add(id, || match notice::by_id(id) {
            Some(info) => json!({
                "id": id,
                "shortDescription": {"text": info.title},
                "fullDescription": {"text": info.about},
                "defaultConfiguration": {"level": "note"},
            }),
            None => json!({"id": id, "shortDescription": {"text": id}}),
        })
    }

    fn finding(&mut self, id: &str) -> usize {
        self.add(id, || match finding::by_id(id) {
            Some((_, info)) => json!({
                "id": id,
                "shortDescription": {"text": info.title},
                "fullDescription": {"text": info.explanation},
                "help": {"text": format!("Who reads it differently: {}\nWhat to do: {}", info.diverges, info.advice)},
                "defaultConfiguration": {"level": level(info.severity)},
            }),
            None => json!({"id": id, "shortDescription": {"text": id}}),
        })
    }
}
