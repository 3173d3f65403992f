//! Finding the directory: the end record (APPNOTE 4.3.16), its zip64 companions (4.3.14, 4.3.15), and where the
//! directory really is when bytes were put in front of the archive or behind it.

use crate::entry::{Field, Value};
use crate::error::Fault;

use super::record::{Front, Header, LOCAL, Record};
use super::{Archive, Window, places};

/// Signature of the end record.
const END: [u8; 4] = *b"PK\x05\x06";
/// Bytes of the end record before its comment.
const END_BYTES: u64 = 22;
/// Signature and bytes of the locator before it that points to the zip64 end record.
const LOCATOR: [u8; 4] = *b"PK\x06\x07";
const LOCATOR_BYTES: u64 = 20;
/// Signature and bytes of the zip64 end record.
const END64: [u8; 4] = *b"PK\x06\x06";
const END64_BYTES: u64 = 56;

/// The end record and the longest comment: where every reader looks.
const SEARCHED: u64 = END_BYTES + 65_535;
/// Bytes read at once when the search goes on.
const PIECE: u64 = 256 << 10;
/// More signatures than this are not followed: each costs reads.
const MOST_CANDIDATES: u32 = 1000;

/// Whether a file that ends with these 22 bytes ends with an archive that has no comment: how an archive with
/// something in front of it is recognised.
pub fn ends_like_zip(last_22_bytes: &[u8]) -> bool {
    last_22_bytes.len() == 22 && last_22_bytes.starts_with(&END) && last_22_bytes.ends_with(&[0, 0])
}

/// The bytes at the end of a file in which an end record with a comment can begin.
pub const COMMENTED_END: u64 = SEARCHED;

/// Whether these last bytes of a file hold an end record whose comment ends with the file: for a file whose name says
/// that it is an archive, since any bytes can do that by chance.
pub fn ends_with_comment(tail: &[u8]) -> bool {
    let fixed = usize::try_from(END_BYTES).unwrap_or(usize::MAX);
    tail.windows(fixed).enumerate().any(|(at, record)| {
        let comment = parse_end(record).map(|(_, comment)| usize::from(comment));
        comment.is_some_and(|comment| at + fixed + comment == tail.len())
    })
}

/// The values of an end record.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stated {
    disk: u64,
    directory_disk: u64,
    entries_on_disk: u64,
    entries: u64,
    size: u64,
    offset: u64,
}

/// A field's name, what to call it in a sentence, and how to get at it.
type Part = (&'static str, &'static str, fn(&mut Stated) -> &mut u64);

impl Stated {
    const PARTS: [Part; 6] = [
        ("disk", "disk", |stated| &mut stated.disk),
        ("directory-disk", "directory disk", |stated| &mut stated.directory_disk),
        ("entries-on-disk", "number of entries on this disk", |stated| &mut stated.entries_on_disk),
        ("entries", "number of entries", |stated| &mut stated.entries),
        ("directory-size", "directory size", |stated| &mut stated.size),
        ("directory-offset", "directory offset", |stated| &mut stated.offset),
    ];
    /// What each part holds in the end record when the zip64 one has its value.
    const FULL: [u64; 6] = [0xffff, 0xffff, 0xffff, 0xffff, 0xffff_ffff, 0xffff_ffff];

    /// Whether any value asks for the zip64 end record.
    fn is_full(mut self) -> bool {
        Self::PARTS.into_iter().zip(Self::FULL).any(|((_, _, part), full)| *part(&mut self) == full)
    }

    /// These values, with those of the zip64 end record where they ask for them.
    fn filled(mut self, mut wide: Self) -> Self {
        for ((_, _, part), full) in Self::PARTS.into_iter().zip(Self::FULL) {
            let value = part(&mut self);
            if *value == full {
                *value = *part(&mut wide);
            }
        }
        self
    }
}

