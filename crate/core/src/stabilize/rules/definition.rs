//! Rules as they are written: the `custom_stabilizers` of OSS Rebuild's build definitions.
//!
//! In YAML the keys are in snake case; the `build.fix.json` of an attestation bundle names the same things as Go does.
//! JSON is read as the YAML that it is. A file may hold the list alone.

use super::{Action, Rules};
use crate::error::Error;
use crate::yaml::{self, Node, Value};

/// Bytes of a file of rules.
const MOST_BYTES: usize = 1 << 20;

impl Rules {
    /// Reads a file of rules: YAML, or the JSON of a bundle's `build.fix.json`. A definition without rules has none.
    ///
    /// # Errors
    /// A sentence that says what is wrong, and where.
    pub fn from_yaml(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MOST_BYTES {
            return Err(Error::new(format!("The rules are longer than {MOST_BYTES} bytes.")));
        }
        let root = yaml::parse(bytes).map_err(|error| Error::new(format!("The rules are not YAML: {error}.")))?;
        let list = match &root.value {
            Value::Sequence(_) => Some(&root),
            Value::Mapping(_) => one(&root, ["custom_stabilizers", "CustomStabilizers"])?,
            _ if root.as_str() == Some("") => None,
            _ => return Err(wrong(&root, "a list of rules, or custom_stabilizers with one, is expected")),
        };
        let mut rules = Self::default();
        let Some(list) = list.filter(|list| !list.is_null()) else { return Ok(rules) };
        for rule in sequence(list)? {
            rule_into(&mut rules, rule)?;
        }
        Ok(rules)
    }
}

fn rule_into(rules: &mut Rules, rule: &Node) -> Result<(), Error> {
    known(rule, &["reason", "Reason", "replace_pattern", "exclude_path", "Config"])?;
    let reason = one(rule, ["reason", "Reason"])?.map(text).transpose()?.unwrap_or_default();
    let config = one(rule, ["Config", "config"])?.unwrap_or(rule);
    let replacing = one(config, ["replace_pattern", "ReplacePattern"])?.filter(|node| !node.is_null());
    let excluding = one(config, ["exclude_path", "ExcludePath"])?.filter(|node| !node.is_null());
    let (paths, action) = match (replacing, excluding) {
        (Some(node), None) => {
            known(node, &["paths", "Paths", "pattern", "Pattern", "replace", "Replace"])?;
            let part = |names| one(node, names)?.map(text).transpose();
            let pattern = part(["pattern", "Pattern"])?.unwrap_or_default().to_owned();
            let with = part(["replace", "Replace"])?.unwrap_or_default().to_owned();
            (paths(node)?, Action::Replace { pattern, with })
        }
        (None, Some(node)) => {
            known(node, &["paths", "Paths"])?;
            (paths(node)?, Action::Exclude)
        }
        _ => return Err(wrong(rule, "a rule has exactly one of replace_pattern and exclude_path")),
    };
    rules.push(reason, paths, action)
}

fn paths(node: &Node) -> Result<Vec<String>, Error> {
    let Some(list) = one(node, ["paths", "Paths"])?.filter(|list| !list.is_null()) else { return Ok(Vec::new()) };
    sequence(list)?.iter().map(|path| text(path).map(str::to_owned)).collect()
}

/// The value of a key under either of its names; a key that stands twice is refused.
fn one<'a>(node: &'a Node, names: [&str; 2]) -> Result<Option<&'a Node>, Error> {
    let Value::Mapping(pairs) = &node.value else { return Err(wrong(node, "keys and values are expected")) };
    let mut found = pairs.iter().filter(|(key, _)| key.as_str().is_some_and(|key| names.contains(&key)));
    let first = found.next();
    match found.next() {
        Some((key, _)) => Err(wrong(key, "a key stands twice")),
        None => Ok(first.map(|(_, value)| value)),
    }
}

