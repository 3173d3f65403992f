//! HTML: one page that needs nothing else, for people: to read, to search, to print, to keep.
//!
//! No script at all, and a policy of its own that allows none: nothing is loaded, and of styles only the one block that
//! is here, by its hash. What is folded is folded by `<details>`, which a browser's search opens; every fold has its
//! count. Whatever comes from an artifact goes through [`Html`], as text.

mod difference;
mod lists;
mod tree;

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::base64;
use crate::report::{Inspection, Report, SideInfo, Status};

use super::escape::{self, Html};
use super::material::Material;
use super::words;

/// The one style block.
const STYLE: &str = include_str!("report.css");

/// Characters of a name that are shown.
const MOST_NAME: usize = 600;

/// A comparison.
pub(super) fn comparison(material: &Material) -> String {
    let report = &material.report;
    let (glyph, word) = words::verdict(report.verdict);
    let mut out = String::new();
    begin(&mut out, &format!("{glyph} {word} · {}", report.sides.right.name));
    banner(&mut out, report);
    out.push_str("<main>\n");
    sides(&mut out, &[("A", "the reference", &report.sides.left), ("B", "the candidate", &report.sides.right)]);
    upstream(&mut out, report);
    lists::notices(&mut out, report);
    lists::statements(&mut out, report);
    lists::findings(&mut out, &report.findings, true);
    lists::views(&mut out, &report.views, true);
    lists::problems(&mut out, &report.problems, true);
    tree::entries(&mut out, material);
    difference::all(&mut out, material);
    lists::ledger(&mut out, report);
    out.push_str("</main>\n");
    let off =
        if report.disabled.is_empty() { String::new() } else { format!(", without {}", report.disabled.join(", ")) };
    end(&mut out, &format!("Profile {}{off}.", report.profile), report.redacted.as_deref());
    out
}

/// One artifact.
pub(super) fn inspection(inspection: &Inspection) -> String {
    let mut out = String::new();
    begin(&mut out, &format!("{} · inspected", inspection.artifact.name));
    out.push_str(
        "<header class=\"verdict\">\n<span class=\"glyph\" aria-hidden=\"true\">·</span>\n<div>\n<h1>Inspected</h1>\n",
    );
    let unread = inspection.problems.iter().filter(|problem| problem.unread).count();
    let whole = if unread == 0 {
        "Everything in it was read.".to_owned()
    } else {
        format!("{} could not be read.", words::count(unread, "part", "parts"))
    };
    let _ = writeln!(
        out,
        "<p>{} {}</p>\n</div>\n</header>\n<main>",
        words::count(inspection.entries.len().saturating_sub(1), "entry.", "entries."),
        whole
    );
    sides(&mut out, &[("", "the artifact", &inspection.artifact)]);
    lists::findings(&mut out, &inspection.findings, false);
    lists::views(&mut out, &inspection.views, false);
    lists::problems(&mut out, &inspection.problems, false);
    tree::inspected(&mut out, inspection);
    out.push_str("</main>\n");
    end(&mut out, "", inspection.redacted.as_deref());
    out
}

fn begin(out: &mut String, title: &str) {
    let hash = base64::encode(&Sha256::digest(STYLE.as_bytes()));
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        Html(&escape::cut(title, 200))
    );
}

fn end(out: &mut String, rules: &str, redacted: Option<&str>) {
    let withheld = redacted.map_or(String::new(), |level| format!(" Withheld: {}.", Html(level)));
    let _ = write!(
        out,
        "<footer><p>Made by Twinspect {}. {}{withheld} Equality is judged by SHA-256 of what was decoded.</p></footer>\n\
         </body>\n</html>\n",
        words::VERSION,
        Html(rules)
    );
}