/// The end of an archive, followed to its directory.
pub(super) struct End {
    /// Byte of the end record.
    at: u64,
    /// First byte after its comment, at most the length of the file.
    end: u64,
    /// Whether the comment ends exactly where the file ends.
    exact: bool,
    /// Whether most readers would stop searching here.
    trusted: bool,
    /// Where the directory must have ended: at the zip64 end record if there is one, else at the end record.
    pub(super) directory_end: u64,
    /// First byte of the directory.
    pub(super) directory: u64,
    /// What must be added to stored offsets: the number of bytes put in front without adjusting them.
    base: i128,
    /// Entries and bytes that the directory should have.
    pub(super) entries: u64,
    size: u64,
    /// What is to be said of it when it is the one chosen.
    fields: Vec<Field>,
    faults: Vec<Fault>,
    /// The records at the end, as ranges of bytes.
    pub(super) records: Vec<(u64, u64)>,
}

/// What the search came to.
pub(super) enum Search {
    /// The directory to read.
    Found(Box<End>),
    /// None to be trusted, and why.
    Nothing(Fault),
}

impl End {
    /// Searches from the end: where every reader looks, then the rest of the file.
    pub(super) fn search(archive: &mut Archive<'_>) -> Result<Search, Fault> {
        let mut search = Searching { best: None, rejected: None, others: Vec::new(), left: MOST_CANDIDATES };
        let near = archive.length.saturating_sub(SEARCHED);
        search.range(archive, near, archive.length)?;
        if search.best.is_none() {
            let mut end = near;
            while end > 0 && search.best.is_none() && search.left > 0 {
                let start = end.saturating_sub(PIECE);
                search.range(archive, start, end)?;
                end = start;
            }
        }
        let Some(mut end) = search.best else {
            return Ok(Search::Nothing(match search.rejected {
                Some(at) => {
                    Fault::at(at, "the end-of-central-directory record points to no directory").raises("ZIP-10")
                }
                None => Fault::new("no end-of-central-directory record was found").raises("GEN-06"),
            }));
        };
        if end.end < archive.length && search.others == [end.at] && end.is_inside(archive)? {
            let message = "the last end-of-central-directory record belongs to an archive inside this one";
            return Ok(Search::Nothing(Fault::at(end.at, message).raises("GEN-06")));
        }
        for other in search.others.into_iter().filter(|other| *other != end.at) {
            end.faults.push(
                Fault::at(other, "another end-of-central-directory record points to a directory too").raises("ZIP-05"),
            );
        }
        Ok(Search::Found(Box::new(end)))
    }

    /// Follows the end record at a byte; `None` when it leads nowhere.
    fn resolve(archive: &mut Archive<'_>, at: u64) -> Result<Option<Self>, Fault> {
        let Some((mut stated, comment_length)) = parse_end(archive.near(at, END_BYTES)?) else { return Ok(None) };
        let claimed_end = at + END_BYTES + u64::from(comment_length);
        let mut end = Self {
            at,
            end: claimed_end.min(archive.length),
            exact: claimed_end == archive.length,
            trusted: claimed_end <= archive.length,
            directory_end: at,
            directory: at,
            base: 0,
            entries: 0,
            size: 0,
            fields: Vec::new(),
            faults: Vec::new(),
            records: Vec::new(),
        };
        end.records.push((at, end.end));
        if claimed_end > archive.length {
            end.fields.push(number("comment-bytes", comment_length));
            end.faults.push(Fault::at(at + 20, "the archive comment ends early").raises("ZIP-06"));
        }
        let wide = end.zip64(archive, &stated)?;
        // Readers disagree on what counts when the two end records do: the first that leads to a directory is taken.
        let filled = wide.map_or(stated, |wide| stated.filled(wide));
        let ways = [wide.map(|wide| (wide, end.directory_end)), Some((filled, end.directory_end)), Some((stated, at))];
        let mut found = false;
        for (way, directory_end) in ways.into_iter().flatten() {
            stated = way;
            end.directory_end = directory_end;
            found = end.find_directory(archive, &stated)?;
            if found {
                break;
            }
        }
        if !found {
            return Ok(None);
        }
        end.entries = stated.entries;
        end.size = stated.size;
        for (name, value) in [("disk", stated.disk), ("directory-disk", stated.directory_disk)] {
            if value != 0 {
                end.fields.push(number(name, value));
            }
        }
        if (stated.disk, stated.directory_disk) != (0, 0) {
            let (disk, directory) = (stated.disk, stated.directory_disk);
            let message = format!("this is disk {disk} of a split archive, its directory is on disk {directory}");
            end.faults.push(Fault::at(at, message).raises("ZIP-25"));
        }
        if stated.entries_on_disk != stated.entries {
            let (here, all) = (stated.entries_on_disk, stated.entries);
            end.fields.push(number("entries-on-disk", here));
            end.faults.push(
                Fault::at(at, format!("the end record counts {here} entries on this disk and {all} in all"))
                    .raises("ZIP-09"),
            );
        }
        Ok(Some(end))
    }

