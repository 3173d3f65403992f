//! Puts what was found into words and counts: the report, and the fields of one pair.

use std::collections::BTreeMap;

mod ledger;

use crate::artifact::{Side, Sides};
use crate::display;
use crate::ecosystem;
use crate::explain::{self, Evidence, TextFacts};
use crate::judge::{Difference, Judged, SideView, show};
use crate::pair::{How, Pair, Pairing};
use crate::reading::{self, NodeId, Reading};
use crate::report::{
    Alignment, EntryInfo, FieldRow, Report, Row, RuleLine, SCHEMA, SideInfo, Statement, Status, Summary, Verdict,
};
use crate::stabilize::{self, Action, Choice, Rule, STABILIZERS, Stabilized};

mod inspection;
mod trouble;
mod views;

pub use inspection::inspect;

/// Everything that the stages found.
pub struct Findings<'a> {
    /// The sides.
    pub sides: Sides<SideView<'a>>,
    /// The pairs.
    pub pairing: &'a Pairing,
    /// What was found about each.
    pub judged: &'a [Judged],
    /// What comparing texts showed, by pair.
    pub facts: &'a BTreeMap<usize, Option<TextFacts>>,
    /// The passes that were chosen.
    pub choice: &'a Choice,
}

/// The name of the field that says which part of a container image an entry is.
const PART: &str = "part";

/// Differences that no pass and no signal account for.
pub const UNEXPLAINED: &str = "unexplained";

impl Report {
    /// A report about nothing, to be replaced.
    pub(crate) fn empty() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            verdict: Verdict::Incomplete,
            redacted: None,
            profile: String::new(),
            disabled: Vec::new(),
            rules: Vec::new(),
            sides: Sides::default(),
            summary: Summary::default(),
            statements: Vec::new(),
            alignments: Vec::new(),
            root: Row {
                path: String::new(),
                status: Status::Unread,
                causes: Vec::new(),
                differs: Vec::new(),
                moved_from: None,
                similarity: None,
                parent: None,
                left: None,
                right: None,
            },
            rows: Vec::new(),
            problems: Vec::new(),
            findings: Vec::new(),
            notices: Vec::new(),
            views: Vec::new(),
            ledger: Vec::new(),
            upstream: None,
        }
    }
}

/// The cause of one difference: an id, the key that groups it with others, and whether a pass accounts for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    /// 0 unexplained, 1 signal, 2 pass: the order of statements.
    rank: u8,
    /// Position in its table.
    position: usize,
    id: &'static str,
    key: String,
}

/// The whole report.
pub fn report(findings: &Findings<'_>) -> Report {
    let causes = causes(findings);
    let paths = Paths::new(findings);
    let mut rows = Vec::with_capacity(findings.pairing.pairs.len());
    for (at, (pair, judged)) in findings.pairing.pairs.iter().zip(findings.judged).enumerate() {
        let own = causes.get(at).map(Vec::as_slice).unwrap_or_default();
        rows.push(row(findings, &paths, *pair, judged, own));
    }
    let mut rows = rows.into_iter();
    let root = rows.next().unwrap_or_else(|| Report::empty().root);
    let rows: Vec<Row> = rows.collect();
    let verdict = match root.status {
        Status::Identical => Verdict::Identical,
        Status::Equivalent => Verdict::Equivalent,
        Status::Unread => Verdict::Incomplete,
        Status::Different | Status::OnlyLeft | Status::OnlyRight => Verdict::Different,
    };
    Report {
        schema: SCHEMA.to_owned(),
        verdict,
        redacted: None,
        profile: findings.choice.name().to_owned(),
        disabled: findings.choice.disabled.clone(),
        rules: findings.choice.rules.iter().map(rule).collect(),
        sides: findings.sides.map(|side| side_info(side.reading, Some(side.stabilized))),
        summary: Summary {
            ambiguous: findings.sides.as_ref().map(|side| trouble::ambiguous(side.reading)),
            ..summary(&root, &rows)
        },
        statements: statements(findings, &causes),
        alignments: alignments(findings, &paths),
        root,
        rows,
        problems: trouble::both(findings),
        findings: trouble::findings(findings),
        notices: Vec::new(),
        views: Side::BOTH.into_iter().flat_map(|side| views::views(findings.sides.get(side).reading, side)).collect(),
        ledger: ledger::lines(findings),
        upstream: None,
    }
}

