//! `twinspect search`: where a text occurs in one artifact, or in two.

use std::path::PathBuf;

use twinspect::artifact::{Artifact, Sides};
use twinspect::comparison::Comparison;
use twinspect::error::Error;
use twinspect::export;
use twinspect::read::read_as;
use twinspect::report::search::SearchReport;
use twinspect::search::{Query, Scope, Search};
use twinspect::store::{CACHE, Store};

use crate::arguments::{Arguments, Format};
use crate::{file, output, progress, read_both};

/// Bytes searched between two looks at the clock of the progress line.
const STEP: u64 = 16 << 20;

/// The text to print, and the exit status: 0 found, 1 not found, 3 not found in what could be searched.
///
/// # Errors
/// A file that cannot be read, or a query that cannot be used.
pub fn run(arguments: &Arguments, text: &str, files: &[PathBuf], color: bool) -> Result<(String, u8), Error> {
    let query = Query { text: text.to_owned(), regex: arguments.regex, ignore_case: arguments.ignore_case };
    let limits = &arguments.options.limits;
    let artifacts: Vec<Artifact> = files.iter().map(|path| file::open(path)).collect::<Result<_, _>>()?;
    let report = if let [left, right] = artifacts.as_slice() {
        let artifacts = Sides { left: left.clone(), right: right.clone() };
        let readings = read_both(&artifacts, &arguments.options, &arguments.readers)?;
        let comparison = Comparison::judged(artifacts, readings, arguments.options.clone())?;
        finish(comparison.search(query)?, comparison.scope())
    } else {
        let artifact = artifacts.first().ok_or_else(|| Error::new("search wants a file."))?;
        let reader = arguments.readers.left.as_deref();
        let reading = progress::watch(&artifact.name, |report| read_as(artifact, limits, reader, report))?;
        let store = Store::with_bases(artifact.source.clone(), &reading.bases, limits, CACHE);
        let scope = Scope { sides: Sides { left: Some((&reading, &store)), right: None } };
        finish(Search::alone(query, scope, limits.get("seconds"))?, scope)
    };
    let found = report.matches.left > 0 || report.matches.right > 0;
    let whole = report.stopped.is_none() && report.not_searched.is_empty();
    let code = if found { 0 } else { 1 + 2 * u8::from(!whole) };
    let printed = match arguments.format {
        Format::Text => output::search(&report, artifacts.len() == 2, color),
        Format::Export(export::Format::Json) => export::json(&report)?,
        Format::Export(_) => return Err(Error::new("search has the formats text and json.")),
    };
    Ok((printed, code))
}

fn finish(mut search: Search, scope: Scope<'_>) -> SearchReport {
    while !search.step(scope, STEP).finished {}
    search.report(scope)
}
