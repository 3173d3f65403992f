//! Runs a program and measures it: its output, its time and its peak memory.

use crate::Outcome;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a program did.
#[derive(Debug)]
pub(crate) struct Measured {
    /// How it ended; `None` if it was ended, because it took too long.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) output: Vec<u8>,
    pub(crate) errors: String,
    pub(crate) seconds: f64,
    /// Seconds of work, which a busy machine does not change; where the system says so.
    pub(crate) worked: Option<f64>,
    /// KiB, where the system says so.
    pub(crate) peak: Option<u64>,
}

/// Runs a program for at most this long.
pub(crate) fn run(call: &mut Command, most: Duration) -> Outcome<Measured> {
    let start = Instant::now();
    let spawned = call.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| format!("the program could not be started: {error}"))?;
    // Both pipes are drained elsewhere, so that a long report cannot block its writer.
    let (output, errors) = (drain(child.stdout.take()), drain(child.stderr.take()));
    let mut measured =
        Measured { status: None, output: Vec::new(), errors: String::new(), seconds: 0.0, worked: None, peak: None };
    measured.status = wait(&mut child, start, most, &mut measured);
    measured.seconds = start.elapsed().as_secs_f64();
    measured.output = output.join().unwrap_or_default();
    measured.errors = String::from_utf8_lossy(&errors.join().unwrap_or_default()).into_owned();
    Ok(measured)
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// Waits, but not for ever, and watches the memory.
fn wait(child: &mut Child, start: Instant, most: Duration, measured: &mut Measured) -> Option<ExitStatus> {
    loop {
        measured.peak = measured.peak.max(high_water(child.id()));
        measured.worked = worked(child.id()).or(measured.worked);
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if start.elapsed() > most {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The most memory that a running process has had, in KiB.
fn high_water(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Seconds that a running process has worked, in itself and in the system for it.
fn worked(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything.
    let mut numbers = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    // A tick is a hundredth of a second on every Linux.
    Some((user + system) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_heard_and_a_slow_one_is_ended() {
        let quick = run(Command::new("cargo").arg("--version"), Duration::from_secs(60)).unwrap();
        assert!(quick.status.is_some_and(|status| status.success()));
        assert!(quick.output.starts_with(b"cargo "), "{}", quick.errors);
        let slow = run(Command::new("sleep").arg("60"), Duration::from_millis(50)).unwrap();
        assert!(slow.status.is_none() && slow.seconds < 30.0);
    }
}
