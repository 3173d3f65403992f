//! Members whose header is only a number: `07070X`, and the place in the list of files of the RPM package around the
//! archive, in eight hexadecimal digits (RPM manual, "V6 Package format", Payload). Since version 6, and before that
//! where a file is larger than other headers can say.

use super::Walk;
use crate::entry::{Entry, Kind, Value};
use crate::error::Fault;

/// How such a header begins.
pub(super) const MAGIC: &[u8] = b"07070X";
/// Bytes of the header, without what fills it up.
pub(super) const LENGTH: usize = 14;
/// Headers and contents are each filled up to a multiple of this.
const ALIGNMENT: u64 = 4;
/// The number that newer versions of rpm take for the end.
const END: u32 = u32::MAX;

/// Whether these bytes begin such an archive.
pub(super) fn begins(head: &[u8]) -> bool {
    head.get(..LENGTH).is_some_and(|header| header.starts_with(MAGIC) && number(header).is_some())
}

impl Walk<'_> {
    /// One member, or the end (then true).
    pub(super) fn stripped(&mut self, bytes: &[u8]) -> Result<bool, Fault> {
        let Some(number) = number(bytes) else { return Err(self.fault(self.at, "a member's header has no number")) };
        let end = self.at + LENGTH as u64;
        let data = end.next_multiple_of(ALIGNMENT);
        if number == END {
            self.end = "stripped".to_owned();
            return Ok(!self.behind(end, data - end)?);
        }
        let Some(outline) = self.outline.clone() else {
            let what = "the members are described in the header of an RPM package, which is not here";
            return Err(self.fault(self.at, what));
        };
        let Some(listed) = usize::try_from(number).ok().and_then(|number| outline.members.get(number)) else {
            let what = format!("there is no file of the number {number} in the package's list");
            return Err(self.fault(self.at, &what).raises("RPM-01"));
        };
        let mut entry = listed.clone();
        entry.field("number", Value::Number(number.into()));
        let lower = bytes.iter().any(|byte| matches!(byte, b'A'..=b'F'));
        if lower {
            entry.field("header-form", Value::text("digits in upper case"));
        }
        let size = entry.content.take().and_then(|content| content.size).unwrap_or(0);
        self.fill(&mut entry, data, size)?;
        self.last = Some(entry.path.clone());
        self.members += 1;
        self.filler(end, data)?;
        self.opening.entry(entry)?;
        self.at = data;
        self.past_content(data, size, ALIGNMENT)?;
        Ok(false)
    }

    /// Gives the entry its content: a link's becomes its target.
    fn fill(&mut self, entry: &mut Entry, data: u64, size: u64) -> Result<(), Fault> {
        if entry.kind == Kind::Symlink && size <= self.opening.limits().get("header-bytes") {
            let target = self.opening.exact(data, size, "the target of a link")?;
            entry.field("target", Value::Bytes(target));
        } else if entry.kind == Kind::File || size > 0 {
            entry.content = Some(self.opening.slice(data, size));
        }
        Ok(())
    }
}

fn number(header: &[u8]) -> Option<u32> {
    let digits = header.get(MAGIC.len()..LENGTH)?;
    digits.iter().try_fold(0, |number, byte| Some(number << 4 | char::from(*byte).to_digit(16)?))
}
