//! One document: which statements are in it, and the checks of each.
//!
//! JSON documents are one value, values one after another, or one value to a line. A value that cannot be read costs
//! its line, not the others.

use super::checksums;
use super::digest::Algorithm;
use super::dsse::{self, Envelope};
use super::keys::{Keys, describe};
use super::recipe;
use super::sigstore::{self, Material, Message};
use super::statement::{self, Statement};
use super::table::{Lines, MOST_PROBLEMS, Table, count, fails, is, sentence, short, unchecked};
use super::{Document, Files, Kind, MOST_BYTES, Work, oss_rebuild, pep740, recognise};
use crate::display;
use crate::error::Fault;
use crate::json::{Json, Reader};
use crate::report::attestation::{Attestation, AttestationPart, AttestationProblem, Signer};

/// Statements of one document.
const MOST_PARTS: usize = 1_000;
/// Values of all statements together.
const MOST_VALUES: u32 = 2_000_000;
/// Lists of bundles inside one another.
const MOST_LISTS: u32 = 4;

/// A document, read.
pub(super) struct Reading<'a> {
    name: &'a str,
    lines: Lines<'a>,
    parts: Vec<Part>,
    checksums: Option<checksums::List>,
    problems: Vec<AttestationProblem>,
    more_problems: usize,
    values: u32,
}

/// One statement, with what comes with it.
pub(super) struct Part {
    pub(super) content: Content,
    pub(super) material: Option<Material>,
    /// The statement in the envelope, or why there is none.
    pub(super) statement: Option<Result<Statement, Fault>>,
    /// The predicate type that the list says this bundle has.
    pub(super) listed: Option<String>,
    /// The publisher that PyPI names.
    pub(super) publisher: Option<Json>,
    /// Whether it is in the form of PEP 740.
    pub(super) pypi: bool,
    /// Why its JSON can be understood in more than one way.
    pub(super) doubt: Option<String>,
    /// What is odd about it, as clauses.
    pub(super) problems: Vec<String>,
    pub(super) line: u64,
    pub(super) offset: u64,
}

/// What was signed.
pub(super) enum Content {
    Envelope(Envelope),
    Message(Message),
    /// A statement that nobody signed.
    Bare,
    /// It cannot be read.
    Broken(Fault),
}

impl Part {
    pub(super) fn of(content: Content) -> Self {
        Self {
            content,
            material: None,
            statement: None,
            listed: None,
            publisher: None,
            pypi: false,
            doubt: None,
            problems: Vec::new(),
            line: 1,
            offset: 0,
        }
    }

    /// The statement, if it could be read.
    pub(super) fn statement(&self) -> Option<&Statement> {
        self.statement.as_ref()?.as_ref().ok()
    }
}

impl<'a> Reading<'a> {
    /// Reads a document.
    pub(super) fn of(document: &Document<'a>) -> Self {
        let mut reading = Self {
            name: document.name,
            lines: Lines::of(document.bytes),
            parts: Vec::new(),
            checksums: None,
            problems: Vec::new(),
            more_problems: 0,
            values: 0,
        };
        if document.bytes.len() as u64 >= MOST_BYTES {
            reading.problem(&Fault::at(MOST_BYTES, format!("only the first {MOST_BYTES} bytes were read")), true);
        }
        if recognise(document.name, document.bytes) == Some(Kind::Checksums) {
            let mut list = checksums::List::read(document);
            for fault in list.problems.drain(..) {
                reading.problem(&fault, false);
            }
            reading.checksums = Some(list);
        } else {
            reading.values(document.bytes);
        }
        reading
    }

    fn problem(&mut self, fault: &Fault, unread: bool) {
        if self.problems.len() < MOST_PROBLEMS {
            let problem = self.lines.problem(fault, unread);
            self.problems.push(problem);
        } else {
            self.more_problems += 1;
        }
    }

    /// Values one after another; line by line from the first that cannot be read.
    fn values(&mut self, bytes: &[u8]) {
        let mut reader = Reader::new(bytes);
        while !reader.is_done() {
            let start = reader.offset();
            match reader.value() {
                Ok(value) => {
                    let before = self.parts.len();
                    let goes_on = self.take(value, start, 0);
                    self.note(&mut reader, 0, before);
                    if !goes_on {
                        return;
                    }
                }
                Err(fault) => {
                    let line = bytes.get(start..).unwrap_or_default().split(|byte| *byte == b'\n').next();
                    // A first line that only opens something belongs to a value of many lines.
                    if line.unwrap_or_default().trim_ascii().len() > 1 {
                        self.each_line(bytes, start);
                    } else {
                        self.broken(fault, start);
                    }
                    return;
                }
            }
        }
        if self.parts.is_empty() {
            self.broken(Fault::at(0, "there is no statement in it"), 0);
        }
    }

