//! Mach-O: programs and libraries of macOS, for one architecture or several.

use super::view::View;
use super::{Lines, Page, flags, name};
use crate::display;

const MACHINES: &[(u64, &str)] =
    &[(7, "x86"), (0x0100_0007, "x86-64"), (12, "ARM"), (0x0100_000c, "AArch64"), (0x0200_000c, "AArch64, 32 bits")];
const TYPES: &[(u64, &str)] =
    &[(1, "object"), (2, "executable"), (6, "dynamic library"), (8, "bundle"), (10, "debug symbols")];
const FLAGS: &[(u64, &str)] = &[
    (1, "no undefined symbols"),
    (4, "for the dynamic linker"),
    (0x80, "two-level names"),
    (0x8000, "weak symbols"),
    (0x1_0000, "weak definitions"),
    (0x10_0000, "no re-exports"),
    (0x20_0000, "movable"),
];
const RIGHTS: &[(u64, &str)] = &[(1, "read"), (2, "write"), (4, "exec")];
const PLATFORMS: &[(u64, &str)] = &[(1, "macOS"), (2, "iOS"), (6, "Mac Catalyst"), (7, "iOS simulator")];
const DYLIBS: &[(u32, &str)] = &[
    (12, "needs"),
    (13, "is"),
    (0x8000_0018, "needs, weakly"),
    (0x8000_001f, "needs, and re-exports"),
    (0x8000_0023, "needs, upward"),
];
/// Architectures in one file.
const MOST_SLICES: u32 = 20;

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    let big = view.big();
    let wide = match big.u32(0) {
        Some(0xcafe_babe) => false,
        Some(0xcafe_babf) => true,
        _ => {
            thin(view, page);
            return;
        }
    };
    let count = big.u32(4).unwrap_or(0);
    page.heading(&format!("Mach-O for {count} architectures"));
    for index in 0..count.min(MOST_SLICES) {
        let at = 8 + u64::from(index) * if wide { 32 } else { 20 };
        let size_at = at + if wide { 16 } else { 12 };
        let (Some(offset), Some(size)) = (big.word(at + 8, wide), big.word(size_at, wide)) else { break };
        let what = page.part(view, offset, size);
        page.fact("slice", &what);
    }
    if count > MOST_SLICES {
        page.line(&format!("  … and {} more", count - MOST_SLICES));
    }
    for index in 0..count.min(MOST_SLICES) {
        let at = 8 + u64::from(index) * if wide { 32 } else { 20 };
        let size_at = at + if wide { 16 } else { 12 };
        let slice =
            big.word(at + 8, wide).zip(big.word(size_at, wide)).and_then(|(offset, size)| view.slice(offset, size));
        if let Some(bytes) = slice {
            thin(&View::new(bytes), page);
        }
    }
}

fn thin(view: &View<'_>, page: &mut Page) {
    let view = if view.u8(0) == Some(0xfe) { view.big() } else { *view };
    if one(&view, page).is_none() {
        page.line("  (the header or a command ends early)");
    }
}

#[derive(Default)]
struct Lists {
    segments: Lines,
    libraries: Lines,
    imports: Lines,
    exports: Lines,
    /// Whether the table of symbols has been: there is one.
    symbols: bool,
}

fn one(view: &View<'_>, page: &mut Page) -> Option<()> {
    let wide = view.u32(0)? == 0xfeed_facf;
    page.heading(&format!("Mach-O, {} bits", if wide { 64 } else { 32 }));
    page.fact("machine", &format!("{}, variant {:#x}", name(view.u32(4)?.into(), MACHINES), view.u32(8)?));
    page.fact("type", &name(view.u32(12)?.into(), TYPES));
    page.fact("flags", &flags(view.u32(24)?.into(), FLAGS));
    let mut lists = Lists::default();
    let mut signed = false;
    let mut at = if wide { 32 } else { 28 };
    let count = view.u32(16)?;
    for _ in 0..count {
        let (kind, size) = (view.u32(at)?, view.u32(at + 4)?);
        let command = view.part(at, size.into())?;
        signed |= kind == 29;
        let _ = show(view, &command, kind, &mut lists, page);
        // One that says it is shorter than its own header would have no end.
        at += u64::from(size).max(8);
    }
    if !signed {
        page.fact("signature", "none");
    }
    page.fact("load commands", &count.to_string());
    page.list("Libraries", &lists.libraries);
    page.list("Segments and sections", &lists.segments);
    lists.imports.items.sort();
    lists.exports.items.sort();
    page.list("Imported symbols", &lists.imports);
    page.list("Exported symbols", &lists.exports);
    Some(())
}

