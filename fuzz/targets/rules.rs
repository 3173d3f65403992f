//! Rules of the user's own and of build definitions: globs, patterns, replacements, over a small archive.
#![no_main]

use twinspect::artifact::{Artifact, Sides};
use twinspect::comparison::{Comparison, Options};
use twinspect::read;
use twinspect::stabilize::{Action, Choice, Profile, Rules};
use twinspect_tests::{file, invariants::small_limits, tar};

fn compare(rules: Rules) {
    let mut options = Options { choice: Choice::of(Profile::OssRebuild), limits: small_limits() };
    options.choice.rules = rules;
    let bytes = |text: &[u8]| tar(&[file("a/b.txt", text), file("a/b/c-1.0.js", b"abc 123\n"), file("d", b"")]);
    let artifact = |text: &[u8]| Artifact::new("a.tar", bytes(text));
    let artifacts = Sides { left: artifact(b"built 2024-01-01\n"), right: artifact(b"built 2025-02-02\n") };
    let read = |artifact: &Artifact| read::read(artifact, &options.limits, &mut |_| {}).expect("a small archive");
    let readings = Sides { left: read(&artifacts.left), right: read(&artifacts.right) };
    let _ = Comparison::new(artifacts, readings, options);
}

twinspect_fuzz::fuzz_target!(|data: &[u8]| {
    if let Ok(rules) = Rules::from_yaml(data) {
        compare(rules);
    }
    let text = String::from_utf8_lossy(data);
    let mut parts = text.splitn(3, '\n').map(str::to_owned);
    let (path, pattern, with) = (parts.next(), parts.next(), parts.next());
    let (path, pattern, with) = (path.unwrap_or_default(), pattern.unwrap_or_default(), with.unwrap_or_default());
    let mut rules = Rules::default();
    let _ = rules.push("a reason", vec![path.clone()], Action::Exclude);
    let _ = rules.push("a reason", vec![path, "**".to_owned()], Action::Replace { pattern, with });
    if !rules.is_empty() {
        compare(rules);
    }
});
