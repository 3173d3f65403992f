//! Where an archive ends, and what stands behind its end.

use super::Walk;
use super::header::{self, BLOCK};
use super::pax::Record;
use crate::display;
use crate::entry::{Severity, Value};
use crate::error::Fault;
use crate::format::scan;

impl Walk<'_> {
    /// At the first zero block, or at the end of the bytes: what is here of the end marker, and what follows it.
    pub(super) fn end(&mut self, length: u64) -> Result<(), Fault> {
        self.tell_dangling();
        if length == 0 {
            self.opening.say("end-marker", Value::text("missing"));
            return Ok(());
        }
        let (zeros, rest) = self.zeros(self.at)?;
        let marker = match zeros {
            0..BLOCK => Some("cut"),
            zeros if zeros < 2 * BLOCK => Some("one block"),
            _ => None,
        };
        if let Some(marker) = marker {
            self.opening.say("end-marker", Value::text(marker));
        }
        let beyond = zeros
            - if zeros < BLOCK {
                0
            } else if zeros < 2 * BLOCK {
                BLOCK
            } else {
                2 * BLOCK
            };
        if beyond > 0 {
            self.opening.say("zero-padding", Value::Number(beyond.into()));
        }
        if rest {
            let offset = self.at + zeros;
            let again = self.peek(offset, 512)?;
            let another = if header::begins(again) { "; another tar archive begins there" } else { "" };
            let (count, digest) = scan::hash(self.opening, offset)?;
            self.opening.say("trailing-bytes", Value::Number(count.into()));
            self.opening.say("trailing-sha256", Value::Digest(digest));
            let message = format!("{count} bytes follow the end of the archive{another}");
            let fault = Fault::at(offset, message);
            let severity = if another.is_empty() { Severity::High } else { Severity::Conflict };
            self.opening.problem(fault.raises_as(severity, "TAR-09"));
        }
        Ok(())
    }

    /// How many bytes from here are zero, in whole blocks if something else follows them.
    fn zeros(&mut self, start: u64) -> Result<(u64, bool), Fault> {
        let mut chunk = vec![0; 64 << 10];
        let mut at = start;
        loop {
            let read = self.opening.read_at(at, &mut chunk)?;
            let bytes = chunk.get(..read).unwrap_or_default();
            if read == 0 {
                return Ok((at - start, false));
            }
            if bytes.iter().any(|byte| *byte != 0) {
                let run = bytes.iter().take_while(|byte| **byte == 0).count() as u64;
                return Ok(((at + run - start) / BLOCK * BLOCK, true));
            }
            at += read as u64;
        }
    }

    /// Extension headers that no entry follows.
    fn tell_dangling(&mut self) {
        let Some(at) = self.pending.at else { return };
        let pending = std::mem::take(&mut self.pending);
        self.opening.say("dangling-header", Value::text(pending.text));
        for field in pending.fields {
            self.opening.field(field);
        }
        for Record { key, value, .. } in pending.records {
            self.opening.say(format!("dangling-pax:{}", display::bytes(&key)), Value::Bytes(value));
        }
        for (name, value) in [("dangling-path", pending.path), ("dangling-target", pending.target)] {
            if let Some(value) = value {
                self.opening.say(name, Value::Bytes(value));
            }
        }
        self.opening
            .problem(Fault::at(at, "no entry follows the last extension header").raises_as(Severity::Medium, "TAR-13"));
    }
}
