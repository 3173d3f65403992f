//! Writing: which dialect can say a header, and the blocks that say it.

use super::super::{Stop, Time, path, shown};
use super::block::{
    Block, GID, GNU_ATIME, GNU_CTIME, GROUP, LINK, MAGIC, MAJOR, MINOR, MODE, MTIME, NAME, OWNER, PREFIX, SIZE, Span,
    TYPE, UID, VERSION,
};
use super::number::{fits_base256, fits_octal, time_text};
use super::records::{self, is_valid};
use super::{BLOCK, Dialects, GLOBAL, Header, MOST_EXTENSION, Records, XATTR};

/// Everything before the body: extension headers, and the header.
///
/// # Errors
/// Why Go cannot write it.
pub(crate) fn layout(header: &Header) -> Result<Vec<u8>, Stop> {
    let mut header = header.clone();
    if header.flag == 0 {
        header.flag = if header.name.ends_with(b"/") { b'5' } else { b'0' };
    }
    if header.dialects == Dialects::NONE {
        header.mtime = header.mtime.rounded();
        (header.atime, header.ctime) = (Time::ZERO, Time::ZERO);
    }
    let (dialects, records) = Choice::of(&header)?;
    let mut bytes = Vec::new();
    if dialects.ustar {
        ustar(&header, &mut bytes);
    } else if dialects.pax {
        pax(&header, &records, &mut bytes)?;
    } else {
        gnu(&header, &mut bytes);
    }
    Ok(bytes)
}

/// The nearest to it that can be written, where [`layout`] refuses.
pub(crate) fn forced(header: &Header) -> Vec<u8> {
    let mut records = Choice { header, dialects: Dialects::ALL, records: Records::new(), prefers_pax: false };
    records.strings();
    records.numbers();
    records.times();
    let mut records = records.records;
    records.retain(|key, value| is_valid(key, value));
    let mut bytes = Vec::new();
    // Too much to say is the only thing that can go wrong, and then less is said.
    if pax(header, &records, &mut bytes).is_err() {
        bytes.clear();
        bytes.extend_from_slice(&main(header, (ascii, octal)).finish(b"ustar\0", b"00").0);
    }
    bytes
}

/// The search for a dialect, and the records that PAX needs.
struct Choice<'h> {
    header: &'h Header,
    dialects: Dialects,
    records: Records,
    prefers_pax: bool,
}

impl<'h> Choice<'h> {
    fn of(header: &'h Header) -> Result<(Dialects, Records), Stop> {
        let name = shown(&header.name);
        let mut choice = Self { header, dialects: Dialects::ALL, records: Records::new(), prefers_pax: false };
        choice.strings();
        choice.numbers();
        choice.times();
        match header.flag {
            b'0' | b'3' | b'4' | b'6' | b'S' if header.name.ends_with(b"/") => {
                return Stop::refused(format!("the path of {name}, which is no folder, ends with a slash"));
            }
            b'x' | b'L' | b'K' => return Stop::refused(format!("{name} is a header that Go does not write by itself")),
            GLOBAL => {
                let bare = Header {
                    flag: GLOBAL,
                    name: header.name.clone(),
                    xattrs: header.xattrs.clone(),
                    records: header.records.clone(),
                    dialects: header.dialects,
                    ..Header::empty()
                };
                if *header != bare {
                    return Stop::refused(format!("it cannot write the global PAX header {name} again"));
                }
                choice.dialects = choice.dialects.and(Dialects::PAX);
            }
            _ => {}
        }
        if !header.is_bare() && header.size < 0 {
            return Stop::refused(format!("{name} has a negative size"));
        }
        choice.extensions();
        if let Some((key, _)) = choice.records.iter().find(|(key, value)| !is_valid(key, value)) {
            return Stop::refused(format!("the {} of {name} has a NUL in it", shown(key)));
        }
        let mut wanted = header.dialects;
        if wanted != Dialects::NONE {
            wanted.ustar |= wanted.pax && !choice.prefers_pax;
            choice.dialects = choice.dialects.and(wanted);
        }
        if choice.dialects == Dialects::NONE {
            return Stop::refused(format!("no tar header of the wanted kind can say what {name} says"));
        }
        Ok((choice.dialects, choice.records))
    }

    fn strings(&mut self) {
        let header = self.header;
        for (text, width, key) in [
            (&header.name, NAME.1, "path"),
            (&header.target, LINK.1, "linkpath"),
            (&header.owner, OWNER.1, "uname"),
            (&header.group, GROUP.1, "gname"),
        ] {
            let (long, nul) = (text.len() > width, text.contains(&0));
            // GNU has headers for long paths and targets.
            if nul || long && !matches!(key, "path" | "linkpath") {
                self.dialects.gnu = false;
            }
            if nul || long || !text.is_ascii() {
                if key != "path" || split(text).is_none() {
                    self.dialects.ustar = false;
                }
                self.record(key, text);
            }
            self.again(key, text);
        }
    }

