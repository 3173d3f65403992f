//! What one member's headers say: its own, and the extension headers before it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::form;
use super::header::{
    Block, Check, Dialect, GID, GNU_ATIME, GNU_CTIME, GNU_OFFSET, GROUP, LINK, MAJOR, MINOR, MODE, MTIME, NAME, Number,
    OWNER, PREFIX, SIZE, STAR_ATIME, STAR_CTIME, STAR_PREFIX, Span, TYPE, UID, number,
};
use super::pax::{self, Known, Record, Values};
use super::sparse::{self, Map};
use crate::display;
use crate::entry::{Field, Kind, Value};

/// Extension headers read and not yet used: they belong to the next member.
#[derive(Default)]
pub(super) struct Pending {
    /// Where the first one begins.
    pub(super) at: Option<u64>,
    /// Bytes of all of them.
    pub(super) bytes: u64,
    /// Records of the PAX headers.
    pub(super) records: Vec<Record>,
    /// How many PAX headers there are.
    pub(super) pax: u32,
    /// The GNU long name, and the long link target.
    pub(super) path: Option<Vec<u8>>,
    pub(super) target: Option<Vec<u8>>,
    /// The headers of the extension headers, for the field `extension-header`.
    pub(super) text: String,
    /// Fields and problems found on the way.
    pub(super) fields: Vec<Field>,
    pub(super) problems: Vec<Told>,
}

/// A problem, and the finding it is a case of.
pub(super) type Told = (&'static str, Cow<'static, str>);

/// A member before its content is found.
pub(super) struct Member {
    pub(super) path: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) flag: u8,
    pub(super) fields: Vec<Field>,
    pub(super) problems: Vec<Told>,
    /// Stored bytes that the headers claim.
    pub(super) size: i128,
    /// The records that describe holes.
    pub(super) sparse: Vec<Record>,
    /// The map of an old GNU sparse header, or why it cannot be one.
    pub(super) map: Option<Result<Map, &'static str>>,
}

impl Member {
    /// Gives it the name that its sparse map has for it; the other one was made up for readers that know no holes.
    pub(super) fn rename(&mut self, name: Option<Vec<u8>>) {
        if let Some(name) = name.filter(|name| *name != self.path) {
            let before = std::mem::replace(&mut self.path, name);
            self.fields.push(Field::new("header:path", Value::Bytes(before)));
        }
    }
}