    fn each_line(&mut self, bytes: &[u8], from: usize) {
        let mut start = from;
        for line in bytes.get(from..).unwrap_or_default().split(|byte| *byte == b'\n') {
            let mut reader = Reader::new(line);
            while !reader.is_done() {
                let offset = start + reader.offset();
                let before = self.parts.len();
                let value = reader.value();
                let goes_on = match value {
                    Ok(value) => self.take(value, offset, 0),
                    Err(mut fault) => {
                        fault.offset = fault.offset.map(|offset| offset + start as u64);
                        self.broken(fault, offset);
                        break;
                    }
                };
                self.note(&mut reader, start, before);
                if !goes_on {
                    return;
                }
            }
            start += line.len() + 1;
            if self.is_full() {
                self.problem(
                    &Fault::at(start as u64, format!("only the first {MOST_PARTS} statements were read")),
                    true,
                );
                return;
            }
        }
    }

    /// Doubts about the outer JSON, which the statements from `before` on came out of.
    fn note(&mut self, reader: &mut Reader<'_>, from: usize, before: usize) {
        for doubt in reader.doubts() {
            for part in self.parts.get_mut(before..).unwrap_or_default() {
                part.doubt.get_or_insert_with(|| doubt.message.clone());
            }
            self.problem(&Fault::at(doubt.offset + from as u64, doubt.message), false);
        }
    }

    fn is_full(&self) -> bool {
        self.parts.len() >= MOST_PARTS
    }

    fn broken(&mut self, fault: Fault, start: usize) {
        self.put(Part::of(Content::Broken(fault)), start);
    }

    fn put(&mut self, mut part: Part, start: usize) {
        part.line = self.lines.at(start);
        part.offset = start as u64;
        if let Content::Envelope(envelope) = &part.content
            && envelope.is_in_toto()
        {
            part.statement = Some(if self.values < MOST_VALUES {
                Statement::read(&envelope.payload)
            } else {
                Err(Fault::new("the statements before it were too large to read this one too"))
            });
        }
        self.values = self.values.saturating_add(part.statement().map_or(0, |statement| statement.values));
        self.parts.push(part);
    }

    /// Takes a value apart by its shape; false when no more are taken.
    fn take(&mut self, value: Json, start: usize, depth: u32) -> bool {
        if self.is_full() {
            self.problem(&Fault::at(start as u64, format!("only the first {MOST_PARTS} statements were read")), true);
            return false;
        }
        let has = |name: &str| value.get(name).is_some();
        if depth < MOST_LISTS {
            let list = value.get("attestations").and_then(Json::list).or(value.list());
            if let Some(list) = list {
                return list.iter().all(|item| self.take(item.clone(), start, depth + 1));
            }
            if let Some(inner @ Json::Object(_)) = value.get("bundle").or(value.get("attestation")) {
                let before = self.parts.len();
                let goes_on = self.take(inner.clone(), start, depth + 1);
                let listed = value.text_at(&["predicateType"]).map(str::to_owned);
                for part in self.parts.get_mut(before..).unwrap_or_default() {
                    part.listed = listed.clone().or(part.listed.take());
                }
                return goes_on;
            }
        }
        let parts = if has("attestation_bundles") {
            pep740::read_provenance(&value)
        } else if has("verification_material") && has("envelope") {
            vec![pep740::read(&value)]
        } else if has("verificationMaterial") || has("dsseEnvelope") || has("messageSignature") {
            vec![sigstore::read(&value)]
        } else if has("base64Signature") {
            vec![sigstore::read_old(&value)]
        } else if has("payload") || has("payloadType") {
            vec![Part::of(Envelope::read(&value).map_or_else(Content::Broken, Content::Envelope))]
        } else if has("_type") {
            // Read again as a text, so that its doubts are known: an unsigned statement is small.
            let statement = Statement::read(value.compact().as_bytes());
            vec![Part { statement: Some(statement), ..Part::of(Content::Bare) }]
        } else {
            vec![Part::of(Content::Broken(Fault::new("it is JSON, but none of the shapes that are known here")))]
        };
        for part in parts {
            self.put(part, start);
        }
        true
    }

