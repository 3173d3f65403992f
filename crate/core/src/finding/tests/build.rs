//! Small archives, byte by byte.

use std::io::Write as _;

/// What the local header and the record of a zip entry both say.
#[derive(Clone)]
pub(super) struct Head {
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) time: u16,
    pub(super) crc: u32,
    pub(super) compressed: u32,
    pub(super) size: u32,
    pub(super) name: Vec<u8>,
    pub(super) extra: Vec<u8>,
}

/// A zip entry.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) local: Head,
    pub(super) central: Head,
    pub(super) made: u16,
    pub(super) disk: u16,
    pub(super) external: u32,
    pub(super) comment: Vec<u8>,
    pub(super) data: Vec<u8>,
    /// Bytes between the data and the next record.
    pub(super) after: Vec<u8>,
    /// Added to the offset of the local header.
    pub(super) shift: u32,
}

/// A stored entry.
pub(super) fn entry(name: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Entry {
    let data = data.as_ref().to_vec();
    let size = u32::try_from(data.len()).unwrap();
    let name = name.as_ref().to_vec();
    let crc = crc32fast::hash(&data);
    let head = Head { flags: 0, method: 0, time: 0, crc, compressed: size, size, name, extra: Vec::new() };
    let (local, central) = (head.clone(), head);
    Entry { local, central, made: 0, disk: 0, external: 0, comment: Vec::new(), data, after: Vec::new(), shift: 0 }
}

impl Entry {
    pub(super) fn with(mut self, change: impl Fn(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn both(mut self, change: impl Fn(&mut Head)) -> Self {
        change(&mut self.local);
        change(&mut self.central);
        self
    }

    pub(super) fn unix(self, mode: u32) -> Self {
        self.with(|entry| (entry.made, entry.external) = (0x0300, mode << 16))
    }

    pub(super) fn deflated(mut self) -> Self {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&self.data).unwrap();
        self.data = encoder.finish().unwrap();
        let compressed = u32::try_from(self.data.len()).unwrap();
        self.both(|head| (head.method, head.compressed) = (8, compressed))
    }

    /// Sizes after the data.
    pub(super) fn streamed(self) -> Self {
        let numbers = [self.central.crc, self.central.compressed, self.central.size];
        let after = [b"PK\x07\x08".to_vec(), numbers.map(u32::to_le_bytes).concat()].concat();
        self.both(|head| head.flags |= 8).with(|entry| {
            (entry.local.crc, entry.local.compressed, entry.local.size) = (0, 0, 0);
            entry.after.clone_from(&after);
        })
    }
}

/// An extra block.
pub(super) fn block(id: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&id.to_le_bytes(), &length.to_le_bytes(), data].concat()
}

/// A zip of these entries.
pub(super) fn zip(entries: &[Entry]) -> Vec<u8> {
    ended(entries, |_| {})
}

/// The same with a change to its end record: entries here, entries, size, offset.
pub(super) fn ended(entries: &[Entry], change: impl Fn(&mut [u32; 4])) -> Vec<u8> {
    let (mut out, directory) = body(entries);
    let count = u32::try_from(entries.len()).unwrap();
    let size = u32::try_from(out.len()).unwrap() - directory;
    let mut values = [count, count, size, directory];
    change(&mut values);
    out.extend(end(values, b""));
    out
}

/// An end record.
pub(super) fn end([here, count, size, offset]: [u32; 4], comment: &[u8]) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    for number in [here, count] {
        out.extend(u16::try_from(number).unwrap().to_le_bytes());
    }
    out.extend([size.to_le_bytes(), offset.to_le_bytes()].concat());
    out.extend(u16::try_from(comment.len()).unwrap().to_le_bytes());
    out.extend(comment);
    out
}

