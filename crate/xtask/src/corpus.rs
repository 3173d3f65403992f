//! Trust, measured: `twinspect inspect` over a folder of odd and hostile archives with a manifest that says what is
//! expected of each.
//!
//! `MANIFEST.tsv` has a heading; the columns `file` and `expect` are needed, `entries` and `ids` are used. `expect`:
//! `ok` opens without a finding above info, `warn` raises one, `error` says that the file is damaged, `limit` that a
//! limit stopped the work; `a|b` is either, and anything else is only required to survive.
//!
//! Where the folder has a `reference.tsv.gz`, the reader models are held against it (crate/core/examples/).
//! With `--page` the same files are dropped on the built page instead, which must survive each.

mod wasm;

use crate::{Outcome, browser, build, command, tools, workspace};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Files handled at once.
const PARALLEL: usize = 2;
/// A file may take as long; beyond twice of it the command is ended.
const MOST: Duration = Duration::from_secs(10);
/// Percent of the rows that must be noticed.
const RECALL: f64 = 90.0;

/// One line of the manifest.
#[derive(Clone, Debug, Default)]
struct Row {
    file: String,
    expect: String,
    ids: String,
    entries: Option<u64>,
}

/// What the command made of one file.
#[derive(Debug, Default)]
struct Answer {
    /// Why there is no report, if there is none.
    crash: Option<String>,
    seconds: f64,
    peak_kib: Option<u64>,
    /// Findings by severity and id, e.g. `high ZIP-07`.
    findings: Vec<String>,
    problems: u64,
    entries: u64,
}

impl Answer {
    fn above_info(&self) -> impl Iterator<Item = &str> {
        self.findings.iter().map(String::as_str).filter(|finding| !finding.starts_with("info"))
    }

    fn noticed(&self) -> bool {
        self.problems > 0 || self.above_info().next().is_some()
    }
}

impl Row {
    fn parts(&self) -> impl Iterator<Item = &str> {
        self.expect.split('|')
    }

    /// Whether something must be said about it.
    fn is_bad(&self) -> bool {
        self.parts().all(|part| matches!(part, "warn" | "error" | "limit"))
    }
}

