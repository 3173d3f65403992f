//! The list of files in a main header: one array for each thing that is said of all files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::header::Header;
use crate::entry::{Content, Entry, Kind, Outline, Value};

pub(super) const OLD_NAMES: u32 = 1027;
const SIZES: u32 = 1028;
const MODES: u32 = 1030;
const RDEVS: u32 = 1033;
const TIMES: u32 = 1034;
const DIGESTS: u32 = 1035;
const LINKS: u32 = 1036;
const FLAGS: u32 = 1037;
const USERS: u32 = 1039;
const GROUPS: u32 = 1040;
const VERIFY: u32 = 1045;
const DEVICES: u32 = 1095;
const INODES: u32 = 1096;
const LANGUAGES: u32 = 1097;
const FOLDER_OF: u32 = 1116;
pub(super) const NAMES: u32 = 1117;
const FOLDERS: u32 = 1118;
const COLORS: u32 = 1140;
const CLASSES: u32 = 1141;
const DEPENDS_AT: u32 = 1143;
const DEPENDS: u32 = 1144;
const CONTEXTS: u32 = 1147;
pub(super) const LONG_SIZES: u32 = 5008;
const CAPABILITIES: u32 = 5010;
const ALGORITHM: u32 = 5011;
const MIME: u32 = 5115;

/// Arrays with one value for each file.
pub(super) const PER_FILE: [u32; 21] = [
    SIZES,
    MODES,
    RDEVS,
    TIMES,
    DIGESTS,
    LINKS,
    FLAGS,
    USERS,
    GROUPS,
    VERIFY,
    DEVICES,
    INODES,
    LANGUAGES,
    FOLDER_OF,
    COLORS,
    CLASSES,
    DEPENDS_AT,
    DEPENDS,
    CONTEXTS,
    LONG_SIZES,
    CAPABILITIES,
];

/// Numbers of a file that say nothing about what is installed, as they are shown.
pub(super) const NUMBERS: [(&str, u32); 7] = [
    ("inode", INODES),
    ("device", DEVICES),
    ("color", COLORS),
    ("class", CLASSES),
    ("depends-at", DEPENDS_AT),
    ("depends", DEPENDS),
    ("mime", MIME),
];

/// Listed, but not in the payload.
const GHOST: u64 = 1 << 6;

/// One file of the list. What its array does not say is 0 or empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct File<'a> {
    pub(super) folder: &'a [u8],
    pub(super) name: &'a [u8],
    /// Kind and permissions.
    pub(crate) mode: u64,
    /// Of a link: of its target.
    pub(crate) size: u64,
    pub(crate) mtime: u64,
    /// In hexadecimal; empty for what has no content.
    pub(crate) digest: &'a [u8],
    /// Where a link leads.
    pub(crate) link: &'a [u8],
    pub(super) flags: u64,
    pub(super) verify: Option<u64>,
    pub(super) user: &'a [u8],
    pub(super) group: &'a [u8],
    pub(super) language: &'a [u8],
    pub(super) capability: &'a [u8],
    pub(super) context: &'a [u8],
    pub(super) rdev: u64,
    /// What [`NUMBERS`] names.
    pub(super) numbers: [Option<u64>; NUMBERS.len()],
}

impl File<'_> {
    /// Its path.
    pub(crate) fn path(&self) -> Vec<u8> {
        [self.folder, self.name].concat()
    }

    /// Bytes of its path.
    pub(super) fn path_length(&self) -> usize {
        self.folder.len() + self.name.len()
    }

    /// Whether it is listed only, so that it belongs to the package once something makes it.
    pub(crate) fn is_ghost(&self) -> bool {
        self.flags & GHOST != 0
    }

    /// What it is.
    pub(crate) fn kind(&self) -> Kind {
        match self.mode >> 12 {
            8 => Kind::File,
            4 => Kind::Directory,
            10 => Kind::Symlink,
            2 => Kind::CharacterDevice,
            6 => Kind::BlockDevice,
            1 => Kind::Fifo,
            _ => Kind::Other,
        }
    }

    /// What further names of the same file have in common.
    pub(crate) fn identity(&self) -> Option<(u64, u64)> {
        let [inode, device, ..] = self.numbers;
        inode.filter(|_| self.kind() == Kind::File && !self.is_ghost()).map(|inode| (inode, device.unwrap_or_default()))
    }
}

/// The list.
#[derive(Default)]
pub(crate) struct List<'a> {
    /// The files, in stored order; not all of them where there are more than may be.
    pub(crate) files: Vec<File<'a>>,
    /// How many there are.
    pub(crate) count: u64,
    /// Which algorithm made the digests, by its number in OpenPGP.
    pub(crate) algorithm: u64,
    /// Arrays that do not have one value for each file: which, and how many values.
    pub(crate) uneven: Vec<(u32, u64)>,
    /// Whether the paths are split in the usual way: then nothing is lost by putting them together.
    pub(super) is_split_as_usual: bool,
    /// Whether sizes are stated with 64 bits, which makes rpm strip the headers of the payload.
    pub(crate) has_long_sizes: bool,
}

