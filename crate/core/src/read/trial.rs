//! Contents that should not be readable by what their archive says, and are all the same.

use super::Work;
use crate::entry::{Content, Severity};
use crate::error::Fault;
use crate::reading::NodeId;

impl Work<'_> {
    /// What is to be read of an entry that cannot be read for a reason: its bytes as they are, if they have the size
    /// and CRC-32 that the archive states, since there are readers that do not care for the reason. Reading to stabilize
    /// tries, too: one artifact has one stabilized archive, whatever it was read for.
    pub(super) fn tried(
        &mut self,
        id: NodeId,
        content: Option<Content>,
        crc32: Option<u32>,
        reason: &str,
    ) -> Option<Content> {
        let Some(content) = content.filter(|content| self.is_as_stated(content, crc32)) else {
            self.problem(id, &Fault::new(format!("the content cannot be read: {reason}")), true);
            if let Some(node) = self.node_mut(id) {
                node.content = None;
            }
            return None;
        };
        let encrypted = self.reading.node(id).is_some_and(|node| node.value("encryption").is_some());
        let fault = Fault::new(format!("the archive says that {reason}, but the bytes as they are have its CRC-32"));
        let finding = if encrypted { "ZIP-26" } else { "ZIP-27" };
        self.problem(id, &fault.raises_as(Severity::Conflict, finding), false);
        if let Some(node) = self.node_mut(id) {
            node.unread = false;
        }
        Some(content)
    }

    /// Whether a content decodes to what its archive states.
    fn is_as_stated(&mut self, content: &Content, crc32: Option<u32>) -> bool {
        let Ok(mut reader) = self.store.open(content) else { return false };
        let print = self.fingerprint(content, &mut reader, Vec::new(), true);
        print.is_ok_and(|print| Some(print.crc32) == crc32 && Some(print.size) == content.size)
    }
}