    /// Reads the locator and the zip64 end record, if they are there, and says where it differs from the other.
    fn zip64(&mut self, archive: &mut Archive<'_>, stated: &Stated) -> Result<Option<Stated>, Fault> {
        let Some(locator_at) = self.at.checked_sub(LOCATOR_BYTES) else { return Ok(None) };
        let Some((disk, offset, disks)) = parse_locator(archive.near(locator_at, LOCATOR_BYTES)?) else {
            return Ok(None);
        };
        // Bytes put in front shift it, but not away from its locator.
        let adjacent = locator_at.checked_sub(END64_BYTES);
        let mut found = None;
        for place in [Some(offset), adjacent].into_iter().flatten() {
            if place.saturating_add(END64_BYTES) <= locator_at
                && let Some(record) = parse_end64(archive.near(place, END64_BYTES)?)
            {
                found = Some((place, record));
                break;
            }
        }
        let Some((place, (size, made, needed, mut wide))) = found else {
            // Without need for it, what looks like a locator is the end of a name or comment.
            if stated.is_full() {
                self.records.push((locator_at, self.at));
                self.faults
                    .push(Fault::at(locator_at, "the zip64 locator points to no zip64 end record").raises("ZIP-16"));
            }
            return Ok(None);
        };
        self.directory_end = place;
        self.records.extend([(place, place + END64_BYTES), (locator_at, self.at)]);
        for (name, value, usual) in [("zip64-disk", disk, 0), ("zip64-disks", disks, 1)] {
            if value != usual {
                self.fields.push(number(name, value));
            }
        }
        if place != offset {
            self.fields.push(number("zip64-offset", i128::from(offset) - i128::from(place)));
        }
        // The size leaves out the record's first 12 bytes (APPNOTE 4.3.14.1).
        if size.checked_add(place + 12) != Some(locator_at) {
            self.fields.push(number("zip64-size", size));
            let there = locator_at - place - 12;
            self.faults.push(
                Fault::at(place, format!("the zip64 end record says {size} bytes, there are {there}")).raises("ZIP-16"),
            );
        }
        let (mut narrow, mut taken) = (*stated, Vec::new());
        for ((name, what, part), full) in Stated::PARTS.into_iter().zip(Stated::FULL) {
            let (narrow, wide) = (*part(&mut narrow), *part(&mut wide));
            if narrow == full {
                taken.push(name);
            } else if narrow != wide {
                self.fields.push(number(format!("zip64:{name}"), wide));
                let message = format!("the zip64 end record says {what} {wide}, the end record {narrow}");
                self.faults.push(Fault::at(place, message).raises("ZIP-16"));
            }
        }
        // Which values were needed; a writer may add the record without need.
        let taken = if taken.is_empty() { "not needed".into() } else { taken.join(", ") };
        self.fields.push(Field::new("zip64", Value::text(taken)));
        self.fields.push(number("zip64-version-made", made));
        self.fields.push(number("zip64-version-needed", needed));
        Ok(Some(wide))
    }

