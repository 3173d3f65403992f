//! Notices: what B adds or changes that an analyst should look at first.
//!
//! A notice states a fact about the difference, never an accusation: an install script is new, a program came in, text
//! hides characters. What A has as well is not noticed, however odd it is: that is what findings are for. The kinds
//! stand in the order of how surprising they are between two versions of a package; the first few are shown first.
//!
//! To add one: an [`Info`] in the table of its subject and a check beside it, with a test for the hit and one for the
//! look-alike that must stay silent.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use memchr::memmem;

use crate::artifact::Sides;
use crate::display;
use crate::entry::Kind;
use crate::pair::Pairing;
use crate::reading::{Node, NodeId, Reading, base_name, extension};
use crate::report::Status;
use crate::store::Store;

mod binary;
mod code;
mod hosts;
mod install;
mod look;
mod manifest;
mod place;
#[cfg(test)]
mod tests;

/// One kind of notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Kebab-case id.
    pub id: &'static str,
    /// What it says, in a few words.
    pub title: &'static str,
    /// Why it is worth a look.
    pub about: &'static str,
}

/// Every kind, the most surprising first.
pub const NOTICES: &[Info] = &[
    code::HIDDEN,
    install::HOOK,
    binary::DISGUISED,
    binary::PROGRAM,
    place::AMBIGUOUS,
    place::PERMISSION,
    code::STARTS,
    code::SECRETS,
    code::OBFUSCATED,
    manifest::UNUSED,
    hosts::HOST,
    install::BUILD,
    binary::OPAQUE,
    place::AUTOMATION,
    manifest::DEPENDENCY,
    manifest::ENTRY_POINT,
    manifest::ORIGIN,
    binary::LARGE,
    binary::REPLACED,
];

/// The kind with an id.
pub fn by_id(id: &str) -> Option<&'static Info> {
    NOTICES.iter().find(|info| info.id == id)
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// Place of its kind in [`NOTICES`].
    pub kind: usize,
    /// The pair that it is about.
    pub pair: usize,
    /// What, as a sentence without its end.
    pub message: String,
}

/// One side.
#[derive(Clone, Copy)]
pub struct NoticeSide<'a> {
    /// What was read.
    pub reading: &'a Reading,
    /// Where contents come from.
    pub store: &'a Store,
}

/// Cases of one kind that are listed.
const MOST_LISTED: usize = 20;
/// Cases of one kind that come before those of the next: what is shown first must not be all of one kind.
const FIRST: usize = 2;
/// Contents longer than this are looked at by their beginning only, in bytes.
const MOST_CONTENT: u64 = 8 << 20;
/// Bytes of changed contents looked at, over all of them.
const MOST_CHANGED: u64 = 96 << 20;
/// Bytes of unchanged contents searched for what might not be new after all.
const MOST_SEARCHED: u64 = 64 << 20;

/// What there is to notice about pairs whose statuses are known, in the order in which to look at it.
pub fn notice(
    sides: Sides<NoticeSide<'_>>,
    pairing: &Pairing,
    status: &dyn Fn(usize) -> Option<Status>,
) -> Vec<Notice> {
    let mut noticed = Noticed {
        sides,
        cases: BTreeMap::new(),
        searched: MOST_SEARCHED,
        hosts: BTreeMap::new(),
        needs: BTreeMap::new(),
    };
    let mut left = MOST_CHANGED;
    let ground = binary::Ground::of(sides);
    for (at, pair) in pairing.pairs.iter().enumerate() {
        let Some(right) = pair.right.and_then(|id| sides.right.reading.node(id)) else { continue };
        if !matches!(status(at), Some(Status::Different | Status::OnlyRight)) {
            continue;
        }
        let before = pair.left.and_then(|id| sides.left.reading.node(id));
        place::check(&mut noticed, at, before, right);
        let same = before.is_some_and(|before| before.sha256.is_some() && before.sha256 == right.sha256);
        if same || right.opened.is_some() || right.kind != Kind::File || left == 0 {
            continue;
        }
        let after = content(sides.right.store, right, &mut left);
        let change = Change {
            at,
            path: &right.path,
            before: before.map(|node| content(sides.left.store, node, &mut left)),
            after,
            size: right.size,
        };
        binary::check(&mut noticed, &change, &ground);
        install::check(&mut noticed, &change);
        manifest::check(&mut noticed, &change);
        if change.is_text() {
            let fresh = change.fresh();
            code::check(&mut noticed, &change, &fresh);
            hosts::collect(&mut noticed, &change, &fresh);
            install::build_logic(&mut noticed, &change, &fresh);
        }
    }
    place::findings(&mut noticed, pairing);
    manifest::unused(&mut noticed);
    hosts::check(&mut noticed);
    noticed.list()
}

