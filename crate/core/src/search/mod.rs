//! Search: where a text occurs in names, metadata and contents of both sides, at every level.
//!
//! A [`Search`] works in steps, so that whoever runs it can say how far it is, answer other questions meanwhile, and
//! stop. Contents are read in stored order and in windows; equal ones are searched once, however often they occur.

mod excerpt;
mod pattern;
mod scan;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::artifact::{Side, Sides};
use crate::entry::Value;
use crate::error::Error;
use crate::limits::Deadline;
use crate::reading::{Node, NodeId, Reading};
use crate::report::search::{NotSearched, SearchEntry, SearchMatch, SearchReport};
use crate::store::Store;
use crate::summarize::node_paths;

use crate::compare::encoding::Encoding;
use pattern::Pattern;
use scan::{Found, Kept, MOST_KEPT, Scan};

/// Matches kept in all.
const MOST_MATCHES: usize = 10_000;
/// Entries listed.
const MOST_ENTRIES: usize = 10_000;
/// Entries listed that were not searched.
const MOST_TROUBLES: usize = 1000;
/// What looking at one name or opening one content counts for, in bytes.
const OPENING: u64 = 4096;

/// What to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The text, or the expression.
    pub text: String,
    /// Whether it is a regular expression over bytes; `^` and `$` are the ends of a line.
    pub regex: bool,
    /// Whether ASCII letters are the same in both cases.
    pub ignore_case: bool,
}

/// What is searched: one side, or both.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// What was read, and where its contents come from.
    pub sides: Sides<Option<(&'a Reading, &'a Store)>>,
}

/// How far a search is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Contents searched, and all of them.
    pub done: u64,
    /// All contents.
    pub total: u64,
    /// Bytes searched.
    pub bytes: u64,
    /// Matches so far.
    pub matches: Sides<u64>,
    /// Whether there is nothing left to do.
    pub finished: bool,
}

/// One row: its entries, and which content each has.
struct Row {
    /// The number in the report; `None` for the artifacts themselves.
    number: Option<u32>,
    nodes: Sides<Option<NodeId>>,
    jobs: Sides<Option<usize>>,
}

/// A content to search.
struct Job {
    side: Side,
    node: NodeId,
    /// How many entries have it.
    uses: Sides<u64>,
}

/// Matches in the name of a row's entries, or in one of their fields.
struct Piece {
    place: String,
    found: Sides<Option<Found>>,
}

/// A search that is going on, or over.
pub struct Search {
    query: Query,
    pattern: Pattern,
    rows: Vec<Row>,
    jobs: Vec<Job>,
    /// The row whose names are looked at next, then the content that is searched next.
    row: usize,
    job: usize,
    scan: Option<Scan>,
    names: BTreeMap<usize, Vec<Piece>>,
    contents: BTreeMap<usize, Found>,
    /// Why entries were not searched, or only in part.
    troubles: BTreeMap<(Side, NodeId), String>,
    kept: usize,
    progress: Progress,
    searched: u64,
    deadline: Deadline,
    stopped: Option<String>,
}

impl Search {
    /// A search over the rows of a comparison; the first pair is that of the artifacts.
    ///
    /// # Errors
    /// A query that cannot be used.
    pub fn new(query: Query, scope: Scope<'_>, pairs: &[Sides<Option<NodeId>>], seconds: u64) -> Result<Self, Error> {
        let pattern = Pattern::new(&query)?;
        let number = |at: usize| u32::try_from(at.checked_sub(1)?).ok();
        let row = |(at, nodes): (usize, &Sides<_>)| Row { number: number(at), nodes: *nodes, jobs: Sides::default() };
        let rows = pairs.iter().enumerate().map(row).collect();
        Ok(Self::over(query, pattern, scope, rows, seconds))
    }

