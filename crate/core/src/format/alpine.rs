//! Alpine packages of version 2 (apk-package(5) of apk-tools): three gzip members in a row, each around a part of a tar
//! archive. The first holds signatures of the second, the second says what the package is and states the SHA-256 of the
//! third as it is stored, the third holds the files. Only the third has the end mark of a tar, so the whole is one
//! `.tar.gz` to whoever knows nothing better.
//!
//! The parts are members here, opened by their own bytes. What follows the second gzip member is the third part, however
//! many members that has.

use flate2::{Decompress, FlushDecompress, Status};

use super::{Format, Opening, Shape, scan};
use crate::display;
use crate::entry::{Content, Entry, Kind, Value};
use crate::error::Fault;

/// An Alpine package, `.apk`.
pub const ALPINE: Format = Format { id: "alpine", title: "Alpine package", shape: Shape::Archive, detect, open };

/// How a gzip member begins: the magic, and deflate.
const MAGIC: &[u8] = &[0x1f, 0x8b, 8];
/// Bytes of a member's header without its optional parts, and of what follows its data.
const HEADER: usize = 10;
const TRAILER: u64 = 8;
/// Optional parts of the header are looked for in this many bytes.
const MOST_HEADER: usize = 4096;
/// The name of the first entry of a tar, and the header that it is part of.
const NAME: usize = 100;
const BLOCK: usize = 512;
/// Bytes kept of a part: descriptions are shorter.
const KEPT: usize = 64 << 10;
/// Where a tar header has the size of the entry, in octal digits.
const SIZE: std::ops::Range<usize> = 124..136;

/// Gives bytes at an offset.
type Read<'a> = &'a mut dyn FnMut(u64, &mut [u8]) -> Result<usize, Fault>;

/// A gzip member.
struct Member {
    /// How the tar in it begins.
    tar: Vec<u8>,
    /// Where the member ends, if it was read so far.
    end: Option<u64>,
}