    /// Where the directory is: where the end record says, or right before the end record. False if in neither place.
    fn find_directory(&mut self, archive: &mut Archive<'_>, stated: &Stated) -> Result<bool, Fault> {
        let end = self.directory_end;
        if (stated.entries, stated.size) == (0, 0) {
            // An empty archive. Its signature inside other bytes must not pass for one.
            let in_front = i128::from(end) - i128::from(stated.offset);
            if in_front != 0 && (in_front < 0 || self.end < archive.length) && self.at > 0 {
                return Ok(false);
            }
            self.directory = end;
            self.base = in_front.max(0);
            // Bytes in front of nothing: any other archive that ends here is the better guess.
            if in_front != 0 {
                (self.exact, self.trusted) = (false, false);
            }
            if in_front < 0 {
                self.misplaced(stated.offset);
            }
            return Ok(true);
        }
        let begins = |archive: &mut Archive<'_>, place: u64| {
            let length = Record::length(archive.near(place, Record::FIXED)?);
            Ok::<_, Fault>(length.is_some_and(|length| place.saturating_add(length) <= end))
        };
        let stated_place = if begins(archive, stated.offset)? { Some(stated.offset) } else { None };
        let adjacent = match end.checked_sub(stated.size) {
            Some(place) if begins(archive, place)? => Some(place),
            _ => None,
        };
        match (adjacent, stated_place) {
            (Some(adjacent), Some(stated)) if adjacent != stated => {
                let message = format!("another directory may begin at byte {stated}, where the end record says");
                self.faults.push(Fault::at(adjacent, message).raises("ZIP-10"));
                self.directory = adjacent;
            }
            (Some(place), _) | (None, Some(place)) => self.directory = place,
            (None, None) => return Ok(false),
        }
        let in_front = i128::from(self.directory) - i128::from(stated.offset);
        if in_front != 0 {
            // Bytes in front shift every offset alike: the first entry shows whether that is so.
            if self.first_is_at(archive, in_front)? || !self.first_is_at(archive, 0)? {
                self.base = in_front;
            } else {
                self.misplaced(stated.offset);
            }
        }
        Ok(true)
    }

    fn misplaced(&mut self, stated: u64) {
        let actual = self.directory;
        self.fields.push(number("directory-offset", stated));
        let message = format!("the end record says the directory is at byte {stated}, it is at byte {actual}");
        self.faults.push(Fault::at(self.at + 16, message).raises("ZIP-10"));
    }

    /// Whether the first entry has its local header where it says, shifted by `base`.
    fn first_is_at(&self, archive: &mut Archive<'_>, base: i128) -> Result<bool, Fault> {
        let fixed = archive.near(self.directory, Record::FIXED)?;
        let Some(length) = Record::length(fixed) else { return Ok(false) };
        let bytes = archive.near(self.directory, length)?;
        let Some(offset) = Record::parse(bytes).map(|record| record.header.offset) else { return Ok(false) };
        let Ok(place) = u64::try_from(i128::from(offset) + base) else { return Ok(false) };
        Ok(archive.near(place, 4)?.starts_with(&LOCAL))
    }

    /// Whether the file begins with a local header that this directory does not have: then bytes after the end mean
    /// that what was found is the directory of an archive inside, and the outer one is cut off.
    fn is_inside(&self, archive: &mut Archive<'_>) -> Result<bool, Fault> {
        if Header::variable(archive.near(0, Header::FIXED)?).is_none() {
            return Ok(false);
        }
        let mut window = Window::new(super::DIRECTORY_PIECE.min(archive.length - self.directory));
        let mut at = self.directory;
        while let Some(length) = Record::length(window.get(archive.opening, at, Record::FIXED)?) {
            let record = Record::parse(window.get(archive.opening, at, length)?);
            if record.is_none_or(|record| self.place(record.header.offset) == Some(0)) {
                return Ok(false);
            }
            at += length;
        }
        Ok(true)
    }

    /// The byte that a stored offset means.
    pub(super) fn place(&self, offset: u64) -> Option<u64> {
        u64::try_from(i128::from(offset) + self.base).ok()
    }

    /// Gives the archive's own fields and problems.
    pub(super) fn tell(&mut self, archive: &mut Archive<'_>) -> Result<(), Fault> {
        let comment_at = self.at + END_BYTES;
        if self.end > comment_at {
            let comment = archive.opening.up_to_unbounded(comment_at, self.end - comment_at)?;
            archive.opening.say("comment", Value::Bytes(comment));
        }
        if self.base != 0 {
            archive.opening.say("offset-base", Value::Number(self.base));
        }
        for field in std::mem::take(&mut self.fields) {
            archive.opening.field(field);
        }
        for fault in std::mem::take(&mut self.faults) {
            archive.tell(fault);
        }
        Ok(())
    }

    /// Compares what the end record promises with the directory that was read.
    pub(super) fn check(&self, archive: &mut Archive<'_>, entries: u64, size: u64) {
        if self.entries != entries {
            let stated = self.entries;
            archive.opening.say("entries", Value::Number(stated.into()));
            let message = format!("the end record counts {stated} entries, the directory has {entries}");
            archive.tell(Fault::at(self.at, message).raises("ZIP-09"));
        }
        if self.size != size {
            let stated = self.size;
            archive.opening.say("directory-size", Value::Number(stated.into()));
            let message = format!("the end record says the directory has {stated} bytes, it has {size}");
            archive.tell(Fault::at(self.at, message).raises("ZIP-10"));
        }
    }
}

