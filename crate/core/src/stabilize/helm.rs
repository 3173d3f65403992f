//! Repositories of Helm charts.

use crate::media::Media;

use super::{Pass, Profile, Stabilizer, date};

/// When the index was written.
pub const GENERATED: Stabilizer = Stabilizer {
    id: "helm-generated",
    title: "When the index of a Helm repository was written",
    rationale: "`helm repo index` writes the time into the key `generated`, which the format has for that and Helm \
        does not act upon. Ignored is only a date of the form of RFC 3339 that is all the key has, at the top of the \
        one document of a file that has the key once. The dates of the charts count, and so do their digests.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.profile == Profile::Standard,
    pass: Pass::Entry(|view, id| {
        let Some(bytes) = view.leaf(id, Media::HelmIndex) else { return };
        if let Some(masked) = mask(&bytes) {
            view.set_content(id, masked);
        }
    }),
};

/// The index with another date.
fn mask(bytes: &[u8]) -> Option<Vec<u8>> {
    const KEY: &[u8] = b"generated:";
    let text = std::str::from_utf8(bytes).ok()?;
    let mut masked = Vec::with_capacity(bytes.len());
    let mut found = false;
    for (index, line) in text.as_bytes().split_inclusive(|byte| *byte == b'\n').enumerate() {
        let Some(value) = line.strip_prefix(KEY) else {
            // Another document, or a key whose value could reach over several lines.
            let first = index == 0 && line.trim_ascii_end() == b"---";
            let plain = matches!(line.first(), Some(b' ' | b'#' | b'\n' | b'\r' | b'-'))
                || line.starts_with(b"apiVersion:")
                || line.trim_ascii_end() == b"entries:"
                || line.starts_with(b"serverInfo:");
            if !first && (line.starts_with(b"---") || line.starts_with(b"...") || !plain) {
                return None;
            }
            masked.extend_from_slice(line);
            continue;
        };
        let value = value.trim_ascii();
        let date = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
        if found || !date::is_rfc3339(date) {
            return None;
        }
        found = true;
        masked.extend_from_slice(KEY);
        masked.extend_from_slice(b" \"1970-01-01T00:00:00Z\"\n");
    }
    found.then_some(masked)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{file, stabilize};
    use super::*;

    const INDEX: &str = "apiVersion: v1
entries:
  demo:
  - created: \"2001-02-03T04:05:06.789012345Z\"
    digest: 705ebc5d
    name: demo
generated: \"2001-02-03T04:05:06.789012345+01:00\"
";

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(stabilize(Profile::Standard, &file("a", before)).content("a"), after);
        assert_eq!(stabilize(Profile::OssRebuild, &file("a", before)).content("a"), before);
    }

    #[test]
    fn the_date_of_the_index_becomes_1970() {
        let masked = INDEX.replace("2001-02-03T04:05:06.789012345+01:00", "1970-01-01T00:00:00Z");
        check(INDEX, &masked);
        check(&INDEX.replace("\"2001-02-03T04:05:06.789012345+01:00\"", "2001-02-03T04:05:06Z"), &masked);
        check(&format!("---\n{INDEX}"), &format!("---\n{masked}"));
    }

    #[test]
    fn everything_else_stays() {
        let is = |from: &str, to: &str| {
            let text = INDEX.replace(from, to);
            check(&text, &text);
        };
        is("2001-02-03T04:05:06.789012345+01:00", "now");
        is("+01:00\"\n", "+01:00\" # when\n");
        is("+01:00\"\n", "+01:00\"\ngenerated: \"2001-02-03T04:05:06Z\"\n");
        is("+01:00\"\n", "+01:00\"\n---\na: 1\n");
        is("generated:", "  generated:");
        is("generated:", "generated :");
        is("generated:", "text: |\n\ngenerated:");
        is("generated:", "\"generated\": \"2001-02-03T04:05:06Z\"\ngenerated:");
        is("apiVersion: v1\n", "apiVersion: v1\nkind: x\n");
    }
}
