//! Facts about this checkout: where it is, which versions its lock files name.

use crate::Outcome;
use std::path::{Path, PathBuf};

/// The folder that holds the workspace's Cargo.toml and Cargo.lock.
pub(crate) fn root() -> Outcome<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let start = match package {
        Some(folder) => folder,
        None => std::env::current_dir().map_err(|e| format!("the current folder cannot be read: {e}"))?,
    };
    start
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file())
        .map(Path::to_path_buf)
        .ok_or_else(|| "no Cargo.lock here or above: run this from a checkout of Twinspect".to_string())
}

/// Reads a file of the checkout as text.
pub(crate) fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))
}

/// The version of a crate that Cargo.lock names.
pub(crate) fn crate_version(name: &str) -> Outcome<String> {
    let text = read(&root()?.join("Cargo.lock"))?;
    version_in_cargo_lock(&text, name).ok_or_else(|| format!("Cargo.lock names no version of `{name}`"))
}

/// The version of a development package that package.json pins.
pub(crate) fn package_version(name: &str) -> Outcome<String> {
    let text = read(&root()?.join("package.json"))?;
    version_in_package_json(&text, name).ok_or_else(|| format!("package.json pins no version of `{name}`"))
}

fn version_in_cargo_lock(text: &str, name: &str) -> Option<String> {
    let wanted = format!("name = \"{name}\"");
    let mut lines = text.lines().skip_while(|line| *line != wanted).skip(1);
    let version = lines.next()?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_string())
}

/// package.json is ours and formatted by Biome: one package per line.
fn version_in_package_json(text: &str, name: &str) -> Option<String> {
    let start = format!("\"{name}\": \"");
    let rest = text.lines().find_map(|line| line.trim().strip_prefix(&start))?;
    Some(rest.split('"').next()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version_below_the_exact_name() {
        let text = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(version_in_cargo_lock(text, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in_cargo_lock(text, "wasm"), None);
    }

    #[test]
    fn reads_a_pinned_package() {
        let text = "{\n  \"devDependencies\": {\n    \"binaryen\": \"132.0.0\",\n    \"axe\": \"1\"\n  }\n}\n";
        assert_eq!(version_in_package_json(text, "binaryen").as_deref(), Some("132.0.0"));
        assert_eq!(version_in_package_json(text, "left-pad"), None);
    }

    #[test]
    fn trunk_and_npm_agree_on_wasm_opt() {
        let pinned = package_version("binaryen").unwrap();
        let major = pinned.split('.').next().unwrap();
        let trunk = read(&root().unwrap().join("Trunk.toml")).unwrap();
        assert!(
            trunk.contains(&format!("wasm_opt = \"version_{major}\"")),
            "package.json pins binaryen {pinned}: write the same version in Trunk.toml"
        );
    }
}
