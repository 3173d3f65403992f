//! What could not be read, and what is suspicious, as lines of the report.

use std::collections::{BTreeMap, BTreeSet};

use super::{Findings, get, node_is_wrapped, node_paths};
use crate::artifact::{Side, Sides};
use crate::entry::Severity;
use crate::reading::{Finding, NodeId, Reading};
use crate::report::{FindingLine, ProblemLine};

/// Whether two readers can get different content out of an artifact.
pub(super) fn ambiguous(reading: &Reading) -> bool {
    reading.findings.iter().any(|finding| finding.severity == Severity::Conflict)
}

/// The findings of both sides, the worst first, and which of them only one side has.
pub(super) fn findings(found: &Findings<'_>) -> Vec<FindingLine> {
    let mut partner: Sides<BTreeMap<NodeId, NodeId>> = Sides::default();
    for pair in &found.pairing.pairs {
        if let (Some(left), Some(right)) = (pair.left, pair.right) {
            partner.left.insert(left, right);
            partner.right.insert(right, left);
        }
    }
    let known = found.sides.as_ref().map(|side| {
        let key = |finding: &Finding| (finding.id.clone(), outermost(side.reading, finding.node));
        side.reading.findings.iter().map(key).collect::<BTreeSet<_>>()
    });
    let mut lines = Vec::new();
    for side in Side::BOTH {
        let (reading, other) = (found.sides.get(side).reading, known.get(side.other()));
        let paths = node_paths(reading);
        for finding in &reading.findings {
            let there = partner.get(side).get(&outermost(reading, finding.node));
            let shared = there.is_some_and(|there| other.contains(&(finding.id.clone(), *there)));
            lines.push(FindingLine { only_here: !shared, ..finding_line(finding, &paths, side) });
        }
    }
    lines.sort_by_key(|line| line.severity);
    lines
}

/// The node that stands for this one in the pairs: the outermost wrapper around it.
fn outermost(reading: &Reading, id: NodeId) -> NodeId {
    let mut at = id;
    while node_is_wrapped(reading, at)
        && let Some(node) = reading.node(at)
    {
        at = node.parent;
    }
    at
}

fn finding_line(finding: &Finding, paths: &[String], side: Side) -> FindingLine {
    FindingLine {
        id: finding.id.clone(),
        severity: finding.severity,
        side,
        path: get(paths, finding.node).to_owned(),
        offset: finding.offset,
        message: finding.message.clone(),
        only_here: false,
    }
}

/// The findings of one artifact that is not compared.
pub(super) fn alone(reading: &Reading) -> Vec<FindingLine> {
    let paths = node_paths(reading);
    reading.findings.iter().map(|finding| finding_line(finding, &paths, Side::Left)).collect()
}

/// What could not be read of both sides.
pub(super) fn both(found: &Findings<'_>) -> Vec<ProblemLine> {
    Side::BOTH.into_iter().flat_map(|side| problems(found.sides.get(side).reading, side)).collect()
}

/// What could not be read of one side.
pub(super) fn problems(reading: &Reading, side: Side) -> Vec<ProblemLine> {
    let paths = node_paths(reading);
    let line = |problem: &crate::reading::Problem| ProblemLine {
        side,
        path: get(&paths, problem.node).to_owned(),
        offset: problem.offset,
        message: problem.message.clone(),
        unread: problem.unread,
        limit: problem.limit.clone(),
        finding: problem.finding.as_ref().map(|(id, _)| id.clone()),
    };
    reading.problems.iter().map(line).collect()
}
