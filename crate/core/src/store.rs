//! Opens content handles: decodes on request, keeps what was decoded in one cache under a byte budget, and decodes
//! again what was evicted.
//!
//! Nothing here holds a whole artifact. A base (the artifact, or the content of an entry that was itself opened) is
//! read in blocks of [`BLOCK`] bytes; a decoded base is decoded forward from where its decoder stands, or again from
//! its start when an earlier, evicted block is asked for.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use crate::artifact::Source;
use crate::codec::{self, Decoder, Input, Note};
use crate::entry::{BaseId, Coding, Content};
use crate::error::Fault;
use crate::limits::{Budget, Limits};

mod range;
mod sparse;
#[cfg(test)]
mod tests;

pub use range::Range;
use sparse::Sparse;

/// Bytes in one cached block.
pub const BLOCK: u64 = 256 << 10;
/// Bytes read from a source at once.
const CHUNK: usize = 256 << 10;
/// Decoded bytes kept, by default.
pub const CACHE: u64 = 192 << 20;

/// Told which content is opened now: the base it is a part of, and its offset there.
pub type Watch = fn(BaseId, u64);

/// The opened bases of one artifact. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    source: Arc<dyn Source>,
    bases: RwLock<Vec<Arc<Base>>>,
    cache: Mutex<Cache>,
    budget: Mutex<Budget>,
    watch: OnceLock<Watch>,
    limits: Limits,
    /// Bytes of windows that the decoders hold.
    windows: Arc<AtomicU64>,
    /// Where the next block is decoded.
    scratch: Mutex<Option<Vec<u8>>>,
}

struct Base {
    id: BaseId,
    content: Content,
    live: Mutex<Live>,
}

/// The decoder of a base, and how far it got.
#[derive(Default)]
struct Live {
    decoder: Option<Box<dyn Decoder>>,
    consumed: Arc<AtomicU64>,
    /// Index of the block that the decoder gives next.
    next: u64,
    /// Blocks given so far, at most: those are charged to the budget already.
    charged: u64,
    /// Decoded length, once the end was seen.
    length: Option<u64>,
    /// Why decoding stopped before the end; the length is then what could be decoded.
    fault: Option<Fault>,
    /// Seen on the first pass to the end, or to the damage.
    notes: Vec<Note>,
    /// Whether that pass has been.
    noted: bool,
}

type Block = Arc<Vec<u8>>;

/// Decoded blocks, the least recently used evicted first.
struct Cache {
    most: u64,
    held: u64,
    clock: u64,
    blocks: BTreeMap<(BaseId, u64), (Block, u64)>,
    by_age: BTreeMap<u64, (BaseId, u64)>,
}

impl Cache {
    fn get(&mut self, key: (BaseId, u64)) -> Option<Block> {
        let (block, age) = self.blocks.get_mut(&key)?;
        self.clock += 1;
        self.by_age.remove(age);
        *age = self.clock;
        self.by_age.insert(self.clock, key);
        Some(Arc::clone(block))
    }

    fn put(&mut self, key: (BaseId, u64), block: Block) {
        self.clock += 1;
        self.held += block.len() as u64;
        if let Some((old, age)) = self.blocks.insert(key, (block, self.clock)) {
            self.held = self.held.saturating_sub(old.len() as u64);
            self.by_age.remove(&age);
        }
        self.by_age.insert(self.clock, key);
        while self.held > self.most && self.blocks.len() > 1 {
            let Some((_, oldest)) = self.by_age.pop_first() else { break };
            if let Some((block, _)) = self.blocks.remove(&oldest) {
                self.held = self.held.saturating_sub(block.len() as u64);
            }
        }
    }
}

impl Live {
    /// What there is past the last byte: nothing, or the damage that ended the base.
    fn beyond(&self) -> Result<Block, Fault> {
        match &self.fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(Block::default()),
        }
    }

    /// Drops the decoder; its notes are kept the first time.
    fn close(&mut self) {
        if let Some(mut decoder) = self.decoder.take()
            && !self.noted
        {
            self.notes = decoder.notes();
            self.noted = true;
        }
    }

    /// Remembers why decoding stopped. What was decoded before stays, and is decoded again on request.
    fn end(&mut self, fault: Fault) -> Fault {
        self.close();
        self.length.get_or_insert(0);
        self.fault.get_or_insert(fault).clone()
    }
}

/// A lock that a panic elsewhere cannot spoil: the data are caches and counters, valid after every statement.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a range of bytes really lies, after following stored ranges down.
struct Place {
    base: Arc<Base>,
    offset: u64,
    /// Bytes in the range; `u64::MAX` if it ends where the base ends.
    length: u64,
}