    /// Adds the algorithms of the digests that it states.
    pub(super) fn algorithms(&self, algorithms: &mut Vec<Algorithm>) {
        let mut add = |algorithm| {
            if !algorithms.contains(&algorithm) {
                algorithms.push(algorithm);
            }
        };
        for part in &self.parts {
            part.statement()
                .into_iter()
                .flat_map(|said| &said.subjects)
                .flat_map(statement::Subject::algorithms)
                .for_each(&mut add);
            if let Content::Message(Message { digest: Some((hash, _)), .. }) = &part.content {
                add(sigstore::algorithm_of(*hash));
            }
        }
        if let Some(list) = &self.checksums {
            list.subjects.iter().flat_map(|line| line.subject.algorithms()).for_each(&mut add);
        }
    }

    /// Makes the checks.
    pub(super) fn check(mut self, keys: &Keys, files: &Files<'_>, work: &mut Work) -> Attestation {
        let mut said = Attestation { name: display::bytes(self.name.as_bytes()), ..Attestation::default() };
        let mut table = Table::default();
        if let Some(list) = &self.checksums {
            list.check(files, &mut table, &mut said);
        } else {
            (said.kind, said.title) = self.kind();
            let parts = std::mem::take(&mut self.parts);
            for (index, part) in (0..).zip(&parts) {
                table.part = Some(index);
                let whole = said.kind == "oss-rebuild";
                said.parts.push(self.check_part(part, whole, keys, files, work, &mut table));
            }
            table.part = None;
            if said.kind == "oss-rebuild" {
                said.recipe = oss_rebuild::check(&parts, files, &mut table);
            } else {
                said.recipe = parts.iter().filter_map(Part::statement).find_map(recipe::of_provenance);
            }
        }
        said.checks = table.checks;
        said.problems = self.problems;
        if self.more_problems > 0 {
            let message = format!("There are {} more.", count(self.more_problems, "problem"));
            said.problems.push(AttestationProblem { line: 1, offset: None, decoded: false, message, unread: false });
        }
        said
    }

    fn kind(&self) -> (String, String) {
        let any = |test: &dyn Fn(&Part) -> bool| self.parts.iter().any(test);
        let (kind, title) = if any(&|part| part.statement().is_some_and(oss_rebuild::is_ours)) {
            ("oss-rebuild", "OSS Rebuild attestation bundle")
        } else if any(&|part| part.pypi) {
            ("pep-740", "PyPI provenance (PEP 740)")
        } else if any(&|part| part.material.is_some()) {
            ("sigstore", "Sigstore bundle")
        } else if any(&|part| matches!(part.content, Content::Envelope(_))) {
            ("in-toto", "DSSE envelopes")
        } else if any(&|part| matches!(part.content, Content::Bare)) {
            ("in-toto", "in-toto statement, unsigned")
        } else {
            ("unknown", "Not an attestation that can be read")
        };
        (kind.to_owned(), title.to_owned())
    }