fn known(node: &Node, names: &[&str]) -> Result<(), Error> {
    let Value::Mapping(pairs) = &node.value else { return Err(wrong(node, "keys and values are expected")) };
    match pairs.iter().find(|(key, _)| !key.as_str().is_some_and(|key| names.contains(&key))) {
        Some((key, _)) => Err(wrong(key, &format!("the keys here are {}", names.join(", ")))),
        None => Ok(()),
    }
}

fn sequence(node: &Node) -> Result<&[Node], Error> {
    match &node.value {
        Value::Sequence(nodes) => Ok(nodes),
        _ => Err(wrong(node, "a list is expected")),
    }
}

fn text(node: &Node) -> Result<&str, Error> {
    node.as_str().ok_or_else(|| wrong(node, "a text is expected"))
}

fn wrong(node: &Node, what: &str) -> Error {
    Error::new(format!("The rules cannot be used: {what} (byte {}).", node.offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let rules = Rules::from_yaml(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
        let found: Vec<String> = (rules.iter())
            .map(|rule| format!("{} {} {:?} {:?}", rule.id(), rule.reason(), rule.paths(), rule.action()))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[track_caller]
    fn refused(text: &str, part: &str) {
        let error = Rules::from_yaml(text.as_bytes()).unwrap_err();
        assert!(error.message.contains(part), "{text}: {error}");
    }

    #[test]
    fn a_definition_in_yaml() {
        let text = "\
build: {}
custom_stabilizers:
  - replace_pattern:
      paths: ['*/METADATA', \"b\"]
      pattern: \"\\r\\n\"
      replace: \"\\n\"
    reason: line ends
  - exclude_path:
      paths:
        - '*/AUTHORS'
    reason: made by git
";
        let expected = [
            r#"replace-pattern-custom00 line ends ["*/METADATA", "b"] Replace { pattern: "\r\n", with: "\n" }"#,
            r#"exclude-path-custom01 made by git ["*/AUTHORS"] Exclude"#,
        ];
        check(text, &expected);
        check("- exclude_path: {paths: [a]}\n  reason: r\n", &[r#"exclude-path-custom00 r ["a"] Exclude"#]);
    }

    #[test]
    fn a_definition_of_a_bundle() {
        let text = r#"{"custom_stabilizers":[{"Config":{"ReplacePattern":null,"ExcludePath":{"Paths":["*/AUTHORS"]}},
            "Reason":"made by git"},{"Config":{"ReplacePattern":{"Paths":["a"],"Pattern":"x\r","Replace":""},"ExcludePath":null},"Reason":"r"}]}"#;
        let expected = [
            r#"exclude-path-custom00 made by git ["*/AUTHORS"] Exclude"#,
            r#"replace-pattern-custom01 r ["a"] Replace { pattern: "x\r", with: "" }"#,
        ];
        check(text, &expected);
    }

    #[test]
    fn no_rules_are_none() {
        for text in ["", "# nothing\n", "{}", "build: x\n", "custom_stabilizers:\n", r#"{"custom_stabilizers":null}"#] {
            check(text, &[]);
        }
    }

    #[test]
    fn what_cannot_be_used_is_named_with_its_place() {
        refused("a: [", "not YAML");
        refused("text", "list of rules");
        refused("custom_stabilizers: x", "a list is expected (byte 20)");
        refused("- reason: r\n", "exactly one");
        refused(
            "- {reason: r, exclude_path: {paths: [a]}, replace_pattern: {paths: [a], pattern: a}}\n",
            "exactly one",
        );
        refused("- {exclude_path: {paths: [a]}}\n", "no reason");
        refused("- {reason: r, exclude_path: {}}\n", "no path");
        refused("- {reason: r, exclude_path: {paths: [a], pattern: x}}\n", "the keys here are paths");
        refused("- {reason: r, reason: s, exclude_path: {paths: [a]}}\n", "a key stands twice");
        refused("- {reason: r, exclude_path: {paths: [[a]]}}\n", "a text is expected");
        refused("- {reason: r, replace_pattern: {paths: [a], pattern: '('}}\n", "cannot be read");
        refused(&"[".repeat(1000), "not YAML");
        refused(&" ".repeat(MOST_BYTES + 1), "longer than");
    }
}
