//! Stabilizers make two trees comparable: named, pure normalizations, each with its rationale.
//!
//! They are the only place where information is given up. A stabilizer never touches the [`Reading`]; it writes into an
//! [`Overlay`] beside each node what the value becomes, so that raw and stabilized are both there to be shown, and
//! switching a pass off needs no second reading.
//!
//! To add one: write a `Stabilizer` const in `stabilize/<ecosystem>.rs`, add it to [`STABILIZERS`], and test before,
//! after, and one it must not touch.

use crate::ecosystem::Ecosystem;
use crate::entry::{Content, Kind, Value};
use crate::error::Error;
use crate::reading::{NodeId, Reading};
use crate::store::Store;

/// Which set of stabilizers is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// None: raw bytes.
    None,
    /// Exactly what OSS Rebuild does: its passes, on the outer archive only.
    OssRebuild,
    /// The default: those passes at every level and for more formats, but narrowed wherever they would hide what an
    /// installer acts on.
    Standard,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::None, Self::OssRebuild, Self::Standard];

    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OssRebuild => "oss-rebuild",
            Self::Standard => "standard",
        }
    }

    /// The profile with an id.
    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.id() == id)
    }
}

/// Which passes are to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The set of stabilizers.
    pub profile: Profile,
    /// The ecosystem, where it is stated: `oss-rebuild` chooses its passes by it, and by the name. `None`: as detected.
    pub ecosystem: Option<Ecosystem>,
    /// Of OSS Rebuild's passes only these, in this order; `None`: all.
    pub enabled: Option<Vec<String>>,
    /// Ids of passes switched off.
    pub disabled: Vec<String>,
    /// Rules of the user's own, or of a rebuild's definition.
    pub rules: Rules,
}

impl Default for Choice {
    fn default() -> Self {
        Self::of(Profile::Standard)
    }
}

impl Choice {
    /// A whole profile.
    pub fn of(profile: Profile) -> Self {
        Self { profile, ecosystem: None, enabled: None, disabled: Vec::new(), rules: Rules::default() }
    }

    /// The profile's name: `custom` as soon as a pass is switched off or a rule added.
    pub fn name(&self) -> &'static str {
        let whole = self.enabled.is_none() && self.disabled.is_empty() && self.rules.is_empty();
        if whole { self.profile.id() } else { "custom" }
    }

    /// Checks the names of passes.
    ///
    /// # Errors
    /// A pass that does not exist, or that upstream does not have where only upstream's can be listed.
    pub fn check(&self) -> Result<(), Error> {
        for id in &self.disabled {
            if by_id(id).is_none() && !self.rules.has(id) {
                return Err(Error::new(format!("There is no pass called {id}; `twinspect passes` lists them.")));
            }
        }
        for id in self.enabled.iter().flatten() {
            if !by_id(id).is_some_and(|pass| pass.upstream) {
                return Err(Error::new(format!("OSS Rebuild has no pass called {id}; `twinspect passes` lists them.")));
            }
        }
        Ok(())
    }

    /// The passes and rules in the order in which they run.
    fn steps(&self) -> Vec<Step<'_>> {
        let on = |id: &str| !self.disabled.iter().any(|disabled| disabled == id);
        let all = STABILIZERS.iter();
        let table: Vec<&Stabilizer> = match &self.enabled {
            None => all.collect(),
            Some(ids) => {
                let ours = all.filter(|pass| !pass.upstream);
                ids.iter().filter_map(|id| by_id(id)).chain(ours).collect()
            }
        };
        let table = table.into_iter().filter(|pass| on(pass.id)).map(Step::Pass);
        table.chain(self.rules.iter().filter(|rule| on(rule.id())).map(Step::Rule)).collect()
    }
}

