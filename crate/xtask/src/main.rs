//! The project's own tasks, one line each in [`TASKS`]: what README and CI name is what runs here.
//!
//! A task gets its arguments and returns an exit status, or a sentence saying why it could not go on. Needs of a task
//! (tools, browsers, packages) are checked and installed by the task itself, so that a fresh clone needs no setup.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task talks to the person who started it")]

mod bench;
mod bombs;
mod browser;
mod build;
mod command;
mod corpus;
mod crates_io;
mod finish;
mod fuzz;
mod measure;
mod mutate;
mod screenshots;
mod serve;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

/// What a task or a part of one returns; the error is a sentence for the person who started it.
pub(crate) type Outcome<T> = Result<T, String>;

/// One line of `cargo xtask --list`.
struct Task {
    name: &'static str,
    options: &'static str,
    help: &'static str,
    run: fn(&[String]) -> Outcome<ExitCode>,
}

/// Every task there is, in the order in which a newcomer meets them.
const TASKS: &[Task] = &[
    Task {
        name: "serve",
        options: "[--port N] [--base /PATH/] [--no-build]",
        help: "install what is missing, build the page, serve it on 127.0.0.1:8080",
        run: serve::task,
    },
    Task {
        name: "build",
        options: "",
        help: "install what is missing, leave the release page in dist/ for any static host and any sub-path",
        run: build::task,
    },
    Task {
        name: "test",
        options: "[--only STEP,…] [--engines all|NAME,…] [--list]",
        help: "install what is missing, run every check and test, end with the count; --engines: only the core of the \
               end-to-end tests, in chromium, firefox, webkit",
        run: test::task,
    },
    Task {
        name: "screenshots",
        options: "",
        help: "take the pictures of the README anew, in docs/, from the page that is in dist/",
        run: screenshots::task,
    },
    Task {
        name: "bench",
        options: "[--only NAME] [--no-page] | --page-bars [--short]",
        help: "measure command and page on published packages, each beside its floor of the same run; --page-bars: the \
               page in dist/ on made inputs, each figure beside its bar",
        run: bench::task,
    },
    Task {
        name: "corpus",
        options: "[--quick] [--wasm | --page] FOLDER",
        help: "inspect every file of a folder of hostile archives, and hold the answers against its MANIFEST.tsv, or \
               against those of the wasm build; or drop each on the built page, which must survive it",
        run: corpus::task,
    },
    Task {
        name: "bombs",
        options: "[--quick] [--only PART] [--keep]",
        help: "make files that exhaust who reads them, run the command over each, print time, memory and the limit",
        run: bombs::task,
    },
    Task {
        name: "mutate",
        options: "[--count N]",
        help: "the long mode of the mutation tests: N mutants (10000) of every fixture, none of which breaks anything",
        run: mutate::task,
    },
    Task {
        name: "fuzz",
        options: "[--minutes N] [--target NAME] [--sanitizer none|address]",
        help: "install what is missing (nightly Rust, cargo-fuzz), fuzz every parser and pass, print the executions",
        run: fuzz::task,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(status) => status,
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Outcome<ExitCode> {
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", list());
        return Ok(ExitCode::FAILURE);
    };
    if matches!(name.as_str(), "--list" | "--help" | "-h") {
        print!("{}", list());
        return Ok(ExitCode::SUCCESS);
    }
    match TASKS.iter().find(|task| task.name == name) {
        Some(task) => (task.run)(rest),
        None => Err(format!("there is no task `{name}`; `cargo xtask --list` names them all")),
    }
}

fn list() -> String {
    let mut text = String::from("cargo xtask TASK\n\n");
    for task in TASKS {
        let call = format!("{} {}", task.name, task.options);
        text.push_str(&format!("  {}\n      {}\n", call.trim_end(), task.help));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_names_every_task() {
        for task in TASKS {
            assert!(list().contains(task.name));
            assert!(list().contains(task.help));
        }
    }

    #[test]
    fn an_unknown_task_is_named() {
        let sentence = dispatch(&["brew".to_string()]).unwrap_err();
        assert!(sentence.contains("`brew`"), "{sentence}");
    }

    /// Tasks that a text tells its reader to run.
    fn mentioned(text: &str) -> Vec<String> {
        text.split("cargo xtask ")
            .skip(1)
            .map(|rest| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect::<String>())
            .filter(|name| !name.is_empty() && !name.starts_with('-'))
            .collect()
    }

    #[test]
    fn documents_name_only_tasks_that_exist() {
        assert_eq!(mentioned("run `cargo xtask brew` or `cargo xtask --list`"), ["brew"]);
        let root = workspace::root().unwrap();
        for document in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", ".ci/run"] {
            // A document that is not written yet names nothing.
            let text = std::fs::read_to_string(root.join(document)).unwrap_or_default();
            for name in mentioned(&text) {
                assert!(
                    TASKS.iter().any(|task| task.name == name),
                    "{document} names `cargo xtask {name}`, which does not exist"
                );
            }
        }
    }
}
