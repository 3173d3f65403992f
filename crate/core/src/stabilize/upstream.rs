//! Which passes OSS Rebuild would run: it chooses by ecosystem and the file's name, never by the bytes.
//!
//! Follows `pkg/archive` and `pkg/stabilize` of `google/oss-rebuild` at 013d2899.

use super::{Scope, gem};
use crate::ecosystem::Ecosystem;
use crate::entry::{Field, Value};
use crate::reading::{NodeId, Reading};

/// Sets of passes, as upstream combines them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// PyPI zips: zip, wheel.
    Wheel,
    /// Maven jars: zip, then the jar passes.
    Jar,
    /// PyPI `.tar`, container images: tar.
    Tar,
    /// npm, PyPI `.tar.gz`: tar, gzip.
    TarGzip,
    /// crates.io: tar, gzip, crate.
    Crate,
    /// RubyGems: tar, then the gem passes.
    Gem,
    /// Debian packages, Maven `.pom`: no pass, the bytes as they are.
    Raw,
}

impl Set {
    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Wheel => "wheel",
            Self::Jar => "jar",
            Self::Tar => "tar",
            Self::TarGzip => "tar-gzip",
            Self::Crate => "crate",
            Self::Gem => "gem",
            Self::Raw => "raw",
        }
    }

    /// What the artifact must be, as ids of formats, for upstream to open it; `None` if it opens nothing.
    pub fn layers(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Wheel | Self::Jar => Some(&["zip"]),
            Self::Tar | Self::Gem => Some(&["tar"]),
            Self::TarGzip | Self::Crate => Some(&["gzip", "tar"]),
            Self::Raw => None,
        }
    }
}

/// The set that upstream would run over this container. `None` where it runs none (something inside the artifact) or
/// has no verdict at all: an unsupported file, or bytes that are not what the name says.
pub(super) fn set(scope: &Scope<'_>) -> Option<Set> {
    if scope.depth == 0 {
        return scope.set;
    }
    let files = in_gem(scope) && scope.path == gem::FILES && scope.member == ["gzip", "tar"];
    files.then_some(Set::TarGzip)
}

/// Whether this container is the gzip stream around the metadata of a gem, and upstream enters it.
pub(super) fn is_gem_metadata(scope: &Scope<'_>) -> bool {
    in_gem(scope) && scope.path == gem::METADATA && scope.format == "gzip" && scope.layer == 0
}

/// Whether this container is a member of a gem, or what such a member wraps, and upstream enters archives there.
fn in_gem(scope: &Scope<'_>) -> bool {
    scope.set == Some(Set::Gem) && scope.depth == 1 && scope.entered
}

/// Whether upstream fails on an archive in a gem. It says nothing then, and leaves the archive as it is.
///
/// Told from what reading noted, without decoding anything again.
pub(super) fn fails_in_gem(reading: &Reading, member: NodeId) -> bool {
    let layers = reading.layers(member);
    let opened = |id: NodeId| reading.node(id).and_then(|node| node.opened.as_ref());
    let (Some(node), Some(stream)) = (reading.node(member), opened(member)) else { return true };
    if stream.fields.iter().any(is_bad_header)
        || layers.iter().any(|id| reading.node(*id).is_none_or(|node| node.unread))
    {
        return true;
    }
    let is_bad_end = |field: &Field| {
        ["wrong-crc32", "wrong-size", "zero-padding", "trailing-bytes"].iter().any(|name| field.name.ends_with(name))
    };
    let reads_to_the_end = match layers.last().copied().and_then(opened).filter(|_| node.path == gem::FILES) {
        Some(tar) => {
            let mut members = layers.last().into_iter().flat_map(|id| reading.members(*id));
            if tar.fields.iter().any(|field| field.name.starts_with("global-") || field.name.starts_with("unread-"))
                || members.any(|(_, member)| member.unread || member.value("sparse").is_some())
            {
                return true;
            }
            tar.fields.iter().any(|field| field.name == "end-marker" && field.value == Value::text("missing"))
        }
        None => true,
    };
    reads_to_the_end && stream.fields.iter().any(is_bad_end)
}

/// Whether Go refuses a header of a gzip stream: a wrong checksum of the header, a name or comment above its buffer.
fn is_bad_header(field: &Field) -> bool {
    match &field.value {
        Value::Number(_) => field.name.ends_with("header-crc"),
        Value::Bytes(text) => (field.name.ends_with("name") || field.name.ends_with("comment")) && text.len() >= 512,
        _ => false,
    }
}

/// The set for an artifact's name: of its kind as recognised, unless its ecosystem is stated.
pub(super) fn named(stated: Option<Ecosystem>, kind: Option<&str>, name: &str) -> Option<Set> {
    match stated {
        Some(ecosystem) => chosen(ecosystem, name),
        None => detected(kind, name),
    }
}

/// The set for an artifact of these layers.
pub(super) fn set_of(named: Option<Set>, layers: &[&str]) -> Option<Set> {
    named.filter(|set| set.layers().is_none_or(|expected| layers == expected))
}

