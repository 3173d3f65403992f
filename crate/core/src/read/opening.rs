//! What a format sees of the work while it opens one container.

use std::collections::BTreeMap;

use super::{Job, Work};
use crate::entry::{BaseId, Entry, Field};
use crate::error::Fault;
use crate::format::Opening;
use crate::limits::Limits;

/// What a format sees while it opens one container.
pub(super) struct Open<'a, 'b> {
    pub(super) job: &'a Job,
    pub(super) name: Vec<u8>,
    pub(super) fields: Vec<Field>,
    pub(super) problems: Vec<Fault>,
    pub(super) occurrences: BTreeMap<Vec<u8>, u32>,
    pub(super) work: &'a mut Work<'b>,
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
        self.work.store.read_at(self.job.base, offset, buffer)
    }

    fn limits(&self) -> &Limits {
        &self.work.limits
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