/// A pass of the table, or a rule.
#[derive(Clone, Copy)]
enum Step<'a> {
    Pass(&'a Stabilizer),
    Rule(&'a Rule),
}

impl Step<'_> {
    fn id(self) -> &'static str {
        match self {
            Self::Pass(pass) => pass.id,
            Self::Rule(rule) => rule.id(),
        }
    }

    fn stage(self) -> u8 {
        match self {
            Self::Pass(pass) => pass.stage,
            Self::Rule(_) => rules::STAGE,
        }
    }

    fn rule(&self) -> Option<&Rule> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::Pass(_) => None,
        }
    }

    /// The id of a pass of upstream's.
    fn upstream(self) -> Option<&'static str> {
        match self {
            Self::Pass(pass) if pass.upstream => Some(pass.id),
            _ => None,
        }
    }

    fn applies(self, scope: &Scope<'_>) -> bool {
        match self {
            Self::Pass(pass) => (pass.applies)(scope),
            Self::Rule(_) => rules::applies(scope),
        }
    }

    fn is_entry(self) -> bool {
        matches!(self, Self::Pass(Stabilizer { pass: Pass::Entry(_), .. }))
    }
}

/// A named, pure normalization.
pub struct Stabilizer {
    /// Kebab-case id; OSS Rebuild's name where it has this pass.
    pub id: &'static str,
    /// What it ignores, in a few words, e.g. `Modification times of tar entries`.
    pub title: &'static str,
    /// Why that is harmless, and where it is not applied because it would not be.
    pub rationale: &'static str,
    /// Whether OSS Rebuild has a pass of this name.
    pub upstream: bool,
    /// Passes run by stage, then in table order: 0, 10 custom, 100 finalize (as upstream).
    pub stage: u8,
    /// Whether it runs on this container under this profile.
    pub applies: fn(&Scope<'_>) -> bool,
    /// What it does.
    pub pass: Pass,
}

/// What a stabilizer does.
pub enum Pass {
    /// Sees each member of a container in turn, and may look at and change that member alone: passes of this kind that
    /// follow one another run together, member by member, so that each is fetched from memory once.
    Entry(fn(&mut View<'_>, NodeId)),
    /// Sees the container and all its members.
    Container(fn(&mut View<'_>)),
    /// Sees each member in turn, as the first, then the container, as the second.
    Both(fn(&mut View<'_>, NodeId), fn(&mut View<'_>)),
}

/// Where a pass may run: one opened container.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The profile in force.
    pub profile: Profile,
    /// Id of the format that the container was opened as, e.g. `tar`; empty for an artifact that is no container.
    pub format: &'a str,
    /// Whether that format is a wrapper around one stream.
    pub is_wrapper: bool,
    /// The kind of package that the *artifact* is: `npm`, `wheel`, … (see [`crate::ecosystem`]).
    pub ecosystem: Option<&'a str>,
    /// The artifact's file name.
    pub artifact: &'a str,
    /// How many archives this container is inside of; wrappers do not count. 0 for the artifact.
    pub depth: u32,
    /// Path, in its archive, of the member that this container was opened from; empty at depth 0.
    pub path: &'a [u8],
    /// Id of the format of the archive that this container is inside of; empty at depth 0.
    pub outer: &'a str,
    /// The passes that upstream would run over the artifact.
    pub set: Option<Set>,
    /// What the artifact is, as ids of formats: its wrappers, outermost first, then what they wrap. `["gzip", "tar"]`
    /// for a `.tar.gz`.
    pub layers: &'a [&'a str],
    /// The same for the member that this container was opened from; empty at depth 0.
    pub member: &'a [&'a str],
    /// How many wrappers are between that member, or the artifact, and this container.
    pub layer: u32,
    /// Whether upstream, where it enters archives in this kind of package, enters this one: it has the pass for that
    /// among those chosen, and does not fail on it.
    pub entered: bool,
}

impl Scope<'_> {
    /// Whether the pass runs as upstream has it; else narrowed, as in `standard`.
    pub fn is_upstream(&self) -> bool {
        self.profile == Profile::OssRebuild
    }

    /// Whether the container is the payload of a Debian or Alpine package: what is in it is installed with the modes and
    /// owners it states.
    pub fn is_deb_payload(&self) -> bool {
        matches!(self.outer, "deb" | "alpine") && self.path.starts_with(b"data.tar")
    }

