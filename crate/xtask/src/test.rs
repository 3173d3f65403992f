//! Every check and test of the project, as a table of steps. A failing step does not stop the others; the last line is
//! the count of them all.

use crate::command::{Streamed, stream};
use crate::{Outcome, bench, browser, build, tools, workspace};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// One line of `cargo xtask test --list`.
struct Step {
    name: &'static str,
    help: &'static str,
    run: fn() -> Outcome<Tally>,
}

/// The order is: what fails quickest first, what needs the build last.
const STEPS: &[Step] = &[
    Step { name: "tools", help: "install what the steps below need", run: needs },
    Step { name: "format", help: "rustfmt", run: format },
    Step { name: "clippy", help: "clippy on everything, warnings are errors", run: clippy },
    Step { name: "clippy-wasm", help: "clippy on crate/wasm for its own target", run: clippy_wasm },
    Step { name: "types", help: "tsc --checkJs over www/src", run: types },
    Step { name: "biome", help: "format and lint of JavaScript, CSS and JSON", run: biome },
    Step { name: "native", help: "unit, golden, robustness, tidy and doc tests", run: native },
    Step { name: "wasm", help: "the wasm boundary in headless Chromium, by wasm-pack", run: wasm },
    Step { name: "build", help: "the release page", run: page },
    Step { name: "browser", help: "end-to-end tests of the built page in headless Chromium", run: end_to_end },
    Step { name: "chromium", help: "the core of those by plain WebDriver, in Chromium", run: in_chromium },
    Step { name: "firefox", help: "the same in Firefox, where it is or can be installed", run: in_firefox },
    Step { name: "webkit", help: "the same in WebKitGTK, where it is or can be installed", run: in_webkit },
    Step { name: "bars", help: "what the page weighs and how quick it is; times are information", run: bars },
];

/// The steps that `--engines` chooses from.
const ENGINES: &[&str] = &["chromium", "firefox", "webkit"];

#[derive(Clone, Debug, Default, PartialEq)]
struct Tally {
    passed: usize,
    failed: usize,
    /// What could not be tried here; the note says why.
    skipped: usize,
    /// Shown beside the count.
    note: String,
}

impl Tally {
    /// A step that is right or wrong as a whole.
    fn whole(right: bool) -> Tally {
        Tally { passed: usize::from(right), failed: usize::from(!right), ..Tally::default() }
    }
}

/// `cargo xtask test`
pub(crate) fn task(arguments: &[String]) -> Outcome<ExitCode> {
    let Some(chosen) = chosen(arguments)? else {
        for step in STEPS {
            println!("{:<12} {}", step.name, step.help);
        }
        return Ok(ExitCode::SUCCESS);
    };
    let mut results = Vec::new();
    for (number, step) in chosen.iter().enumerate() {
        println!("\n=== {} of {}: {} ({})", number + 1, chosen.len(), step.name, step.help);
        let started = Instant::now();
        let tally = (step.run)().unwrap_or_else(|sentence| {
            println!("error: {sentence}");
            Tally::whole(false)
        });
        results.push((step.name, tally, started.elapsed()));
    }
    print!("\n{}", summary(&results));
    let failed = results.iter().any(|(_, tally, _)| tally.failed > 0);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The steps to run; `None` asks for the list instead.
fn chosen(arguments: &[String]) -> Outcome<Option<Vec<&'static Step>>> {
    use lexopt::prelude::*;
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut steps: Vec<&Step> = Vec::new();
    let find = |name: &str| STEPS.iter().find(|step| step.name == name);
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            Long("list") => return Ok(None),
            Long("only") => {
                let names = parser.value().and_then(ValueExt::string).map_err(|e| format!("--only: {e}"))?;
                for name in names.split(',') {
                    steps.push(find(name).ok_or_else(|| {
                        format!("there is no step `{name}`; `cargo xtask test --list` names them all")
                    })?);
                }
            }
            Long("engines") => {
                let names = parser.value().and_then(ValueExt::string).map_err(|e| format!("--engines: {e}"))?;
                let names = if names == "all" { ENGINES.join(",") } else { names };
                for name in names.split(',') {
                    let engine = find(name).filter(|step| ENGINES.contains(&step.name));
                    steps.push(engine.ok_or_else(|| {
                        format!("there is no engine `{name}`: --engines wants all, or some of {}", ENGINES.join(","))
                    })?);
                }
            }
            other => return Err(format!("`test`: {}", other.unexpected())),
        }
    }
    Ok(Some(if steps.is_empty() { STEPS.iter().collect() } else { steps }))
}

