//! Attributes of the manifest that say when, where and with what a jar was built.

use super::super::{Pass, Stabilizer, View};
use super::manifest::{self, Attribute, Section};
use super::{each, manifest_unsigned, theirs};

/// What the build noted about itself.
pub const BUILD_METADATA: Stabilizer = Stabilizer {
    id: "jar-build-metadata",
    title: "Build stamps in jar manifests",
    rationale: "Dates, tools, commits, users and hosts of the build: neither the JVM nor a class loader, an OSGi \
        framework or an installer reads them. In `standard` a value must be a short word, version, time or commit, \
        never a place to fetch from; names that may mean more than a stamp count, as does all in manifests that \
        readers could read in two ways, and in signed jars. OSS Rebuild removes all 66 names whatever they hold.",
    upstream: true,
    stage: 0,
    applies: theirs,
    pass: Pass::Container(remove),
};

fn remove(view: &mut View<'_>) {
    if view.scope.is_upstream() {
        each(
            view,
            |path| path.ends_with(super::MANIFEST),
            |text| {
                let mut sections = manifest::parse(text)?;
                sections.first_mut()?.retain(|attribute| stamp(attribute).is_none());
                Some(manifest::write(&sections))
            },
        );
    } else {
        manifest_unsigned(view, |text, sections| without_stamps(text, sections.first()?));
    }
}

/// The text without the lines of stamps; nothing else of it changes.
fn without_stamps(text: &[u8], main: &Section<'_>) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(text.len());
    let mut at = 0;
    for attribute in main.iter().filter(|attribute| stamp(attribute).is_some_and(|stamp| stamp.fits(&attribute.value)))
    {
        kept.extend_from_slice(text.get(at..attribute.lines.start)?);
        at = attribute.lines.end;
    }
    kept.extend_from_slice(text.get(at..)?);
    Some(kept)
}

/// What a stamp may hold to be ignored in `standard`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stamp {
    /// Tools, systems, people, hosts: words and versions.
    Words,
    /// A point in time, in whatever form.
    Time,
    /// A commit, branch, tag or number.
    Id,
    /// Nothing: places, digests, states, and names that say too little.
    Counts,
}

use Stamp::{Counts, Id, Time, Words};

impl Stamp {
    fn fits(self, value: &[u8]) -> bool {
        let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
        let (most, plain, others): (_, _, &[u8]) = match self {
            Words => (100, true, b" .,-_+~:/()@"),
            Time => (48, digits >= 2, b" .,-_+:/()@"),
            Id => (100, true, b".-_+~:/()@#^"),
            Counts => return false,
        };
        // Not a place to fetch from, nor a folder elsewhere, nor an attribute to whoever searches the text for one.
        let suspicious = [&b"//"[..], b"..", b": "].iter().any(|part| value.windows(2).any(|pair| pair == *part));
        plain
            && !suspicious
            && (1..=most).contains(&value.len())
            && value.iter().all(|byte| byte.is_ascii_alphanumeric() || others.contains(byte))
    }
}

fn stamp(attribute: &Attribute<'_>) -> Option<Stamp> {
    STAMPS.iter().find(|(name, _)| attribute.is(name)).map(|(_, stamp)| *stamp)
}

