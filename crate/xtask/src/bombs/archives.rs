//! Archives that hold too many, too deep, or the same again and again.

use super::make::{TAR_END, Zipped, crc, deflate, gzip, little, record, seal, tar_header, tar_member, zip_end};
use flate2::Crc;
use std::io::{self, Write};

const TEBIBYTE: u64 = 1 << 40;
const CROWD: usize = 300_000;

/// Every member's data quote the local header of the next and what follows it, so that all of them hold the same zeros:
/// 250 members of 22 MB in 43 kB (D. Fifield, "A better zip bomb", 2019).
pub(super) fn quoted_overlap(out: &mut dyn Write) -> io::Result<()> {
    const COUNT: usize = 250;
    let zeros = vec![0; 22 << 20];
    let kernel = deflate(&zeros)?;
    let names: Vec<String> = (0..COUNT).map(|number| format!("{number:03}")).collect();
    let mut whole = Crc::new();
    whole.update(&zeros);
    let (mut stored, mut size) = (kernel.len(), zeros.len());
    // From the last to the first: each header is quoted by the one before it.
    let mut parts = Vec::new();
    for name in names.iter().rev() {
        let (method, crc) = (8, whole.sum());
        let member = Zipped { name: name.as_bytes(), method, crc, stored, size };
        let local = member.local();
        let quote = [&[0][..], &little::<2>(local.len()), &little::<2>(0xffff ^ local.len())].concat();
        let mut longer = Crc::new();
        longer.update(&local);
        longer.combine(&whole);
        parts.push((local, quote.clone(), member.record(0), name.len()));
        (stored, size, whole) = (stored + quote.len() + parts.last().map_or(0, |part| part.0.len()), size + 33, longer);
    }
    parts.reverse();
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (at, (local, _, record, name)) in parts.iter().enumerate() {
        // A header stands behind the quote of the one before.
        if let Some((_, quote, ..)) = parts.get(at).filter(|_| at > 0) {
            bytes.extend_from_slice(quote);
        }
        let (head, tail) = record.split_at(record.len() - name - 4);
        directory.extend([head, &little::<4>(bytes.len()), tail.get(4..).unwrap_or_default()].concat());
        bytes.extend_from_slice(local);
    }
    bytes.extend_from_slice(&kernel);
    let start = bytes.len();
    bytes.extend_from_slice(&directory);
    bytes.extend(zip_end(COUNT, start, directory.len()));
    out.write_all(&bytes)
}

/// Many records of one local header.
pub(super) fn same_data(out: &mut dyn Write) -> io::Result<()> {
    let zeros = vec![0; 10 << 20];
    let data = deflate(&zeros)?;
    let member = Zipped { name: b"a", method: 8, crc: crc(&zeros), stored: data.len(), size: zeros.len() };
    let start = [member.local(), data].concat();
    out.write_all(&start)?;
    let directory: Vec<u8> = (0..60_000).flat_map(|_| member.record(0)).collect();
    out.write_all(&directory)?;
    out.write_all(&zip_end(60_000, start.len(), directory.len()))
}

fn zip_of(members: impl Iterator<Item = (Vec<u8>, Vec<u8>)>, packed: bool) -> io::Result<Vec<u8>> {
    let (mut bytes, mut directory, mut count) = (Vec::new(), Vec::new(), 0);
    for (name, content) in members {
        let data = if packed { deflate(&content)? } else { content.clone() };
        let method = if packed { 8 } else { 0 };
        let (stored, size) = (data.len(), content.len());
        let member = Zipped { name: &name, method, crc: crc(&content), stored, size };
        directory.extend(member.record(bytes.len()));
        bytes.extend([member.local(), data].concat());
        count += 1;
    }
    let start = bytes.len();
    bytes.extend_from_slice(&directory);
    bytes.extend(zip_end(count, start, directory.len()));
    Ok(bytes)
}

/// Sixteen archives in each of sixteen, six levels deep, and 100 MB in each of the innermost.
pub(super) fn nested(out: &mut dyn Write) -> io::Result<()> {
    let mut bytes = zip_of(std::iter::once((b"0.dll".to_vec(), vec![0; 100 << 20])), true)?;
    for _ in 0..5 {
        bytes = zip_of((0..16).map(|at| (format!("lib {at:x}.zip").into_bytes(), bytes.clone())), true)?;
    }
    out.write_all(&bytes)
}

pub(super) fn same_names_zip(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&zip_of((0..200_000_u32).map(|at| (b"same".to_vec(), at.to_le_bytes().to_vec())), false)?)
}

pub(super) fn entries_zip(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&zip_of((0..CROWD).map(|at| (path(at).into_bytes(), little::<4>(at).to_vec())), false)?)
}

fn path(at: usize) -> String {
    format!("folder-{:03}/file-{at:06}.txt", at / 1000)
}

/// Nothing but what looks like the start of a record.
pub(super) fn signatures(out: &mut dyn Write) -> io::Result<()> {
    let noise = b"PK\x03\x04".repeat(8 << 20);
    out.write_all(&zip_of([(b"a".to_vec(), noise), (b"b".to_vec(), b"x".to_vec())].into_iter(), false)?)
}

/// Ends of archives, each pointing to an empty directory.
pub(super) fn end_records(out: &mut dyn Write) -> io::Result<()> {
    let noise = zip_end(0, 0, 0).repeat(1 << 20);
    out.write_all(&zip_of(std::iter::once((b"a".to_vec(), noise)), false)?)
}