/// The causes of every pair's differences, in the order of `Judged::differences`.
fn causes(findings: &Findings<'_>) -> Vec<Vec<Cause>> {
    let versions = versions(findings);
    let mut causes: Vec<Vec<Cause>> = findings
        .judged
        .iter()
        .enumerate()
        .map(|(at, judged)| {
            let facts = findings.facts.get(&at).and_then(Option::as_ref);
            judged.differences.iter().map(|difference| cause(difference, facts, &versions)).collect()
        })
        .collect();
    // A signal that needs company (the same edit in several files) is withdrawn where it has none.
    let mut counts: BTreeMap<Cause, usize> = BTreeMap::new();
    for cause in causes.iter().flatten().filter(|cause| cause.rank == 1) {
        *counts.entry(cause.clone()).or_default() += 1;
    }
    for (list, judged) in causes.iter_mut().zip(findings.judged) {
        for (cause, difference) in list.iter_mut().zip(&judged.differences) {
            let least = explain::by_id(cause.id).map_or(0, |signal| signal.least);
            if cause.rank == 1 && counts.get(cause).copied().unwrap_or(0) < least {
                *cause = unexplained(difference);
            }
        }
    }
    causes
}

fn cause(difference: &Difference, text: Option<&TextFacts>, versions: &[(String, String)]) -> Cause {
    if let Some(pass) = difference.pass {
        let position = STABILIZERS.iter().position(|stabilizer| stabilizer.id == pass).unwrap_or(usize::MAX);
        return Cause { rank: 2, position, id: pass, key: String::new() };
    }
    match explain::recognise(&Evidence { difference, text, versions }) {
        Some((signal, key)) => {
            let position = explain::SIGNALS.iter().position(|other| other.id == signal.id).unwrap_or(usize::MAX);
            Cause { rank: 1, position, id: signal.id, key }
        }
        None => unexplained(difference),
    }
}

fn unexplained(difference: &Difference) -> Cause {
    let (position, key) = match (difference.what.as_ref(), &difference.left, &difference.right) {
        ("entry", Some(_), None) => (1, "only-left".to_owned()),
        ("entry", None, Some(_)) => (0, "only-right".to_owned()),
        ("content", ..) => (2, "content".to_owned()),
        (what, ..) => (3, what.to_owned()),
    };
    Cause { rank: 0, position, id: UNEXPLAINED, key }
}

/// The version numbers that the two artifacts carry in their names or in what was aligned, where they differ.
fn versions(findings: &Findings<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut add = |left: &str, right: &str| {
        let (a, b) = (ecosystem::version_numbers(left), ecosystem::version_numbers(right));
        for (a, b) in a.into_iter().zip(b) {
            let pair = (a.to_owned(), b.to_owned());
            if a != b && !found.contains(&pair) {
                found.push(pair);
            }
        }
    };
    add(&findings.sides.left.reading.name, &findings.sides.right.reading.name);
    for aligned in &findings.pairing.alignments {
        add(&aligned.parts.left, &aligned.parts.right);
    }
    found
}

/// Paths for display, of nodes and of pairs.
struct Paths {
    left: Vec<String>,
    right: Vec<String>,
}

impl Paths {
    fn new(findings: &Findings<'_>) -> Self {
        Self { left: node_paths(findings.sides.left.reading), right: node_paths(findings.sides.right.reading) }
    }

    fn of(&self, pair: Pair) -> &str {
        match pair.right {
            Some(id) => get(&self.right, id),
            None => pair.left.map_or("", |id| get(&self.left, id)),
        }
    }
}

fn get(list: &[String], id: NodeId) -> &str {
    list.get(usize::try_from(id).unwrap_or(usize::MAX)).map_or("", String::as_str)
}

/// Every node's path: levels joined by `!/`, wrappers left out, later occurrences numbered.
pub fn node_paths(reading: &Reading) -> Vec<String> {
    let mut paths: Vec<String> = Vec::with_capacity(reading.nodes.len());
    for (index, node) in reading.nodes.iter().enumerate() {
        let parent = usize::try_from(node.parent).unwrap_or(0);
        let outer = paths.get(parent).cloned().unwrap_or_default();
        let wrapped = reading.is_wrapper(node.parent);
        paths.push(if index == 0 {
            String::new()
        } else if wrapped {
            outer
        } else {
            reading::inside(&outer, &node.path, node.occurrence)
        });
    }
    paths
}

