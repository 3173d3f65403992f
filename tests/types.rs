//! `www/src/report.d.ts` is generated from `report.rs`, so that the page is type-checked against the real shape.
//!
//! Stale = this test fails. `TWINSPECT_BLESS=1 cargo test -p twinspect-tests --test types` writes it.

use std::fmt::Write as _;
use std::path::PathBuf;

/// The types of a Rust source file as TypeScript. It reads the plain style of the files it is for: one field to a
/// line, doc comments in front, serde attributes of the kinds that occur there. Anything else is an error.
fn declarations(source: &str, wanted: &dyn Fn(&str) -> bool) -> Result<String, String> {
    let mut out = String::new();
    let (mut docs, mut attributes) = (Vec::new(), Vec::new());
    let mut open: Option<(bool, String)> = None;
    for line in source.lines().take_while(|line| *line != "#[cfg(test)]").map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            docs.push(doc.trim().to_owned());
        } else if line.starts_with("#[") {
            attributes.push(line.to_owned());
        } else if let Some(name) = line.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {")) {
            if wanted(name.split('<').next().unwrap_or(name)) {
                let _ = writeln!(out, "\n/** {} */\nexport interface {name} {{", docs.join(" "));
                open = Some((true, String::new()));
            }
            docs.clear();
            attributes.clear();
        } else if let Some(name) = line.strip_prefix("pub enum ").and_then(|rest| rest.strip_suffix(" {")) {
            if wanted(name) {
                open = Some((false, format!("\n/** {} */\nexport type {name} =", docs.join(" "))));
            }
            docs.clear();
            attributes.clear();
        } else if line == "}" {
            match open.take() {
                Some((true, _)) => out.push_str("}\n"),
                Some((false, text)) => {
                    let _ = writeln!(out, "{text};");
                }
                None => {}
            }
            docs.clear();
            attributes.clear();
        } else if let Some((is_struct, text)) = &mut open {
            if *is_struct {
                let Some((name, kind)) =
                    line.strip_prefix("pub ").and_then(|rest| rest.strip_suffix(',')?.split_once(": "))
                else {
                    return Err(format!("not a field: {line}"));
                };
                let optional = attributes.iter().any(|attribute| attribute.contains("skip_serializing_if"));
                let flat = attributes.iter().any(|attribute| attribute.contains("flatten"));
                let kind = typescript(if optional { inner(kind, "Option").unwrap_or(kind) } else { kind })?;
                if flat {
                    let _ = writeln!(out, "  // and the fields of {kind}: {}", docs.join(" "));
                } else {
                    let mark = if optional { "?" } else { "" };
                    let _ = writeln!(out, "  /** {} */\n  {name}{mark}: {kind};", docs.join(" "));
                }
            } else {
                let name = line.strip_suffix(',').ok_or_else(|| format!("not a variant: {line}"))?;
                let bar = if text.ends_with('=') { "" } else { " |" };
                let _ = write!(text, "{bar} '{}'", kebab(name));
            }
            docs.clear();
            attributes.clear();
        } else {
            docs.clear();
            attributes.clear();
        }
    }
    Ok(out)
}

fn kebab(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

fn inner<'a>(kind: &'a str, of: &str) -> Option<&'a str> {
    kind.strip_prefix(of)?.strip_prefix('<')?.strip_suffix('>')
}

fn typescript(kind: &str) -> Result<String, String> {
    if let Some(kind) = inner(kind, "Option") {
        return Ok(format!("{} | null", typescript(kind)?));
    }
    if let Some(kind) = inner(kind, "Vec") {
        let kind = typescript(kind)?;
        return Ok(if kind.contains(' ') && !kind.starts_with('[') {
            format!("({kind})[]")
        } else {
            format!("{kind}[]")
        });
    }
    if let Some(kind) = inner(kind, "Sides") {
        return Ok(format!("Sides<{}>", typescript(kind)?));
    }
    if let Some((key, value)) = inner(kind, "BTreeMap").and_then(|both| both.split_once(", ")) {
        return Ok(format!("Record<{}, {}>", typescript(key)?, typescript(value)?));
    }
    if let Some((a, b)) = kind.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')?.split_once(", ")) {
        return Ok(format!("[{}, {}]", typescript(a)?, typescript(b)?));
    }
    Ok(match kind {
        "String" => "string".to_owned(),
        "u8" | "u32" | "u64" | "i64" => "number".to_owned(),
        "bool" => "boolean".to_owned(),
        name if name.chars().next().is_some_and(char::is_uppercase) && name.chars().all(char::is_alphanumeric) => {
            name.to_owned()
        }
        other => return Err(format!("no TypeScript for {other}")),
    })
}

fn generated() -> Result<String, String> {
    let core = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crate/core/src");
    let read = |name: &str| std::fs::read_to_string(core.join(name)).map_err(|error| format!("{name}: {error}"));
    let mut text =
        "// Generated from crate/core/src/report.rs and report/ by tests/types.rs. Do not edit.\n".to_owned();
    text += &declarations(&read("artifact.rs")?, &|name| matches!(name, "Side" | "Sides"))?;
    text += &declarations(&read("entry.rs")?, &|name| matches!(name, "Kind" | "Severity"))?;
    text += &declarations(&read("report.rs")?, &|_| true)?;
    text += &declarations(&read("report/attestation.rs")?, &|_| true)?;
    text += &declarations(&read("report/search.rs")?, &|_| true)?;
    text += &declarations(&read("report/view.rs")?, &|_| true)?;
    Ok(text)
}

#[test]
fn the_page_knows_the_shape_of_the_report() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../www/src/report.d.ts");
    let text = generated().unwrap();
    if std::env::var_os("TWINSPECT_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "report.d.ts is stale");
}

#[test]
fn a_struct_and_an_enum_become_types() {
    let source = "/// A thing.\npub struct Thing {\n    /// Count.\n    pub count: Option<u64>,\n    \
                  #[serde(default, skip_serializing_if = \"Vec::is_empty\")]\n    pub list: Vec<(String, Kind)>,\n}\n\
                  pub enum Kind {\n    OnlyLeft,\n    B,\n}\n";
    let expected = "\n/** A thing. */\nexport interface Thing {\n  /** Count. */\n  count: number | null;\n  /**  */\n  \
                    list?: [string, Kind][];\n}\n\n/**  */\nexport type Kind = 'only-left' | 'b';\n";
    assert_eq!(declarations(source, &|_| true).unwrap(), expected);
    assert!(declarations("pub struct X {\n    hidden: u8,\n}\n", &|_| true).is_err());
}
