//! The conductor: each stage called once, in order, top to bottom.
//!
//! [`Comparison::new`] takes two readings, pairs them, stabilizes and judges them, explains what remains, and keeps the
//! report. Details are made on request, by opening the contents of one pair again.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use crate::artifact::{Artifact, Side, Sides};
use crate::compare::Unified;
use crate::compare::bytes::BytesComparison;
use crate::compare::text::{self, TextComparison};
use crate::display;
use crate::error::Error;
use crate::explain::consequence::{Named, consequence};
use crate::explain::{self, TextFacts};
use crate::judge::{self, Judged, SideView};
use crate::limits::Limits;
use crate::notice::{self, NOTICES, Notice, NoticeSide};
use crate::pair::{self, Pair, Pairing};
use crate::reading::{NodeId, Reading};
use crate::report::{BytesShape, Detail, NoticeLine, Report, TextWindow};
use crate::stabilize::{self, Choice, Profile, Stabilized};
use crate::statement::{self, Basis};
use crate::store::{CACHE, Store, Watch};
use crate::summarize::{self, Described};
use crate::upstream;

mod language;
mod searching;
mod sketches;
mod structure;

use language::language;
use sketches::Sketches;

/// What the user chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The passes.
    pub choice: Choice,
    /// How much work is allowed.
    pub limits: Limits,
}

/// Which form of a pair's contents is shown. None of them changes a status or the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// As the chosen passes make them, or as they are.
    pub stabilized: bool,
    /// Whether the long lines of scripts, styles and data are broken, where that helps; nothing else of them changes.
    pub reformatted: bool,
}

/// Two artifacts compared.
pub struct Comparison {
    readings: Sides<Reading>,
    stores: Sides<Store>,
    options: Options,
    stabilized: Sides<Stabilized>,
    pairing: Pairing,
    judged: Vec<Judged>,
    /// Whether signals have spoken.
    explained: bool,
    facts: BTreeMap<usize, Option<TextFacts>>,
    report: Report,
    open: Option<OpenDetail>,
    structure: Option<structure::OpenStructure>,
}

/// The contents of the pair that was asked for last.
struct OpenDetail {
    key: (Option<u32>, bool),
    contents: Sides<Option<Vec<u8>>>,
    /// Whether the limit `content-bytes` cut either content.
    cut: bool,
    /// Why contents that are there could not be opened, a sentence each: then nothing is claimed about what differs.
    failed: Vec<String>,
    text: Option<TextComparison>,
    /// The same texts with their long lines broken.
    reformatted: Option<TextComparison>,
    bytes: Option<BytesComparison>,
}

/// Contents longer than this are not searched for the kind of their difference.
const MOST_EXPLAINED: u64 = 16 << 20;
/// Bytes of each side searched for the kinds of differences, and for renamed entries, at most.
const EXPLAIN_BYTES: u64 = 64 << 20;
/// How long the search for the smallest difference of two texts may take.
const DEADLINE: Duration = Duration::from_secs(2);

impl Comparison {
    /// Compares two readings of these artifacts.
    ///
    /// # Errors
    /// A reading that does not belong to its artifact, or a pass that does not exist.
    pub fn new(artifacts: Sides<Artifact>, readings: Sides<Reading>, options: Options) -> Result<Self, Error> {
        Self::make(artifacts, readings, options, true, None)
    }

