//! gzip, RFC 1952.

use std::io::{self, BufRead as _, Read};

use super::inflate::Inflate;
use super::input::{Input, Notes};
use super::streams::Stream;
use crate::entry::Value;
use crate::error::Fault;

/// One member of a gzip file (RFC 1952).
pub(super) struct GzipMember {
    body: Inflate,
    crc: crc32fast::Hasher,
    size: u32,
}

impl Read for GzipMember {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.crc.update(buffer.get(..count).unwrap_or(&[]));
        // ISIZE is the length modulo 2^32 (RFC 1952, 2.3.1).
        self.size = self.size.wrapping_add(u32::try_from(count).unwrap_or(u32::MAX));
        Ok(count)
    }
}

impl Stream for GzipMember {
    const NAME: &'static str = "gzip";
    const PART: &'static str = "member";
    const MAGIC: usize = 2;

    fn begins(head: &[u8]) -> bool {
        head.starts_with(&[0x1f, 0x8b])
    }

    fn open(mut input: Input, index: u64, notes: &mut Notes) -> Result<Self, Fault> {
        let start = input.position();
        let [id1, id2, method, flags, m0, m1, m2, m3, extra_flags, system] = input.exact::<10>("the gzip header")?;
        if (id1, id2) != (0x1f, 0x8b) {
            return Err(Fault::at(start, "this is not a gzip member").raises("GZ-05"));
        }
        if method != 8 {
            return Err(
                Fault::at(start + 2, format!("the compression method is {method}, not deflate")).raises("GZ-05")
            );
        }
        let mut say = |name, value| notes.describe(Self::PART, index, name, value);
        let mut covered = crc32fast::Hasher::new();
        covered.update(&[id1, id2, method, flags, m0, m1, m2, m3, extra_flags, system]);
        match u32::from_le_bytes([m0, m1, m2, m3]) {
            0 => {}
            mtime => say("mtime", Value::Time(mtime.into(), 0)),
        }
        say("extra-flags", Value::Number(extra_flags.into()));
        say("os", Value::Number(system.into()));
        // Bits: 1 text, 2 header CRC, 4 extra, 8 name, 16 comment; the rest is reserved.
        if flags & 0b1110_0001 != 0 {
            say("flags", Value::Number((flags & 0b1110_0001).into()));
        }
        if flags & 4 != 0 {
            let length = input.exact::<2>("the gzip extra field")?;
            covered.update(&length);
            let mut extra = Vec::new();
            let wanted = u16::from_le_bytes(length);
            input.by_ref().take(wanted.into()).read_to_end(&mut extra)?;
            if extra.len() < usize::from(wanted) {
                return Err(Fault::at(input.position(), "the data ends inside the gzip extra field"));
            }
            covered.update(&extra);
            say("extra", Value::Bytes(extra));
        }
        for (bit, name) in [(8, "name"), (16, "comment")] {
            if flags & bit != 0 {
                let (mut text, most) = (Vec::new(), input.most_name());
                input.by_ref().take(most.saturating_add(1)).read_until(0, &mut text)?;
                covered.update(&text);
                if text.last() != Some(&0) && text.len() as u64 > most {
                    let message = format!("stopped at the limit name-bytes: a {name} longer than {most}");
                    return Err(Fault { offset: Some(start), ..Fault::limit("name-bytes", message) });
                }
                if text.pop() != Some(0) {
                    return Err(Fault::at(input.position(), format!("the gzip {name} has no end")));
                }
                say(name, Value::Bytes(text));
            }
        }
        let mut wrong = None;
        if flags & 2 != 0 {
            let stated = u16::from_le_bytes(input.exact::<2>("the gzip header CRC")?);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "CRC16 is the low half of the CRC-32 (RFC 1952, 2.3.1)"
            )]
            let right = covered.finalize() as u16;
            if stated == right {
                say("header-crc", Value::text("present"));
            } else {
                say("header-crc", Value::Number(stated.into()));
                wrong = Some(Fault::at(start, "the gzip header CRC is wrong").raises("GZ-05"));
            }
        }
        if let Some(fault) = wrong {
            notes.problem(fault);
        }
        Ok(Self { body: Inflate::new(input), crc: crc32fast::Hasher::new(), size: 0 })
    }

    fn close(self, index: u64, notes: &mut Notes) -> Result<Input, Fault> {
        let mut input = self.body.into_input();
        let start = input.position();
        let [a, b, c, d, e, f, g, h] = input.exact::<8>("the gzip trailer")?;
        let (crc, size) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        let right = self.crc.finalize();
        if crc != right {
            notes.describe(Self::PART, index, "wrong-crc32", Value::Number(crc.into()));
            let message = format!("the gzip CRC is {crc:08x}, the content's is {right:08x}");
            notes.problem(Fault::at(start, message).raises("GZ-04"));
        }
        if size != self.size {
            notes.describe(Self::PART, index, "wrong-size", Value::Number(size.into()));
            let actual = self.size;
            let message = format!("the gzip size is {size}, the content's is {actual}");
            notes.problem(Fault::at(start + 4, message).raises("GZ-04"));
        }
        Ok(input)
    }
}
