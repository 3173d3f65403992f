//! Container images and Android packages built in code.

use sha2::{Digest as _, Sha256};

use crate::{Member, file, gzip, tar, zip};

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An OCI image layout with these layers, each with its digests right; `created` stands in the configuration.
pub fn image(layers: &[Vec<u8>], created: &str) -> Vec<u8> {
    let mut blobs: Vec<Vec<u8>> = layers.iter().map(|layer| gzip(layer)).collect();
    let described = |kind: &str, blob: &[u8]| {
        let (digest, size) = (digest(blob), blob.len());
        format!("{{\"mediaType\":\"application/vnd.oci.image.{kind}\",\"digest\":\"sha256:{digest}\",\"size\":{size}}}")
    };
    let ids: Vec<String> = layers.iter().map(|layer| format!("\"sha256:{}\"", digest(layer))).collect();
    let config = format!(
        "{{\"created\":\"{created}\",\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[{}]}}}}",
        ids.join(",")
    );
    let layers: Vec<String> = blobs.iter().map(|blob| described("layer.v1.tar+gzip", blob)).collect();
    let manifest = format!(
        "{{\"schemaVersion\":2,\"config\":{},\"layers\":[{}]}}",
        described("config.v1+json", config.as_bytes()),
        layers.join(",")
    );
    let index =
        format!("{{\"schemaVersion\":2,\"manifests\":[{}]}}", described("manifest.v1+json", manifest.as_bytes()));
    blobs.extend([config.into_bytes(), manifest.into_bytes()]);
    let paths: Vec<String> = blobs.iter().map(|blob| format!("blobs/sha256/{}", digest(blob))).collect();
    let mut members: Vec<Member<'_>> = paths.iter().zip(&blobs).map(|(path, blob)| file(path, blob)).collect();
    members.push(file("index.json", index.as_bytes()));
    members.push(file("oci-layout", b"{\"imageLayoutVersion\":\"1.0.0\"}"));
    tar(&members)
}

/// A zip of these members with a signing block of these pairs in front of its directory.
pub fn package(members: &[Member<'_>], pairs: &[(u32, &[u8])]) -> Vec<u8> {
    let mut bytes = zip(members);
    let mut block = Vec::new();
    for (id, value) in pairs {
        block.extend((value.len() as u64 + 4).to_le_bytes());
        block.extend(id.to_le_bytes());
        block.extend_from_slice(value);
    }
    let size = (block.len() as u64 + 24).to_le_bytes();
    let block = [size.as_slice(), &block, &size, b"APK Sig Block 42"].concat();
    // The end record is the last 22 bytes; where the directory begins stands six bytes before its end.
    let place = bytes.len() - 6;
    let stated: [u8; 4] = bytes.get(place..place + 4).unwrap().try_into().unwrap();
    let directory = u32::from_le_bytes(stated);
    let moved = directory + u32::try_from(block.len()).unwrap();
    bytes.get_mut(place..place + 4).unwrap().copy_from_slice(&moved.to_le_bytes());
    let at = usize::try_from(directory).unwrap();
    bytes.splice(at..at, block);
    bytes
}