/// A search in progress.
struct Searching {
    /// The last end record that leads to a directory, as most readers choose; but rather another whose comment ends
    /// where the file ends, than one whose comment is cut off.
    best: Option<End>,
    /// The last that leads nowhere.
    rejected: Option<u64>,
    /// All that a reader could choose instead.
    others: Vec<u64>,
    /// Candidates to follow yet.
    left: u32,
}

impl Searching {
    /// Tries every end record that begins in a range, the last first.
    fn range(&mut self, archive: &mut Archive<'_>, start: u64, end: u64) -> Result<(), Fault> {
        let bytes = archive.opening.up_to_unbounded(start, (end - start).saturating_add(3))?;
        for index in places(&bytes, END).rev() {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let at = start + index as u64;
            let Some(end) = End::resolve(archive, at)? else {
                self.rejected.get_or_insert(at);
                continue;
            };
            match &self.best {
                None => {
                    self.others.push(at);
                    self.best = Some(end);
                }
                Some(best) if end.exact => {
                    self.others.push(at);
                    if !best.trusted {
                        self.best = Some(end);
                    }
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn number(name: impl Into<std::borrow::Cow<'static, str>>, value: impl Into<i128>) -> Field {
    Field::new(name, Value::Number(value.into()))
}

fn parse_end(bytes: &[u8]) -> Option<(Stated, u16)> {
    let mut front = Front(bytes);
    front.signature(END)?;
    let stated = Stated {
        disk: front.u16()?.into(),
        directory_disk: front.u16()?.into(),
        entries_on_disk: front.u16()?.into(),
        entries: front.u16()?.into(),
        size: front.u32()?.into(),
        offset: front.u32()?.into(),
    };
    Some((stated, front.u16()?))
}

/// The disk and offset of the zip64 end record, and the number of disks.
fn parse_locator(bytes: &[u8]) -> Option<(u32, u64, u32)> {
    let mut front = Front(bytes);
    front.signature(LOCATOR)?;
    Some((front.u32()?, front.u64()?, front.u32()?))
}

/// Size, version made by, version needed, and the values.
fn parse_end64(bytes: &[u8]) -> Option<(u64, u16, u16, Stated)> {
    let mut front = Front(bytes);
    front.signature(END64)?;
    let (size, made, needed) = (front.u64()?, front.u16()?, front.u16()?);
    let stated = Stated {
        disk: front.u32()?.into(),
        directory_disk: front.u32()?.into(),
        entries_on_disk: front.u64()?,
        entries: front.u64()?,
        size: front.u64()?,
        offset: front.u64()?,
    };
    Some((size, made, needed, stated))
}