    /// Whether the container is the control archive of a Debian or Alpine package. dpkg keeps what is in it, maintainer scripts
    /// too, with the owners and modes it states, and only makes scripts executable.
    pub fn is_deb_control(&self) -> bool {
        matches!(self.outer, "deb" | "alpine") && self.path.starts_with(b"control.tar")
    }
}

/// What stabilizing made of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    /// What kind of entry it becomes, and the pass that says so.
    pub kind: Option<(Kind, &'static str)>,
    /// Changed fields of the entry, by index into `Node::fields`.
    pub fields: Vec<Change>,
    /// Changed fields of the container it was opened as, by index into `Opened::fields`.
    pub opened: Vec<Change>,
    /// New content.
    pub content: Option<Box<NewContent>>,
    /// The pass that leaves this entry out.
    pub excluded: Option<&'static str>,
    /// For a container: the pass that makes the order of its members insignificant.
    pub order: Option<&'static str>,
    /// For a member: the pass that makes insignificant how its archive compressed the content (`Node::stored_sha256`).
    pub encoding: Option<&'static str>,
    /// For a container: the pass that makes insignificant which bytes say what its fields and members say, e.g. how a
    /// wrapper's stream was encoded. Not the same as `encoding`: a `.gz` in a zip has both.
    pub layout: Option<&'static str>,
    /// For a wrapper: the pass that makes it insignificant *which* compression it is.
    pub recompression: Option<&'static str>,
}

/// A field that a pass changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Index of the field.
    pub index: usize,
    /// The last pass that changed it.
    pub by: &'static str,
    /// What it became; `None` if it was dropped. (Boxed: most are dropped, and there are many.)
    pub to: Option<Box<Value>>,
}

/// A content that passes changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContent {
    /// The new bytes.
    pub content: Content,
    /// Their SHA-256.
    pub sha256: [u8; 32],
    /// The passes, in order.
    pub by: Vec<&'static str>,
    /// SHA-256 of what each of them left.
    pub after: Vec<[u8; 32]>,
}

/// One side, stabilized: an overlay for each node of the reading.
#[derive(Clone, Debug, Default)]
pub struct Stabilized {
    /// Parallel to `Reading::nodes`.
    pub overlays: Vec<Overlay>,
    /// The kind of package recognised.
    pub ecosystem: Option<&'static str>,
    /// The passes that upstream would run over the artifact; `None` where it cannot open it.
    pub set: Option<Set>,
    /// Ids of the passes and rules that ran somewhere, in the order in which they run.
    pub ran: Vec<&'static str>,
    /// The same by ecosystem and name alone, whatever the bytes are.
    pub named: Option<Set>,
    /// Ids of upstream's passes that were switched on, in their order.
    pub passes: Vec<&'static str>,
    /// The rules that were switched on, in their order.
    pub rules: Vec<Rule>,
    /// Why upstream has no verdict on the artifact, as a sentence; only under the profile `oss-rebuild`.
    pub refusal: Option<String>,
}

impl Stabilized {
    /// A node's overlay.
    pub fn overlay(&self, id: NodeId) -> Option<&Overlay> {
        self.overlays.get(usize::try_from(id).unwrap_or(usize::MAX))
    }
}

mod ar;
mod cargo;
mod cpio;
mod date;
mod deb;
mod describe;
mod firmware;
mod gem;
mod gettext;
mod gzip;
mod helm;
mod jar;
mod json;
mod order;
mod plan;
mod png;
mod pyc;
mod pypi;
mod refusal;
mod rpm;
pub mod rules;
mod sbom;
mod tar;
#[cfg(test)]
mod testing;
mod upstream;
mod view;
mod zip;

pub use describe::{describe, eligible};
pub(crate) use plan::{Body, Plan, Tarred, Zipped, plan};
pub(crate) use refusal::{complaint, sentence};
pub use rules::{Action, Rule, Rules};
pub use upstream::Set;
use view::acted_upon;
pub use view::{Fate, View, current};

