//! What a mutator knows of the formats: where records begin and end, and where their fields lie and how those are written.
//! It finds them by their marks, without reading the archive: a mutant of a mutant has structure, too.

use std::ops::Range;

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Written {
    /// A number, least byte first.
    Little,
    /// Octal digits.
    Octal,
    /// Hexadecimal digits.
    Hex,
    /// Decimal digits.
    Decimal,
}

/// A field.
#[derive(Clone, Debug)]
pub struct Spot {
    pub range: Range<usize>,
    pub written: Written,
}

/// The structure of some bytes.
#[derive(Clone, Debug, Default)]
pub struct Structure {
    pub records: Vec<Range<usize>>,
    pub fields: Vec<Spot>,
}

/// A mark, and offsets and widths of the fields after it.
type Record = (&'static [u8], &'static [(usize, usize)]);

/// The records of a zip.
const ZIP: &[Record] = &[
    (b"PK\x03\x04", &[(4, 2), (6, 2), (8, 2), (10, 2), (12, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)]),
    (
        b"PK\x01\x02",
        &[
            (4, 2),
            (6, 2),
            (8, 2),
            (10, 2),
            (12, 2),
            (14, 2),
            (16, 4),
            (20, 4),
            (24, 4),
            (28, 2),
            (30, 2),
            (32, 2),
            (34, 2),
            (36, 2),
            (38, 4),
            (42, 4),
        ],
    ),
    (b"PK\x05\x06", &[(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)]),
    (b"PK\x06\x06", &[(4, 8), (12, 2), (14, 2), (16, 4), (20, 4), (24, 8), (32, 8), (40, 8), (48, 8)]),
    (b"PK\x06\x07", &[(4, 4), (8, 8), (16, 4)]),
    (b"PK\x07\x08", &[(4, 4), (8, 4), (12, 4)]),
];

/// Fields of a tar header, with those of GNU's sparse members.
const TAR: &[(usize, usize)] = &[
    (100, 8),
    (108, 8),
    (116, 8),
    (124, 12),
    (136, 12),
    (148, 8),
    (329, 8),
    (337, 8),
    (386, 12),
    (398, 12),
    (410, 12),
    (422, 12),
    (483, 12),
];

const AR: &[(usize, usize, Written)] = &[
    (16, 12, Written::Decimal),
    (28, 6, Written::Decimal),
    (34, 6, Written::Decimal),
    (40, 8, Written::Octal),
    (48, 10, Written::Decimal),
];

/// Reads what structure there is.
pub fn of(bytes: &[u8]) -> Structure {
    let mut found = Structure::default();
    let mut starts = Vec::new();
    if bytes.windows(4).any(|four| four == b"PK\x05\x06" || four == b"PK\x03\x04") {
        zip(bytes, &mut starts, &mut found.fields);
    }
    if bytes.get(257..262) == Some(b"ustar") {
        tar(bytes, &mut starts, &mut found.fields);
    }
    if bytes.starts_with(b"!<arch>\n") {
        marks(bytes, b"`\n", 58, &mut starts);
        for start in starts.clone() {
            found.fields.extend(AR.iter().map(|(at, width, written)| spot(start + at, *width, *written)));
        }
    }
    cpio(bytes, &mut starts, &mut found.fields);
    streams(bytes, &mut starts, &mut found.fields);
    found.fields.retain(|field| field.range.end <= bytes.len());
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    found.records = starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect();
    found
}

fn spot(start: usize, width: usize, written: Written) -> Spot {
    Spot { range: start..start + width, written }
}

/// Where a mark stands, `back` bytes behind the start of its record.
fn marks(bytes: &[u8], mark: &[u8], back: usize, starts: &mut Vec<usize>) {
    let found = bytes.windows(mark.len()).enumerate().filter(|(_, window)| *window == mark);
    starts.extend(found.filter_map(|(at, _)| at.checked_sub(back)));
}

fn zip(bytes: &[u8], starts: &mut Vec<usize>, fields: &mut Vec<Spot>) {
    for (mark, list) in ZIP {
        let mut here = Vec::new();
        marks(bytes, mark, 0, &mut here);
        for start in &here {
            fields.extend(list.iter().map(|(at, width)| spot(start + at, *width, Written::Little)));
            let number =
                |at: usize| bytes.get(start + at..start + at + 2).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]));
            let (name, extra) = match *mark {
                b"PK\x03\x04" => (30 + usize::from(number(26)), number(28)),
                b"PK\x01\x02" => (46 + usize::from(number(28)), number(30)),
                _ => continue,
            };
            // Blocks of extra data: id, length, and what they say in fours.
            let (mut at, end) = (start + name, start + name + usize::from(extra));
            while at + 4 <= end.min(bytes.len()) {
                let length = usize::from(u16::from_le_bytes([bytes[at + 2], bytes[at + 3]]));
                fields.extend([spot(at, 2, Written::Little), spot(at + 2, 2, Written::Little)]);
                fields.extend((at + 4..at + 4 + length).step_by(4).map(|at| spot(at, 4, Written::Little)));
                at += 4 + length;
            }
        }
        starts.extend(here);
    }
}

