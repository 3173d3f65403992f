//! What Trunk leaves in dist/ becomes what is published: scripts and styles in few files, the list of the service
//! worker, the single file, the archive, settings for hosts, and checksums. The same sources give the same bytes.

mod hosting;
mod page;
mod single;

use crate::{Outcome, workspace};
use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The page as one file, and as an archive, in this folder: what the page offers to take home.
pub(crate) const DOWNLOADS: &str = "download";

/// Finishes a page that Trunk built.
pub(crate) fn dist(dist: &Path) -> Outcome<()> {
    let www = workspace::root()?.join("www");
    // Trunk's copies of what is in those files now, and what an earlier finish left.
    for stale in ["src", "style", "host", DOWNLOADS, "sw.js", "_headers", "SHA256SUMS"] {
        let path = dist.join(stale);
        let gone = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        gone.or_else(|e| if e.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(e) })
            .map_err(|e| format!("dist/{stale}: {e}"))?;
    }
    for stale in page::parts(dist)? {
        std::fs::remove_file(dist.join(&stale)).map_err(|e| format!("dist/{}: {e}", stale.display()))?;
    }
    let scripts = page::bundle(&www, dist)?;
    write(&dist.join(page::WORKER), scripts.worker.as_bytes())?;
    write(&dist.join(page::STYLE), scripts.style.as_bytes())?;
    for glue in page::GLUES {
        let glue = dist.join(glue);
        write(&glue, page::glue(&glue)?.as_bytes())?;
    }
    for file in ["manifest.webmanifest", "icon.svg", "icon-192.png", "icon-512.png"] {
        std::fs::copy(www.join(file), dist.join(file)).map_err(|e| format!("www/{file}: {e}"))?;
    }
    let index = page::index(&read(&dist.join("index.html"))?, &page::parts(dist)?)?;
    let version = version(dist, &index)?;
    let index = page::with_version(&index, &version)?;
    write(&dist.join("index.html"), index.as_bytes())?;
    write(&dist.join("sw.js"), worker(dist, &www, &version)?.as_bytes())?;

    let policy = page::policy(&index)?;
    write(&dist.join("_headers"), hosting::headers(policy).as_bytes())?;
    create(&dist.join("host"))?;
    write(&dist.join("host/nginx.conf"), hosting::nginx(policy).as_bytes())?;
    write(&dist.join("host/apache.conf"), hosting::apache(policy).as_bytes())?;
    write(&dist.join("SHA256SUMS"), sums(dist, &files(dist)?)?.as_bytes())?;

    let (single, archive) = (single::page(dist, &index, &scripts)?, archive(dist)?);
    let downloads = dist.join(DOWNLOADS);
    create(&downloads)?;
    write(&downloads.join("twinspect.html"), single.as_bytes())?;
    write(&downloads.join("twinspect-page.zip"), &archive)?;
    let names = ["twinspect-page.zip", "twinspect.html"].map(PathBuf::from);
    write(&downloads.join("SHA256SUMS"), sums(&downloads, &names)?.as_bytes())?;
    println!("version {version}: dist/ to host, dist/{DOWNLOADS}/ to take home");
    Ok(())
}

/// Names this set of files: the beginning of the SHA-256 of their checksums.
fn version(dist: &Path, index: &str) -> Outcome<String> {
    let rest = files(dist)?.into_iter().filter(|path| path != Path::new("index.html")).collect::<Vec<_>>();
    let digest = Sha256::digest(format!("{}{index}", sums(dist, &rest)?));
    Ok(hex(&digest).get(..12).unwrap_or_default().to_string())
}

/// The service worker with the list of what it answers for.
fn worker(dist: &Path, www: &Path, version: &str) -> Outcome<String> {
    let mut list = String::new();
    for path in files(dist)? {
        let digest = Base64::encode_string(&Sha256::digest(bytes(&dist.join(&path))?));
        // Hosts answer the folder with the index, and some send whoever asks for index.html to the folder.
        let name = if path == Path::new("index.html") { "./".to_string() } else { slashed(&path) };
        let _ = writeln!(list, "  [{name:?}, {digest:?}],");
    }
    Ok(format!("const VERSION = {version:?};\nconst FILES = [\n{list}];\n{}", read(&www.join("sw.js"))?))
}

/// Lines as `sha256sum` writes and checks them.
fn sums(folder: &Path, files: &[PathBuf]) -> Outcome<String> {
    let mut text = String::new();
    for path in files {
        let digest = Sha256::digest(bytes(&folder.join(path))?);
        let _ = writeln!(text, "{}  {}", hex(&digest), slashed(path));
    }
    Ok(text)
}

/// The whole folder as a zip whose bytes depend on nothing else.
fn archive(dist: &Path) -> Outcome<Vec<u8>> {
    let failed = |e: String| format!("the archive of the page: {e}");
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644)
        .compression_method(zip::CompressionMethod::Deflated);
    for path in files(dist)? {
        zip.start_file(format!("twinspect/{}", slashed(&path)), options).map_err(|e| failed(e.to_string()))?;
        zip.write_all(&bytes(&dist.join(&path))?).map_err(|e| failed(e.to_string()))?;
    }
    Ok(zip.finish().map_err(|e| failed(e.to_string()))?.into_inner())
}

/// Every file below a folder, relative to it, in the order of their names.
fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).map_err(|e| format!("{}: {e}", at.display()))? {
            let path = entry.map_err(|e| format!("{}: {e}", at.display()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(inside) = path.strip_prefix(folder) {
                found.push(inside.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn bytes(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))
}

fn read(path: &Path) -> Outcome<String> {
    workspace::read(path)
}

fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
    std::fs::write(path, bytes).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

fn create(path: &Path) -> Outcome<()> {
    std::fs::create_dir_all(path).map_err(|e| format!("{} cannot be made: {e}", path.display()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a content security policy calls the digest of an inline text.
fn source_of(text: &str) -> String {
    format!("'sha256-{}'", Base64::encode_string(&Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_policy_is_that_of_the_text_between_the_tags() {
        assert_eq!(source_of("alert(1)"), "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='");
    }

    #[test]
    fn sums_are_what_sha256sum_prints() {
        let folder = std::env::temp_dir().join(format!("twinspect-sums-{}", std::process::id()));
        create(&folder.join("b")).unwrap();
        write(&folder.join("b/empty"), b"").unwrap();
        write(&folder.join("a"), b"abc").unwrap();
        let listed = files(&folder).unwrap();
        let text = sums(&folder, &listed).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            text,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b/empty\n"
        );
    }
}