fn banner(out: &mut String, report: &Report) {
    let (glyph, word) = words::verdict(report.verdict);
    let _ = write!(
        out,
        "<header class=\"verdict {}\">\n<span class=\"glyph\" aria-hidden=\"true\">{glyph}</span>\n<div>\n\
         <h1>{word}</h1>\n<p>{}</p>\n",
        word.to_ascii_lowercase(),
        Html(&words::sentence(report))
    );
    for warning in [words::ambiguous(report), words::unread(report)].into_iter().flatten() {
        let _ = writeln!(out, "<p class=\"trouble\">{}</p>", Html(&warning));
    }
    out.push_str("<ul class=\"chips\">\n");
    for status in
        [Status::Different, Status::OnlyLeft, Status::OnlyRight, Status::Equivalent, Status::Unread, Status::Identical]
    {
        let (glyph, word) = words::status(status);
        let rows = words::by_status(report, status) as u64;
        let _ = writeln!(
            out,
            "<li class=\"{}\"><i aria-hidden=\"true\">{glyph}</i> {word} <b>{}</b></li>",
            words::status_id(status),
            words::grouped(rows)
        );
    }
    out.push_str("</ul>\n</div>\n</header>\n");
}

/// A line of the table of artifacts: its title, and what it shows.
type Fact = (&'static str, fn(&SideInfo) -> String);

fn sides(out: &mut String, sides: &[(&str, &str, &SideInfo)]) {
    out.push_str("<section>\n<h2>Artifacts</h2>\n<table class=\"sides\">\n<thead><tr><th scope=\"col\">Fact</th>");
    for (letter, role, _) in sides {
        let _ = write!(out, "<th scope=\"col\"><b class=\"letter\">{letter}</b> {role}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let rows: [Fact; 6] = [
        ("File", |side| name(&side.name)),
        ("SHA-256", |side| format!("<code>{}</code>", Html(&side.sha256))),
        ("Size", |side| format!("{} bytes", words::grouped(side.size))),
        ("Kind", |side| {
            let format = side.format.as_deref().unwrap_or("not an archive");
            let kinds: Vec<&str> = side.ecosystem.as_deref().into_iter().chain([format]).collect();
            Html(&kinds.join(", ")).to_string()
        }),
        ("Entries", |side| words::grouped(side.entries)),
        ("Decoded", |side| format!("{} bytes", words::grouped(side.decoded_bytes))),
    ];
    for (title, show) in rows {
        let _ = write!(out, "<tr><th scope=\"row\">{title}</th>");
        for (_, _, side) in sides {
            let _ = write!(out, "<td>{}</td>", show(side));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</section>\n");
}

/// What OSS Rebuild itself would say.
fn upstream(out: &mut String, report: &Report) {
    let Some(said) = &report.upstream else { return };
    let word = said.verdict.map_or("no verdict", |verdict| words::verdict(verdict).1);
    let _ = write!(out, "<section>\n<h2>OSS Rebuild: {word}</h2>\n<ul>\n");
    for (letter, archive) in [("A", &said.sides.left), ("B", &said.sides.right)] {
        let digest = archive.sha256.as_deref().unwrap_or("none");
        let _ = writeln!(out, "<li>Stabilized {letter}: <code>{}</code></li>", Html(digest));
        for reason in archive.refusal.iter().chain(&archive.notes) {
            let _ = writeln!(out, "<li>{letter}: {}</li>", Html(&escape::cut(reason, MOST_NAME)));
        }
    }
    out.push_str("</ul>\n</section>\n");
}

/// A name from an artifact: isolated, so that its direction changes nothing around it.
fn name(text: &str) -> String {
    format!("<bdi class=\"name\" translate=\"no\">{}</bdi>", Html(&escape::cut(text, MOST_NAME)))
}

/// Causes as badges; those that no pass accounts for stand out.
fn badges(causes: &[String], open: &[&str]) -> String {
    let mut out = String::new();
    for cause in causes {
        let class = if open.contains(&cause.as_str()) { "badge open" } else { "badge" };
        let _ = write!(out, "<span class=\"{class}\">{}</span> ", Html(cause));
    }
    out
}
