//! Tools that are built from crates.io, once per user and version.
//!
//! A tool on PATH in the right version is used as it is. Otherwise `cargo install` builds it into the user's cache
//! folder, where later clones find it. Missing tools are built side by side, without optimization: Trunk and
//! wasm-bindgen run for a second, and optimizing them costs minutes (see [`PROFILE`]).

use crate::{Outcome, command, workspace};
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A tool that lives on crates.io.
pub(crate) struct Tool {
    krate: &'static str,
    version: Version,
    /// What `<program> --version` starts with, before the version.
    programs: &'static [&'static str],
    features: &'static [&'static str],
}

enum Version {
    Exactly(&'static str),
    /// The version that Cargo.lock names for this crate.
    LockedWith(&'static str),
}

/// Builds the page. Its features only serve downloads over TLS, which `offline = true` in Trunk.toml forbids anyway:
/// without them 293 CPU seconds became 260. Trunk 0.22 needs a newer compiler than ours.
pub(crate) const TRUNK: Tool = Tool {
    krate: "trunk",
    version: Version::Exactly("0.21.14"),
    programs: &["trunk"],
    features: &["--no-default-features"],
};

/// Writes the JavaScript around the wasm; must match the crate of the same name to the last digit. Its features are
/// TLS for remote browsers.
pub(crate) const WASM_BINDGEN: Tool = Tool {
    krate: "wasm-bindgen-cli",
    version: Version::LockedWith("wasm-bindgen"),
    programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
    features: &["--no-default-features"],
};

/// Runs the boundary's tests in a browser.
pub(crate) const WASM_PACK: Tool =
    Tool { krate: "wasm-pack", version: Version::Exactly("0.15.1"), programs: &["wasm-pack"], features: &[] };

/// Speaks WebDriver to Firefox. Measured like the tools below: 82 CPU seconds.
pub(crate) const GECKODRIVER: Tool =
    Tool { krate: "geckodriver", version: Version::Exactly("0.37.1"), programs: &["geckodriver"], features: &[] };

/// Runs the fuzz targets.
pub(crate) const CARGO_FUZZ: Tool =
    Tool { krate: "cargo-fuzz", version: Version::Exactly("0.13.2"), programs: &["cargo-fuzz"], features: &[] };

/// The fastest honest build: the sources as published, the compiler told to do no more than needed. Measured on two
/// cores, CPU seconds: Trunk 260 (with its defaults and `--locked`: 660), wasm-bindgen-cli 99 (opt-level 1: 193),
/// wasm-pack 95. An unoptimized wasm-bindgen needs 0.6 s for 2 MB of wasm instead of 0.2.
const PROFILE: &[&str] = &[
    "profile.dev.debug=0",
    "profile.dev.panic=\"abort\"",
    "profile.dev.overflow-checks=false",
    "profile.dev.debug-assertions=false",
    "profile.dev.codegen-units=1",
    "profile.dev.incremental=false",
];

/// Finds or builds the tools; returns the folders that hold them, to be put in front of PATH.
pub(crate) fn ensure(tools: &[&Tool]) -> Outcome<Vec<PathBuf>> {
    let mut folders = Vec::new();
    let mut missing = Vec::new();
    for tool in tools {
        let wanted = tool.resolve()?;
        match wanted.present() {
            Some(folder) => folders.push(folder),
            None => missing.push(wanted),
        }
    }
    build_side_by_side(&missing)?;
    folders.extend(missing.iter().map(|wanted| wanted.home.join("bin")));
    Ok(folders)
}

/// A tool with its version and its place in the cache known.
struct Wanted {
    krate: &'static str,
    version: String,
    programs: &'static [&'static str],
    features: &'static [&'static str],
    /// Where this version lives once built: `<cache>/twinspect/tools/<name>-<version>`.
    home: PathBuf,
}

impl Tool {
    fn resolve(&self) -> Outcome<Wanted> {
        let version = match self.version {
            Version::Exactly(version) => version.to_string(),
            Version::LockedWith(krate) => workspace::crate_version(krate)?,
        };
        let home = cache_folder()?.join(format!("{}-{version}", self.krate));
        Ok(Wanted { krate: self.krate, version, programs: self.programs, features: self.features, home })
    }
}

impl Wanted {
    /// The folder that already holds this version: one on PATH, else the cache.
    fn present(&self) -> Option<PathBuf> {
        let on_path = self.programs.first().and_then(|name| command::find(name));
        let candidates =
            [on_path.as_deref().and_then(Path::parent).map(Path::to_path_buf), Some(self.home.join("bin"))];
        candidates.into_iter().flatten().find(|folder| self.works_in(folder))
    }

    fn works_in(&self, folder: &Path) -> bool {
        self.programs.iter().all(|name| {
            let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
            path.is_file()
                && command::capture(Command::new(&path).arg("--version"))
                    .is_ok_and(|text| text.split_whitespace().nth(1) == Some(self.version.as_str()))
        })
    }

    fn by_hand(&self) -> String {
        format!("cargo install {} --version {} --locked", self.krate, self.version)
    }

