//! The page as one file that opens from disk: the script is allowed by its digest, nothing may be connected to from the
//! first byte, and the engine lies in the document, packed.

use super::page::{PART, SCRIPT, STYLE, Scripts, WHOLE_GLUE, policy, replaced};
use super::{bytes, source_of};
use crate::Outcome;
use base64ct::{Base64, Encoding};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::Path;

/// The document.
pub(super) fn page(dist: &Path, index: &str, scripts: &Scripts) -> Outcome<String> {
    let script = inline(&scripts.single, "</script")?;
    let style = inline(&scripts.style, "</style")?;
    let strict = [
        "default-src 'none'",
        &format!("script-src {} 'wasm-unsafe-eval'", source_of(script)),
        "worker-src blob:",
        "connect-src 'none'",
        "img-src blob: data:",
        &format!("style-src {}", source_of(style)),
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types app",
    ]
    .join("; ");
    let mut text = replaced(index, policy(index)?, &strict)?;
    for name in ["manifest.webmanifest", "icon.svg", "icon-192.png", "icon-512.png"] {
        let line = text.lines().find(|line| line.contains(name)).map(str::to_string);
        text = replaced(&text, &line.ok_or_else(|| format!("index.html does not name {name}"))?, "")?;
    }
    let sheet = format!("<link rel=\"stylesheet\" href=\"{STYLE}\">");
    text = replaced(&text, &sheet, &format!("<style>{style}</style>"))?;
    text = replaced(&text, &format!("<script type=\"module\" src=\"{SCRIPT}\"></script>"), "")?;
    // The parts of the hosted page are all in its script.
    let preloads = format!("<link rel=\"modulepreload\" href=\"{PART}");
    let text =
        text.lines().filter(|line| !line.contains(&preloads)).map(|line| format!("{line}\n")).collect::<String>();
    let mut parts = String::new();
    for (id, content) in [
        ("glue", bytes(&dist.join(WHOLE_GLUE))?),
        ("shim", scripts.worker.clone().into_bytes()),
        ("engine", bytes(&dist.join("twinspect-wasm_bg.wasm"))?),
    ] {
        let packed = Base64::encode_string(&packed(&content)?);
        parts.push_str(&format!("<script type=\"application/gzip\" id=\"{id}\">{packed}</script>\n"));
    }
    // The parts stand in the head, the script last: by then they are there, and the page may empty its body.
    replaced(&text, "</head>", &format!("{parts}<script type=\"module\">{script}</script>\n  </head>"))
}

/// A text that can stand between tags.
fn inline<'t>(text: &'t str, end: &str) -> Outcome<&'t str> {
    if text.to_ascii_lowercase().contains(end) {
        return Err(format!("a script or style of the page contains `{end}` and cannot stand inside the document"));
    }
    Ok(text)
}

fn packed(content: &[u8]) -> Outcome<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).and_then(|()| encoder.finish()).map_err(|e| format!("gzip failed: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_would_end_its_element_is_refused() {
        assert!(inline("let a = '</SCRIPT>'", "</script").is_err());
        assert_eq!(inline("let a = 1", "</script").unwrap(), "let a = 1");
    }
}
