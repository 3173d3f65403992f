//! ELF: programs and libraries of Linux and its relatives.

use super::view::View;
use super::{Lines, Page, flags, name};
use crate::display;

const TYPES: &[(u64, &str)] = &[(1, "relocatable"), (2, "executable"), (3, "shared object"), (4, "core")];
const MACHINES: &[(u64, &str)] = &[
    (3, "x86"),
    (8, "MIPS"),
    (20, "PowerPC"),
    (21, "PowerPC 64"),
    (22, "S390"),
    (40, "ARM"),
    (62, "x86-64"),
    (183, "AArch64"),
    (243, "RISC-V"),
    (258, "LoongArch"),
];
const SEGMENTS: &[(u64, &str)] = &[
    (1, "LOAD"),
    (2, "DYNAMIC"),
    (3, "INTERP"),
    (4, "NOTE"),
    (6, "PHDR"),
    (7, "TLS"),
    (0x6474_e550, "GNU_EH_FRAME"),
    (0x6474_e551, "GNU_STACK"),
    (0x6474_e552, "GNU_RELRO"),
    (0x6474_e553, "GNU_PROPERTY"),
];
const SECTIONS: &[(u64, &str)] = &[
    (1, "PROGBITS"),
    (2, "SYMTAB"),
    (3, "STRTAB"),
    (4, "RELA"),
    (5, "HASH"),
    (6, "DYNAMIC"),
    (7, "NOTE"),
    (8, "NOBITS"),
    (9, "REL"),
    (11, "DYNSYM"),
    (14, "INIT_ARRAY"),
    (15, "FINI_ARRAY"),
    (0x6fff_fff6, "GNU_HASH"),
    (0x6fff_fffd, "VERDEF"),
    (0x6fff_fffe, "VERNEED"),
    (0x6fff_ffff, "VERSYM"),
];
const SECTION_FLAGS: &[(u64, &str)] = &[
    (1, "write"),
    (2, "alloc"),
    (4, "exec"),
    (16, "merge"),
    (32, "strings"),
    (64, "info"),
    (128, "order"),
    (1024, "tls"),
];
const SYMBOLS: &[(u64, &str)] =
    &[(0, "notype"), (1, "object"), (2, "func"), (3, "section"), (4, "file"), (5, "common"), (6, "tls"), (10, "ifunc")];
const DYNSYM: u32 = 11;
const NOBITS: u32 = 8;

struct Elf<'a> {
    view: View<'a>,
    wide: bool,
}

struct Segment {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    size: u64,
    memory: u64,
}

struct Section {
    name: u32,
    kind: u32,
    flags: u64,
    offset: u64,
    size: u64,
    link: u32,
    each: u64,
}

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    let view = if view.u8(5) == Some(2) { view.big() } else { *view };
    let elf = Elf { view, wide: view.u8(4) == Some(2) };
    if elf.all(page).is_none() {
        page.line("  (the header ends early)");
    }
}