/// Local headers and data, then the directory; and where that begins.
pub(super) fn body(entries: &[Entry]) -> (Vec<u8>, u32) {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let head = |head: &Head, out: &mut Vec<u8>| {
        for number in [20, head.flags, head.method, head.time, 0x21] {
            out.extend(number.to_le_bytes());
        }
        for number in [head.crc, head.compressed, head.size] {
            out.extend(number.to_le_bytes());
        }
        for length in [head.name.len(), head.extra.len()] {
            out.extend(u16::try_from(length).unwrap().to_le_bytes());
        }
    };
    for entry in entries {
        let offset = u32::try_from(out.len()).unwrap().wrapping_add(entry.shift);
        out.extend(b"PK\x03\x04");
        head(&entry.local, &mut out);
        for part in [&entry.local.name, &entry.local.extra, &entry.data, &entry.after] {
            out.extend(part);
        }
        directory.extend(b"PK\x01\x02");
        directory.extend(entry.made.to_le_bytes());
        head(&entry.central, &mut directory);
        directory.extend(u16::try_from(entry.comment.len()).unwrap().to_le_bytes());
        directory.extend(entry.disk.to_le_bytes());
        directory.extend(0_u16.to_le_bytes());
        directory.extend(entry.external.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend([&entry.central.name, &entry.central.extra, &entry.comment].map(Vec::as_slice).concat());
    }
    let at = u32::try_from(out.len()).unwrap();
    out.extend(directory);
    (out, at)
}

/// A tar, member by member.
#[derive(Clone, Default)]
pub(super) struct Tar(Vec<u8>);

/// Sets bytes of a header at a place.
pub(super) type Set<'a> = (usize, &'a [u8]);

impl Tar {
    /// A header with these bytes set on top of the usual ones; the checksum is made last.
    pub(super) fn header(mut self, name: &str, flag: u8, size: usize, set: &[Set<'_>]) -> Self {
        let mut block = [0_u8; 512];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &name.as_bytes()[..name.len().min(100)]);
        put(100, b"0000644\x000000000\x000000000\0");
        put(124, format!("{size:011o}\0").as_bytes());
        put(136, b"00000000012\0");
        put(156, &[flag]);
        put(257, b"ustar\x0000");
        put(329, b"0000000\x000000000\0");
        for (at, bytes) in set {
            put(*at, bytes);
        }
        put(148, b"        ");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend(block);
        self
    }

    pub(super) fn data(mut self, data: &[u8]) -> Self {
        self.0.extend(data);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(super) fn raw(mut self, data: &[u8]) -> Self {
        self.0.extend(data);
        self
    }

    pub(super) fn file(self, name: &str, data: &[u8]) -> Self {
        self.header(name, b'0', data.len(), &[]).data(data)
    }

    /// A file with another mode.
    pub(super) fn mode(self, name: &str, mode: u32) -> Self {
        self.header(name, b'0', 0, &[(100, format!("{mode:07o}\0").as_bytes())])
    }

    /// A link: `1` hard, `2` symbolic.
    pub(super) fn link(self, name: &str, flag: u8, target: &str) -> Self {
        self.header(name, flag, 0, &[(157, target.as_bytes())])
    }

    /// An extension header with records.
    pub(super) fn pax(self, flag: u8, records: &[(&str, &str)]) -> Self {
        let text: String = records.iter().map(|(key, value)| record(key, value)).collect();
        self.long(flag, text.as_bytes())
    }

    /// An extension header with these bytes.
    pub(super) fn long(self, flag: u8, bytes: &[u8]) -> Self {
        self.header("extension", flag, bytes.len(), &[]).data(bytes)
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }

    /// What there is, without an end.
    pub(super) fn cut(self) -> Vec<u8> {
        self.0
    }
}

/// A PAX record with its length.
pub(super) fn record(key: &str, value: &str) -> String {
    let body = key.len() + value.len() + 3;
    let length = (1..9).map(|digits| digits + body).find(|length| length.to_string().len() + body == *length);
    format!("{} {key}={value}\n", length.unwrap())
}

/// An ar archive.
pub(super) fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, data) in members {
        let size = data.len();
        out.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 100_644).into_bytes());
        out.extend(*data);
        out.resize(out.len().next_multiple_of(2), b'\n');
    }
    out
}

/// A Debian package with this control file, md5sums and files.
pub(super) fn deb(control: &str, sums: &str, data: Tar) -> Vec<u8> {
    let control = Tar::default().file("./control", control.as_bytes()).file("./md5sums", sums.as_bytes()).end();
    ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &gzip(&control)), ("data.tar.gz", &gzip(&data.end()))])
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    gzipped(flate2::GzBuilder::new(), bytes)
}

pub(super) fn gzipped(builder: flate2::GzBuilder, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = builder.write(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
