//! The order of the clauses that bnd writes into manifests.

use std::borrow::Cow;

use super::super::{Pass, Stabilizer, View};
use super::manifest::{self, fold};
use super::{each, manifest_unsigned, strict, theirs};

/// The order within values.
pub const VALUE_ORDER: Stabilizer = Stabilizer {
    id: "jar-attribute-value-order",
    title: "Order within Export-Package, Include-Resource, Provide-Capability, Private-Package",
    rationale: "bnd once wrote these lists in the order of a hash table. OSGi frameworks look in them for what \
        matches, wherever it stands, and take the last two for notes. In `standard` the order counts where a package \
        or parameter is named twice, a piece is empty, or quotes or backslashes could be read in two ways; so nothing \
        comes or goes, and each piece keeps its clause.",
    upstream: true,
    stage: 0,
    applies: theirs,
    pass: Pass::Container(sort),
};

const SORTED: [&str; 4] = ["Export-Package", "Include-Resource", "Provide-Capability", "Private-Package"];

fn sort(view: &mut View<'_>) {
    if view.scope.is_upstream() {
        each(
            view,
            |path| path.ends_with(super::MANIFEST),
            |text| {
                let mut sections = manifest::parse(text)?;
                for attribute in sections.first_mut()?.iter_mut() {
                    if SORTED.iter().any(|name| attribute.is(name)) && !attribute.value.is_empty() {
                        attribute.value = sorted_as_upstream(&attribute.value).into();
                    }
                }
                Some(manifest::write(&sections))
            },
        );
        return;
    }
    manifest_unsigned(view, |text, sections| {
        let end: &[u8] = if text.contains(&b'\r') { b"\r\n" } else { b"\n" };
        let mut new = Vec::with_capacity(text.len());
        let mut at = 0;
        for attribute in sections.first()?.iter().filter(|attribute| SORTED.iter().any(|name| attribute.is(name))) {
            let Some(value) = sorted(&attribute.name, &attribute.value) else { continue };
            if value != *attribute.value {
                new.extend_from_slice(text.get(at..attribute.lines.start)?);
                fold(&attribute.name, &value, end, strict::keep, &mut new);
                at = attribute.lines.end;
            }
        }
        new.extend_from_slice(text.get(at..)?);
        Some(new)
    });
}

/// As upstream: first the clauses, then the pieces of each, so that clauses which differ in the order of their pieces may
/// end up in either order.
fn sorted_as_upstream(value: &[u8]) -> Vec<u8> {
    let value = as_go_text(value);
    let mut clauses = pieces(&value, b',');
    clauses.sort_unstable();
    let clauses: Vec<Vec<u8>> = clauses.into_iter().map(sorted_pieces).collect();
    clauses.join(&b',')
}

fn sorted_pieces(clause: &[u8]) -> Vec<u8> {
    let mut list = pieces(clause, b';');
    list.sort_unstable();
    list.join(&b';')
}

/// The pieces between separators outside of quotes; an empty one at the end is none.
fn pieces(value: &[u8], separator: u8) -> Vec<&[u8]> {
    let mut quoted = false;
    let mut list: Vec<&[u8]> = value
        .split(|byte| {
            quoted ^= *byte == b'"';
            *byte == separator && !quoted
        })
        .collect();
    if list.last().is_some_and(|last| last.is_empty()) {
        list.pop();
    }
    list
}

/// Each byte that is not part of a character becomes U+FFFD, as where Go goes through a string by characters.
fn as_go_text(value: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(value).is_ok() {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    for chunk in value.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(text.into_bytes())
}

/// Pieces in order, then clauses; `None` where their order could mean something.
fn sorted(name: &str, value: &[u8]) -> Option<Vec<u8>> {
    let quotes = value.iter().filter(|byte| **byte == b'"').count();
    if value.contains(&b'\\') || quotes % 2 == 1 || value.ends_with(b",") || value.ends_with(b";") {
        return None;
    }
    let mut clauses = Vec::new();
    let mut packages: Vec<&[u8]> = Vec::new();
    for clause in pieces(value, b',') {
        let list = pieces(clause, b';');
        let mut names: Vec<&[u8]> = list.iter().map(|piece| name_of(piece)).collect();
        if list.is_empty() || clause.ends_with(b";") || names.iter().any(|name| name.is_empty()) {
            return None;
        }
        packages
            .extend(list.iter().zip(&names).filter(|(piece, name)| piece.trim_ascii() == **name).map(|(_, name)| name));
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            return None;
        }
        clauses.push(sorted_pieces(clause));
    }
    packages.sort_unstable();
    let twice = packages.windows(2).any(|pair| matches!(pair, [one, other] if one == other));
    if twice && name.eq_ignore_ascii_case("Export-Package") {
        return None;
    }
    clauses.sort_unstable();
    Some(clauses.join(&b','))
}

