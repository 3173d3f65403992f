//! Java classes.

use super::view::View;
use super::{Lines, Page, digest, flags};
use crate::display;

/// Bytes of a name, and of the attributes of one member, that are shown.
const MOST_NAME: u64 = 1000;
const MOST_ATTRIBUTES: usize = 4000;

const FLAGS: &[(u64, &str)] = &[
    (1, "public"),
    (2, "private"),
    (4, "protected"),
    (8, "static"),
    (0x10, "final"),
    (0x100, "native"),
    (0x400, "abstract"),
    (0x1000, "synthetic"),
    (0x4000, "enum"),
];
const CLASS_FLAGS: &[(u64, &str)] = &[
    (1, "public"),
    (0x10, "final"),
    (0x20, "super"),
    (0x200, "interface"),
    (0x400, "abstract"),
    (0x1000, "synthetic"),
    (0x2000, "annotation"),
    (0x4000, "enum"),
    (0x8000, "module"),
];

/// A class and its pool: where each constant begins; 0 for none.
struct Class<'a> {
    view: View<'a>,
    pool: Vec<u64>,
    at: u64,
}

pub(super) fn write(view: &View<'_>, page: &mut Page) {
    let mut class = Class { view: view.big(), pool: vec![0], at: 10 };
    if class.all(page).is_none() {
        page.line("  (the rest could not be read)");
    }
}

impl Class<'_> {
    fn next(&mut self) -> Option<u16> {
        let value = self.view.u16(self.at)?;
        self.at += 2;
        Some(value)
    }

    fn all(&mut self, page: &mut Page) -> Option<()> {
        let version = (self.view.u16(6)?, self.view.u16(4)?);
        page.heading(&format!(
            "Java class, version {}.{} (Java {})",
            version.0,
            version.1,
            version.0.saturating_sub(44)
        ));
        let count = self.view.u16(8)?;
        while self.pool.len() < usize::from(count) {
            self.pool.push(self.at);
            let (size, wide) = match self.view.u8(self.at)? {
                1 => (3 + u64::from(self.view.u16(self.at + 1)?), false),
                3 | 4 | 9..=12 | 17 | 18 => (5, false),
                5 | 6 => (9, true),
                7 | 8 | 16 | 19 | 20 => (3, false),
                15 => (4, false),
                _ => return None,
            };
            self.at += size;
            if wide {
                self.pool.push(0);
            }
        }
        page.fact("constants", &count.saturating_sub(1).to_string());
        let (access, this, above, interfaces) = (self.next()?, self.next()?, self.next()?, self.next()?);
        page.fact("flags", &flags(access.into(), CLASS_FLAGS));
        page.fact("this", &self.class(this));
        page.fact("super", &if above == 0 { "none".to_owned() } else { self.class(above) });
        for _ in 0..interfaces {
            let index = self.next()?;
            page.fact("implements", &self.class(index));
        }
        for title in ["Fields", "Methods"] {
            let mut lines = Lines::default();
            for _ in 0..self.next()? {
                let (access, label, kind) = (self.next()?, self.next()?, self.next()?);
                let attributes = self.attributes()?;
                let rights = if access == 0 { String::new() } else { format!("  {}", flags(access.into(), FLAGS)) };
                lines.push(|| format!("{} {}{rights}{attributes}", self.text(label), self.text(kind)));
            }
            page.list(title, &lines);
        }
        let mut lines = Lines::default();
        for _ in 0..self.next()? {
            let line = self.attribute(true)?;
            lines.push(|| line);
        }
        page.list("Attributes", &lines);
        let more = self.view.len().saturating_sub(self.at);
        if more > 0 {
            page.fact("bytes after the class", &more.to_string());
        }
        Some(())
    }

    fn attributes(&mut self) -> Option<String> {
        let mut text = String::new();
        for _ in 0..self.next()? {
            let attribute = self.attribute(text.len() < MOST_ATTRIBUTES)?;
            if text.len() < MOST_ATTRIBUTES {
                text.push_str("  ");
                text.push_str(&attribute);
            } else if !text.ends_with('…') {
                text.push_str(" …");
            }
        }
        Some(text)
    }

    /// An attribute, passed over in any case.
    fn attribute(&mut self, shown: bool) -> Option<String> {
        let label = self.next()?;
        let size = self.view.u32(self.at)?;
        let content = self.view.slice(self.at + 4, size.into())?;
        let value = self.view.u16(self.at + 4);
        self.at += 4 + u64::from(size);
        if !shown {
            return Some(String::new());
        }
        Some(match (self.text(label).as_str(), value) {
            ("SourceFile", Some(index)) if size == 2 => format!("SourceFile {}", self.text(index)),
            ("ConstantValue", _) => "ConstantValue".to_owned(),
            (label, _) => format!("{label} {size} bytes, sha256 {}…", digest(content)),
        })
    }

    fn constant(&self, index: u16, tag: u8) -> Option<u64> {
        let at = *self.pool.get(usize::from(index))?;
        (self.view.u8(at)? == tag && at > 0).then_some(at)
    }

    fn text(&self, index: u16) -> String {
        let bytes = self
            .constant(index, 1)
            .and_then(|at| self.view.slice(at + 3, u64::from(self.view.u16(at + 1)?).min(MOST_NAME)));
        bytes.map_or_else(|| format!("(no name at {index})"), display::bytes)
    }

    fn class(&self, index: u16) -> String {
        match self.constant(index, 7).and_then(|at| self.view.u16(at + 1)) {
            Some(label) => self.text(label),
            None => format!("(no class at {index})"),
        }
    }
}
