//! Lists of checksums: a digest and a file's name to a line, as the tools of GNU and BSD write them; a bare digest in a
//! file named after what it is of; a wheel's RECORD; npm's `integrity`.

use super::digest::{Algorithm, from_hex};
use super::statement::{Match, Subject, joined, weakness};
use super::table::{Table, count, fails, holds, short, unchecked};
use super::{Document, Dropped, Files};
use crate::artifact::Side;
use crate::base64;
use crate::display;
use crate::error::Fault;
use crate::json::{self, Json};
use crate::report::attestation::{Attestation, AttestationPart, CheckResult, Claim, ClaimedDigest};

/// Lines of one list.
const MOST_LINES: usize = 1_000_000;
/// Lines that are shown.
const MOST_LISTED: usize = 100;
/// Bad lines that are named.
const MOST_BAD: usize = 20;

/// A list, read.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) subjects: Vec<Line>,
    style: Option<Style>,
    /// Whether OpenPGP's signature stands around it.
    signed: bool,
    pub(super) problems: Vec<Fault>,
}

/// One line.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) subject: Subject,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `digest  name`.
    Gnu,
    /// `SHA256 (name) = digest`.
    Bsd,
    /// The digest alone.
    Bare,
    /// `path,sha256=digest,size`: members of a wheel.
    Record,
    /// `sha512-…`, alone or in a registry's description of a file.
    Npm,
}

/// Endings of files that hold one digest, or a list by one algorithm.
const ENDINGS: &[(&str, Algorithm)] = &[
    (".md5", Algorithm::Md5),
    (".sha1", Algorithm::Sha1),
    (".sha224", Algorithm::Sha224),
    (".sha256", Algorithm::Sha256),
    (".sha384", Algorithm::Sha384),
    (".sha512", Algorithm::Sha512),
    (".md5sum", Algorithm::Md5),
    (".sha1sum", Algorithm::Sha1),
    (".sha256sum", Algorithm::Sha256),
    (".sha512sum", Algorithm::Sha512),
];

const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";

/// The file's name without an ending such as `.sha256`, and the algorithm that it says.
fn ending(name: &str) -> Option<(&str, Algorithm)> {
    let lower = name.to_ascii_lowercase();
    let (ending, algorithm) = ENDINGS.iter().find(|(ending, _)| lower.ends_with(ending))?;
    Some((name.get(..name.len() - ending.len())?, *algorithm))
}

/// Reads one line; `None` if it is not one of a list. `file` is the name of the list: it may say how the line is meant.
pub(super) fn line(text: &str, file: &str) -> Option<(Style, Subject)> {
    record(text)
        .map(|subject| (Style::Record, subject))
        .or_else(|| bsd(text).map(|subject| (Style::Bsd, subject)))
        .or_else(|| gnu(text, file))
        .or_else(|| integrity(text.trim(), "").map(|subject| (Style::Npm, subject)))
}

/// A subject with one digest, if that is as long as the algorithm's are.
fn subject(algorithm: Algorithm, value: &[u8], name: &str) -> Option<Subject> {
    let digests = vec![(algorithm.name().to_owned(), display::hex(value))];
    (value.len() == algorithm.size()).then(|| Subject { name: name.to_owned(), digests })
}

