//! Reads one artifact: opens it at every level and fingerprints what is in it.
//!
//! One pass: a member's content is hashed while the format that found it is still walking, so that the blocks of a
//! decoded stream are used while they are in the cache. Containers met on the way are queued and opened in turn; there
//! is no recursion on what an artifact nests.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::artifact::Artifact;
use crate::codec::Note;
use crate::entry::{BaseId, Coding, Content, Entry, Field, Kind, Outline, Severity};
use crate::error::{Error, Fault};
use crate::finding;
use crate::format::{self, Format, HEAD, Shape};
use crate::image;
use crate::limits::Limits;
use crate::media::Media;
use crate::reader::{self, Reader};
use crate::reading::{self, Node, NodeId, Opened, Problem, Reading};
use crate::store::{CACHE, Store};

mod fingerprint;
mod opening;
mod progress;
mod trial;

use opening::Open;
pub use progress::Progress;

/// Bytes handled at once.
const BUFFER: usize = 64 << 10;
/// Limits that stop everything.
const OF_THE_WHOLE: &[&str] = &["total-bytes", "entries", "seconds"];
/// Limits that stop one content; the work goes on after it.
const OF_ONE_CONTENT: &[&str] = &["ratio", "window-bytes", "streams", "name-bytes"];
/// Bytes between two calls of the progress function.
const STEP: u64 = 4 << 20;

/// Opens and fingerprints an artifact at every level.
///
/// # Errors
/// Only if the artifact itself cannot be read. Damage inside it becomes a [`Problem`] of the reading.
pub fn read(artifact: &Artifact, limits: &Limits, progress: &mut dyn FnMut(&Progress)) -> Result<Reading, Error> {
    read_for(artifact, limits, Aim::Compare, None, progress)
}