/// A line per step, and alone on the last line the count that CI reads.
fn summary(results: &[(&str, Tally, Duration)]) -> String {
    let mut text = String::new();
    let mut sum = Tally::default();
    for (name, tally, time) in results {
        let mark = match tally {
            Tally { failed: 1.., .. } => "FAILED",
            Tally { skipped: 1.., .. } => "skipped",
            _ => "ok",
        };
        let line = format!(
            "{name:<12} {mark:<7} {:>5} passed {:>3} failed {:>7.1} s  {}",
            tally.passed,
            tally.failed,
            time.as_secs_f64(),
            tally.note
        );
        text.push_str(line.trim_end());
        text.push('\n');
        sum.passed += tally.passed;
        sum.failed += tally.failed;
        sum.skipped += tally.skipped;
    }
    if sum.skipped > 0 {
        text.push_str(&format!("{} skipped: the reasons are above\n", sum.skipped));
    }
    text.push_str(&format!("{} passed, {} failed\n", sum.passed, sum.failed));
    text
}

fn needs() -> Outcome<Tally> {
    browser::chromium()?;
    tools::for_every_test()?;
    // Having tools proves nothing about the product.
    Ok(Tally::default())
}

fn format() -> Outcome<Tally> {
    check(cargo()?.args(["fmt", "--all", "--check"]))
}

