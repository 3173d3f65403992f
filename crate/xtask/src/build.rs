//! The release page: Trunk's build of www/ and crate/wasm into dist/, and what it weighs.

use crate::{Outcome, command, finish, tools, workspace};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// `cargo xtask build`
pub(crate) fn task(arguments: &[String]) -> Outcome<ExitCode> {
    match arguments {
        [] => page()?,
        [only] if only == "--same-engine" => page_around_engine()?,
        [unknown, ..] => return Err(format!("`build` takes no `{unknown}`; there is `--same-engine`")),
    };
    Ok(ExitCode::SUCCESS)
}

/// Builds the page with all it needs installed before; returns its folder.
pub(crate) fn page() -> Outcome<PathBuf> {
    let root = workspace::root()?;
    let path = tools::for_the_page()?;
    tools::fetch_crates()?;
    let dist = root.join("dist");
    // A failed build must not leave an old page to be tested as the new one.
    let _ = std::fs::remove_dir_all(&dist);
    println!("building the release page with Trunk");
    command::run(
        Command::new(program_on(&path, "trunk"))
            .arg("build")
            .current_dir(&root)
            .env("PATH", &path)
            // Trunk takes only `true` and `false` here and stops at the customary `1`.
            .env_remove("NO_COLOR"),
    )?;
    finish::dist(&dist)?;
    print!("{}", weights(&dist)?);
    Ok(dist)
}

/// The page anew around the engine of the last build: seconds instead of minutes while working on what is not Rust.
fn page_around_engine() -> Outcome<PathBuf> {
    let dist = last()?;
    let www = workspace::root()?.join("www");
    let index = workspace::read(&www.join("index.html"))?;
    let lines = index.lines().filter(|line| !line.contains("data-trunk")).map(|line| format!("{line}\n"));
    let path = dist.join("index.html");
    std::fs::write(&path, lines.collect::<String>()).map_err(|e| format!("{}: {e}", path.display()))?;
    finish::dist(&dist)?;
    print!("{}", weights(&dist)?);
    Ok(dist)
}

/// The folder that the last build left.
pub(crate) fn last() -> Outcome<PathBuf> {
    let dist = workspace::root()?.join("dist");
    if dist.join("index.html").is_file() {
        return Ok(dist);
    }
    Err("there is no page in dist/ yet: run `cargo xtask build`".to_string())
}

/// The first of that name on a PATH that is not ours: a command is looked up before its variables are set.
fn program_on(path: &std::ffi::OsStr, name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(path)
        .map(|folder| folder.join(&file))
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| PathBuf::from(file))
}

/// What a visit may weigh, in bytes as a host sends them: more fails the build.
struct Budget {
    what: &'static str,
    files: fn(&str) -> bool,
    most: usize,
}

/// Until the page takes a file: the start of the script, what reads, the sheet, the document. Then, behind it, the rest.
const BUDGETS: [Budget; 6] = [
    Budget { what: "first wasm", files: |name| name == "twinspect-reading_bg.wasm", most: 700 * 1024 },
    Budget { what: "first js", files: first_script, most: 60 * 1024 },
    Budget { what: "css", files: |name| name.ends_with(".css"), most: 12 * 1024 },
    Budget { what: "html", files: |name| name.ends_with(".html"), most: 4 * 1024 },
    Budget { what: "all wasm", files: |name| name.ends_with(".wasm"), most: 2_200_000 },
    Budget { what: "all js", files: |name| name.ends_with(".js"), most: 96 * 1024 },
];

/// The scripts without which the page takes no file: all but what shows a result, what goes with the whole engine, and
/// the service worker.
fn first_script(name: &str) -> bool {
    name.ends_with(".js") && !name.starts_with("part-result-") && !matches!(name, "twinspect-wasm.js" | "sw.js")
}

/// One line per budget: how many files, raw and as a host sends them, and what they may come to.
fn weights(dist: &Path) -> Outcome<String> {
    let mut files = Vec::new();
    collect(dist, &mut files)?;
    // What is there to be taken home is not loaded.
    files.retain(|file| !file.starts_with(dist.join(finish::DOWNLOADS)));
    let mut weighed = Vec::new();
    for file in &files {
        let bytes = std::fs::read(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        weighed.push((name, bytes.len(), gzipped(&bytes)?));
    }
    let (mut text, mut over) = (String::new(), Vec::new());
    for Budget { what, files, most } in BUDGETS {
        let (mut count, mut raw, mut packed) = (0_u32, 0, 0);
        for (_, length, small) in weighed.iter().filter(|(name, ..)| files(name)) {
            count += 1;
            raw += length;
            packed += small;
        }
        text.push_str(&format!(
            "  {what:<11}{count:>3} files {:>9.1} kB {:>9.1} kB gzip of {:.1}\n",
            kilobytes(raw),
            kilobytes(packed),
            kilobytes(most)
        ));
        if packed > most {
            over.push(format!("{what} weighs {packed} bytes of {most}"));
        }
    }
    if over.is_empty() { Ok(text) } else { Err(format!("{text}the page is over its budget: {}", over.join("; "))) }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Outcome<()> {
    let unreadable = |e: std::io::Error| format!("{} cannot be read: {e}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

fn gzipped(bytes: &[u8]) -> Outcome<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map(|packed| packed.len())
        .map_err(|e| format!("gzip failed: {e}"))
}

/// Thousands of bytes, as the size budgets count them.
fn kilobytes(bytes: usize) -> f64 {
    u32::try_from(bytes).map_or(f64::INFINITY, f64::from) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_over_its_budget_fails_the_build_and_what_is_taken_home_does_not_count() {
        let dist = std::env::temp_dir().join(format!("twinspect-weights-{}", std::process::id()));
        std::fs::create_dir_all(dist.join(finish::DOWNLOADS)).unwrap();
        // Bytes that do not pack.
        let mut seed = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        })
        .take(20_000)
        .collect();
        std::fs::write(dist.join(finish::DOWNLOADS).join("all.html"), &noise).unwrap();
        std::fs::write(dist.join("index.html"), &noise[..1000]).unwrap();
        assert!(weights(&dist).is_ok());
        std::fs::write(dist.join("page.css"), &noise).unwrap();
        let refused = weights(&dist).unwrap_err();
        std::fs::remove_dir_all(&dist).unwrap();
        assert!(refused.contains("css weighs"), "{refused}");
    }

    #[test]
    fn what_comes_behind_the_start_does_not_count_as_the_start() {
        let first = ["twinspect.js", "part-chunk-ABC.js", "worker.js", "twinspect-reading.js"];
        assert!(first.into_iter().all(first_script));
        assert!(!["part-result-ABC.js", "twinspect-wasm.js", "sw.js", "twinspect.css"].into_iter().any(first_script));
    }

    #[test]
    fn gzip_is_smaller_where_it_can_be() {
        assert!(gzipped(&[b'a'; 1000]).unwrap() < 50);
    }

    #[test]
    fn kilobytes_are_thousands() {
        assert!((kilobytes(1500) - 1.5).abs() < f64::EPSILON);
    }
}