/// `cargo xtask corpus`
pub(crate) fn task(arguments: &[String]) -> Outcome<ExitCode> {
    let (mut folder, mut profile, mut in_page, mut in_wasm) = (None, "release", false, false);
    for argument in arguments {
        match argument.as_str() {
            "--quick" => profile = "quick",
            "--page" => in_page = true,
            "--wasm" => in_wasm = true,
            other if other.starts_with("--") => return Err(format!("`corpus` takes no `{other}`")),
            path => folder = Some(PathBuf::from(path)),
        }
    }
    let folder = folder.ok_or("`corpus` wants a folder with a MANIFEST.tsv")?;
    let rows = manifest(&workspace::read(&folder.join("MANIFEST.tsv"))?)?;
    if in_page {
        return page(&folder, &rows);
    }
    let root = workspace::root()?;
    if in_wasm {
        let files: Vec<PathBuf> = rows.iter().map(|row| folder.join(&row.file)).collect();
        return Ok(if wasm::compare(&files, profile)? { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    command::run(
        Command::new("cargo")
            .args(["build", "--quiet", "--profile", profile, "--package", "twinspect-cli"])
            .current_dir(&root),
    )?;
    let program = root.join("target").join(profile).join("twinspect");
    let answers = run(&program, &folder, &rows);
    let (enough, alike) = (summarize(&rows, &answers), models(&root, &folder)?);
    Ok(if enough && alike { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Holds the reader models against what the readers themselves made of the files, where the corpus says it.
fn models(root: &Path, folder: &Path) -> Outcome<bool> {
    if !folder.join("reference.tsv.gz").is_file() {
        return Ok(true);
    }
    let folder = folder.canonicalize().map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut right = true;
    for example in ["zip_readers", "tar_readers"] {
        println!("\nmodels of {}", example.replace('_', " "));
        let mut cargo = Command::new("cargo");
        cargo.args(["run", "--quiet", "--profile", "quick", "--package", "twinspect", "--example", example, "--"]);
        if example == "tar_readers" {
            cargo.arg("corpus");
        }
        let status = cargo.arg(&folder).current_dir(root).status();
        right &= status.map_err(|e| format!("cargo was not started: {e}"))?.success();
    }
    Ok(right)
}

/// Drops every file on the page that is in `dist/`: alone, and with the next one as its pair.
fn page(folder: &Path, rows: &[Row]) -> Outcome<ExitCode> {
    build::last()?;
    tools::npm_packages()?;
    let chromium = browser::chromium()?;
    let node = command::find("node").ok_or("node was not found: install Node.js 20 or newer")?;
    let folder = folder.canonicalize().map_err(|e| format!("{}: {e}", folder.display()))?;
    let status = Command::new(node)
        .arg("tests/browser/corpus.js")
        .arg(&folder)
        .args(rows.iter().map(|row| &row.file))
        .current_dir(workspace::root()?)
        .env("CHROMIUM", chromium.browser)
        .status()
        .map_err(|e| format!("node was not started: {e}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn manifest(text: &str) -> Outcome<Vec<Row>> {
    let mut lines = text.lines();
    let heading: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let column = |name: &str| heading.iter().position(|column| *column == name);
    let (Some(file), Some(expect)) = (column("file"), column("expect")) else {
        return Err("the manifest has no columns `file` and `expect`".to_string());
    };
    let rows = lines.filter(|line| !line.trim().is_empty()).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let cell =
            |at: Option<usize>| at.and_then(|at| cells.get(at)).map_or(String::new(), |cell| (*cell).to_string());
        Row {
            file: cell(Some(file)),
            expect: cell(Some(expect)),
            ids: cell(column("ids")),
            entries: cell(column("entries")).parse().ok(),
        }
    });
    Ok(rows.collect())
}

/// Inspects every file, several at once.
fn run(program: &Path, folder: &Path, rows: &[Row]) -> Vec<Answer> {
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<(usize, Answer)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..PARALLEL {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(row) = rows.get(at) else { break };
                    let answer = inspect(program, &folder.join(&row.file));
                    answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, answer));
                }
            });
        }
    });
    let mut answers = answers.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn inspect(program: &Path, file: &Path) -> Answer {
    let start = Instant::now();
    let mut call = Command::new(program);
    call.args(["inspect", "--format", "json"]).arg(file);
    let child = call.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let crash =
        |crash: String| Answer { crash: Some(crash), seconds: start.elapsed().as_secs_f64(), ..Answer::default() };
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return crash(format!("not started: {error}")),
    };
    // Both pipes are drained elsewhere, so that a long report cannot block its writer.
    let (out, err) = (drain(child.stdout.take()), drain(child.stderr.take()));
    let mut peak_kib = None;
    let Some(status) = wait(&mut child, start, &mut peak_kib) else {
        return crash("ended after twice the time allowed".to_string());
    };
    let (out, err) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
    let seconds = start.elapsed().as_secs_f64();
    let err = String::from_utf8_lossy(&err).into_owned();
    // 3 says incomplete.
    if !matches!(status.code(), Some(0 | 3)) {
        return Answer { seconds, ..crash(format!("{status}: {}", err.lines().next().unwrap_or_default())) };
    }
    match serde_json::from_slice::<serde_json::Value>(&out) {
        Ok(report) => Answer { seconds, peak_kib, ..read(&report) },
        Err(error) => crash(format!("no report: {error}")),
    }
}

