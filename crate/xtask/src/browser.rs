//! The browsers that tests run in, and the drivers that speak WebDriver to them.

use crate::{Outcome, command, crates_io};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a browser and its driver are.
pub(crate) struct Driven {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
}

const CHROMIUMS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const CHROMIUM_APPLICATIONS: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const FIREFOXES: &[&str] = &["firefox-esr", "firefox"];
const FIREFOX_APPLICATIONS: &[&str] = &["/Applications/Firefox.app/Contents/MacOS/firefox"];

/// Finds Chromium and chromedriver, or installs Debian's packages when this is root on such a system.
pub(crate) fn chromium() -> Outcome<Driven> {
    let present = || {
        Some(Driven {
            browser: named("CHROMIUM", CHROMIUMS, CHROMIUM_APPLICATIONS)?,
            driver: named("CHROMEDRIVER", &["chromedriver"], &[])?,
        })
    };
    found_or_installed(
        present,
        &["chromium", "chromium-driver"],
        "name them in the variables CHROMIUM and CHROMEDRIVER",
    )
}

/// Finds Firefox and geckodriver. Firefox is Debian's where it can be installed; Debian has no geckodriver, so that one is
/// built from crates.io.
pub(crate) fn firefox() -> Outcome<Driven> {
    let browser = firefox_browser()?;
    let driver = match named("GECKODRIVER", &["geckodriver"], &[]) {
        Some(driver) => driver,
        None => crates_io::ensure(&[&crates_io::GECKODRIVER])?
            .iter()
            .map(|folder| folder.join(format!("geckodriver{}", std::env::consts::EXE_SUFFIX)))
            .next()
            .ok_or("geckodriver was not found where it was installed")?,
    };
    Ok(Driven { browser, driver })
}

/// Finds or installs Firefox itself.
pub(crate) fn firefox_browser() -> Outcome<PathBuf> {
    let present = || named("FIREFOX", FIREFOXES, FIREFOX_APPLICATIONS);
    found_or_installed(present, &["firefox-esr"], "name it in the variable FIREFOX")
}

/// Finds WebKitGTK's small browser, its driver and a screen in memory for them, or installs Debian's packages.
pub(crate) fn webkit() -> Outcome<Driven> {
    let present = || {
        command::find("Xvfb")?;
        Some(Driven { browser: mini_browser()?, driver: named("WEBKITDRIVER", &["WebKitWebDriver"], &[])? })
    };
    found_or_installed(
        present,
        &["webkit2gtk-driver", "xvfb"],
        "name the driver in the variable WEBKITDRIVER and MiniBrowser in MINIBROWSER",
    )
}

/// MiniBrowser lies beside its library, in no folder of PATH.
fn mini_browser() -> Option<PathBuf> {
    if std::env::var_os("MINIBROWSER").is_some() {
        return named("MINIBROWSER", &[], &[]);
    }
    let folders = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        entries.map(|entry| entry.path()).collect()
    };
    let libraries = ["/usr/lib", "/usr/libexec"].iter().map(Path::new);
    let mut found: Vec<PathBuf> = libraries
        .flat_map(|library| folders(library).into_iter().chain([library.to_path_buf()]))
        .flat_map(|folder| folders(&folder))
        .filter(|folder| folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("webkit")))
        .map(|folder| folder.join("MiniBrowser"))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found.pop()
}

/// What is there, else what apt-get brings; the sentence otherwise says what to do by hand, and `or` what else helps.
fn found_or_installed<T>(present: impl Fn() -> Option<T>, packages: &[&str], or: &str) -> Outcome<T> {
    if let Some(found) = present() {
        return Ok(found);
    }
    let names = packages.join(" and ");
    if !(command::find("apt-get").is_some() && is_root()) {
        return Err(format!(
            "not found; install it (Debian and Ubuntu: `sudo apt-get install {}`), or {or}",
            packages.join(" ")
        ));
    }
    println!("a browser or its driver is missing: installing {names} by apt-get");
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat())?;
    present().ok_or_else(|| format!("apt-get installed {names}, yet what belongs to it was not found"))
}

/// The program that the variable names, else the first one found.
fn named(variable: &str, names: &[&str], applications: &[&str]) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable).map(PathBuf::from) {
        return path.is_file().then_some(path);
    }
    let application = || applications.iter().map(PathBuf::from).find(|path| path.is_file());
    names.iter().find_map(|name| command::find(name)).or_else(application)
}

fn is_root() -> bool {
    command::capture(Command::new("id").arg("-u")).is_ok_and(|user| user.trim() == "0")
}

fn apt_get(arguments: &[&str]) -> Outcome<()> {
    command::capture(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive")).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_taken_as_it_is() {
        assert_eq!(found_or_installed(|| Some(7), &["no-such-package-of-ours"], "-"), Ok(7));
    }

    #[test]
    fn a_program_is_looked_for_by_every_name() {
        assert!(named("NO_SUCH_VARIABLE_OF_OURS", &["no-such-program-of-ours", "cargo"], &[]).is_some());
        assert_eq!(named("NO_SUCH_VARIABLE_OF_OURS", &["no-such-program-of-ours"], &["/no/such/file"]), None);
    }
}
