//! The published page: its modules as one script, its styles as one sheet, and the document that names them.

use crate::{Outcome, command, tools};
use std::path::Path;

pub(super) const SCRIPT: &str = "twinspect.js";
/// What wasm-bindgen writes for workers.
pub(super) const GLUE: &str = "twinspect-wasm.js";
pub(super) const STYLE: &str = "twinspect.css";
/// Where boot.js looks for it: beside the script.
pub(super) const WORKER: &str = "worker.js";

/// What runs and what it looks like, as text.
pub(super) struct Scripts {
    /// The hosted page.
    pub page: String,
    /// The page that is one file.
    pub single: String,
    /// What every worker begins with.
    pub worker: String,
    /// All sheets, in their order.
    pub style: String,
}

/// Joins modules and leaves out comments and spaces. Names stay: whoever looks can follow what the page does.
pub(super) fn bundle(www: &Path) -> Outcome<Scripts> {
    let run = |entry: &str, more: &[&str]| -> Outcome<String> {
        command::capture(
            tools::npm_program("esbuild")?
                .arg(entry)
                .args(["--log-level=warning", "--charset=utf8", "--legal-comments=none", "--target=es2022"])
                .args(more)
                .current_dir(www),
        )
    };
    let module = ["--bundle", "--format=esm", "--minify-whitespace", "--minify-syntax"];
    let sheets = command::capture(
        tools::npm_program("esbuild")?
            .args(["style/all.css", "--bundle", "--minify", "--charset=utf8", "--log-level=warning"])
            .current_dir(www),
    )?;
    Ok(Scripts {
        page: run("src/boot.js", &module)?,
        single: run("src/single.js", &module)?,
        worker: run("src/worker.js", &["--minify-whitespace", "--minify-syntax"])?,
        style: sheets,
    })
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

/// The document that names the one script and the one sheet.
pub(super) fn index(trunks: &str) -> Outcome<String> {
    let text = replaced(trunks, "src=\"src/boot.js\"", &format!("src=\"{SCRIPT}\""))?;
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
