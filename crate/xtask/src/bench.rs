//! Speed and memory on published packages, each beside its floor measured in the same run: decompressing and hashing
//! both sides in parallel with the system's own tools. A figure is a median of several runs on this machine; only
//! ratios travel.

mod stabilize;

use crate::{Outcome, browser, build, command, crates_io, tools, workspace};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// Runs of each command, after one that is not counted.
const RUNS: usize = 5;

/// What the lines about stabilizing are called.
const STABILIZE: &str = "stabilize";

/// Two published versions of a package.
struct Pair {
    name: &'static str,
    from: Registry,
    versions: [&'static str; 2],
}

#[derive(Clone, Copy)]
enum Registry {
    Npm,
    PyPi,
    Crates,
}

const PAIRS: &[Pair] = &[
    Pair { name: "lodash", from: Registry::Npm, versions: ["4.17.20", "4.17.21"] },
    Pair { name: "typescript", from: Registry::Npm, versions: ["5.6.2", "5.6.3"] },
    Pair { name: "date-fns", from: Registry::Npm, versions: ["4.0.0", "4.1.0"] },
    Pair { name: "@mui/icons-material", from: Registry::Npm, versions: ["6.1.0", "6.1.1"] },
    Pair { name: "numpy", from: Registry::PyPi, versions: ["2.1.2", "2.1.3"] },
    Pair { name: "web-sys", from: Registry::Crates, versions: ["0.3.72", "0.3.76"] },
];

/// `cargo xtask bench`
pub(crate) fn task(arguments: &[String]) -> Outcome<ExitCode> {
    if let Some(("--page-bars", more)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        let short = match more {
            [] => false,
            [only] if only == "--short" => true,
            _ => return Err("`bench --page-bars` takes only `--short`".to_string()),
        };
        let held = page_bars(short)?.status().map_err(|e| format!("node was not started: {e}"))?.success();
        return Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let (mut only, mut page) = (None, true);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--only" => only = Some(rest.next().ok_or("--only wants a package's name")?.clone()),
            "--no-page" => page = false,
            other => return Err(format!("`bench` takes no `{other}`")),
        }
    }
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    let pairs: Vec<&Pair> = PAIRS.iter().filter(|pair| wanted(pair.name)).collect();
    if pairs.is_empty() && !wanted(STABILIZE) {
        let names: Vec<&str> = PAIRS.iter().map(|pair| pair.name).chain([STABILIZE]).collect();
        return Err(format!("--only wants one of {}", names.join(", ")));
    }
    let root = workspace::root()?;
    command::run(
        Command::new("cargo").args(["build", "--quiet", "--release", "--package", "twinspect-cli"]).current_dir(&root),
    )?;
    let twinspect = root.join("target/release/twinspect");
    if wanted(STABILIZE) {
        stabilize::run(&twinspect)?;
    }
    if pairs.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let mut inputs = Vec::new();
    println!("{:<22}{:>9}{:>10}{:>8}{:>10}", "command", "floor s", "compare s", "ratio", "peak MB");
    for pair in pairs {
        let files = fetch(pair)?;
        let floor = floor(&files);
        let compare = || {
            let mut command = Command::new(&twinspect);
            command.args(["compare", "--format", "json"]).args(&files);
            command
        };
        let (mut floors, mut compares) = (Vec::new(), Vec::new());
        for run in 0..=RUNS {
            // In turn, so that a machine that slows down slows both.
            let times = (seconds(&mut floor())?, seconds(&mut compare())?);
            if run > 0 {
                floors.push(times.0);
                compares.push(times.1);
            }
        }
        let (floor, compare_time) = (median(floors), median(compares));
        let memory = peak(compare()).map_or("-".to_string(), |kib| (kib / 1000).to_string());
        println!("{:<22}{floor:>9.3}{compare_time:>10.3}{:>8.2}{memory:>10}", pair.name, compare_time / floor);
        inputs.push((pair.name, files, floor));
    }
    if page {
        in_the_page(&inputs)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures the page that is in dist/ on made inputs, each figure beside its bar. It fails where a figure misses its bar
/// that is the same on every machine.
pub(crate) fn page_bars(short: bool) -> Outcome<Command> {
    build::last()?;
    tools::npm_packages()?;
    let chromium = browser::chromium()?;
    let mut command = Command::new("node");
    command.arg("tests/browser/bars.js").current_dir(workspace::root()?).env("CHROMIUM", chromium.browser);
    if short {
        command.arg("--short");
    }
    Ok(command)
}

/// The same pairs through the built page in headless Chromium.
fn in_the_page(inputs: &[(&str, [PathBuf; 2], f64)]) -> Outcome<()> {
    build::page()?;
    tools::npm_packages()?;
    let chromium = browser::chromium()?;
    let mut command = Command::new("node");
    command.arg("tests/browser/bench.js").current_dir(workspace::root()?).env("CHROMIUM", chromium.browser);
    for (name, [left, right], floor) in inputs {
        command.arg(name).arg(left).arg(right).arg(floor.to_string());
    }
    command::run(&mut command)
}

/// The two files of a pair by its name.
pub(crate) fn files(name: &str) -> Outcome<[PathBuf; 2]> {
    fetch(PAIRS.iter().find(|pair| pair.name == name).ok_or_else(|| format!("there is no pair {name}"))?)
}

/// The two files of a pair, fetched once into the per-user cache.
fn fetch(pair: &Pair) -> Outcome<[PathBuf; 2]> {
    let folder = crates_io::cache_folder()?.join("bench");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
    let file = |version: &str| -> Outcome<PathBuf> {
        let stem = format!("{}-{version}", pair.name.trim_start_matches('@').replace('/', "-"));
        if let Some(found) = present(&folder, &stem) {
            return Ok(found);
        }
        println!("fetching {} {version}", pair.name);
        match pair.from {
            Registry::Npm => {
                command::capture(
                    command::program("npm")
                        .args(["pack", "--silent", "--ignore-scripts", &format!("{}@{version}", pair.name)])
                        .current_dir(&folder),
                )?;
            }
            Registry::PyPi => {
                let wanted = format!("{}=={version}", pair.name);
                command::capture(Command::new("python3").current_dir(&folder).args([
                    "-m",
                    "pip",
                    "download",
                    "--quiet",
                    "--no-deps",
                    "--only-binary",
                    ":all:",
                    "--python-version",
                    "3.12",
                    "--platform",
                    "manylinux2014_x86_64",
                    &wanted,
                ]))?;
            }
            Registry::Crates => fetch_crate(&folder, pair.name, version)?,
        }
        present(&folder, &stem).ok_or_else(|| format!("{stem} was fetched, yet it is not in {}", folder.display()))
    };
    let [left, right] = pair.versions;
    Ok([file(left)?, file(right)?])
}

fn present(folder: &Path, stem: &str) -> Option<PathBuf> {
    let ours = |path: &PathBuf| {
        path.is_file()
            && path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
                name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('-') || matches!(rest, ".tgz" | ".crate"))
            })
    };
    std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).find(ours)
}