/// As upstream chooses for a target of an ecosystem.
fn chosen(ecosystem: Ecosystem, name: &str) -> Option<Set> {
    match ecosystem {
        Ecosystem::Npm => Some(Set::TarGzip),
        Ecosystem::CratesIo => Some(Set::Crate),
        Ecosystem::RubyGems => Some(Set::Gem),
        Ecosystem::Oci => Some(Set::Tar),
        Ecosystem::Debian => Some(Set::Raw),
        Ecosystem::PyPi => pypi(name),
        Ecosystem::Maven if name.ends_with(".jar") => Some(Set::Jar),
        Ecosystem::Maven if name.ends_with(".pom") => Some(Set::Raw),
        Ecosystem::Maven => None,
    }
}

/// What the content says comes first; a name without an ecosystem in its content is guessed from.
fn detected(kind: Option<&str>, name: &str) -> Option<Set> {
    match kind {
        Some("npm") => Some(Set::TarGzip),
        Some("crate") => Some(Set::Crate),
        Some("gem") => Some(Set::Gem),
        Some("deb") => Some(Set::Raw),
        Some("wheel" | "sdist") => pypi(name).or_else(|| guessed(name)),
        _ => guessed(name),
    }
}

fn pypi(name: &str) -> Option<Set> {
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
    if ends(&[".whl", ".zip", ".egg"]) {
        Some(Set::Wheel)
    } else if ends(&[".tar.gz", ".tgz", ".tar.Z"]) {
        Some(Set::TarGzip)
    } else if ends(&[".tar"]) {
        Some(Set::Tar)
    } else {
        None
    }
}

/// As the command `stabilize` guesses from the name alone.
fn guessed(name: &str) -> Option<Set> {
    if name.ends_with(".jar") {
        Some(Set::Jar)
    } else if name.ends_with(".pom") {
        Some(Set::Raw)
    } else if name.ends_with(".crate") {
        Some(Set::Crate)
    } else if name.ends_with(".gem") {
        Some(Set::Gem)
    } else {
        pypi(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_and_name_choose() {
        let cases = [
            (Some("npm"), "lodash-4.17.21.tgz", Some(Set::TarGzip)),
            (Some("npm"), "anything", Some(Set::TarGzip)),
            (Some("crate"), "adler2-2.0.1.crate", Some(Set::Crate)),
            (Some("crate"), "anything", Some(Set::Crate)),
            (Some("gem"), "a-1.gem", Some(Set::Gem)),
            (Some("wheel"), "six-1.16.0-py2.py3-none-any.whl", Some(Set::Wheel)),
            (Some("wheel"), "six.zip", Some(Set::Wheel)),
            (Some("wheel"), "six", None),
            (Some("sdist"), "six-1.16.0.tar.gz", Some(Set::TarGzip)),
            (Some("sdist"), "six-1.16.0.tar.Z", Some(Set::TarGzip)),
            (Some("sdist"), "six-1.16.0.tar", Some(Set::Tar)),
            (Some("sdist"), "six-1.16.0.tar.xz", None),
            (Some("sdist"), "six-1.16.0.tar.bz2", None),
            (Some("jar"), "a.jar", Some(Set::Jar)),
            (Some("jar"), "a.war", None),
            (Some("jar"), "a.zip", Some(Set::Wheel)),
            (Some("deb"), "a.deb", Some(Set::Raw)),
            (None, "a.egg", Some(Set::Wheel)),
            (None, "a.tar.gz", Some(Set::TarGzip)),
            (None, "a.WHL", None),
            (None, "a.gz", None),
            (None, "a.nupkg", None),
        ];
        for (ecosystem, name, expected) in cases {
            assert_eq!(detected(ecosystem, name), expected, "{ecosystem:?} {name}");
        }
    }

    #[test]
    fn a_stated_ecosystem_decides_by_name_as_upstream_does() {
        let cases = [
            (Ecosystem::Npm, "anything", Some(Set::TarGzip)),
            (Ecosystem::CratesIo, "a.zip", Some(Set::Crate)),
            (Ecosystem::RubyGems, "a", Some(Set::Gem)),
            (Ecosystem::Oci, "image", Some(Set::Tar)),
            (Ecosystem::Debian, "a.deb", Some(Set::Raw)),
            (Ecosystem::PyPi, "a.whl", Some(Set::Wheel)),
            (Ecosystem::PyPi, "a.jar", None),
            (Ecosystem::PyPi, "a.tar.bz2", None),
            (Ecosystem::Maven, "a.jar", Some(Set::Jar)),
            (Ecosystem::Maven, "a.pom", Some(Set::Raw)),
            (Ecosystem::Maven, "a.war", None),
        ];
        for (ecosystem, name, expected) in cases {
            assert_eq!(chosen(ecosystem, name), expected, "{ecosystem:?} {name}");
        }
    }

    #[test]
    fn bytes_that_are_not_what_the_name_says_have_no_set() {
        let check = |stated, kind, name, layers: &[&str], expected| {
            assert_eq!(set_of(named(stated, kind, name), layers), expected, "{name}");
        };
        check(Some(Ecosystem::Npm), None, "a.tgz", &["gzip", "tar"], Some(Set::TarGzip));
        check(Some(Ecosystem::Npm), None, "a.tgz", &["xz", "tar"], None);
        check(None, Some("wheel"), "a.whl", &["tar"], None);
        check(Some(Ecosystem::Debian), None, "a.deb", &["deb"], Some(Set::Raw));
    }
}