fn clippy() -> Outcome<Tally> {
    check(cargo()?.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn clippy_wasm() -> Outcome<Tally> {
    check(
        cargo()?
            .args(["clippy", "-p", "twinspect-wasm", "--all-targets", "--target", tools::WASM_TARGET])
            .args(["--", "-D", "warnings"]),
    )
}

fn types() -> Outcome<Tally> {
    let root = workspace::root()?;
    let mut tally = Tally::default();
    // The page and the worker live in different worlds: one has a document, the other has not.
    for project in ["tsconfig.json", "tsconfig.worker.json"] {
        let result = check(tools::npm_program("tsc")?.args(["--noEmit", "--project", project]).current_dir(&root))?;
        tally.passed += result.passed;
        tally.failed += result.failed;
    }
    Ok(tally)
}

fn biome() -> Outcome<Tally> {
    let root = workspace::root()?;
    check(tools::npm_program("biome")?.args(["ci", "--error-on-warnings", "--colors=off"]).current_dir(root))
}

fn native() -> Outcome<Tally> {
    counted(cargo()?.args(["test", "--workspace", "--no-fail-fast"]), cargo_tally)
}

fn wasm() -> Outcome<Tally> {
    let root = workspace::root()?;
    let chromium = browser::chromium()?;
    let path = tools::for_wasm_tests()?;
    // wasm-pack looks for the browser's driver and wasm-bindgen; `no-install` forbids it to download either.
    let wasm_pack = std::env::split_paths(&path)
        .map(|folder| folder.join(format!("wasm-pack{}", std::env::consts::EXE_SUFFIX)))
        .find(|candidate| candidate.is_file())
        .ok_or("wasm-pack was not found where it was installed")?;
    counted(
        Command::new(wasm_pack)
            .args(["test", "--mode", "no-install", "--headless", "--chrome", "--chromedriver"])
            .arg(chromium.driver)
            .arg("crate/wasm")
            .current_dir(root)
            .env("PATH", path),
        cargo_tally,
    )
}

fn page() -> Outcome<Tally> {
    build::page()?;
    Ok(Tally::whole(true))
}

fn end_to_end() -> Outcome<Tally> {
    let root = workspace::root()?;
    build::last()?;
    tools::npm_packages()?;
    let chromium = browser::chromium()?;
    let node = crate::command::find("node").ok_or("node was not found: install Node.js 20 or newer")?;
    counted(
        Command::new(node)
            .args(["--test", "--test-reporter=spec"])
            .args(specs(&root)?)
            .current_dir(root)
            .env("CHROMIUM", chromium.browser),
        node_tally,
    )
}

fn in_chromium() -> Outcome<Tally> {
    in_engine("chromium", browser::chromium())
}

fn in_firefox() -> Outcome<Tally> {
    in_engine("firefox", browser::firefox())
}

fn in_webkit() -> Outcome<Tally> {
    in_engine("webkit", browser::webkit())
}

/// An engine that is not there and cannot be installed is skipped, and that is said; one that is there must pass.
fn in_engine(name: &str, found: Outcome<browser::Driven>) -> Outcome<Tally> {
    let browser::Driven { browser, driver } = match found {
        Ok(driven) => driven,
        Err(reason) => {
            println!("skipped: {reason}");
            let note = format!("skipped: {}", reason.lines().next().unwrap_or_default());
            return Ok(Tally { skipped: 1, note, ..Tally::default() });
        }
    };
    let root = workspace::root()?;
    build::last()?;
    tools::npm_packages()?;
    let node = crate::command::find("node").ok_or("node was not found: install Node.js 20 or newer")?;
    let result = stream(
        Command::new(node)
            .args(["--test", "--test-reporter=spec", "tests/browser/engines.js"])
            .current_dir(root)
            .env("ENGINE", name)
            .env("BROWSER", browser)
            .env("DRIVER", driver),
    )?;
    Ok(Tally { note: engine_named(&result.text), ..judged(&result, node_tally) })
}

/// Only what is the same on every machine counts: what else is missed is shown.
fn bars() -> Outcome<Tally> {
    counted(&mut bench::page_bars(true)?, bars_tally)
}

/// Reads `bars: 5 held, 0 missed, 8 of 9 others held`.
fn bars_tally(text: &str) -> Tally {
    let line = text.lines().find_map(|line| line.strip_prefix("bars: ")).unwrap_or_default();
    let note = line.split_once(" missed, ").map(|(_, others)| others.to_string()).unwrap_or_default();
    Tally { passed: number_before(line, " held"), failed: number_before(line, " missed,"), skipped: 0, note }
}

/// The name and version that the browser itself gave.
fn engine_named(text: &str) -> String {
    text.lines().find_map(|line| line.strip_prefix("engine: ")).unwrap_or("did not start").to_string()
}

/// The spec files by name: what Node makes of a folder differs between its versions.
fn specs(root: &Path) -> Outcome<Vec<PathBuf>> {
    let folder = root.join("tests").join("browser");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{} cannot be read: {e}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".test.js"))
        .collect();
    files.sort();
    Ok(files)
}

fn cargo() -> Outcome<Command> {
    let mut command = Command::new("cargo");
    command.current_dir(workspace::root()?);
    Ok(command)
}

/// A step that is right or wrong as a whole.
fn check(command: &mut Command) -> Outcome<Tally> {
    Ok(Tally::whole(stream(command)?.success))
}

/// A step that counts its own tests.
fn counted(command: &mut Command, count: fn(&str) -> Tally) -> Outcome<Tally> {
    Ok(judged(&stream(command)?, count))
}

/// A run that fails without a failed test (it did not compile, it crashed), or that ran nothing, is one failure.
fn judged(result: &Streamed, count: fn(&str) -> Tally) -> Tally {
    let mut tally = count(&result.text);
    if tally.failed == 0 && (!result.success || tally.passed == 0) {
        println!("error: {}", if result.success { "no test ran" } else { "the run itself failed" });
        tally.failed = 1;
    }
    tally
}

/// Adds up `test result: ok. 3 passed; 1 failed; …`, the last line of each test program (cargo's and wasm-bindgen's).
fn cargo_tally(text: &str) -> Tally {
    let mut tally = Tally::default();
    for line in text.lines() {
        let Some((_, rest)) = line.split_once("test result: ") else {
            continue;
        };
        tally.passed += number_before(rest, " passed");
        tally.failed += number_before(rest, " failed");
    }
    tally
}

