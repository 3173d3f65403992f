//! Extension headers: PAX local and global, GNU long names.

use std::fmt::Write as _;

use super::header::{
    BLOCK, Block, Check, Dialect, GID, GNU_TIMES, GROUP, LINK, MAJOR, MINOR, MODE, MTIME, NAME, OWNER, PREFIX, SIZE,
    STAR_PREFIX, STAR_TIMES, TYPE, UID, number,
};
use super::pax::{self, Known, Record};
use super::{Walk, form, sparse};
use crate::display;
use crate::entry::{Field, Value};
use crate::error::Fault;

/// Global headers beyond this many are not one archive's.
const MOST_GLOBAL: u32 = 1000;

impl Walk<'_> {
    /// Reads an extension header: it stays pending until its member comes.
    pub(super) fn extension(&mut self, block: &Block, check: Check) -> Result<(), Fault> {
        let flag = block.bytes(TYPE).first().copied().unwrap_or_default();
        let size = self.size(number(block.bytes(SIZE)).value)?;
        let most = self.opening.limits().get("header-bytes");
        if self.pending.bytes.saturating_add(size) > most {
            let message = format!(
                "stopped at the limit header-bytes: the extension headers of one entry are longer than {most} bytes"
            );
            let fault = Fault { offset: Some(self.at), ..Fault::limit("header-bytes", message) };
            return Err(fault.raises("TAR-18"));
        }
        let start = self.at + BLOCK;
        let body = self.exact(start, size, "an extension header")?;
        let mut text = describe(block, check, flag);
        if number(block.bytes(SIZE)).doubtful {
            self.problem("TAR-14", "readers disagree on the number in the size of an extension header");
        }
        if flag == b'g' {
            if self.pending.at.is_some() {
                let message = "a global header is between it and its extension header";
                self.pending.problems.push(("TAR-04", message.into()));
            }
            self.global(&body, text)?;
            self.at = self.past_padding(start, size)?;
            return Ok(());
        }
        let first = *self.pending.at.get_or_insert(self.at);
        self.pending.bytes = self.at - first + BLOCK + size;
        if matches!(flag, b'x' | b'X') {
            let (records, malformed) = pax::records(&body);
            self.few(self.pending.records.len().saturating_add(records.len()))?;
            keys(&records, &mut text);
            self.pending.records.extend(records);
            self.pending.pax += 1;
            if self.pending.pax > 1 {
                self.pending.problems.push(("TAR-13", "two PAX headers come before it".into()));
            }
            if let Some(field) = malformed.and_then(|at| body.get(at..)).map(malformed_field) {
                self.pending.fields.push(field);
                self.pending.problems.push(("TAR-12", "a PAX record before it is malformed".into()));
            }
        } else {
            let mut parts = body.splitn(2, |byte| *byte == 0);
            let value = parts.next().unwrap_or_default().to_vec();
            match parts.next() {
                None => text.push_str("; no NUL"),
                Some([]) => {}
                Some(rest) => {
                    let _ = write!(text, "; after the NUL \"{}\"", rest.escape_ascii());
                }
            }
            let pending = &mut self.pending;
            let (slot, what) =
                if flag == b'L' { (&mut pending.path, "path") } else { (&mut pending.target, "linkpath") };
            if let Some(before) = slot.replace(value) {
                let message = "two GNU long names come before it, and the last counts";
                pending.problems.push(("TAR-13", message.into()));
                pending.fields.push(Field::new(format!("gnu:{what}"), Value::Bytes(before)));
            }
        }
        if !self.pending.text.is_empty() {
            self.pending.text.push_str("; ");
        }
        self.pending.text.push_str(&text);
        self.at = self.past_padding(start, size)?;
        Ok(())
    }

    /// Stops where one entry has more records than any has.
    fn few(&self, count: usize) -> Result<(), Fault> {
        let most = self.opening.limits().get("records");
        if count as u64 <= most {
            return Ok(());
        }
        let message = format!("stopped at the limit records: {count} PAX records, {most} allowed");
        Err(Fault { offset: Some(self.at), ..Fault::limit("records", message) }.raises("TAR-18"))
    }

    /// A global header: fields of the archive, and values for all members after it.
    fn global(&mut self, body: &[u8], mut text: String) -> Result<(), Fault> {
        self.global_headers += 1;
        if self.global_headers > MOST_GLOBAL {
            return Err(self.fault(self.at, &format!("more than {MOST_GLOBAL} global headers")));
        }
        let number = match self.global_headers {
            1 => String::new(),
            nth => format!(" {nth}"),
        };
        let (records, malformed) = pax::records(body);
        self.few(records.len())?;
        keys(&records, &mut text);
        let position = format!("before entry {}: {text}", self.entries + 1);
        self.opening.say(format!("global-header{number}"), Value::text(position));
        if let Some(rest) = malformed.and_then(|at| body.get(at..)) {
            self.opening.field(malformed_field(rest));
            self.problem("TAR-12", "a record of a global PAX header is malformed");
        }
        for Record { key, value, .. } in records {
            let name = format!("global-pax{number}:{}", display::bytes(&key));
            self.opening.say(name, Value::Bytes(value.clone()));
            let Some(known) = Known::of(&key) else { continue };
            if matches!(known, Known::Path | Known::Target | Known::Size) {
                let key = known.key();
                let message = format!("a global PAX header sets {key} for all entries after it: readers disagree");
                self.problem("TAR-04", &message);
            }
            if value.is_empty() {
                self.globals.remove(&known);
            } else {
                self.globals.insert(known, value);
            }
        }
        Ok(())
    }
}