/// Puts together what the headers say; there is room for as many fields as are expected.
pub(super) fn member(block: &Block, check: Check, mut pending: Pending, globals: &Values, room: usize) -> Member {
    let dialect = Dialect::of(block);
    let flag = block.bytes(TYPE).first().copied().unwrap_or_default();
    let mut said = Said::new(&mut pending, globals, room);

    let header_path = join(block, dialect);
    let prefix = if dialect == Dialect::Ustar { PREFIX } else { STAR_PREFIX };
    let split = matches!(dialect, Dialect::Ustar | Dialect::Star) && !block.text(prefix).is_empty();
    let path = said.text(Known::Path, header_path, pending.path.take());
    let kind = kind(flag, &path);

    said.time(Known::Mtime, Some(block.bytes(MTIME)));
    let (atime, ctime) = times(block, dialect);
    said.time(Known::Atime, atime);
    said.time(Known::Ctime, ctime);
    let target = said.text(Known::Target, block.text(LINK).to_vec(), pending.target.take());
    if !target.is_empty() || matches!(kind, Kind::Symlink | Kind::Hardlink) {
        said.field("target", Value::Bytes(target));
    }
    let mode = number(block.bytes(MODE)).value;
    said.field("mode", Value::Mode(u32::try_from(mode & 0o7777).unwrap_or_default()));
    match mode & !0o7777 {
        0 => {}
        extra => said.field("mode-extra", u32::try_from(extra).map_or(Value::Number(extra), Value::Mode)),
    }
    said.id(Known::Uid, "uid", "header:uid", block.bytes(UID));
    said.id(Known::Gid, "gid", "header:gid", block.bytes(GID));
    if dialect != Dialect::V7 || said.has(Known::Owner) || said.has(Known::Group) {
        let stated = |span| if dialect == Dialect::V7 { Vec::new() } else { block.text(span).to_vec() };
        for (known, name, span) in [(Known::Owner, "owner", OWNER), (Known::Group, "group", GROUP)] {
            let value = said.text(known, stated(span), None);
            if !value.is_empty() {
                said.field(name, Value::Bytes(value));
            }
        }
    }
    if dialect != Dialect::V7 {
        for (name, span) in [("device-major", MAJOR), ("device-minor", MINOR)] {
            let value = number(block.bytes(span)).value;
            if value != 0 || matches!(kind, Kind::CharacterDevice | Kind::BlockDevice) {
                said.field(name, Value::Number(value));
            }
        }
    }
    if let Some(name) = type_name(flag, kind, dialect) {
        said.field("type", Value::Text(name));
    }
    said.field("format", Value::text(if pending.pax > 0 { "pax" } else { dialect.name() }));
    let size = said.size(number(block.bytes(SIZE)));
    if split {
        let length = block.text(prefix).len();
        said.field("prefix-length", Value::Number(i128::try_from(length).unwrap_or_default()));
    }
    if dialect == Dialect::Gnu {
        said.gnu(block);
    }
    if let Some(form) = form::form(block, dialect, check) {
        said.field("header-form", Value::text(form));
    }
    if !pending.text.is_empty() {
        said.field("extension-header", Value::text(std::mem::take(&mut pending.text)));
    }
    let Said { mut fields, more, mut problems, sparse, .. } = said;
    fields.extend(more);
    fields.append(&mut pending.fields);
    problems.append(&mut pending.problems);
    Member { path, kind, flag, fields, problems, size, sparse, map: None }
}

/// The path in a header: the prefix before it, where the dialect has one.
fn join(block: &Block, dialect: Dialect) -> Vec<u8> {
    let name = block.text(NAME);
    let prefix = match dialect {
        Dialect::Ustar => block.text(PREFIX),
        Dialect::Star => block.text(STAR_PREFIX),
        Dialect::V7 | Dialect::Gnu => b"",
    };
    if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
}

/// The access and change times in a header, where it has them.
fn times(block: &Block, dialect: Dialect) -> (Option<&[u8]>, Option<&[u8]>) {
    let (atime, ctime) = match dialect {
        Dialect::Gnu => (GNU_ATIME, GNU_CTIME),
        Dialect::Star => (STAR_ATIME, STAR_CTIME),
        Dialect::V7 | Dialect::Ustar => return (None, None),
    };
    let present = |span: Span| {
        let time = number(block.bytes(span));
        (time.digits > 0 && !time.doubtful).then(|| block.bytes(span))
    };
    (present(atime), present(ctime))
}

fn kind(flag: u8, path: &[u8]) -> Kind {
    match flag {
        // Version 7 had no type for directories.
        0 | b'0' if path.ends_with(b"/") => Kind::Directory,
        0 | b'0' | b'7' | b'S' => Kind::File,
        b'1' => Kind::Hardlink,
        b'2' => Kind::Symlink,
        b'3' => Kind::CharacterDevice,
        b'4' => Kind::BlockDevice,
        b'5' => Kind::Directory,
        b'6' => Kind::Fifo,
        _ => Kind::Other,
    }
}

