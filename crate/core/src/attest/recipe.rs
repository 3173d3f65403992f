//! How an artifact was built, as far as its provenance says so: inert text, to be read and copied.

use super::statement::{Statement, Subject};
use super::table::short;
use crate::base64;
use crate::display;
use crate::error::Error;
use crate::json::{self, Json};
use crate::report::attestation::{CustomPass, Recipe, RecipeSource, RecipeText};
use crate::stabilize::{Action, Rules};

/// Bytes of one text that are shown.
const MOST_TEXT: usize = 256 << 10;
/// Entries of one list.
const MOST: usize = 200;

/// What a Rebuild statement of OSS Rebuild says, and the package's own rules, or why they cannot be read.
pub(super) fn of_rebuild(statement: &Statement) -> (Recipe, Result<Rules, Error>) {
    let definition = statement.predicate.get("buildDefinition").unwrap_or(&Json::Null);
    let mut recipe = Recipe::default();
    let mut rules = Ok(Rules::default());
    for name in ["ecosystem", "package", "version", "artifact", "overwrite_mode"] {
        if let Some(value) = definition.text_at(&["externalParameters", name]) {
            recipe.package.push((name.replace('_', " "), short(value)));
        }
    }
    for dependency in definition.list_at(&["resolvedDependencies"]).iter().take(MOST) {
        let subject = Subject::read(dependency);
        if let Some(repository) = subject.name.strip_prefix("git+") {
            recipe.sources.push(RecipeSource {
                repository: short(repository),
                commit: subject.digests.first().map(|(_, value)| short(value)),
                role: "source".to_owned(),
            });
        } else if subject.name == "build.fix.json" {
            if let Some(content) = content(dependency) {
                rules = Rules::from_yaml(&content);
                recipe.texts.push(text(&subject.name, &content));
            } else {
                rules = Err(Error::new("build.fix.json has no content."));
            }
        } else {
            recipe.images.extend(subject.claimed());
        }
    }
    for (path, role) in [
        (["externalParameters", "buildConfigSource"], "build definition"),
        (["internalParameters", "serviceSource"], "OSS Rebuild itself"),
        (["internalParameters", "prebuildSource"], "OSS Rebuild's tools"),
    ] {
        if let Some(repository) = definition.at(&path).and_then(|source| source.text_at(&["repository"])) {
            let source = definition.at(&path).unwrap_or(&Json::Null);
            let folder = source.text_at(&["path"]).map_or(String::new(), |path| format!(", {}", short(path)));
            let commit = source.text_at(&["ref"]).map(short);
            recipe.sources.push(RecipeSource {
                repository: short(repository),
                commit,
                role: format!("{role}{folder}"),
            });
        }
    }
    for product in statement.predicate.list_at(&["runDetails", "byproducts"]).iter().take(MOST) {
        if let (Some(name), Some(content)) = (product.text_at(&["name"]), content(product)) {
            recipe.texts.push(text(name, &content));
        }
    }
    recipe.custom_passes = rules.as_ref().map(passes).unwrap_or_default();
    if recipe.texts.iter().any(|text| text.name == "Dockerfile") {
        recipe.advice = vec![
            "To rebuild it: save the Dockerfile, read it, and run docker run $(docker buildx build -q - < Dockerfile)."
                .to_owned(),
            "It fetches what it needs from the network. The commit and the images above say what it should get."
                .to_owned(),
        ];
    }
    (recipe, rules)
}

/// What a SLSA provenance says about where the source is; `None` if nothing.
pub(super) fn of_provenance(statement: &Statement) -> Option<Recipe> {
    let predicate = &statement.predicate;
    let mut recipe = Recipe::default();
    let mut take = |list: &[Json]| {
        for dependency in list.iter().take(MOST) {
            let subject = Subject { name: String::new(), ..Subject::read(dependency) };
            let uri = dependency.text_at(&["uri"]).or(dependency.text_at(&["name"])).unwrap_or_default();
            let commit = subject.digests.iter().find(|(name, _)| matches!(name.as_str(), "gitCommit" | "sha1"));
            if uri.starts_with("git+") || commit.is_some() {
                recipe.sources.push(RecipeSource {
                    repository: short(uri.strip_prefix("git+").unwrap_or(uri)),
                    commit: commit.map(|(_, value)| short(value)),
                    role: "source".to_owned(),
                });
            }
        }
    };
    take(predicate.list_at(&["buildDefinition", "resolvedDependencies"]));
    take(predicate.list_at(&["materials"]));
    for (name, path) in [
        ("workflow", ["buildDefinition", "externalParameters", "workflow", "path"].as_slice()),
        ("workflow", &["invocation", "configSource", "entryPoint"]),
        ("builder", &["runDetails", "builder", "id"]),
        ("builder", &["builder", "id"]),
        ("run", &["runDetails", "metadata", "invocationId"]),
    ] {
        if let Some(value) = predicate.text_at(path) {
            recipe.package.push((name.to_owned(), short(value)));
        }
    }
    (!recipe.sources.is_empty()).then_some(recipe)
}

fn content(descriptor: &Json) -> Option<Vec<u8>> {
    base64::decode(descriptor.text_at(&["content"])?).ok()
}

/// JSON that stands on one line is laid out, so that it can be read; everything else stays as it is.
fn text(name: &str, content: &[u8]) -> RecipeText {
    let kept = content.get(..MOST_TEXT).unwrap_or(content);
    let laid_out = (name.ends_with(".json") && content.len() <= MOST_TEXT)
        .then(|| json::read(content).ok())
        .flatten()
        .map(|text| text.value.laid_out());
    let (text, escaped) = match laid_out {
        Some(laid_out) => display::text(laid_out.as_bytes()),
        None => display::text(kept),
    };
    RecipeText { name: short(name), text, escaped, cut: (content.len() - kept.len()) as u64 }
}

fn passes(rules: &Rules) -> Vec<CustomPass> {
    let pass = |rule: &crate::stabilize::Rule| {
        let (sentence, pattern, replace) = match rule.action() {
            Action::Exclude => ("Leaves these paths out of the comparison".to_owned(), None, None),
            Action::Replace { pattern, with } => {
                let what = format!("Replaces {} by {}", quoted(pattern), quoted(with));
                (what, Some(short(pattern)), Some(short(with)))
            }
        };
        CustomPass {
            name: rule.id().to_owned(),
            sentence,
            paths: rule.paths().iter().take(MOST).map(|path| short(path)).collect(),
            pattern,
            replace,
            reason: short(rule.reason()),
        }
    };
    rules.iter().map(pass).collect()
}

fn quoted(text: &str) -> String {
    format!("“{}”", short(text))
}