fn row(findings: &Findings<'_>, paths: &Paths, pair: Pair, judged: &Judged, own: &[Cause]) -> Row {
    // What is not explained comes first: it is what a reader is looking for.
    let mut own: Vec<&Cause> = own.iter().collect();
    own.sort_by_key(|cause| cause.rank);
    let mut causes: Vec<String> = Vec::new();
    for cause in own {
        if !causes.iter().any(|id| id == cause.id) {
            causes.push(cause.id.to_owned());
        }
    }
    let mut differs: Vec<String> = Vec::new();
    for difference in judged.differences.iter().filter(|difference| difference.pass.is_none()) {
        if difference.what != "entry" && !differs.iter().any(|what| *what == difference.what) {
            differs.push(difference.what.to_string());
        }
    }
    if judged.members {
        differs.push("members".to_owned());
    }
    let moved = matches!(pair.how, How::Moved | How::Similar(_));
    Row {
        path: paths.of(pair).to_owned(),
        status: judged.status,
        causes,
        differs,
        moved_from: pair.left.filter(|_| moved).map(|id| get(&paths.left, id).to_owned()),
        similarity: match pair.how {
            How::Similar(percent) => Some(percent),
            _ => None,
        },
        parent: pair.parent.checked_sub(1).and_then(|parent| u32::try_from(parent).ok()),
        left: pair.left.map(|id| entry_info(findings.sides.left.reading, Some(findings.sides.left.stabilized), id)),
        right: pair.right.map(|id| entry_info(findings.sides.right.reading, Some(findings.sides.right.stabilized), id)),
    }
}

fn entry_info(reading: &Reading, stabilized: Option<&Stabilized>, id: NodeId) -> EntryInfo {
    let node = reading.node(id);
    let layers = reading.layers(id);
    let leaf = layers.last().copied().unwrap_or(id);
    let new = stabilized.and_then(|stabilized| stabilized.overlay(leaf)).and_then(|overlay| overlay.content.as_ref());
    EntryInfo {
        size: node.map_or(0, |node| node.size),
        sha256: node.and_then(|node| node.sha256).map(|digest| display::hex(&digest)),
        kind: node.map_or(crate::entry::Kind::Other, |node| node.kind),
        format: format_name(reading, &layers),
        stabilized_sha256: new.map(|new| display::hex(&new.sha256)),
    }
}

/// What was opened, inner format first: `tar+gzip`.
fn format_name(reading: &Reading, layers: &[NodeId]) -> Option<String> {
    let names: Vec<&str> =
        layers.iter().rev().filter_map(|id| Some(reading.node(*id)?.opened.as_ref()?.format.as_str())).collect();
    (!names.is_empty()).then(|| names.join("+"))
}

fn side_info(reading: &Reading, stabilized: Option<&Stabilized>) -> SideInfo {
    let info = entry_info(reading, None, 0);
    let ecosystem = match stabilized {
        Some(stabilized) => stabilized.ecosystem,
        None => ecosystem::recognise(reading),
    };
    let wrapped = |id: &u32| node_is_wrapped(reading, *id);
    let inner = (0..u32::try_from(reading.nodes.len()).unwrap_or(u32::MAX)).filter(wrapped).count();
    SideInfo {
        name: display::bytes(reading.name.as_bytes()),
        size: reading.size,
        sha256: info.sha256.unwrap_or_default(),
        format: info.format,
        ecosystem: ecosystem.map(str::to_owned),
        entries: (reading.nodes.len().saturating_sub(1 + inner)) as u64,
        decoded_bytes: reading.decoded_bytes,
        reader: reading.reader.clone(),
        limits: reading.limits.clone(),
    }
}

fn node_is_wrapped(reading: &Reading, id: NodeId) -> bool {
    id > 0 && reading.node(id).is_some_and(|node| reading.is_wrapper(node.parent))
}

fn summary(root: &Row, rows: &[Row]) -> Summary {
    let mut summary = Summary::default();
    for status in
        [Status::Identical, Status::Equivalent, Status::Different, Status::OnlyLeft, Status::OnlyRight, Status::Unread]
    {
        summary.by_status.insert(status, 0);
    }
    for row in rows {
        *summary.by_status.entry(row.status).or_default() += 1;
    }
    for cause in rows.iter().chain([root]).flat_map(|row| &row.causes) {
        *summary.by_cause.entry(cause.clone()).or_default() += 1;
    }
    summary
}

