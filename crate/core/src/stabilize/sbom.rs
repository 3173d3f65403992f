//! Lists of components: CycloneDX and SPDX, as JSON.

use std::ops::Range;

use crate::media::Media;

use super::{Pass, Profile, Stabilizer, date, json};

/// When the list was written.
pub const CREATED: Stabilizer = Stabilizer {
    id: "sbom-created",
    title: "When a list of components was written",
    rationale: "Both specifications define one field for this, CycloneDX `metadata.timestamp` and SPDX \
        `creationInfo.created`; it says nothing about any component. Ignored is only a date of the form of RFC 3339, \
        in place, in a document without a repeated key. Serial numbers and namespaces count, although tools draw them \
        at random: other documents refer to this one by them.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.profile == Profile::Standard,
    pass: Pass::Entry(|view, id| {
        let Some(mut bytes) = view.leaf(id, Media::Sbom) else { return };
        let Some(value) = created(&bytes) else { return };
        bytes.splice(value, *b"\"1970-01-01T00:00:00Z\"");
        view.set_content(id, bytes);
    }),
};

/// Where the date is, with its quotes.
fn created(bytes: &[u8]) -> Option<Range<usize>> {
    std::str::from_utf8(bytes).ok()?;
    if json::read(bytes)?.repeats {
        return None;
    }
    let find = |path: &[&str]| path.iter().try_fold(0..bytes.len(), |object, key| json::find(bytes, object, key));
    let text = |path: &[&str]| bytes.get(find(path)?)?.strip_prefix(b"\"")?.strip_suffix(b"\"");
    let path = if text(&["bomFormat"]) == Some(b"CycloneDX") && text(&["specVersion"])?.starts_with(b"1.") {
        ["metadata", "timestamp"]
    } else if text(&["spdxVersion"])?.starts_with(b"SPDX-2.") && text(&["SPDXID"]) == Some(b"SPDXRef-DOCUMENT") {
        ["creationInfo", "created"]
    } else {
        return None;
    };
    // A date has no character that would be escaped, or is none.
    if date::is_rfc3339(text(&path)?) { find(&path) } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{container, file, stabilize};
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str) {
        for artifact in [file("a", before), container("zip", "z", [file("a", before)])] {
            assert_eq!(stabilize(Profile::Standard, &artifact).content("a"), after);
        }
        assert_eq!(stabilize(Profile::OssRebuild, &file("a", before)).content("a"), before);
    }

    const CYCLONE: &str = r#"{ "bomFormat": "CycloneDX", "specVersion": "1.5",
  "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
  "metadata": {"timestamp" : "2001-02-03T04:05:06.789+01:00", "tools": []},
  "components": [{"name": "a\u0062c", "n": 1.0}] }
"#;
    const SPDX: &str = r#"{"SPDXID":"SPDXRef-DOCUMENT","creationInfo":{"created":"2001-02-03T04:05:06Z","creators":["a"]},"spdxVersion":"SPDX-2.3"}"#;

    #[test]
    fn the_date_becomes_1970_and_every_other_byte_stays() {
        check(CYCLONE, &CYCLONE.replace("2001-02-03T04:05:06.789+01:00", "1970-01-01T00:00:00Z"));
        check(SPDX, &SPDX.replace("2001-02-03T04:05:06Z", "1970-01-01T00:00:00Z"));
    }

    #[test]
    fn everything_else_stays() {
        let is = |text: &str, from: &str, to: &str| {
            let text = text.replace(from, to);
            check(&text, &text);
        };
        is(CYCLONE, "2001-02-03T04:05:06.789+01:00", "yesterday");
        is(CYCLONE, "2001-02", r"2001\u002d02");
        is(CYCLONE, "\"2001-02-03T04:05:06.789+01:00\"", "1234567890");
        is(CYCLONE, "\"tools\": []", "\"timestamp\": \"2001-02-03T04:05:06Z\"");
        is(CYCLONE, "\"tools\": []", "\"Timestamp\": \"2001-02-03T04:05:06Z\"");
        is(CYCLONE, "\"n\": 1.0", "\"n\": 1.0, \"n\": 2");
        is(CYCLONE, "\"metadata\"", "\"meta\"");
        is(CYCLONE, "\"1.5\"", "\"2.0\"");
        is(CYCLONE, "\"CycloneDX\"", "\"cyclonedx\", \"x\": \"CycloneDX\"");
        is(CYCLONE, "}] }", "}] } x");
        is(SPDX, "SPDX-2.3", "SPDX-3.0");
        is(SPDX, "SPDXRef-DOCUMENT", "SPDXRef-File");
        is(SPDX, "\"created\"", "\"changed\"");
        is(SPDX, "2001-02-03T04:05:06Z", "2001-02-03");
    }
}
