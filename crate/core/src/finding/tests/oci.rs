//! Cases of container images.

use sha2::{Digest as _, Sha256};

use super::build::{Tar, gzip};
use super::{Case, File, case};
use crate::display;

fn digest(bytes: &[u8]) -> String {
    display::hex(&Sha256::digest(bytes))
}

/// An image of these layers, and what is wrong with it.
#[derive(Clone)]
pub(super) struct Image {
    /// Layers before compression.
    layers: Vec<Vec<u8>>,
    /// How they are stored.
    stored: fn(&[u8]) -> Vec<u8>,
    /// Texts replaced in the configuration, manifest and index before they are named by their digests.
    edits: Vec<(String, String)>,
    /// Texts replaced in docker's list, if there is one.
    docker: Option<Vec<(String, String)>>,
    /// Part of the path of a blob that is left out.
    without: Option<String>,
    /// Other members.
    more: Vec<(String, Vec<u8>)>,
}

/// A layer with these files.
fn layer(files: &[&str]) -> Vec<u8> {
    files.iter().fold(Tar::default(), |tar, name| tar.file(name, b"")).end()
}

pub(super) fn image(layers: &[Vec<u8>]) -> Image {
    let (edits, more) = (Vec::new(), Vec::new());
    Image { layers: layers.to_vec(), stored: gzip, edits, docker: None, without: None, more }
}