impl Member {
    /// The name of the first entry.
    fn name(&self) -> &[u8] {
        let name = self.tar.get(..NAME).unwrap_or(&self.tar);
        name.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// What the description says is the SHA-256 of the data, if this is the member that has it.
    fn datahash(&self) -> Option<&[u8]> {
        let digits = std::str::from_utf8(self.tar.get(SIZE)?).ok()?;
        let size = usize::from_str_radix(digits.trim_matches(['\0', ' ']), 8).ok()?;
        let text = self.tar.get(BLOCK..)?.get(..size).filter(|_| self.name() == b".PKGINFO")?;
        text.split(|byte| *byte == b'\n').find_map(|line| {
            let value = line.strip_prefix(b"datahash")?.trim_ascii_start().strip_prefix(b"=")?;
            Some(value.trim_ascii())
        })
    }
}

/// Two members at least, the first of which holds a signature or a description: ordinary archives in several members
/// have other names, and packages of Arch Linux, which begin with the same name, one member.
fn detect(head: &[u8], name: &[u8]) -> bool {
    if !head.starts_with(MAGIC) {
        return false;
    }
    let mut read = |at: u64, buffer: &mut [u8]| {
        let rest = usize::try_from(at).ok().and_then(|at| head.get(at..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    };
    let Ok(Some(member)) = member(&mut read, 0, 1 << 20) else { return false };
    if !member.name().starts_with(b".SIGN.") && member.name() != b".PKGINFO" {
        return false;
    }
    match member.end.and_then(|end| head.get(usize::try_from(end).ok()?..)) {
        Some(next) if next.len() >= MAGIC.len() => next.starts_with(MAGIC),
        // It goes on behind what can be seen here.
        _ => name.to_ascii_lowercase().ends_with(b".apk"),
    }
}

fn open(opening: &mut dyn Opening) -> Result<(), Fault> {
    let most = opening.limits().get("content-bytes") / 4;
    let mut at = 0;
    let mut parts = ["signature.tar.gz", "control.tar.gz", "data.tar.gz"].into_iter().peekable();
    while let Some(part) = parts.next() {
        // The last part is all that is left, and need not be read for that.
        let member = match parts.peek() {
            Some(_) => member(&mut |at, buffer| opening.read_at(at, buffer), at, most)?,
            None => None,
        };
        // Where a name is cut off, nothing says otherwise.
        let signature = |name: &[u8]| name.starts_with(b".SIGN.") || b".SIGN.".starts_with(name);
        let unsigned = at == 0 && member.as_ref().is_some_and(|member| !signature(member.name()));
        let part = if unsigned { parts.next().unwrap_or(part) } else { part };
        let end = member.as_ref().and_then(|member| member.end);
        let content = match end {
            Some(end) => opening.slice(at, end - at),
            None => Content { size: None, ..opening.slice(at, u64::MAX) },
        };
        opening.entry(Entry::new(part, Kind::File, Some(content)))?;
        let Some(end) = end else { return Ok(()) };
        at = end;
        if let Some(stated) = member.as_ref().and_then(Member::datahash) {
            datahash(opening, stated, at)?;
        }
        if opening.read_at(at, &mut [0])? == 0 {
            return Ok(());
        }
    }
    Ok(())
}

/// The digest of everything from an offset on against the stated one. Where it is wrong, that is a field too: a package
/// that apk refuses is not the same as one that it takes, though both state the same.
fn datahash(opening: &mut dyn Opening, stated: &[u8], start: u64) -> Result<(), Fault> {
    let (count, actual) = scan::hash(opening, start)?;
    let hex = display::hex(&actual);
    if count > 0 && stated != hex.as_bytes() {
        opening.say("wrong-datahash", Value::Digest(actual));
        let stated = scan::shown(stated);
        let message = format!("the datahash is {stated}, the data's is {hex}");
        opening.problem(Fault::at(start, message).raises("ALPINE-01"));
    }
    Ok(())
}

/// The member at an offset, read as far as `most` decoded bytes; `None` if there is none.
fn member(read: Read<'_>, start: u64, most: u64) -> Result<Option<Member>, Fault> {
    let mut buffer = vec![0; 64 << 10];
    let mut head = Vec::new();
    while head.len() < MOST_HEADER {
        match read(start + head.len() as u64, &mut buffer)? {
            0 => break,
            count => head.extend_from_slice(buffer.get(..count).unwrap_or_default()),
        }
    }
    let Some(header) = header_length(&head) else { return Ok(None) };
    let mut inflate = Decompress::new(false);
    let mut decoded = vec![0; 64 << 10];
    let mut tar = Vec::new();
    let start = start + header as u64;
    loop {
        let (before, given) = (inflate.total_in(), inflate.total_out());
        let count = read(start + before, &mut buffer)?;
        let input = buffer.get(..count).unwrap_or_default();
        let flush = if count == 0 { FlushDecompress::Finish } else { FlushDecompress::None };
        let status = inflate.decompress(input, &mut decoded, flush);
        let produced = usize::try_from(inflate.total_out() - given).unwrap_or_default();
        let room = KEPT.saturating_sub(tar.len());
        tar.extend(decoded.iter().take(produced.min(room)));
        let end = match status {
            Ok(Status::StreamEnd) => Some(start + inflate.total_in() + TRAILER),
            Ok(_) if inflate.total_out() < most && (produced > 0 || inflate.total_in() > before) => continue,
            _ => None,
        };
        return Ok(Some(Member { tar, end }));
    }
}

/// Bytes of a member's header (RFC 1952, 2.3), if it is one and not longer than what is here.
fn header_length(head: &[u8]) -> Option<usize> {
    if !head.starts_with(MAGIC) {
        return None;
    }
    let flags = head.get(3)?;
    let mut at = HEADER;
    if flags & 4 != 0 {
        let length = head.get(at..)?.first_chunk::<2>()?;
        at += 2 + usize::from(u16::from_le_bytes(*length));
    }
    for bit in [8, 16] {
        if flags & bit != 0 {
            at += head.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    (at <= head.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::format::testing::{self, Opened};

    /// A tar entry of one file, without an end.
    fn tar(name: &str, content: &[u8]) -> Vec<u8> {
        let mut block = [0_u8; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[100..124].copy_from_slice(b"0000644\x000000000\x000000000\0");
        block[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        block[136..148].copy_from_slice(b"00000000012\0");
        block[148..156].copy_from_slice(b"        ");
        block[156] = b'0';
        block[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let mut bytes = [&block[..], content].concat();
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        named(bytes, None)
    }

    fn named(bytes: &[u8], name: Option<&str>) -> Vec<u8> {
        let builder = flate2::GzBuilder::new();
        let builder = match name {
            Some(name) => builder.filename(name).comment("c").extra(*b"xx\0\0"),
            None => builder,
        };
        let mut encoder = builder.write(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn parts() -> [Vec<u8>; 3] {
        let noise: Vec<u8> = (0..512_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        let data = [tar("usr/bin/a", b"code"), vec![0; 1024]].concat();
        [gzip(&tar(".SIGN.RSA.me.rsa.pub", &noise)), gzip(&tar(".PKGINFO", b"pkgname = a\n")), gzip(&data)]
    }

    fn open(bytes: &[u8]) -> Opened {
        testing::open(&ALPINE, "a-1-r0.apk", bytes.to_vec())
    }

    fn names(bytes: &[u8]) -> Vec<String> {
        let opened = open(bytes);
        assert_eq!(opened.problems, []);
        let length = |entry: &Entry| entry.content.as_ref().map_or(0, |content| content.stored.min(9999));
        opened
            .entries
            .iter()
            .map(|entry| format!("{} {}", String::from_utf8_lossy(&entry.path), length(entry)))
            .collect()
    }

    #[test]
    fn a_package_is_its_three_parts() {
        let [signature, control, data] = parts();
        let (signed, described) = (signature.len(), control.len());
        let whole = [&signature[..], &control, &data].concat();
        assert_eq!(
            names(&whole),
            [format!("signature.tar.gz {signed}"), format!("control.tar.gz {described}"), "data.tar.gz 9999".into()]
        );
        let opened = open(&whole);
        assert_eq!(
            (opened.content(0), opened.content(1), opened.content(2)),
            (signature, control.clone(), data.clone())
        );
        assert_eq!(
            names(&[&control[..], &data].concat()),
            [format!("control.tar.gz {described}"), "data.tar.gz 9999".into()]
        );
        assert_eq!(names(&control), [format!("control.tar.gz {described}")]);
        let more = [&whole[..], &gzip(b"more")].concat();
        assert_eq!(open(&more).content(2), [data, gzip(b"more")].concat(), "the rest is the third part");
    }

    #[test]
    fn a_digest_that_is_not_the_datas_is_a_field() {
        let [signature, _, data] = parts();
        let said = |stated: &str| {
            let control = gzip(&tar(".PKGINFO", format!("pkgname = a\ndatahash = {stated}\n").as_bytes()));
            let opened = open(&[&signature[..], &control, &data].concat());
            let raised = opened.problems.iter().filter(|problem| problem.finding == Some(("ALPINE-01", None))).count();
            (opened.value("wrong-datahash").is_some(), raised)
        };
        let right = display::hex(&<sha2::Sha256 as sha2::Digest>::digest(&data));
        assert_eq!(said(&right), (false, 0));
        assert_eq!(said(&right.replace('a', "b")), (true, 1));
    }

    #[test]
    fn a_package_is_known_by_its_first_two_members() {
        let check = |bytes: &[u8], name: &str, id: &str| {
            let head = &bytes[..bytes.len().min(crate::format::HEAD)];
            assert_eq!(crate::format::detect(head, name.as_bytes()).map(|format| format.id), Some(id), "{name}");
        };
        let [signature, control, data] = parts();
        check(&[&signature[..], &control, &data].concat(), "any", "alpine");
        check(&[&control[..], &data].concat(), "any", "alpine");
        check(&[&named(&tar(".PKGINFO", b""), Some("control.tar")), &data[..]].concat(), "any", "alpine");
        // Look-alikes: archives in several members, one member of the same name, members that are no tar.
        let plain = gzip(&tar("package/index.js", b""));
        check(&[&plain[..], &data].concat(), "a.tar.gz", "gzip");
        check(&[&plain[..], &data].concat(), "a.apk", "gzip");
        check(&gzip(&[tar(".PKGINFO", b""), vec![0; 1024]].concat()), "a.pkg.tar.gz", "gzip");
        check(&[&gzip(b"one"), &gzip(b"two")[..]].concat(), "a.apk", "gzip");
        check(&[&gzip(&tar("x.PKGINFO", b"")), &data[..]].concat(), "a.apk", "gzip");
        check(&signature, "any", "gzip");
        check(&signature, "a.apk", "alpine");
    }

    #[test]
    fn what_cannot_be_told_apart_stays_whole() {
        let [signature, control, data] = parts();
        let whole = [&signature[..], &control, &data].concat();
        let paths = |bytes: &[u8]| open(bytes).entries.iter().map(|entry| entry.path.clone()).collect::<Vec<_>>();
        assert_eq!(paths(&whole[..signature.len() + 30]), [&b"signature.tar.gz"[..], b"control.tar.gz"]);
        let mut damaged = whole.clone();
        damaged[20..60].fill(0xff);
        let found = paths(&damaged);
        assert!(found.len() < 3, "{found:?}");
        let long = [&gzip(&tar(".SIGN.RSA.me.rsa.pub", &[0; 300_000])), &control[..], &data].concat();
        let mut opened = open(&long);
        assert_eq!(opened.entries.len(), 3);
        opened.limits.set("content-bytes", 400_000);
        opened.entries.clear();
        (ALPINE.open)(&mut opened).unwrap();
        assert_eq!(opened.entries.len(), 1, "a part longer than may be is not looked through");
    }

    #[test]
    fn every_cut_gives_the_beginning() {
        let whole = parts().concat();
        let all = open(&whole).entries.iter().map(|entry| entry.path.clone()).collect::<Vec<_>>();
        for length in 0..whole.len() {
            let cut = open(&whole[..length]).entries.iter().map(|entry| entry.path.clone()).collect::<Vec<_>>();
            assert!(all.starts_with(&cut), "cut to {length}: {cut:?}");
        }
    }
}
