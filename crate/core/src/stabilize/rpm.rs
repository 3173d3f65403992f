//! RPM packages: what the header says about the build, and what it repeats of the rest. OSS Rebuild does not open them.

use super::{Fate, Pass, Profile, Scope, Stabilizer};

/// When and where it was built.
pub const BUILD: Stabilizer = Stabilizer {
    id: "rpm-build",
    title: "Time, host and cookie of an RPM package's build",
    rationale: "The format calls them the time and the host of the build; the cookie is made of both. rpm decides what \
        to install by name, epoch, version, release and architecture, and runs nothing by these. Only the main \
        header's own tags are meant, and only where each is written as rpm does.",
    upstream: false,
    stage: 0,
    applies: on_rpm,
    pass: Pass::Container(|view| {
        view.change_container(|field, _| Fate::drop_if(matches!(&*field.name, "build-time" | "build-host" | "cookie")));
    }),
};

/// Times in the list of files.
pub const FILE_TIMES: Stabilizer = Stabilizer {
    id: "rpm-file-times",
    title: "Times in the file list of an RPM package",
    rationale: "They say when a file was made on the builder's disk, as the times in the payload do. The list without \
        times is a text of its own, so files that differ in anything else still count.",
    upstream: false,
    stage: 0,
    applies: on_rpm,
    pass: Pass::Entry(|view, id| {
        if view.path(id) == b"header/file-times" {
            view.exclude(id);
        }
    }),
};

/// Digests and sizes of the package's own parts.
pub const DIGESTS: Stabilizer = Stabilizer {
    id: "rpm-digests",
    title: "Digests and sizes that an RPM package states of its own header and payload",
    rationale: "They repeat what is in the package, and header and payload are compared themselves; otherwise whatever \
        differs harmlessly would make them differ too. Ignored only where every one of them was found to be right, and \
        nothing follows the payload. Signatures count, and so do the digests of files.",
    upstream: false,
    stage: 100,
    applies: on_rpm,
    pass: Pass::Container(|view| {
        // The checks of a package say so where a digest is wrong, or was not looked at.
        let doubted = |id: &str| matches!(id, "RPM-02" | "RPM-04" | "RPM-05");
        let inside = |mut node: u32| {
            while node > view.container {
                node = view.node(node).map_or(0, |node| node.parent);
            }
            node == view.container
        };
        if view.reading.findings.iter().any(|found| doubted(&found.id) && inside(found.node)) {
            return;
        }
        view.change_container(|field, _| Fate::drop_if(STATED.contains(&&*field.name)));
    }),
};

/// What the checks of a package look at.
const STATED: [&str; 12] = [
    "signature:sha1",
    "signature:sha256",
    "signature:md5",
    "signature:size",
    "signature:long-size",
    "payload-digest",
    "payload-digest-alt",
    "payload-sha512",
    "payload-sha512-alt",
    "payload-size",
    "payload-size-alt",
    "signature:payload-size",
];

fn on_rpm(scope: &Scope<'_>) -> bool {
    scope.profile == Profile::Standard && scope.format == "rpm"
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Item, container, file, stabilize};
    use super::*;
    use crate::entry::Value;

    fn package() -> Item {
        let rpm = container("rpm", "a.rpm", [file("header/file-times", "1970"), file("header/files", "a")]);
        let tag = |rpm: Item, name| rpm.says(name, Value::Number(1));
        ["name", "build-time", "build-host", "cookie", "signature:sha256", "signature:rsa", "payload-digest"]
            .into_iter()
            .fold(rpm, tag)
    }

    #[test]
    fn what_is_of_the_build_alone_is_dropped() {
        let side = stabilize(Profile::Standard, &package());
        assert_eq!(side.container("a.rpm"), "name=1 signature:rsa=1");
        assert!(side.overlay("header/file-times").excluded.is_some());
        assert!(side.overlay("header/files").excluded.is_none());
        for profile in [Profile::None, Profile::OssRebuild] {
            assert!(stabilize(profile, &package()).container("a.rpm").contains("build-time=1"), "{profile:?}");
        }
    }

    #[test]
    fn a_time_of_the_same_name_elsewhere_counts() {
        let other = container("tar", "a.tar", [file("header/file-times", "1970")]).says("build-time", Value::Number(1));
        let side = stabilize(Profile::Standard, &other);
        assert!(side.overlay("header/file-times").excluded.is_none());
        assert!(side.container("a.tar").contains("build-time=1"));
    }

    #[test]
    fn digests_that_are_wrong_or_unchecked_count() {
        let after = |name: &str, bytes: Vec<u8>| {
            let artifact = crate::artifact::Artifact::new(name, bytes.clone());
            let limits = crate::limits::Limits::default();
            let reading = crate::read::read(&artifact, &limits, &mut |_| {}).unwrap();
            let store = crate::store::Store::new(std::sync::Arc::new(bytes), &limits, 1 << 20);
            let choice = super::super::Choice::of(Profile::Standard);
            let stabilized = super::super::run(&reading, &store, &choice);
            let opened = reading.nodes[0].opened.as_ref().unwrap();
            let dropped = |index: usize| {
                stabilized.overlays[0].opened.iter().any(|change| change.index == index && change.to.is_none())
            };
            let kept = opened.fields.iter().enumerate().filter(|(index, _)| !dropped(*index));
            kept.filter(|(_, field)| STATED.contains(&&*field.name)).count()
        };
        let sample = |change: fn(&mut Vec<u8>)| {
            let mut bytes = include_bytes!("../../../../tests/samples/standard/rpm_1.rpm").to_vec();
            change(&mut bytes);
            after("a.rpm", bytes)
        };
        assert_eq!(sample(|_| {}), 0);
        assert!(sample(|bytes| bytes.extend(b"hidden")) > 4);
        assert!(sample(|bytes| *bytes.last_mut().unwrap() ^= 1) > 4);
    }
}
