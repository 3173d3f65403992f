//! Native and wasm over the same files: every manifest and every report of two neighbours, byte for byte by digest.
//!
//! The wasm is that of crate/wasm, run by Node with a Blob of ours; the limits of time and the browser are not in it.

use crate::{Outcome, command, crates_io, tools, workspace};
use std::path::Path;
use std::process::Command;

/// Runs both, and prints where they differ; whether they never do.
pub(super) fn compare(files: &[std::path::PathBuf], profile: &str) -> Outcome<bool> {
    let root = workspace::root()?;
    let folder = root.join("target").join("corpus-wasm");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{} could not be made: {e}", folder.display()))?;
    let list = folder.join("files.txt");
    let text: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
    std::fs::write(&list, text).map_err(|e| format!("{} could not be written: {e}", list.display()))?;

    let cargo = |arguments: &[&str]| {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--profile", profile]).args(arguments).current_dir(&root);
        command::run(&mut cargo)
    };
    cargo(&["--package", "twinspect-tests", "--bin", "readings"])?;
    tools::for_wasm_tests()?;
    cargo(&["--package", "twinspect-wasm", "--target", tools::WASM_TARGET])?;
    let path = command::path_with(&crates_io::ensure(&[&crates_io::WASM_BINDGEN])?)?;
    let wasm = root.join("target").join(tools::WASM_TARGET).join(profile).join("twinspect_wasm.wasm");
    command::run(
        Command::new("wasm-bindgen")
            .env("PATH", path)
            .args(["--target", "nodejs", "--no-typescript", "--out-dir"])
            .arg(&folder)
            .arg(wasm),
    )?;
    // The checkout says of its JavaScript that it is made of modules; what is made for Node is not.
    let kind = folder.join("package.json");
    std::fs::write(&kind, "{ \"type\": \"commonjs\" }\n").map_err(|e| format!("{}: {e}", kind.display()))?;
    let node = command::find("node").ok_or("node was not found: install Node.js 20 or newer")?;
    let script = root.join("crate").join("xtask").join("src").join("corpus").join("readings.cjs");
    let wasm = command::capture(Command::new(node).arg(script).arg(folder.join("twinspect_wasm.js")).arg(&list))?;
    let program = root.join("target").join(profile).join("readings");
    let native = command::capture(Command::new(program).arg(&list))?;
    let different = different(&native, &wasm);
    for line in &different {
        println!("native ≠ wasm  {line}");
    }
    let (lines, files) = (native.lines().count(), files.len());
    println!("native = wasm  {} of {lines} readings and reports of {files} files", lines - different.len());
    Ok(different.is_empty())
}

/// Lines of the first that the second has not, and what it has instead.
fn different(native: &str, wasm: &str) -> Vec<String> {
    let key =
        |line: &str| (Path::new(line.split('\t').next().unwrap_or_default()).to_path_buf(), line.ends_with("compared"));
    let theirs: Vec<_> = wasm.lines().map(|line| (key(line), line)).collect();
    let lines = native.lines().filter(|line| !wasm.lines().any(|other| other == *line));
    lines
        .map(|line| {
            let other = theirs.iter().find(|(name, _)| *name == key(line)).map_or("nothing", |(_, line)| line);
            format!("{line}, wasm: {other}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_differing_line_is_shown_with_its_counterpart() {
        let native = "a/b.zip\t01\na/c.zip\t02\na/c.zip\t03 compared\n";
        assert!(different(native, native).is_empty());
        let wasm = "a/b.zip\t01\na/c.zip\tstopped: unreachable\n";
        let shown = different(native, wasm);
        assert_eq!(shown, ["a/c.zip\t02, wasm: a/c.zip\tstopped: unreachable", "a/c.zip\t03 compared, wasm: nothing"]);
    }
}
