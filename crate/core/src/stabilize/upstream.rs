//! Which passes OSS Rebuild would run: it chooses by the kind of package and the file's name, never by the bytes.
//!
//! Follows `pkg/archive` and `pkg/stabilize` of `google/oss-rebuild` at 013d2899.

use super::Scope;

/// Sets of passes, as upstream combines them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// PyPI zips: zip, wheel.
    Wheel,
    /// Maven jars: zip, then the jar passes.
    Jar,
    /// PyPI `.tar`: tar.
    Tar,
    /// npm, PyPI `.tar.gz`: tar, gzip.
    TarGzip,
    /// crates.io: tar, gzip, crate.
    Crate,
    /// RubyGems: tar, then the gem passes.
    Gem,
}

/// The set that upstream would run over this container. `None` where it runs none (a deb, something inside the
/// artifact) or has no verdict at all: an unsupported file, or bytes that are not what the name says.
pub(super) fn set(scope: &Scope<'_>) -> Option<Set> {
    if scope.depth > 0 {
        return None;
    }
    let set = chosen(scope.ecosystem, scope.artifact)?;
    let layers: &[&str] = match set {
        Set::Wheel | Set::Jar => &["zip"],
        Set::Tar | Set::Gem => &["tar"],
        Set::TarGzip | Set::Crate => &["gzip", "tar"],
    };
    (scope.layers == layers).then_some(set)
}

fn chosen(ecosystem: Option<&str>, name: &str) -> Option<Set> {
    match ecosystem {
        Some("npm") => Some(Set::TarGzip),
        Some("crate") => Some(Set::Crate),
        Some("gem") => Some(Set::Gem),
        Some("deb") => None,
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
            (Some("deb"), "a.deb", None),
            (None, "a.egg", Some(Set::Wheel)),
            (None, "a.tar.gz", Some(Set::TarGzip)),
            (None, "a.WHL", None),
            (None, "a.gz", None),
            (None, "a.nupkg", None),
        ];
        for (ecosystem, name, expected) in cases {
            assert_eq!(chosen(ecosystem, name), expected, "{ecosystem:?} {name}");
        }
    }
}
