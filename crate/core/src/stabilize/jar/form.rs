//! Ways to write the same manifest.

use super::super::{Pass, Stabilizer};
use super::{manifest_unsigned, ours, strict};

/// Line ends and folding.
pub const MANIFEST_FORM: Stabilizer = Stabilizer {
    id: "jar-manifest-form",
    title: "Line ends and folding of jar manifests",
    rationale: "CR LF or LF, and where a long line is folded, is the tool's choice, and readers join the lines again. \
        It counts where a reader could get something else: short lines folded, very long ones, mixed or missing line \
        ends, control characters, a character cut in two, and in signed jars, where the bytes are what was signed.",
    upstream: false,
    stage: 0,
    applies: ours,
    pass: Pass::Container(|view| manifest_unsigned(view, |_, sections| Some(strict::write(&sections)))),
};

/// The order of attributes and sections.
pub const MANIFEST_ORDER: Stabilizer = Stabilizer {
    id: "jar-manifest-order",
    title: "Order of attributes and sections in jar manifests",
    rationale: "Readers look attributes and sections up by name. The order counts where a name occurs twice, since \
        the last or the first would win, where `Manifest-Version` is not the first, and in signed jars; values such as \
        Class-Path keep their own order.",
    upstream: false,
    stage: 0,
    applies: ours,
    pass: Pass::Container(|view| {
        manifest_unsigned(view, |_, mut sections| {
            for section in &mut sections {
                // Manifest-Version or Name stays in front.
                section.get_mut(1..)?.sort_by_cached_key(|attribute| attribute.name.to_ascii_lowercase());
            }
            let value = |section: &super::manifest::Section<'_>| section.first().map(|first| first.value.to_vec());
            sections.get_mut(1..)?.sort_by_cached_key(value);
            Some(strict::write(&sections))
        });
    }),
};

#[cfg(test)]
mod tests {
    use super::super::super::Profile;
    use super::super::testing::{MANIFEST, check, passes};
    use super::*;

    fn check_standard(before: &str, after: &str) {
        check(Profile::Standard, MANIFEST, before, after);
    }

    #[test]
    fn line_ends_and_blank_lines_are_unified() {
        let usual = "Manifest-Version: 1.0\r\nA: 1\r\n\r\nName: x\r\nB: 2\r\n\r\n";
        check_standard("Manifest-Version: 1.0\nA: 1\n\n\nName: x\nB: 2\n", usual);
        check_standard(usual, usual);
        assert_eq!(passes(Profile::Standard, MANIFEST, "Manifest-Version: 1.0\n", false), [MANIFEST_FORM.id]);
    }

    #[test]
    fn long_lines_are_folded_alike() {
        let value = "x".repeat(150);
        let folded = |first: usize, more: usize| {
            let mut text = format!("Manifest-Version: 1.0\r\nKey: {}", &value[..first]);
            for start in (first..150).step_by(more) {
                text.push_str("\r\n ");
                text.push_str(&value[start..150.min(start + more)]);
            }
            text + "\r\n\r\n"
        };
        for (first, more) in [(67, 71), (65, 69), (64, 70), (150, 1)] {
            check_standard(&folded(first, more), &folded(67, 71));
        }
        // Too early to be a tool's choice.
        check_standard(&folded(20, 71), &folded(20, 71));
    }

    #[test]
    fn attributes_and_sections_are_sorted_by_name() {
        check_standard(
            "Manifest-Version: 1.0\r\nMain-Class: a\r\nClass-Path: z a\r\nbundle-Name: b\r\n\r\nName: z\r\nSealed: \
             true\r\nA: b\r\n\r\nName: a\r\n\r\n",
            "Manifest-Version: 1.0\r\nbundle-Name: b\r\nClass-Path: z a\r\nMain-Class: a\r\n\r\nName: a\r\n\r\nName: \
             z\r\nA: b\r\nSealed: true\r\n\r\n",
        );
        let before = "Manifest-Version: 1.0\r\nB: 1\r\nA: 1\r\n\r\n";
        assert_eq!(passes(Profile::Standard, MANIFEST, before, false), [MANIFEST_ORDER.id]);
    }

    #[test]
    fn what_decides_for_some_reader_stays() {
        for text in [
            // Which of two counts depends on the order.
            "Manifest-Version: 1.0\nMain-Class: b\nMain-Class: a\n",
            "Manifest-Version: 1.0\n\nName: b\nSealed: true\n\nName: b\nSealed: false\n",
            "B: 1\nManifest-Version: 1.0\n",
            "Manifest-Version: 1.0\nB: 1\nA: 1",
            "Manifest-Version: 1.0\r\nB: 1\nA: 1\r\n",
            "Manifest-Version: 1.0\nB: \u{1}\nA: 1\n",
        ] {
            check_standard(text, text);
        }
        assert!(passes(Profile::Standard, MANIFEST, "Manifest-Version: 1.0\nB: 1\nA: 2\n", true).is_empty(), "signed");
    }

    #[test]
    fn upstream_has_neither() {
        let text = "Manifest-Version: 1.0\r\nB: 1\r\nA: 1\r\n\r\nName: z\r\n\r\nName: a\r\n\r\n";
        check(Profile::OssRebuild, MANIFEST, text, text);
    }
}