pub(super) fn hole(out: &mut dyn Write) -> io::Result<()> {
    let end = (TEBIBYTE - 1).to_string();
    let records = [
        record("GNU.sparse.major", "0"),
        record("GNU.sparse.minor", "1"),
        record("GNU.sparse.name", "hole"),
        record("GNU.sparse.size", &TEBIBYTE.to_string()),
        record("GNU.sparse.numblocks", "1"),
        record("GNU.sparse.map", &format!("{end},1")),
    ];
    out.write_all(&tar_member(b"x", b'x', records.concat().as_bytes()))?;
    out.write_all(&tar_member(b"hole", b'0', b"x"))?;
    out.write_all(&TAR_END)
}

pub(super) fn old_hole(out: &mut dyn Write) -> io::Result<()> {
    let mut block = tar_header(b"hole", b'S', 1, b"");
    let wide = |number: u64| [&[0x80, 0, 0, 0][..], &number.to_be_bytes()].concat();
    let parts = [(257, b"ustar  \0".to_vec()), (386, wide(TEBIBYTE - 1)), (398, wide(1)), (483, wide(TEBIBYTE))];
    for (at, bytes) in parts {
        for (to, from) in block.iter_mut().skip(at).zip(bytes) {
            *to = from;
        }
    }
    seal(&mut block);
    block.push(b'x');
    block.resize(1024, 0);
    out.write_all(&[&block[..], &TAR_END].concat())
}

pub(super) fn pax_claim(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&[&tar_header(b"x", b'x', TEBIBYTE, b"")[..], b"10 path=a\n", &[0; 502], &TAR_END].concat())
}

pub(super) fn name_claim(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&[&tar_header(b"././@LongLink", b'L', TEBIBYTE, b"")[..], &[b'n'; 512], &TAR_END].concat())
}

pub(super) fn records(out: &mut dyn Write) -> io::Result<()> {
    let records: String = (0..60_000).map(|at| record(&format!("k{at}"), "v")).collect();
    out.write_all(
        &[tar_member(b"x", b'x', records.as_bytes()), tar_member(b"a", b'0', b"x"), TAR_END.to_vec()].concat(),
    )
}

fn tar_of(out: &mut dyn Write, count: usize, name: impl Fn(usize) -> String) -> io::Result<()> {
    for at in 0..count {
        out.write_all(&tar_member(name(at).as_bytes(), b'0', &little::<4>(at)))?;
    }
    out.write_all(&TAR_END)
}

/// Empty members, so that there are as many as possible.
pub(super) fn entries_tgz(out: &mut dyn Write) -> io::Result<()> {
    let mut packed = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
    for at in 0..500_000 {
        packed.write_all(&tar_header(path(at).as_bytes(), b'0', 0, b""))?;
    }
    packed.write_all(&TAR_END)?;
    packed.finish().map(|_| ())
}

pub(super) fn same_names_tar(out: &mut dyn Write) -> io::Result<()> {
    tar_of(out, 200_000, |_| "same".to_string())
}

pub(super) fn entries_tar(out: &mut dyn Write) -> io::Result<()> {
    tar_of(out, CROWD, path)
}

pub(super) fn links(out: &mut dyn Write) -> io::Result<()> {
    for at in 0..30_000 {
        out.write_all(&tar_header(format!("l{at}").as_bytes(), b'2', 0, format!("l{}", at + 1).as_bytes()))?;
    }
    out.write_all(&TAR_END)
}

/// Folders in folders, each one level deeper than the last.
pub(super) fn stairs(out: &mut dyn Write) -> io::Result<()> {
    for steps in 1..=5000 {
        let path = "a/".repeat(steps);
        out.write_all(&tar_member(b"x", b'x', record("path", &path).as_bytes()))?;
        out.write_all(&tar_header(b"a/", b'5', 0, b""))?;
    }
    out.write_all(&TAR_END)
}

pub(super) fn entries_cpio(out: &mut dyn Write) -> io::Result<()> {
    for at in 0..=CROWD {
        let name = if at == CROWD { "TRAILER!!!".to_string() } else { path(at) };
        // Inode, mode; owner and group; one link; time and size; four numbers of devices.
        let (mode, none, one) = (0o100_644, 0, 1);
        let numbers = format!("070701{at:08X}{mode:08X}{none:016X}{one:08X}{none:016X}{none:032X}");
        let mut bytes = format!("{numbers}{:08X}{:08X}{name}\0", name.len() + 1, 0).into_bytes();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        out.write_all(&bytes)?;
    }
    Ok(())
}

pub(super) fn entries_ar(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"!<arch>\n")?;
    for at in 0..CROWD {
        write!(out, "{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\nabcd", format!("{at}/"), 0, 0, 0, 100_644, 4)?;
    }
    Ok(())
}

pub(super) fn deep_manifest(out: &mut dyn Write) -> io::Result<()> {
    let deep = format!("{{\"name\":\"a\",\"version\":\"1.0.0\",\"x\":{}{}}}", "[".repeat(2 << 20), "]".repeat(2 << 20));
    out.write_all(&gzip(&[tar_member(b"package/package.json", b'0', deep.as_bytes()), TAR_END.to_vec()].concat())?)
}

pub(super) fn deep_metadata(out: &mut dyn Write) -> io::Result<()> {
    let deep = format!("--- !ruby/object:Gem::Specification\nname: {}\n", "[".repeat(2 << 20));
    let metadata = gzip(deep.as_bytes())?;
    let data = gzip(&[tar_member(b"a.rb", b'0', b"1\n"), TAR_END.to_vec()].concat())?;
    out.write_all(&tar_member(b"metadata.gz", b'0', &metadata))?;
    out.write_all(&tar_member(b"data.tar.gz", b'0', &data))?;
    out.write_all(&TAR_END)
}
