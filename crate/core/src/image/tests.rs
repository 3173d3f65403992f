//! What each member of an image is.

use crate::artifact::Artifact;
use crate::limits::Limits;

/// A tar of these members.
fn tar(members: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (path, content) in members {
        let (link, content) = match content.strip_prefix("-> ") {
            Some(target) => (target, ""),
            None => ("", *content),
        };
        let mut block = [0_u8; 512];
        let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(0, path);
        put(100, "0000644\x000000000\x000000000\0");
        put(124, &format!("{:011o}\x0000000000000\0", content.len()));
        put(148, "        ");
        put(156, if link.is_empty() { "0" } else { "2" });
        put(157, link);
        put(257, "ustar\x0000");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(block);
        out.extend(content.as_bytes());
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.extend([0; 1024]);
    out
}

fn check(members: &[(&str, &str)], expected: &[(&str, &str)]) {
    let reading = crate::read::read(&Artifact::new("a.tar", tar(members)), &Limits::default(), &mut |_| {}).unwrap();
    let path = |id| String::from_utf8(reading.node(id).unwrap().path.clone()).unwrap();
    let found: Vec<(String, String)> = reading.parts.iter().map(|part| (path(part.node), part.name())).collect();
    let expected: Vec<(String, String)> =
        expected.iter().map(|(path, name)| ((*path).to_owned(), (*name).to_owned())).collect();
    assert_eq!(found, expected);
}

const LAYOUT: (&str, &str) = ("oci-layout", "{}");
const LIST: &str = r#"[{"Config":"c.json","RepoTags":null,"Layers":["x/layer.tar","y/layer.tar"]}]"#;

#[test]
fn platforms_indexes_in_indexes_attestations_and_artifacts_have_names() {
    let index = r#"{"manifests":[{"digest":"sha256:i"},{"digest":"sha256:s","annotations":{"x":"y"}}]}"#;
    let inner = r#"{"manifests":[
        {"digest":"sha256:m","platform":{"os":"linux","architecture":"arm","variant":"v7"}},
        {"digest":"sha256:t","annotations":{"vnd.docker.reference.digest":"sha256:m"},
         "platform":{"os":"unknown","architecture":"unknown"}}]}"#;
    let image = r#"{"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:c"},"layers":[{"digest":"sha256:1"},{"digest":"sha256:1"}]}"#;
    let statement = r#"{"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:e"},"layers":[{"digest":"sha256:p"}]}"#;
    let artifact = r#"{"artifactType":"application/example","config":{"digest":"sha256:e"},"layers":[]}"#;
    check(
        &[
            LAYOUT,
            ("index.json", index),
            ("blobs/sha256/i", inner),
            ("blobs/sha256/m", image),
            ("blobs/sha256/t", statement),
            ("blobs/sha256/s", artifact),
            ("blobs/sha256/c", "{}"),
            ("blobs/sha256/e", "{}"),
            ("blobs/sha256/1", "layer"),
            ("blobs/sha256/p", "{}"),
        ],
        &[
            ("blobs/sha256/m", "linux/arm/v7: manifest"),
            ("blobs/sha256/t", "attestation of linux/arm/v7: manifest"),
            ("blobs/sha256/s", "application/example: manifest"),
            ("blobs/sha256/c", "linux/arm/v7: config"),
            ("blobs/sha256/e", "application/example: config"),
            ("blobs/sha256/e", "attestation of linux/arm/v7: config"),
            ("blobs/sha256/1", "linux/arm/v7: layer 1"),
            ("blobs/sha256/1", "linux/arm/v7: layer 2"),
            ("blobs/sha256/p", "attestation of linux/arm/v7: layer 1"),
        ],
    );
}

#[test]
fn folders_of_layers_go_with_them_links_and_a_root_folder_too() {
    check(
        &[
            ("./x/json", "{}"),
            ("./x/layer.tar", "-> ../z.tar"),
            ("./y/VERSION", "1.0"),
            ("./y/layer.tar", "layer"),
            ("./z.tar", "layer"),
            ("./c.json", r#"{"os":"linux","architecture":"amd64"}"#),
            ("./manifest.json", LIST),
        ],
        &[
            ("./x/json", "linux/amd64: layer json 1"),
            ("./x/layer.tar", "linux/amd64: layer link 1"),
            ("./y/VERSION", "linux/amd64: layer version 2"),
            ("./y/layer.tar", "linux/amd64: layer 2"),
            ("./z.tar", "linux/amd64: layer 1"),
            ("./c.json", "linux/amd64: config"),
        ],
    );
    check(
        &[("i/c.json", "{}"), ("i/manifest.json", LIST), ("i/x/layer.tar", "1")],
        &[("i/c.json", "image: config"), ("i/x/layer.tar", "image: layer 1")],
    );
}

#[test]
fn what_is_no_image_has_no_parts() {
    check(&[("manifest.json", r#"{"name":"x","icons":[]}"#), ("c.json", "{}")], &[]);
    check(&[("manifest.json", "[]"), ("index.json", "{}")], &[]);
    check(&[("a/b/manifest.json", LIST), ("a/b/c.json", "{}")], &[]);
    // Indexes that lead to each other end.
    let index = r#"{"manifests":[{"digest":"sha256:i"},{"digest":"sha256:i"}]}"#;
    check(&[LAYOUT, ("index.json", index), ("blobs/sha256/i", index)], &[]);
}
