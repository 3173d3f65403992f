//! Bombs and crowds: files made to exhaust who reads them, each run through the command, its time and memory measured.
//!
//! The files are made here, below target/bombs/, and nowhere else. Each either is read whole or stops at the limit that
//! the table names; none takes longer than [`MOST_SECONDS`] or more memory than [`MOST_MIB`].

mod archives;
mod make;
mod streams;

use crate::{Outcome, command, measure, workspace};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// What one file may take, in seconds of work.
const MOST_SECONDS: f64 = 10.0;
/// What the command may need for it.
const MOST_MIB: u64 = 1024;

/// How a file is made.
type Make = fn(&mut dyn Write) -> std::io::Result<()>;

/// One file, or two to be compared.
struct Bomb {
    name: &'static str,
    make: Make,
    /// The second side, for a comparison.
    other: Option<Make>,
    /// The limit that stops it; without one it is read whole.
    limit: Option<&'static str>,
    /// A finding that must be named even so.
    finding: Option<&'static str>,
}

const fn stops(name: &'static str, limit: &'static str, make: Make) -> Bomb {
    Bomb { name, make, other: None, limit: Some(limit), finding: None }
}

const fn whole(name: &'static str, make: Make) -> Bomb {
    Bomb { name, make, other: None, limit: None, finding: None }
}

const fn pair(name: &'static str, make: Make, other: Make) -> Bomb {
    Bomb { name, make, other: Some(other), limit: None, finding: None }
}

impl Bomb {
    const fn with(mut self, finding: &'static str) -> Self {
        self.finding = Some(finding);
        self
    }
}

const BOMBS: &[Bomb] = &[
    stops("ten-gigabytes-of-zeros.gz", "ratio", streams::zeros),
    stops("empty-members.gz", "streams", streams::members),
    stops("empty-streams.xz", "streams", streams::xz_streams),
    stops("thousand-layers.gz", "depth", streams::layers),
    stops("dictionary-of-3-gib.lzma", "window-bytes", streams::lzma_dictionary),
    stops("window-of-2-gib.zst", "window-bytes", streams::zstd_window),
    stops("long-name.gz", "name-bytes", streams::long_name),
    stops("quoted-overlap.zip", "total-bytes", archives::quoted_overlap).with("ZIP-17"),
    stops("same-data.zip", "total-bytes", archives::same_data).with("ZIP-17"),
    stops("archives-in-archives.zip", "total-bytes", archives::nested),
    whole("same-name-200000.zip", archives::same_names_zip).with("ZIP-02"),
    whole("entries-300000.zip", archives::entries_zip),
    whole("signatures.zip", archives::signatures),
    whole("end-records.zip", archives::end_records),
    stops("hole-of-a-tebibyte.tar", "ratio", archives::hole),
    stops("old-hole-of-a-tebibyte.tar", "ratio", archives::old_hole),
    stops("pax-header-of-a-tebibyte.tar", "header-bytes", archives::pax_claim),
    stops("long-name-of-a-tebibyte.tar", "header-bytes", archives::name_claim),
    stops("pax-records.tar", "records", archives::records),
    stops("entries-500000.tgz", "entries", archives::entries_tgz),
    whole("same-name-200000.tar", archives::same_names_tar).with("TAR-05"),
    whole("entries-300000.tar", archives::entries_tar),
    whole("chain-of-30000-links.tar", archives::links),
    whole("stairs-of-5000-steps.tar", archives::stairs),
    whole("entries-300000.cpio", archives::entries_cpio),
    whole("entries-300000.a", archives::entries_ar),
    whole("deep-manifest.tgz", archives::deep_manifest),
    whole("deep-metadata.gem", archives::deep_metadata),
    pair("one-line-of-64-mib.txt", make::one_line, make::another_line),
    pair("eight-million-lines.txt", make::lines, make::other_lines),
];

/// What became of one.
struct Row {
    text: String,
    good: bool,
}

