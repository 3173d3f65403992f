//! Which passes OSS Rebuild would run: it chooses by ecosystem and the file's name, never by the bytes.
//!
//! Follows `pkg/archive` and `pkg/stabilize` of `google/oss-rebuild` at 013d2899.

use super::Scope;
use crate::ecosystem::Ecosystem;

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
    if scope.depth > 0 { None } else { scope.set }
}

/// The set for an artifact: of its kind as recognised, unless its ecosystem is stated.
pub(super) fn set_of(stated: Option<Ecosystem>, kind: Option<&str>, name: &str, layers: &[&str]) -> Option<Set> {
    let set = match stated {
        Some(ecosystem) => chosen(ecosystem, name),
        None => detected(kind, name),
    }?;
    set.layers().is_none_or(|expected| layers == expected).then_some(set)
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
        assert_eq!(set_of(Some(Ecosystem::Npm), None, "a.tgz", &["gzip", "tar"]), Some(Set::TarGzip));
        assert_eq!(set_of(Some(Ecosystem::Npm), None, "a.tgz", &["xz", "tar"]), None);
        assert_eq!(set_of(None, Some("wheel"), "a.whl", &["tar"]), None);
        assert_eq!(set_of(Some(Ecosystem::Debian), None, "a.deb", &["deb"]), Some(Set::Raw));
    }
}
