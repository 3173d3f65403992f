//! Signatures of jars.

use super::super::{Pass, Profile, Stabilizer, View};
use super::manifest;
use super::{each, theirs};

/// What jarsigner adds.
pub const SIGNATURE: Stabilizer = Stabilizer {
    id: "jar-signature",
    title: "Signatures of jars",
    rationale: "A rebuild cannot have the publisher's key, so OSS Rebuild compares what was signed: it drops the \
        signature files and the digests in the manifest. Never in `standard`: who signed decides what is loaded and \
        with which rights, so a jar that lost its signature or got another is not the same, and is shown so.",
    upstream: true,
    stage: 0,
    applies: |scope| scope.profile == Profile::OssRebuild && theirs(scope),
    pass: Pass::Container(remove),
};

fn remove(view: &mut View<'_>) {
    let members = view.members();
    if !members.iter().any(|id| is_in_meta_inf(view.path(*id), b".SF")) {
        return;
    }
    for id in members {
        if [&b".SF"[..], b".RSA", b".DSA", b".EC"].iter().any(|suffix| is_in_meta_inf(view.path(id), suffix)) {
            view.exclude(id);
        }
    }
    each(view, |path| path == super::MANIFEST, without_digests);
}

/// `META-INF/*` and the suffix, where `*` stands for no slash.
fn is_in_meta_inf(path: &[u8], suffix: &[u8]) -> bool {
    let name = path.strip_prefix(b"META-INF/").and_then(|name| name.strip_suffix(suffix));
    name.is_some_and(|name| !name.contains(&b'/'))
}

/// The names under which jarsigner notes digests, the last two by old versions.
const DIGESTS: [&str; 7] =
    ["MD5-Digest", "SHA-1-Digest", "SHA-256-Digest", "SHA-384-Digest", "SHA-512-Digest", "SHA-Digest", "SHA1-Digest"];

/// The manifest without digests in its sections, nor sections that then say nothing.
fn without_digests(text: &[u8]) -> Option<Vec<u8>> {
    let mut sections = manifest::parse(text)?;
    let mut main = true;
    sections.retain_mut(|section| {
        if std::mem::take(&mut main) {
            return true;
        }
        section.retain(|attribute| !DIGESTS.iter().any(|name| attribute.is(name)));
        section.len() > 1 || section.first().is_some_and(|only| only.name != "Name")
    });
    Some(manifest::write(&sections))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::file;
    use super::super::testing::{MANIFEST, jar};
    use super::*;

    /// A jar with a manifest and these other members: the manifest as it becomes, and which members are left out.
    fn check(profile: Profile, others: &[&str], before: &str, after: &str, out: &[&str]) {
        let mut members = vec![file(MANIFEST, before)];
        members.extend(others.iter().map(|path| file(path, "x")));
        let side = jar(profile, members);
        assert_eq!(side.content(MANIFEST), after, "{others:?}");
        let left: Vec<&str> = others.iter().copied().filter(|path| side.overlay(path).excluded.is_some()).collect();
        assert_eq!(left, out, "{others:?}");
    }

    const SIGNED: &str = "Manifest-Version: 1.0\r\n\r\nName: a.class\r\nSHA-256-Digest: AAAA\r\n\r\n";
    const PLAIN: &str = "Manifest-Version: 1.0\r\n\r\n";

    #[test]
    fn signature_files_and_digests_go() {
        let upstream = Profile::OssRebuild;
        check(
            upstream,
            &["META-INF/K.SF", "META-INF/K.RSA", "a.class"],
            SIGNED,
            PLAIN,
            &["META-INF/K.SF", "META-INF/K.RSA"],
        );
        let two =
            ["META-INF/A.SF", "META-INF/A.RSA", "META-INF/B.SF", "META-INF/B.DSA", "META-INF/C.EC", "META-INF/.SF"];
        check(upstream, &two, SIGNED, PLAIN, &two);
        for name in DIGESTS {
            let signed = SIGNED.replace("SHA-256-Digest", &name.to_lowercase());
            check(upstream, &["META-INF/K.SF"], &signed, PLAIN, &["META-INF/K.SF"]);
        }
        let several = "Manifest-Version: 1.0\r\n\r\nName: a\r\nSHA-1-Digest: x\r\nSHA-256-Digest: y\r\nSHA-512-Digest: \
                       z\r\n\r\nName: b\r\nSHA1-Digest: x\r\nSHA-Digest: y\r\n\r\n";
        check(upstream, &["META-INF/K.SF"], several, PLAIN, &["META-INF/K.SF"]);
    }

    #[test]
    fn a_section_that_says_more_stays_without_the_digest() {
        check(
            Profile::OssRebuild,
            &["META-INF/K.SF"],
            "Manifest-Version: 1.0\r\n\r\nName: a/\r\nSealed: true\r\nSHA-256-Digest: x\r\n\r\nname: b\r\n\r\nName: c\r\n\r\n",
            "Manifest-Version: 1.0\r\n\r\nName: a/\r\nSealed: true\r\n\r\nname: b\r\n\r\n",
            &["META-INF/K.SF"],
        );
        // Other names, and those of the main section, are none of jarsigner's.
        let others = "Manifest-Version: 1.0\r\nSHA-512-Digest: x\r\n\r\nName: a\r\nSHA-224-Digest: x\r\n\r\n";
        check(Profile::OssRebuild, &["META-INF/K.SF"], others, others, &["META-INF/K.SF"]);
    }

    #[test]
    fn without_a_signature_file_nothing_goes() {
        for others in
            [&["META-INF/K.RSA"][..], &["META-INF/k.sf"], &["META-INF/sub/K.SF"], &["K.SF"], &["x/META-INF/K.SF"]]
        {
            check(Profile::OssRebuild, others, SIGNED, SIGNED, &[]);
        }
    }

    #[test]
    fn only_the_manifest_itself_loses_digests() {
        let side = jar(Profile::OssRebuild, [file("lib/META-INF/MANIFEST.MF", SIGNED), file("META-INF/K.SF", "")]);
        assert_eq!(side.content("lib/META-INF/MANIFEST.MF"), SIGNED);
        check(Profile::OssRebuild, &["META-INF/K.SF"], "not a manifest", "not a manifest", &["META-INF/K.SF"]);
    }

    #[test]
    fn in_standard_a_signature_counts() {
        check(Profile::Standard, &["META-INF/K.SF", "META-INF/K.RSA"], SIGNED, SIGNED, &[]);
    }
}