fn show(view: &View<'_>, command: &View<'_>, kind: u32, lists: &mut Lists, page: &mut Page) -> Option<()> {
    let version = |at: u64| {
        let number = command.u32(at)?;
        Some(format!("{}.{}.{}", number >> 16, (number >> 8) & 255, number & 255))
    };
    if let Some((_, what)) = DYLIBS.iter().find(|(id, _)| *id == kind) {
        let path = command.text(command.u32(8)?.into());
        let (version, least) = (version(16)?, version(20)?);
        lists.libraries.push(|| format!("{what} {path}, version {version}, compatible with {least}"));
        return Some(());
    }
    match kind {
        1 | 25 => segment(view, command, kind == 25, &mut lists.segments, page)?,
        2 if !lists.symbols => {
            lists.symbols = true;
            symbols(view, command, lists)?;
        }
        27 => page.fact("UUID", &display::hex(command.slice(8, 16)?)),
        29 => {
            let what = page.part(view, command.u32(8)?.into(), command.u32(12)?.into());
            page.fact("signature", &what);
        }
        36 => page.fact("least macOS", &format!("{}, SDK {}", version(8)?, version(12)?)),
        50 => {
            let platform = name(command.u32(8)?.into(), PLATFORMS);
            page.fact("built for", &format!("{platform} {}, SDK {}", version(12)?, version(16)?));
        }
        0x8000_001c => {
            let path = command.text(command.u32(8)?.into());
            lists.libraries.push(|| format!("searches {path}"));
        }
        0x8000_0028 => page.fact("entry", &format!("{:#x}", command.u64(8)?)),
        42 => page.fact("source version", &format!("{:#x}", command.u64(8)?)),
        14 => page.fact("linker", &command.text(command.u32(8)?.into())),
        _ => {}
    }
    Some(())
}

fn segment(view: &View<'_>, command: &View<'_>, wide: bool, lines: &mut Lines, page: &mut Page) -> Option<()> {
    let label = |bytes: &[u8]| display::bytes(bytes.split(|byte| *byte == 0).next().unwrap_or_default());
    let size = command.word(if wide { 48 } else { 36 }, wide)?;
    let rights = command.u32(if wide { 60 } else { 44 })?;
    let own = label(command.slice(8, 16)?);
    lines.push(|| format!("{own}  {}  {size} bytes", flags(rights.into(), RIGHTS)));
    let (start, each) = if wide { (72, 80) } else { (56, 68) };
    for index in 0..u64::from(command.u32(if wide { 64 } else { 48 })?) {
        let at = start + index * each;
        let size = command.word(at + if wide { 40 } else { 36 }, wide)?;
        let offset = command.u32(at + if wide { 48 } else { 40 })?;
        let kind = command.u32(at + if wide { 64 } else { 56 })? & 0xff;
        let what = match kind {
            1 | 12 | 18 => format!("{size} bytes in memory only"),
            _ => page.part(view, offset.into(), size),
        };
        let own = label(command.slice(at, 16)?);
        lines.push(|| format!("  {own}  {what}"));
    }
    Some(())
}

fn symbols(view: &View<'_>, command: &View<'_>, lists: &mut Lists) -> Option<()> {
    let (table, count, strings, size) = (command.u32(8)?, command.u32(12)?, command.u32(16)?, command.u32(20)?);
    let strings = view.part(strings.into(), size.into())?;
    let each = if view.u32(0)? == 0xfeed_facf { 16 } else { 12 };
    for index in 0..u64::from(count) {
        let at = u64::from(table) + index * each;
        let (label, kind) = (view.u32(at)?, view.u8(at + 4)?);
        // Neither for debugging nor for this file alone.
        if kind & 0xe0 == 0 && kind & 1 == 1 {
            let list = if kind & 14 == 0 { &mut lists.imports } else { &mut lists.exports };
            list.push(|| strings.text(label.into()));
        }
    }
    Some(())
}