    fn numbers(&mut self) {
        let header = self.header;
        for (value, width, key) in [
            (header.mode, MODE.1, None),
            (header.uid, UID.1, Some("uid")),
            (header.gid, GID.1, Some("gid")),
            (header.size, SIZE.1, Some("size")),
            (header.major, MAJOR.1, None),
            (header.minor, MINOR.1, None),
        ] {
            self.dialects.gnu &= fits_base256(width, value);
            let text = value.to_string();
            let fits = fits_octal(width, value);
            self.dialects.ustar &= fits;
            match key {
                None => self.dialects.pax &= fits,
                Some(key) => {
                    if !fits {
                        self.record(key, text.as_bytes());
                    }
                    self.again(key, text.as_bytes());
                }
            }
        }
    }

    fn times(&mut self) {
        let header = self.header;
        for (time, key) in [(header.mtime, "mtime"), (header.atime, "atime"), (header.ctime, "ctime")] {
            if time.is_zero() {
                continue;
            }
            let text = time_text(time);
            let (main, fits) = (key == "mtime", fits_octal(MTIME.1, time.seconds));
            self.dialects.ustar &= main && fits;
            if !main || !fits || time.nanos != 0 {
                self.prefers_pax = true;
                self.record(key, text.as_bytes());
            }
            self.again(key, text.as_bytes());
        }
    }

    /// Extended attributes and the other records: only PAX has them.
    fn extensions(&mut self) {
        let header = self.header;
        if header.xattrs.is_empty() && header.records.is_empty() {
            return;
        }
        self.dialects = self.dialects.and(Dialects::PAX);
        for (name, value) in &header.xattrs {
            self.records.insert([XATTR, name].concat(), value.clone());
        }
        for (key, value) in &header.records {
            let said = matches!(
                key.as_slice(),
                b"path"
                    | b"linkpath"
                    | b"size"
                    | b"uid"
                    | b"gid"
                    | b"uname"
                    | b"gname"
                    | b"mtime"
                    | b"atime"
                    | b"ctime"
            );
            if header.flag == GLOBAL || !said && !key.starts_with(b"GNU.sparse.") {
                self.records.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }

    fn record(&mut self, key: &str, value: &[u8]) {
        self.records.insert(key.into(), value.into());
    }

    /// Keeps a record that was there already and says the same.
    fn again(&mut self, key: &str, value: &[u8]) {
        if self.header.records.get(key.as_bytes()).is_some_and(|old| old == value) {
            self.record(key, value);
        }
    }
}

/// How texts are put into fields, and how numbers.
type Manner = (fn(&[u8]) -> Vec<u8>, fn(usize, i64) -> Vec<u8>);

fn ascii(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| byte.is_ascii() && *byte != 0).collect()
}

fn same(text: &[u8]) -> Vec<u8> {
    text.to_vec()
}

/// Digits with zeros in front, and a NUL; zero for what does not fit.
fn octal(width: usize, value: i64) -> Vec<u8> {
    let value = if fits_octal(width, value) { value } else { 0 };
    let digits = width.saturating_sub(1);
    format!("{value:0digits$o}\0").into_bytes()
}

fn numeric(width: usize, value: i64) -> Vec<u8> {
    if fits_octal(width, value) || !fits_base256(width, value) {
        return octal(width, value);
    }
    let sign = if value < 0 { 0xff } else { 0 };
    let mut bytes = vec![sign; width.saturating_sub(8)];
    let whole = value.to_be_bytes();
    bytes.extend_from_slice(whole.get(whole.len().saturating_sub(width)..).unwrap_or_default());
    if let Some(first) = bytes.first_mut() {
        *first |= 0x80;
    }
    bytes
}

impl Block {
    /// Writes a text; one that is cut at a slash loses the slashes before the cut too, lest a reader take it for a
    /// folder's.
    fn put_text(&mut self, span: Span, text: &[u8]) {
        self.put(span, text);
        let cut = text.get(..span.1).filter(|_| text.len() > span.1);
        if let Some(cut) = cut
            && cut.ends_with(b"/")
        {
            let kept = cut.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
            self.put((span.0 + kept, 1), b"\0");
        }
    }

