//! The command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt as _;
use twinspect::artifact::Sides;
use twinspect::comparison::Options;
use twinspect::ecosystem::Ecosystem;
use twinspect::error::Error;
use twinspect::export::{self, Redaction};
use twinspect::limits::LIMITS;
use twinspect::stabilize::{Profile, STABILIZERS};

/// What `--help` prints.
pub const HELP: &str = "\
Twinspect: are these two artifacts the same, and if not, why?

  twinspect compare A B        compare two artifacts
  twinspect inspect FILE       one artifact alone: tree, digests, fields, problems
  twinspect stabilize FILE     the archive as OSS Rebuild's stabilizers leave it: prints its digest, -o keeps it
  twinspect search TEXT A [B]  where a text occurs in names, fields and contents, at every level
  twinspect attest FILE…       check attestations and checksum lists against the artifacts given with them
  twinspect passes             what the profiles ignore, and why
  twinspect findings           what is suspicious about an artifact, and who reads it differently
  twinspect notices            what is worth looking at first in what B adds or changes
  twinspect readers            the readers whose view of an archive can be asked for

Options
  --profile NAME               none, oss-rebuild or standard (the default)
  --disable PASS               switch a pass off; may be given more than once
  --ecosystem NAME             npm, pypi, cratesio, maven, rubygems, debian or oci, instead of what is detected
  --rules FILE                 custom rules (YAML: custom_stabilizers), each with its reason
  --reader ID                  inspect: open the archive as this reader sees it
  --reader-a ID                compare: open A as this reader sees it
  --reader-b ID                compare: open B as this reader sees it; A and B may be one file
  --as NAME                    stabilize: the file's name in its registry
  --enable-passes LIST         stabilize: all, none, or names in the order in which they run, separated by commas
  --disable-passes LIST        stabilize: all, none, or names
  --key FILE                   attest: a public key, certificate or trusted root; may be given more than once
  --regex                      search: the text is a regular expression over bytes, ^ and $ the ends of a line
  -i, --ignore-case            search: ASCII letters are the same in both cases
  --json                       the same as --format json
  --format NAME                text (the default), html, markdown, sarif, json, csv, patch, or in-toto: an equivalence as
                               a statement, unsigned
  --report FILE                write a report too, in the format of the file's name: .html .md .sarif .json .csv .patch
                               .intoto.json .txt; may be given more than once
  --redact WHAT                withhold contents, paths (contents too) or names (all but digests, sizes, counts, causes)
  --lines N                    lines of difference shown for one entry in text, 40 by default
  --limit NAME=VALUE           raise or lower a limit; may be given more than once
  -o, --output FILE            write there instead of standard output
  -h, --help                   this text, and the limits with their defaults below
  -V, --version

Exit status: 0 identical or equivalent, 1 different, 3 incomplete, 2 usage or unreadable input. search: 0 found, 1 not
found, 3 not found in what could be searched.
";

/// What to do.
pub enum Command {
    /// Print the help.
    Help,
    /// Print the version.
    Version,
    /// Print the table of passes.
    Passes,
    /// Print the table of findings.
    Findings,
    /// Print the table of notices.
    Notices,
    /// Print the table of readers.
    Readers,
    /// One artifact.
    Inspect(PathBuf),
    /// Two.
    Compare(PathBuf, PathBuf),
    /// The stabilized archive of one.
    Stabilize(PathBuf),
    /// Attestations and what they are about.
    Attest(Vec<PathBuf>),
    /// A text, and one artifact or two.
    Search(String, Vec<PathBuf>),
}

/// How to print it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// As a file to hand on.
    Export(export::Format),
}

impl Format {
    /// The names that `--format` takes.
    fn names() -> String {
        let ids = export::FORMATS.iter().map(|info| info.id);
        list(["text"].into_iter().chain(ids))
    }

    fn by_id(id: &str) -> Option<Self> {
        if id == "text" { Some(Self::Text) } else { export::Format::by_id(id).map(Self::Export) }
    }

