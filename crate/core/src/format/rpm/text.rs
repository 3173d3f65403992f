//! What a main header says in arrays that belong together, as texts that can be compared line by line.

use std::fmt::Write as _;

use super::file::{List, NUMBERS};
use super::header::Header;
use crate::display;
use crate::entry::Value;

/// Relations to other packages: how the text is called; the tags of names, senses and versions; the tag that says which
/// script an entry belongs to, if it belongs to one.
pub(super) const RELATIONS: [(&str, u32, u32, u32, Option<u32>); 14] = [
    ("provides", 1047, 1112, 1113, None),
    ("requires", 1049, 1048, 1050, None),
    ("conflicts", 1054, 1053, 1055, None),
    ("obsoletes", 1090, 1114, 1115, None),
    ("order", 5035, 5037, 5036, None),
    ("recommends", 5046, 5048, 5047, None),
    ("suggests", 5049, 5051, 5050, None),
    ("supplements", 5052, 5054, 5053, None),
    ("enhances", 5055, 5057, 5056, None),
    ("old-suggests", 1156, 1158, 1157, None),
    ("old-enhances", 1159, 1161, 1160, None),
    ("triggers", 1066, 1068, 1067, Some(1069)),
    ("file-triggers", 5069, 5072, 5071, Some(5070)),
    ("trans-file-triggers", 5079, 5082, 5081, Some(5080)),
];

/// Time, author and text of the entries of the change log.
pub(super) const CHANGES: [u32; 3] = [1080, 1081, 1082];

/// What else the sense of a relation says (`rpmsenseFlags` of rpm's interface).
const SENSES: [(u32, &str); 23] = [
    (5, "posttrans"),
    (6, "prereq"),
    (7, "pretrans"),
    (8, "interp"),
    (9, "pre"),
    (10, "post"),
    (11, "preun"),
    (12, "postun"),
    (13, "verify"),
    (14, "find-requires"),
    (15, "find-provides"),
    (16, "triggerin"),
    (17, "triggerun"),
    (18, "triggerpostun"),
    (19, "missingok"),
    (20, "preuntrans"),
    (21, "postuntrans"),
    (24, "rpmlib"),
    (25, "triggerprein"),
    (26, "keyring"),
    (27, "strong"),
    (28, "config"),
    (29, "meta"),
];

/// What the flags of a file say (`rpmfileAttrs`).
const FLAGS: [(u32, &str); 11] = [
    (0, "config"),
    (1, "doc"),
    (2, "icon"),
    (3, "missingok"),
    (4, "noreplace"),
    (5, "specfile"),
    (6, "ghost"),
    (7, "license"),
    (8, "readme"),
    (11, "pubkey"),
    (12, "artifact"),
];

/// Everything is verified.
const ALL: u64 = 0xffff_ffff;

/// A text that may not grow beyond what is left for all of them.
struct Text<'a> {
    text: String,
    left: &'a mut u64,
}

impl Text<'_> {
    /// False once there is no room.
    fn push(&mut self, part: &str) -> bool {
        match self.left.checked_sub(part.len() as u64) {
            Some(left) => {
                *self.left = left;
                self.text.push_str(part);
                true
            }
            None => false,
        }
    }
}

/// One relation a line, as `name >= version [senses]`; `None` if the arrays do not belong together, or are too long.
pub(super) fn relations(header: &Header, tags: (u32, u32, u32, Option<u32>), left: &mut u64) -> Option<Vec<u8>> {
    let (names, senses, versions, index) = tags;
    let count = header.count(names);
    // Packages of old have names only.
    let fits = |id: u32| [0, count].contains(&header.count(id));
    if count == 0 || !fits(senses) || !fits(versions) || index.is_some_and(|index| header.count(index) != count) {
        return None;
    }
    let (mut senses, mut versions) = (header.numbers(senses), header.texts(versions));
    let mut index = index.map(|index| header.numbers(index));
    let mut text = Text { text: String::new(), left };
    for name in header.texts(names) {
        let mut line = String::new();
        if let Some(script) = index.as_mut().and_then(Iterator::next) {
            let _ = write!(line, "{}: ", script.saturating_add(1));
        }
        let sense = senses.next().unwrap_or_default();
        let version = versions.next().unwrap_or_default();
        line.push_str(&word(name));
        let compared = match sense >> 1 & 7 {
            0 => "",
            1 => "<",
            2 => ">",
            3 => "<>",
            4 => "=",
            5 => "<=",
            6 => ">=",
            _ => "<=>",
        };
        if !version.is_empty() || !compared.is_empty() {
            let compared = if compared.is_empty() { "?" } else { compared };
            let _ = write!(line, " {compared} {}", word(version));
        }
        if let Some(senses) = flags(sense & !0xe, &SENSES) {
            let _ = write!(line, " [{senses}]");
        }
        line.push('\n');
        if !text.push(&line) {
            return None;
        }
    }
    Some(text.text.into_bytes())
}