    /// Gives it a magic and its checksum.
    fn finish(mut self, magic: &[u8], version: &[u8]) -> Self {
        self.put(MAGIC, magic);
        self.put(VERSION, version);
        self.seal();
        self
    }
}

fn main(header: &Header, (text, number): Manner) -> Block {
    let mut block = Block([0; 512]);
    let mtime = if header.mtime.is_zero() { 0 } else { header.mtime.seconds };
    block.put(TYPE, &[header.flag]);
    for (span, value) in [(NAME, &header.name), (LINK, &header.target), (OWNER, &header.owner), (GROUP, &header.group)]
    {
        block.put_text(span, &text(value));
    }
    for (span, value) in [
        (MODE, header.mode),
        (UID, header.uid),
        (GID, header.gid),
        (SIZE, header.size),
        (MTIME, mtime),
        (MAJOR, header.major),
        (MINOR, header.minor),
    ] {
        block.put(span, &number(span.1, value));
    }
    block
}

fn ustar(header: &Header, into: &mut Vec<u8>) {
    let (prefix, name) = split(&header.name).unwrap_or((b"", &header.name));
    let mut block = main(&Header { name: name.to_vec(), ..header.clone() }, (same, octal));
    block.put_text(PREFIX, prefix);
    into.extend_from_slice(&block.finish(b"ustar\0", b"00").0);
}

fn pax(header: &Header, said: &Records, into: &mut Vec<u8>) -> Result<(), Stop> {
    let global = header.flag == GLOBAL;
    if !said.is_empty() || global {
        let mut data = Vec::new();
        for (key, value) in said {
            records::write(key, value, &mut data);
        }
        if data.len() as u64 > MOST_EXTENSION {
            return Stop::refused(format!("the extension header of {} is too long", shown(&header.name)));
        }
        let name = if !global {
            let (folder, file) = path::split(&header.name);
            path::join(&[folder, b"PaxHeaders.0", file])
        } else if header.name.is_empty() {
            b"GlobalHead.0.0".to_vec()
        } else {
            header.name.clone()
        };
        extension(if global { GLOBAL } else { b'x' }, &name, &data, (b"ustar\0", b"00"), into);
        if global {
            return Ok(());
        }
    }
    into.extend_from_slice(&main(header, (ascii, octal)).finish(b"ustar\0", b"00").0);
    Ok(())
}

fn gnu(header: &Header, into: &mut Vec<u8>) {
    for (flag, text, span) in [(b'L', &header.name, NAME), (b'K', &header.target, LINK)] {
        if text.len() > span.1 {
            let data = [text.as_slice(), b"\0"].concat();
            extension(flag, b"././@LongLink", &data, (b"ustar ", b" \0"), into);
        }
    }
    let mut block = main(header, (same, numeric));
    for (span, time) in [(GNU_ATIME, header.atime), (GNU_CTIME, header.ctime)] {
        if !time.is_zero() {
            block.put(span, &numeric(span.1, time.seconds));
        }
    }
    into.extend_from_slice(&block.finish(b"ustar ", b" \0").0);
}

/// An extension header and its body.
fn extension(flag: u8, name: &[u8], data: &[u8], (magic, version): (&[u8], &[u8]), into: &mut Vec<u8>) {
    let mut name = ascii(name);
    name.truncate(NAME.1);
    while name.last() == Some(&b'/') {
        name.pop();
    }
    let mut block = Block([0; 512]);
    block.put(TYPE, &[flag]);
    block.put(NAME, &name);
    for span in [MODE, UID, GID, MTIME] {
        block.put(span, &octal(span.1, 0));
    }
    block.put(SIZE, &octal(SIZE.1, i64::try_from(data.len()).unwrap_or_default()));
    into.extend_from_slice(&block.finish(magic, version).0);
    into.extend_from_slice(data);
    let filled = into.len().next_multiple_of(usize::try_from(BLOCK).unwrap_or(512));
    into.resize(filled, 0);
}

/// Splits a long path at a slash, for ustar's two fields; `None` if that is not needed or not possible.
fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    if name.len() <= NAME.1 || !name.is_ascii() || name.contains(&0) {
        return None;
    }
    let length = if name.len() > PREFIX.1 + 1 {
        PREFIX.1 + 1
    } else if name.ends_with(b"/") {
        name.len() - 1
    } else {
        name.len()
    };
    let at = name.get(..length)?.iter().rposition(|byte| *byte == b'/').filter(|at| *at > 0)?;
    let (prefix, suffix) = (name.get(..at)?, name.get(at + 1..)?);
    (prefix.len() <= PREFIX.1 && !suffix.is_empty() && suffix.len() <= NAME.1).then_some((prefix, suffix))
}