impl Store {
    /// A store over one artifact; base 0 is the artifact itself.
    pub fn new(source: Arc<dyn Source>, limits: &Limits, cache: u64) -> Self {
        let length = source.len();
        let root = Content::stored(0, 0, length);
        let cache = Cache { most: cache, held: 0, clock: 0, blocks: BTreeMap::new(), by_age: BTreeMap::new() };
        let base = Base { id: 0, content: root, live: Mutex::default() };
        Self {
            inner: Arc::new(Inner {
                source,
                bases: RwLock::new(vec![Arc::new(base)]),
                cache: Mutex::new(cache),
                budget: Mutex::new(Budget::new(limits, length)),
                watch: OnceLock::new(),
                limits: limits.clone(),
                windows: Arc::default(),
                scratch: Mutex::default(),
            }),
        }
    }

    /// The same store again from its bases, e.g. in another worker; its budget is full.
    pub fn with_bases(source: Arc<dyn Source>, bases: &[Content], limits: &Limits, cache: u64) -> Self {
        let store = Self::new(source, limits, cache);
        for content in bases.iter().skip(1) {
            store.add_base(content.clone());
        }
        store
    }

    /// Calls `watch` whenever a content is opened; the first to ask stays.
    pub fn watch(&self, watch: Watch) {
        self.inner.watch.get_or_init(|| watch);
    }

    /// Makes a content a base that further contents can be ranges of.
    pub fn add_base(&self, content: Content) -> BaseId {
        let mut bases = self.inner.bases.write().unwrap_or_else(PoisonError::into_inner);
        let id = BaseId::try_from(bases.len()).unwrap_or(BaseId::MAX);
        bases.push(Arc::new(Base { id, content, live: Mutex::default() }));
        id
    }

    /// Length of the artifact in bytes.
    pub fn artifact_len(&self) -> u64 {
        self.inner.source.len()
    }

    /// The base that is this content; it becomes one if it was none.
    pub fn base_of(&self, content: &Content) -> BaseId {
        let known = {
            let bases = self.inner.bases.read().unwrap_or_else(PoisonError::into_inner);
            bases.iter().find(|base| base.content == *content).map(|base| base.id)
        };
        known.unwrap_or_else(|| self.add_base(content.clone()))
    }

    /// All bases, to be kept in a manifest.
    pub fn bases(&self) -> Vec<Content> {
        let bases = self.inner.bases.read().unwrap_or_else(PoisonError::into_inner);
        bases.iter().map(|base| base.content.clone()).collect()
    }

    /// A full budget again, its clock at the start: for the next question of somebody who reads.
    pub fn renew(&self, limits: &Limits) {
        self.budget(|budget| *budget = Budget::new(limits, self.artifact_len()));
    }

    /// Runs with the budget.
    pub fn budget<T>(&self, run: impl FnOnce(&mut Budget) -> T) -> T {
        run(&mut lock(&self.inner.budget))
    }