impl Image {
    fn with(mut self, change: impl Fn(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn edit(mut self, from: &str, to: &str) -> Self {
        self.edits.push((from.to_owned(), to.to_owned()));
        self
    }

    /// With docker's list too, after these replacements.
    fn docker(mut self, edits: &[(&str, &str)]) -> Self {
        self.docker = Some(edits.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect());
        self
    }

    fn more(mut self, path: &str, content: &[u8]) -> Self {
        self.more.push((path.to_owned(), content.to_vec()));
        self
    }

    pub(super) fn file(self) -> File {
        let edited = |text: String| {
            let replace = |text: String, (from, to): &(String, String)| text.replace(from.as_str(), to);
            self.edits.iter().fold(text, replace)
        };
        let mut blobs: Vec<Vec<u8>> = self.layers.iter().map(|layer| (self.stored)(layer)).collect();
        let ids: Vec<String> = self.layers.iter().map(|layer| format!("\"sha256:{}\"", digest(layer))).collect();
        let described = |kind: &str, bytes: &[u8]| {
            let (digest, size) = (digest(bytes), bytes.len());
            format!(
                "{{\"mediaType\":\"application/vnd.oci.image.{kind}\",\"digest\":\"sha256:{digest}\",\"size\":{size}}}"
            )
        };
        let config = edited(format!(
            "{{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[{}]}}}}",
            ids.join(",")
        ));
        let layers: Vec<String> = blobs.iter().map(|blob| described("layer.v1.tar+gzip", blob)).collect();
        let manifest = edited(format!(
            "{{\"schemaVersion\":2,\"config\":{},\"layers\":[{}]}}",
            described("config.v1+json", config.as_bytes()),
            layers.join(",")
        ));
        let index = format!("{{\"manifests\":[{}]}}", described("manifest.v1+json", manifest.as_bytes()));
        let paths: Vec<String> = blobs.iter().map(|blob| format!("\"blobs/sha256/{}\"", digest(blob))).collect();
        let list = format!(
            "[{{\"Config\":\"blobs/sha256/{}\",\"RepoTags\":[\"a:1\"],\"Layers\":[{}]}}]",
            digest(config.as_bytes()),
            paths.join(",")
        );
        blobs.extend([config.into_bytes(), manifest.into_bytes()]);
        let mut tar = Tar::default().file("oci-layout", b"{\"imageLayoutVersion\":\"1.0.0\"}");
        let without = self.without.as_deref();
        for blob in blobs {
            let path = format!("blobs/sha256/{}", digest(&blob));
            if without.is_none_or(|without| !path.contains(without)) {
                tar = tar.file(&path, &blob);
            }
        }
        for (path, content) in &self.more {
            tar = tar.file(path, content);
        }
        if let Some(edits) = &self.docker {
            let list = edits.iter().fold(list, |list, (from, to)| list.replace(from.as_str(), to));
            tar = tar.file("manifest.json", list.as_bytes());
        }
        ("image.tar", tar.file("index.json", edited(index).as_bytes()).end())
    }
}

pub(super) fn cases() -> Vec<Case> {
    let base = || layer(&["etc/a", "etc/b", "d/x"]);
    let one = || image(&[base()]);
    let two = |files: &[&str]| image(&[base(), layer(files)]).file();
    let stored = digest(&gzip(&base()));
    let config = |image: &Image| {
        // The configuration is what the list names first.
        let id = digest(&image.layers[0]);
        digest(format!("{{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[\"sha256:{id}\"]}}}}").as_bytes())
    };
    let config = config(&one());
    let size = gzip(&base()).len();
    vec![
        case("OCI-01", one().more(&format!("blobs/sha256/{}", "0".repeat(64)), b"x").file(), one().file()),
        case("OCI-01", one().with(|image| image.without = Some(digest(&gzip(&image.layers[0])))).file(), one().file()),
        case("OCI-01", one().edit(&format!("\"size\":{size}}}"), "\"size\":7}").file(), one().file()),
        case("OCI-01", one().more(&format!("blobs/sha512/{}", "0".repeat(128)), b"x").file(), one().file()),
        case(
            "OCI-02",
            one().docker(&[(&format!("blobs/sha256/{config}"), "other")]).more("other", b"{}").file(),
            one().file(),
        ),
        case("OCI-02", one().docker(&[(&stored, &config)]).file(), one().docker(&[]).file()),
        case("OCI-02", one().edit("\"schemaVersion\":2", "\"manifests\":[]").file(), one().file()),
        case(
            "OCI-02",
            one()
                .docker(&[("[{", "[{\"Config\":\"x\",\"RepoTags\":[\"a:1\"],\"Layers\":[]},{")])
                .more("x", b"{}")
                .file(),
            one().docker(&[("\"a:1\"", "\"a:1\",\"a:2\"")]).file(),
        ),
        case("OCI-03", two(&["etc/.wh.a", "etc/a"]), two(&["etc/.wh.a", "etc/c"])),
        case("OCI-03", two(&["etc/.wh.none"]), two(&["etc/.wh.a"])),
        case("OCI-03", two(&[".wh.d", "d/y"]), two(&[".wh.d", "e/y"])),
        case("OCI-03", two(&["etc/.wh..."]), two(&["etc/..wh.a"])),
        case("OCI-03", two(&[".wh.etc/a"]), two(&["etc/a"])),
        case("OCI-03", two(&[".wh..wh..opq"]), two(&["d/.wh..wh..opq"])),
        case(
            "OCI-03",
            image(&[base(), Tar::default().file("etc/.wh.a", b"hidden").end()]).file(),
            image(&[base(), Tar::default().file("etc/wh.a", b"shown").end()]).file(),
        ),
        case("OCI-04", one().docker(&[("[\"blobs", "[\"../blobs")]).file(), one().docker(&[]).file()),
        case("OCI-04", one().edit("sha256:", "../sha256:").file(), one().file()),
        case("OCI-05", one().more(&format!("blobs/sha256/{}", digest(b"x")), b"x").file(), one().file()),
        case("OCI-06", one().with(|image| image.stored = <[u8]>::to_vec).file(), one().file()),
        case(
            "OCI-06",
            one().with(|image| image.stored = <[u8]>::to_vec).file(),
            one().with(|image| image.stored = <[u8]>::to_vec).edit("+gzip", "").file(),
        ),
        case("OCI-06", one().edit(&digest(&base()), &"0".repeat(64)).file(), one().file()),
        case("OCI-06", one().edit("\"diff_ids\":[", "\"diff_ids\":[\"sha256:0\",").file(), one().file()),
        case(
            "OCI-06",
            one().edit("\"os\":", "\"os\":\"windows\",\"os\":").file(),
            one().edit("\"os\":", "\"x\":{\"A\":\"\"},\"os\":").file(),
        ),
        case("OCI-06", one().edit("{\"schemaVersion\"", "{\"mediaType\":\"x\",\"schemaVersion\"").file(), one().file()),
    ]
}

#[test]
fn ordinary_images_raise_nothing_above_a_note() {
    use crate::entry::Severity;
    let links = Tar::default().link("bin", b'2', "/usr/bin").mode("usr/bin/su", 0o4755).end();
    for image in [
        image(&[layer(&["etc/a"]), layer(&["etc/.wh.a"])]).docker(&[]),
        image(&[links]),
        image(&[]),
        // Equal layers are one blob.
        image(&[layer(&["a"]), layer(&["a"])]).docker(&[]),
        // An index for several platforms of which one is here; a foreign layer.
        image(&[layer(&["a"])]).edit(
            "{\"manifests\":[",
            "{\"manifests\":[{\"mediaType\":\"m\",\"digest\":\"sha256:00\",\"size\":1,\"platform\":{\"os\":\"a\",\"architecture\":\"b\"}},",
        ),
        image(&[layer(&["a"])]).edit(
            "\"layers\":[{",
            "\"layers\":[{\"mediaType\":\"x\",\"digest\":\"sha256:00\",\"size\":1,\"urls\":[\"https://example.org\"]},{",
        ).edit("\"diff_ids\":[", "\"diff_ids\":[\"sha256:00\","),
    ] {
        let reading = super::read(&image.file());
        let worse: Vec<_> =
            reading.findings.iter().filter(|finding| finding.severity != Severity::Info).collect();
        assert!(worse.is_empty(), "{worse:?}");
        assert_eq!(crate::ecosystem::recognise(&reading), Some("oci"));
    }
}
