//! The conductor: each stage called once, in order, top to bottom.
//!
//! [`Comparison::new`] takes two readings, pairs them, stabilizes and judges them, explains what remains, and keeps the
//! report. Details (`detail`) are made on request, by opening the contents of one pair again.

use std::collections::{BTreeMap, BTreeSet};

use crate::artifact::{Artifact, Side, Sides};
use crate::display;
use crate::error::Error;
use crate::explain::consequence::{Named, consequence};
use crate::explain::{self, TextFacts};
use crate::judge::{self, Judged, SideView};
use crate::limits::Limits;
use crate::notice::{self, NOTICES, Notice, NoticeSide};
use crate::pair::{self, Pair, Pairing};
use crate::reading::{NodeId, Reading};
use crate::report::{NoticeLine, Report};
use crate::stabilize::{self, Choice, Profile, Stabilized};
use crate::statement::{self, Basis};
use crate::store::{CACHE, Store, Watch};
use crate::summarize;
use crate::upstream;

mod detail;
mod language;
mod searching;
mod sketches;
mod structure;

pub use detail::Form;
use detail::OpenDetail;
use sketches::Sketches;

/// What the user chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The passes.
    pub choice: Choice,
    /// How much work is allowed.
    pub limits: Limits,
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

/// Contents longer than this are not searched for the kind of their difference.
const MOST_EXPLAINED: u64 = 16 << 20;
/// Bytes of each side searched for the kinds of differences, and for renamed entries, at most.
const EXPLAIN_BYTES: u64 = 64 << 20;
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
}
