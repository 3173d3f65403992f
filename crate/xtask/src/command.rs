//! Running other programs: every failure becomes a sentence that names the command.

use crate::Outcome;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a streamed command left behind.
pub(crate) struct Streamed {
    pub(crate) success: bool,
    /// Standard output, which was also shown.
    pub(crate) text: String,
}

/// Runs a command, its output shown.
pub(crate) fn run(command: &mut Command) -> Outcome<()> {
    let status = command.status().map_err(|e| not_started(command, &e))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`{}` failed ({status})", shown(command)))
}

/// Runs a command, its output kept: standard output when it succeeds, all of it in the error when it fails.
pub(crate) fn capture(command: &mut Command) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|e| not_started(command, &e))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{}` failed ({}):\n{text}{errors}", shown(command), output.status))
}

/// Runs a command, its output shown line by line as it comes and kept for counting.
pub(crate) fn stream(command: &mut Command) -> Outcome<Streamed> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|e| not_started(command, &e))?;
    let mut text = String::new();
    if let Some(pipe) = child.stdout.take() {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            let mut screen = std::io::stdout().lock();
            // A closed screen must not stop the tests behind it.
            let _ = screen.write_all(&line).and_then(|()| screen.flush());
            text.push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    let status = child.wait().map_err(|e| not_started(command, &e))?;
    Ok(Streamed { success: status.success(), text })
}

/// The first program of that name on PATH, as a shell would find it.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| {
            let plain = folder.join(program);
            let exe = folder.join(format!("{program}.exe"));
            let cmd = folder.join(format!("{program}.cmd"));
            if cfg!(windows) { vec![exe, cmd] } else { vec![plain] }
        })
        .find(|candidate| candidate.is_file())
}

/// A command for a program that PATH names; on Windows npm is a script, which needs its full name.
pub(crate) fn program(name: &str) -> Command {
    match find(name) {
        Some(path) => Command::new(path),
        None => Command::new(name),
    }
}

/// PATH with these folders in front.
pub(crate) fn path_with(folders: &[PathBuf]) -> Outcome<std::ffi::OsString> {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(std::env::split_paths(&old));
    std::env::join_paths(all).map_err(|e| format!("a folder name does not fit into PATH: {e}"))
}

/// The last lines of a log: where the reason is.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().skip(lines.len().saturating_sub(count)).copied().collect::<Vec<_>>().join("\n")
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` could not be started: {error}", shown(command))
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name).chain(command.get_args()).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named() {
        let sentence = run(&mut Command::new("no-such-program-of-ours")).unwrap_err();
        assert!(sentence.contains("`no-such-program-of-ours` could not be started"), "{sentence}");
    }

    #[test]
    fn a_failing_command_is_named_with_its_last_words() {
        let mut command = Command::new("cargo");
        command.arg("no-such-subcommand-of-ours");
        let sentence = capture(&mut command).unwrap_err();
        assert!(sentence.contains("`cargo no-such-subcommand-of-ours` failed"), "{sentence}");
        assert!(sentence.contains("no such command"), "{sentence}");
    }

    #[test]
    fn last_lines_keeps_the_end() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a\n", 5), "a");
    }
}