/// Every stabilizer, in the order in which they run within a stage: OSS Rebuild's order, each set followed by ours.
pub static STABILIZERS: &[Stabilizer] = &[
    zip::FILE_ORDER,
    zip::MODIFIED_TIME,
    zip::COMPRESSION,
    zip::DATA_DESCRIPTOR,
    zip::FILE_ENCODING,
    zip::FILE_MODE,
    zip::MISC,
    zip::FORM,
    zip::REWRITE,
    tar::FILE_ORDER,
    tar::TIME,
    tar::FILE_MODE,
    tar::OWNERS,
    tar::XATTRS,
    tar::DEVICE_NUMBER,
    tar::FORM,
    tar::REWRITE,
    gzip::COMPRESSION,
    gzip::NAME,
    gzip::TIME,
    gzip::MISC,
    gzip::RECOMPRESSION,
    gzip::REWRITE,
    jar::BUILD_METADATA,
    jar::VALUE_ORDER,
    jar::GIT_PROPERTIES,
    jar::POM_PROPERTIES,
    jar::SIGNATURE,
    jar::MANIFEST_FORM,
    jar::MANIFEST_ORDER,
    jar::PROPERTIES_COMMENTS,
    jar::PROPERTIES_ORDER,
    jar::JAVADOC,
    ar::METADATA,
    cpio::FILE_ORDER,
    cpio::TIME,
    cpio::FILE_MODE,
    cpio::OWNERS,
    cpio::INODE,
    cpio::FORM,
    rpm::BUILD,
    rpm::FILE_TIMES,
    cargo::VCS_HASH,
    gem::EXCLUDE_CHECKSUMS,
    gem::EXCLUDE_SIGNATURES,
    gem::METADATA_DATE,
    gem::METADATA_RUBYGEMS_VERSION,
    gem::METADATA_CERT_CHAIN,
    gem::METADATA_YAML_NORMALIZE,
    gem::INNER_ARCHIVES,
    gettext::DATES,
    png::TIMES,
    pyc::HEADER,
    firmware::UIMAGE_TIME,
    firmware::BFLT_DATE,
    sbom::CREATED,
    helm::GENERATED,
    pypi::WHEEL_RECORD,
    deb::MD5SUMS,
    rpm::DIGESTS,
];

/// The stabilizer with an id.
pub fn by_id(id: &str) -> Option<&'static Stabilizer> {
    STABILIZERS.iter().find(|pass| pass.id == id)
}

/// Runs the chosen passes over one side.
pub fn run(reading: &Reading, store: &Store, choice: &Choice) -> Stabilized {
    let mut stabilized = run_steps(reading, store, choice, choice.steps());
    if choice.profile == Profile::OssRebuild {
        stabilized.refusal = refusal::refusal(reading, store, &stabilized);
    }
    stabilized
}

/// As [`run`], without asking why upstream has no verdict: for a side whose stabilized archive is to be written, which
/// finds that out on the way.
pub fn run_to_rewrite(reading: &Reading, store: &Store, choice: &Choice) -> Stabilized {
    run_steps(reading, store, choice, choice.steps())
}