fn drain(pipe: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// Waits, but not for ever, and watches the memory.
fn wait(child: &mut Child, start: Instant, peak_kib: &mut Option<u64>) -> Option<std::process::ExitStatus> {
    loop {
        *peak_kib = (*peak_kib).max(peak(child.id()));
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if start.elapsed() > 2 * MOST {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The most memory that a running process has had, where the system says so.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn read(report: &serde_json::Value) -> Answer {
    let list = |name: &str| report.get(name).and_then(|list| list.as_array()).cloned().unwrap_or_default();
    let text = |value: &serde_json::Value, key: &str| {
        value.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_string()
    };
    let finding = |finding: &serde_json::Value| format!("{} {}", text(finding, "severity"), text(finding, "id"));
    // The artifact itself is the first of the entries.
    let entries = list("entries").len().saturating_sub(1) as u64;
    Answer {
        findings: list("findings").iter().map(finding).collect(),
        problems: list("problems").len() as u64,
        entries,
        ..Answer::default()
    }
}

/// Prints the figures; whether they are what is promised.
fn summarize(rows: &[Row], answers: &[Answer]) -> bool {
    let both = || rows.iter().zip(answers);
    let bad: Vec<_> = both().filter(|(row, _)| row.is_bad()).collect();
    let hits = bad.iter().filter(|(_, answer)| answer.crash.is_none() && answer.noticed()).count();
    let recall = if bad.is_empty() { 100.0 } else { 100.0 * hits as f64 / bad.len() as f64 };
    let good: Vec<_> = both().filter(|(row, _)| row.expect == "ok").collect();
    let false_alarms: Vec<_> = good.iter().filter(|(_, answer)| answer.above_info().next().is_some()).collect();
    let damaged: Vec<_> = good.iter().filter(|(_, answer)| answer.problems > 0).collect();
    let crashes: Vec<_> = both().filter(|(_, answer)| answer.crash.is_some()).collect();
    let slow: Vec<_> = both().filter(|(_, answer)| answer.seconds > MOST.as_secs_f64()).collect();
    let counted: Vec<_> = both().filter(|(row, answer)| row.entries.is_some() && answer.crash.is_none()).collect();
    let miscounted: Vec<_> = counted.iter().filter(|(row, answer)| row.entries != Some(answer.entries)).collect();
    for (row, _) in bad.iter().filter(|(_, answer)| !answer.noticed()) {
        println!("missed         {}  {}  {}", row.file, row.expect, row.ids);
    }
    for (row, answer) in &false_alarms {
        println!("false alarm    {}  {}", row.file, answer.above_info().collect::<Vec<_>>().join(", "));
    }
    for (row, answer) in &damaged {
        println!("not read       {}  {} problems", row.file, answer.problems);
    }
    for (row, answer) in &miscounted {
        println!("entries        {}  {} expected, {} found", row.file, row.entries.unwrap_or_default(), answer.entries);
    }
    for (row, answer) in &crashes {
        println!("crash          {}  {}", row.file, answer.crash.as_deref().unwrap_or_default());
    }
    for (row, answer) in &slow {
        println!("slow           {}  {:.1} s", row.file, answer.seconds);
    }
    let slowest = both().max_by(|left, right| left.1.seconds.total_cmp(&right.1.seconds));
    let largest = both().filter_map(|(row, answer)| Some((answer.peak_kib?, row))).max_by_key(|(peak, _)| *peak);
    println!("files          {}", rows.len());
    println!("recall         {recall:.1} % ({hits} of {} that must be noticed)", bad.len());
    println!("false alarms   {} of {} that are exactly ok", false_alarms.len(), good.len());
    println!("not read       {} of {} that are exactly ok", damaged.len(), good.len());
    println!("crashes        {}", crashes.len());
    println!("over {} s      {}", MOST.as_secs(), slow.len());
    if let Some((row, answer)) = slowest {
        println!("slowest        {:.2} s  {}", answer.seconds, row.file);
    }
    if let Some((peak, row)) = largest {
        println!("peak memory    {} MiB  {}", peak / 1024, row.file);
    }
    println!("entry counts   {} of {} stated ones agree", counted.len() - miscounted.len(), counted.len());
    crashes.is_empty() && slow.is_empty() && false_alarms.is_empty() && recall >= RECALL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_by_its_heading() {
        let rows = manifest("file\tformat\texpect\tentries\na.zip\tzip\twarn|error\t\nb.tar\ttar\tok\t3\n").unwrap();
        assert_eq!((rows[0].file.as_str(), rows[0].is_bad(), rows[0].entries), ("a.zip", true, None));
        assert_eq!((rows[1].file.as_str(), rows[1].is_bad(), rows[1].entries), ("b.tar", false, Some(3)));
        assert!(manifest("name\tok\n").is_err());
    }

    #[test]
    fn targets_are_missed_by_one_false_alarm_or_too_few_hits() {
        let row = |expect: &str| Row { expect: expect.to_string(), ..Row::default() };
        let answer = |finding: &str| Answer { findings: vec![finding.to_string()], ..Answer::default() };
        assert!(summarize(&[row("warn"), row("ok")], &[answer("high ZIP-07"), answer("info ZIP-30")]));
        assert!(!summarize(&[row("warn"), row("ok")], &[answer("info ZIP-07"), answer("info ZIP-30")]));
        assert!(!summarize(&[row("warn"), row("ok")], &[answer("high ZIP-07"), answer("medium ZIP-31")]));
        assert!(summarize(&[row("ok|warn"), row("nocrash")], &[answer("medium ZIP-31"), answer("info X")]));
        let crashed = Answer { crash: Some("panicked".to_string()), ..Answer::default() };
        assert!(!summarize(&[row("nocrash")], &[crashed]));
    }
}
