//! Opens content handles: decodes on request, keeps what was decoded in one cache under a byte budget, and decodes
//! again what was evicted.
//!
//! Nothing here holds a whole artifact. A base (the artifact, or the content of an entry that was itself opened) is
//! read in blocks of [`BLOCK`] bytes; a decoded base is decoded forward from where its decoder stands, or again from
//! its start when an earlier, evicted block is asked for.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::artifact::Source;
use crate::codec::{self, Decoder, Input, Note};
use crate::entry::{BaseId, Coding, Content};
use crate::error::Fault;
use crate::limits::{Budget, Limits};

/// Bytes in one cached block.
pub const BLOCK: u64 = 256 << 10;
/// Bytes read from a source at once.
const CHUNK: usize = 256 << 10;
/// Decoded bytes kept, by default.
pub const CACHE: u64 = 192 << 20;

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
    /// Seen on the first complete pass.
    notes: Vec<Note>,
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

    /// Makes a content a base that further contents can be ranges of.
    pub fn add_base(&self, content: Content) -> BaseId {
        let mut bases = self.inner.bases.write().unwrap_or_else(PoisonError::into_inner);
        let id = BaseId::try_from(bases.len()).unwrap_or(BaseId::MAX);
        bases.push(Arc::new(Base { id, content, live: Mutex::default() }));
        id
    }

    /// All bases, to be kept in a manifest.
    pub fn bases(&self) -> Vec<Content> {
        let bases = self.inner.bases.read().unwrap_or_else(PoisonError::into_inner);
        bases.iter().map(|base| base.content.clone()).collect()
    }

    /// Runs with the budget.
    pub fn budget<T>(&self, run: impl FnOnce(&mut Budget) -> T) -> T {
        run(&mut lock(&self.inner.budget))
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
        let block = self.block(&place.base, place.offset / BLOCK)?;
        let within = usize::try_from(place.offset % BLOCK).unwrap_or(usize::MAX);
        let rest = block.get(within..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(count)
    }

    /// Length of a base in bytes. Decodes it to its end if that was never done.
    ///
    /// # Errors
    /// A device error or a limit; damage ends the base where it begins.
    pub fn len(&self, base: BaseId) -> Result<u64, Fault> {
        let place = self.place(base, 0, u64::MAX)?;
        if place.base.id == 0 || place.length != u64::MAX {
            return Ok(place.length);
        }
        loop {
            let next = {
                let live = lock(&place.base.live);
                match (live.length, &live.fault) {
                    (_, Some(fault)) if fault.limit.is_some() => return Err(fault.clone()),
                    (Some(length), _) => return Ok(length),
                    (None, _) => live.charged,
                }
            };
            match self.block(&place.base, next) {
                Ok(_) => {}
                Err(fault) if fault.limit.is_some() => return Err(fault),
                Err(_) => return Ok(lock(&place.base.live).length.unwrap_or(0)),
            }
        }
    }

    /// Decodes a base to its end, and says what its decoder saw beside the content. Asked once.
    ///
    /// # Errors
    /// As [`Self::len`], and damage.
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

    fn block(&self, base: &Arc<Base>, index: u64) -> Result<Block, Fault> {
        if let Some(block) = lock(&self.inner.cache).get((base.id, index)) {
            return Ok(block);
        }
        let mut live = lock(&base.live);
        if let Some(length) = live.length
            && index.saturating_mul(BLOCK) >= length
        {
            return match &live.fault {
                Some(fault) => Err(fault.clone()),
                None => Ok(Block::default()),
            };
        }
        if live.decoder.is_none() || live.next > index {
            let input = Input::new(Box::new(self.range(&base.content)?));
            live.consumed = input.consumed();
            live.decoder = Some(self.decoder(&base.content, input)?);
            live.next = 0;
        }
        loop {
            let block = self.decode_block(&mut live);
            let at = live.next;
            let block = match block {
                Ok(block) => block,
                Err(fault) => {
                    // What came before the damage is kept: the length is known now, and the blocks are cached.
                    live.decoder = None;
                    live.length = Some(live.length.unwrap_or_else(|| at.saturating_mul(BLOCK)));
                    live.fault = Some(fault.clone());
                    return Err(fault);
                }
            };
            if (block.len() as u64) < BLOCK {
                live.length = Some(at.saturating_mul(BLOCK).saturating_add(block.len() as u64));
                if let Some(mut decoder) = live.decoder.take() {
                    let notes = decoder.notes();
                    if live.charged <= at + 1 && live.notes.is_empty() {
                        live.notes = notes;
                    }
                }
            }
            live.next += 1;
            let block = Arc::new(block);
            lock(&self.inner.cache).put((base.id, at), Arc::clone(&block));
            if at >= index || live.decoder.is_none() {
                return Ok(if at == index { block } else { Block::default() });
            }
        }
    }

    fn decode_block(&self, live: &mut Live) -> Result<Vec<u8>, Fault> {
        let Some(decoder) = &mut live.decoder else { return Ok(Vec::new()) };
        let mut block = Vec::new();
        let wanted = usize::try_from(BLOCK).unwrap_or(usize::MAX);
        block.try_reserve_exact(wanted).map_err(|_| Fault::limit("memory", "there is not enough memory"))?;
        let fault = match decoder.take(BLOCK).read_to_end(&mut block) {
            Ok(_) => None,
            Err(error) => Some(Fault::from(error)),
        };
        if live.next >= live.charged {
            live.charged = live.next + 1;
            let consumed = live.consumed.load(Ordering::Relaxed);
            let decoded = live.next.saturating_mul(BLOCK).saturating_add(block.len() as u64);
            self.budget(|budget| {
                budget.take_bytes(block.len() as u64)?;
                budget.check_ratio(decoded, consumed)
            })?;
        }
        match fault {
            None => Ok(block),
            // A partial block is given whole; the damage is met again, and reported, by the next read.
            Some(fault) if !block.is_empty() && fault.limit.is_none() && live.fault.is_none() => {
                live.length = Some(live.next.saturating_mul(BLOCK).saturating_add(block.len() as u64));
                live.fault = Some(fault);
                live.decoder = None;
                Ok(block)
            }
            Some(fault) => Err(fault),
        }
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
                codec::decoder(&Coding::Stored, Input::new(Box::new(io::Cursor::new(bytes.clone()))), None)
            }
            Coding::Sparse(extents) => Ok(Box::new(Sparse::new(input, extents.clone(), content.size.unwrap_or(0)))),
            coding => codec::decoder(coding, input, content.size),
        }
    }

    /// Starts reading a content from its beginning.
    ///
    /// # Errors
    /// A handle that refers to nothing, or a header that cannot be decoded.
    pub fn open(&self, content: &Content) -> Result<ContentReader, Fault> {
        let input = Input::new(Box::new(self.range(content)?));
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

/// A range of a base, read forward.
pub struct Range {
    store: Store,
    base: Arc<Base>,
    position: u64,
    end: u64,
    /// Bytes of the artifact, read ahead.
    chunk: Vec<u8>,
    /// Or a shared block of a decoded base.
    block: Block,
    /// Next byte in whichever of the two is in use.
    within: usize,
}

impl Range {
    fn rest(&self) -> &[u8] {
        let bytes: &[u8] = if self.base.id == 0 { &self.chunk } else { &self.block };
        let rest = bytes.get(self.within..).unwrap_or_default();
        let left = usize::try_from(self.end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        rest.get(..left).unwrap_or(rest)
    }
}

impl BufRead for Range {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.rest().is_empty() && self.position < self.end {
            if self.base.id == 0 {
                let wanted = usize::try_from(self.end - self.position).unwrap_or(usize::MAX).min(CHUNK);
                self.chunk.resize(wanted, 0);
                let count = self.store.inner.source.read_at(self.position, &mut self.chunk)?;
                self.chunk.truncate(count);
                self.within = 0;
            } else {
                self.block = self.store.block(&self.base, self.position / BLOCK)?;
                self.within = usize::try_from(self.position % BLOCK).unwrap_or(usize::MAX);
            }
        }
        Ok(self.rest())
    }

    fn consume(&mut self, amount: usize) {
        self.within = self.within.saturating_add(amount);
        self.position = self.position.saturating_add(amount as u64);
    }
}

impl Read for Range {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), available.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

/// Data extents with the holes between them read as zeros.
struct Sparse {
    input: Input,
    extents: std::iter::Peekable<std::vec::IntoIter<(u64, u64)>>,
    position: u64,
    size: u64,
}

impl Sparse {
    fn new(input: Input, extents: Vec<(u64, u64)>, size: u64) -> Self {
        Self { input, extents: extents.into_iter().peekable(), position: 0, size }
    }
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.extents.next_if(|(start, length)| self.position >= start.saturating_add(*length)).is_some() {}
        let (until, data) = match self.extents.peek() {
            Some((start, length)) if self.position >= *start => (start.saturating_add(*length), true),
            Some((start, _)) => (*start, false),
            None => (self.size, false),
        };
        let left = until.min(self.size).saturating_sub(self.position);
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(part) = buffer.get_mut(..count) else { return Ok(0) };
        let count = if data {
            match self.input.read(part)? {
                0 if count > 0 => return Err(Fault::new("the sparse data ends early").into()),
                count => count,
            }
        } else {
            part.fill(0);
            count
        };
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

impl Decoder for Sparse {
    fn notes(&mut self) -> Vec<Note> {
        Vec::new()
    }
}