fn tar(bytes: &[u8], starts: &mut Vec<usize>, fields: &mut Vec<Spot>) {
    for start in (0..bytes.len()).step_by(512).filter(|start| is_header(bytes, *start)) {
        starts.push(start);
        fields.extend(TAR.iter().map(|(at, width)| spot(start + at, *width, Written::Octal)));
        fields.push(spot(start + 156, 1, Written::Little));
        if matches!(bytes[start + 156], b'x' | b'g') {
            let body = start + 512..(start + 1024).min(bytes.len());
            let begins = |at: &usize| bytes[*at].is_ascii_digit() && (*at == body.start || bytes[at - 1] == b'\n');
            for at in body.clone().filter(begins) {
                let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                fields.push(spot(at, digits, Written::Decimal));
                let value = bytes[at..].iter().position(|byte| *byte == b'=').map_or(at, |equals| at + equals + 1);
                let digits = bytes[value..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                fields.extend((digits > 0).then(|| spot(value, digits, Written::Decimal)));
            }
        }
    }
}

/// Whether a block of a tar is a header.
pub fn is_header(bytes: &[u8], start: usize) -> bool {
    bytes.get(start..start + 512).is_some_and(|block| &block[257..262] == b"ustar")
}

fn cpio(bytes: &[u8], starts: &mut Vec<usize>, fields: &mut Vec<Spot>) {
    for mark in [b"070701", b"070702"] {
        let mut here = Vec::new();
        marks(bytes, mark, 0, &mut here);
        fields.extend(here.iter().flat_map(|start| (0..13).map(move |at| spot(start + 6 + 8 * at, 8, Written::Hex))));
        starts.extend(here);
    }
    let mut portable = Vec::new();
    marks(bytes, b"070707", 0, &mut portable);
    for start in &portable {
        fields.extend((0..7).map(|at| spot(start + 6 + 6 * at, 6, Written::Octal)));
        fields.extend([(48, 11), (59, 6), (65, 11)].map(|(at, width)| spot(start + at, width, Written::Octal)));
    }
    let mut old = Vec::new();
    if bytes.starts_with(&[0xc7, 0x71]) {
        marks(bytes, &[0xc7, 0x71], 0, &mut old);
    }
    fields.extend(old.iter().flat_map(|start| (1..13).map(move |at| spot(start + 2 * at, 2, Written::Little))));
    starts.extend(portable);
    starts.extend(old);
}

/// Headers of compressed streams, and the ends of those that have one.
fn streams(bytes: &[u8], starts: &mut Vec<usize>, fields: &mut Vec<Spot>) {
    let end = bytes.len();
    let mut add = |spots: &[(usize, usize)]| {
        fields.extend(spots.iter().map(|(at, width)| spot(*at, *width, Written::Little)));
    };
    if bytes.starts_with(&[0x1f, 0x8b]) && end >= 18 {
        marks(bytes, &[0x1f, 0x8b, 8], 0, starts);
        add(&[(2, 1), (3, 1), (4, 4), (8, 1), (9, 1), (10, 2), (end - 8, 4), (end - 4, 4)]);
    } else if bytes.starts_with(b"\xfd7zXZ") && end >= 24 {
        starts.extend([0, 12, end - 12]);
        add(&[(6, 2), (12, 1), (13, 1), (14, 2), (16, 1), (17, 1), (end - 8, 4), (end - 4, 2)]);
    } else if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        marks(bytes, &[0x28, 0xb5, 0x2f, 0xfd], 0, starts);
        add(&[(4, 1), (5, 1), (6, 3), (9, 3)]);
    } else if bytes.starts_with(b"BZh") {
        marks(bytes, b"BZh", 0, starts);
        add(&[(3, 1), (10, 4), (14, 4), (18, 2)]);
    } else if bytes.starts_with(&[0x5d, 0, 0]) {
        add(&[(0, 1), (1, 4), (5, 8)]);
    }
}

/// Makes right again what guards headers against what a mutator does: the checksums of tar headers and of xz.
pub fn seal(bytes: &mut [u8]) {
    for start in (0..bytes.len()).step_by(512) {
        if is_header(bytes, start) {
            twinspect_tests::fixtures::seal(&mut bytes[start..start + 512]);
        }
    }
    let end = bytes.len();
    if bytes.starts_with(b"\xfd7zXZ") && end >= 36 {
        let block = 12 + 4 * (usize::from(bytes[12]) + 1);
        let parts = [(6..8, 8), (12..block.max(16) - 4, block.max(16) - 4), (end - 8..end - 2, end - 12)];
        for (range, at) in parts {
            if range.end <= end && at + 4 <= end {
                let mut crc = flate2::Crc::new();
                crc.update(&bytes[range]);
                bytes[at..at + 4].copy_from_slice(&crc.sum().to_le_bytes());
            }
        }
    }
}