    /// As [`Self::new`], but without opening contents to say what kind of difference the unexplained ones are: the
    /// verdict, the pairs and their statuses are final, [`Self::explain`] gives the rest.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn judged(artifacts: Sides<Artifact>, readings: Sides<Reading>, options: Options) -> Result<Self, Error> {
        Self::make(artifacts, readings, options, false, None)
    }

    /// As [`Self::judged`]; each side's function is told which of its contents is opened now, so that somebody knows
    /// where the work was if it never ends.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn watched(
        artifacts: Sides<Artifact>,
        readings: Sides<Reading>,
        options: Options,
        watch: Sides<Watch>,
    ) -> Result<Self, Error> {
        Self::make(artifacts, readings, options, false, Some(watch))
    }

    fn make(
        artifacts: Sides<Artifact>,
        readings: Sides<Reading>,
        options: Options,
        explained: bool,
        watch: Option<Sides<Watch>>,
    ) -> Result<Self, Error> {
        let store = |artifact: Artifact, reading: &Reading| {
            if artifact.source.len() != reading.size {
                return Err(Error::new(format!("{} changed while it was compared.", reading.name)));
            }
            Ok(Store::with_bases(artifact.source, &reading.bases, &options.limits, CACHE))
        };
        let stores =
            Sides { left: store(artifacts.left, &readings.left)?, right: store(artifacts.right, &readings.right)? };
        if let Some(watch) = watch {
            stores.left.watch(watch.left);
            stores.right.watch(watch.right);
        }
        let mut sketches = Sketches::new(readings.as_ref(), stores.as_ref(), EXPLAIN_BYTES);
        let pairing = pair::pair(readings.as_ref(), &mut |left, right| sketches.similarity(left, right));
        let mut comparison = Self {
            readings,
            stores,
            options: options.clone(),
            stabilized: Sides::default(),
            pairing,
            judged: Vec::new(),
            explained,
            facts: BTreeMap::new(),
            report: Report::empty(),
            open: None,
            structure: None,
        };
        comparison.set_options(options)?;
        Ok(comparison)
    }

    /// Judges again under other options; nothing is read again but the contents that passes look at.
    ///
    /// # Errors
    /// A pass that does not exist.
    pub fn set_options(&mut self, options: Options) -> Result<(), Error> {
        options.choice.check()?;
        self.options = options;
        self.open = None;
        self.structure = None;
        self.renew();
        for side in Side::BOTH {
            *self.stabilized.get_mut(side) =
                stabilize::run(self.readings.get(side), self.stores.get(side), &self.options.choice);
        }
        self.judged = judge::judge(self.views(), &self.pairing);
        self.summarize();
        Ok(())
    }

    /// Opens the contents that differ unexplained, and says what kind of difference each is.
    pub fn explain(&mut self) {
        if !self.explained {
            self.renew();
            self.explained = true;
            self.summarize();
        }
    }

    /// Every question has the whole budget: whoever reads for an hour has not worked for an hour.
    fn renew(&self) {
        self.stores.left.renew(&self.options.limits);
        self.stores.right.renew(&self.options.limits);
    }

    fn summarize(&mut self) {
        if self.explained {
            self.explore();
        }
        let facts = std::mem::take(&mut self.facts);
        self.report = summarize::report(&summarize::Findings {
            sides: self.views(),
            pairing: &self.pairing,
            judged: &self.judged,
            facts: &facts,
            choice: &self.options.choice,
        });
        self.facts = facts;
        if self.explained {
            self.report.notices = self.notices();
        }
    }

    /// What to look at first, in the words of the report.
    fn notices(&self) -> Vec<NoticeLine> {
        let side = |side| NoticeSide { reading: self.readings.get(side), store: self.stores.get(side) };
        let sides = Sides { left: side(Side::Left), right: side(Side::Right) };
        let status = |at: usize| self.judged.get(at).map(|judged| judged.status);
        let line = |notice: Notice| {
            let info = NOTICES.get(notice.kind)?;
            let row = notice.pair.checked_sub(1).and_then(|row| self.report.rows.get(row));
            Some(NoticeLine {
                id: info.id.to_owned(),
                title: info.title.to_owned(),
                row: i64::try_from(notice.pair).ok()? - 1,
                path: row.map_or_else(String::new, |row| row.path.clone()),
                message: notice.message,
            })
        };
        notice::notice(sides, &self.pairing, &status).into_iter().filter_map(line).collect()
    }

    fn views(&self) -> Sides<SideView<'_>> {
        Sides {
            left: SideView { reading: &self.readings.left, stabilized: &self.stabilized.left },
            right: SideView { reading: &self.readings.right, stabilized: &self.stabilized.right },
        }
    }

    /// What was chosen.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What a side was read as, and where its contents come from.
    pub fn side(&self, side: Side) -> (&Reading, &Store) {
        (self.readings.get(side), self.stores.get(side))
    }

    /// What the chosen passes made of a side.
    pub fn stabilized(&self, side: Side) -> &Stabilized {
        self.stabilized.get(side)
    }

    /// Brings the report to its full form, as it is exported: explained, and under the profile `oss-rebuild` with what
    /// OSS Rebuild itself would say.
    pub fn complete(&mut self) {
        self.explain();
        if self.options.choice.profile == Profile::OssRebuild && self.report.upstream.is_none() {
            self.add_upstream();
        }
    }

    /// Adds to the report what OSS Rebuild itself would say: both stabilized archives are made and hashed, which reads
    /// every content once. Where it has a verdict, that is the report's, as the profile `oss-rebuild` promises; a tree
    /// that says otherwise gets a statement about it.
    fn add_upstream(&mut self) {
        self.renew();
        let archive = |side| upstream::archive(self.readings.get(side), self.stores.get(side), &self.options.choice);
        let said = upstream::verdict(Sides { left: archive(Side::Left), right: archive(Side::Right) });
        upstream::reconcile(&mut self.report, &said);
        self.report.upstream = Some(said);
    }

    /// The result as an in-toto statement.
    ///
    /// # Errors
    /// Where no equivalence was found.
    pub fn statement(&self) -> Result<String, Error> {
        self.statement_of(&self.report, self.readings.as_ref().map(|reading| reading.name.as_str()))
    }

    /// As [`Self::statement`], of a report from which something was withheld, with other names for the files.
    ///
    /// # Errors
    /// Where no equivalence was found.
    pub fn statement_of(&self, report: &Report, names: Sides<&str>) -> Result<String, Error> {
        self.renew();
        let digest = |side: Side| {
            let (reading, store) = self.side(side);
            let stabilized = stabilize::run_to_rewrite(reading, store, &upstream::choice(&self.options.choice));
            let (sha256, written) = crate::rewrite::digest(reading, store, &stabilized).ok()?;
            written.is_upstream().then_some(sha256)
        };
        let mut ran = self.stabilized.left.ran.clone();
        ran.extend(self.stabilized.right.ran.iter().filter(|id| !ran.contains(id)).copied().collect::<Vec<_>>());
        let basis = Basis {
            names,
            choice: &self.options.choice,
            ran: &ran,
            stabilized: Sides { left: digest(Side::Left), right: digest(Side::Right) },
        };
        statement::statement(report, &basis)
    }

    /// The whole result.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Compares the texts whose content differs unexplained, as far as they are short, so that signals can say what
    /// kind of difference it is. Bounded by bytes, never by time: the report must not depend on the machine.
    fn explore(&mut self) {
        let mut left = EXPLAIN_BYTES;
        let images = Sides { left: self.images(Side::Left), right: self.images(Side::Right) };
        let named = self.named();
        let names = named.iter().map(|named| ((named.digests.0.as_str(), named.digests.1.as_str()), named)).collect();
        for (at, judged) in self.judged.iter().enumerate() {
            let unexplained =
                judged.differences.iter().any(|difference| difference.what == "content" && difference.pass.is_none());
            let Some(Pair { left: Some(a), right: Some(b), .. }) = self.pairing.pairs.get(at).copied() else {
                continue;
            };
            if !unexplained || self.facts.contains_key(&at) {
                continue;
            }
            let size = |side: Side, id| self.leaf(side, id).map_or(u64::MAX, |node| node.size);
            let sizes = [size(Side::Left, a), size(Side::Right, b)];
            let most = sizes.into_iter().max().unwrap_or(u64::MAX);
            if most > MOST_EXPLAINED || most > left {
                continue;
            }
            left -= most;
            let contents = self.leaf_bytes(Side::Left, a).zip(self.leaf_bytes(Side::Right, b));
            let facts = contents.and_then(|(old, new)| {
                let beside = |side: Side, id| {
                    self.readings.get(side).node(id).is_some_and(|node| images.get(side).contains(&node.parent))
                };
                let both = beside(Side::Left, a) && beside(Side::Right, b);
                let consequence = both.then(|| consequence(&old, &new, &names)).flatten();
                Some(TextFacts { consequence, ..explain::facts::facts(&old, &new)? })
            });
            self.facts.insert(at, facts);
        }
    }

    /// The archives whose members are parts of container images: documents beside those name them by their digests.
    fn images(&self, side: Side) -> BTreeSet<NodeId> {
        let reading = self.readings.get(side);
        reading.parts.iter().filter_map(|part| Some(reading.node(part.node)?.parent)).collect()
    }

    /// The parts of container images that are compared with each other, by the digests of their contents, and of what
    /// layers decode to.
    fn named(&self) -> Vec<Named> {
        let mut found = Vec::new();
        for pair in &self.pairing.pairs {
            let (Some(left), Some(right)) = (pair.left, pair.right) else { continue };
            let (Some(old), Some(new)) = (self.readings.left.node(left), self.readings.right.node(right)) else {
                continue;
            };
            let (parts, others) = (self.readings.left.parts_of(left), self.readings.right.parts_of(right));
            let (Some(part), Some(other)) = (parts.first(), others.first()) else { continue };
            let inner = |side: Side, id| {
                let reading = self.readings.get(side);
                reading.layers(id).get(1).and_then(|id| reading.node(*id)).map(|node| node.size)
            };
            let sizes = (inner(Side::Left, left).unwrap_or(old.size), inner(Side::Right, right).unwrap_or(new.size));
            for (a, b, sizes) in
                [(old.sha256, new.sha256, (old.size, new.size)), (part.decoded_sha256, other.decoded_sha256, sizes)]
            {
                if let (Some(a), Some(b)) = (a, b)
                    && a != b
                {
                    let digests = (display::hex(&a), display::hex(&b));
                    found.push(Named { digests, sizes, name: other.name() });
                }
            }
        }
        found
    }

    /// The plain content inside a node's wrappers.
    fn leaf(&self, side: Side, id: NodeId) -> Option<&crate::reading::Node> {
        let reading = self.readings.get(side);
        reading.node(*reading.layers(id).last()?)
    }

    fn leaf_bytes(&self, side: Side, id: NodeId) -> Option<Vec<u8>> {
        let content = self.leaf(side, id)?.content.as_ref()?;
        self.stores.get(side).read(content, MOST_EXPLAINED).ok().map(|(bytes, _)| bytes)
    }

    fn pair(&self, row: Option<u32>) -> Result<Pair, Error> {
        let at = row.map_or(Some(0), |row| usize::try_from(row).ok()?.checked_add(1));
        at.and_then(|at| self.pairing.pairs.get(at)).copied().ok_or_else(|| Error::new("There is no such row."))
    }

    /// Opens the contents of a pair, unless they are open.
    fn open(&mut self, row: Option<u32>, stabilized: bool) -> Result<&mut OpenDetail, Error> {
        let key = (row, stabilized);
        if self.open.as_ref().is_none_or(|open| open.key != key) {
            let pair = self.pair(row)?;
            self.renew();
            let (mut cut, mut failed) = (false, Vec::new());
            let most = self.options.limits.get("content-bytes");
            let mut load = |side: Side, id: Option<NodeId>| {
                let reading = self.readings.get(side);
                let (outer, inner) = (id?, *reading.layers(id?).last()?);
                let new = self.stabilized.get(side).overlay(inner).and_then(|overlay| overlay.content.as_ref());
                let content = match new {
                    Some(new) if stabilized => &new.content,
                    // An archive is shown as its bytes as stored: those of its outermost wrapper.
                    _ if reading.node(inner)?.opened.is_some() => reading.node(outer)?.content.as_ref()?,
                    _ => reading.node(inner)?.content.as_ref()?,
                };
                match self.stores.get(side).read(content, most) {
                    Ok((bytes, more)) => {
                        cut |= more;
                        Some(bytes)
                    }
                    Err(fault) => {
                        failed.push(format!("The content in {} could not be opened: {fault}.", side.letter()));
                        None
                    }
                }
            };
            let contents = Sides { left: load(Side::Left, pair.left), right: load(Side::Right, pair.right) };
            self.open = Some(OpenDetail { key, contents, cut, failed, text: None, reformatted: None, bytes: None });
        }
        self.open.as_mut().ok_or_else(|| Error::new("There is no such row."))
    }

    fn text(&mut self, row: Option<u32>, form: Form) -> Result<Option<&mut TextComparison>, Error> {
        let pair = self.pair(row)?;
        let opened = |side: Side, id: Option<NodeId>| {
            id.and_then(|id| self.leaf(side, id)).is_some_and(|node| node.opened.is_some())
        };
        if opened(Side::Left, pair.left) || opened(Side::Right, pair.right) {
            return Ok(None);
        }
        self.open(row, form.stabilized)?;
        let Some(open) = &mut self.open else { return Ok(None) };
        let kept = if form.reformatted { &mut open.reformatted } else { &mut open.text };
        if kept.is_none() && open.failed.is_empty() {
            let contents = Sides { left: open.contents.left.as_deref(), right: open.contents.right.as_deref() };
            let known = |id: Option<NodeId>, side: Side| language(self.readings.get(side), id?, (*contents.get(side))?);
            let languages = Sides { left: known(pair.left, Side::Left), right: known(pair.right, Side::Right) };
            let manner = text::Manner { languages, reformatted: form.reformatted };
            *kept = TextComparison::to_read(contents, manner, DEADLINE);
        }
        Ok(kept.as_mut())
    }

    /// What to show about a row (`None`: the artifacts themselves) before any window of its content.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn detail(&mut self, row: Option<u32>, form: Form) -> Result<Detail, Error> {
        let pair = self.pair(row)?;
        let at = row.map_or(0, |row| usize::try_from(row).unwrap_or(usize::MAX).saturating_add(1));
        let text = self.text(row, form)?.map(|text| (text.shape(), text.sentences()));
        let open = self.open(row, form.stabilized)?;
        let has_bytes = open.contents.left.is_some() || open.contents.right.is_some();
        let (cut, failed) = (open.cut, open.failed.clone());
        let judged = self.judged.get(at).map(|judged| judged.differences.as_slice()).unwrap_or_default();
        let described = summarize::describe(self.views(), pair, judged);
        let mut detail = Detail {
            path: match row {
                None => String::new(),
                Some(row) => {
                    let row = self.report.rows.get(usize::try_from(row).unwrap_or(usize::MAX));
                    row.map(|row| row.path.clone()).unwrap_or_default()
                }
            },
            sentences: described.sentences,
            fields: described.fields,
            text: None,
            bytes: has_bytes,
            stabilized: described.stabilized,
        };
        // What reading said of it already is among them.
        detail.sentences.extend(failed);
        if let Some((mut shape, sentences)) = text {
            shape.truncated |= cut;
            detail.sentences.extend(sentences);
            detail.text = Some(shape);
        }
        if cut {
            let most = self.options.limits.get("content-bytes");
            detail.sentences.push(format!("Only the first {most} bytes are shown (limit content-bytes)."));
        }
        Ok(detail)
    }

    /// Lines of a row's text comparison.
    ///
    /// # Errors
    /// A row that does not exist or is not text.
    pub fn text_window(
        &mut self,
        row: Option<u32>,
        form: Form,
        left: Range<u32>,
        right: Range<u32>,
    ) -> Result<TextWindow, Error> {
        match self.text(row, form)? {
            Some(text) => Ok(text.window(left, right)),
            None => Err(Error::new("This pair is not compared as text.")),
        }
    }

    /// A row's text comparison as hunks with `context` equal lines around, at most about `most` lines; `None` if it is
    /// not text.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn hunks(&mut self, row: Option<u32>, context: usize, most: usize) -> Result<Option<Unified>, Error> {
        Ok(self.text(row, Form::default())?.map(|text| text.unified(context, most)))
    }

    /// The two entries of a row.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn nodes(&self, row: Option<u32>) -> Result<Sides<Option<NodeId>>, Error> {
        let pair = self.pair(row)?;
        Ok(Sides { left: pair.left, right: pair.right })
    }

    /// The fields of a row, and what could not be read of it: its [`Detail`] without opening a content.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn described(&self, row: Option<u32>) -> Result<Described, Error> {
        let pair = self.pair(row)?;
        let at = row.map_or(0, |row| usize::try_from(row).unwrap_or(usize::MAX).saturating_add(1));
        let judged = self.judged.get(at).map(|judged| judged.differences.as_slice()).unwrap_or_default();
        Ok(summarize::describe(self.views(), pair, judged))
    }

    /// The contents of a row as they are; `None` for a side that has none. No contents at all where one could not be
    /// read, or is longer than the limit `content-bytes`.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn contents(&mut self, row: Option<u32>) -> Result<Option<Sides<Option<&[u8]>>>, Error> {
        let open = self.open(row, false)?;
        let contents = Sides { left: open.contents.left.as_deref(), right: open.contents.right.as_deref() };
        Ok((open.failed.is_empty() && !open.cut).then_some(contents))
    }

    /// How a row's contents line up as bytes.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn bytes(&mut self, row: Option<u32>, stabilized: bool) -> Result<BytesShape, Error> {
        let open = self.open(row, stabilized)?;
        if open.bytes.is_none() {
            open.bytes =
                Some(BytesComparison::new(open.contents.left.as_deref(), open.contents.right.as_deref(), DEADLINE));
        }
        Ok(open.bytes.as_ref().map(BytesComparison::shape).unwrap_or_default())
    }

    /// Bytes of one side of a row.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn bytes_window(
        &mut self,
        row: Option<u32>,
        stabilized: bool,
        side: Side,
        offset: u64,
        count: u64,
    ) -> Result<Vec<u8>, Error> {
        let open = self.open(row, stabilized)?;
        let bytes = open.contents.get(side).as_deref().unwrap_or_default();
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let end = start.saturating_add(usize::try_from(count).unwrap_or(usize::MAX)).min(bytes.len());
        Ok(bytes.get(start..end).unwrap_or_default().to_vec())
    }
}
