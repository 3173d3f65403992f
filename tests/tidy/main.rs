//! The conventions of ARCHITECTURE.md as tests.
//!
//! A violation is reported as `file:line: rule: reason`. What may break a rule stands in [`rules::EXCEPTIONS`] with its
//! reason. The checks read text, not syntax: comments and unit tests are skipped, strings are not. They catch the slip,
//! not the trick.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod reading;
mod rules;

use reading::File;
use rules::{EXCEPTIONS, LONGEST_FILE, RULES, Rule};
use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours.
const NOT_OURS: &[&str] = &[".git", "target", "dist", "node_modules", "screenshots"];

fn violations(file: &File) -> Vec<(&'static Rule, usize)> {
    RULES
        .iter()
        .filter(|rule| (rule.about)(&file.path))
        .flat_map(|rule| (rule.broken)(file).into_iter().map(move |line| (rule, line)))
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_path_buf()
}

/// Every text file of the tree.
fn tree() -> Vec<File> {
    let root = root();
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the tree can be read") {
            let path = entry.expect("an entry of the tree can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if NOT_OURS.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let inside = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                files.push(File { path: inside, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn excepted(rule: &Rule, path: &str) -> bool {
    EXCEPTIONS.iter().any(|(name, file, _)| *name == rule.name && *file == path)
}

#[test]
fn the_tree_keeps_every_rule() {
    let files = tree();
    assert!(files.iter().any(|file| file.path == "crate/core/src/lib.rs"), "the tree was not found");
    let mut report = String::new();
    for file in &files {
        for (rule, line) in violations(file) {
            if !excepted(rule, &file.path) {
                report.push_str(&format!("{}:{line}: {}: {}\n", file.path, rule.name, rule.why));
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_rule_catches_its_examples() {
    let broken_by = |rule: &Rule, (path, text): (&str, &str)| {
        let file = File { path: path.to_string(), text: text.to_string() };
        (rule.about)(path) && !(rule.broken)(&file).is_empty()
    };
    for rule in RULES {
        assert!(!rule.caught.is_empty() || rule.name == "short-files", "{} has no example", rule.name);
        for example in rule.caught {
            assert!(broken_by(rule, *example), "{} lets this pass: {example:?}", rule.name);
        }
        for example in rule.fine {
            assert!(!broken_by(rule, *example), "{} complains about this: {example:?}", rule.name);
        }
    }
}

#[test]
fn a_violation_names_its_line() {
    let text = "//! x\nuse crate::{\n    entry::Entry,\n    pair::Pair,\n};\n";
    let file = File { path: "crate/core/src/compare/text.rs".to_string(), text: text.to_string() };
    let found: Vec<_> = violations(&file).iter().map(|(rule, line)| (rule.name, *line)).collect();
    assert_eq!(found, [("stages-apart", 4)]);
}

#[test]
fn a_long_file_is_caught() {
    for (lines, expected) in [(LONGEST_FILE, 0), (LONGEST_FILE + 1, 1)] {
        let file = File { path: "www/style.css".to_string(), text: "a {}\n".repeat(lines) };
        assert_eq!(violations(&file).len(), expected, "{lines} lines");
    }
}

#[test]
fn every_exception_is_needed() {
    let files = tree();
    for (rule, path, reason) in EXCEPTIONS {
        assert!(!reason.is_empty(), "{rule} at {path} needs a reason");
        let needed = files
            .iter()
            .filter(|file| file.path == *path)
            .any(|file| violations(file).iter().any(|(broken, _)| broken.name == *rule));
        assert!(needed, "{path} keeps the rule {rule} by now: remove the exception");
    }
}
