//! PE: programs and libraries of Windows.

use super::view::View;
use super::{Lines, MOST, Page, flags, name};
use crate::display;
use crate::entry::Value;

const MACHINES: &[(u64, &str)] = &[(0x14c, "x86"), (0x8664, "x86-64"), (0x1c4, "ARM"), (0xaa64, "AArch64")];
const SUBSYSTEMS: &[(u64, &str)] =
    &[(1, "native"), (2, "graphical"), (3, "console"), (9, "Windows CE"), (10, "EFI application"), (16, "boot")];
const KIND: &[(u64, &str)] =
    &[(1, "no relocations"), (2, "executable"), (0x20, "large addresses"), (0x100, "32 bits"), (0x2000, "library")];
const PROTECTION: &[(u64, &str)] = &[
    (0x20, "high entropy addresses"),
    (0x40, "movable"),
    (0x80, "integrity checks"),
    (0x100, "data is not code"),
    (0x400, "no exception handlers"),
    (0x4000, "control flow guard"),
    (0x8000, "terminal server aware"),
];
const SECTION: &[(u64, &str)] = &[
    (0x20, "code"),
    (0x40, "data"),
    (0x80, "zeros"),
    (0x0200_0000, "discardable"),
    (0x1000_0000, "shared"),
    (0x2000_0000, "exec"),
    (0x4000_0000, "read"),
    (0x8000_0000, "write"),
];

struct Section {
    name: String,
    memory: u32,
    address: u32,
    size: u32,
    offset: u32,
    flags: u32,
}

struct Pe<'a> {
    view: View<'a>,
    sections: Vec<Section>,
    /// Where the table of directories is, and how many it has.
    directories: (u64, u32),
    wide: bool,
}

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    if all(view, page).is_none() {
        page.line("  (the header ends early)");
    }
}

fn all(view: &View<'_>, page: &mut Page) -> Option<()> {
    let coff = u64::from(view.u32(0x3c)?) + 4;
    let optional = coff + 20;
    let wide = view.u16(optional)? == 0x20b;
    let at = |narrow: u64, wide_at: u64| optional + if wide { wide_at } else { narrow };
    page.heading(&format!("PE{}", if wide { "32+" } else { "32" }));
    page.fact("machine", &name(view.u16(coff)?.into(), MACHINES));
    let stamp = view.u32(coff + 4)?;
    page.fact("timestamp", &format!("{stamp:#010x} ({})", display::value(&Value::Time(stamp.into(), 0))));
    page.fact("characteristics", &flags(view.u16(coff + 18)?.into(), KIND));
    page.fact("linker", &format!("{}.{}", view.u8(optional + 2)?, view.u8(optional + 3)?));
    page.fact("entry", &format!("{:#x}", view.u32(optional + 16)?));
    page.fact("image base", &format!("{:#x}", view.word(at(28, 24), wide)?));
    page.fact("checksum", &format!("{:#x}", view.u32(optional + 64)?));
    page.fact("subsystem", &name(view.u16(optional + 68)?.into(), SUBSYSTEMS));
    page.fact("protection", &flags(view.u16(optional + 70)?.into(), PROTECTION));
    let table = optional + u64::from(view.u16(coff + 16)?);
    let section = |index: u16| {
        let at = table + u64::from(index) * 40;
        let label = view.slice(at, 8)?;
        Some(Section {
            name: display::bytes(label.split(|byte| *byte == 0).next().unwrap_or_default()),
            memory: view.u32(at + 8)?,
            address: view.u32(at + 12)?,
            size: view.u32(at + 16)?,
            offset: view.u32(at + 20)?,
            flags: view.u32(at + 36)?,
        })
    };
    let sections: Vec<Section> = (0..view.u16(coff + 2)?).map_while(section).collect();
    let pe = Pe { view: *view, sections, directories: (at(96, 112), view.u32(at(92, 108))?), wide };
    pe.debug(page);
    pe.rest(page);
    let mut lines = Lines::default();
    for it in &pe.sections {
        let what = page.part(view, it.offset.into(), it.size.into());
        lines.push(|| format!("{}  {}  {what}, {} in memory", it.name, flags(it.flags.into(), SECTION), it.memory));
    }
    page.list("Sections", &lines);
    page.list("Imports", &pe.imports(1));
    page.list("Delayed imports", &pe.imports(13));
    pe.exports(page);
    Some(())
}