/// Cargo has no command that downloads a crate's file: a package that depends on it makes cargo fetch it.
fn fetch_crate(folder: &Path, name: &str, version: &str) -> Outcome<()> {
    let project = folder.join(format!("fetch-{name}-{version}"));
    let write = |path: PathBuf, text: &str| std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()));
    std::fs::create_dir_all(project.join("src")).map_err(|e| format!("{}: {e}", project.display()))?;
    let manifest = format!(
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\n{name} = \"={version}\"\n[workspace]\n"
    );
    write(project.join("Cargo.toml"), &manifest)?;
    write(project.join("src/lib.rs"), "")?;
    command::capture(Command::new("cargo").args(["fetch", "--quiet"]).current_dir(&project))?;
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))
        .ok_or("neither CARGO_HOME nor HOME is set")?;
    let file = format!("{name}-{version}.crate");
    let caches = std::fs::read_dir(home.join("registry/cache")).map_err(|e| format!("cargo's cache: {e}"))?;
    for cache in caches.filter_map(Result::ok) {
        let from = cache.path().join(&file);
        if from.is_file() {
            return std::fs::copy(&from, folder.join(&file)).map(|_| ()).map_err(|e| format!("{file}: {e}"));
        }
    }
    Err(format!("cargo fetched {name} {version}, yet {file} is not in its cache"))
}

/// Decompress and hash both sides in parallel.
fn floor(files: &[PathBuf; 2]) -> impl Fn() -> Command + use<> {
    let zip = files[0].extension().is_some_and(|extension| extension == "whl");
    let unpack = if zip { "unzip -p" } else { "gzip -dc" };
    let script = format!("{unpack} \"$1\" | sha256sum & {unpack} \"$2\" | sha256sum & wait");
    let files = files.clone();
    move || {
        let mut command = Command::new("sh");
        command.arg("-c").arg(&script).arg("floor").args(&files);
        command
    }
}

fn seconds(command: &mut Command) -> Outcome<f64> {
    let start = Instant::now();
    let status =
        command.stdin(Stdio::null()).stdout(Stdio::null()).status().map_err(|e| format!("not started: {e}"))?;
    let time = start.elapsed().as_secs_f64();
    // 1 says different, which two versions are.
    if status.code().is_some_and(|code| code < 2) {
        Ok(time)
    } else {
        Err(format!("a measured command failed ({status})"))
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Peak resident memory in KiB, by GNU time where it is installed.
fn peak(command: Command) -> Option<u64> {
    let time = command::find("time")?;
    let mut wrapped = Command::new(time);
    wrapped.args(["-f", "%M"]).arg(command.get_program()).args(command.get_args());
    let output = wrapped.stdout(Stdio::null()).stderr(Stdio::piped()).output().ok()?;
    String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
