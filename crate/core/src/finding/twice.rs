//! Paths that an archive has more than once.

use std::collections::BTreeMap;

use super::{Found, same, shown};
use crate::entry::{Kind, Severity};
use crate::reading::{Node, NodeId};

/// The first member of every path, as far as an archive was walked.
#[derive(Default)]
pub(super) struct Firsts<'a>(BTreeMap<&'a [u8], NodeId>);

impl<'a> Firsts<'a> {
    /// Takes the next member. A path that was there before raises a finding: as bad as its kind with other content, and
    /// as `harmless` says with the same; folders may be repeated. True for other content.
    pub(super) fn take(
        &mut self,
        found: &mut Found<'a>,
        (id, harmless): (&'static str, Severity),
        (member, node): (NodeId, &'a Node),
    ) -> bool {
        if node.occurrence == 0 {
            self.0.insert(&node.path, member);
            return false;
        }
        let Some(other) = self.0.get(node.path.as_slice()).and_then(|id| found.node(*id)) else { return false };
        let path = shown(&node.path);
        if !same(node, other) {
            let (was, is) = (other.size, node.size);
            let message = format_args!("{path} is there twice, with {was} and {is} bytes of different content");
            found.raise(id, member, message);
            return true;
        }
        if node.kind != Kind::Directory {
            found.raise_as(harmless, id, member, format_args!("{path} is there twice, with the same content"));
        }
        false
    }
}