impl Elf<'_> {
    fn all(&self, page: &mut Page) -> Option<()> {
        let (view, wide) = (&self.view, self.wide);
        let at = |narrow: u64, wide_at: u64| if wide { wide_at } else { narrow };
        let bits = if wide { 64 } else { 32 };
        page.heading(&format!("ELF, {bits} bits, {} byte first", if view.u8(5)? == 2 { "high" } else { "low" }));
        page.fact("type", &name(view.u16(16)?.into(), TYPES));
        page.fact("machine", &name(view.u16(18)?.into(), MACHINES));
        page.fact("ABI", &format!("{} version {}", view.u8(7)?, view.u8(8)?));
        page.fact("entry", &format!("{:#x}", view.word(24, wide)?));
        page.fact("flags", &format!("{:#x}", view.u32(at(36, 48))?));
        let segments = self.segments(view.word(at(28, 32), wide)?, view.u16(at(42, 54))?, view.u16(at(44, 56))?);
        let sections = self.sections(view.word(at(32, 40), wide)?, view.u16(at(46, 58))?, view.u16(at(48, 60))?);
        self.dynamic(&segments, page);
        let mut lines = Lines::default();
        for it in &segments {
            let kind = name(it.kind.into(), SEGMENTS);
            let rights = flags(it.flags.into(), &[(4, "read"), (2, "write"), (1, "exec")]);
            lines.push(|| format!("{kind}  {rights}  {} bytes, {} in memory", it.size, it.memory));
        }
        page.list("Segments", &lines);
        let names = sections.get(usize::from(view.u16(at(50, 62))?));
        let mut lines = Lines::default();
        for it in sections.iter().skip(1) {
            let label = names.map_or_else(String::new, |names| view.text(names.offset.saturating_add(it.name.into())));
            let kind = name(it.kind.into(), SECTIONS);
            let what = match it.kind {
                NOBITS => format!("{} bytes in memory only", it.size),
                _ => page.part(view, it.offset, it.size),
            };
            lines.push(|| format!("{label}  {kind}  {}  {what}", flags(it.flags, SECTION_FLAGS)));
        }
        page.list("Sections", &lines);
        self.symbols(&sections, page);
        Some(())
    }

    fn segments(&self, table: u64, each: u16, count: u16) -> Vec<Segment> {
        let (view, wide) = (&self.view, self.wide);
        let read = |index: u16| {
            let at = table.checked_add(u64::from(index) * u64::from(each))?;
            let word =
                |narrow: u64, wide_at: u64| view.word(at.checked_add(if wide { wide_at } else { narrow })?, wide);
            Some(Segment {
                kind: view.u32(at)?,
                flags: view.u32(at.checked_add(if wide { 4 } else { 24 })?)?,
                offset: word(4, 8)?,
                address: word(8, 16)?,
                size: word(16, 32)?,
                memory: word(20, 40)?,
            })
        };
        (0..count).map_while(read).collect()
    }

    fn sections(&self, table: u64, each: u16, count: u16) -> Vec<Section> {
        let (view, wide) = (&self.view, self.wide);
        if table == 0 {
            return Vec::new();
        }
        let read = |index: u16| {
            let at = table.checked_add(u64::from(index) * u64::from(each))?;
            let place = |narrow: u64, wide_at: u64| at.checked_add(if wide { wide_at } else { narrow });
            Some(Section {
                name: view.u32(at)?,
                kind: view.u32(at.checked_add(4)?)?,
                flags: view.word(place(8, 8)?, wide)?,
                offset: view.word(place(16, 24)?, wide)?,
                size: view.word(place(20, 32)?, wide)?,
                link: view.u32(place(24, 40)?)?,
                each: view.word(place(36, 56)?, wide)?,
            })
        };
        (0..count).map_while(read).collect()
    }

    /// What the loader is told: as it sees it, by the segments.
    fn dynamic(&self, segments: &[Segment], page: &mut Page) {
        let (view, wide) = (&self.view, self.wide);
        let size = if wide { 8 } else { 4 };
        for it in segments.iter().filter(|it| it.kind == 3) {
            page.fact("interpreter", &view.text(it.offset));
        }
        for it in segments.iter().filter(|it| it.kind == 4) {
            self.notes(it, page);
        }
        let Some(table) = segments.iter().find(|it| it.kind == 2).and_then(|it| view.part(it.offset, it.size)) else {
            return;
        };
        let pairs: Vec<(u64, u64)> = (0..10_000)
            .map_while(|index| Some((table.word(index * 2 * size, wide)?, table.word((index * 2 + 1) * size, wide)?)))
            .take_while(|(tag, _)| *tag != 0)
            .collect();
        let strings = pairs.iter().find(|(tag, _)| *tag == 5).and_then(|(_, address)| {
            let load = |it: &&Segment| it.kind == 1 && address.checked_sub(it.address).is_some_and(|at| at < it.size);
            let it = segments.iter().find(load)?;
            it.offset.checked_add(address - it.address)
        });
        for (tag, value) in pairs {
            let label = match tag {
                1 => "needs",
                14 => "soname",
                15 => "rpath",
                29 => "runpath",
                24 => "bind now",
                22 => "text relocations",
                30 => "dynamic flags",
                0x6fff_fffb => "dynamic flags 1",
                _ => continue,
            };
            let value = match (label, strings.and_then(|strings| strings.checked_add(value))) {
                ("needs" | "soname" | "rpath" | "runpath", Some(at)) => view.text(at),
                _ => format!("{value:#x}"),
            };
            page.fact(label, &value);
        }
    }

    fn notes(&self, segment: &Segment, page: &mut Page) {
        let Some(notes) = self.view.part(segment.offset, segment.size) else { return };
        let mut at = 0_u64;
        for _ in 0..64 {
            let (Some(names), Some(size), Some(kind)) = (notes.u32(at), notes.u32(at + 4), notes.u32(at + 8)) else {
                return;
            };
            let start = at + 12;
            let body = start + u64::from(names).next_multiple_of(4);
            let owner = notes.slice(start, names.into()).unwrap_or_default();
            let owner = owner.strip_suffix(b"\0").unwrap_or(owner);
            let content = notes.slice(body, size.into()).unwrap_or_default();
            let shown = display::hex(content.get(..64).unwrap_or(content));
            match (owner, kind) {
                (b"GNU", 3) => page.fact("build ID", &shown),
                _ => page.fact("note", &format!("{} {kind:#x} {shown}", display::bytes(owner))),
            }
            at = body + u64::from(size).next_multiple_of(4);
        }
    }

    /// Dynamic symbols, by name: what is asked of others, and what is offered to them.
    fn symbols(&self, sections: &[Section], page: &mut Page) {
        let (view, wide) = (&self.view, self.wide);
        let (mut imports, mut exports) = (Lines::default(), Lines::default());
        for table in sections.iter().filter(|it| it.kind == DYNSYM && it.each >= 16).take(1) {
            let strings = usize::try_from(table.link).ok().and_then(|link| sections.get(link)).map(|it| it.offset);
            let (Some(strings), Some(content)) = (strings, view.part(table.offset, table.size)) else { continue };
            for index in 1..table.size / table.each {
                let at = index * table.each;
                let (info, section) = if wide { (at + 4, at + 6) } else { (at + 12, at + 14) };
                let (Some(label), Some(info), Some(section)) =
                    (content.u32(at), content.u8(info), content.u16(section))
                else {
                    break;
                };
                let weak = if info >> 4 == 2 { ", weak" } else { "" };
                let line = || {
                    format!(
                        "{}  {}{weak}",
                        view.text(strings.saturating_add(label.into())),
                        name((info & 15).into(), SYMBOLS)
                    )
                };
                match (section, info >> 4) {
                    (0, _) => imports.push(line),
                    (_, 0) => {}
                    _ => exports.push(line),
                }
            }
        }
        imports.items.sort();
        exports.items.sort();
        page.list("Imported symbols", &imports);
        page.list("Exported symbols", &exports);
    }
}
