//! Signals about texts: what all the changed words of a file have in common.

use super::{Evidence, Signal, TextFacts};

fn facts<'a>(evidence: &Evidence<'a>) -> Option<&'a TextFacts> {
    if evidence.difference.what == "content" { evidence.text } else { None }
}

/// The artifact's own version, replaced by the other's.
pub const VERSION_STRING: Signal = Signal {
    id: "version-string",
    title: "Only the version number differs",
    advice: "Expected between two versions; nothing else changed in these files.",
    least: 1,
    recognise: |evidence| {
        let substitutions = facts(evidence)?.substitutions.as_ref()?;
        // The words may carry a letter in front (`v1.0`) or a suffix, the same on both sides.
        let (left, right) = evidence.versions.iter().find(|(left, right)| {
            substitutions.iter().all(|(old, new)| old.contains(left.as_str()) && old.replace(left, right) == *new)
        })?;
        (!substitutions.is_empty()).then(|| format!("{left} → {right}"))
    },
};

/// Line endings only.
pub const LINE_ENDINGS: Signal = Signal {
    id: "line-endings",
    title: "Only line endings differ",
    advice: "A checkout with another core.autocrlf, or files packed on another system.",
    least: 1,
    recognise: |evidence| facts(evidence)?.only_line_endings.then(String::new),
};

/// Order of lines only.
pub const LINE_ORDER: Signal = Signal {
    id: "line-order",
    title: "The same lines stand in another order",
    advice: "A generator that does not sort; in scripts and configuration the order may matter.",
    least: 1,
    recognise: |evidence| facts(evidence)?.only_order.then(String::new),
};

/// White space only.
pub const WHITE_SPACE: Signal = Signal {
    id: "white-space",
    title: "Only white space differs",
    advice: "Another formatter; in Python, YAML and Makefiles white space has meaning.",
    least: 1,
    recognise: |evidence| facts(evidence)?.only_whitespace.then(String::new),
};

/// The same replacement in several files.
pub const SAME_EDIT: Signal = Signal {
    id: "same-edit",
    title: "The same words are replaced",
    advice: "One cause in the build, such as a tool's version or a date; read one of them.",
    least: 3,
    recognise: |evidence| {
        let substitutions = facts(evidence)?.substitutions.as_ref()?;
        let shown: Vec<String> = substitutions.iter().map(|(old, new)| format!("{old} → {new}")).collect();
        (!shown.is_empty()).then(|| shown.join(", "))
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Difference;

    fn check(signal: &Signal, substitutions: &[(&str, &str)], expected: Option<&str>) {
        let difference = Difference { what: "content".into(), left: None, right: None, after: None, pass: None };
        let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        let text = TextFacts { substitutions: Some(substitutions.iter().map(owned).collect()), ..TextFacts::default() };
        let versions = [("1.0.0".to_owned(), "1.1.0".to_owned())];
        let evidence = Evidence { difference: &difference, text: Some(&text), versions: &versions };
        assert_eq!((signal.recognise)(&evidence).as_deref(), expected);
    }

    #[test]
    fn a_version_string_is_the_artifacts_own_and_nothing_else() {
        check(&VERSION_STRING, &[("1.0.0", "1.1.0")], Some("1.0.0 → 1.1.0"));
        check(&VERSION_STRING, &[("v1.0.0", "v1.1.0"), ("1.0.0-npm", "1.1.0-npm")], Some("1.0.0 → 1.1.0"));
        check(&VERSION_STRING, &[("1.0.0", "1.1.1")], None);
        check(&VERSION_STRING, &[("1.0.0", "1.1.0"), ("safe", "evil")], None);
        check(&VERSION_STRING, &[], None);
    }

    #[test]
    fn the_same_edit_lists_its_words() {
        check(&SAME_EDIT, &[("a", "b"), ("c", "d")], Some("a → b, c → d"));
        check(&SAME_EDIT, &[], None);
    }
}
