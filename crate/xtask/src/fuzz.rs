//! `cargo fuzz` over every target of fuzz/, one after another: seeds, limits for each input, and a table of executions.
//!
//! What a target collects stays in target/fuzz/, so that the next run goes on from there. An input that breaks something
//! is kept in target/fuzz/artifacts/TARGET/ and named at the end.

use crate::crates_io::{self, CARGO_FUZZ};
use crate::{Outcome, command, workspace};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// Seconds that one input may take.
const TIMEOUT: u32 = 10;
/// MiB that a fuzzer may use in all.
const MEMORY: u32 = 1536;
/// Bytes of an input.
const LONGEST: u32 = 64 << 10;

/// What one target did.
#[derive(Debug, Default, PartialEq)]
struct Ran {
    executions: u64,
    seconds: u64,
    /// The last count of covered edges.
    covered: u64,
    broken: bool,
}

struct Choice {
    minutes: f64,
    targets: Vec<String>,
    sanitizer: String,
}

/// `cargo xtask fuzz`
pub(crate) fn task(arguments: &[String]) -> Outcome<ExitCode> {
    let root = workspace::root()?;
    let all = targets(&workspace::read(&root.join("fuzz").join("Cargo.toml"))?);
    let choice = chosen(arguments, &all)?;
    let path = command::path_with(&crates_io::ensure(&[&CARGO_FUZZ])?)?;
    nightly()?;
    let folder = root.join("target").join("fuzz");
    command::run(
        Command::new("cargo")
            .args(["run", "--quiet", "--package", "twinspect-tests", "--bin", "seeds", "--"])
            .arg(folder.join("seeds"))
            .current_dir(&root),
    )?;
    let cargo_fuzz = |verb: &str| {
        let mut command = Command::new("cargo");
        command.env("PATH", &path).env("RUSTUP_TOOLCHAIN", "nightly").current_dir(&root);
        command.args(["fuzz", verb, "--fuzz-dir", "fuzz", "--target-dir", "target/fuzz", "--sanitizer"]);
        command.arg(&choice.sanitizer);
        command
    };
    command::run(&mut cargo_fuzz("build"))?;
    let seconds = (choice.minutes * 60.0 / choice.targets.len() as f64).max(1.0);
    let mut table = Vec::new();
    for target in &choice.targets {
        println!("{target}: {seconds:.0} s");
        let folders = [folder.join("corpus").join(target), folder.join("artifacts").join(target)];
        for folder in &folders {
            std::fs::create_dir_all(folder).map_err(|e| format!("{} could not be made: {e}", folder.display()))?;
        }
        let mut run = cargo_fuzz("run");
        run.arg(target).args(&folders[..1]).arg(folder.join("seeds").join(target)).arg("--");
        run.arg(format!("-max_total_time={seconds:.0}"));
        run.args([format!("-timeout={TIMEOUT}"), format!("-rss_limit_mb={MEMORY}"), format!("-max_len={LONGEST}")]);
        run.args([prefix(&folders[1]), "-print_final_stats=1".to_string()]);
        table.push((target.clone(), read(&heard(&mut run)?)));
    }
    print!("{}", shown(&table));
    let broken = table.iter().any(|(_, ran)| ran.broken);
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn prefix(folder: &Path) -> String {
    format!("-artifact_prefix={}{}", folder.display(), std::path::MAIN_SEPARATOR)
}

fn chosen(arguments: &[String], all: &[String]) -> Outcome<Choice> {
    use lexopt::prelude::*;
    let mut parser = lexopt::Parser::from_args(arguments);
    let value =
        |parser: &mut lexopt::Parser| parser.value().and_then(ValueExt::string).map_err(|e| format!("`fuzz`: {e}"));
    let mut choice = Choice { minutes: 10.0, targets: Vec::new(), sanitizer: "none".to_string() };
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            Long("minutes") => {
                let text = value(&mut parser)?;
                let minutes = text.parse().ok().filter(|minutes| *minutes > 0.0);
                choice.minutes = minutes.ok_or_else(|| format!("--minutes wants a number, not `{text}`"))?;
            }
            Long("target") => {
                let name = value(&mut parser)?;
                if !all.contains(&name) {
                    return Err(format!("there is no target `{name}`; there are: {}", all.join(", ")));
                }
                choice.targets.push(name);
            }
            Long("sanitizer") => choice.sanitizer = value(&mut parser)?,
            other => return Err(format!("`fuzz`: {}", other.unexpected())),
        }
    }
    if choice.targets.is_empty() {
        choice.targets = all.to_vec();
    }
    Ok(choice)
}