/// The change log: an entry's time and author, then its text, further in.
pub(super) fn changes(header: &Header, left: &mut u64) -> Option<Vec<u8>> {
    let [times, names, texts] = CHANGES;
    let count = header.count(texts);
    if count == 0 || header.count(times) != count || header.count(names) != count {
        return None;
    }
    let mut text = Text { text: String::new(), left };
    let entries = header.numbers(times).zip(header.texts(names)).zip(header.texts(texts));
    for ((time, name), entry) in entries {
        if !text.push(&format!("* {} {}\n", moment(time), display::bytes(name))) {
            return None;
        }
        for line in entry.split(|byte| *byte == b'\n') {
            if !text.push(&format!("  {}\n", display::bytes(line))) {
                return None;
            }
        }
    }
    Some(text.text.into_bytes())
}

/// What is said of each file, by subject: what is installed, its contents, its times, and numbers that only the build
/// knows. `None` if that is too long.
pub(super) fn files(list: &List<'_>, left: &mut u64) -> Option<[(&'static str, Vec<u8>); 4]> {
    let texts = ["files", "file-contents", "file-times", "file-numbers"];
    let [mut installed, mut contents, mut times, mut numbers] = [(); 4].map(|()| String::new());
    for file in &list.files {
        // Paths may be short, and their folder long.
        let room = (file.path_length() as u64).saturating_mul(4);
        if room > *left {
            return None;
        }
        let before = installed.len() + contents.len() + times.len() + numbers.len();
        let path = word(&file.path());
        let _ = write!(installed, "{:06o} {}:{} {path}", file.mode, word(file.user), word(file.group));
        if !file.link.is_empty() {
            let _ = write!(installed, " -> {}", word(file.link));
        }
        if file.rdev != 0 {
            let _ = write!(installed, " device={}", file.rdev);
        }
        if let Some(flags) = flags(file.flags, &FLAGS) {
            let _ = write!(installed, " [{flags}]");
        }
        if let Some(verify) = file.verify.filter(|verify| *verify != ALL) {
            let _ = write!(installed, " verify={verify:#x}");
        }
        for (name, value) in [("lang", file.language), ("caps", file.capability), ("context", file.context)] {
            if !value.is_empty() {
                let _ = write!(installed, " {name}={}", word(value));
            }
        }
        installed.push('\n');
        let digest = if file.digest.is_empty() { "-".into() } else { word(file.digest) };
        let _ = writeln!(contents, "{digest} {} {path}", file.size);
        let _ = writeln!(times, "{} {path}", moment(file.mtime));
        let shown = NUMBERS.iter().zip(file.numbers).filter_map(|((name, _), number)| Some((name, number?)));
        for (name, number) in shown {
            let _ = write!(numbers, "{name}={number} ");
        }
        let _ = writeln!(numbers, "{path}");
        let after = installed.len() + contents.len() + times.len() + numbers.len();
        *left = left.checked_sub((after - before) as u64)?;
    }
    let written = [installed, contents, times, numbers].map(String::into_bytes);
    let mut written = written.into_iter();
    Some(texts.map(|name| (name, written.next().unwrap_or_default())))
}

/// Any texts, one a line.
pub(super) fn lines<'a>(texts: impl Iterator<Item = &'a [u8]>, left: &mut u64) -> Option<Vec<u8>> {
    let mut text = Text { text: String::new(), left };
    for line in texts {
        if !text.push(&display::bytes(line)) || !text.push("\n") {
            return None;
        }
    }
    Some(text.text.into_bytes())
}

/// Any numbers, one a line.
pub(super) fn numbers(numbers: impl Iterator<Item = u64>, left: &mut u64) -> Option<Vec<u8>> {
    let mut text = Text { text: String::new(), left };
    for number in numbers {
        if !text.push(&format!("{number}\n")) {
            return None;
        }
    }
    Some(text.text.into_bytes())
}

/// A name in a line: escaped, and in quotes where it could be taken for two. Boolean dependencies are in parentheses,
/// and so need none.
fn word(bytes: &[u8]) -> String {
    let text = display::bytes(bytes);
    let grouped = text.starts_with('(') && text.ends_with(')');
    if text.is_empty() || text.starts_with('"') || (text.contains(' ') && !grouped) {
        format!("\"{text}\"")
    } else {
        text
    }
}

/// Bits by name, unknown ones as a number; `None` if none is set.
fn flags(bits: u64, names: &[(u32, &str)]) -> Option<String> {
    let mut left = bits;
    let mut text = String::new();
    for (bit, name) in names {
        if bits >> bit & 1 == 1 {
            left &= !(1 << bit);
            let _ = write!(text, "{}{name}", if text.is_empty() { "" } else { "," });
        }
    }
    if left != 0 {
        let _ = write!(text, "{}{left:#x}", if text.is_empty() { "" } else { "," });
    }
    (!text.is_empty()).then_some(text)
}

fn moment(seconds: u64) -> String {
    display::value(&Value::Time(i64::try_from(seconds).unwrap_or(i64::MAX), 0))
}