    fn by_file(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        match export::Format::by_file(&name) {
            Some(format) => Ok(Self::Export(format)),
            None if name.to_ascii_lowercase().ends_with(".txt") => Ok(Self::Text),
            None => {
                let endings =
                    list(export::FORMATS.iter().flat_map(|info| info.endings.iter().copied()).chain([".txt"]));
                Err(Error::new(format!(
                    "The name of a report tells its format, and {name} ends in none of: {endings}."
                )))
            }
        }
    }
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
    /// Reports to write beside it.
    pub reports: Vec<(PathBuf, Format)>,
    /// What is withheld from all of them.
    pub redaction: Redaction,
    /// Lines of difference shown for one entry.
    pub lines: usize,
    /// Whether the text to search for is an expression.
    pub regex: bool,
    /// Whether its letters are the same in both cases.
    pub ignore_case: bool,
    /// A file of custom rules.
    pub rules: Option<PathBuf>,
    /// The name that the artifact to stabilize has in its registry.
    pub name: Option<String>,
    /// Files with keys to check signatures with.
    pub keys: Vec<PathBuf>,
    /// The reader that one artifact, or A, is opened as, and that of B.
    pub readers: Sides<Option<String>>,
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
    let (mut rules, mut name, mut keys) = (None, None, Vec::new());
    let (mut reports, mut redaction) = (Vec::new(), Redaction::None);
    let mut readers: Sides<Option<String>> = Sides::default();
    let mut words: Vec<OsString> = Vec::new();
    let (mut regex, mut ignore_case) = (false, false);
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
                options.choice.profile = Profile::by_id(&id).ok_or_else(|| {
                    Error::new(format!(
                        "There is no profile {id}: {}.",
                        list(Profile::ALL.iter().map(|profile| profile.id()))
                    ))
                })?;
            }
            // Rules have names too: whether each is known is checked when they have been read.
            Long("disable") => options.choice.disabled.push(text(&mut parser)?),
            Long("disable-passes") => {
                let list = text(&mut parser)?;
                match list.as_str() {
                    "none" => {}
                    "all" => options.choice.disabled.extend(upstream().map(str::to_owned)),
                    _ => options.choice.disabled.extend(names(&list)),
                }
            }
            Long("enable-passes") => {
                let list = text(&mut parser)?;
                options.choice.enabled = match list.as_str() {
                    "all" => None,
                    "none" => Some(Vec::new()),
                    _ => Some(names(&list).collect()),
                };
            }
            Long("ecosystem") => {
                let id = text(&mut parser)?;
                options.choice.ecosystem = Some(Ecosystem::by_id(&id).ok_or_else(|| {
                    let known = list(Ecosystem::ALL.iter().map(|ecosystem| ecosystem.id()));
                    Error::new(format!("There is no ecosystem {id}: {known}."))
                })?);
            }
            Long("rules") => rules = Some(PathBuf::from(parser.value().map_err(usage)?)),
            Long("reader" | "reader-a") => readers.left = Some(text(&mut parser)?),
            Long("reader-b") => readers.right = Some(text(&mut parser)?),
            Long("as") => name = Some(text(&mut parser)?),
            Long("key") => keys.push(PathBuf::from(parser.value().map_err(usage)?)),
            Long("format") => {
                let id = text(&mut parser)?;
                format = Format::by_id(&id)
                    .ok_or_else(|| Error::new(format!("There is no format {id}: {}.", Format::names())))?;
            }
            Long("json") => format = Format::Export(export::Format::Json),
            Long("regex") => regex = true,
            Short('i') | Long("ignore-case") => ignore_case = true,
            Long("report") => {
                let path = PathBuf::from(parser.value().map_err(usage)?);
                let format = Format::by_file(&path)?;
                reports.push((path, format));
            }
            Long("redact") => {
                let id = text(&mut parser)?;
                redaction = Redaction::by_id(&id).ok_or_else(|| {
                    let known = list(Redaction::ALL.iter().map(|level| level.id()));
                    Error::new(format!("--redact wants one of {known}, not {id}."))
                })?;
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
    if (!reports.is_empty() || redaction != Redaction::None)
        && !matches!(command, Command::Compare(..) | Command::Inspect(_) | Command::Help | Command::Version)
    {
        return Err(Error::new("--report and --redact are for compare and inspect."));
    }
    if (regex || ignore_case) && !matches!(command, Command::Search(..) | Command::Help | Command::Version) {
        return Err(Error::new("--regex and --ignore-case are for search."));
    }
    Ok(Arguments {
        command,
        options,
        format,
        output,
        reports,
        redaction,
        lines,
        regex,
        ignore_case,
        rules,
        name,
        keys,
        readers,
    })
}

/// The names in a list separated by commas, as upstream reads them.
fn names(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(|name| name.trim().to_owned())
}

