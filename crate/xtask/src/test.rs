//! Every check and test of the project, as a table of steps. A failing step does not stop the others; the last line is
//! the count of them all.

use crate::command::{Streamed, stream};
use crate::{Outcome, browser, build, tools, workspace};
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
];

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tally {
    passed: usize,
    failed: usize,
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
            Tally { passed: 0, failed: 1 }
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
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            Long("list") => return Ok(None),
            Long("only") => {
                let names = parser.value().and_then(ValueExt::string).map_err(|e| format!("--only: {e}"))?;
                for name in names.split(',') {
                    let step = STEPS.iter().find(|step| step.name == name);
                    steps.push(step.ok_or_else(|| {
                        format!("there is no step `{name}`; `cargo xtask test --list` names them all")
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
        let mark = if tally.failed > 0 { "FAILED" } else { "ok" };
        text.push_str(&format!(
            "{name:<12} {mark:<6} {:>5} passed {:>3} failed {:>7.1} s\n",
            tally.passed,
            tally.failed,
            time.as_secs_f64()
        ));
        sum.passed += tally.passed;
        sum.failed += tally.failed;
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
    Ok(Tally { passed: 1, failed: 0 })
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
    let result = stream(command)?;
    Ok(if result.success { Tally { passed: 1, failed: 0 } } else { Tally { passed: 0, failed: 1 } })
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
    Tally { passed: number_of("pass "), failed: number_of("fail ") + number_of("cancelled ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_every_test_program_of_cargo() {
        let text = "test a ... ok\ntest result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                    noise\ntest result: FAILED. 2 passed; 3 failed; 0 ignored\n";
        assert_eq!(cargo_tally(text), Tally { passed: 14, failed: 3 });
    }

    #[test]
    fn counts_the_summary_of_node_only() {
        let text = "✔ pass 9\nℹ tests 5\nℹ suites 1\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\n";
        assert_eq!(node_tally(text), Tally { passed: 3, failed: 2 });
    }

    #[test]
    fn a_run_that_fails_without_failed_tests_counts_as_one() {
        let broken = Streamed { success: false, text: "test result: ok. 4 passed; 0 failed".to_string() };
        assert_eq!(judged(&broken, cargo_tally), Tally { passed: 4, failed: 1 });
    }

    #[test]
    fn a_run_without_tests_is_a_failure() {
        let empty = Streamed { success: true, text: "test result: ok. 0 passed; 0 failed".to_string() };
        assert_eq!(judged(&empty, cargo_tally), Tally { passed: 0, failed: 1 });
    }

    #[test]
    fn the_last_line_is_the_count_alone() {
        let second = Duration::from_secs(1);
        let results = [("a", Tally { passed: 2, failed: 0 }, second), ("b", Tally { passed: 1, failed: 1 }, second)];
        assert_eq!(summary(&results).lines().last(), Some("3 passed, 1 failed"));
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
