//! Which kind of package an artifact is, by what is in it; the name only breaks ties.

use crate::reading::Reading;

/// The kind of package: `npm`, `wheel`, `sdist`, `crate`, `gem`, `jar`, `deb`.
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
        "zip" if has(&|path| path.ends_with(b".dist-info/WHEEL") && at_depth(path, 2, b"WHEEL")) => Some("wheel"),
        "zip" if has(&|path| path.eq_ignore_ascii_case(b"META-INF/MANIFEST.MF")) => Some("jar"),
        "zip" if name.ends_with(".whl") => Some("wheel"),
        "zip" if name.ends_with(".jar") => Some("jar"),
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