/// The names that upstream removes from the main section.
const STAMPS: [(&str, Stamp); 66] = [
    ("Archiver-Version", Words),
    ("Bnd-LastModified", Time),
    ("Build-Date", Time),
    ("Build-Date-UTC", Time),
    ("Build-Host", Words),
    ("Build-Id", Id),
    ("Build-Java-Version", Words),
    ("Build-Jdk", Words),
    ("Build-Jdk-Spec", Words),
    ("Build-Job", Words),
    ("Build-Number", Id),
    ("Build-OS", Words),
    ("Build-Status", Counts),
    ("Build-Time", Time),
    ("Build-Timestamp", Time),
    ("Build-Tool", Words),
    ("Build-Url", Counts),
    ("Built-By", Words),
    ("Built-Date", Time),
    ("Built-Host", Words),
    ("Built-JDK", Words),
    ("Built-On", Time),
    ("Built-OS", Words),
    ("Built-Status", Counts),
    ("Created-By", Words),
    ("DSTAMP", Time),
    // A development environment fetches sources from there.
    ("Eclipse-SourceReferences", Counts),
    ("Git-Branch", Id),
    ("Git-Commit-Id-Describe", Id),
    ("Git-Remote-Origin-Url", Counts),
    ("Git-SHA", Id),
    ("Git-Descriptor", Id),
    ("git-describe", Id),
    ("git-tags", Id),
    ("hash", Counts),
    ("Hudson-Build-Number", Id),
    ("Implementation-Build-Date", Time),
    ("Implementation-Build-Java-Vendor", Words),
    ("Implementation-Build-Java-Version", Words),
    ("Implementation-Build", Id),
    ("Ion-Java-Build-Time", Time),
    ("Java-Vendor", Words),
    ("Java-Version", Words),
    ("JCabi-Date", Time),
    ("Jenkins-Build-Number", Id),
    ("Maven-Version", Words),
    ("Module-Origin", Counts),
    ("Originally-Created-By", Words),
    ("Os-Arch", Words),
    ("Os-Name", Words),
    ("Os-Version", Words),
    ("SCM-Git-Branch", Id),
    // As in crates: whether something was changed that no commit has.
    ("SCM-Git-Commit-Dirty", Counts),
    ("SCM-Git-Commit-ID", Id),
    ("SCM-Git-Commit-Abbrev", Id),
    ("SCM-Git-Commit-Description", Id),
    ("SCM-Git-Commit-Timestamp", Time),
    ("SCM-Revision", Id),
    ("SHA-256-Digest", Counts),
    ("Source-Date-Epoch", Time),
    ("Sunset-BuiltOn", Time),
    ("TODAY", Time),
    ("Tool", Words),
    ("TSTAMP", Time),
    ("X-Compile-Release-JDK", Words),
    ("url", Counts),
];

#[cfg(test)]
mod tests {
    use super::super::super::Profile;
    use super::super::testing::{BOTH, MANIFEST, check, jar, passes};
    use super::*;

    /// What is left of a main section with this line.
    fn check_line(line: &str, goes: bool) {
        let before = format!("Manifest-Version: 1.0\r\n{line}\r\n\r\n");
        check(Profile::Standard, MANIFEST, &before, if goes { "Manifest-Version: 1.0\r\n\r\n" } else { &before });
    }

    #[test]
    fn stamps_of_the_main_section_go() {
        for profile in BOTH {
            check(
                profile,
                MANIFEST,
                "Manifest-Version: 1.0\r\nCreated-By: Maven\r\nBuild-Jdk: 11.0.12\r\n\r\n",
                "Manifest-Version: 1.0\r\n\r\n",
            );
            check(
                profile,
                MANIFEST,
                "Manifest-Version: 1.0\r\nBuild-Os: Linux\r\nScm-Revision: 1a2b\r\n\r\n",
                "Manifest-Version: 1.0\r\n\r\n",
            );
        }
        assert_eq!(
            passes(Profile::OssRebuild, MANIFEST, "Manifest-Version: 1.0\r\nTool: x\r\n\r\n", false),
            ["jar-build-metadata"]
        );
    }

    #[test]
    fn stamps_of_other_sections_and_other_attributes_stay() {
        for profile in BOTH {
            check(
                profile,
                MANIFEST,
                "Manifest-Version: 1.0\r\nCreated-By: Maven\r\n\r\nName: a/b\r\nCreated-By: x\r\n\r\n",
                "Manifest-Version: 1.0\r\n\r\nName: a/b\r\nCreated-By: x\r\n\r\n",
            );
            let others = "Manifest-Version: 1.0\r\nImplementation-Title: a\r\nImplementation-Version: 1\r\nMain-Class: \
                          a.B\r\n\r\n";
            check(profile, MANIFEST, others, others);
        }
        check(Profile::OssRebuild, "META-INF/MANIFEST.MF.txt", "Created-By: x\r\n", "Created-By: x\r\n");
    }

    #[test]
    fn every_name_of_upstream_goes_whatever_it_holds() {
        let all: String = STAMPS.iter().map(|(name, _)| format!("{name}: http://x/?<${{y}}\r\n")).collect();
        check(
            Profile::OssRebuild,
            MANIFEST,
            &format!("Manifest-Version: 1.0\r\n{all}Implementation-Title: a\r\n\r\n"),
            "Manifest-Version: 1.0\r\nImplementation-Title: a\r\n\r\n",
        );
    }