fn run_steps(reading: &Reading, store: &Store, choice: &Choice, mut steps: Vec<Step<'_>>) -> Stabilized {
    let ecosystem = crate::ecosystem::recognise(reading);
    let mut overlays = vec![Overlay::default(); reading.nodes.len()];
    let layers = formats(reading, 0);
    let named = upstream::named(choice.ecosystem, ecosystem, &reading.name);
    let set = upstream::set_of(named, &layers);
    if choice.profile == Profile::None {
        return Stabilized { overlays, ecosystem, set, named, ..Stabilized::default() };
    }
    steps.sort_by_key(|step| step.stage());
    let passes = steps.iter().filter_map(|step| step.upstream()).collect();
    let rules = steps.iter().filter_map(|step| step.rule().cloned()).collect();
    let enters = steps.iter().any(|step| step.id() == gem::INNER_ARCHIVES.id);
    let mut ran = vec![false; steps.len()];
    let most = store.budget(|budget| budget.limits().get("content-bytes"));
    let mut held = 0;
    for (container, place) in places(reading) {
        let opened = reading.node(container).and_then(|node| node.opened.as_ref());
        let member = if place.depth > 0 { formats(reading, place.member) } else { Vec::new() };
        let is_entered = enters && set == Some(Set::Gem) && place.depth == 1;
        let scope = Scope {
            profile: choice.profile,
            format: opened.map_or("", |opened| &opened.format),
            is_wrapper: reading.is_wrapper(container),
            ecosystem,
            artifact: &reading.name,
            depth: place.depth,
            path: place.path,
            outer: place.outer,
            set,
            layers: &layers,
            member: &member,
            layer: place.layer,
            entered: is_entered && !upstream::fails_in_gem(reading, place.member),
        };
        let mut view =
            View { reading, store, scope, container, overlays: &mut overlays, pass: "", most, held: &mut held };
        let here: Vec<Step<'_>> = (steps.iter().zip(&mut ran))
            .filter(|(step, _)| step.applies(&scope))
            .map(|(step, ran)| {
                *ran = true;
                *step
            })
            .collect();
        // Passes over single entries run together up to one that sees the container.
        for group in here.split_inclusive(|step| !step.is_entry()) {
            view.run_group(group);
        }
    }
    leave_out(reading, &mut overlays);
    let ran = steps.iter().zip(ran).filter(|(_, ran)| *ran).map(|(step, _)| step.id()).collect();
    Stabilized { overlays, ecosystem, set, ran, named, passes, rules, refusal: None }
}

/// What is in a member that is left out is left out with it. A member comes after the container that it is in.
fn leave_out(reading: &Reading, overlays: &mut [Overlay]) {
    for (index, node) in reading.nodes.iter().enumerate().skip(1) {
        let parent = usize::try_from(node.parent).unwrap_or(usize::MAX);
        let by = overlays.get(parent).and_then(|overlay| overlay.excluded);
        if let (Some(by), Some(overlay)) = (by, overlays.get_mut(index)) {
            overlay.excluded.get_or_insert(by);
        }
    }
}

/// What a node was opened as: the formats of its layers.
fn formats(reading: &Reading, id: NodeId) -> Vec<&str> {
    let opened = reading.layers(id).into_iter().filter_map(|id| reading.node(id)?.opened.as_ref());
    opened.map(|opened| opened.format.as_str()).collect()
}

/// Where a container stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    depth: u32,
    path: &'a [u8],
    outer: &'a str,
    member: NodeId,
    layer: u32,
}

/// Every opened node, inner ones first, so that a pass on a container sees its members stabilized; and the artifact,
/// opened or not.
///
/// A member comes after the container that it is in: reading numbers nodes in the order in which it meets them.
fn places(reading: &Reading) -> Vec<(NodeId, Place<'_>)> {
    let mut places: Vec<Place<'_>> = Vec::with_capacity(reading.nodes.len());
    let mut opened = Vec::new();
    for (index, node) in reading.nodes.iter().enumerate() {
        let parent = usize::try_from(node.parent).unwrap_or(usize::MAX);
        let place = match (places.get(parent), reading.nodes.get(parent).and_then(|parent| parent.opened.as_ref())) {
            _ if index == 0 => Place { depth: 0, path: &[], outer: "", member: 0, layer: 0 },
            (Some(outer), Some(opened)) => {
                if reading.is_wrapper(node.parent) {
                    Place { layer: outer.layer.saturating_add(1), ..*outer }
                } else {
                    let depth = outer.depth.saturating_add(1);
                    let member = NodeId::try_from(index).unwrap_or(NodeId::MAX);
                    Place { depth, path: &node.path, outer: &opened.format, member, layer: 0 }
                }
            }
            // Not a tree that reading makes: never mistaken for the artifact itself.
            _ => Place { depth: u32::MAX, path: &[], outer: "", member: 0, layer: 0 },
        };
        if node.opened.is_some() || index == 0 {
            opened.push((NodeId::try_from(index).unwrap_or(NodeId::MAX), place));
        }
        places.push(place);
    }
    opened.reverse();
    opened
}

#[cfg(test)]
mod tests;