/// The names of the programs of a Cargo.toml.
fn targets(text: &str) -> Vec<String> {
    let programs = text.split("[[bin]]").skip(1);
    let name = |part: &str| {
        let line = part.lines().find_map(|line| line.strip_prefix("name = \""))?;
        Some(line.trim_end_matches('"').to_string())
    };
    programs.filter_map(name).collect()
}

/// The compiler that can watch which branches an input takes.
fn nightly() -> Outcome<()> {
    if command::capture(Command::new("rustup").args(["run", "nightly", "rustc", "--version"])).is_ok() {
        return Ok(());
    }
    println!("nightly Rust is missing: adding it by rustup");
    command::capture(Command::new("rustup").args(["toolchain", "install", "nightly", "--profile", "minimal"]))
        .map(|_| ())
        .map_err(|reason| format!("nightly Rust is missing: `rustup toolchain install nightly`.\n{reason}"))
}

/// What a fuzzer writes to its error output; the last lines are shown where it ends badly.
fn heard(run: &mut Command) -> Outcome<String> {
    let output = run.stdin(Stdio::null()).output().map_err(|e| format!("cargo fuzz could not be started: {e}"))?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        println!("{}", command::last_lines(&text, 40));
    }
    Ok(text)
}

/// Reads libFuzzer's lines.
fn read(text: &str) -> Ran {
    let last = |mark: &str| {
        let lines = text.lines().rev();
        let found = lines.filter_map(|line| line.split_once(mark)).map(|(_, rest)| rest);
        found.filter_map(|rest| rest.split_whitespace().next()?.parse().ok()).next().unwrap_or(0)
    };
    let covered = last(" cov: ");
    let executions: u64 = last("stat::number_of_executed_units:");
    let second = last("stat::average_exec_per_sec:");
    let broken = text.contains("ERROR: libFuzzer") || text.contains("panicked at") || executions == 0;
    Ran { executions, seconds: executions.checked_div(second).unwrap_or(0), covered, broken }
}

fn shown(table: &[(String, Ran)]) -> String {
    let mut text = format!("{:<12}{:>14}{:>9}{:>10}\n", "target", "executions", "seconds", "branches");
    for (target, ran) in table {
        let mark = if ran.broken { "  BROKEN: see target/fuzz/artifacts/" } else { "" };
        text.push_str(&format!("{target:<12}{:>14}{:>9}{:>10}{mark}\n", ran.executions, ran.seconds, ran.covered));
    }
    let sum: u64 = table.iter().map(|(_, ran)| ran.executions).sum();
    text.push_str(&format!("{:<12}{sum:>14}\n", "all"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_targets_is_a_target() {
        let folder = workspace::root().unwrap().join("fuzz");
        let mut listed = targets(&workspace::read(&folder.join("Cargo.toml")).unwrap());
        let files = std::fs::read_dir(folder.join("targets")).unwrap();
        let mut names: Vec<String> =
            files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
        names.sort();
        listed.sort();
        assert_eq!(listed, names);
    }

    #[test]
    fn the_last_words_of_the_fuzzer_are_read() {
        let text = "#2\tINITED cov: 12 ft: 3\n#99\tNEW    cov: 345 ft: 6\nDone 99 runs in 3 second(s)\n\
                    stat::number_of_executed_units: 990\nstat::average_exec_per_sec:     330\n";
        assert_eq!(read(text), Ran { executions: 990, seconds: 3, covered: 345, broken: false });
        assert!(read(&format!("{text}thread panicked at x.rs\n")).broken);
        assert!(read("it did not build\n").broken);
    }

    #[test]
    fn a_target_is_chosen_by_name() {
        let all = ["zip".to_string(), "tar".to_string()];
        let words = |text: &str| text.split(' ').map(str::to_string).collect::<Vec<_>>();
        assert_eq!(chosen(&words("--minutes 2 --target tar"), &all).unwrap().targets, ["tar"]);
        assert_eq!(chosen(&[], &all).unwrap().targets, all);
        assert!(chosen(&words("--target rar"), &all).is_err_and(|sentence| sentence.contains("zip, tar")));
        assert!(chosen(&words("--minutes soon"), &all).is_err());
    }
}
