//! The pictures of the README: the built page with a real pair and with a sample, light and dark.

use crate::{Outcome, bench, browser, build, command, tools, workspace};
use std::process::{Command, ExitCode};

/// `cargo xtask screenshots`
pub(crate) fn task(arguments: &[String]) -> Outcome<ExitCode> {
    if let Some(unknown) = arguments.first() {
        return Err(format!("`screenshots` takes no `{unknown}`"));
    }
    build::last()?;
    tools::npm_packages()?;
    let chromium = browser::chromium()?;
    let files = bench::files("lodash")?;
    command::run(
        Command::new("node")
            .arg("tests/browser/pictures.js")
            .args(files)
            .current_dir(workspace::root()?)
            .env("CHROMIUM", chromium.browser),
    )?;
    Ok(ExitCode::SUCCESS)
}