/// A line of a wheel's RECORD. The last two commas count: a path may have some.
fn record(text: &str) -> Option<Subject> {
    let (rest, size) = text.rsplit_once(',').filter(|(_, size)| size.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (path, digest) = rest.rsplit_once(',').filter(|(path, _)| !path.is_empty())?;
    let quoted = path.strip_prefix('"').and_then(|path| path.strip_suffix('"'));
    let path = quoted.map_or(path.to_owned(), |path| path.replace("\"\"", "\""));
    if digest.is_empty() && size.is_empty() && path.ends_with("RECORD") {
        return Some(Subject { name: path, digests: Vec::new() });
    }
    let (algorithm, value) = digest.split_once('=')?;
    subject(Algorithm::by_name(algorithm)?, &base64::decode(value).ok()?, &path)
}

/// `SHA256 (name) = digest`; OpenSSL leaves out the spaces.
fn bsd(text: &str) -> Option<Subject> {
    let (start, digits) = text.rsplit_once('=')?;
    let (algorithm, name) = start.trim_end().strip_suffix(')')?.split_once('(')?;
    subject(Algorithm::by_name(algorithm)?, &from_hex(digits.trim())?, name)
}

/// `digest  name`: a backslash in front says that the name is escaped; a star before the name, that it was read as bytes.
fn gnu(text: &str, file: &str) -> Option<(Style, Subject)> {
    let (escaped, rest) = text.strip_prefix('\\').map_or((false, text), |rest| (true, rest));
    let digits = rest.split([' ', '\t']).next().unwrap_or_default();
    let value = from_hex(digits)?;
    let stated = ending(file);
    let algorithm = stated.map(|(_, algorithm)| algorithm).filter(|algorithm| algorithm.size() == value.len());
    let algorithm = algorithm.or(Algorithm::by_size(value.len()))?;
    let after = rest.get(digits.len()..).unwrap_or_default();
    let name = match (after.get(..2), after.trim()) {
        (Some("  " | " *"), _) => after.get(2..).unwrap_or_default().to_owned(),
        // A digest alone is one only where the file's name says so: many things are 40 hex digits.
        (_, "") => {
            let (name, stated) = stated?;
            return subject(stated, &value, name).map(|subject| (Style::Bare, subject));
        }
        (_, name) if stated.is_some() => name.trim_start_matches('*').to_owned(),
        _ => return None,
    };
    let name = if escaped { name.replace("\\n", "\n").replace("\\r", "\r").replace("\\\\", "\\") } else { name };
    let subject = subject(algorithm, &value, &name).filter(|_| !name.is_empty())?;
    Some((Style::Gnu, subject))
}

/// npm's `integrity`: algorithm, dash, base64; several are separated by spaces (W3C Subresource Integrity).
fn integrity(text: &str, name: &str) -> Option<Subject> {
    let mut digests = Vec::new();
    for part in text.split_ascii_whitespace() {
        let (algorithm, value) = part.split_once('-')?;
        let (algorithm, value) = (Algorithm::by_name(algorithm)?, base64::decode(value).ok()?);
        if value.len() != algorithm.size() {
            return None;
        }
        digests.push((algorithm.name().to_owned(), display::hex(&value)));
    }
    (!digests.is_empty()).then(|| Subject { name: name.to_owned(), digests })
}

impl List {
    /// Reads a list; lines that are none become problems.
    pub(super) fn read(document: &Document<'_>) -> Self {
        let mut list = Self::default();
        if document.bytes.trim_ascii_start().starts_with(b"{") {
            list.read_json(document.bytes);
            return list;
        }
        let (mut offset, mut bad) = (0, 0usize);
        let mut in_headers = false;
        for bytes in document.bytes.split_inclusive(|byte| *byte == b'\n') {
            let start = offset as u64;
            offset += bytes.len();
            let text = String::from_utf8_lossy(bytes);
            let mut text = text.trim_end_matches(['\r', '\n']).trim_start_matches('\u{feff}');
            if text == SIGNED {
                (list.signed, in_headers) = (true, true);
                continue;
            }
            if text == SIGNATURE {
                break;
            }
            if in_headers {
                in_headers = !text.is_empty();
                continue;
            }
            if list.signed {
                text = text.strip_prefix("- ").unwrap_or(text);
            }
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            match line(text, document.name) {
                _ if list.subjects.len() == MOST_LINES => {
                    list.problems.push(Fault::at(start, format!("only the first {MOST_LINES} lines were read")));
                    break;
                }
                Some((style, subject)) => {
                    list.style.get_or_insert(style);
                    list.subjects.push(Line { subject });
                }
                None => {
                    bad += 1;
                    if bad <= MOST_BAD {
                        list.problems.push(Fault::at(start, "this line is not a digest and a name"));
                    }
                }
            }
        }
        if bad > MOST_BAD {
            list.problems.push(Fault::new(format!("{} more are no digest and name", count(bad - MOST_BAD, "line"))));
        }
        list
    }

    /// What a registry says about a file: `npm view NAME dist --json`.
    fn read_json(&mut self, bytes: &[u8]) {
        self.style = Some(Style::Npm);
        let text = match json::read(bytes) {
            Ok(text) => text,
            Err(fault) => return self.problems.push(fault),
        };
        self.problems.extend(text.doubts.into_iter().map(|doubt| Fault::at(doubt.offset, doubt.message)));
        let stated = |name: &str| text.value.get(name).and_then(Json::text);
        let name = stated("tarball").and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        let mut subject = stated("integrity")
            .and_then(|text| integrity(text, name))
            .unwrap_or(Subject { name: name.to_owned(), digests: Vec::new() });
        if let Some(digits) = stated("shasum") {
            subject.digests.push(("sha1".to_owned(), digits.to_owned()));
        }
        self.subjects.push(Line { subject });
    }

    fn title(&self) -> &'static str {
        match self.style {
            Some(Style::Record) => "RECORD of a wheel",
            Some(Style::Npm) => "Integrity of an npm package",
            Some(Style::Bare) => "Checksum",
            _ => "List of checksums",
        }
    }

    /// Compares the list with the dropped files.
    pub(super) fn check(&self, files: &Files<'_>, table: &mut Table, said: &mut Attestation) {
        (said.kind, said.title) = ("checksums".to_owned(), self.title().to_owned());
        let listed: Vec<ClaimedDigest> =
            self.subjects.iter().take(MOST_LISTED).flat_map(|line| line.subject.claimed()).collect();
        let mut claims = vec![Claim {
            sentence: format!("{} with these digests.", count(self.subjects.len(), "file")),
            digests: listed,
        }];
        if self.subjects.len() > MOST_LISTED {
            let more = self.subjects.len() - MOST_LISTED;
            claims.push(Claim { sentence: format!("{} not shown.", count(more, "more file")), digests: Vec::new() });
        }
        said.parts.push(AttestationPart { title: said.title.clone(), line: 1, claims, ..AttestationPart::default() });
        let signature = match self.signed {
            true => "There is an OpenPGP signature around it; those are not checked here.",
            false => "A list of checksums is not signed: it is worth what the place is worth that it came from.",
        };
        table.add("signature", "The list is signed", unchecked(signature));
        self.compare(files, table);
    }

    fn compare(&self, files: &Files<'_>, table: &mut Table) {
        const WHAT: &str = "The file is as the list says";
        let found = files.as_ref().map(|file| file.as_ref().map(|file| self.find(file)));
        let any =
            Side::BOTH.into_iter().any(|side| matches!(found.get(side), Some(Found::Named(..) | Found::Elsewhere(..))));
        let mut lines = 0;
        for side in Side::BOTH {
            let (Some(found), Some(file)) = (found.get(side), files.get(side)) else { continue };
            lines += 1;
            table.about(side, "subject", WHAT, self.verdict(side, file, found, any));
        }
        if lines == 0 {
            table.add("subject", WHAT, unchecked("No artifact was given with it."));
        }
    }

    fn find(&self, file: &Dropped<'_>) -> Found<'_> {
        let path =
            |line: &&Line| line.subject.name == file.name || line.subject.name.strip_prefix("./") == Some(file.name);
        let mut named = self.subjects.iter().filter(path).peekable();
        if named.peek().is_some() {
            // One file, several algorithms: all must be right.
            let mut algorithms = Vec::new();
            for Line { subject } in named {
                match subject.compare(&file.digests) {
                    Match::Equal(equal) => algorithms.extend(equal),
                    Match::Unequal => return Found::Wrong(subject),
                    Match::Unknown => {}
                }
            }
            return if algorithms.is_empty() { Found::Unknown } else { Found::Named(algorithms) };
        }
        let mut wrong = None;
        for Line { subject } in &self.subjects {
            match subject.compare(&file.digests) {
                Match::Equal(equal) if subject.name.is_empty() || subject.is_called(file.name) => {
                    return Found::Named(equal);
                }
                Match::Equal(equal) => return Found::Elsewhere(subject, equal),
                Match::Unequal if subject.name.is_empty() || subject.is_called(file.name) => {
                    wrong = wrong.or(Some(subject))
                }
                _ => {}
            }
        }
        wrong.map_or(Found::Nowhere, Found::Wrong)
    }

    fn verdict(&self, side: Side, file: &Dropped<'_>, found: &Found<'_>, any: bool) -> (CheckResult, String) {
        let letter = side.letter();
        if let Some(error) = &file.error {
            return unchecked(format!("{letter} cannot be read: {error}."));
        }
        match found {
            Found::Named(algorithms) => {
                holds(format!("{} of {letter} is the one listed.{}", joined(algorithms), weakness(algorithms)))
            }
            Found::Elsewhere(subject, algorithms) => holds(format!(
                "{letter} is not listed by its name, but its digest is: as “{}”, by {}.{}",
                short(&subject.name),
                joined(algorithms),
                weakness(algorithms)
            )),
            Found::Wrong(subject) => {
                fails(format!("{letter} is listed, with another digest: {}.", file.actual(subject)))
            }
            Found::Unknown => unchecked(format!("{letter} is listed by no digest that can be computed here.")),
            Found::Nowhere if self.style == Some(Style::Record) => {
                unchecked(format!("A RECORD lists the members of a wheel; {letter} is not one of them."))
            }
            Found::Nowhere if any => unchecked(format!("{letter} is not in the list.")),
            Found::Nowhere => fails(format!("Neither name nor digest of {letter} is in the list.")),
        }
    }
}

/// Where a file stands in a list.
enum Found<'l> {
    /// Under its name, with its digest.
    Named(Vec<Algorithm>),
    /// Its digest, under another name.
    Elsewhere(&'l Subject, Vec<Algorithm>),
    /// Its name, with another digest.
    Wrong(&'l Subject),
    /// Its name, without a digest that can be computed.
    Unknown,
    /// Not at all.
    Nowhere,
}