/// OSS Rebuild's passes.
fn upstream() -> impl Iterator<Item = &'static str> {
    STABILIZERS.iter().filter(|pass| pass.upstream).map(|pass| pass.id)
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
        (Some("stabilize"), [file]) => Ok(Command::Stabilize(file.clone())),
        (Some("stabilize"), _) => Err(Error::new("stabilize wants one file: twinspect stabilize FILE.")),
        (Some("search"), [text, files @ ..]) if matches!(files.len(), 1 | 2) => match text.to_str() {
            Some(text) => Ok(Command::Search(text.to_owned(), files.to_vec())),
            None => Err(Error::new("The text to search for is no UTF-8.")),
        },
        (Some("search"), _) => Err(Error::new("search wants a text and one file or two: twinspect search TEXT A [B].")),
        (Some("attest"), []) => Err(Error::new("attest wants files: twinspect attest BUNDLE [A [B]].")),
        (Some("attest"), files) => Ok(Command::Attest(files.to_vec())),
        (Some("passes"), []) => Ok(Command::Passes),
        (Some("findings"), []) => Ok(Command::Findings),
        (Some("notices"), []) => Ok(Command::Notices),
        (Some("readers"), []) => Ok(Command::Readers),
        (Some("help"), _) => Ok(Command::Help),
        (Some(other), _) => Err(Error::new(format!(
            "There is no command {other}: compare, inspect, stabilize, attest, search, passes, findings, notices, readers. `twinspect --help` says more."
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
            Command::Findings => "findings",
            Command::Notices => "notices",
            Command::Readers => "readers",
            Command::Inspect(_) => "inspect",
            Command::Compare(..) => "compare",
            Command::Stabilize(_) => "stabilize",
            Command::Attest(_) => "attest",
            Command::Search(..) => "search",
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
        check("compare a b --ecosystem npm --rules r.yaml --enable-passes tar-time,tar-owners", Ok("compare"));
        check("stabilize a --as b.whl --disable-passes all -o x", Ok("stabilize"));
        check("attest bundle a b --key k.pem --key l.pem", Ok("attest"));
        check("compare a b --format sarif --report r.html --report r.csv --redact paths", Ok("compare"));
        check("search text a", Ok("search"));
        check("search te.t a b --regex -i --json", Ok("search"));
        check("passes", Ok("passes"));
        check("findings", Ok("findings"));
        check("notices", Ok("notices"));
        check("readers", Ok("readers"));
        check("inspect a --reader java-zipstream", Ok("inspect"));
        check("compare a a --reader-a java-zipfile --reader-b java-zipstream", Ok("compare"));
        check("", Ok("help"));
        check("--version", Ok("version"));
    }

    #[test]
    fn lists_of_passes_keep_their_order() {
        let parsed = |line: &str| parse(line.split_whitespace().map(OsString::from)).unwrap().options.choice;
        assert_eq!(parsed("stabilize a").enabled, None);
        assert_eq!(parsed("stabilize a --enable-passes none").enabled, Some(vec![]));
        let some = parsed("stabilize a --enable-passes tar-time,tar-owners,tar-time");
        assert_eq!(some.enabled.unwrap(), ["tar-time", "tar-owners", "tar-time"]);
        let off = parsed("stabilize a --disable-passes all").disabled;
        assert!(off.iter().any(|id| id == "tar-time") && !off.iter().any(|id| id == "tar-form"));
    }

    #[test]
    fn mistakes_are_named() {
        check("compare a", Err("two files"));
        check("compare a b --profile all", Err("none, oss-rebuild, standard"));
        check("compare a b --ecosystem nuget", Err("npm, pypi, cratesio"));
        check("stabilize a b", Err("one file"));
        check("attest", Err("attest wants files"));
        check("search text", Err("a text and one file or two"));
        check("search text a b c", Err("a text and one file or two"));
        check("inspect a --regex", Err("for search"));
        check("compare a b --format xml", Err("no format xml: text, html, markdown"));
        check("compare a b --report r.xml", Err("r.xml ends in none of: .html"));
        check("compare a b --redact all", Err("none, contents, paths, names"));
        check("stabilize a --report r.html", Err("for compare and inspect"));
        check("compare a b --limit entries", Err("NAME=NUMBER"));
        check("compare a b --limit speed=3", Err("total-bytes"));
        check("compare a b --wrong", Err("--wrong"));
        check("frobnicate", Err("no command frobnicate"));
    }
}
