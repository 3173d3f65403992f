//! The command: arguments in, report out. Nothing is decided here.
#![allow(clippy::print_stderr, reason = "a command speaks on the terminal")]

mod arguments;
mod attest;
mod file;
mod output;
mod progress;
mod search;
mod stabilize;

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use arguments::{Arguments, Command, Format};
use stabilize::Request;
use twinspect::artifact::{Artifact, Sides};
use twinspect::comparison::{Comparison, Options};
use twinspect::error::Error;
use twinspect::export;
use twinspect::read::read_as;
use twinspect::reading::Reading;
use twinspect::report::Verdict;
use twinspect::stabilize::Rules;

/// Usage, or an input that cannot be read.
const TROUBLE: u8 = 2;

fn main() -> ExitCode {
    match arguments::parse(std::env::args_os().skip(1)).and_then(run) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // What was typed, and the names of files, are foreign too.
            eprintln!("twinspect: {}", export::visible(&error.message));
            ExitCode::from(TROUBLE)
        }
    }
}

fn run(mut arguments: Arguments) -> Result<u8, Error> {
    if let Some(path) = &arguments.rules {
        let text = file::read(path)?;
        let rules = Rules::from_yaml(&text).map_err(|error| Error::new(format!("{}: {error}", file::shown(path))))?;
        arguments.options.choice.rules = rules;
    }
    let arguments = &arguments;
    let to_terminal = arguments.output.is_none() && std::io::stdout().is_terminal();
    let color = to_terminal && std::env::var_os("NO_COLOR").is_none();
    match &arguments.command {
        Command::Help => emit(arguments, arguments::HELP.as_bytes()).map(|()| 0),
        Command::Version => {
            emit(arguments, concat!("twinspect ", env!("CARGO_PKG_VERSION"), "\n").as_bytes()).map(|()| 0)
        }
        Command::Passes => emit(arguments, output::passes(arguments.format)?.as_bytes()).map(|()| 0),
        Command::Findings => emit(arguments, output::findings(arguments.format)?.as_bytes()).map(|()| 0),
        Command::Notices => emit(arguments, output::notices(arguments.format)?.as_bytes()).map(|()| 0),
        Command::Readers => emit(arguments, output::readers(arguments.format)?.as_bytes()).map(|()| 0),
        Command::Inspect(path) => {
            let artifact = file::open(path)?;
            let (limits, reader) = (&arguments.options.limits, arguments.readers.left.as_deref());
            let reading = progress::watch(&artifact.name, |report| read_as(&artifact, limits, reader, report))?;
            let inspection = twinspect::summarize::inspect(&reading);
            // Of many entries one list is enough in memory.
            drop(reading);
            let redaction = arguments.redaction;
            let make = |format: Format, color: bool| match format {
                Format::Text => Ok(output::inspection(&export::withheld(&inspection, redaction), color).into_bytes()),
                Format::Export(format) => export::inspection(&inspection, format, redaction),
            };
            for (path, format) in &arguments.reports {
                save(path, &make(*format, false)?)?;
            }
            emit(arguments, &make(arguments.format, color)?)?;
            Ok(if inspection.problems.iter().any(|problem| problem.unread) { 3 } else { 0 })
        }
        Command::Attest(files) => {
            let (text, code) = attest::run(arguments, files, color)?;
            emit(arguments, text.as_bytes())?;
            Ok(code)
        }
        Command::Search(text, files) => {
            let (text, code) = search::run(arguments, text, files, color)?;
            emit(arguments, text.as_bytes())?;
            Ok(code)
        }
        Command::Stabilize(path) => stabilize::run(&Request {
            path,
            name: arguments.name.as_deref(),
            choice: &arguments.options.choice,
            limits: &arguments.options.limits,
            output: arguments.output.as_deref(),
        }),
        Command::Compare(left, right) => {
            let artifacts = Sides { left: file::open(left)?, right: file::open(right)? };
            let readings = read_both(&artifacts, &arguments.options, &arguments.readers)?;
            let mut comparison = Comparison::new(artifacts, readings, arguments.options.clone())?;
            comparison.complete();
            let mut make = |format: Format, color: bool| match format {
                Format::Text => {
                    let text = output::comparison(&mut comparison, arguments.redaction, color, arguments.lines)?;
                    Ok(text.into_bytes())
                }
                Format::Export(format) => export::export(&mut comparison, format, arguments.redaction),
            };
            for (path, format) in &arguments.reports {
                save(path, &make(*format, false)?)?;
            }
            emit(arguments, &make(arguments.format, color)?)?;
            Ok(match comparison.report().verdict {
                Verdict::Identical | Verdict::Equivalent => 0,
                Verdict::Different => 1,
                Verdict::Incomplete => 3,
            })
        }
    }
}

/// Reads both sides, each in its own thread.
fn read_both(
    artifacts: &Sides<Artifact>,
    options: &Options,
    readers: &Sides<Option<String>>,
) -> Result<Sides<Reading>, Error> {
    let (limits, chosen) = (&options.limits, readers.as_ref().map(Option::as_deref));
    let name = format!("{} and {}", artifacts.left.name, artifacts.right.name);
    progress::watch_both(&name, |left, right| {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| read_as(&artifacts.right, limits, chosen.right, right));
            let left = read_as(&artifacts.left, limits, chosen.left, left)?;
            let right = other.join().map_err(|_| Error::new("Reading B stopped unexpectedly."))??;
            Ok(Sides { left, right })
        })
    })
}

/// Writes to the file of `-o`, or to standard output.
fn emit(arguments: &Arguments, bytes: &[u8]) -> Result<(), Error> {
    let out = std::io::stdout();
    let result = match &arguments.output {
        Some(path) => return save(path, bytes),
        // A patch has the bytes of the artifacts in it: for a file they stay, a terminal would obey them.
        None if arguments.format == Format::Export(export::Format::Patch) && out.is_terminal() => {
            out.lock().write_all(twinspect::display::text(bytes).0.as_bytes())
        }
        None => out.lock().write_all(bytes),
    };
    match result {
        // A reader that has seen enough, such as `head`, is no error.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Error::new(format!("The result cannot be written: {error}."))),
        Ok(()) => Ok(()),
    }
}

/// Writes a file.
fn save(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let fail = |error| Error::new(format!("{} cannot be written: {error}.", file::shown(path)));
    std::fs::write(path, bytes).map_err(fail)
}
