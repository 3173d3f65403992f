//! Why OSS Rebuild has no verdict on an artifact: it fails as a whole where we note a problem and read on.

use std::io::Read as _;

use super::Stabilized;
use super::plan::{Plan, Zipped, plan};
use crate::entry::Content;
use crate::error::Fault;
use crate::go::zip::Expected;
use crate::go::{Stop, shown};
use crate::reading::Reading;
use crate::store::Store;

/// The reason as a sentence; `None` where upstream has a verdict, as far as can be told without decoding everything
/// again.
pub fn refusal(reading: &Reading, store: &Store, stabilized: &Stabilized) -> Option<String> {
    let reason = match plan(reading, store, stabilized) {
        Ok(planned) => planned.refusal.or_else(|| contents(reading, store, &planned.plan)),
        Err(Stop::Refused(reason)) => Some(reason),
        Err(Stop::Fault(fault)) => Some(format!("that it can be read could not be found out: {fault}")),
    };
    reason.map(|reason| sentence(&reason))
}

/// A reason as a sentence.
pub(crate) fn sentence(reason: &str) -> String {
    format!("OSS Rebuild has no verdict on this file: {reason}.")
}

/// What is wrong with a content, in the order in which upstream would meet it.
fn contents(reading: &Reading, store: &Store, plan: &Plan) -> Option<String> {
    let Plan::Zip { members, .. } = plan else { return None };
    members.iter().find_map(|member| content(reading, store, member))
}

fn content(reading: &Reading, store: &Store, member: &Zipped) -> Option<String> {
    let (expected, content) = (member.expected?, member.original.as_ref()?);
    let same = |known: &Content| Content { size: None, ..known.clone() } == *content;
    let node = member.node.and_then(|id| reading.node(id));
    let known = node.filter(|node| node.content.as_ref().is_some_and(same) && node.sha256.is_some());
    let (size, wrong) = match known {
        Some(node) => (Ok(node.size), node.value("wrong-crc32").is_some()),
        None => match measure(store, content) {
            Ok((size, crc32)) => (Ok(size), expected.crc32.is_some_and(|expected| expected != crc32)),
            Err(fault) => (Err(fault), false),
        },
    };
    complaint(&member.header.name, expected, size, wrong && expected.crc32.is_some())
}

/// What upstream says to a content of this size, or to one that cannot be read.
pub(crate) fn complaint(name: &[u8], expected: Expected, size: Result<u64, Fault>, wrong: bool) -> Option<String> {
    let name = shown(name);
    match size {
        Err(fault) => Some(format!("the content of {name} cannot be read: {fault}")),
        Ok(size) if size != expected.size => {
            Some(format!("the content of {name} has {size} bytes, its record says {}", expected.size))
        }
        Ok(_) if wrong => Some(format!("the CRC of {name} is wrong")),
        Ok(_) => None,
    }
}

/// Size and CRC-32 of a content.
fn measure(store: &Store, content: &Content) -> Result<(u64, u32), Fault> {
    let (mut reader, mut crc, mut size) = (store.open(content)?, crc32fast::Hasher::new(), 0_u64);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok((size, crc.finalize()));
        }
        crc.update(buffer.get(..count).unwrap_or_default());
        size = size.saturating_add(count as u64);
        store.budget(|budget| {
            budget.check_time()?;
            budget.check_ratio(size, reader.consumed())
        })?;
    }
}