/// What the field `type` says; `None` where the kind says it all.
fn type_name(flag: u8, kind: Kind, dialect: Dialect) -> Option<Cow<'static, str>> {
    let plain = if dialect == Dialect::V7 { 0 } else { b'0' };
    Some(match flag {
        b'1'..=b'6' | b'S' if !(flag == b'5' && dialect == Dialect::V7) => return None,
        0 | b'0' if flag == plain && (kind == Kind::File || dialect == Dialect::V7) => return None,
        0 => "NUL".into(),
        b'0' => "0".into(),
        b'7' => "7, contiguous file".into(),
        b'D' => "D, GNU directory listing".into(),
        b'M' => "M, continued from another volume".into(),
        b'N' => "N, old GNU long names".into(),
        b'V' => "V, volume label".into(),
        b'A' => "A, Solaris access list".into(),
        b'E' => "E, Solaris extended attributes".into(),
        b'I' => "I, inode without data".into(),
        other => other.escape_ascii().to_string().into(),
    })
}

/// Fields while they are collected, and the PAX values in effect.
struct Said {
    values: Values,
    fields: Vec<Field>,
    /// Fields that come last: values overridden, and records without a place of their own.
    more: Vec<Field>,
    problems: Vec<Told>,
    sparse: Vec<Record>,
}

impl Said {
    /// Global values, then the member's own over them.
    fn new(pending: &mut Pending, globals: &Values, room: usize) -> Self {
        let fields = Vec::with_capacity(room);
        let values = globals.clone();
        let mut said = Self { values, fields, more: Vec::new(), problems: Vec::new(), sparse: Vec::new() };
        let mut own = BTreeSet::new();
        for record in std::mem::take(&mut pending.records) {
            let Some(known) = Known::of(&record.key) else {
                if sparse::is_part(&record.key) {
                    said.sparse.push(record)
                } else {
                    said.more.push(keep(record))
                }
                continue;
            };
            let before = if own.insert(known) { None } else { said.values.remove(&known) };
            if let Some(before) = before
                && before != record.value
            {
                let key = known.key();
                let message = format!("the PAX record {key} is there twice, and the last counts");
                said.problems.push(("TAR-12", message.into()));
                said.more.push(Field::new(format!("pax:{key}"), Value::Bytes(before)));
            }
            if record.value.is_empty() {
                // An empty value takes back a global one.
                said.values.remove(&known);
                said.more.push(keep(record));
            } else {
                said.values.insert(known, record.value);
            }
        }
        said
    }

    fn field(&mut self, name: &'static str, value: Value) {
        self.fields.push(Field::new(name, value));
    }

    fn has(&self, known: Known) -> bool {
        self.values.contains_key(&known)
    }

    /// A record whose value cannot be used: it stays visible.
    fn refuse(&mut self, known: Known, value: Vec<u8>) {
        let key = known.key();
        self.problems.push(("TAR-12", format!("the PAX record {key} makes no sense").into()));
        self.more.push(Field::new(format!("pax:{key}"), Value::Bytes(value)));
    }

    /// Bytes by record, by GNU long name, or by header. What is overridden is kept unless it is the usual cut.
    fn text(&mut self, known: Known, header: Vec<u8>, long: Option<Vec<u8>>) -> Vec<u8> {
        let (header_name, room) = match known {
            Known::Path => ("header:path", 100),
            Known::Target => ("header:target", 100),
            Known::Owner => ("header:owner", 32),
            _ => ("header:group", 32),
        };
        let value = match (self.values.remove(&known), long) {
            (None, None) => return header,
            (None, Some(long)) => long,
            (Some(value), None) => value,
            (Some(value), Some(long)) => {
                if value != long {
                    let what = if known == Known::Path { "path" } else { "link target" };
                    self.problems.push(("TAR-03", format!("its PAX {what} and its GNU long one differ").into()));
                    self.more.push(Field::new(format!("gnu:{}", known.key()), Value::Bytes(long)));
                }
                value
            }
        };
        let cut = value.get(..room).unwrap_or(&value);
        if header != cut && header != value {
            self.more.push(Field::new(header_name, Value::Bytes(header)));
        }
        value
    }

