//! The metadata of a gem, as `gem build` writes it: a YAML document in `metadata.gz`.

use super::super::upstream::is_gem_metadata;
use super::super::{Pass, Stabilizer, View};
use super::{on_metadata, ruby, specification};
use crate::yaml;

/// When the gem was built.
pub const METADATA_DATE: Stabilizer = Stabilizer {
    id: "gem-metadata-date",
    title: "Build date in the metadata of gems",
    rationale: "`gem build` writes the day on which it runs; nothing is installed or resolved by it. In `standard` \
        only a calendar date is ignored, with a time of day and a zone if need be, of the one key `date` at the top of \
        a gem specification: nothing else fits there. OSS Rebuild ignores whatever a line starting with `date: ` says.",
    upstream: true,
    stage: 0,
    applies: on_metadata,
    pass: Pass::Container(|view| {
        rewrite(view, |view, text| match view.scope.is_upstream() {
            true => Some(lines_replaced(text, b"date: ", DATE.as_bytes())),
            false => specification::value_replaced(text, "date", ruby::is_date, DATE),
        });
    }),
};

/// RubyGems' own default, the first day that a zip can name and one to spare for time zones.
const DATE: &str = "1980-01-02 00:00:00.000000000 Z";

/// Which RubyGems built the gem.
pub const METADATA_RUBYGEMS_VERSION: Stabilizer = Stabilizer {
    id: "gem-metadata-rubygems-version",
    title: "Version of the building tool in the metadata of gems",
    rationale: "`gem build` writes its own version; which versions can install the gem is another key, and counts. In \
        `standard` only a version number is ignored, of the one key `rubygems_version` at the top of a gem \
        specification. OSS Rebuild ignores whatever a line starting so says.",
    upstream: true,
    stage: 0,
    applies: on_metadata,
    pass: Pass::Container(|view| {
        rewrite(view, |view, text| match view.scope.is_upstream() {
            true => Some(lines_replaced(text, b"rubygems_version: ", b"0.0.0")),
            false => specification::value_replaced(text, "rubygems_version", ruby::is_version, "0.0.0"),
        });
    }),
};

/// The certificates that a signed gem carries.
pub const METADATA_CERT_CHAIN: Stabilizer = Stabilizer {
    id: "gem-metadata-cert-chain",
    title: "Certificates in the metadata of gems",
    rationale: "They belong to the signature, which nobody but the author can make again; OSS Rebuild empties the \
        list, whatever is in it. Never in `standard`: they say who vouches for the gem, see `gem-exclude-signatures`.",
    upstream: true,
    stage: 0,
    applies: |scope| scope.is_upstream() && is_gem_metadata(scope),
    pass: Pass::Container(|view| rewrite(view, |_, text| Some(without_certificates(text)))),
};

/// How the document is written.
///
/// Upstream's text, byte for byte, but for documents that no `gem build` writes: one nested deeper than 64 levels, of more
/// than 2^18 nodes or comments, with two byte order marks or a tag that is not UTF-8, or whose new text is more than 16
/// times as long, stays as it is.
pub const METADATA_YAML_NORMALIZE: Stabilizer = Stabilizer {
    id: "gem-metadata-yaml-normalize",
    title: "YAML style of the metadata of gems",
    rationale: "Versions of RubyGems quote, indent and fold differently; what the document says is compared: tags, \
        texts, their types, order, anchors, keys that stand twice. In `standard` only what `gem build` writes is \
        rewritten, and only if Ruby reads the same before and after: no comments, no brackets, nothing behind the \
        document; and a quoted `yes` stays quoted.",
    upstream: true,
    stage: 0,
    applies: on_metadata,
    pass: Pass::Container(|view| {
        rewrite(view, |view, text| {
            // Far more than any style adds, so that deep indentation costs no memory.
            let most = usize::try_from(view.most).unwrap_or(usize::MAX).min(text.len().saturating_mul(16).max(1 << 16));
            let text = match view.scope.is_upstream() {
                true => yaml::parse_first(text).ok().and_then(|document| yaml::normalize(&document, most, |_| false)),
                false => specification::normalized(text, most),
            };
            text.map(String::into_bytes)
        });
    }),
};

/// Replaces the content that the wrapper wraps.
fn rewrite(view: &mut View<'_>, change: impl Fn(&View<'_>, &[u8]) -> Option<Vec<u8>>) {
    for id in view.members() {
        if let Some(text) = view.content(id).and_then(|text| change(view, &text)) {
            view.set_content(id, text);
        }
    }
}

/// Every line that starts with the words and goes on: what follows the words, up to a CR, is replaced.
fn lines_replaced(text: &[u8], words: &[u8], by: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let end = line.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(line.len());
        match line.split_at_checked(end) {
            Some((said, rest)) if said.starts_with(words) && said.len() > words.len() => {
                replaced.extend_from_slice(words);
                replaced.extend_from_slice(by);
                replaced.extend_from_slice(rest);
            }
            _ => replaced.extend_from_slice(line),
        }
    }
    replaced
}

/// `cert_chain:` alone on its line loses the lines below it that start with a space or a dash.
fn without_certificates(text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let mut any = false;
        if line == b"cert_chain:\n" {
            while lines.next_if(|line| matches!(line.first(), Some(b' ' | b'-')) && line.ends_with(b"\n")).is_some() {
                any = true;
            }
        }
        kept.extend_from_slice(if any { b"cert_chain: []\n" } else { line });
    }
    kept
}