    /// The limits in force.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    fn base(&self, id: BaseId) -> Result<Arc<Base>, Fault> {
        let bases = self.inner.bases.read().unwrap_or_else(PoisonError::into_inner);
        bases
            .get(usize::try_from(id).unwrap_or(usize::MAX))
            .map(Arc::clone)
            .ok_or_else(|| Fault::new(format!("the content refers to base {id}, which does not exist")))
    }

    /// Follows stored ranges down to the artifact or to a decoded base.
    fn place(&self, base: BaseId, offset: u64, length: u64) -> Result<Place, Fault> {
        let (mut id, mut offset, mut length) = (base, offset, length);
        loop {
            let base = self.base(id)?;
            let content = &base.content;
            if id == 0 {
                return Ok(Place { base, offset, length: length.min(self.inner.source.len().saturating_sub(offset)) });
            }
            match content.coding {
                // Bases come after what they are ranges of; a manifest that says otherwise would have no end.
                _ if content.base >= id => {
                    return Err(Fault::new(format!("base {id} refers to base {}, which comes after it", content.base)));
                }
                Coding::Stored => {
                    length = length.min(content.stored.saturating_sub(offset));
                    offset = content.offset.saturating_add(offset);
                    id = content.base;
                }
                _ => return Ok(Place { base, offset, length }),
            }
        }
    }

    /// Reads up to `buffer.len()` bytes of a base at `offset`; 0 only at its end.
    ///
    /// # Errors
    /// A device error, damage in the compressed data, or a limit.
    pub fn read_at(&self, base: BaseId, offset: u64, buffer: &mut [u8]) -> Result<usize, Fault> {
        let place = self.place(base, offset, u64::MAX)?;
        let want = usize::try_from(place.length).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = buffer.get_mut(..want).unwrap_or_default();
        if place.base.id == 0 {
            return Ok(self.inner.source.read_at(place.offset, buffer)?);
        }
        let (block, within) = self.bytes(&place.base, place.offset)?;
        let rest = block.get(within..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(count)
    }

    /// Length of a base in bytes. Decodes as far as the base can reach, if that was never done.
    ///
    /// # Errors
    /// A device error or a limit; damage ends the base where it begins.
    pub fn len(&self, base: BaseId) -> Result<u64, Fault> {
        let place = self.place(base, 0, u64::MAX)?;
        if place.base.id == 0 {
            return Ok(place.length);
        }
        let wanted = place.offset.saturating_add(place.length);
        let end = loop {
            let next = {
                let live = lock(&place.base.live);
                match (live.length, &live.fault) {
                    (_, Some(fault)) if fault.limit.is_some() => return Err(fault.clone()),
                    (Some(length), _) => break length,
                    // Without a known length every block so far was a whole one.
                    (None, _) if live.charged.saturating_mul(BLOCK) >= wanted => break wanted,
                    (None, _) => live.charged,
                }
            };
            match self.block(&place.base, next) {
                Err(fault) if fault.limit.is_some() => return Err(fault),
                Err(_) if lock(&place.base.live).length.is_none() => break 0,
                _ => {}
            }
        };
        Ok(end.saturating_sub(place.offset).min(place.length))
    }

    /// Decodes a base to its end, and says what its decoder saw beside the content. Asked once.
    ///
    /// # Errors
    /// As [`Self::len`], and damage; [`Self::notes`] then has what was seen before it.
    pub fn finish(&self, base: BaseId) -> Result<Vec<Note>, Fault> {
        let base = self.base(base)?;
        if base.id == 0 || matches!(base.content.coding, Coding::Stored) {
            return Ok(Vec::new());
        }
        self.len(base.id)?;
        let mut live = lock(&base.live);
        match &live.fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(std::mem::take(&mut live.notes)),
        }
    }

    /// What a base's decoder saw beside the content so far: all of it after the end, or what came before damage. Asked
    /// once.
    pub fn notes(&self, base: BaseId) -> Vec<Note> {
        self.base(base).map(|base| std::mem::take(&mut lock(&base.live).notes)).unwrap_or_default()
    }

    /// The block of a decoded base that holds a byte, and where in it. Past the last byte there are none, or the damage
    /// that ended the base.
    fn bytes(&self, base: &Arc<Base>, offset: u64) -> Result<(Block, usize), Fault> {
        let block = self.block(base, offset / BLOCK)?;
        let within = usize::try_from(offset % BLOCK).unwrap_or(usize::MAX);
        if within >= block.len()
            && let Some(fault) = &lock(&base.live).fault
        {
            return Err(fault.clone());
        }
        Ok((block, within))
    }

    fn block(&self, base: &Arc<Base>, index: u64) -> Result<Block, Fault> {
        if let Some(block) = lock(&self.inner.cache).get((base.id, index)) {
            return Ok(block);
        }
        let mut live = lock(&base.live);
        // Another thread may have decoded it while this one waited.
        if let Some(block) = lock(&self.inner.cache).get((base.id, index)) {
            return Ok(block);
        }
        if live.length.is_some_and(|length| index.saturating_mul(BLOCK) >= length) {
            return live.beyond();
        }
        if live.decoder.is_none() || live.next > index {
            self.start(base, &mut live)?;
        }
        loop {
            let at = live.next;
            let block = Arc::new(self.decode_block(&mut live)?);
            lock(&self.inner.cache).put((base.id, at), Arc::clone(&block));
            if at == index {
                return Ok(block);
            }
            if live.decoder.is_none() {
                return live.beyond();
            }
        }
    }

    /// Starts a base's decoder at its beginning.
    fn start(&self, base: &Base, live: &mut Live) -> Result<(), Fault> {
        let started = self.range(&base.content).and_then(|range| {
            let input = Input::new(Box::new(range), &self.inner.limits).beside(&self.inner.windows);
            live.consumed = input.consumed();
            self.decoder(&base.content, input)
        });
        live.next = 0;
        match started {
            Ok(decoder) => {
                live.decoder = Some(decoder);
                Ok(())
            }
            Err(fault) => Err(live.end(fault)),
        }
    }

    /// Decodes the next block: a short one is the last. What comes before damage is given as a short block, too.
    fn decode_block(&self, live: &mut Live) -> Result<Vec<u8>, Fault> {
        let Some(decoder) = &mut live.decoder else { return Ok(Vec::new()) };
        let memory = |_| Fault::limit("memory", "stopped at the limit memory: there is not enough");
        // A decoder inside another takes the buffer for a while; then this one makes its own.
        let mut block = lock(&self.inner.scratch).take().unwrap_or_default();
        block.try_reserve_exact(usize::try_from(BLOCK).unwrap_or(usize::MAX)).map_err(memory)?;
        let fault = decoder.take(BLOCK).read_to_end(&mut block).err().map(Fault::from);
        if (block.len() as u64) < BLOCK / 2 {
            // Thousands of small nested archives are one short block each: they keep what they hold, not a whole block
            // nor a hole of its size in memory.
            let mut short = Vec::new();
            short.try_reserve_exact(block.len()).map_err(memory)?;
            short.extend_from_slice(&block);
            block.clear();
            *lock(&self.inner.scratch) = Some(std::mem::replace(&mut block, short));
        }
        let start = live.next.saturating_mul(BLOCK);
        let end = start.saturating_add(block.len() as u64);
        let consumed = live.consumed.load(Ordering::Relaxed);
        let first = live.next >= live.charged;
        let allowed = self.budget(|budget| {
            if !first {
                // Decoded before, so not charged again: but decoding again and again takes time.
                return budget.check_time();
            }
            budget.take_bytes(block.len() as u64)?;
            budget.check_ratio(end, consumed)
        });
        live.next += 1;
        live.charged = live.charged.max(live.next);
        if let Err(limit) = allowed {
            if live.length.is_none() {
                live.length = Some(start);
            }
            return Err(live.end(limit));
        }
        if fault.is_none() && end - start == BLOCK {
            return Ok(block);
        }
        if live.length.is_none() {
            live.length = Some(end);
        }
        match fault {
            None => live.close(),
            Some(fault) if block.is_empty() => return Err(live.end(fault)),
            Some(fault) => {
                live.end(fault);
            }
        }
        Ok(block)
    }

    /// The stored bytes of a content, before decoding.
    ///
    /// # Errors
    /// A handle that refers to nothing.
    pub fn range(&self, content: &Content) -> Result<Range, Fault> {
        let place = self.place(content.base, content.offset, content.stored)?;
        Ok(Range {
            store: self.clone(),
            end: place.offset.saturating_add(place.length),
            position: place.offset,
            base: place.base,
            chunk: Vec::new(),
            block: Block::default(),
            within: 0,
        })
    }

    fn decoder(&self, content: &Content, input: Input) -> Result<Box<dyn Decoder>, Fault> {
        match &content.coding {
            Coding::Inline(bytes) => {
                let input = Input::new(Box::new(io::Cursor::new(bytes.clone())), &self.inner.limits);
                codec::decoder(&Coding::Stored, input, None)
            }
            Coding::Sparse(extents) => Ok(Box::new(Sparse::new(input, extents.clone(), content.size.unwrap_or(0)))),
            // The bytes of the range must be there; whether their number is the one stated elsewhere is not asked here.
            Coding::Stored => {
                let there = (content.stored != u64::MAX).then_some(content.stored);
                codec::decoder(&Coding::Stored, input, there)
            }
            coding => codec::decoder(coding, input, content.size),
        }
    }

    /// Starts reading a content from its beginning.
    ///
    /// # Errors
    /// A handle that refers to nothing, or a header that cannot be decoded.
    pub fn open(&self, content: &Content) -> Result<ContentReader, Fault> {
        if let Some(watch) = self.inner.watch.get() {
            watch(content.base, content.offset);
        }
        let input = Input::new(Box::new(self.range(content)?), &self.inner.limits).beside(&self.inner.windows);
        let consumed = input.consumed();
        Ok(ContentReader { decoder: self.decoder(content, input)?, consumed })
    }

    /// A content's bytes, at most `most` of them and the rest left out; true when something was left out.
    ///
    /// # Errors
    /// Damage, a device error, or too little memory.
    pub fn read(&self, content: &Content, most: u64) -> Result<(Vec<u8>, bool), Fault> {
        let mut reader = self.open(content)?;
        let mut bytes = Vec::new();
        if let Some(size) = content.size
            && let Ok(size) = usize::try_from(size.min(most).min(64 << 20))
        {
            bytes.try_reserve(size).map_err(|_| Fault::limit("memory", "there is not enough memory"))?;
        }
        reader.by_ref().take(most).read_to_end(&mut bytes)?;
        let more = bytes.len() as u64 == most && reader.read(&mut [0])? > 0;
        Ok((bytes, more))
    }
}

/// A content being read from its beginning.
pub struct ContentReader {
    decoder: Box<dyn Decoder>,
    consumed: Arc<AtomicU64>,
}

impl ContentReader {
    /// Stored bytes consumed so far.
    pub fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// What the decoder saw beside the content; complete after the end.
    pub fn notes(&mut self) -> Vec<Note> {
        self.decoder.notes()
    }
}

impl Read for ContentReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buffer)
    }
}
