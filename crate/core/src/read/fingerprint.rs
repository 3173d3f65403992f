//! Reading a content to its end: its digests, and where it contradicts what its archive states.

use std::io::Read as _;

use sha2::{Digest as _, Sha256};

use super::{TAIL, Work};
use crate::codec::Note;
use crate::entry::{Coding, Content, Field, Severity};
use crate::error::Fault;
use crate::reading::NodeId;

/// What reading a content found.
pub(super) struct Fingerprint {
    pub(super) sha256: [u8; 32],
    pub(super) crc32: u32,
    pub(super) size: u64,
    pub(super) notes: Vec<Note>,
    /// The content's last bytes, where the end mark of a zip would be.
    pub(super) tail: Vec<u8>,
}

impl Work<'_> {
    /// Reads a content to its end. `head` is what was read of it already. `charge`: whether its bytes count against
    /// the budget here; those of a decoded base are counted where they are decoded.
    pub(super) fn fingerprint(
        &mut self,
        content: &Content,
        reader: &mut crate::store::ContentReader,
        head: Vec<u8>,
        charge: bool,
    ) -> Result<Fingerprint, Fault> {
        let mut hash = Sha256::new();
        let mut crc = crc32fast::Hasher::new();
        let mut size = 0_u64;
        let mut tail: Vec<u8> = Vec::new();
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut take = |work: &mut Self, bytes: &[u8], consumed: u64| {
            hash.update(bytes);
            crc.update(bytes);
            size = size.saturating_add(bytes.len() as u64);
            tail.extend_from_slice(bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or(bytes));
            tail.drain(..tail.len().saturating_sub(TAIL));
            if charge {
                work.store.budget(|budget| {
                    budget.take_bytes(bytes.len() as u64)?;
                    budget.check_ratio(size, consumed)
                })?;
            }
            work.count(bytes.len() as u64);
            Ok::<(), Fault>(())
        };
        let mut result = take(self, &head, reader.consumed());
        while result.is_ok() {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => result = take(self, buffer.get(..count).unwrap_or_default(), reader.consumed()),
                Err(error) => result = Err(error.into()),
            }
        }
        self.buffer = buffer;
        result?;
        let notes = if matches!(content.coding, Coding::Stored) { Vec::new() } else { reader.notes() };
        Ok(Fingerprint { sha256: hash.finalize().into(), crc32: crc.finalize(), size, notes, tail })
    }

    /// SHA-256 of the bytes as stored: shows a difference of compression where the content is the same.
    pub(super) fn stored_digest(&mut self, id: NodeId, content: &Content) -> Result<(), Fault> {
        let stored = Content { coding: Coding::Stored, size: None, ..content.clone() };
        let mut reader = self.store.open(&stored)?;
        let print = self.fingerprint(&stored, &mut reader, Vec::new(), false)?;
        if let Some(node) = self.node_mut(id) {
            node.stored_sha256 = Some(print.sha256);
        }
        Ok(())
    }

    /// Notes what was measured, and where it contradicts what the container states.
    pub(super) fn measured(&mut self, id: NodeId, content: &Content, print: &Fingerprint, crc32: Option<u32>) {
        if let Some(node) = self.node_mut(id) {
            node.sha256 = Some(print.sha256);
            node.crc32 = Some(print.crc32);
            node.size = print.size;
        }
        if let Some(stated) = content.size
            && stated != print.size
        {
            let message = format!("{stated} bytes are stated, the content has {}", print.size);
            // Only a zip can state another size than its data have.
            self.problem(id, &Fault::new(message).raises("ZIP-23"), false);
        }
        if let Some(stated) = crc32
            && stated != print.crc32
        {
            let message = format!("the stated CRC-32 is {stated:08x}, the content's is {:08x}", print.crc32);
            self.problem(id, &Fault::new(message).raises_as(Severity::High, "ZIP-13"), false);
            if let Some(node) = self.node_mut(id) {
                node.fields.push(Field::new("wrong-crc32", crate::entry::Value::Number(stated.into())));
            }
        }
    }
}
