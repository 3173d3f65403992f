//! The table of conventions: what a rule forbids, why, and examples that it must catch and let pass.

use crate::reading::{File, extension, file_name, has_path, has_start, has_word, imports};

/// One convention.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) why: &'static str,
    /// Which files it is about.
    pub(crate) about: fn(&str) -> bool,
    /// The lines that break it, counted from 1.
    pub(crate) broken: fn(&File) -> Vec<usize>,
    /// Each of these breaks it: path and text.
    pub(crate) caught: &'static [(&'static str, &'static str)],
    /// None of these does.
    pub(crate) fine: &'static [(&'static str, &'static str)],
}

/// Rule, file, and why this file may.
pub(crate) const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("plain-data", "crate/core/src/reading.rs", "the manifest: a Reading travels between workers"),
    ("plain-data", "crate/core/src/entry.rs", "part of the manifest"),
    ("plain-data", "crate/core/src/media.rs", "part of the manifest"),
    ("plain-data", "crate/core/src/export/json.rs", "writes what serializes; nothing of its own does"),
    ("plain-data", "crate/core/src/artifact.rs", "Side and Sides stand in the report"),
    ("stages-apart", "crate/core/src/stabilize/describe.rs", "asks each pass about every format there is; opens none"),
];

/// The limit of the rule `short-files`.
pub(crate) const LONGEST_FILE: usize = 600;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "module-docs",
        why: "every Rust file opens with `//!`: what it is and for whom",
        about: |path| path.ends_with(".rs"),
        broken: |file| {
            if file.text.starts_with("//!") { vec![] } else { vec![1] }
        },
        caught: &[("crate/core/src/pair.rs", "use std::fmt;\n")],
        fine: &[("crate/core/src/pair.rs", "//! Pairs.\nuse std::fmt;\n")],
    },
    Rule {
        name: "plain-data",
        why: "only report.rs, report/ and the manifest (reading.rs and its parts) serialize: the public shape is in one place",
        about: |path| in_core(path) && file_name(path) != "report.rs" && !path.starts_with("crate/core/src/report/"),
        broken: |file| file.lines_with(|code| has_word(code, "Serialize")),
        caught: &[
            ("crate/core/src/entry.rs", "#[derive(Debug, Serialize)]\nstruct E;\n"),
            ("crate/core/src/format/zip.rs", "impl serde::Serialize for E {}\n"),
        ],
        fine: &[
            ("crate/core/src/report.rs", "#[derive(Serialize)]\n"),
            ("crate/core/src/report/attestation.rs", "#[derive(Serialize)]\n"),
            ("crate/core/src/entry.rs", "// Serialize is for report.rs\n#[derive(Deserialize)]\n"),
        ],
    },
    Rule {
        name: "pure-core",
        why: "the core is a pure function: no files, environment, printing, processes, network or browser",
        about: in_core,
        broken: |file| {
            file.lines_with(|code| {
                ["std::fs", "std::env", "std::process", "std::net", "std::thread", "web_sys", "js_sys", "wasm_bindgen"]
                    .iter()
                    .chain(&["println!", "eprintln!", "print!", "eprint!", "dbg!"])
                    .any(|word| has_start(code, word))
            })
        },
        caught: &[
            ("crate/core/src/lib.rs", "//! x\nuse std::fs::File;\n"),
            ("crate/core/src/pair.rs", "    println!(\"{x}\");\n"),
            ("crate/core/src/artifact.rs", "fn f(blob: &web_sys::Blob) {}\n"),
            ("crate/core/src/format/tar/mod.rs", "#[cfg(test)]\nmod tests;\nuse std::fs;\n"),
        ],
        fine: &[
            ("crate/cli/src/main.rs", "use std::fs::File;\n"),
            ("crate/core/src/lib.rs", "/// let x = std::fs::read(path)?;\nuse std::fmt;\n"),
            ("crate/core/src/lib.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n"),
            ("crate/core/src/store/tests.rs", "std::thread::scope(|scope| {\n"),
        ],
    },
    Rule {
        name: "no-clock",
        why: "same input, same report: the core reads no clock but the deadline, in limits.rs",
        about: |path| in_core(path) && file_name(path) != "limits.rs",
        broken: |file| file.lines_with(|code| has_start(code, "Instant::now") || has_word(code, "SystemTime")),
        caught: &[("crate/core/src/comparison.rs", "let started = Instant::now();\n")],
        fine: &[
            ("crate/core/src/limits.rs", "let started = Instant::now();\n"),
            ("crate/core/src/compare/text.rs", "fn diff(deadline: Option<Instant>) {}\n"),
        ],
    },
    Rule {
        name: "no-hash-order",
        why: "the order of a hash map must not reach the report: import BTreeMap, or end the line with `// order never leaves`",
        about: in_core,
        broken: |file| {
            file.lines_with(|code| {
                let hashed = has_word(code, "HashMap") || has_word(code, "HashSet");
                let listed = matches!(code.trim().trim_end_matches(','), "HashMap" | "HashSet");
                hashed && (code.contains("collections::") || listed)
            })
            .into_iter()
            .filter(|line| !file.line(*line).contains("// order never leaves"))
            .collect()
        },
        caught: &[
            ("crate/core/src/pair.rs", "use std::collections::HashMap;\n"),
            ("crate/core/src/pair.rs", "use std::collections::{\n    BTreeMap,\n    HashSet,\n};\n"),
        ],
        fine: &[
            (
                "crate/core/src/pair.rs",
                "use std::collections::HashMap; // order never leaves\nlet m = HashMap::new();\n",
            ),
            ("crate/core/src/pair.rs", "use std::collections::BTreeMap;\n"),
        ],
    },
    Rule {
        name: "stages-apart",
        why: "stages never import each other: format, stabilize, pair, compare and explain meet in comparison.rs",
        about: |path| stage_of(path).is_some(),
        broken: |file| {
            let own = stage_of(&file.path).unwrap_or_default();
            imports(file)
                .into_iter()
                .filter(|(_, module)| STAGES.contains(&module.as_str()) && module != own)
                .map(|(line, _)| line)
                .collect()
        },
        caught: &[
            ("crate/core/src/compare/text.rs", "//! x\nuse crate::pair::Pair;\n"),
            ("crate/core/src/pair.rs", "let c = crate::format::open(s);\n"),
            ("crate/core/src/explain/exec.rs", "use crate::{\n    entry::Entry,\n    stabilize::{Pass, run},\n};\n"),
            ("crate/core/src/format/zip.rs", "use super::super::stabilize;\n"),
        ],
        fine: &[
            ("crate/core/src/comparison.rs", "use crate::pair::Pair;\n"),
            (
                "crate/core/src/compare/text.rs",
                "use crate::compare::window;\nuse crate::{entry::Entry, report::{pair, Row}};\n",
            ),
            ("crate/core/src/compare/text.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::pair::Pair;\n}\n"),
        ],
    },
    Rule {
        name: "no-markup",
        why: "names and contents of artifacts reach the page as text nodes, never as markup or code",
        about: in_page,
        broken: |file| {
            file.lines_with(|code| {
                ["innerHTML", "outerHTML", "insertAdjacentHTML", "setHTMLUnsafe", "createContextualFragment", "srcdoc"]
                    .iter()
                    .chain(&["DOMParser", "Function"])
                    .any(|word| has_word(code, word))
                    || ["document.write", "eval("].iter().any(|start| has_start(code, start))
            })
        },
        caught: &[
            ("www/src/views/tree.js", "row.innerHTML = name;\n"),
            ("www/src/main.js", "document.write(name);\n"),
            ("www/src/state.js", "const x = eval(text);\n"),
            ("www/src/state.js", "const f = new Function(text);\n"),
        ],
        fine: &[
            ("www/src/views/tree.js", "row.textContent = name; // never innerHTML\n"),
            ("www/src/state.js", "const a = medieval(text);\nfunction f() {}\n"),
        ],
    },
    Rule {
        name: "one-connection",
        why: "only boot.js loads anything, before the page is sealed; the service worker loads what the page consists of",
        about: |path| in_page(path) && !["www/src/boot.js", "www/sw.js"].contains(&path),
        broken: |file| {
            file.lines_with(|code| {
                code.split("#fetch(").any(|part| has_start(part, "fetch("))
                    || ["XMLHttpRequest", "WebSocket", "EventSource", "sendBeacon", "importScripts", "WebTransport"]
                        .iter()
                        .any(|word| has_word(code, word))
            })
        },
        caught: &[
            ("www/src/engine.js", "const answer = await fetch(url);\n"),
            ("www/src/worker.js", "importScripts(\"x.js\");\n"),
        ],
        fine: &[
            ("www/src/boot.js", "await fetch(url);\n"),
            ("www/src/engine.js", "prefetch(row);\nthis.#fetch(row);\n"),
        ],
    },
    Rule {
        name: "dom-in-views",
        why: "only views/, main.js and what starts the page touch the document: the rest is data and can be tested \
              without a browser",
        about: |path| {
            in_page(path)
                && !path.starts_with("www/src/views/")
                && !["main.js", "boot.js", "single.js", "seal.js", "offline.js"].contains(&file_name(path))
        },
        broken: |file| file.lines_with(|code| has_word(code, "document")),
        caught: &[
            ("www/src/state.js", "const e = document.querySelector(\"a\");\n"),
            ("www/src/engine.js", "window.document.title = name;\n"),
        ],
        fine: &[
            ("www/src/views/tree.js", "document.createElement(\"div\");\n"),
            ("www/src/state.js", "// the document is elsewhere\nlet documents = 1;\n"),
        ],
    },
    Rule {
        name: "wasm-in-worker",
        why: "only worker.js runs wasm: the page must stay responsive, and cancelling is ending a worker",
        about: |path| in_page(path) && file_name(path) != "worker.js",
        broken: |file| {
            file.lines_with(|code| {
                has_start(code, "wasm_bindgen(")
                    || has_start(code, "WebAssembly.instantiate")
                    || has_word(code, "WebAssembly.Instance")
            })
        },
        caught: &[("www/src/engine.js", "const i = await WebAssembly.instantiateStreaming(r);\n")],
        fine: &[
            ("www/src/boot.js", "const module = await WebAssembly.compileStreaming(r);\n"),
            ("www/src/worker.js", "await wasm_bindgen({ module_or_path: module });\n"),
        ],
    },
    Rule {
        name: "nothing-inline",
        why: "the page's policy allows no inline script, style or handler",
        about: |path| path.starts_with("www/") && path.ends_with(".html"),
        broken: |file| {
            file.lines_with(|code| {
                let code = code.to_ascii_lowercase();
                let script = code
                    .split("<script")
                    .skip(1)
                    .any(|tag| !tag.split('>').next().unwrap_or_default().contains("src="));
                let handler = code.split(" on").skip(1).any(|rest| {
                    let name: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
                    !name.is_empty() && rest.get(name.len()..).is_some_and(|rest| rest.starts_with("=\""))
                });
                script || handler || code.contains("<style") || code.contains(" style=")
            })
        },
        caught: &[
            ("www/index.html", "<script>let x;</script>\n"),
            ("www/index.html", "<p style=\"color: red\">\n"),
            ("www/index.html", "<body onload=\"go()\">\n"),
        ],
        fine: &[("www/index.html", "<script type=\"module\" src=\"src/main.js\"></script>\n<p>on top = fine\n")],
    },
    Rule {
        name: "short-files",
        why: "a file above 600 lines wants to be two",
        about: |path| ["rs", "js", "mjs", "css", "html"].contains(&extension(path)),
        broken: |file| {
            if file.text.lines().count() > LONGEST_FILE { vec![LONGEST_FILE + 1] } else { vec![] }
        },
        // Six hundred lines do not belong here: see `a_long_file_is_caught`.
        caught: &[],
        fine: &[("www/style.css", "a {}\n")],
    },
    Rule {
        name: "telling-names",
        why: "a file is named after its subject: utils, helpers, manager and common have none",
        about: |path| ["rs", "js", "mjs"].contains(&extension(path)),
        broken: |file| {
            let name = file_name(&file.path).split('.').next().unwrap_or_default();
            let vague = ["util", "utils", "helper", "helpers", "manager", "common", "misc"].contains(&name);
            if vague { vec![1] } else { vec![] }
        },
        caught: &[("crate/core/src/utils.rs", "//! x\n"), ("www/src/common.js", "")],
        fine: &[("crate/core/src/entry.rs", "//! x\n")],
    },
    Rule {
        name: "no-runtime-packages",
        why: "the page has no dependencies, and its checks are pinned to the digit",
        about: |path| path == "package.json",
        broken: |file| {
            let mut section = "";
            let mut lines = Vec::new();
            for (number, line) in file.numbered() {
                let line = line.trim();
                if let Some((name, _)) = line.strip_prefix('"').and_then(|rest| rest.split_once("\": {")) {
                    section = name;
                }
                let ranged = section == "devDependencies"
                    && line
                        .split_once("\": \"")
                        .is_some_and(|(_, version)| !version.starts_with(|c: char| c.is_ascii_digit()));
                let runtime = ["\"dependencies\"", "\"peerDependencies\"", "\"optionalDependencies\""];
                if ranged || runtime.iter().any(|name| line.starts_with(name)) {
                    lines.push(number);
                }
            }
            lines
        },
        caught: &[
            ("package.json", "{\n  \"dependencies\": {\n    \"x\": \"1.0.0\"\n  }\n}\n"),
            ("package.json", "{\n  \"devDependencies\": {\n    \"x\": \"^1.0.0\"\n  }\n}\n"),
        ],
        fine: &[(
            "package.json",
            "{\n  \"type\": \"module\",\n  \"devDependencies\": {\n    \"x\": \"1.0.0\"\n  }\n}\n",
        )],
    },
    Rule {
        name: "no-registry-hosts",
        why: "a lock file names packages and checksums; which host serves them is everyone's own affair",
        about: |path| path == "package-lock.json",
        broken: |file| file.lines_with(|line| line.trim_start().starts_with("\"resolved\": \"http")),
        caught: &[("package-lock.json", "    \"resolved\": \"https://host/x.tgz\",\n")],
        fine: &[("package-lock.json", "    \"integrity\": \"sha512-x\",\n")],
    },
    Rule {
        name: "no-machine-paths",
        why: "the tree must mean the same everywhere: no paths of one machine",
        about: |path| !path.starts_with("tests/samples/"),
        broken: |file| {
            file.numbered()
                .filter(|(_, line)| MACHINE_PATHS.iter().any(|start| has_path(line, start)))
                .map(|(number, _)| number)
                .collect()
        },
        caught: &[
            ("README.md", concat!("see ../", "shared/design\n")),
            ("tests/lib.rs", concat!("let p = \"/", "work/main\";\n")),
            ("a.toml", concat!("cd /", "root/x\n")),
        ],
        fine: &[("README.md", "a frame/work/shop and .target/root/x\n")],
    },
];

const STAGES: &[&str] = &["format", "stabilize", "pair", "compare", "explain"];
/// Written in two halves, so that this file does not break its own rule.
const MACHINE_PATHS: &[&str] = &[concat!("../", "shared"), concat!("/", "work/"), concat!("/", "root/")];
fn in_core(path: &str) -> bool {
    path.starts_with("crate/core/src/") && path.ends_with(".rs")
}

fn in_page(path: &str) -> bool {
    path.starts_with("www/") && ["js", "mjs"].contains(&extension(path))
}

/// The stage that a file of the core belongs to.
fn stage_of(path: &str) -> Option<&'static str> {
    let inside = path.strip_prefix("crate/core/src/")?;
    let room = inside.split('/').next()?.trim_end_matches(".rs");
    STAGES.iter().copied().find(|stage| *stage == room)
}
