//! What the tasks need, and how each need is met. Every need has one function that checks, installs what can be
//! installed with one line of progress, and else returns a sentence saying what to do by hand.

use crate::crates_io::{GECKODRIVER, TRUNK, Tool, WASM_BINDGEN, WASM_PACK};
use crate::{Outcome, browser, command, crates_io, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of crate/wasm.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// All that building the page needs; returns the PATH to build it with.
pub(crate) fn for_the_page() -> Outcome<std::ffi::OsString> {
    wasm_target()?;
    // First what fails at once, then what takes minutes.
    let wasm_opt = wasm_opt()?;
    let mut folders = crates_io::ensure(&[&TRUNK, &WASM_BINDGEN])?;
    folders.extend(wasm_opt);
    command::path_with(&folders)
}

/// All that testing crate/wasm in a browser needs, the browser aside; returns the PATH to test it with.
pub(crate) fn for_wasm_tests() -> Outcome<std::ffi::OsString> {
    wasm_target()?;
    command::path_with(&crates_io::ensure(&[&WASM_PACK, &WASM_BINDGEN])?)
}

/// Builds every missing tool of the test run at once, which is quicker than one after the other.
pub(crate) fn for_every_test() -> Outcome<()> {
    const ALL: &[&Tool] = &[&TRUNK, &WASM_BINDGEN, &WASM_PACK];
    wasm_target()?;
    components()?;
    npm_packages()?;
    // Without Firefox its tests are skipped, not failed; so they are without its driver.
    let firefox = browser::firefox_browser().is_ok() && command::find("geckodriver").is_none();
    let with_driver = || crates_io::ensure(&[ALL, &[&GECKODRIVER]].concat());
    if !(firefox && with_driver().is_ok()) {
        crates_io::ensure(ALL)?;
    }
    fetch_crates()
}

/// Trunk builds offline, so what Cargo.lock names must be here before.
pub(crate) fn fetch_crates() -> Outcome<()> {
    command::run(Command::new("cargo").args(["fetch", "--locked", "--quiet"]).current_dir(workspace::root()?))
}

/// A program of the development packages, such as `tsc`.
pub(crate) fn npm_program(name: &str) -> Outcome<Command> {
    let folder = npm_packages()?;
    let script = if cfg!(windows) { format!("{name}.cmd") } else { name.to_string() };
    let path = folder.join(script);
    if !path.is_file() {
        return Err(format!("the npm packages hold no program `{name}`; remove node_modules/ and run this again"));
    }
    Ok(Command::new(path))
}

/// The development packages of package-lock.json, without their install scripts; returns the folder of their programs.
pub(crate) fn npm_packages() -> Outcome<PathBuf> {
    let root = workspace::root()?;
    let lock = workspace::read(&root.join("package-lock.json"))?;
    let modules = root.join("node_modules");
    // npm leaves no mark that says which lock file it followed: a copy of it is ours.
    let mark = modules.join(".package-lock.copy.json");
    if std::fs::read_to_string(&mark).is_ok_and(|copy| copy == lock) {
        return Ok(modules.join(".bin"));
    }
    if command::find("npm").is_none() {
        return Err(
            "npm was not found: install Node.js 20 or newer, which brings it (nodejs.org, or your system's packages)"
                .to_string(),
        );
    }
    println!("npm packages are missing or out of date: installing what package-lock.json names");
    command::capture(
        command::program("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&root),
    )?;
    std::fs::write(&mark, lock).map_err(|e| format!("{} could not be written: {e}", mark.display()))?;
    Ok(modules.join(".bin"))
}

/// The wasm target of the Rust toolchain in use.
fn wasm_target() -> Outcome<()> {
    let folder = command::capture(Command::new("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]))?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    println!("Rust target {WASM_TARGET} is missing: adding it by rustup");
    command::capture(Command::new("rustup").args(["target", "add", WASM_TARGET])).map_err(|reason| {
        format!(
            "the Rust target {WASM_TARGET} is missing and rustup could not add it. Add it by hand: \
             `rustup target add {WASM_TARGET}`, or without rustup your system's package of Rust's standard library for \
             wasm32 (Debian: libstd-rust-dev-wasm32).\n{reason}"
        )
    })?;
    Ok(())
}

/// rustfmt and clippy, which a minimal toolchain lacks.
fn components() -> Outcome<()> {
    for (program, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if command::capture(Command::new("cargo").args([program, "--version"])).is_ok() {
            continue;
        }
        println!("{component} is missing: adding it by rustup");
        command::capture(Command::new("rustup").args(["component", "add", component])).map_err(|reason| {
            format!("{component} is missing. Add it by hand: `rustup component add {component}`.\n{reason}")
        })?;
    }
    Ok(())
}

/// wasm-opt in the version that package.json pins: the one on PATH, else npm's. Older ones, such as Debian 12's, refuse
/// what the compiler writes today.
fn wasm_opt() -> Outcome<Option<PathBuf>> {
    let pinned = workspace::package_version("binaryen")?;
    let major = pinned.split('.').next().unwrap_or_default();
    if command::find("wasm-opt").is_some() {
        let said = command::capture(Command::new("wasm-opt").arg("--version")).unwrap_or_default();
        if said.split_whitespace().nth(2) == Some(major) {
            return Ok(None);
        }
    }
    npm_packages().map(Some)
}
