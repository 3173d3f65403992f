//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt as _;
use twinspect::comparison::Options;
use twinspect::error::Error;
use twinspect::limits::LIMITS;
use twinspect::stabilize::{Profile, STABILIZERS};

/// What `--help` prints.
pub const HELP: &str = "\
Twinspect: are these two artifacts the same, and if not, why?

  twinspect compare A B        compare two artifacts
  twinspect inspect FILE       one artifact alone: tree, digests, fields, problems
  twinspect passes             what the profiles ignore, and why

Options
  --profile NAME               none, oss-rebuild or standard (the default)
  --disable PASS               switch a pass off; may be given more than once
  --format text|json           text is the default
  --lines N                    lines of difference shown for one entry in text, 40 by default
  --limit NAME=VALUE           raise or lower a limit; may be given more than once
  -o, --output FILE            write there instead of standard output
  -h, --help                   this text, and the limits with their defaults below
  -V, --version

Exit status: 0 identical or equivalent, 1 different, 3 incomplete, 2 usage or unreadable input.
";

/// What to do.
pub enum Command {
    /// Print the help.
    Help,
    /// Print the version.
    Version,
    /// Print the table of passes.
    Passes,
    /// One artifact.
    Inspect(PathBuf),
    /// Two.
    Compare(PathBuf, PathBuf),
}

/// How to print it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The parsed command line.
pub struct Arguments {
    /// What to do.
    pub command: Command,
    /// Profile, passes, limits.
    pub options: Options,
    /// How to print.
    pub format: Format,
    /// Where to; `None` is standard output.
    pub output: Option<PathBuf>,
    /// Lines of difference shown for one entry.
    pub lines: usize,
}

fn list(names: impl Iterator<Item = &'static str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// Parses the arguments after the program's name.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Arguments, Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut options = Options::default();
    let (mut format, mut output, mut lines) = (Format::Text, None, 40);
    let mut words: Vec<OsString> = Vec::new();
    let mut command = None;
    let usage = |error: lexopt::Error| Error::new(format!("{error}. `twinspect --help` lists the options."));
    let text = |parser: &mut lexopt::Parser| parser.value().and_then(|value| value.string()).map_err(usage);
    while let Some(argument) = parser.next().map_err(usage)? {
        match argument {
            Short('h') | Long("help") => command = Some(Command::Help),
            Short('V') | Long("version") => command = Some(Command::Version),
            Short('o') | Long("output") => output = Some(PathBuf::from(parser.value().map_err(usage)?)),
            Long("profile") => {
                let id = text(&mut parser)?;
                options.profile = Profile::by_id(&id).ok_or_else(|| {
                    Error::new(format!(
                        "There is no profile {id}: {}.",
                        list(Profile::ALL.iter().map(|profile| profile.id()))
                    ))
                })?;
            }
            Long("disable") => {
                let id = text(&mut parser)?;
                if !STABILIZERS.iter().any(|pass| pass.id == id) {
                    return Err(Error::new(format!("There is no pass {id}; `twinspect passes` lists them.")));
                }
                options.disabled.push(id);
            }
            Long("format") => {
                format = match text(&mut parser)?.as_str() {
                    "text" => Format::Text,
                    "json" => Format::Json,
                    other => return Err(Error::new(format!("There is no format {other}: text, json."))),
                };
            }
            Long("lines") => lines = parser.value().and_then(|value| value.parse()).map_err(usage)?,
            Long("limit") => {
                let setting = text(&mut parser)?;
                let set = setting.split_once('=').and_then(|(name, value)| Some((name, value.parse().ok()?)));
                if !set.is_some_and(|(name, value)| options.limits.set(name, value)) {
                    let names = list(LIMITS.iter().map(|limit| limit.name));
                    return Err(Error::new(format!("--limit wants NAME=NUMBER, not {setting}. The limits: {names}.")));
                }
            }
            Value(word) => words.push(word),
            other => return Err(usage(other.unexpected())),
        }
    }
    let command = match command {
        Some(command) => command,
        None => positional(words)?,
    };
    Ok(Arguments { command, options, format, output, lines })
}

fn positional(words: Vec<OsString>) -> Result<Command, Error> {
    let mut words = words.into_iter();
    let name = words.next().map(|word| word.to_string_lossy().into_owned());
    let rest: Vec<PathBuf> = words.map(PathBuf::from).collect();
    match (name.as_deref(), rest.as_slice()) {
        (None, _) => Ok(Command::Help),
        (Some("compare"), [left, right]) => Ok(Command::Compare(left.clone(), right.clone())),
        (Some("compare"), _) => Err(Error::new("compare wants two files: twinspect compare A B.")),
        (Some("inspect"), [file]) => Ok(Command::Inspect(file.clone())),
        (Some("inspect"), _) => Err(Error::new("inspect wants one file: twinspect inspect FILE.")),
        (Some("passes"), []) => Ok(Command::Passes),
        (Some("help"), _) => Ok(Command::Help),
        (Some(other), _) => Err(Error::new(format!(
            "There is no command {other}: compare, inspect, passes. `twinspect --help` says more."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Result<&str, &str>) {
        let found = parse(line.split_whitespace().map(OsString::from)).map(|arguments| match arguments.command {
            Command::Help => "help",
            Command::Version => "version",
            Command::Passes => "passes",
            Command::Inspect(_) => "inspect",
            Command::Compare(..) => "compare",
        });
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{line}"),
            (Err(error), Err(part)) => assert!(error.message.contains(part), "{line}: {error}"),
            (found, _) => panic!("{line}: {found:?}"),
        }
    }

    #[test]
    fn commands_and_their_words() {
        check("compare a b", Ok("compare"));
        check("compare a b --profile none --disable tar-time --format json -o x --limit entries=5", Ok("compare"));
        check("inspect a", Ok("inspect"));
        check("passes", Ok("passes"));
        check("", Ok("help"));
        check("--version", Ok("version"));
    }

    #[test]
    fn mistakes_are_named() {
        check("compare a", Err("two files"));
        check("compare a b --profile all", Err("none, oss-rebuild, standard"));
        check("compare a b --disable nonsense", Err("no pass nonsense"));
        check("compare a b --format xml", Err("no format xml"));
        check("compare a b --limit entries", Err("NAME=NUMBER"));
        check("compare a b --limit speed=3", Err("total-bytes"));
        check("compare a b --wrong", Err("--wrong"));
        check("frobnicate", Err("no command frobnicate"));
    }
}
