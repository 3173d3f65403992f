//! Findings: what makes two readers disagree about an artifact, what is hidden in it, and what in it contradicts itself.
//!
//! Parsers turn everything that decoding would drop into fields and problems; a problem that is a case of a finding
//! says so ([`crate::error::Fault::raises`]). The checks here are functions over the finished [`Reading`]: they look at
//! fields, names and a few contents, never at the clock, and cost at most n log n in the number of entries.
//!
//! To add one: an [`Info`] in the table of its subject, a check beside it, and two cases in `tests/`: a hit, and the
//! look-alike that must stay silent. Severity must be honest: what ordinary published packages do is a note.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read as _;

use crate::entry::{Kind, Severity, Value};
use crate::limits::Limits;
use crate::reading::{Finding, Node, NodeId, Reading};
use crate::store::Store;

mod alpine;
mod apk;
mod cargo;
mod cpio;
mod deb;
mod gem;
mod general;
mod jar;
mod layers;
mod link;
mod name;
mod npm;
mod oci;
mod path;
mod rpm;
mod sdist;
mod signed;
mod tar;
#[cfg(test)]
mod tests;
mod twice;
mod views;
mod wheel;
mod whiteout;
mod zip;
mod zip64;

/// One kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its id, e.g. `ZIP-01`.
    pub id: &'static str,
    /// How bad it is; a single case may be less bad, and then says so.
    pub severity: Severity,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Why it matters.
    pub explanation: &'static str,
    /// Which readers see what.
    pub diverges: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

/// Every finding there is, by subject.
pub const FINDINGS: &[&[Info]] = &[
    zip::TABLE,
    path::TABLE,
    tar::TABLE,
    layers::TABLE,
    general::TABLE,
    views::TABLE,
    deb::TABLE,
    rpm::TABLE,
    cpio::TABLE,
    alpine::TABLE,
    wheel::TABLE,
    sdist::TABLE,
    npm::TABLE,
    cargo::TABLE,
    jar::TABLE,
    apk::TABLE,
    gem::TABLE,
    oci::TABLE,
];

/// Every finding, in the order of the table.
pub fn all() -> impl Iterator<Item = &'static Info> {
    FINDINGS.iter().flat_map(|subject| subject.iter())
}

/// The finding with an id, and its place in the table.
pub fn by_id(id: &str) -> Option<(usize, &'static Info)> {
    all().enumerate().find(|(_, info)| info.id == id)
}

/// One line of a table.
const fn info(
    id: &'static str,
    severity: Severity,
    title: &'static str,
    explanation: &'static str,
    diverges: &'static str,
    advice: &'static str,
) -> Info {
    Info { id, severity, title, explanation, diverges, advice }
}

/// Files of a package's own list that are compared with the files.
const MOST_FILES: u64 = 1_000_000;

/// Cases of one finding that are listed; more are counted.
pub const MOST_LISTED: usize = 100;

/// Everything that is to be said about one side, the worst first.
pub fn find(reading: &Reading, store: &Store, limits: &Limits) -> Vec<Finding> {
    let (left, hashed) = (limits.get("content-bytes"), limits.get("total-bytes"));
    let short =
        reading.problems.iter().filter(|problem| problem.finding.as_ref().is_some_and(|(id, _)| id == "GEN-06"));
    let cut = short.map(|problem| problem.node).collect();
    let mut found = Found { reading, store, left, hashed, cut, cases: BTreeMap::new() };
    said(&mut found);
    for id in containers(reading) {
        let Some(opened) = reading.node(id).and_then(|node| node.opened.as_ref()) else { continue };
        match opened.format.as_str() {
            "zip" => zip::check(&mut found, id),
            "tar" => tar::check(&mut found, id),
            "deb" => deb::check(&mut found, id),
            "rpm" => rpm::check(&mut found, id),
            "cpio" => cpio::check(&mut found, id),
            "alpine" => alpine::check(&mut found, id),
            _ => {}
        }
        if reading.is_wrapper(id) {
            layers::check(&mut found, id);
        } else {
            path::check(&mut found, id);
        }
    }
    general::check(&mut found);
    for layout in crate::image::layouts(reading, store, limits) {
        oci::check(&mut found, &layout);
    }
    views::check(&mut found);
    let root = reading.layers(0).last().copied().unwrap_or_default();
    match crate::ecosystem::recognise(reading) {
        Some("wheel") => wheel::check(&mut found, root),
        Some("sdist") => sdist::check(&mut found, root),
        Some("npm") => npm::check(&mut found, root),
        Some("crate") => cargo::check(&mut found, root),
        Some("jar") => jar::check(&mut found, root),
        Some("apk") => {
            jar::check(&mut found, root);
            apk::check(&mut found, root);
        }
        Some("gem") => gem::check(&mut found, root),
        _ => {}
    }
    found.list()
}

/// What the parsers said themselves, and the limits that stopped them.
fn said(found: &mut Found<'_>) {
    for problem in &found.reading.problems {
        let by_limit = match problem.limit.as_deref() {
            Some("ratio" | "total-bytes") => Some("GEN-04"),
            Some("entries") => Some("GEN-05"),
            Some("depth") => Some("GEN-03"),
            _ => None,
        };
        let id = problem.finding.as_ref().map(|(id, _)| id.as_str()).or(by_limit);
        if let Some((_, info)) = id.and_then(by_id) {
            let severity = problem.finding.as_ref().and_then(|(_, severity)| *severity).unwrap_or(info.severity);
            found.raise_at(severity, info.id, problem.node, problem.offset, format_args!("{}", problem.message));
        }
    }
}

