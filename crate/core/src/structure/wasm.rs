//! WebAssembly modules.

use super::view::View;
use super::{Lines, Page, digest, name};
use crate::display;

const SECTIONS: &[(u64, &str)] = &[
    (0, "custom"),
    (1, "type"),
    (2, "import"),
    (3, "function"),
    (4, "table"),
    (5, "memory"),
    (6, "global"),
    (7, "export"),
    (8, "start"),
    (9, "element"),
    (10, "code"),
    (11, "data"),
    (12, "data count"),
    (13, "tag"),
];
const KINDS: &[(u64, &str)] = &[(0, "func"), (1, "table"), (2, "memory"), (3, "global"), (4, "tag")];

/// A place in a module.
struct At<'a> {
    view: View<'a>,
    at: u64,
}

impl<'a> At<'a> {
    fn byte(&mut self) -> Option<u8> {
        let byte = self.view.u8(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// A number of at most five groups of seven bits.
    fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for group in 0..5 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * group);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let size = self.number()?;
        let bytes = self.view.slice(self.at, size)?;
        self.at += size;
        Some(bytes)
    }

    fn text(&mut self) -> Option<String> {
        Some(display::bytes(self.bytes()?))
    }

    fn limits(&mut self) -> Option<String> {
        let flags = self.byte()?;
        let least = self.number()?;
        Some(if flags & 1 == 1 { format!("{least} to {}", self.number()?) } else { format!("{least} or more") })
    }
}

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    page.heading(&format!("WebAssembly, version {}", view.u32(4).unwrap_or(0)));
    let mut at = At { view: *view, at: 8 };
    let [mut sections, mut imports, mut exports, mut producers]: [Lines; 4] = Default::default();
    while at.at < view.len() {
        let Some((id, content)) = at.byte().and_then(|id| Some((id, at.bytes()?))) else {
            sections.push(|| "(the section after this ends early)".to_owned());
            break;
        };
        let mut inside = At { view: View::new(content), at: 0 };
        let size = content.len();
        let mut line = format!("{}  {size} bytes, sha256 {}…", name(id.into(), SECTIONS), digest(content));
        match id {
            0 => {
                let label = inside.text().unwrap_or_default();
                line = format!("{line}  {label}");
                if label == "producers" {
                    entries(&mut inside, &mut producers, producer);
                }
            }
            2 => entries(&mut inside, &mut imports, import),
            7 => entries(&mut inside, &mut exports, |at| {
                let label = at.text()?;
                let kind = name(at.byte()?.into(), KINDS);
                at.number()?;
                Some(format!("{label}  {kind}"))
            }),
            3 | 10 => line = format!("{line}, functions: {}", inside.number().unwrap_or(0)),
            _ => {}
        }
        sections.push(|| line);
    }
    page.list("Sections", &sections);
    page.list("Producers", &producers);
    page.list("Imports", &imports);
    page.list("Exports", &exports);
}

/// The entries of a section, as many as it says and has.
fn entries(at: &mut At<'_>, lines: &mut Lines, read: fn(&mut At<'_>) -> Option<String>) {
    let count = at.number().unwrap_or(0);
    for _ in 0..count {
        let Some(line) = read(at) else {
            lines.push(|| "(the rest could not be read)".to_owned());
            return;
        };
        lines.push(|| line);
    }
}

fn producer(at: &mut At<'_>) -> Option<String> {
    let field = at.text()?;
    let mut values = Vec::new();
    for _ in 0..at.number()? {
        values.push(format!("{} {}", at.text()?, at.text()?));
    }
    Some(format!("{field}: {}", values.join(", ")))
}

fn import(at: &mut At<'_>) -> Option<String> {
    let (module, field, kind) = (at.text()?, at.text()?, at.byte()?);
    let what = match kind {
        0 | 4 => {
            if kind == 4 {
                at.byte()?;
            }
            at.number()?;
            String::new()
        }
        1 => {
            at.byte()?;
            format!("  {}", at.limits()?)
        }
        2 => format!("  {} pages", at.limits()?),
        3 => {
            at.byte()?;
            if at.byte()? == 1 { "  mutable".to_owned() } else { String::new() }
        }
        _ => return None,
    };
    Some(format!("{module}.{field}  {}{what}", name(kind.into(), KINDS)))
}
