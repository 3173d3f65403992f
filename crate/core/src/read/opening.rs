//! What a format, or the model of a reader, sees of the work while one container is opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Job, Work};
use crate::entry::{BaseId, Content, Entry, Field, Outline, Value};
use crate::error::Fault;
use crate::format::Opening;
use crate::limits::Limits;
use crate::reader::{Archive, End, Reader};

/// What a format sees while it opens one container.
pub(super) struct Open<'a, 'b> {
    pub(super) job: &'a Job,
    pub(super) name: Vec<u8>,
    pub(super) fields: Vec<Field>,
    pub(super) problems: Vec<Fault>,
    pub(super) occurrences: BTreeMap<Vec<u8>, u32>,
    pub(super) work: &'a mut Work<'b>,
}

impl Open<'_, '_> {
    /// The members that a reader sees, in place of those that our own reading finds.
    pub(super) fn as_seen_by(&mut self, reader: &Reader) -> Result<(), Fault> {
        let store = self.work.store.clone();
        let archive = Archive::new(&store, self.job.base)?;
        let mut archive = archive.spending(self.work.limits.get("total-bytes"));
        let view = (reader.see)(&mut archive);
        for member in view.members {
            let mut entry = Entry::new(member.path, member.kind, member.content);
            if let Some(target) = member.target {
                entry.content = entry.content.or_else(|| Some(Content::inline(target.clone())));
                entry.field("target", Value::Bytes(target));
            }
            self.entry(entry)?;
        }
        match (archive.stopped(), view.end) {
            (Some(fault), _) => return Err(fault),
            (None, End::Whole) => {}
            (None, End::Stopped(reason) | End::Refused(reason)) => {
                self.problem(Fault::new(format!("{} reports an error here: {reason}", reader.title)));
            }
        }
        Ok(())
    }
}

impl Opening for Open<'_, '_> {
    fn base(&self) -> BaseId {
        self.job.base
    }

    fn name(&self) -> &[u8] {
        &self.name
    }

    fn length(&mut self) -> Result<u64, Fault> {
        self.work.store.len(self.job.base)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Fault> {
        let count = self.work.store.read_at(self.job.base, offset, buffer)?;
        self.work.passed();
        Ok(count)
    }

    fn limits(&self) -> &Limits {
        &self.work.limits
    }

    fn outline(&self) -> Option<Arc<Outline>> {
        self.job.outline.clone()
    }

    fn entry(&mut self, entry: Entry) -> Result<(), Fault> {
        let seen = self.occurrences.entry(entry.path.clone()).or_default();
        let occurrence = *seen;
        *seen += 1;
        self.work.member(self.job, entry, occurrence)
    }

    fn field(&mut self, field: Field) {
        self.fields.push(field);
    }

    fn problem(&mut self, fault: Fault) {
        self.problems.push(fault);
    }
}
