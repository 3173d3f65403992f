//! What OSS Rebuild itself would make of an artifact: the digest of its stabilized archive, and its verdict on two.
//!
//! Its service publishes a rebuild when the two stabilized archives are the same bytes. The tree of a comparison says
//! which entries differ and why; this says what their digests say.

use std::sync::Arc;

use crate::artifact::{Sides, Source};
use crate::attest::Variant;
use crate::display;
use crate::limits::Limits;
use crate::reading::Reading;
use crate::report::{Report, StabilizedArchive, Statement, Upstream, Verdict};
use crate::rewrite;
use crate::stabilize::{self, Choice, Profile};
use crate::store::{CACHE, Store};
use crate::summarize::UNEXPLAINED;

/// Said of what OSS Rebuild has no passes for.
const NO_PASSES: &str = "OSS Rebuild does not stabilize files of this kind and name.";

/// The same choice of passes, of OSS Rebuild's own.
pub fn choice(choice: &Choice) -> Choice {
    Choice { profile: Profile::OssRebuild, ..choice.clone() }
}

/// The digest of one side's stabilized archive. Reads every content once.
pub fn archive(reading: &Reading, store: &Store, chosen: &Choice) -> StabilizedArchive {
    let stabilized = stabilize::run_to_rewrite(reading, store, &choice(chosen));
    let mut archive = StabilizedArchive {
        passes: stabilized.named.map(|set| set.id().to_owned()),
        sha256: None,
        refusal: None,
        notes: Vec::new(),
    };
    if stabilized.named.is_none() {
        archive.refusal = Some(NO_PASSES.to_owned());
        return archive;
    }
    match rewrite::digest(reading, store, &stabilized) {
        Ok((sha256, written)) => {
            archive.sha256 = Some(display::hex(&sha256));
            archive.refusal = written.refusal;
            archive.notes = written.doubts;
        }
        Err(fault) => archive.refusal = Some(format!("There is no stabilized archive: {fault}.")),
    }
    archive
}

/// OSS Rebuild's verdict on two sides; none where it refuses either, or where our bytes may not be its.
pub fn verdict(sides: Sides<StabilizedArchive>) -> Upstream {
    let theirs = |side: &StabilizedArchive| side.refusal.is_none() && side.notes.is_empty() && side.sha256.is_some();
    let verdict = (theirs(&sides.left) && theirs(&sides.right))
        .then(|| if sides.left.sha256 == sides.right.sha256 { Verdict::Equivalent } else { Verdict::Different });
    Upstream { verdict, sides }
}

/// Makes the verdict OSS Rebuild's, where it has one. Never `identical`: that is about bytes as they are.
pub fn reconcile(report: &mut Report, upstream: &Upstream) {
    let ours = match report.verdict {
        Verdict::Identical | Verdict::Equivalent => Verdict::Equivalent,
        other => other,
    };
    let Some(theirs) = upstream.verdict.filter(|theirs| *theirs != ours) else { return };
    report.verdict = theirs;
    let sentence = match theirs {
        Verdict::Equivalent => "The archives are equal after OSS Rebuild's passes, which do not see what differs here",
        _ => "The archives differ after OSS Rebuild's passes, though no entry does",
    };
    let statement = Statement {
        cause: UNEXPLAINED.to_owned(),
        explained: theirs == Verdict::Equivalent,
        sentence: sentence.to_owned(),
        rows: Vec::new(),
    };
    report.statements.insert(0, statement);
}

/// SHA-256 of an artifact's stabilized archive under a variant of OSS Rebuild's passes, as an attestation may state it.
/// The variant may name the artifact otherwise: then the reading takes that name.
///
/// # Errors
/// Why there is none, as a sentence.
pub fn recompute(
    source: Arc<dyn Source>,
    reading: &mut Reading,
    limits: &Limits,
    variant: &Variant,
) -> Result<[u8; 32], String> {
    if !variant.name.is_empty() {
        reading.name.clone_from(&variant.name);
    }
    let chosen = Choice {
        ecosystem: variant.ecosystem,
        disabled: variant.without.iter().map(|id| (*id).to_owned()).collect(),
        rules: variant.rules.clone(),
        ..Choice::of(Profile::OssRebuild)
    };
    let store = Store::with_bases(source, &reading.bases, limits, CACHE);
    let stabilized = stabilize::run_to_rewrite(reading, &store, &chosen);
    match rewrite::digest(reading, &store, &stabilized) {
        Ok((sha256, written)) => written.refusal.map_or(Ok(sha256), Err),
        Err(fault) => Err(fault.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(sha256: Option<&str>, refusal: Option<&str>, notes: &[&str]) -> StabilizedArchive {
        StabilizedArchive {
            passes: Some("wheel".into()),
            sha256: sha256.map(str::to_owned),
            refusal: refusal.map(str::to_owned),
            notes: notes.iter().map(|note| (*note).to_owned()).collect(),
        }
    }

    #[track_caller]
    fn check(left: StabilizedArchive, right: StabilizedArchive, expected: Option<Verdict>) {
        assert_eq!(verdict(Sides { left, right }).verdict, expected);
    }

    #[test]
    fn equal_digests_are_their_equivalent() {
        check(archive(Some("a"), None, &[]), archive(Some("a"), None, &[]), Some(Verdict::Equivalent));
        check(archive(Some("a"), None, &[]), archive(Some("b"), None, &[]), Some(Verdict::Different));
    }

    #[test]
    fn where_they_refuse_or_our_bytes_are_in_doubt_they_have_none() {
        let fine = || archive(Some("a"), None, &[]);
        check(fine(), archive(Some("a"), Some("a global header"), &[]), None);
        check(archive(Some("a"), None, &["names stand twice"]), fine(), None);
        check(archive(None, Some("damaged"), &[]), fine(), None);
    }

    #[test]
    fn the_verdict_is_theirs_where_they_have_one() {
        let both = |left: &str, right: &str| {
            verdict(Sides { left: archive(Some(left), None, &[]), right: archive(Some(right), None, &[]) })
        };
        let cases = [
            (Verdict::Identical, both("a", "a"), Verdict::Identical, 0),
            (Verdict::Equivalent, both("a", "a"), Verdict::Equivalent, 0),
            (Verdict::Different, both("a", "a"), Verdict::Equivalent, 1),
            (Verdict::Incomplete, both("a", "a"), Verdict::Equivalent, 1),
            (Verdict::Equivalent, both("a", "b"), Verdict::Different, 1),
            (Verdict::Different, both("a", "b"), Verdict::Different, 0),
        ];
        for (ours, said, expected, statements) in cases {
            let mut report = Report { verdict: ours, ..Report::empty() };
            reconcile(&mut report, &said);
            assert_eq!((report.verdict, report.statements.len()), (expected, statements), "{ours:?} {said:?}");
        }
        let mut report = Report { verdict: Verdict::Incomplete, ..Report::empty() };
        reconcile(
            &mut report,
            &verdict(Sides { left: archive(None, Some("x"), &[]), right: archive(None, None, &[]) }),
        );
        assert_eq!(report.verdict, Verdict::Incomplete);
    }
}