fn number_before(text: &str, word: &str) -> usize {
    text.split_once(word)
        .and_then(|(before, _)| before.rsplit(' ').next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// Reads the summary of Node's test runner: `ℹ pass 3`, `ℹ fail 0`, `ℹ cancelled 0`.
fn node_tally(text: &str) -> Tally {
    let number_of = |word: &str| {
        text.lines()
            .filter_map(|line| line.strip_prefix("ℹ "))
            .filter_map(|line| line.strip_prefix(word)?.trim().parse::<usize>().ok())
            .next_back()
            .unwrap_or(0)
    };
    Tally {
        passed: number_of("pass "),
        failed: number_of("fail ") + number_of("cancelled "),
        skipped: number_of("skipped "),
        note: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: usize, failed: usize) -> Tally {
        Tally { passed, failed, ..Tally::default() }
    }

    #[test]
    fn counts_every_test_program_of_cargo() {
        let text = "test a ... ok\ntest result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                    noise\ntest result: FAILED. 2 passed; 3 failed; 0 ignored\n";
        assert_eq!(cargo_tally(text), tally(14, 3));
    }

    #[test]
    fn counts_the_summary_of_node_only() {
        let text = "✔ pass 9\nℹ tests 5\nℹ suites 1\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\n";
        assert_eq!(node_tally(text), tally(3, 2));
    }

    #[test]
    fn a_bar_that_only_this_machine_misses_is_information() {
        let found = bars_tally("a  1 of 2 s ok\nbars: 5 held, 2 missed, 8 of 9 others held\n");
        assert_eq!(found, Tally { note: "8 of 9 others held".to_string(), ..tally(5, 2) });
        assert_eq!(bars_tally("it ended early\n"), tally(0, 0));
    }

    #[test]
    fn a_run_that_fails_without_failed_tests_counts_as_one() {
        let broken = Streamed { success: false, text: "test result: ok. 4 passed; 0 failed".to_string() };
        assert_eq!(judged(&broken, cargo_tally), tally(4, 1));
    }

    #[test]
    fn a_run_without_tests_is_a_failure() {
        let empty = Streamed { success: true, text: "test result: ok. 0 passed; 0 failed".to_string() };
        assert_eq!(judged(&empty, cargo_tally), tally(0, 1));
    }

    #[test]
    fn the_last_line_is_the_count_alone() {
        let second = Duration::from_secs(1);
        let results = [("a", tally(2, 0), second), ("b", tally(1, 1), second)];
        assert_eq!(summary(&results).lines().last(), Some("3 passed, 1 failed"));
    }

    #[test]
    fn what_is_skipped_is_counted_and_says_why() {
        let note = "skipped: not found".to_string();
        let skipped = Tally { skipped: 1, note, ..Tally::default() };
        let text = summary(&[("a", tally(2, 0), Duration::ZERO), ("webkit", skipped, Duration::ZERO)]);
        assert!(
            text.contains("webkit       skipped     0 passed   0 failed     0.0 s  skipped: not found\n"),
            "{text}"
        );
        assert!(text.contains("\n1 skipped: the reasons are above\n"), "{text}");
        assert_eq!(text.lines().last(), Some("2 passed, 0 failed"));
        assert_eq!(in_engine("webkit", Err("not found\nmore".to_string())).map(|tally| tally.skipped), Ok(1));
    }

    #[test]
    fn engines_are_chosen_by_name() {
        let engines = |names: &str| chosen(&["--engines".to_string(), names.to_string()]);
        let names = |steps: Vec<&Step>| steps.iter().map(|step| step.name).collect::<Vec<_>>();
        assert_eq!(names(engines("all").unwrap().unwrap()), ENGINES);
        assert_eq!(names(engines("webkit,firefox").unwrap().unwrap()), ["webkit", "firefox"]);
        assert!(engines("biome").is_err_and(|sentence| sentence.contains("`biome`")));
        assert_eq!(engine_named("ℹ x\nengine: firefox 1.2\n"), "firefox 1.2");
    }

    #[test]
    fn steps_are_chosen_by_name() {
        let only = |names: &str| chosen(&["--only".to_string(), names.to_string()]);
        let names: Vec<&str> = only("biome,format").unwrap().unwrap().iter().map(|step| step.name).collect();
        assert_eq!(names, ["biome", "format"]);
        assert!(only("brew").is_err());
        assert_eq!(chosen(&[]).unwrap().unwrap().len(), STEPS.len());
    }
}
