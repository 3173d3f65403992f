//! Accounts for every byte of the archive: what overlaps, and what no record claims.

use sha2::{Digest as _, Sha256};

use crate::entry::Value;
use crate::error::Fault;

use super::{Archive, MOST_DESCRIBED, Span, shown, signing};

/// Gives a field for all that lies between the entries and the `records` at the end, and a problem for all that
/// overlaps. `directory` is the directory's first byte, unless there is none.
pub(super) fn describe(
    archive: &mut Archive<'_>,
    records: Vec<(u64, u64)>,
    directory: Option<u64>,
) -> Result<(), Fault> {
    order(archive);
    let mut spans = std::mem::take(&mut archive.spans);
    spans.extend(records.into_iter().map(|(start, end)| Span { start, end, name: (0, 0) }));
    spans.retain(|span| span.start < span.end);
    spans.sort_by_key(|span| (span.start, span.end));
    overlaps(archive, &spans)?;
    let mut gaps = Gaps { directory, described: 0, rest: None };
    let mut last: Option<Span> = None;
    for span in spans {
        let reach = last.map_or(0, |last| last.end);
        if span.start > reach {
            gaps.describe(archive, reach, span.start)?;
        }
        if span.end > reach {
            last = Some(span);
        }
    }
    gaps.describe(archive, last.map_or(0, |last| last.end), archive.length)?;
    gaps.summarize(archive);
    Ok(())
}

/// Gives a problem for all that overlaps among the entries met so far: what stopped the work may be just that.
pub(super) fn stopped(archive: &mut Archive<'_>) -> Result<(), Fault> {
    let mut spans = std::mem::take(&mut archive.spans);
    spans.retain(|span| span.start < span.end);
    spans.sort_by_key(|span| (span.start, span.end));
    overlaps(archive, &spans)
}

/// Gives a problem for each of these, in order, that begins before one of them ends.
fn overlaps(archive: &mut Archive<'_>, spans: &[Span]) -> Result<(), Fault> {
    let mut last: Option<&Span> = None;
    for span in spans {
        if let Some(last) = last
            && span.start < last.end
        {
            let message = format!("{} overlaps {}", called(archive, span)?, called(archive, last)?);
            archive.tell(Fault::at(span.start, message).raises("ZIP-17"));
        }
        if last.is_none_or(|last| span.end > last.end) {
            last = Some(span);
        }
    }
    Ok(())
}

/// Says in which order the data stand, when it is not the directory's.
fn order(archive: &mut Archive<'_>) {
    if archive.spans.is_sorted_by_key(|span| span.start) {
        return;
    }
    let mut order: Vec<(u64, u64)> = (0..).zip(&archive.spans).map(|(index, span)| (span.start, index)).collect();
    order.sort_unstable();
    let mut hash = Sha256::new();
    for (_, index) in order {
        hash.update(index.to_le_bytes());
    }
    archive.opening.say("data-order", Value::Digest(hash.finalize().into()));
}

fn called(archive: &mut Archive<'_>, span: &Span) -> Result<String, Fault> {
    let (at, length) = span.name;
    if at == 0 {
        return Ok("the directory or its end record".into());
    }
    Ok(shown(archive.near(at, length)?))
}

/// The bytes that nothing claims, described as they are met.
struct Gaps {
    directory: Option<u64>,
    described: u64,
    /// Count, bytes and digest of those beyond the limit.
    rest: Option<(u64, u64, Sha256)>,
}

impl Gaps {
    fn describe(&mut self, archive: &mut Archive<'_>, start: u64, end: u64) -> Result<(), Fault> {
        let mut end = end;
        if self.directory == Some(end)
            && let Some(block) = signing::block(archive, start, end)?
        {
            end = block;
        }
        if start >= end {
            return Ok(());
        }
        let bytes = Value::Number((end - start).into());
        let unclaimed = archive.unclaimed(start, end, self.directory.is_some())?;
        let digest = Value::Digest(unclaimed.sha256);
        if start == 0 {
            archive.opening.say("prefix-bytes", bytes);
            archive.opening.say("prefix-sha256", digest);
        } else if end == archive.length {
            archive.opening.say("trailing-bytes", bytes);
            archive.opening.say("trailing-sha256", digest);
        } else if self.described < MOST_DESCRIBED {
            self.described += 1;
            archive.opening.say(format!("gap@{start}"), bytes);
            // Padding has nothing more to say.
            if !unclaimed.zero {
                archive.opening.say(format!("gap@{start}:sha256"), digest);
            }
        } else {
            let (count, bytes, hash) = self.rest.get_or_insert_with(|| (0, 0, Sha256::new()));
            *count += 1;
            *bytes += end - start;
            hash.update(start.to_le_bytes());
            hash.update(unclaimed.sha256);
        }
        for header in unclaimed.headers {
            archive.tell(
                Fault::at(header, format!("a local header at byte {header} is not in the directory")).raises("ZIP-03"),
            );
        }
        Ok(())
    }

    fn summarize(self, archive: &mut Archive<'_>) {
        if let Some((count, bytes, hash)) = self.rest {
            archive.opening.say("more-gaps", Value::Number(count.into()));
            archive.opening.say("more-gaps:bytes", Value::Number(bytes.into()));
            archive.opening.say("more-gaps:sha256", Value::Digest(hash.finalize().into()));
        }
    }
}