fn statements(findings: &Findings<'_>, causes: &[Vec<Cause>]) -> Vec<Statement> {
    let mut groups: BTreeMap<&Cause, Vec<usize>> = BTreeMap::new();
    for (at, list) in causes.iter().enumerate() {
        for cause in list {
            let group = groups.entry(cause).or_default();
            if group.last() != Some(&at) {
                group.push(at);
            }
        }
    }
    let mut groups: Vec<(&Cause, Vec<usize>)> = groups.into_iter().collect();
    // Within a rank, what touches most comes first; the unexplained keep their order: added, removed, changed.
    groups.sort_by_key(|(cause, pairs)| {
        (cause.rank, if cause.rank == 0 { cause.position } else { 0 }, usize::MAX - pairs.len(), cause.position)
    });
    groups
        .into_iter()
        .map(|(cause, pairs)| {
            let rows: Vec<u32> = pairs.iter().filter_map(|at| u32::try_from(at.checked_sub(1)?).ok()).collect();
            Statement {
                cause: cause.id.to_owned(),
                explained: cause.rank == 2,
                sentence: sentence(findings, cause, &pairs),
                rows,
            }
        })
        .collect()
}

fn sentence(findings: &Findings<'_>, cause: &Cause, pairs: &[usize]) -> String {
    let members = pairs.iter().filter(|at| **at > 0).count();
    let root = pairs.contains(&0);
    let entries = |count: usize| if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") };
    let place = match (members, root) {
        (0, _) => "in the artifact itself".to_owned(),
        (count, false) => format!("in {}", entries(count)),
        (count, true) => format!("in {} and the artifact itself", entries(count)),
    };
    let are = if members == 1 { "is" } else { "are" };
    match cause.rank {
        2 => match findings.choice.rules.iter().find(|rule| rule.id() == cause.id) {
            Some(rule) => format!("Custom rule ({}) {place}", display::bytes(rule.reason().as_bytes())),
            None => format!("{} {place}", stabilize::by_id(cause.id).map_or(cause.id, |pass| pass.title)),
        },
        1 => {
            let title = explain::by_id(cause.id).map_or(cause.id, |signal| signal.title);
            if cause.key.is_empty() { format!("{title} {place}") } else { format!("{title}: {} {place}", cause.key) }
        }
        _ => match cause.key.as_str() {
            "only-left" => format!("{} {are} only in A", entries(members)),
            "only-right" => format!("{} {are} only in B", entries(members)),
            "content" => format!("Content differs {place}"),
            "bytes" => format!("The bytes differ, but nothing format-specific was found {place}"),
            what => {
                let shown = |value: &Option<String>| value.as_deref().map_or("none".to_owned(), shorten);
                let mut values = pairs.iter().filter_map(|at| findings.judged.get(*at)).flat_map(|judged| {
                    judged.differences.iter().filter(|difference| difference.what == what && difference.pass.is_none())
                });
                let first = values.next();
                let same = values
                    .all(|other| first.is_some_and(|first| (&first.left, &first.right) == (&other.left, &other.right)));
                match first {
                    Some(first) if same => {
                        format!("{what} differs: {} → {} {place}", shown(&first.left), shown(&first.right))
                    }
                    _ => format!("{what} differs {place}"),
                }
            }
        },
    }
}

/// A custom rule as the report shows it.
pub fn rule(rule: &Rule) -> RuleLine {
    let (pattern, replace) = match rule.action() {
        Action::Exclude => (None, None),
        Action::Replace { pattern, with } => (Some(pattern.clone()), Some(with.clone())),
    };
    let (id, reason) = (rule.id().to_owned(), rule.reason().to_owned());
    RuleLine { id, reason, paths: rule.paths().to_vec(), pattern, replace }
}

