//! Which kind of package an artifact is, by what is in it; the name only breaks ties.

use crate::reading::{NodeId, Part, Reading};

/// A registry's kind of packages, by OSS Rebuild's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ecosystem {
    /// npm.
    Npm,
    /// PyPI.
    PyPi,
    /// crates.io.
    CratesIo,
    /// Maven Central.
    Maven,
    /// RubyGems.
    RubyGems,
    /// Debian.
    Debian,
    /// Container images.
    Oci,
}

impl Ecosystem {
    /// Every one.
    pub const ALL: [Self; 7] =
        [Self::Npm, Self::PyPi, Self::CratesIo, Self::Maven, Self::RubyGems, Self::Debian, Self::Oci];

    /// Its id, OSS Rebuild's.
    pub fn id(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::PyPi => "pypi",
            Self::CratesIo => "cratesio",
            Self::Maven => "maven",
            Self::RubyGems => "rubygems",
            Self::Debian => "debian",
            Self::Oci => "oci",
        }
    }

    /// The ecosystem with an id.
    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ecosystem| ecosystem.id() == id)
    }
}

/// The kind of package: `npm`, `wheel`, `sdist`, `crate`, `gem`, `jar`, `apk`, `deb`, `rpm`, `alpine`, `oci`.
pub fn recognise(reading: &Reading) -> Option<&'static str> {
    let root = reading.layers(0).last().copied()?;
    let format = reading.node(root)?.opened.as_ref()?.format.as_str();
    let name = reading.name.to_ascii_lowercase();
    let has = |test: &dyn Fn(&[u8]) -> bool| reading.members(root).any(|(_, node)| test(&node.path));
    // The name first: it rules out nearly all paths at once.
    let at_depth = |path: &[u8], depth: usize, last: &[u8]| {
        let folders = path.strip_suffix(last).and_then(|folders| folders.strip_suffix(b"/"));
        folders.is_some_and(|folders| folders.split(|byte| *byte == b'/').count() + 1 == depth)
    };
    match format {
        "deb" => Some("deb"),
        "rpm" => Some("rpm"),
        "alpine" | "adb" => Some("alpine"),
        "zip" if has(&|path| path.ends_with(b".dist-info/WHEEL") && at_depth(path, 2, b"WHEEL")) => Some("wheel"),
        "zip" if is_apk(reading, root, &name) => Some("apk"),
        "zip" if has(&|path| path.eq_ignore_ascii_case(b"META-INF/MANIFEST.MF")) => Some("jar"),
        "zip" if name.ends_with(".whl") => Some("wheel"),
        "zip" if name.ends_with(".jar") => Some("jar"),
        "tar" if is_image(reading, root) => Some("oci"),
        "tar" if has(&|path| path == b"metadata.gz") && has(&|path| path == b"data.tar.gz") => Some("gem"),
        "tar" if has(&|path| at_depth(path, 2, b"Cargo.toml.orig") || at_depth(path, 2, b".cargo_vcs_info.json")) => {
            Some("crate")
        }
        "tar" if name.ends_with(".crate") => Some("crate"),
        "tar" if has(&|path| at_depth(path, 2, b"PKG-INFO")) => Some("sdist"),
        "tar" if has(&|path| path == b"package/package.json") => Some("npm"),
        "tar" if name.ends_with(".tgz") && has(&|path| at_depth(path, 2, b"package.json")) => Some("npm"),
        _ => None,
    }
}

/// Android's manifest beside its code or its resources: libraries (`.aar`) and other archives have neither. Android
/// takes a folder's name for the file's.
fn is_apk(reading: &Reading, root: NodeId, name: &str) -> bool {
    let file = |wanted: &[u8]| {
        reading.members(root).any(|(_, node)| node.path.strip_suffix(b"/").unwrap_or(&node.path) == wanted)
    };
    file(b"AndroidManifest.xml") && (name.ends_with(".apk") || file(b"classes.dex") || file(b"resources.arsc"))
}

/// An OCI image layout, or what docker saves.
fn is_image(reading: &Reading, root: NodeId) -> bool {
    let here = |part: &Part| reading.node(part.node).is_some_and(|node| node.parent == root);
    reading.parts.iter().any(here) || {
        let named = |wanted: &[u8]| {
            reading.members(root).any(|(_, node)| node.path.strip_prefix(b"./").unwrap_or(&node.path) == wanted)
        };
        named(b"oci-layout") && named(b"index.json")
    }
}

/// The dotted version numbers in a name, in order: `foo-1.0rc1.tar.gz` has `1.0rc1`.
pub fn version_numbers(name: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let inside_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() && *byte != b'v');
        match version_length(bytes.get(at..).unwrap_or_default()) {
            Some(length) if !inside_word => {
                found.extend(name.get(at..at + length));
                at += length;
            }
            _ => at += 1,
        }
    }
    found
}

/// Length of the version number that the text begins with, if there is one: digits, dot, digits at least; a
/// pre-release such as `rc1`, `.post1`, `-beta.3` belongs to it.
pub fn version_length(text: &[u8]) -> Option<usize> {
    let digits =
        |from: usize| text.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = digits(0);
    let mut parts = u8::from(length > 0);
    while parts > 0 && text.get(length) == Some(&b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
        parts = parts.saturating_add(1);
    }
    if parts < 2 {
        return None;
    }
    for tag in ["a", "b", "rc", "alpha", "beta", "dev", "post", "pre"] {
        for separator in ["", ".", "-", "+"] {
            let tail = text.get(length..).unwrap_or_default();
            if let Some(after) =
                tail.strip_prefix(separator.as_bytes()).and_then(|tail| tail.strip_prefix(tag.as_bytes()))
            {
                let dot = usize::from(after.first() == Some(&b'.'));
                let count =
                    after.get(dot..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
                if count > 0 {
                    return Some(length + separator.len() + tag.len() + dot + count);
                }
            }
        }
    }
    Some(length)
}
