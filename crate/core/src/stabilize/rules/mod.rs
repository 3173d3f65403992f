//! Rules of the user's own, or of a rebuild's definition: leave paths out, or replace a pattern, each with a reason.
//!
//! They follow the `custom_stabilizers` of OSS Rebuild's build definitions (`pkg/stabilize/custom.go` at 013d2899): the
//! same names, the same stage, the same patterns, tried at every level that a profile's passes enter.

mod definition;
mod glob;
mod pattern;
mod template;

use std::sync::LazyLock;

use regex::bytes::Regex;
use template::Template;

use super::{Profile, Scope, Set, View, upstream};
use crate::entry::Kind;
use crate::error::Error;
use crate::reading::NodeId;

/// Rules run after the passes and before what is computed of all the rest.
pub(super) const STAGE: u8 = 10;
/// Rules in one list.
const MOST: usize = 100;
/// Bytes of a replacement.
const MOST_REPLACEMENT: usize = 64 << 10;

/// A list of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Adds a rule; its name follows from its place.
    ///
    /// # Errors
    /// A rule without a reason or a path, a pattern that cannot be used, or one rule too many.
    pub fn push(&mut self, reason: &str, paths: Vec<String>, action: Action) -> Result<(), Error> {
        let place = self.0.len();
        let wrong = |what: String| Error::new(format!("Rule {} cannot be used: {what}.", place + 1));
        let names = match action {
            Action::Exclude => &NAMES.0,
            Action::Replace { .. } => &NAMES.1,
        };
        let Some(id) = names.get(place) else {
            return Err(wrong(format!("there are more than {MOST}")));
        };
        if reason.trim().is_empty() {
            return Err(wrong("it gives no reason".into()));
        }
        if paths.is_empty() || paths.iter().any(String::is_empty) {
            return Err(wrong("it names no path, or an empty one".into()));
        }
        if let Some(bad) = paths.iter().find(|path| !glob::is_good(path)) {
            return Err(wrong(format!("{bad} is not a pattern of paths")));
        }
        let replacing = match &action {
            Action::Exclude => None,
            Action::Replace { with, .. } if with.len() > MOST_REPLACEMENT => {
                return Err(wrong(format!("its replacement is longer than {MOST_REPLACEMENT} bytes")));
            }
            Action::Replace { pattern, with } => {
                let compiled = pattern::compile(pattern);
                let regex = compiled.map_err(|why| wrong(format!("the pattern {pattern} cannot be read: {why}")))?;
                Some((regex, Template::read(with)))
            }
        };
        self.0.push(Rule { id, reason: reason.to_owned(), paths, action, replacing });
        Ok(())
    }

    /// The rules, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a rule has this id.
    pub fn has(&self, id: &str) -> bool {
        self.0.iter().any(|rule| rule.id == id)
    }
}

/// Names that rules can have, by place: upstream's. Static, so that a rule is named like a pass of the table.
static NAMES: LazyLock<(Vec<String>, Vec<String>)> = LazyLock::new(|| {
    let names = |kind: &str| (0..MOST).map(|place| format!("{kind}-custom{place:02}")).collect();
    (names("exclude-path"), names("replace-pattern"))
});

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Leaves the entries out.
    Exclude,
    /// Replaces a pattern in their contents.
    Replace {
        /// The expression, in Go's syntax.
        pattern: String,
        /// What takes its place; `$1` and `${name}` stand for groups.
        with: String,
    },
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    id: &'static str,
    reason: String,
    paths: Vec<String>,
    action: Action,
    replacing: Option<(Regex, Template)>,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        // The expression follows from the action.
        (self.id, &self.reason, &self.paths, &self.action) == (other.id, &other.reason, &other.paths, &other.action)
    }
}

impl Eq for Rule {}

impl Rule {
    /// Its name: upstream's, e.g. `replace-pattern-custom00`.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Why it is there, in the words of whoever wrote it.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The patterns of paths.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// What it does.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// Applies the rule to the members of one container.
    pub(super) fn run(&self, view: &mut View<'_>) {
        for id in view.members() {
            match &self.replacing {
                None if self.excludes(view.path(id)) => view.exclude(id),
                Some((regex, with)) if self.replaces(view.path(id)) => replace(view, id, regex, with),
                _ => {}
            }
        }
    }

    /// Whether it leaves out a member of this path; upstream does so too where a pattern cannot be tried.
    pub(super) fn excludes(&self, path: &[u8]) -> bool {
        self.replacing.is_none() && self.matches(path).unwrap_or(true)
    }

    /// Whether it replaces in a member of this path; not where a pattern cannot be tried.
    pub(super) fn replaces(&self, path: &[u8]) -> bool {
        self.replacing.is_some() && self.matches(path).unwrap_or(false)
    }

    fn matches(&self, path: &[u8]) -> Result<bool, glob::BadPattern> {
        for pattern in &self.paths {
            if glob::matches(pattern, path)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Replaces in a member's content, unless the result is too large to be kept.
fn replace(view: &mut View<'_>, id: NodeId, regex: &Regex, with: &Template) {
    let Some(node) = view.node(id) else { return };
    let content = match view.content(id) {
        _ if !view.scope.is_upstream() && view.kind(id) != Some(Kind::File) => return,
        Some(content) => content,
        // To upstream links and folders have an empty content, and an expression may match that.
        None if view.scope.is_upstream() && node.content.is_none() && !node.unread => Vec::new(),
        None => return,
    };
    let most = usize::try_from(view.most).unwrap_or(usize::MAX);
    match replaced(&content, regex, with, most) {
        // In a zip upstream takes a content of which nothing is left for one that nothing was done to.
        Some(text) if text.is_empty() && view.scope.is_upstream() && view.scope.format == "zip" => {
            view.restore_content(id);
        }
        Some(text) if text != content => view.set_content(id, text),
        _ => {}
    }
}

/// A content with every match replaced; `None` if it gets longer than `most`.
fn replaced(content: &[u8], regex: &Regex, with: &Template, most: usize) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(content.len());
    let mut last = 0;
    for captures in regex.captures_iter(content) {
        let found = captures.get(0).map_or(0..0, |found| found.range());
        // Go goes on by whole characters: nothing matches inside one.
        if found.is_empty() && is_inside_character(content, found.start) {
            continue;
        }
        text.extend_from_slice(content.get(last..found.start).unwrap_or_default());
        with.expand(&captures, &mut text);
        last = found.end;
        if text.len() > most {
            return None;
        }
    }
    text.extend_from_slice(content.get(last..).unwrap_or_default());
    Some(text)
}

/// Whether a position lies inside a character of UTF-8.
fn is_inside_character(content: &[u8], at: usize) -> bool {
    (1..=3).any(|back| {
        let Some(start) = at.checked_sub(back) else { return false };
        let head = content.get(start..content.len().min(start + 4)).unwrap_or_default();
        let length = head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()).map_or(0, char::len_utf8);
        length > back
    })
}

/// Whether rules run on this container: where upstream's passes do, or on every archive in `standard`.
pub(super) fn applies(scope: &Scope<'_>) -> bool {
    match scope.profile {
        Profile::None => false,
        Profile::OssRebuild => {
            matches!(scope.format, "zip" | "tar") && !matches!(upstream::set(scope), None | Some(Set::Raw))
        }
        Profile::Standard => !scope.format.is_empty() && !scope.is_wrapper,
    }
}

#[cfg(test)]
mod tests;