/// The header of an extension header in one line: what it is, and what it says that nobody needs.
fn describe(block: &Block, check: Check, flag: u8) -> String {
    let value = |span| number(block.bytes(span)).value;
    let mut text = format!(
        "{} {} {:o} {}/{} @{}",
        char::from(flag),
        display::bytes(block.text(NAME)),
        value(MODE),
        value(UID),
        value(GID),
        value(MTIME)
    );
    let dialect = Dialect::of(block);
    let mut add = |before: &str, bytes: &[u8]| {
        if !bytes.is_empty() {
            let _ = write!(text, " {before}{}", display::bytes(bytes));
        }
    };
    add("-> ", block.text(LINK));
    if dialect != Dialect::V7 {
        add("owner ", block.text(OWNER));
        add("group ", block.text(GROUP));
    }
    match dialect {
        Dialect::V7 => {}
        Dialect::Ustar => add("in ", block.text(PREFIX)),
        Dialect::Star => add("in ", block.text(STAR_PREFIX)),
        Dialect::Gnu => add("times ", filled(block.bytes(GNU_TIMES))),
    }
    if dialect == Dialect::Star {
        add("times ", filled(block.bytes(STAR_TIMES)));
    }
    let device = [value(MAJOR), value(MINOR)];
    if dialect != Dialect::V7 && device != [0, 0] {
        let _ = write!(text, " device {}/{}", device[0], device[1]);
    }
    if dialect != Dialect::Ustar {
        let _ = write!(text, " {}", dialect.name());
    }
    if let Some(form) = form::form(block, dialect, check) {
        let _ = write!(text, " ({form})");
    }
    text
}

/// Bytes without the NULs that fill them up.
fn filled(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.get(..length).unwrap_or_default()
}

/// Adds the keys of records in their order. Those of a sparse map have a digest of their own, and can be thousands.
fn keys(records: &[Record], text: &mut String) {
    let mut before = ": ";
    for record in records {
        if sparse::is_part(&record.key) && record.length.is_none() {
            continue;
        }
        text.push_str(std::mem::replace(&mut before, ","));
        if let Some(length) = &record.length {
            let _ = write!(text, "{} ", display::bytes(length));
        }
        text.push_str(&display::bytes(&record.key));
    }
}

fn malformed_field(rest: &[u8]) -> Field {
    Field::new("pax-malformed", Value::Bytes(rest.to_vec()))
}
