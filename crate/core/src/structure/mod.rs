//! What compiled contents are made of, as a listing that is compared like any text: ELF, PE, Mach-O, Java classes, wasm.
//!
//! Every number in a content is a claim: each is checked where it is used, nothing is allocated by one, and a list ends
//! at a cap that says how much more there is. What cannot be followed is a line that says so.

mod class;
mod elf;
mod macho;
mod pe;
#[cfg(test)]
mod tests;
mod view;
mod wasm;

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::display;
use view::View;

/// Items of one list that are shown.
const MOST: usize = 10_000;
/// Items of one list that are kept to be put in order.
const MOST_KEPT: usize = 100_000;
/// Bytes of one listing.
const MOST_BYTES: usize = 8 << 20;

/// The listing of a content; `None` if it is none of these.
pub fn listing(bytes: &[u8]) -> Option<String> {
    let write = writer(bytes)?;
    // Parts that overlap could be hashed without end.
    let mut page = Page { hashes: (bytes.len() as u64).saturating_mul(2), ..Page::default() };
    write(&View::new(bytes), &mut page);
    if page.left_out > 0 {
        let left_out = page.left_out;
        let _ = writeln!(page.text, "… and {left_out} more lines");
    }
    Some(page.text)
}

/// Whether a content is one of these, by its first bytes.
pub fn is_known(bytes: &[u8]) -> bool {
    writer(bytes).is_some()
}

type Writer = fn(&View<'_>, &mut Page);

fn writer(bytes: &[u8]) -> Option<Writer> {
    let view = View::new(bytes);
    match bytes {
        [0x7f, b'E', b'L', b'F', 1 | 2, 1 | 2, ..] => Some(elf::write),
        [0, b'a', b's', b'm', _, 0, _, 0, ..] => Some(wasm::write),
        // A universal binary has a few architectures where a class has its version, which begins with 45.
        [0xca, 0xfe, 0xba, 0xbe, _, _, _, _, ..] if view.big().u32(4)? >= 45 => Some(class::write),
        [0xca, 0xfe, 0xba, 0xbe | 0xbf, 0, 0, 0, count, ..] if *count > 0 => Some(macho::write),
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => Some(macho::write),
        [b'M', b'Z', ..] if view.slice(view.u32(0x3c)?.into(), 4)? == b"PE\0\0" => Some(pe::write),
        _ => None,
    }
}

/// A listing being written.
#[derive(Default)]
struct Page {
    text: String,
    left_out: u64,
    /// Bytes that may still be hashed.
    hashes: u64,
}

/// The items of a list: bounded in number and in bytes, and counted beyond that.
#[derive(Default)]
struct Lines {
    items: Vec<String>,
    bytes: usize,
    more: u64,
}

impl Lines {
    fn push(&mut self, item: impl FnOnce() -> String) {
        if self.items.len() >= MOST_KEPT || self.bytes > MOST_BYTES {
            self.more = self.more.saturating_add(1);
            return;
        }
        let item = item();
        self.bytes = self.bytes.saturating_add(item.len());
        self.items.push(item);
    }
}

impl Page {
    fn line(&mut self, text: &str) {
        if self.text.len() > MOST_BYTES {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn heading(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.line("");
        }
        self.line(text);
    }

    /// `  name: value`
    fn fact(&mut self, name: &str, value: &str) {
        self.line(&format!("  {name}: {value}"));
    }

    /// A list under a heading with its number, at most [`MOST`] of it; nothing if it is empty.
    fn list(&mut self, title: &str, lines: &Lines) {
        if lines.items.is_empty() {
            return;
        }
        let all = lines.more.saturating_add(lines.items.len() as u64);
        self.heading(&format!("{title} ({all})"));
        for item in lines.items.iter().take(MOST) {
            self.line(&format!("  {item}"));
        }
        let more = all.saturating_sub(MOST.min(lines.items.len()) as u64);
        if more > 0 {
            self.line(&format!("  … and {more} more"));
        }
    }

    /// A part of a content: its size and digest, or that it lies beyond the end.
    fn part(&mut self, view: &View<'_>, offset: u64, size: u64) -> String {
        let Some(bytes) = view.slice(offset, size) else {
            return format!("{size} bytes, beyond the end of the content");
        };
        match self.hashes.checked_sub(size) {
            Some(left) => {
                self.hashes = left;
                format!("{size} bytes, sha256 {}…", digest(bytes))
            }
            None => format!("{size} bytes, not hashed: the parts overlap"),
        }
    }
}

/// The beginning of a digest: enough to see that two parts differ.
fn digest(bytes: &[u8]) -> String {
    let mut text = display::hex(&Sha256::digest(bytes));
    text.truncate(16);
    text
}

/// The names of the bits that are set, then what has no name.
fn flags(value: u64, names: &[(u64, &str)]) -> String {
    let mut rest = value;
    let mut words: Vec<String> = Vec::new();
    for (bit, name) in names {
        if value & bit == *bit {
            words.push((*name).to_owned());
            rest &= !bit;
        }
    }
    if rest != 0 || words.is_empty() {
        words.push(format!("{rest:#x}"));
    }
    words.join(" ")
}

/// The name of a number, else the number.
fn name(value: u64, names: &[(u64, &str)]) -> String {
    let known = names.iter().find(|(number, _)| *number == value);
    known.map_or_else(|| format!("{value:#x}"), |(_, name)| (*name).to_owned())
}