    /// Builds into a folder of its own and moves it into place whole, so that an interrupted build leaves nothing that
    /// looks finished, and two clones may build at once.
    fn build(&self, compiled: &AtomicUsize) -> Outcome<()> {
        let partial = self.home.with_extension(format!("{}.partial", std::process::id()));
        // The lock file may name a version that a mirror of crates.io does not have yet.
        let built =
            self.cargo_install(&partial, true, compiled).or_else(|_| self.cargo_install(&partial, false, compiled));
        let moved = built.and_then(|()| {
            // What is there does not work (see `present`), or another clone was quicker with the same content.
            let _ = std::fs::remove_dir_all(&self.home);
            std::fs::rename(partial.join("root"), &self.home)
                .map_err(|e| format!("{} could not be moved into the cache: {e}", self.krate))
        });
        let _ = std::fs::remove_dir_all(&partial);
        moved
    }

    fn cargo_install(&self, partial: &Path, locked: bool, compiled: &AtomicUsize) -> Outcome<()> {
        let mut cargo = Command::new("cargo");
        cargo
            .args(["install", self.krate, "--version", &self.version, "--debug", "--no-track", "--color", "never"])
            .args(self.features)
            .args(PROFILE.iter().flat_map(|setting| ["--config", setting]))
            .args(self.programs.iter().flat_map(|name| ["--bin", name]))
            .arg("--root")
            .arg(partial.join("root"))
            .arg("--target-dir")
            .arg(partial.join("target"));
        if locked {
            cargo.arg("--locked");
        }
        let log = counting_crates(&mut cargo, compiled)?;
        if self.works_in(&partial.join("root").join("bin")) {
            return Ok(());
        }
        Err(format!(
            "{} {} could not be built from crates.io:\n{}\nWhen that is repaired, run this again, or install it by hand: {}",
            self.krate,
            self.version,
            command::last_lines(&log, 15),
            self.by_hand()
        ))
    }
}

/// Where tools are kept for every clone of this user.
pub(crate) fn cache_folder() -> Outcome<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = variable("XDG_CACHE_HOME")
        .or_else(|| if cfg!(windows) { variable("LOCALAPPDATA") } else { None })
        .or_else(|| {
            let home = variable("HOME")?;
            Some(if cfg!(target_os = "macos") { home.join("Library").join("Caches") } else { home.join(".cache") })
        })
        .ok_or_else(|| "no cache folder: set HOME or XDG_CACHE_HOME".to_string())?;
    let folder = base.join("twinspect").join("tools");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{} could not be made: {e}", folder.display()))?;
    Ok(folder)
}

/// Trunk waits most of a minute for one crate (minify-html-common, type-checking a table of 11 MB): the others fill
/// that gap.
fn build_side_by_side(missing: &[Wanted]) -> Outcome<()> {
    if missing.is_empty() {
        return Ok(());
    }
    for wanted in missing {
        println!("{} {} is missing: building it from crates.io, once for this user", wanted.krate, wanted.version);
    }
    let compiled = AtomicUsize::new(0);
    let compiled = &compiled;
    thread::scope(|scope| {
        let started = Instant::now();
        let builds: Vec<_> = missing
            .iter()
            .map(|wanted| {
                scope.spawn(move || {
                    let result = wanted.build(compiled);
                    if result.is_ok() {
                        println!(
                            "{}{} {} built in {} s",
                            clear_line(),
                            wanted.krate,
                            wanted.version,
                            started.elapsed().as_secs()
                        );
                    }
                    result
                })
            })
            .collect();
        let mut last = Instant::now();
        while !builds.iter().all(thread::ScopedJoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(200));
            show_progress(compiled.load(Ordering::Relaxed), started, &mut last);
        }
        for build in builds {
            build.join().map_err(|_| "a build stopped unexpectedly".to_string())??;
        }
        Ok(())
    })
}

/// On a terminal one line that renews itself, elsewhere a line every half minute.
fn show_progress(compiled: usize, started: Instant, last: &mut Instant) {
    let text = format!("  {compiled} crates, {} s", started.elapsed().as_secs());
    if std::io::stdout().is_terminal() {
        print!("\r{text}");
        let _ = std::io::stdout().flush();
    } else if last.elapsed() >= Duration::from_secs(30) {
        *last = Instant::now();
        println!("{text}");
    }
}

fn clear_line() -> &'static str {
    if std::io::stdout().is_terminal() { "\r\x1b[K" } else { "" }
}

/// Runs cargo quietly, counting what it compiles; returns its log.
fn counting_crates(cargo: &mut Command, compiled: &AtomicUsize) -> Outcome<String> {
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("`cargo install` could not be started: {e}"))?;
    let mut log = String::new();
    if let Some(pipe) = child.stderr.take() {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if line.trim_start().starts_with("Compiling ") {
                compiled.fetch_add(1, Ordering::Relaxed);
            }
            log.push_str(&line);
            log.push('\n');
        }
    }
    child.wait().map_err(|e| format!("`cargo install` was lost: {e}"))?;
    Ok(log)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasm_bindgen_follows_the_lock_file() {
        let wanted = WASM_BINDGEN.resolve().unwrap();
        assert_eq!(wanted.version, workspace::crate_version("wasm-bindgen").unwrap());
        assert!(wanted.home.ends_with(format!("twinspect/tools/wasm-bindgen-cli-{}", wanted.version)));
    }

    #[test]
    fn a_folder_without_the_program_does_not_work() {
        assert!(!TRUNK.resolve().unwrap().works_in(Path::new("no such folder")));
    }

    #[test]
    fn a_program_of_another_version_does_not_work() {
        let wanted = Wanted {
            krate: "cargo",
            version: "0.0.1".to_string(),
            programs: &["cargo"],
            features: &[],
            home: PathBuf::new(),
        };
        let cargo = command::find("cargo").unwrap();
        assert!(!wanted.works_in(cargo.parent().unwrap()));
    }
}