    #[test]
    fn what_upstream_cannot_parse_stays_and_what_it_can_is_written_anew() {
        for text in ["Created-By: x", "Created-By: x\nCreated-By: y\n", "Created-By: x\nnothing\n", "\u{feff}Tool: x\n"]
        {
            check(Profile::OssRebuild, MANIFEST, text, text);
        }
        check(Profile::OssRebuild, MANIFEST, "B: 1\nTool: x\nA: 2\n\nName: z\n", "B: 1\r\nA: 2\r\n\r\nName: z\r\n\r\n");
        check(Profile::OssRebuild, MANIFEST, "", "\r\n");
        check(Profile::OssRebuild, MANIFEST, "Tool: x\n\nName: a\n", "\r\nName: a\r\n\r\n");
    }

    #[test]
    fn real_stamps_go_in_standard() {
        for line in [
            "Created-By: 1.8.0_292-8u292-b10-0ubuntu1~20.04-b10 (Private Build)",
            "Created-By: Apache Maven 3.8.1",
            "Created-By: 17.0.2+8 (Azul Systems, Inc.)",
            "Tool: Bnd-5.3.0.202102221516",
            "Bnd-LastModified: 1421840712000",
            "Built-By: runner",
            "Build-Date: 2021-03-04T10:00:00+0100",
            "Build-Time: Thu Mar 04 10:00:00 UTC 2021",
            "Build-Jdk-Spec: 11",
            "Implementation-Build: 0123456789abcdef0123456789abcdef01234567",
            "Git-Descriptor: v1.2-3-gabcdef0",
            "Build-Os: Linux amd64 5.4.0-1041",
            "Originally-Created-By: Apache Maven Bundle Plugin 5.1.1",
        ] {
            check_line(line, true);
        }
    }

    #[test]
    fn what_could_be_acted_upon_stays_in_standard() {
        for line in [
            "url: example.org",
            "hash: 0123",
            "SHA-256-Digest: x",
            "Build-Url: a",
            "Module-Origin: a",
            "Git-Remote-Origin-Url: a",
            "Eclipse-SourceReferences: scm:git:a",
            "SCM-Git-Commit-Dirty: true",
            "Built-Status: release",
            "Tool: http://example.org/tool",
            "Created-By: //example.org/x",
            "Created-By: ../../etc/passwd",
            "Created-By: ${jndi:ldap:x}",
            "Created-By: <b>x</b>",
            "Created-By: $(id)",
            "Created-By: x; Main-Class=y",
            "Created-By: x Class-Path: y",
            "Created-By: \u{e9}",
            "Created-By: ",
            "Build-Date: yesterday",
            "Build-Date: 2021, and more than one needs to say when it was built",
            "Implementation-Build: rm -rf x",
        ] {
            check_line(line, false);
        }
        check_line(&format!("Built-By: {}", "x".repeat(60)), true);
        let long = format!("Manifest-Version: 1.0\r\nBuilt-By: {}\r\n {}\r\n\r\n", "x".repeat(62), "x".repeat(39));
        check(Profile::Standard, MANIFEST, &long, &long);
    }

    #[test]
    fn a_manifest_that_can_be_read_in_two_ways_stays_in_standard() {
        for text in [
            "Manifest-Version: 1.0\r\nCreated-By: x\r\nMain-Class: a\r\nMain-Class: b\r\n\r\n",
            "Manifest-Version: 1.0\r\nCreated-By: x\r\n\r\nName: a\r\nSealed: true\r\n\r\nName: a\r\n\r\n",
            "Created-By: x\r\nManifest-Version: 1.0\r\n\r\n",
            "Manifest-Version: 1.0\r\nCreated-By: x\r\nMulti-Release: tr\r\n ue\r\n\r\n",
            "Manifest-Version: 1.0\r\nCreated-By: x\r\nA: \0\r\n\r\n",
            "Manifest-Version: 1.0\r\nCreated-By: x",
        ] {
            check(Profile::Standard, MANIFEST, text, text);
        }
    }

    #[test]
    fn line_ends_and_order_are_not_its_business() {
        let side = super::super::super::testing::stabilize_by(
            &[&BUILD_METADATA],
            &super::super::super::testing::container(
                "zip",
                "a.jar",
                [super::super::super::testing::file(
                    MANIFEST,
                    "Manifest-Version: 1.0\nB: 1\nTool: x\nA: 2\nTODAY: 12\n",
                )],
            ),
        );
        assert_eq!(side.content(MANIFEST), "Manifest-Version: 1.0\nB: 1\nA: 2\n");
    }

    #[test]
    fn the_table_has_no_name_twice() {
        let mut names: Vec<String> = STAMPS.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STAMPS.len());
        assert!(jar(Profile::Standard, []).after.overlays.len() == 1);
    }
}