    fn id(&mut self, known: Known, name: &'static str, header_name: &'static str, field: &[u8]) {
        let header = number(field).value;
        let mut value = header;
        if let Some(text) = self.values.remove(&known) {
            match pax::integer(&text) {
                Some(stated) => {
                    value = stated;
                    if i128::to_string(&stated).as_bytes() != text {
                        let stored = Some(text);
                        self.fields.push(Field { name: name.into(), value: Value::Number(stated), stored });
                        return self.overridden(header_name, header, stated);
                    }
                    self.overridden(header_name, header, stated);
                }
                None => self.refuse(known, text),
            }
        }
        self.field(name, Value::Number(value));
    }

    /// Keeps a number in the header that a record overrides. 0 is usual where the header has too few digits.
    fn overridden(&mut self, header_name: &'static str, header: i128, stated: i128) {
        let fits = (0..=0o777_7777).contains(&stated);
        if header != stated && (fits || header != 0) {
            self.more.push(Field::new(header_name, Value::Number(header)));
        }
    }

    /// A time by record, or by header.
    fn time(&mut self, known: Known, field: Option<&[u8]>) {
        let (name, header_name) = match known {
            Known::Mtime => ("mtime", "header:mtime"),
            Known::Atime => ("atime", "header:atime"),
            _ => ("ctime", "header:ctime"),
        };
        let header = field.map(|field| seconds(number(field).value));
        match self.values.remove(&known).map(|text| (pax::time(&text), text)) {
            Some((Some((value, usual)), text)) => {
                if let (Some(Value::Time(header, _)), Value::Time(stated, _)) = (&header, &value)
                    && header != stated
                {
                    self.more.push(Field::new(header_name, Value::Time(*header, 0)));
                } else if let Some(Value::Number(number)) = header {
                    self.more.push(Field::new(header_name, Value::Number(number)));
                }
                self.fields.push(Field { name: name.into(), value, stored: (!usual).then_some(text) });
                return;
            }
            Some((None, text)) => self.refuse(known, text),
            None => {}
        }
        if let Some(value) = header {
            self.field(name, value);
        }
    }

    /// Stored bytes, by record or by header.
    fn size(&mut self, header: Number) -> i128 {
        let Some(text) = self.values.remove(&Known::Size) else {
            if header.doubtful {
                self.problems.push(("TAR-14", "readers disagree on the number in its size".into()));
            }
            return header.value;
        };
        let Some(size) = pax::integer(&text).filter(|size| *size >= 0) else {
            self.refuse(Known::Size, text);
            return header.value;
        };
        if i128::to_string(&size).as_bytes() != text {
            self.more.push(Field::new("pax:size", Value::Bytes(text)));
        }
        if header.value != size {
            self.more.push(Field::new("header:size", Value::Number(header.value)));
            // Eleven octal digits: 8 GiB.
            if header.value != 0 || size < 1 << 33 {
                let value = header.value;
                let message = format!("its header says {value} bytes and its PAX record {size}: readers disagree");
                self.problems.push(("TAR-01", message.into()));
            }
        }
        size
    }

    /// What only GNU headers have.
    fn gnu(&mut self, block: &Block) {
        let offset = number(block.bytes(GNU_OFFSET));
        if offset.digits > 0 && !offset.doubtful {
            self.field("volume-offset", Value::Number(offset.value));
        }
        let times = [GNU_ATIME, GNU_CTIME, GNU_OFFSET].map(|span| number(block.bytes(span)).doubtful);
        if times.contains(&true) {
            let message = "its GNU header has a prefix, which some readers put before the path";
            self.problems.push(("TAR-16", message.into()));
        }
    }
}

/// A time as a value, or as a number where it is out of range.
fn seconds(value: i128) -> Value {
    i64::try_from(value).map_or(Value::Number(value), |seconds| Value::Time(seconds, 0))
}

/// A record as a field.
pub(super) fn keep(record: Record) -> Field {
    Field::new(format!("pax:{}", display::bytes(&record.key)), Value::Bytes(record.value))
}
