//! tar as Go writes it: header, body, padding, and two zero blocks at the end.

use std::io::{self, Write};

use super::{Counted, Writer};
use crate::entry::Content;
use crate::error::Fault;
use crate::go::Stop;
use crate::go::tar::{Header, forced, layout};
use crate::stabilize::{Body, Plan, Tarred};

const ZEROS: [u8; 1024] = [0; 1024];

impl Writer<'_> {
    pub(super) fn tar(&mut self, members: &[Tarred], out: &mut dyn Write) -> Result<(), Fault> {
        if self.is_scattered(members) {
            for batch in batches(members, self.batch) {
                self.gathered(batch, out)?;
            }
        } else {
            for member in members {
                self.member(member, out)?;
            }
        }
        Ok(out.write_all(&ZEROS)?)
    }

    /// Whether contents stand in another order than they are written in, in a decoded stream that is too large to be
    /// kept: each step back would decode it again from its start.
    fn is_scattered(&self, members: &[Tarred]) -> bool {
        let contents = || members.iter().filter_map(decoded);
        let total = contents().map(|content| content.stored).fold(0, u64::saturating_add);
        total > self.kept && !contents().is_sorted_by_key(|content| content.offset)
    }

    /// Writes some members after reading their contents in stored order, so that they cost one decoding together.
    fn gathered(&mut self, batch: &[Tarred], out: &mut dyn Write) -> Result<(), Fault> {
        // One alone may be of any size.
        if let [member] = batch {
            return self.member(member, out);
        }
        let mut order: Vec<(usize, &Content)> =
            batch.iter().enumerate().filter_map(|(at, member)| Some((at, decoded(member)?))).collect();
        order.sort_by_key(|(_, content)| content.offset);
        let mut contents: Vec<Option<Vec<u8>>> = batch.iter().map(|_| None).collect();
        for (at, content) in order {
            let (bytes, _) = self.store.read(content, u64::MAX)?;
            if let Some(slot) = contents.get_mut(at) {
                *slot = Some(bytes);
            }
        }
        for (member, content) in batch.iter().zip(contents) {
            match content {
                None => self.member(member, out)?,
                Some(bytes) => {
                    self.head(&member.header, out)?;
                    out.write_all(&bytes)?;
                    pad(bytes.len() as u64, out)?;
                }
            }
        }
        Ok(())
    }

    fn member(&mut self, Tarred { header, body }: &Tarred, out: &mut dyn Write) -> Result<(), Fault> {
        match body {
            _ if header.is_bare() => self.head(header, out),
            Body::Content(content) => {
                self.head(header, out)?;
                let copied = self.copy(content, out)?;
                pad(copied.size, out)
            }
            Body::Plan(plan) => {
                let size = self.size(plan)?;
                let size = i64::try_from(size).map_err(|_| Fault::new("an archive in a gem is too large"))?;
                self.head(&Header { size, ..header.clone() }, out)?;
                let mut counted = Counted { inner: &mut *out, count: 0 };
                self.plan(plan, &mut counted)?;
                let size = counted.count;
                pad(size, out)
            }
        }
    }

    fn head(&mut self, header: &Header, out: &mut dyn Write) -> Result<(), Fault> {
        let bytes = match layout(header) {
            Ok(bytes) => bytes,
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(Stop::Refused(_)) => forced(header),
        };
        Ok(out.write_all(&bytes)?)
    }

    /// How long something becomes: written once for nobody.
    fn size(&mut self, plan: &Plan) -> Result<u64, Fault> {
        let mut sink = io::sink();
        let mut counted = Counted { inner: &mut sink, count: 0 };
        self.plan(plan, &mut counted)?;
        Ok(counted.count)
    }
}

/// A body that is part of a decoded stream.
fn decoded(member: &Tarred) -> Option<&Content> {
    match &member.body {
        Body::Content(content) if !member.header.is_bare() && content.base > 0 => Some(content),
        _ => None,
    }
}

/// Neighbours whose contents together have at most so many bytes; a larger member is alone.
fn batches(members: &[Tarred], most: u64) -> Vec<&[Tarred]> {
    let (mut batches, mut start, mut sum) = (Vec::new(), 0, 0_u64);
    for (at, member) in members.iter().enumerate() {
        let size = decoded(member).and_then(|content| content.size).unwrap_or(0);
        if at > start && sum.saturating_add(size) > most {
            batches.extend(members.get(start..at));
            (start, sum) = (at, 0);
        }
        sum = sum.saturating_add(size);
    }
    batches.extend(members.get(start..));
    batches
}

/// Fills the last block.
fn pad(size: u64, out: &mut dyn Write) -> Result<(), Fault> {
    let missing = usize::try_from(size.next_multiple_of(512) - size).unwrap_or_default();
    Ok(out.write_all(ZEROS.get(..missing).unwrap_or_default())?)
}