/// The beginning of a content; nothing if it cannot be read or the budget is used up.
fn content(store: &Store, node: &Node, left: &mut u64) -> Vec<u8> {
    let Some(content) = node.content.as_ref() else { return Vec::new() };
    let most = MOST_CONTENT.min(*left);
    let (bytes, _) = store.read(content, most).unwrap_or_default();
    *left = left.saturating_sub(bytes.len() as u64);
    bytes
}

/// A content that B has and A has not like this.
struct Change<'a> {
    /// The pair.
    at: usize,
    /// Path in its container.
    path: &'a [u8],
    /// The content in A, if A has the entry.
    before: Option<Vec<u8>>,
    /// The content in B.
    after: Vec<u8>,
    /// Its whole size.
    size: u64,
}

impl Change<'_> {
    fn name(&self) -> &[u8] {
        base_name(self.path)
    }

    fn extension(&self) -> Vec<u8> {
        extension(self.path)
    }

    fn is_text(&self) -> bool {
        is_text(&self.after)
    }

    /// The lines of B that A has nowhere.
    fn fresh(&self) -> Vec<&[u8]> {
        let lines = |text| <[u8]>::split(text, |byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let known: BTreeSet<&[u8]> = self.before.as_deref().map(|text| lines(text).collect()).unwrap_or_default();
        lines(&self.after).filter(|line| !line.is_empty() && !known.contains(line)).collect()
    }

    /// Whether A's content has this anywhere.
    fn had(&self, what: &[u8]) -> bool {
        self.before.as_deref().is_some_and(|before| has(before, what))
    }
}

/// Text in an encoding that keeps ASCII.
fn is_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(64 << 10)).unwrap_or_default();
    !head.contains(&0)
}

fn has(text: &[u8], what: &[u8]) -> bool {
    memmem::find(text, what).is_some()
}

/// A text of the artifact inside a sentence: escaped, and short.
fn quoted(text: &[u8]) -> String {
    const MOST: usize = 120;
    let shown = display::bytes(text.get(..text.len().min(MOST)).unwrap_or_default());
    if text.len() > MOST { format!("{shown}…") } else { shown }
}

/// What was noticed so far.
struct Noticed<'a> {
    sides: Sides<NoticeSide<'a>>,
    /// By place in the table: cases, and how many there are.
    cases: BTreeMap<usize, (Vec<Notice>, usize)>,
    /// Bytes that may still be searched.
    searched: u64,
    /// Hosts in what B adds, each with the pair that names it first.
    hosts: BTreeMap<Vec<u8>, usize>,
    /// What a package.json of B needs and A's did not: by name, the pair and the version.
    needs: BTreeMap<String, (usize, String)>,
}

impl Noticed<'_> {
    fn notice(&mut self, info: Info, pair: usize, message: fmt::Arguments<'_>) {
        let Some(kind) = NOTICES.iter().position(|known| known.id == info.id) else { return };
        let (cases, count) = self.cases.entry(kind).or_default();
        *count += 1;
        if cases.len() < MOST_LISTED {
            cases.push(Notice { kind, pair, message: message.to_string() });
        }
    }

    /// Shows the contents of a side one after another until there is nothing more to look for; whether all were shown
    /// that had to be.
    fn search(&mut self, side: NoticeSide<'_>, goes_on: &mut dyn FnMut(&Node, &[u8]) -> bool) -> bool {
        let mut whole = true;
        for node in &side.reading.nodes {
            if node.kind != Kind::File || node.opened.is_some() || node.size == 0 {
                continue;
            }
            if node.size > MOST_CONTENT.min(self.searched) || node.unread {
                whole = false;
                continue;
            }
            if !goes_on(node, &content(side.store, node, &mut self.searched)) {
                break;
            }
        }
        whole
    }

    fn list(self) -> Vec<Notice> {
        let (mut all, mut rest) = (Vec::new(), Vec::new());
        for (mut cases, count) in self.cases.into_values() {
            let more = count.saturating_sub(cases.len());
            if let Some(last) = cases.last_mut().filter(|_| more > 0) {
                last.message.push_str(&format!(" (and {more} more of this kind)"));
            }
            rest.extend(cases.split_off(cases.len().min(FIRST)));
            all.append(&mut cases);
        }
        all.append(&mut rest);
        all
    }
}

/// The pair that has a node of B.
fn pair_of(pairing: &Pairing, node: NodeId) -> Option<usize> {
    pairing.pairs.iter().position(|pair| pair.right == Some(node))
}
