//! The published page: its modules as a few scripts, its styles as one sheet, and the document that names them.

use crate::{Outcome, command, tools};
use std::path::{Path, PathBuf};

pub(super) const SCRIPT: &str = "twinspect.js";
/// What wasm-bindgen writes for workers: for the module that reads, and for the whole engine.
pub(super) const GLUES: [&str; 2] = ["twinspect-reading.js", WHOLE_GLUE];
pub(super) const WHOLE_GLUE: &str = "twinspect-wasm.js";
pub(super) const STYLE: &str = "twinspect.css";
/// Where boot.js looks for it: beside the script.
pub(super) const WORKER: &str = "worker.js";
/// How the names of the page's further scripts begin: what shows a result, and what that shares with the start.
pub(super) const PART: &str = "part-";

/// What runs and what it looks like, as text.
pub(super) struct Scripts {
    /// The page that is one file.
    pub single: String,
    /// What every worker begins with.
    pub worker: String,
    /// All sheets, in their order.
    pub style: String,
}

const PLAIN: [&str; 3] = ["--log-level=warning", "--charset=utf8", "--legal-comments=none"];

/// Joins modules and leaves out comments and spaces. Names stay: whoever looks can follow what the page does. The hosted
/// page's go to `dist`, in parts.
pub(super) fn bundle(www: &Path, dist: &Path) -> Outcome<Scripts> {
    let run = |entry: &str, more: &[&str]| -> Outcome<String> {
        command::capture(
            tools::npm_program("esbuild")?.arg(entry).args(PLAIN).arg("--target=es2022").args(more).current_dir(www),
        )
    };
    let module = ["--bundle", "--format=esm", "--minify-whitespace", "--minify-syntax"];
    let out = format!("--outdir={}", dist.display());
    let parts = format!("--chunk-names={PART}[name]-[hash]");
    run("src/boot.js", &[&module[..], &["--splitting", &out, "--entry-names=twinspect", &parts]].concat())?;
    let sheets = command::capture(
        tools::npm_program("esbuild")?
            .args(["style/all.css", "--bundle", "--minify", "--charset=utf8", "--log-level=warning"])
            .current_dir(www),
    )?;
    Ok(Scripts {
        single: run("src/single.js", &module)?,
        worker: run("src/worker.js", &["--minify-whitespace", "--minify-syntax"])?,
        style: sheets,
    })
}

/// The further scripts of the page.
pub(super) fn parts(dist: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = super::files(dist)?;
    files.retain(|file| file.to_str().is_some_and(|name| name.starts_with(PART)));
    Ok(files)
}

/// What wasm-bindgen wrote, without its comments and spaces: three fifths of it. Its global and its names stay.
pub(super) fn glue(path: &Path) -> Outcome<String> {
    command::capture(
        tools::npm_program("esbuild")?
            .arg(path)
            .args(["--log-level=warning", "--charset=utf8", "--legal-comments=none", "--target=es2022"])
            .args(["--minify-whitespace", "--minify-syntax"]),
    )
}

/// The document that names the scripts and the one sheet. The parts are named, too, so that they are all loaded at once.
pub(super) fn index(trunks: &str, parts: &[PathBuf]) -> Outcome<String> {
    let mut script = format!("<script type=\"module\" src=\"{SCRIPT}\"></script>");
    for part in parts {
        script.push_str(&format!("\n    <link rel=\"modulepreload\" href=\"{}\">", part.display()));
    }
    let text = replaced(trunks, "<script type=\"module\" src=\"src/boot.js\"></script>", &script)?;
    replaced(&text, "href=\"style/all.css\"", &format!("href=\"{STYLE}\""))
}

/// The document that says which version it is.
pub(super) fn with_version(index: &str, version: &str) -> Outcome<String> {
    replaced(index, "<title>", &format!("<meta name=\"version\" content=\"{version}\">\n    <title>"))
}

/// The policy that the document states.
pub(super) fn policy(index: &str) -> Outcome<&str> {
    index
        .split_once("http-equiv=\"Content-Security-Policy\" content=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(policy, _)| policy)
        .ok_or_else(|| "index.html states no content security policy".to_string())
}

/// Replaces what must be there, once.
pub(super) fn replaced(text: &str, from: &str, to: &str) -> Outcome<String> {
    match text.matches(from).count() {
        1 => Ok(text.replacen(from, to, 1)),
        count => Err(format!("index.html has `{from}` {count} times instead of once")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_there_twice_stops_the_build() {
        assert_eq!(replaced("a b", "b", "c").unwrap(), "a c");
        assert!(replaced("a b", "x", "c").is_err());
        assert!(replaced("b b", "b", "c").is_err());
    }

    #[test]
    fn the_policy_is_what_the_document_states() {
        let text = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">";
        assert_eq!(policy(text).unwrap(), "default-src 'none'");
        assert!(policy("<meta>").is_err());
    }
}
