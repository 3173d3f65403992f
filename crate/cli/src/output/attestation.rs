//! Text: what each document claims, and the table of checks.

use twinspect::artifact::Side;
use twinspect::attest::{Outcome, outcome};
use twinspect::report::attestation::{
    Attestation, AttestationPart, Check, CheckResult, Claim, ClaimedDigest, Recipe, RecipeText,
};

use super::text::{BOLD, FAINT, GREEN, Page, RED, YELLOW};

/// Digests and fields of one statement that are printed; JSON has all.
const MOST: usize = 20;
/// Lines of one text of a recipe.
const MOST_LINES: usize = 60;

/// The documents: the sum of the checks first, then each document with its claims, its checks, and its recipe.
pub fn attestations(said: &[Attestation], color: bool) -> String {
    let mut page = Page::new(color);
    let count = |result| said.iter().flat_map(|said| &said.checks).filter(|check| check.result == result).count();
    let (fails, holds, unchecked) =
        (count(CheckResult::Fails), count(CheckResult::Holds), count(CheckResult::NotChecked));
    let (style, verdict) = match outcome(said) {
        Outcome::Fails => (RED, "✗ Something fails"),
        Outcome::Incomplete if holds == 0 => (YELLOW, "? Nothing could be checked"),
        Outcome::Incomplete => (YELLOW, "? Nothing fails, but something could not be read"),
        Outcome::Holds => (BOLD, "✓ Nothing fails"),
    };
    let line = page.paint(style, &format!("{verdict}: {holds} hold, {fails} fail, {unchecked} not checked."));
    page.line(&line);
    for document in said {
        page.heading(&format!("{}  {}", document.name, document.title));
        for (index, part) in (0..).zip(&document.parts) {
            show_part(&mut page, part);
            checks(&mut page, document, Some(index));
        }
        if document.checks.iter().any(|check| check.part.is_none()) && !document.parts.is_empty() {
            page.line("");
            let line = page.paint(BOLD, "  The document as a whole");
            page.line(&line);
        }
        checks(&mut page, document, None);
        problems(&mut page, document);
        if let Some(recipe) = &document.recipe {
            show_recipe(&mut page, recipe);
        }
    }
    page.finish()
}

fn show_part(page: &mut Page, part: &AttestationPart) {
    page.line("");
    let line = format!("  {}  {}", page.paint(BOLD, &part.title), page.paint(FAINT, &format!("line {}", part.line)));
    page.line(&line);
    for signer in &part.signers {
        page.line(&format!("    signed, as it says, by: {}", signer.name));
        for (name, value) in &signer.fields {
            let line = page.paint(FAINT, &format!("      {name}: {value}"));
            page.line(&line);
        }
    }
    for Claim { sentence, digests } in &part.claims {
        page.line(&format!("    claims: {sentence}"));
        for ClaimedDigest { name, algorithm, value } in digests.iter().take(MOST) {
            let line = page.paint(FAINT, &format!("      {algorithm} {value}  {name}"));
            page.line(&line);
        }
        more(page, digests.len(), "digests");
    }
    for (name, value) in part.fields.iter().take(MOST) {
        let line = page.paint(FAINT, &format!("    {name}: {value}"));
        page.line(&line);
    }
    more(page, part.fields.len(), "fields");
}

fn more(page: &mut Page, length: usize, what: &str) {
    if length > MOST {
        let line = page.paint(FAINT, &format!("      … {} more {what}; --format json has all", length - MOST));
        page.line(&line);
    }
}

fn checks(page: &mut Page, document: &Attestation, part: Option<u32>) {
    for Check { what, result, reason, side, .. } in document.checks.iter().filter(|check| check.part == part) {
        let (style, word) = match result {
            CheckResult::Holds => (GREEN, "holds      "),
            CheckResult::Fails => (RED, "FAILS      "),
            CheckResult::NotChecked => (YELLOW, "not checked"),
        };
        let side = side.map_or(' ', Side::letter);
        let line = format!("    {}  {side}  {what}", page.paint(style, word));
        page.line(&line);
        let line = page.paint(FAINT, &format!("                    {reason}"));
        page.line(&line);
    }
}

fn problems(page: &mut Page, document: &Attestation) {
    for problem in &document.problems {
        let place = match problem.offset {
            Some(offset) if problem.decoded => format!("line {}, byte {offset} of its payload", problem.line),
            Some(offset) => format!("line {}, byte {offset}", problem.line),
            None => format!("line {}", problem.line),
        };
        let line = page.paint(YELLOW, &format!("  ! {place}: {}", problem.message));
        page.line(&line);
    }
}

fn show_recipe(page: &mut Page, recipe: &Recipe) {
    page.line("");
    let line = page.paint(BOLD, "  How it was built, as stated");
    page.line(&line);
    for (name, value) in &recipe.package {
        page.line(&format!("    {name}: {value}"));
    }
    for source in &recipe.sources {
        let commit = source.commit.as_ref().map_or(String::new(), |commit| format!(" at {commit}"));
        page.line(&format!("    {}: {}{commit}", source.role, source.repository));
    }
    for image in &recipe.images {
        page.line(&format!("    image: {} {}:{}", image.name, image.algorithm, image.value));
    }
    for pass in &recipe.custom_passes {
        page.line(&format!("    custom pass {}: {}", pass.name, pass.sentence));
        page.line(&format!("      in {}", pass.paths.join(", ")));
        page.line(&format!("      reason given: {}", pass.reason));
    }
    for sentence in &recipe.advice {
        page.line(&format!("    {sentence}"));
    }
    for RecipeText { name, text, escaped, cut } in &recipe.texts {
        let note = match (escaped, cut) {
            (_, 1..) => format!(" (the first part; {cut} bytes more)"),
            (true, 0) => " (hidden characters escaped: not for copying)".to_owned(),
            (false, 0) => String::new(),
        };
        page.line("");
        let line = page.paint(BOLD, &format!("  {name}{note}"));
        page.line(&line);
        for line in text.lines().take(MOST_LINES) {
            page.line(&format!("    {}", line.replace('\t', "    ")));
        }
        let lines = text.lines().count();
        if lines > MOST_LINES {
            let line = page.paint(FAINT, &format!("    … {} more lines; --format json has all", lines - MOST_LINES));
            page.line(&line);
        }
    }
}