impl<'a> List<'a> {
    /// The list of a header, of at most `most` files.
    pub(crate) fn new(header: &'a Header, most: u64) -> Self {
        let old = header.place(NAMES).is_none();
        let count = header.count(if old { OLD_NAMES } else { NAMES });
        let even = |id: u32| header.count(id) == count;
        let uneven = PER_FILE.iter().chain([&MIME]).filter(|id| header.place(**id).is_some() && !even(**id));
        let uneven = uneven.map(|id| (*id, header.count(*id))).collect();
        let texts = |id: u32| header.texts(if even(id) { id } else { 0 });
        let numbers = |id: u32| header.numbers(if even(id) { id } else { 0 });
        let folders: Vec<&[u8]> = header.texts(FOLDERS).take(usize::try_from(most).unwrap_or(usize::MAX)).collect();
        let mut names = header.texts(if old { OLD_NAMES } else { NAMES });
        let (mut modes, mut sizes, mut long_sizes) = (numbers(MODES), numbers(SIZES), numbers(LONG_SIZES));
        let (mut times, mut digests, mut links) = (numbers(TIMES), texts(DIGESTS), texts(LINKS));
        let (mut flags, mut verify, mut rdevs) = (numbers(FLAGS), numbers(VERIFY), numbers(RDEVS));
        let (mut users, mut groups, mut languages) = (texts(USERS), texts(GROUPS), texts(LANGUAGES));
        let (mut capabilities, mut contexts, mut folder_of) =
            (texts(CAPABILITIES), texts(CONTEXTS), numbers(FOLDER_OF));
        let mut further = NUMBERS.map(|(_, id)| numbers(id));
        let mut files = Vec::new();
        let (mut seen, mut is_split_as_usual) = (0, true);
        for _ in 0..count.min(most) {
            let Some(name) = names.next() else { break };
            let place = folder_of.next().filter(|_| !old);
            let folder = place.and_then(|at| folders.get(usize::try_from(at).ok()?)).copied().unwrap_or_default();
            if !old {
                // rpm numbers folders as it meets them, and every one ends in a slash.
                is_split_as_usual &= place.is_some_and(|place| place <= seen)
                    && (folder.is_empty() || folder.ends_with(b"/"))
                    && !name.contains(&b'/');
                seen = seen.max(place.map_or(0, |place| place.saturating_add(1)));
            }
            files.push(File {
                folder,
                name,
                mode: modes.next().unwrap_or_default(),
                size: long_sizes.next().or(sizes.next()).unwrap_or_default(),
                mtime: times.next().unwrap_or_default(),
                digest: digests.next().unwrap_or_default(),
                link: links.next().unwrap_or_default(),
                flags: flags.next().unwrap_or_default(),
                verify: verify.next(),
                user: users.next().unwrap_or_default(),
                group: groups.next().unwrap_or_default(),
                language: languages.next().unwrap_or_default(),
                capability: capabilities.next().unwrap_or_default(),
                context: contexts.next().unwrap_or_default(),
                rdev: rdevs.next().unwrap_or_default(),
                numbers: further.each_mut().map(Iterator::next),
            });
        }
        let distinct: std::collections::BTreeSet<&[u8]> = folders.iter().copied().collect();
        is_split_as_usual &= seen == folders.len() as u64 && distinct.len() == folders.len();
        // Before the algorithm was stated, it was MD5.
        let algorithm = header.number(ALGORITHM).unwrap_or(1);
        let has_long_sizes = header.place(LONG_SIZES).is_some() && even(LONG_SIZES);
        Self { files, count, algorithm, uneven, is_split_as_usual, has_long_sizes }
    }

    /// The tags that the files say everything about.
    pub(super) fn told(&self) -> impl Iterator<Item = u32> + '_ {
        let uneven = |id: &u32| self.uneven.iter().any(|(uneven, _)| uneven == id);
        let folders = |id: &u32| self.is_split_as_usual || !matches!(*id, FOLDER_OF | NAMES | FOLDERS | OLD_NAMES);
        // Of two sizes the long one is taken.
        let sizes = |id: &u32| *id != SIZES || !self.has_long_sizes;
        let arrays = PER_FILE.into_iter().chain([MIME, NAMES, FOLDERS, OLD_NAMES]);
        arrays.filter(move |id| self.files.len() as u64 == self.count && !uneven(id) && folders(id) && sizes(id))
    }

    /// The files as the members of a payload that states nothing but their numbers.
    pub(super) fn outline(&self) -> Arc<Outline> {
        let mut last: BTreeMap<(u64, u64), usize> = BTreeMap::new();
        let mut first: BTreeMap<(u64, u64), Vec<u8>> = BTreeMap::new();
        for (place, file) in self.files.iter().enumerate() {
            if let Some(identity) = file.identity() {
                last.insert(identity, place);
            }
        }
        let mut members = Vec::new();
        for (place, file) in self.files.iter().enumerate() {
            let mut path = file.path();
            if path.first() == Some(&b'/') {
                path.insert(0, b'.');
            }
            let kind = file.kind();
            // Of a file with several names, the last has the content.
            let holds = match file.identity() {
                Some(identity) => last.get(&identity) == Some(&place),
                None => matches!(kind, Kind::File | Kind::Symlink) && !file.is_ghost(),
            };
            let content = Content::stored(0, 0, if holds { file.size } else { 0 });
            let mut entry = Entry::new(path, kind, Some(content));
            entry.field("format", Value::text("stripped"));
            if let Ok(mode) = u32::try_from(file.mode & 0o7777) {
                entry.field("mode", Value::Mode(mode));
            }
            if let Ok(mtime) = i64::try_from(file.mtime) {
                entry.field("mtime", Value::Time(mtime, 0));
            }
            if let Some(identity) = file.identity() {
                let target = first.entry(identity).or_insert_with(|| entry.path.clone()).clone();
                if target != entry.path {
                    entry.kind = Kind::Hardlink;
                    entry.field("target", Value::Bytes(target));
                }
            }
            members.push(entry);
        }
        Arc::new(Outline { members })
    }
}
