//! The Chromium that tests run in, and the driver that wasm-pack talks to.

use crate::{Outcome, command};
use std::path::PathBuf;
use std::process::Command;

/// Where the browser and its driver are.
pub(crate) struct Chromium {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
}

const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const DRIVERS: &[&str] = &["chromedriver"];
const APPLICATIONS: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// Finds Chromium and chromedriver, or installs Debian's packages when this is root on such a system.
pub(crate) fn chromium() -> Outcome<Chromium> {
    if let Some(found) = present() {
        return Ok(found);
    }
    if !(command::find("apt-get").is_some() && is_root()) {
        return Err("Chromium or chromedriver was not found. Install both (Debian and Ubuntu: \
                    `sudo apt-get install chromium chromium-driver`), or name them in the variables CHROMIUM and \
                    CHROMEDRIVER"
            .to_string());
    }
    println!("Chromium or chromedriver is missing: installing chromium and chromium-driver by apt-get");
    apt_get(&["update"])?;
    apt_get(&["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"])?;
    present()
        .ok_or_else(|| "apt-get installed chromium and chromium-driver, yet they were not found on PATH".to_string())
}

fn present() -> Option<Chromium> {
    Some(Chromium { browser: named("CHROMIUM", BROWSERS)?, driver: named("CHROMEDRIVER", DRIVERS)? })
}

/// The program that the variable names, else the first one found.
fn named(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable).map(PathBuf::from) {
        return path.is_file().then_some(path);
    }
    let application = || APPLICATIONS.iter().map(PathBuf::from).find(|path| path.is_file());
    names.iter().find_map(|name| command::find(name)).or_else(
        || {
            if variable == "CHROMIUM" { application() } else { None }
        },
    )
}

fn is_root() -> bool {
    command::capture(Command::new("id").arg("-u")).is_ok_and(|user| user.trim() == "0")
}

fn apt_get(arguments: &[&str]) -> Outcome<()> {
    command::capture(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive")).map(|_| ())
}