    /// A search in one artifact, whose entries have the numbers that they have in its reading.
    ///
    /// # Errors
    /// A query that cannot be used.
    pub fn alone(query: Query, scope: Scope<'_>, seconds: u64) -> Result<Self, Error> {
        let pattern = Pattern::new(&query)?;
        let reading = scope.sides.left.map(|(reading, _)| reading);
        let ids = 0..reading.map_or(0, |reading| u32::try_from(reading.nodes.len()).unwrap_or(u32::MAX));
        let wrapped = |id: NodeId| {
            reading
                .is_some_and(|reading| id > 0 && reading.node(id).is_some_and(|node| reading.is_wrapper(node.parent)))
        };
        let row = |id: NodeId| Row {
            number: (id > 0).then_some(id),
            nodes: Sides { left: Some(id), right: None },
            jobs: Sides::default(),
        };
        let rows = ids.filter(|id| !wrapped(*id)).map(row).collect();
        Ok(Self::over(query, pattern, scope, rows, seconds))
    }

    fn over(query: Query, pattern: Pattern, scope: Scope<'_>, mut rows: Vec<Row>, seconds: u64) -> Self {
        let mut troubles = BTreeMap::new();
        let mut leaves: Vec<(Side, NodeId, usize)> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            for side in Side::BOTH {
                let (Some((reading, _)), Some(id)) = (scope.sides.get(side), row.nodes.get(side)) else { continue };
                let layers = reading.layers(*id);
                for layer in &layers {
                    if reading.node(*layer).is_some_and(|node| node.unread) {
                        troubles.insert((side, *layer), reason(reading, *layer));
                    }
                }
                if let Some(leaf) = layers.last()
                    && reading.node(*leaf).is_some_and(|node| node.opened.is_none() && node.content.is_some())
                {
                    leaves.push((side, *leaf, at));
                }
            }
        }
        // Stored order: what is decoded forward once must not be decoded again for every entry.
        leaves.sort_unstable();
        let mut jobs: Vec<Job> = Vec::new();
        let mut known: BTreeMap<[u8; 32], usize> = BTreeMap::new();
        for (side, node, at) in leaves {
            let digest = scope.sides.get(side).and_then(|(reading, _)| reading.node(node)?.sha256);
            let next = jobs.len();
            let at_job = digest.map_or(next, |digest| *known.entry(digest).or_insert(next));
            if at_job == next {
                jobs.push(Job { side, node, uses: Sides::default() });
            }
            if let (Some(job), Some(row)) = (jobs.get_mut(at_job), rows.get_mut(at)) {
                *job.uses.get_mut(side) += 1;
                *row.jobs.get_mut(side) = Some(at_job);
            }
        }
        let progress = Progress { total: jobs.len() as u64, ..Progress::default() };
        Self {
            query,
            pattern,
            rows,
            jobs,
            row: 0,
            job: 0,
            scan: None,
            names: BTreeMap::new(),
            contents: BTreeMap::new(),
            troubles,
            kept: 0,
            progress,
            searched: 0,
            deadline: Deadline::after(Duration::from_secs(seconds)),
            stopped: None,
        }
    }

    /// Goes on for about so many bytes.
    pub fn step(&mut self, scope: Scope<'_>, budget: u64) -> Progress {
        let mut spent = 0_u64;
        while spent < budget && !self.progress.finished {
            if self.row < self.rows.len() {
                self.names(scope);
                self.row += 1;
                spent = spent.saturating_add(OPENING / 16);
            } else if self.job < self.jobs.len() {
                spent = spent.saturating_add(self.content(scope));
            } else {
                self.progress.finished = true;
            }
            if self.deadline.passed() && !self.progress.finished {
                let left = self.progress.total.saturating_sub(self.progress.done);
                self.stop(format!("The search stopped at the limit seconds: {left} contents are not searched."));
            }
        }
        self.progress
    }

    /// Ends it where it is, and says so in the report.
    pub fn stop(&mut self, why: impl Into<String>) {
        if !self.progress.finished {
            self.stopped = Some(why.into());
            self.progress.finished = true;
            self.scan = None;
        }
    }

    fn room(&self) -> usize {
        MOST_MATCHES.saturating_sub(self.kept)
    }

    /// Looks at the names and fields of one row.
    fn names(&mut self, scope: Scope<'_>) {
        let Some(row) = self.rows.get(self.row) else { return };
        let mut pieces: Vec<Piece> = Vec::new();
        for side in Side::BOTH {
            let (Some((reading, _)), Some(id)) = (scope.sides.get(side), *row.nodes.get(side)) else { continue };
            let layers = reading.layers(id);
            let texts = layers.iter().filter_map(|id| Some((*id, reading.node(*id)?))).flat_map(|(layer, node)| {
                // The artifact's own name is nothing that is in it, and what a wrapper wraps has none.
                let name = (layer == id && id > 0).then_some(("name", node.path.as_slice()));
                name.into_iter().chain(texts(node))
            });
            for (place, text) in texts {
                let Some(found) = self.text(text) else { continue };
                self.kept = self.kept.saturating_add(found.kept.len());
                let total = self.progress.matches.get_mut(side);
                *total = total.saturating_add(found.count);
                let same = pieces.iter_mut().find(|piece| piece.place == place && piece.found.get(side).is_none());
                match same {
                    Some(piece) => *piece.found.get_mut(side) = Some(found),
                    None => {
                        let mut piece = Piece { place: place.to_owned(), found: Sides::default() };
                        *piece.found.get_mut(side) = Some(found);
                        pieces.push(piece);
                    }
                }
            }
        }
        if !pieces.is_empty() {
            self.names.insert(self.row, pieces);
        }
    }

    /// The matches in a short text.
    fn text(&self, text: &[u8]) -> Option<Found> {
        let folded = if self.pattern.folds() { text.to_ascii_lowercase() } else { Vec::new() };
        let mut found = Found::default();
        for hit in self.pattern.hits(text, &folded, 0, false) {
            found.count += 1;
            if found.kept.len() < MOST_KEPT.min(self.room()) {
                found.kept.push(Kept::new(text, hit, hit.start as u64, None));
            }
        }
        (found.count > 0).then_some(found)
    }

    /// Searches one window of the content that is at work; the bytes that it counts for.
    fn content(&mut self, scope: Scope<'_>) -> u64 {
        let Some(job) = self.jobs.get(self.job) else { return OPENING };
        let room = self.room();
        let mut spent = 0;
        if self.scan.is_none() {
            spent = OPENING;
            let opened = scope.sides.get(job.side).map(|(reading, store)| {
                store.renew(store.limits());
                reading.node(job.node).and_then(|node| node.content.as_ref()).map(|content| store.open(content))
            });
            match opened.flatten() {
                Some(Ok(reader)) => self.scan = Some(Scan::new(reader)),
                Some(Err(fault)) => {
                    let why = || format!("its content could not be opened: {fault}");
                    self.troubles.entry((job.side, job.node)).or_insert_with(why);
                }
                None => {}
            }
        }
        let more = self.scan.as_mut().is_some_and(|scan| {
            let before = scan.bytes;
            let more = scan.advance(&self.pattern, room);
            spent = spent.saturating_add(scan.bytes.saturating_sub(before));
            self.progress.bytes = self.progress.bytes.saturating_add(scan.bytes.saturating_sub(before));
            more
        });
        if more {
            return spent;
        }
        if let Some(scan) = self.scan.take() {
            self.searched += 1;
            if let Some(fault) = &scan.fault {
                let why = || format!("searched to byte {} only: {fault}", scan.bytes);
                self.troubles.entry((job.side, job.node)).or_insert_with(why);
            }
            let found = scan.finish();
            if found.count > 0 {
                for side in Side::BOTH {
                    let total = self.progress.matches.get_mut(side);
                    *total = total.saturating_add(found.count.saturating_mul(*job.uses.get(side)));
                }
                self.kept = self.kept.saturating_add(found.kept.len());
                self.contents.insert(self.job, found);
            }
        }
        self.job += 1;
        self.progress.done += 1;
        spent.max(1)
    }

    /// What was found so far.
    pub fn report(&self, scope: Scope<'_>) -> SearchReport {
        let paths = scope.sides.map(|side| side.map(|(reading, _)| node_paths(reading)));
        let path = |side: Side, id: NodeId| {
            let list = paths.get(side).as_ref()?;
            Some(list.get(usize::try_from(id).ok()?)?.clone())
        };
        let mut report = SearchReport {
            schema: "twinspect-search/1".to_owned(),
            query: self.query.text.clone(),
            regex: self.query.regex,
            ignore_case: self.query.ignore_case,
            matches: self.progress.matches,
            contents: self.searched,
            bytes: self.progress.bytes,
            stopped: self.stopped.clone(),
            ..SearchReport::default()
        };
        let mut room = MOST_MATCHES;
        for (at, row) in self.rows.iter().enumerate() {
            let names = self.names.get(&at).map(Vec::as_slice).unwrap_or_default();
            let content = row.jobs.map(|job| job.and_then(|job| self.contents.get(&job)));
            let matches = Sides { left: Side::Left, right: Side::Right }.map(|side| {
                let names = names.iter().filter_map(|piece| piece.found.get(side).as_ref());
                names.chain(*content.get(side)).fold(0_u64, |sum, found| sum.saturating_add(found.count))
            });
            if matches == Sides::default() {
                continue;
            }
            for side in Side::BOTH {
                *report.entries.get_mut(side) += u64::from(*matches.get(side) > 0);
            }
            if report.found.len() == MOST_ENTRIES {
                report.more += 1;
                continue;
            }
            let mut listed = Vec::new();
            for piece in names {
                list(&mut listed, &piece.place, piece.found.as_ref().map(Option::as_ref));
            }
            list(&mut listed, "content", content);
            listed.truncate(room);
            room = room.saturating_sub(listed.len());
            let paths = Sides {
                left: row.nodes.left.and_then(|id| path(Side::Left, id)),
                right: row.nodes.right.and_then(|id| path(Side::Right, id)),
            };
            report.found.push(SearchEntry { row: row.number, paths, matches, listed });
        }
        let troubles = self.troubles.iter().map(|((side, id), reason)| NotSearched {
            side: *side,
            path: path(*side, *id).unwrap_or_default(),
            reason: reason.clone(),
        });
        report.not_searched = troubles.take(MOST_TROUBLES).collect();
        report.more_not_searched = self.troubles.len().saturating_sub(MOST_TROUBLES) as u64;
        report
    }
}

