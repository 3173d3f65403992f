//! Files that passes and findings read: the manifests, lists and compiled files of every ecosystem, in an archive as they
//! come. Two versions of one file each.
#![no_main]

use twinspect::stabilize::Profile;
use twinspect_fuzz::cut;
use twinspect_tests::{ar, file, gzip, tar, zip};

/// Which archive, and which file in it.
const FILES: &[(&str, &str)] = &[
    ("a.jar", "META-INF/MANIFEST.MF"),
    ("a.jar", "META-INF/maven/g/a/pom.properties"),
    ("a.jar", "META-INF/sbom/application.cdx.json"),
    ("a.jar", "git.properties"),
    ("a.jar", "doc/index.html"),
    ("a.whl", "a-1.dist-info/RECORD"),
    ("a.whl", "a-1.dist-info/METADATA"),
    ("a.whl", "a/__pycache__/m.cpython-312.pyc"),
    ("a.whl", "a/m.mo"),
    ("a.whl", "a/picture.png"),
    ("a-1.tgz", "package/package.json"),
    ("a-1.tgz", "package/npm-shrinkwrap.json"),
    ("a-1.crate", "a-1/Cargo.toml"),
    ("a-1.crate", "a-1/.cargo_vcs_info.json"),
    ("a-1.tar.gz", "a-1/PKG-INFO"),
    ("a-1.gem", "metadata.gz"),
    ("a-1.gem", "checksums.yaml.gz"),
    ("a-1.tgz", "a/Chart.yaml"),
    ("a_1_all.deb", "./control"),
    ("a_1_all.deb", "./md5sums"),
    ("initrd.cpio", "a"),
];

fn packed(package: &str, path: &str, content: &[u8]) -> Vec<u8> {
    match package.rsplit('.').next() {
        Some("jar" | "whl") => zip(&[file(path, content), file("a/other", b"x\n")]),
        Some("gem") => {
            tar(&[file(path, &gzip(content)), file("data.tar.gz", &gzip(&tar(&[file("lib/a.rb", b"1\n")])))])
        }
        Some("deb") => {
            let control = gzip(&tar(&[file("./control", b"Package: a\nVersion: 1\n"), file(path, content)]));
            let data = gzip(&tar(&[file("./usr/share/a", b"1\n")]));
            ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &control), ("data.tar.gz", &data)])
        }
        Some("cpio") => content.to_vec(),
        _ => gzip(&tar(&[file(path, content)])),
    }
}

twinspect_fuzz::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let Some((left, right)) = cut(rest) else { return };
    let Some((package, path)) = FILES.get(usize::from(*first) % FILES.len()) else { return };
    let profile = if *first < 128 { Profile::Standard } else { Profile::OssRebuild };
    twinspect_fuzz::two(package, &packed(package, path, left), &packed(package, path, right), profile);
});
