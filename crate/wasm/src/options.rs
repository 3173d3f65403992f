//! What the page chose: profile, ecosystem, passes, rules, limits.

use twinspect::comparison::Options;
use twinspect::ecosystem::Ecosystem;
use twinspect::stabilize::{Profile, Rules};
use twinspect::summarize;
use twinspect_reading::options::{limits_from, parsed};
use wasm_bindgen::prelude::*;

/// Custom rules as JSON, in the shape of `report::RuleLine`.
///
/// # Errors
/// A sentence that says what is wrong with the text, and where.
#[wasm_bindgen]
pub fn check_rules(text: &str) -> Result<String, JsError> {
    let rules = Rules::from_yaml(text.as_bytes())?;
    Ok(serde_json::to_string(&rules.iter().map(summarize::rule).collect::<Vec<_>>())?)
}

/// `{profile, ecosystem, disabled, rules, limits: {name: value}, leave_out: [number of an entry]}`, each of them optional;
/// `rules` is YAML.
pub(crate) fn options_from(text: &str) -> Result<Options, JsError> {
    let given = parsed(text)?;
    let mut options = Options { limits: limits_from(&given)?, ..Options::default() };
    if let Some(profile) = given.get("profile") {
        let known = profile.as_str().and_then(Profile::by_id);
        options.choice.profile = known.ok_or_else(|| JsError::new("There is no such profile."))?;
    }
    if let Some(disabled) = given.get("disabled") {
        let names: Option<Vec<String>> =
            disabled.as_array().and_then(|list| list.iter().map(|name| name.as_str().map(str::to_owned)).collect());
        options.choice.disabled =
            names.ok_or_else(|| JsError::new("The passes switched off are not a list of names."))?;
    }
    if let Some(ecosystem) = given.get("ecosystem").filter(|given| !given.is_null()) {
        let known = ecosystem.as_str().and_then(Ecosystem::by_id);
        options.choice.ecosystem = Some(known.ok_or_else(|| JsError::new("There is no such ecosystem."))?);
    }
    if let Some(rules) = given.get("rules") {
        let text = rules.as_str().ok_or_else(|| JsError::new("The rules are not a text."))?;
        options.choice.rules = Rules::from_yaml(text.as_bytes())?;
    }
    Ok(options)
}