/// Every node that was opened.
fn containers(reading: &Reading) -> impl Iterator<Item = NodeId> + use<> {
    let opened = reading.nodes.iter().zip(0..).filter(|(node, _)| node.opened.is_some());
    opened.map(|(_, id)| id).collect::<Vec<NodeId>>().into_iter()
}

/// What was found so far, and the means to look.
struct Found<'a> {
    reading: &'a Reading,
    store: &'a Store,
    /// Bytes of contents that may still be held in memory, one after another.
    left: u64,
    /// Bytes of contents that may still be hashed.
    hashed: u64,
    /// What could not be read to its end.
    cut: BTreeSet<NodeId>,
    /// By place in the table: cases, and how many more there are.
    cases: BTreeMap<usize, (Vec<Finding>, u64)>,
}

impl<'a> Found<'a> {
    /// A case at a node, as bad as its kind.
    fn raise(&mut self, id: &'static str, node: NodeId, message: fmt::Arguments<'_>) {
        let Some((_, info)) = by_id(id) else { return };
        self.raise_as(info.severity, id, node, message);
    }

    /// A case that is not as bad as its kind, or worse.
    fn raise_as(&mut self, severity: Severity, id: &'static str, node: NodeId, message: fmt::Arguments<'_>) {
        let content = self.reading.node(node).and_then(|node| node.content.as_ref());
        // Where it would begin may lie beyond the end of what is there.
        let offset = content
            .filter(|_| node != 0)
            .map(|content| content.offset.min(self.store.len(content.base).unwrap_or(content.offset)));
        self.raise_at(severity, id, node, offset, message);
    }

    fn raise_at(
        &mut self,
        severity: Severity,
        id: &'static str,
        node: NodeId,
        offset: Option<u64>,
        message: fmt::Arguments<'_>,
    ) {
        let Some((place, _)) = by_id(id) else { return };
        let (cases, more) = self.cases.entry(place).or_default();
        if cases.len() < MOST_LISTED {
            cases.push(Finding { id: id.to_owned(), severity, node, offset, message: message.to_string() });
        } else {
            *more += 1;
        }
    }

    /// All of them, the worst first, then in the order of the table.
    fn list(self) -> Vec<Finding> {
        let mut list = Vec::new();
        for (cases, more) in self.cases.into_values() {
            // The last line of many stands for those that are not listed; it is as bad as the worst of them.
            let rest = cases.iter().min_by_key(|case| case.severity).filter(|_| more > 0).map(|worst| Finding {
                node: 0,
                offset: None,
                message: format!("{more} more cases are not listed"),
                ..worst.clone()
            });
            list.extend(cases.into_iter().chain(rest));
        }
        list.sort_by_key(|finding| finding.severity);
        list
    }

    /// The bytes of a content, unless it is too long or cannot be read.
    fn read(&mut self, id: NodeId) -> Option<Vec<u8>> {
        let node = self.reading.node(id)?;
        let content = node.content.as_ref().filter(|_| !node.unread)?;
        if node.size > self.left {
            return None;
        }
        self.left -= node.size;
        let (bytes, more) = self.store.read(content, node.size.max(1)).ok()?;
        (!more).then_some(bytes)
    }

    /// Gives a content piece by piece, however long it is; false if it cannot be read.
    fn stream(&mut self, id: NodeId, mut take: impl FnMut(&[u8])) -> bool {
        let Some(node) = self.reading.node(id) else { return false };
        let Some(content) = node.content.as_ref().filter(|_| !node.unread) else { return false };
        if node.size > self.hashed {
            return false;
        }
        let Ok(mut reader) = self.store.open(content) else { return false };
        let mut buffer = vec![0; 64 << 10];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return true,
                Ok(count) => {
                    let Some(left) = self.hashed.checked_sub(count as u64) else { return false };
                    self.hashed = left;
                    take(buffer.get(..count).unwrap_or_default());
                }
                Err(_) => return false,
            }
        }
    }

    fn node(&self, id: NodeId) -> Option<&'a Node> {
        self.reading.node(id)
    }

    /// The members of a container.
    fn members(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &'a Node)> + use<'a> {
        self.reading.members(id)
    }

    /// The first member with a path.
    fn member(&self, container: NodeId, path: &[u8]) -> Option<NodeId> {
        self.members(container).find(|(_, node)| node.path == path).map(|(id, _)| id)
    }
}

/// The value of a container's own field.
fn own<'a>(node: &'a Node, name: &str) -> Option<&'a Value> {
    let fields = &node.opened.as_ref()?.fields;
    fields.iter().find(|field| field.name == name).map(|field| &field.value)
}

/// A field that holds bytes.
fn bytes<'a>(node: &'a Node, name: &str) -> Option<&'a [u8]> {
    match node.value(name) {
        Some(Value::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}

/// A field that holds text.
fn text<'a>(node: &'a Node, name: &str) -> Option<&'a str> {
    match node.value(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// A field that holds a number.
fn number(node: &Node, name: &str) -> Option<i128> {
    match node.value(name) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}

/// Whether two entries are the same thing: kind, content, target.
fn same(left: &Node, right: &Node) -> bool {
    let known = left.kind != Kind::File || left.sha256.is_some();
    known
        && (left.kind, left.sha256, left.size) == (right.kind, right.sha256, right.size)
        && left.value("target") == right.value("target")
}

/// Bytes in a sentence: escaped, not too long, and only when the sentence is really written.
fn shown(bytes: &[u8]) -> Shown<'_> {
    Shown(bytes)
}

#[derive(Clone, Copy, Default)]
struct Shown<'a>(&'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.get(..120) {
            Some(head) if self.0.len() > 120 => write!(f, "{}…", crate::display::bytes(head)),
            _ => f.write_str(&crate::display::bytes(self.0)),
        }
    }
}