/// What an artifact says about an entry in bytes of its own: names of owners, targets of links, comments.
fn texts(node: &Node) -> impl Iterator<Item = (&str, &[u8])> {
    let container = node.opened.iter().flat_map(|opened| &opened.fields);
    node.fields.iter().chain(container).filter_map(|field| match &field.value {
        Value::Bytes(bytes) => Some((field.name.as_ref(), bytes.as_slice())),
        _ => None,
    })
}

/// Why something was not read, as reading said it.
fn reason(reading: &Reading, id: NodeId) -> String {
    let problem = reading.problems.iter().find(|problem| problem.node == id && problem.unread);
    problem.map_or_else(|| "it could not be read".to_owned(), |problem| problem.message.clone())
}

/// Adds the matches of one place; what stands on both sides in the same words is one.
fn list(listed: &mut Vec<SearchMatch>, place: &str, found: Sides<Option<&Found>>) {
    let name = |encoding: Encoding| (encoding != Encoding::Utf8).then(|| encoding.name().to_owned());
    let first = listed.len();
    let mut waiting: BTreeMap<(&str, [u32; 2]), VecDeque<usize>> = BTreeMap::new();
    for side in Side::BOTH {
        for kept in found.get(side).iter().flat_map(|found| &found.kept) {
            let key = (kept.excerpt.as_str(), kept.mark);
            if side == Side::Left {
                waiting.entry(key).or_default().push_back(listed.len());
            } else if let Some(at) = waiting.get_mut(&key).and_then(VecDeque::pop_front)
                && let Some(same) = listed.get_mut(at)
            {
                same.right = Some(kept.spot);
                continue;
            }
            let mut one = SearchMatch {
                place: place.to_owned(),
                left: None,
                right: None,
                excerpt: kept.excerpt.clone(),
                mark: kept.mark.to_vec(),
                encoding: name(kept.encoding),
            };
            *(if side == Side::Left { &mut one.left } else { &mut one.right }) = Some(kept.spot);
            listed.push(one);
        }
    }
    if let Some(own) = listed.get_mut(first..) {
        own.sort_by_key(|one| one.left.or(one.right).map_or(0, |spot| spot.offset));
    }
}