/// As [`read`], but the artifact's outermost archive, inside its compression layers, is opened as a named reader sees
/// it: see [`crate::reader`]. `None` is our own reading, which shows everything.
///
/// # Errors
/// As [`read`]; an id that no reader has, or an archive that this reader is not for.
pub fn read_as(
    artifact: &Artifact,
    limits: &Limits,
    reader: Option<&str>,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Reading, Error> {
    let Some(id) = reader else { return read(artifact, limits, progress) };
    let model = reader::by_id(id).ok_or_else(|| {
        let known: Vec<&str> = reader::all().map(|(_, reader)| reader.id).collect();
        Error::new(format!("There is no reader {id}: {}.", known.join(", ")))
    })?;
    let reading = read_for(artifact, limits, Aim::Compare, Some(model), progress)?;
    let opened = reading.layers(0).last().and_then(|last| reading.node(*last)?.opened.as_ref());
    match opened {
        Some(opened) if opened.format == model.0 => Ok(reading),
        _ => Err(Error::new(format!("{} reads {} archives, and {} is none.", model.1.title, model.0, artifact.name))),
    }
}

/// Opens an artifact as far as OSS Rebuild's passes look into it, and fingerprints nothing: enough to write the
/// stabilized archive (see [`crate::rewrite`]), which reads every content once itself.
///
/// # Errors
/// As [`read`].
pub fn read_to_stabilize(
    artifact: &Artifact,
    limits: &Limits,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Reading, Error> {
    read_for(artifact, limits, Aim::Stabilize, None, progress)
}

/// What a reading is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    Compare,
    Stabilize,
}

fn read_for(
    artifact: &Artifact,
    limits: &Limits,
    aim: Aim,
    reader: Option<(&'static str, &'static Reader)>,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Reading, Error> {
    let store = Store::new(artifact.source.clone(), limits, CACHE);
    let size = artifact.source.len();
    let mut work = Work {
        aim,
        reader,
        store,
        limits: limits.clone(),
        reading: Reading {
            name: artifact.name.clone(),
            size,
            reader: reader.map(|(_, reader)| reader.id.to_owned()),
            limits: limits.changed().map(|(name, value)| (name.to_owned(), value)).collect(),
            ..Reading::default()
        },
        queue: VecDeque::new(),
        buffer: vec![0; BUFFER],
        state: Progress { phase: "hashing", total: size, ..Progress::default() },
        stopped: false,
        reported: 0,
        progress,
    };
    work.root().map_err(|fault| Error::new(format!("{} cannot be read: {fault}.", artifact.name)))?;
    while let Some(job) = work.queue.pop_front() {
        if work.stopped {
            work.leave(&job);
            break;
        }
        if limits.leaves_out(job.node) {
            work.leave_out(job.node);
        } else {
            work.open(&job);
        }
    }
    work.at(0, String::new());
    let mut reading = work.reading;
    reading.bases = work.store.bases();
    reading.decoded_bytes = work.store.budget(|budget| budget.decoded());
    if aim == Aim::Compare {
        let images = image::layouts(&reading, &work.store, &work.limits);
        reading.parts = image::parts(&images, &reading, &work.store, &work.limits);
    }
    if aim == Aim::Compare && work.reader.is_none() {
        reading.views = reader::views(&reading, &work.store, &work.limits);
        // What models decode may have become bases of the store.
        reading.bases = work.store.bases();
    }
    reading.findings = finding::find(&reading, &work.store, &work.limits);
    let conflicts: BTreeSet<NodeId> = conflicts(&reading).collect();
    reading.views.retain(|views| views.differ() || conflicts.contains(&views.node));
    Ok(reading)
}

/// The archives in which something is a conflict.
fn conflicts(reading: &Reading) -> impl Iterator<Item = NodeId> {
    let conflicts = reading.findings.iter().filter(|finding| finding.severity == Severity::Conflict);
    conflicts.flat_map(|finding| [Some(finding.node), reading.node(finding.node).map(|node| node.parent)]).flatten()
}

/// A container waiting to be opened.
struct Job {
    node: NodeId,
    base: BaseId,
    format: &'static Format,
    level: u32,
    outline: Option<Arc<Outline>>,
    /// The path of the node, as in [`Progress`].
    path: String,
}

struct Work<'a> {
    aim: Aim,
    /// The reader that the outermost archive is read as, with the format it reads.
    reader: Option<(&'static str, &'static Reader)>,
    store: Store,
    limits: Limits,
    reading: Reading,
    queue: VecDeque<Job>,
    buffer: Vec<u8>,
    state: Progress,
    /// Whether a limit of the whole was reached: then nothing more is opened.
    stopped: bool,
    /// Bytes at the last progress report.
    reported: u64,
    progress: &'a mut dyn FnMut(&Progress),
}

impl Work<'_> {
    fn report(&mut self) {
        (self.progress)(&self.state);
    }

    /// Counts bytes and reports now and then.
    fn count(&mut self, bytes: u64) {
        if self.state.phase == "hashing" {
            self.state.bytes = self.state.bytes.saturating_add(bytes);
        }
        self.reported = self.reported.saturating_add(bytes);
        if self.reported >= STEP {
            self.reported = 0;
            self.state.decoded = self.store.budget(|budget| budget.decoded());
            self.report();
        }
    }

    /// Reports now and then while a format walks through what it opens.
    fn passed(&mut self) {
        let decoded = self.store.budget(|budget| budget.decoded());
        if decoded.saturating_sub(self.state.decoded) >= STEP {
            self.state.decoded = decoded;
            self.report();
        }
    }

    /// Says which entry is at work now.
    fn at(&mut self, node: NodeId, path: String) {
        self.state.node = node;
        self.state.path = path;
        self.report();
    }

    /// An entry at which the engine stopped before.
    fn leave_out(&mut self, node: NodeId) {
        self.cannot_read(node, &Fault::new("it was left out, because the engine had stopped at it"));
    }

    fn problem(&mut self, node: NodeId, fault: &Fault, unread: bool) {
        self.reading.problems.push(Problem::new(node, fault, unread));
    }

    fn node_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.reading.nodes.get_mut(usize::try_from(id).unwrap_or(usize::MAX))
    }

    /// Node 0: the artifact itself.
    fn root(&mut self) -> Result<(), Fault> {
        let content = Content::stored(0, 0, self.reading.size);
        let mut head = vec![0; HEAD];
        let read = self.fill(&mut self.store.open(&content)?, &mut head)?;
        head.truncate(read);
        let sha256 = match self.aim {
            Aim::Compare => {
                let mut reader = self.store.open(&content)?;
                Some(self.fingerprint(&content, &mut reader, Vec::new(), false)?.sha256)
            }
            Aim::Stabilize => None,
        };
        self.state.phase = "opening";
        let name = self.reading.name.clone().into_bytes();
        let size = self.reading.size;
        let tail = self.tail(TAIL as u64)?;
        let mut format = format::detect(&head, &name).or_else(|| ends_like_zip(&tail));
        let expected = format::expected(&name);
        if format.is_none()
            && let Some(zip) = expected.filter(|expected| expected.id == "zip")
            && format::zip::ends_with_comment(&self.tail(format::zip::COMMENTED_END)?)
        {
            format = Some(zip);
        }
        if format.is_none() {
            // What is asked for as a zip may look like none to us.
            format = self.reader.and_then(|(format, _)| format::by_id(format));
        }
        self.reading.nodes.push(Node {
            parent: 0,
            path: name.clone(),
            occurrence: 0,
            kind: Kind::File,
            fields: Vec::new(),
            content: Some(content),
            size,
            sha256,
            crc32: None,
            stored_sha256: None,
            unread: false,
            media: Media::of(&head),
            opened: None,
        });
        if size == 0 {
            self.problem(0, &Fault::new("the file is empty").raises("GEN-06"), false);
        }
        match format {
            Some(format) => {
                self.queue.push_back(Job { node: 0, base: 0, format, level: 0, outline: None, path: String::new() })
            }
            None => {
                if let Some(expected) = expected
                    && size > 0
                {
                    let fault = Fault::new(format!(
                        "the name says {}, but the bytes are not one: it is compared as plain content",
                        expected.title
                    ));
                    self.problem(0, &fault.raises("GEN-02"), false);
                }
            }
        }
        Ok(())
    }

    /// The artifact's last bytes.
    fn tail(&self, most: u64) -> Result<Vec<u8>, Fault> {
        let length = self.reading.size.min(most);
        let content = Content::stored(0, self.reading.size - length, length);
        let mut tail = vec![0; usize::try_from(length).unwrap_or_default()];
        let read = self.fill(&mut self.store.open(&content)?, &mut tail)?;
        tail.truncate(read);
        Ok(tail)
    }

    /// The reader that a container is opened as: the chosen one, if nothing but compression is around it.
    fn model(&self, job: &Job) -> Option<&'static Reader> {
        let (_, reader) = self.reader.filter(|(format, _)| *format == job.format.id)?;
        let mut at = job.node;
        while at != 0 {
            at = self.reading.node(at)?.parent;
            if !self.reading.is_wrapper(at) {
                return None;
            }
        }
        Some(reader)
    }

    /// Says of what waits to be opened that it is not, the first for all of them: a limit of the whole was reached.
    fn leave(&mut self, job: &Job) {
        let jobs = self.queue.drain(..).map(|job| job.node).collect::<Vec<_>>();
        let rest = match jobs.len() {
            0 => "this is not opened any more".to_owned(),
            more => format!("this and {more} more are not opened any more"),
        };
        self.problem(job.node, &Fault::new(rest), true);
        for id in jobs.into_iter().chain([job.node]) {
            if let Some(node) = self.node_mut(id) {
                node.unread = true;
            }
        }
    }

    /// Opens one container.
    fn open(&mut self, job: &Job) {
        let first = NodeId::try_from(self.reading.nodes.len()).unwrap_or(NodeId::MAX);
        let name = self.reading.node(job.node).map(|node| node.path.clone()).unwrap_or_default();
        let name = reading::base_name(&name).to_vec();
        self.state.levels = self.state.levels.max(job.level + 1);
        self.at(job.node, job.path.clone());
        let mut opening =
            Open { job, name, fields: Vec::new(), problems: Vec::new(), occurrences: BTreeMap::new(), work: self };
        let model = opening.work.model(job);
        let mut result = match model {
            Some(reader) => opening.as_seen_by(reader),
            None => (job.format.open)(&mut opening),
        };
        let (mut fields, problems) = (opening.fields, opening.problems);
        if job.format.shape == Shape::Wrapper
            && let Some(inner) = self.node_mut(first)
        {
            // What the decoder saw while the wrapped content was read belongs to the wrapper.
            fields.append(&mut inner.fields);
        }
        let (noted, more) = match self.store.finish(job.base) {
            Ok(notes) => split(notes),
            Err(fault) => {
                result = result.and(Err(fault));
                (Vec::new(), Vec::new())
            }
        };
        // A header that claims more than there is has its place at the end of what there is.
        let length = self.store.len(job.base).unwrap_or(u64::MAX);
        let inside = |fault: &Fault| Fault { offset: fault.offset.map(|offset| offset.min(length)), ..fault.clone() };
        for fault in problems.iter().chain(&more) {
            self.problem(job.node, &inside(fault), false);
        }
        let result = result.map_err(|fault| inside(&fault));
        let count = u32::try_from(self.reading.nodes.len()).unwrap_or(u32::MAX).saturating_sub(first);
        let nothing = count == 0 && fields.is_empty();
        if let Err(fault) = &result {
            self.stopped |= fault.limit.is_some_and(|limit| OF_THE_WHOLE.contains(&limit));
            // A container of which nothing could be opened stays a leaf: its bytes are compared as they are.
            let hashed = self.reading.node(job.node).is_some_and(|node| node.sha256.is_some());
            let unread = fault.limit.is_some() || !(nothing && hashed);
            let fault = Fault {
                message: format!("this {} could not be read to its end: {}", job.format.title, fault.message),
                ..fault.clone()
            };
            let fault = if fault.limit.is_some() { fault } else { fault.raises("GEN-06") };
            self.problem(job.node, &fault, unread);
            if let Some(node) = self.node_mut(job.node) {
                node.unread = node.unread || unread;
            }
        }
        // What a decoder saw belongs to what was decoded: to the wrapper around it, or to the member of an archive.
        let parent = self.reading.node(job.node).map_or(0, |node| node.parent);
        let wrapped = job.node > 0 && self.reading.is_wrapper(parent);
        if let Some(node) = self.node_mut(if wrapped { parent } else { job.node }) {
            match &mut node.opened {
                Some(opened) if wrapped => opened.fields.extend(noted),
                _ => node.fields.extend(noted),
            }
        }
        if (result.is_ok() || !nothing)
            && let Some(node) = self.node_mut(job.node)
        {
            node.opened = Some(Opened { format: job.format.id.to_owned(), fields, first, count });
        }
    }

    fn fill(&self, reader: &mut impl std::io::Read, buffer: &mut [u8]) -> Result<usize, Fault> {
        let mut filled = 0;
        while filled < buffer.len() {
            match reader.read(buffer.get_mut(filled..).unwrap_or_default())? {
                0 => break,
                count => filled += count,
            }
        }
        Ok(filled)
    }

    /// One member: its node, its fingerprint, and its place in the queue if it can be opened.
    fn member(&mut self, job: &Job, entry: Entry, occurrence: u32) -> Result<(), Fault> {
        self.store.budget(|budget| budget.take_entry())?;
        let most = self.limits.get("name-bytes");
        if entry.path.len() as u64 > most {
            let message =
                format!("stopped at the limit name-bytes: a name of {} bytes, {most} allowed", entry.path.len());
            return Err(Fault::limit("name-bytes", message));
        }
        self.state.entries += 1;
        let id = NodeId::try_from(self.reading.nodes.len()).unwrap_or(NodeId::MAX);
        let Entry { path, kind, fields, content, crc32, unread, outline } = entry;
        let outline = if job.format.shape == Shape::Wrapper { job.outline.clone() } else { outline };
        let size = content.as_ref().and_then(|content| content.size).unwrap_or(0);
        let wrapped = job.format.shape == Shape::Wrapper;
        let shown = if wrapped { job.path.clone() } else { reading::inside(&job.path, &path, occurrence) };
        self.at(id, shown.clone());
        let left_out = self.limits.leaves_out(id) && content.is_some();
        let content = content.filter(|_| !left_out);
        let is_unread = unread.is_some();
        self.reading.nodes.push(Node {
            parent: job.node,
            path,
            occurrence,
            kind,
            fields,
            content: content.clone(),
            size,
            sha256: None,
            crc32: None,
            stored_sha256: None,
            unread: is_unread,
            media: None,
            opened: None,
        });
        let content = match unread {
            Some(reason) => self.tried(id, content, crc32, &reason),
            None => content,
        };
        if left_out && !is_unread {
            self.leave_out(id);
        }
        let Some(content) = content else { return Ok(()) };
        let encoded = !matches!(content.coding, Coding::Stored | Coding::Inline(_) | Coding::Sparse(_));
        if self.aim == Aim::Compare && encoded && !wrapped {
            self.stored_digest(id, &content)?;
        }
        let queued = self.queue.len();
        match self.content(job, id, &content, crc32, outline, shown) {
            Ok(()) => Ok(()),
            // A device error or a limit of the whole ends the work; damage ends this content.
            Err(fault) if fault.limit.is_some_and(|limit| !OF_ONE_CONTENT.contains(&limit)) => {
                self.cannot_read(id, &fault);
                self.queue.truncate(queued);
                Err(fault)
            }
            Err(fault) => {
                self.cannot_read(id, &fault);
                self.queue.truncate(queued);
                Ok(())
            }
        }
    }

    fn cannot_read(&mut self, id: NodeId, fault: &Fault) {
        let fault = Fault { message: format!("the content cannot be read: {}", fault.message), ..fault.clone() };
        self.problem(id, &fault, true);
        if let Some(node) = self.node_mut(id) {
            node.unread = true;
        }
    }

    fn content(
        &mut self,
        job: &Job,
        id: NodeId,
        content: &Content,
        crc32: Option<u32>,
        outline: Option<Arc<Outline>>,
        path: String,
    ) -> Result<(), Fault> {
        let wrapped = job.format.shape == Shape::Wrapper;
        if self.aim == Aim::Stabilize && !wrapped && !self.is_entered(job, id) {
            return Ok(());
        }
        let mut reader = self.store.open(content)?;
        let mut head = vec![0; HEAD.min(usize::try_from(content.size.unwrap_or(u64::MAX)).unwrap_or(HEAD))];
        let read = self.fill(&mut reader, &mut head)?;
        head.truncate(read);
        let name = self.reading.node(id).map_or(&[][..], |node| &node.path);
        let mut format = format::detect(&head, name);
        if let Some(node) = self.node_mut(id) {
            node.media = Media::of(&head);
        }
        // Compression counts too: a thousand layers of gzip are a bomb of time.
        let level = job.level.saturating_add(1);
        if format.is_some() && (u64::from(level) > self.limits.get("depth") || self.queue.len() >= 1 << 20) {
            let most = self.limits.get("depth");
            let message = format!("stopped at the limit depth: this is not opened, {most} levels are");
            self.problem(id, &Fault::limit("depth", message), true);
            if let Some(node) = self.node_mut(id) {
                node.unread = true;
            }
            format = None;
        }
        if let Some(format) = format {
            drop(reader);
            let base = self.store.add_base(content.clone());
            // What a wrapper wraps has no digest of its own: its parts are fingerprinted one by one.
            if self.aim == Aim::Compare && !wrapped {
                let stored = Content { size: None, ..Content::stored(base, 0, u64::MAX) };
                let mut reader = self.store.open(&stored)?;
                let charge = matches!(content.coding, Coding::Stored);
                let print = self.fingerprint(&stored, &mut reader, Vec::new(), charge)?;
                if charge && content.stored != u64::MAX && print.size < content.stored {
                    // What is there is opened, but its digest would stand for a whole content.
                    let (there, stated) = (print.size, content.stored);
                    let message = format!("the content ends after {there} of its {stated} bytes");
                    self.cannot_read(id, &Fault::at(there, message).raises("GEN-06"));
                } else {
                    self.measured(id, content, &print, crc32);
                }
            }
            self.queue.push_back(Job { node: id, base, format, level, outline, path });
            return Ok(());
        }
        if self.aim == Aim::Stabilize {
            return Ok(());
        }
        let print = self.fingerprint(content, &mut reader, head, true)?;
        self.measured(id, content, &print, crc32);
        let (fields, problems) = split(print.notes);
        for fault in &problems {
            self.problem(if wrapped { job.node } else { id }, fault, false);
        }
        if let Some(node) = self.node_mut(id) {
            node.fields.extend(fields);
        }
        if let Some(format) = ends_like_zip(&print.tail)
            && u64::from(level) <= self.limits.get("depth")
        {
            let base = self.store.add_base(content.clone());
            self.queue.push_back(Job { node: id, base, format, level, outline: None, path });
        }
        Ok(())
    }

    /// Whether OSS Rebuild looks into a member: it does so only in gems.
    fn is_entered(&self, job: &Job, id: NodeId) -> bool {
        let path = self.reading.node(id).map_or(&[][..], |node| &node.path);
        job.node == 0 && job.format.id == "tar" && matches!(path, b"data.tar.gz" | b"metadata.gz")
    }
}

/// Bytes kept of a content's end.
const TAIL: usize = 22;

/// The zip format, if these last bytes of a content are a zip's end mark: a zip behind a stub.
fn ends_like_zip(tail: &[u8]) -> Option<&'static Format> {
    if format::zip::ends_like_zip(tail) { format::by_id("zip") } else { None }
}

fn split(notes: Vec<Note>) -> (Vec<Field>, Vec<Fault>) {
    let (mut fields, mut problems) = (Vec::new(), Vec::new());
    for note in notes {
        match note {
            Note::Field(field) => fields.push(field),
            Note::Problem(fault) => problems.push(fault),
        }
    }
    (fields, problems)
}