    /// `whole`: whether the document is a bundle that OSS Rebuild reads as a whole or not at all.
    fn check_part(
        &mut self,
        part: &Part,
        whole: bool,
        keys: &Keys,
        files: &Files<'_>,
        work: &mut Work,
        table: &mut Table,
    ) -> AttestationPart {
        let mut shown = AttestationPart { line: part.line, ..AttestationPart::default() };
        let ours = part.statement().is_some_and(oss_rebuild::is_ours);
        if let Some(doubt) = &part.doubt {
            let why = format!("Readers may disagree about what it says: {doubt}.");
            table.add("readable", "The envelope can be understood in one way only", fails(why));
        }
        for message in &part.problems {
            self.problem(&Fault::at(part.offset, message.clone()), false);
        }
        if let Some(material) = &part.material {
            shown.signers = material.certificates.first().map(describe).into_iter().collect();
            if let Some(hint) = &material.hint {
                shown.signers.push(Signer { name: format!("the key “{}”", short(hint)), fields: Vec::new() });
            }
            for message in &material.problems {
                self.problem(&Fault::at(part.offset, message.clone()), true);
            }
        }
        match &part.content {
            Content::Broken(fault) => {
                shown.title = "Cannot be read".to_owned();
                let refused = if whole {
                    " OSS Rebuild's own reader refuses the whole bundle for it; the rest was read here all the same."
                } else {
                    ""
                };
                let why = format!("Line {}: {}{refused}", part.line, sentence(&fault.to_string()));
                table.add("readable", "The statement can be read", fails(why));
                self.problem(&Fault::at(fault.offset.unwrap_or(part.offset), fault.message.clone()), true);
                return shown;
            }
            Content::Bare => {
                let why = "Nobody signed it: anyone could have written it.";
                table.add("signature", "The statement is signed", unchecked(why));
            }
            Content::Message(message) => {
                shown.title = "Signature over a file".to_owned();
                shown.claims = message.claims();
                let none = Material::default();
                let material = part.material.as_ref().unwrap_or(&none);
                sigstore::check_message(message, material, keys, files, work, table);
            }
            Content::Envelope(envelope) => {
                for message in &envelope.problems {
                    self.problem(&Fault::at(part.offset, message.clone()), false);
                }
                match &part.material {
                    Some(material) => sigstore::check_envelope(envelope, material, keys, work, table),
                    None => {
                        shown.signers = dsse::signers(envelope);
                        let (what, outcome) = dsse::check(envelope, keys, ours, work);
                        table.add("signature", what, outcome);
                    }
                }
                let kind = short(&envelope.payload_type);
                if part.statement.is_none() {
                    shown.title = format!("Payload of the type {kind}");
                    let why = format!("The payload is of the type “{kind}”, which is not an in-toto statement.");
                    table.add("statement", "The payload is a statement", unchecked(why));
                }
                if envelope.payload_type == dsse::IN_TOTO_LEGACY {
                    shown.fields.push(("payload type".to_owned(), format!("{kind}, the older one of OSS Rebuild")));
                }
            }
        }
        match &part.statement {
            Some(Ok(statement)) => {
                shown.title = if ours { oss_rebuild::title(statement) } else { statement.title() };
                self.check_statement(part, statement, &mut shown, files, table, ours);
            }
            Some(Err(fault)) => {
                shown.title = "Cannot be read".to_owned();
                table.add("statement", "The payload is a statement", fails(sentence(&fault.to_string())));
                self.add_decoded(part, fault, true);
            }
            None => {}
        }
        shown
    }

    fn check_statement(
        &mut self,
        part: &Part,
        statement: &Statement,
        shown: &mut AttestationPart,
        files: &Files<'_>,
        table: &mut Table,
        ours: bool,
    ) {
        shown.claims = if ours { oss_rebuild::claims(statement) } else { statement.claims() };
        shown.fields.extend(statement.fields());
        for doubt in &statement.doubts {
            self.add_decoded(part, &Fault::at(doubt.offset, doubt.message.clone()), false);
        }
        for message in &statement.problems {
            self.problem(&Fault::at(part.offset, message.clone()), false);
        }
        if let Some(why) = statement.doubt() {
            table.add("statement", "The statement can be understood in one way only", fails(why));
        }
        if let Some(listed) = &part.listed {
            let outcome = is(
                *listed == statement.predicate_type,
                format!("The list and the statement both say “{}”.", short(listed)),
                format!("The list says “{}”, the statement “{}”.", short(listed), short(&statement.predicate_type)),
            );
            table.add("predicate-type", "It is of the kind that the list says", outcome);
        }
        if let Some(publisher) = &part.publisher {
            let leaf = part.material.as_ref().and_then(|material| material.certificates.first());
            let outcome = pep740::check_publisher(publisher, leaf);
            table.add("publisher", "The certificate is of the publisher that PyPI names", outcome);
            for (name, value) in publisher.members() {
                let value = value.text().map_or_else(|| short(&value.compact()), short);
                shown.fields.push((format!("publisher {}", short(name)), value));
            }
        }
        if !ours {
            statement::check_subjects(statement, files, table);
        }
    }

    /// A problem inside the decoded payload of an envelope.
    fn add_decoded(&mut self, part: &Part, fault: &Fault, unread: bool) {
        let message = sentence(&fault.message);
        let decoded = !matches!(part.content, Content::Bare);
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(AttestationProblem { line: part.line, offset: fault.offset, decoded, message, unread });
        } else {
            self.more_problems += 1;
        }
    }
}