impl Pe<'_> {
    /// Address and size of a directory that is there.
    fn directory(&self, index: u32) -> Option<(u32, u32)> {
        let (table, count) = self.directories;
        let at = table + u64::from(index) * 8;
        let found = (self.view.u32(at)?, self.view.u32(at + 4)?);
        (index < count && found.0 != 0).then_some(found)
    }

    /// Where in the file an address is.
    fn place(&self, address: u32) -> Option<u64> {
        let holds = |it: &&Section| address.checked_sub(it.address).is_some_and(|at| at < it.size);
        let it = self.sections.iter().find(holds)?;
        Some(u64::from(it.offset) + u64::from(address - it.address))
    }

    fn text(&self, address: u32) -> String {
        self.place(address).map_or_else(|| "(beyond every section)".to_owned(), |at| self.view.text(at))
    }

    /// Where the symbols for debugging lie: the path on the machine that built it.
    fn debug(&self, page: &mut Page) {
        let Some((address, size)) = self.directory(6) else { return };
        let Some(table) = self.place(address) else { return };
        for index in 0..u64::from(size / 28).min(16) {
            let at = table + index * 28;
            let (Some(kind), Some(place)) = (self.view.u32(at + 12), self.view.u32(at + 24)) else { return };
            let place = u64::from(place);
            if kind == 2 && self.view.slice(place, 4) == Some(b"RSDS") {
                let id = self.view.slice(place + 4, 16).map(display::hex).unwrap_or_default();
                let age = self.view.u32(place + 20).unwrap_or(0);
                page.fact("debug symbols", &format!("{}, id {id}, age {age}", self.view.text(place + 24)));
            } else if kind == 16 {
                page.fact("reproducible", "the timestamps are digests");
            }
        }
    }

    /// What is there or is not: certificates, resources, managed code, bytes after everything.
    fn rest(&self, page: &mut Page) {
        let certificates = self.directory(4);
        match certificates {
            // The one directory whose address is an offset in the file.
            Some((offset, size)) => {
                let what = page.part(&self.view, offset.into(), size.into());
                page.fact("certificates", &what);
            }
            None => page.fact("certificates", "none"),
        }
        for (index, label) in [(2, "resources"), (9, "thread local storage"), (14, "managed code")] {
            if let Some((_, size)) = self.directory(index) {
                page.fact(label, &format!("{size} bytes"));
            }
        }
        let ends = self.sections.iter().map(|it| u64::from(it.offset) + u64::from(it.size));
        let end = ends.max().unwrap_or(0);
        let last = certificates.map_or(self.view.len(), |(offset, _)| u64::from(offset));
        if let Some(size) = last.checked_sub(end).filter(|size| *size > 0) {
            let what = page.part(&self.view, end, size);
            page.fact("after the sections", &what);
        }
    }

    fn imports(&self, directory: u32) -> Lines {
        let (mut lines, mut steps) = (Lines::default(), 0_usize);
        let Some(table) = self.directory(directory).and_then(|(address, _)| self.place(address)) else { return lines };
        // Delayed ones have their own table: name and names stand elsewhere in it.
        let (each, label_at, names_at, other_at) = if directory == 1 { (20, 12, 0, 16) } else { (32, 4, 16, 12) };
        for index in 0..MOST as u64 {
            let at = table + index * each;
            let (Some(label), Some(names), Some(other)) =
                (self.view.u32(at + label_at), self.view.u32(at + names_at), self.view.u32(at + other_at))
            else {
                break;
            };
            if label == 0 {
                break;
            }
            let library = self.text(label);
            let Some(names) = self.place(if names == 0 { other } else { names }) else {
                lines.push(|| format!("{library}  (its names are beyond every section)"));
                continue;
            };
            let size = if self.wide { 8 } else { 4 };
            for number in 0.. {
                let Some(entry) = self.view.word(names + number * size, self.wide).filter(|entry| *entry != 0) else {
                    break;
                };
                let by_number = entry >> (size * 8 - 1) == 1;
                let symbol = match u32::try_from(entry & 0x7fff_ffff) {
                    _ if by_number => format!("#{}", entry & 0xffff),
                    Ok(address) => self.text(address.saturating_add(2)),
                    Err(_) => String::new(),
                };
                lines.push(|| format!("{library}  {symbol}"));
                steps += 1;
                // Tables may be one another: what is not looked at is one more.
                if steps > 4 * MOST {
                    lines.more += 1;
                    return lines;
                }
            }
        }
        lines
    }

    fn exports(&self, page: &mut Page) {
        let Some(table) = self.directory(0).and_then(|(address, _)| self.place(address)) else { return };
        let word = |at: u64| self.view.u32(table + at);
        let (Some(label), Some(count), Some(names)) = (word(12), word(24), word(32)) else { return };
        page.heading(&format!("Exported as {}", self.text(label)));
        let Some(names) = self.place(names) else { return };
        let each = |index: u64| self.view.u32(names + index * 4);
        let mut lines = Lines::default();
        for address in (0..u64::from(count)).map_while(each) {
            lines.push(|| self.text(address));
        }
        page.list("Exports", &lines);
    }
}
