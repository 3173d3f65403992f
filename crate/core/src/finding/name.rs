//! One name: characters and parts that readers, systems and people take differently.

use super::link::outside;
use super::path::Place;
use super::{Found, bytes, shown};
use crate::display;
use crate::entry::Severity::{Conflict, Medium};
use crate::reading::{Node, NodeId};

/// Fields that hold another name of an entry: readers that use it must not be led astray either.
const OTHERS: [&str; 6] = ["header:path", "local:name", "unicode-path", "local:unicode-path", "pax:path", "gnu:path"];

/// Checks the name of an entry, and its other names.
pub(super) fn check(found: &mut Found<'_>, id: NodeId, node: &Node, place: Place) {
    dangerous(found, id, &node.path);
    for field in OTHERS {
        if let Some(other) = bytes(node, field) {
            dangerous(found, id, other);
        }
    }
    let path = shown(&node.path);
    if node.path.contains(&b'\\') {
        let severity = place.unless(&[Place::Deb], Conflict);
        found.raise_as(severity, "PATH-03", id, format_args!("{path} contains a backslash"));
    }
    if std::str::from_utf8(&node.path).is_err() {
        found.raise("PATH-08", id, format_args!("{path} is not UTF-8"));
    }
    size(found, id, &node.path);
    if let Some(part) = node.path.split(|byte| *byte == b'/').find(|part| not_on_windows(part)) {
        // Names made on Unix for Unix have colons and question marks in them.
        let severity = place.unless(&[Place::Tar, Place::Deb, Place::Jar], Medium);
        found.raise_as(severity, "PATH-09", id, format_args!("Windows cannot have {} in {path}", shown(part)));
    }
    if node.path.is_ascii() {
        return;
    }
    let text = String::from_utf8_lossy(&node.path);
    if let Some(word) = text.split(|letter: char| !letter.is_alphanumeric()).find(|word| mixed(word)) {
        found.raise("PATH-15", id, format_args!("{word} in {path} mixes letters of several scripts that look alike"));
    }
}

/// What leads elsewhere or hides.
pub(super) fn dangerous(found: &mut Found<'_>, id: NodeId, path: &[u8]) {
    let name = shown(path);
    if path.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b"..") {
        found.raise("PATH-01", id, format_args!("{name} leads upwards"));
    }
    if outside(path) {
        found.raise("PATH-02", id, format_args!("{name} is absolute"));
    }
    if path.contains(&0) {
        found.raise("PATH-17", id, format_args!("{name} contains NUL"));
    }
    if let Some(hidden) = hidden(path) {
        let code = u32::from(hidden);
        found.raise("PATH-07", id, format_args!("{name} contains the invisible character U+{code:04X}"));
    }
}

/// The first character that is not seen, except where it belongs to a pictogram.
fn hidden(path: &[u8]) -> Option<char> {
    if path.iter().all(|byte| matches!(byte, 0x20..0x7f)) {
        return None;
    }
    let mut before = ' ';
    for letter in path.utf8_chunks().flat_map(|chunk| chunk.valid().chars()) {
        let pictogram = matches!(letter, '\u{fe0f}' | '\u{200d}') && before >= '\u{2000}';
        if letter != '\0' && display::is_hidden(letter) && !pictogram {
            return Some(letter);
        }
        before = letter;
    }
    None
}

fn size(found: &mut Found<'_>, id: NodeId, path: &[u8]) {
    let parts = path.split(|byte| *byte == b'/');
    let depth = parts.clone().count();
    let longest = parts.map(<[u8]>::len).max().unwrap_or_default();
    let why = if path.is_empty() {
        "the name is empty".to_owned()
    } else if longest > 255 {
        format!("a part of the name has {longest} bytes")
    } else if path.len() > 4096 {
        format!("the name has {} bytes", path.len())
    } else if depth > 100 {
        format!("the name has {depth} levels")
    } else {
        return;
    };
    found.raise("PATH-14", id, format_args!("{why}: {}", shown(path)));
}

/// Whether Windows has no file of this name, or another one.
fn not_on_windows(part: &[u8]) -> bool {
    const DEVICES: [&[u8]; 6] = [b"con", b"prn", b"aux", b"nul", b"conin$", b"conout$"];
    if matches!(part, b"" | b"." | b"..") {
        return false;
    }
    let low = part.to_ascii_lowercase();
    let stem = low.split(|byte| *byte == b'.').next().unwrap_or_default().trim_ascii_end();
    let port = stem.strip_prefix(b"com").or_else(|| stem.strip_prefix(b"lpt"));
    let port = port.is_some_and(|number| matches!(number, [b'1'..=b'9'] | [0xc2, 0xb2 | 0xb3 | 0xb9]));
    part.iter().any(|byte| b"<>:\"|?*".contains(byte))
        || matches!(part.last(), Some(b'.' | b' '))
        || DEVICES.contains(&stem)
        || port
}

/// Whether a word has Latin letters and letters that only look Latin.
fn mixed(word: &str) -> bool {
    // Cyrillic and Greek letters that are drawn like Latin ones.
    const ALIKE: &str = "аеорсухіјѕԁӏѵԛԝАВЕКМНОРСТУХІЈЅοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";
    !word.is_ascii()
        && word.chars().any(|letter| letter.is_ascii_alphabetic())
        && word.chars().any(|letter| ALIKE.contains(letter))
}
