//! What is handed to others: a finished comparison, or one artifact inspected, as the bytes of one file.
//!
//! One file per output: [`html`], [`sarif`], [`markdown`], [`csv`], [`patch`], [`json`]. What may not be told is withheld
//! first ([`redact`]), from the report and from what [`material`] opens beside it, so that no output has to think of it.
//! Names and contents are data in every one of them: each output escapes for its own reader, and nothing that an artifact
//! holds becomes markup, a link, a formula, or a terminal's command. Same input, same bytes: no clock, no randomness, and
//! texts are compared within a bound of work, not of time.

mod csv;
mod escape;
mod html;
mod json;
mod markdown;
mod material;
mod patch;
mod redact;
mod sarif;
#[cfg(test)]
mod tests;
mod words;

pub use escape::visible;
pub use json::json;
pub use redact::Redaction;

use std::borrow::Cow;

use crate::artifact::{Side, Sides};
use crate::comparison::Comparison;
use crate::error::Error;
use crate::report::{Inspection, Report};
use material::{Bounds, Material};

/// An output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A page that needs nothing else, for people.
    Html,
    /// The report itself, `twinspect-report/1`.
    Json,
    /// Static analysis results, SARIF 2.1.0.
    Sarif,
    /// Text for an issue.
    Markdown,
    /// A table of the entries, RFC 4180.
    Csv,
    /// The differences of texts, as `git apply` and `patch` take them.
    Patch,
    /// An equivalence as an in-toto statement.
    InToto,
}

/// What there is to know about an output.
#[derive(Clone, Copy, Debug)]
pub struct FormatInfo {
    /// Which.
    pub format: Format,
    /// Its name on a command line.
    pub id: &'static str,
    /// Its name on screen.
    pub title: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    /// The name of a file that is saved: fixed, never from an artifact.
    pub file: &'static str,
    /// Its media type.
    pub media: &'static str,
    /// How the names of its files end; the first that fits, from the top of the table, tells the output.
    pub endings: &'static [&'static str],
    /// Whether one artifact alone can be written so.
    pub inspects: bool,
}

/// Every output.
pub const FORMATS: &[FormatInfo] = &[
    FormatInfo {
        format: Format::Html,
        id: "html",
        title: "HTML",
        about: "one page without scripts, to read and print",
        file: "twinspect-report.html",
        media: "text/html",
        endings: &[".html", ".htm"],
        inspects: true,
    },
    FormatInfo {
        format: Format::Markdown,
        id: "markdown",
        title: "Markdown",
        about: "text for an issue",
        file: "twinspect-report.md",
        media: "text/markdown",
        endings: &[".md", ".markdown"],
        inspects: true,
    },
    FormatInfo {
        format: Format::Sarif,
        id: "sarif",
        title: "SARIF",
        about: "SARIF 2.1.0, for code scanning",
        file: "twinspect-report.sarif",
        media: "application/sarif+json",
        endings: &[".sarif", ".sarif.json"],
        inspects: true,
    },
    FormatInfo {
        format: Format::InToto,
        id: "in-toto",
        title: "in-toto",
        about: "an equivalence as a statement, unsigned",
        file: "twinspect-statement.intoto.json",
        media: "application/vnd.in-toto+json",
        endings: &[".intoto.json", ".in-toto.json", ".intoto"],
        inspects: false,
    },
    FormatInfo {
        format: Format::Json,
        id: "json",
        title: "JSON",
        about: "the whole report, for programs",
        file: "twinspect-report.json",
        media: "application/json",
        endings: &[".json"],
        inspects: true,
    },
    FormatInfo {
        format: Format::Csv,
        id: "csv",
        title: "CSV",
        about: "a table of the entries",
        file: "twinspect-entries.csv",
        media: "text/csv",
        endings: &[".csv"],
        inspects: true,
    },
    FormatInfo {
        format: Format::Patch,
        id: "patch",
        title: "Patch",
        about: "the differences of texts, for git apply",
        file: "twinspect-changes.patch",
        media: "text/x-patch",
        endings: &[".patch", ".diff"],
        inspects: false,
    },
];

impl Format {
    /// What there is to know about it.
    pub fn info(self) -> Option<&'static FormatInfo> {
        FORMATS.iter().find(|info| info.format == self)
    }

    /// The output of this name.
    pub fn by_id(id: &str) -> Option<Self> {
        FORMATS.iter().find(|info| info.id == id).map(|info| info.format)
    }

    /// The output that a file of this name is for.
    pub fn by_file(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let fits = |info: &&FormatInfo| info.endings.iter().any(|ending| name.ends_with(ending));
        FORMATS.iter().find(fits).map(|info| info.format)
    }
}

/// A report without what is withheld, for an output elsewhere.
pub fn redacted(report: &Report, redaction: Redaction) -> Report {
    redact::report(report, redaction)
}

/// An inspection without what is withheld, for an output elsewhere.
pub fn withheld(inspection: &Inspection, redaction: Redaction) -> Cow<'_, Inspection> {
    redact::inspection(inspection, redaction)
}

/// A comparison as the bytes of one file. Completes its report first.
///
/// # Errors
/// [`Format::InToto`] where no equivalence was found.
pub fn export(comparison: &mut Comparison, format: Format, redaction: Redaction) -> Result<Vec<u8>, Error> {
    comparison.complete();
    let report = redact::report(comparison.report(), redaction);
    let text = match format {
        Format::Json => json(&report)?,
        Format::Csv => csv::comparison(&report),
        Format::Sarif => sarif::comparison(&report)?,
        Format::Html => html::comparison(&Material::gather(comparison, report, redaction, &Bounds::PAGE)?),
        Format::Markdown => markdown::comparison(&Material::gather(comparison, report, redaction, &Bounds::ISSUE)?),
        Format::Patch => return patch::patch(comparison, &report, redaction),
        Format::InToto => {
            let name = |side| match redaction {
                Redaction::Names => report.sides.get(side).name.as_str(),
                _ => comparison.side(side).0.name.as_str(),
            };
            let names = Sides { left: name(Side::Left), right: name(Side::Right) };
            json::harmless(&comparison.statement_of(&report, names)?)
        }
    };
    Ok(text.into_bytes())
}

/// One artifact as the bytes of one file.
///
/// # Errors
/// An output that only a comparison has.
pub fn inspection(inspection: &Inspection, format: Format, redaction: Redaction) -> Result<Vec<u8>, Error> {
    let inspection = redact::inspection(inspection, redaction);
    let text = match format {
        Format::Json => json(&*inspection)?,
        Format::Csv => csv::inspection(&inspection),
        Format::Sarif => sarif::inspection(&inspection)?,
        Format::Html => html::inspection(&inspection),
        Format::Markdown => markdown::inspection(&inspection),
        Format::InToto => return Err(Error::new("Only a comparison can be stated: twinspect compare A B.")),
        Format::Patch => return Err(Error::new("Only a comparison has a patch: twinspect compare A B.")),
    };
    Ok(text.into_bytes())
}
