//! Stabilizing, beside decompressing and hashing the same files one after another.

use super::{RUNS, files, median, peak, seconds};
use crate::{Outcome, command, crates_io};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Bytes of the contents of the wheel that is made here.
const WHEEL: u64 = 200_000_000;

/// Measures two npm packages, and a large wheel.
pub(super) fn run(twinspect: &Path) -> Outcome<()> {
    println!("{:<22}{:>9}{:>10}{:>8}{:>10}", "command", "floor s", "stabil. s", "ratio", "peak MB");
    line(twinspect, "lodash, both", "gzip -dc", &files("lodash")?)?;
    line(twinspect, "a wheel of 200 MB", "unzip -p", &[wheel()?])
}

fn line(twinspect: &Path, name: &str, unpack: &str, files: &[PathBuf]) -> Outcome<()> {
    let floor = |file: &PathBuf| {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{unpack} \"$1\" | sha256sum")).arg("floor").arg(file);
        command
    };
    let stabilize = |file: &PathBuf| {
        let mut command = Command::new(twinspect);
        command.arg("stabilize").arg(file);
        command
    };
    let all = |command: &dyn Fn(&PathBuf) -> Command| {
        files.iter().try_fold(0.0, |sum, file| Ok::<_, String>(sum + seconds(&mut command(file))?))
    };
    let (mut floors, mut times) = (Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let pair = (all(&floor)?, all(&stabilize)?);
        if run > 0 {
            floors.push(pair.0);
            times.push(pair.1);
        }
    }
    let (floor, time) = (median(floors), median(times));
    let memory = files.iter().filter_map(|file| peak(stabilize(file))).max();
    let memory = memory.map_or("-".to_string(), |kib| (kib / 1000).to_string());
    println!("{name:<22}{floor:>9.3}{time:>10.3}{:>8.2}{memory:>10}", time / floor);
    Ok(())
}

/// A wheel of this many bytes, half of them text and half of them hard to compress: made once, always the same.
fn wheel() -> Outcome<PathBuf> {
    let path = crates_io::cache_folder()?.join("bench").join("large-1.0-py3-none-any.whl");
    if !path.is_file() {
        println!("making {}", path.display());
        let script = format!(
            "import random, sys, zipfile\n\
             r = random.Random(1)\n\
             words = [('%x' % r.getrandbits(40)).encode() for _ in range(4000)]\n\
             with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:\n\
             \x20   made = 0\n\
             \x20   while made < {WHEEL}:\n\
             \x20       size = r.choice([2000, 20000, 200000, 5000000])\n\
             \x20       text = r.random() < 0.5\n\
             \x20       data = b' '.join(r.choices(words, k=size // 10)) if text else r.randbytes(size // 4) * 4\n\
             \x20       z.writestr('large/%d.py' % made, data)\n\
             \x20       made += len(data)\n\
             \x20   z.writestr('large-1.0.dist-info/WHEEL', b'Wheel-Version: 1.0\\n')\n\
             \x20   z.writestr('large-1.0.dist-info/RECORD', b'')\n"
        );
        let unfinished = path.with_extension("unfinished");
        command::run(Command::new("python3").arg("-c").arg(script).arg(&unfinished))?;
        std::fs::rename(&unfinished, &path).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(path)
}