/// A value for a sentence.
fn shorten(value: &str) -> String {
    match value.char_indices().nth(48) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

fn alignments(findings: &Findings<'_>, paths: &Paths) -> Vec<Alignment> {
    let path = |at: usize| findings.pairing.pairs.get(at).map_or("", |pair| paths.of(*pair)).to_owned();
    let list = findings.pairing.alignments.iter();
    list.map(|aligned| Alignment {
        container: path(aligned.container),
        left: aligned.parts.left.clone(),
        right: aligned.parts.right.clone(),
        entries: aligned.entries,
    })
    .collect()
}

/// Fields and sentences about one pair.
pub struct Described {
    /// All fields of both sides.
    pub fields: Vec<FieldRow>,
    /// What could not be read.
    pub sentences: Vec<String>,
    /// Whether stabilizing changed either content.
    pub stabilized: bool,
}

/// Describes one pair: every field of both sides, its layers' and its container's included.
pub fn describe(sides: Sides<SideView<'_>>, pair: Pair, differences: &[Difference]) -> Described {
    let lists = Sides {
        left: pair.left.map(|id| all_fields(sides.left.reading, id)).unwrap_or_default(),
        right: pair.right.map(|id| all_fields(sides.right.reading, id)).unwrap_or_default(),
    };
    let mut names: Vec<(String, usize)> = Vec::new();
    for (key, _) in lists.right.iter().chain(&lists.left) {
        if !names.contains(key) {
            names.push(key.clone());
        }
    }
    let find = |list: &[((String, usize), String)], key: &(String, usize)| {
        list.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone())
    };
    let mut fields: Vec<FieldRow> = names
        .iter()
        .map(|key| {
            let (left, right) = (find(&lists.left, key), find(&lists.right, key));
            // Which part of an image it is, is not a difference of it: the documents say that.
            let equal = left == right || key.0 == PART;
            let difference = differences.iter().find(|difference| difference.what == key.0);
            let cause =
                (!equal).then(|| difference.and_then(|difference| difference.pass).unwrap_or(UNEXPLAINED).to_owned());
            FieldRow { name: key.0.clone(), left, right, equal, cause }
        })
        .collect();
    // Differences that are no field of either: order, kind, path, names.
    for difference in differences {
        if !names.iter().any(|(name, _)| *name == difference.what) && difference.what != "content" {
            fields.push(FieldRow {
                name: difference.what.to_string(),
                left: difference.left.clone(),
                right: difference.right.clone(),
                equal: false,
                cause: Some(difference.pass.unwrap_or(UNEXPLAINED).to_owned()),
            });
        }
    }
    let mut sentences = Vec::new();
    let mut stabilized = false;
    for side in Side::BOTH {
        let Some(id) = (match side {
            Side::Left => pair.left,
            Side::Right => pair.right,
        }) else {
            continue;
        };
        let view = sides.get(side);
        let layers = view.reading.layers(id);
        for problem in view.reading.problems.iter().filter(|problem| layers.contains(&problem.node)) {
            let offset = problem.offset.map_or(String::new(), |offset| format!(" (byte {offset})"));
            sentences.push(format!("In {}: {}{offset}.", side.letter(), problem.message));
        }
        stabilized |=
            layers.iter().any(|id| view.stabilized.overlay(*id).is_some_and(|overlay| overlay.content.is_some()));
    }
    Described { fields, sentences, stabilized }
}

/// A node's fields, its layers' and its container's, named and numbered; first what was measured.
fn all_fields(reading: &Reading, id: NodeId) -> Vec<((String, usize), String)> {
    let mut list: Vec<((String, usize), String)> = Vec::new();
    let mut add = |name: String, value: String| {
        let count = list.iter().filter(|((other, _), _)| *other == name).count();
        list.push(((name, count), value));
    };
    let Some(node) = reading.node(id) else { return list };
    add("size".into(), node.size.to_string());
    if let Some(digest) = node.sha256 {
        add("sha256".into(), display::hex(&digest));
    }
    if let Some(digest) = node.stored_sha256 {
        add("stored-sha256".into(), display::hex(&digest));
    }
    for part in reading.parts_of(id) {
        add(PART.into(), part.name());
    }
    for field in &node.fields {
        add(field.name.to_string(), show(field, true));
    }
    for layer in reading.layers(id) {
        let Some(node) = reading.node(layer) else { continue };
        if layer != id && node.opened.is_none() {
            add("content-size".into(), node.size.to_string());
            if let Some(digest) = node.sha256 {
                add("content-sha256".into(), display::hex(&digest));
            }
        }
        if let Some(opened) = &node.opened {
            for field in &opened.fields {
                add(format!("{}:{}", opened.format, field.name), show(field, true));
            }
        }
    }
    list
}