/// `cargo xtask bombs`
pub(crate) fn task(arguments: &[String]) -> Outcome<ExitCode> {
    let (mut profile, mut only, mut keep) = ("release", None, false);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--quick" => profile = "quick",
            "--keep" => keep = true,
            "--only" => only = Some(words.next().ok_or("--only wants a part of a name")?),
            other => return Err(format!("`bombs` takes no `{other}`")),
        }
    }
    let root = workspace::root()?;
    command::run(
        Command::new("cargo")
            .args(["build", "--quiet", "--profile", profile, "--package", "twinspect-cli"])
            .current_dir(&root),
    )?;
    let program = root.join("target").join(profile).join("twinspect");
    let folder = root.join("target").join("bombs");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    println!("{:<30}{:>9}{:>9}{:>9}{:>9}{:>9}  stopped at", "file", "MiB", "seconds", "of work", "MiB used", "entries");
    let mut all = true;
    for bomb in BOMBS.iter().filter(|bomb| only.is_none_or(|part| bomb.name.contains(part.as_str()))) {
        let files = files(bomb, &folder)?;
        let row = run(bomb, &program, &files)?;
        for file in files.iter().filter(|_| !keep) {
            let _ = std::fs::remove_file(file);
        }
        println!("{}", row.text);
        all &= row.good;
    }
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn files(bomb: &Bomb, folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (make, side) in [(Some(bomb.make), "a"), (bomb.other, "b")] {
        let Some(make) = make else { continue };
        let path = folder.join(format!("{side}-{}", bomb.name));
        let write = || {
            let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(&path)?);
            make(&mut out)?;
            out.flush()
        };
        write().map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        files.push(path);
    }
    Ok(files)
}

fn run(bomb: &Bomb, program: &Path, files: &[PathBuf]) -> Outcome<Row> {
    let mut call = Command::new(program);
    call.arg(if bomb.other.is_none() { "inspect" } else { "compare" });
    call.args(["--format", "json"]).args(files);
    let measured = measure::run(&mut call, Duration::from_secs(60))?;
    let report: serde_json::Value = serde_json::from_slice(&measured.output).unwrap_or_default();
    let list = |name: &str| report.get(name).and_then(|list| list.as_array()).cloned().unwrap_or_default();
    let texts = |list: &[serde_json::Value], key: &str| -> Vec<String> {
        let mut texts: Vec<String> =
            list.iter().filter_map(|item| Some(item.get(key)?.as_str()?.to_string())).collect();
        texts.sort();
        texts.dedup();
        texts
    };
    let limits = texts(&list("problems"), "limit");
    let findings = texts(&list("findings"), "id");
    let mut faults = Vec::new();
    let code = measured.status.and_then(|status| status.code());
    let expected = match (bomb.limit, bomb.other) {
        (Some(_), _) => 3,
        (None, Some(_)) => 1,
        (None, None) => 0,
    };
    if code != Some(expected) {
        faults.push(format!("exit {code:?}, not {expected}: {}", command::last_lines(&measured.errors, 1)));
    }
    if bomb.limit.map(str::to_string).into_iter().collect::<Vec<_>>() != limits {
        faults.push(format!("the limit {} was expected", bomb.limit.unwrap_or("none")));
    }
    if let Some(finding) = bomb.finding.filter(|finding| !findings.iter().any(|found| found == finding)) {
        faults.push(format!("no {finding}"));
    }
    let worked = measured.worked.unwrap_or(measured.seconds);
    if worked > MOST_SECONDS {
        faults.push("slow".to_string());
    }
    let mib = measured.peak.map_or(0, |peak| peak / 1024);
    if mib > MOST_MIB {
        faults.push("too much memory".to_string());
    }
    let size: u64 = files.iter().filter_map(|file| Some(file.metadata().ok()?.len())).sum();
    let count = list("entries").len();
    let text = format!(
        "{:<30}{:>9.2}{:>9.2}{worked:>9.2}{mib:>9}{count:>9}  {} {}",
        bomb.name,
        size as f64 / 1_048_576.0,
        measured.seconds,
        limits.join(", "),
        if faults.is_empty() { String::new() } else { format!(" WRONG: {}", faults.join("; ")) }
    );
    Ok(Row { text, good: faults.is_empty() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_ones_are_what_they_claim_to_be() {
        let bytes = |make: Make| {
            let mut bytes = Vec::new();
            make(&mut bytes).unwrap();
            bytes
        };
        let overlap = bytes(archives::quoted_overlap);
        assert!(overlap.len() < 60_000, "{} bytes", overlap.len());
        assert_eq!(&overlap[overlap.len() - 22..][..4], b"PK\x05\x06");
        let hole = bytes(archives::hole);
        assert_eq!((hole.len() % 512, hole.len() < 8192), (0, true));
        assert!(bytes(streams::lzma_dictionary).len() < 100);
    }
}