/// What comes before the value of a parameter, or before the type of one; else the whole piece.
fn name_of(piece: &[u8]) -> &[u8] {
    let end = piece.iter().position(|byte| matches!(byte, b'=' | b':' | b'"')).unwrap_or(piece.len());
    piece.get(..end).unwrap_or_default().trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::super::super::Profile;
    use super::super::testing::{BOTH, MANIFEST, check, passes};
    use super::*;

    fn check_value(profile: Profile, name: &str, before: &str, after: &str) {
        let text = |value: &str| format!("Manifest-Version: 1.0\r\n{name}: {value}\r\n\r\n");
        check(profile, MANIFEST, &text(before), &text(after));
    }

    #[test]
    fn clauses_are_sorted_and_folded_again() {
        check(
            Profile::OssRebuild,
            MANIFEST,
            "Manifest-Version: 1.0\nExport-Package: c,\n a,b,d,\n  e\n",
            "Manifest-Version: 1.0\r\nExport-Package:  e,a,b,c,d\r\n\r\n",
        );
        check(
            Profile::OssRebuild,
            MANIFEST,
            "Manifest-Version: 1.0\nExport-Package: c,\n a,b,d,\n e\n",
            "Manifest-Version: 1.0\r\nExport-Package: a,b,c,d,e\r\n\r\n",
        );
        let packages: Vec<String> = (0..28).map(|number| format!("org.example.p{:02}", (number * 5) % 28)).collect();
        let sorted: Vec<String> = (0..28).map(|number| format!("org.example.p{number:02}")).collect();
        let joined = format!("Private-Package: {}", sorted.join(","));
        let mut lines = format!("Manifest-Version: 1.0\r\n{}", &joined[..72]);
        for start in (72..joined.len()).step_by(71) {
            lines.push_str("\r\n ");
            lines.push_str(&joined[start..joined.len().min(start + 71)]);
        }
        lines.push_str("\r\n\r\n");
        for profile in BOTH {
            let folded = "Manifest-Version: 1.0\r\n".to_owned()
                + &String::from_utf8(strict::write(&[vec![manifest::Attribute {
                    name: "Private-Package".into(),
                    value: packages.join(",").into_bytes().into(),
                    lines: 0..0,
                }]]))
                .unwrap();
            check(profile, MANIFEST, &folded, &lines);
        }
    }

    #[test]
    fn commas_and_semicolons_in_quotes_do_not_separate() {
        for profile in BOTH {
            check_value(
                profile,
                "Provide-Capability",
                r#"c2;x="a,b",b1;a2,a1;y="1;234""#,
                r#"a1;y="1;234",a2;b1,c2;x="a,b""#,
            );
            check_value(
                profile,
                "Export-Package",
                r#"b;uses:="c,a";version="1.0",a;version="1.0""#,
                r#"a;version="1.0",b;uses:="c,a";version="1.0""#,
            );
        }
        check_value(
            Profile::OssRebuild,
            "Export-Package",
            r#"c2="a,b";a2;b2,a1="1234";c1;b1"#,
            r#"a1="1234";b1;c1,a2;b2;c2="a,b""#,
        );
    }

    #[test]
    fn other_attributes_and_sections_keep_their_order() {
        for profile in BOTH {
            for name in ["Import-Package", "Class-Path", "Require-Capability", "X-Export-Package"] {
                check_value(profile, name, "b,a", "b,a");
            }
            let section = "Manifest-Version: 1.0\r\n\r\nName: a\r\nExport-Package: b,a\r\n\r\n";
            check(profile, MANIFEST, section, section);
            check_value(profile, "export-package", "b,a", "a,b");
        }
    }

    #[test]
    fn upstream_sorts_clauses_before_what_is_in_them() {
        check_value(Profile::OssRebuild, "Export-Package", "b;a,a;c", "a;c,a;b");
        check_value(Profile::OssRebuild, "Export-Package", "b;c=1,a;c=1;b=1", "a;b=1;c=1,b;c=1");
        // Ours makes the same of both orders of the inner pieces.
        check_value(Profile::Standard, "Include-Resource", "z;a,m;b", "a;z,b;m");
        check_value(Profile::Standard, "Include-Resource", "a;z,m;b", "a;z,b;m");
        check_value(Profile::OssRebuild, "Include-Resource", "z;a,m;b", "b;m,a;z");
    }

    #[test]
    fn upstream_drops_empty_pieces_at_the_end_only() {
        check_value(Profile::OssRebuild, "Export-Package", "b,a,", "a,b");
        check_value(Profile::OssRebuild, "Export-Package", ",b,,a;", ",,a,b");
        check_value(Profile::OssRebuild, "Export-Package", "b;;a", ";a;b");
        check_value(Profile::OssRebuild, "Export-Package", ",", "");
        check_value(Profile::OssRebuild, "Export-Package", "", "");
        check_value(Profile::OssRebuild, "Export-Package", "\"b,a", "\"b,a");
    }

    #[test]
    fn upstream_replaces_what_is_no_text() {
        assert_eq!(sorted_as_upstream(b"b\xff,a;\xe2\x80x"), "a;\u{fffd}\u{fffd}x,b\u{fffd}".as_bytes());
    }

    #[test]
    fn where_order_could_mean_something_it_counts_in_standard() {
        for value in [
            "b,a,",
            "b,,a",
            "b;;a",
            "b;,a",
            ",b,a",
            "b,a,b",
            "b;version=1,a;b;version=2",
            "a;version=1;version=2,a0",
            "b;x=\"\\\"\",a",
            "b,\"a",
        ] {
            check_value(Profile::Standard, "Export-Package", value, value);
        }
        // Each of several capabilities of one name stands for itself.
        check_value(Profile::Standard, "Provide-Capability", "s;o=b,s;o=a", "o=a;s,o=b;s");
    }

    #[test]
    fn only_lists_that_are_not_in_order_change() {
        let sorted = "Manifest-Version: 1.0\r\nExport-Package: a,b\r\nB: x\r\nA: y\r\n\r\n";
        assert_eq!(passes(Profile::OssRebuild, MANIFEST, sorted, false), [""; 0]);
        assert_eq!(passes(Profile::Standard, MANIFEST, sorted, false), ["jar-manifest-order"]);
        let not = "Manifest-Version: 1.0\r\nExport-Package: b,a\r\n\r\n";
        for profile in BOTH {
            assert_eq!(passes(profile, MANIFEST, not, false), ["jar-attribute-value-order"]);
        }
    }
}
