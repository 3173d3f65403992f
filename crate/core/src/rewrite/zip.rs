//! zip as Go writes it: as a stream, so that checksum and sizes follow the data.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::{Counted, DEFLATED, Writer};
use crate::error::Fault;
use crate::go::Stop;
use crate::go::zip::{self, Closed};
use crate::stabilize::{Zipped, complaint};

impl Writer<'_> {
    pub(super) fn zip(&mut self, members: &[Zipped], comment: &[u8], out: &mut dyn Write) -> Result<(), Fault> {
        let mut out = Counted { inner: out, count: 0 };
        let mut closed = Vec::with_capacity(members.len());
        for member in members {
            closed.push(self.zipped(member, &mut out)?);
        }
        let end = zip::end(&closed, comment, out.count);
        Ok(out.write_all(&end)?)
    }

    fn zipped(&mut self, member: &Zipped, out: &mut Counted<'_>) -> Result<Closed, Fault> {
        let mut bytes = Vec::new();
        let mut header = member.header.clone();
        let written = loop {
            match zip::Written::begin(header.clone(), out.count, &mut bytes) {
                Ok(written) => break written,
                Err(Stop::Fault(fault)) => return Err(fault),
                Err(Stop::Refused(reason)) => {
                    self.refusal.get_or_insert(reason);
                    header.extra.clear();
                }
            }
        };
        out.write_all(&bytes)?;
        bytes.clear();
        let start = out.count;
        let Some(content) = member.content.as_ref().filter(|_| !member.header.is_folder()) else {
            let closed = written.close(0, 0, 0, &mut bytes);
            out.write_all(&bytes)?;
            return Ok(closed);
        };
        let copied = if member.header.method == 0 {
            self.copy(content, out)?
        } else {
            self.doubt(DEFLATED);
            let mut encoder = DeflateEncoder::new(&mut *out, Compression::default());
            let copied = self.copy(content, &mut encoder)?;
            encoder.finish()?;
            copied
        };
        let compressed = out.count - start;
        if let (Some(expected), Some(original)) = (member.expected, &member.original)
            && self.refusal.is_none()
        {
            let other = if original == content { None } else { Some(self.copy(original, &mut io::sink())) };
            let read = match other {
                None => Ok((copied.size, copied.crc32)),
                Some(other) => other.map(|copied| (copied.size, copied.crc32)),
            };
            let wrong = matches!((&read, expected.crc32), (Ok((_, crc32)), Some(expected)) if *crc32 != expected);
            self.refusal = complaint(&member.header.name, expected, read.map(|(size, _)| size), wrong);
        }
        let closed = written.close(copied.crc32, compressed, copied.size, &mut bytes);
        out.write_all(&bytes)?;
        Ok(closed)
    }
}
