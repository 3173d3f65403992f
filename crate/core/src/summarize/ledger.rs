//! The ledger: what the stabilizers ignored, line by line.

use std::collections::BTreeMap;

use super::Findings;
use crate::report::LedgerLine;
use crate::stabilize::STABILIZERS;

/// Every difference that a pass accounts for, equal ones grouped, in the order of the passes.
pub(super) fn lines(findings: &Findings<'_>) -> Vec<LedgerLine> {
    type Key<'a> = (usize, &'static str, &'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);
    let mut groups: BTreeMap<Key<'_>, Vec<i64>> = BTreeMap::new();
    for (at, judged) in findings.judged.iter().enumerate() {
        for difference in &judged.differences {
            let Some(pass) = difference.pass else { continue };
            let position = STABILIZERS.iter().position(|stabilizer| stabilizer.id == pass).unwrap_or(usize::MAX);
            // Digests name one content each: one line for all of them, the rows say which.
            let digest = matches!(difference.what.as_ref(), "encoding");
            let (left, right, after) = if digest {
                (None, None, None)
            } else {
                (difference.left.as_deref(), difference.right.as_deref(), difference.after.as_deref())
            };
            let key = (position, pass, difference.what.as_ref(), left, right, after);
            groups.entry(key).or_default().push(i64::try_from(at).unwrap_or(i64::MAX) - 1);
        }
    }
    groups
        .into_iter()
        .map(|((_, pass, field, left, right, after), rows)| LedgerLine {
            pass: pass.to_owned(),
            field: field.to_owned(),
            left: left.map(str::to_owned),
            right: right.map(str::to_owned),
            after: after.map(str::to_owned),
            count: rows.len() as u64,
            rows,
        })
        .collect()
}
