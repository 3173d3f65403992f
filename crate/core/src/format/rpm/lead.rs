//! The lead: 96 bytes that rpm itself goes by no longer (RPM manual, "The RPM lead").

use crate::display;
use crate::entry::Value;
use crate::format::Opening;

/// How every package begins.
pub(super) const MAGIC: [u8; 4] = [0xed, 0xab, 0xee, 0xdb];
/// Bytes of the lead.
pub(super) const LENGTH: usize = 96;

/// What the lead says.
pub(crate) struct Lead<'a> {
    /// Version of the format: 3 or 4, in a package of version 6 as well.
    pub(super) version: [u8; 2],
    /// 0 binary, 1 source.
    pub(crate) kind: u16,
    arch: u16,
    /// Name, version and release, as far as they fit.
    pub(crate) name: &'a [u8],
    /// What stands behind the name's NUL.
    behind: &'a [u8],
    os: u16,
    signature: u16,
    reserved: &'a [u8],
}

impl<'a> Lead<'a> {
    /// Of the bytes of a lead.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let number = |at: usize| bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |it| u16::from_be_bytes(*it));
        let field = bytes.get(10..76).unwrap_or_default();
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
        let (name, behind) = field.split_at_checked(end).unwrap_or_default();
        Self {
            version: bytes.get(4..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default(),
            kind: number(6),
            arch: number(8),
            name,
            behind,
            os: number(76),
            signature: number(78),
            reserved: bytes.get(80..LENGTH).unwrap_or_default(),
        }
    }

    /// A field for everything in it.
    pub(super) fn describe(&self, opening: &mut dyn Opening) {
        let [major, minor] = self.version;
        opening.say("lead-version", Value::Text(format!("{major}.{minor}").into()));
        let kind = match self.kind {
            0 => Value::text("binary"),
            1 => Value::text("source"),
            other => Value::Number(other.into()),
        };
        opening.say("lead-type", kind);
        opening.say("lead-name", Value::Bytes(self.name.to_vec()));
        for (name, number) in [("lead-arch", self.arch), ("lead-os", self.os), ("lead-signature-type", self.signature)]
        {
            opening.say(name, Value::Number(number.into()));
        }
        for (name, bytes) in [("lead-name-padding", self.behind), ("lead-reserved", self.reserved)] {
            if bytes.iter().any(|byte| *byte != 0) {
                opening.say(name, Value::Text(display::hex(bytes).into()));
            }
        }
    }
}
