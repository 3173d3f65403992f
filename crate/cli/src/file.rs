//! A file on disk as a source.

use std::fs::File;
use std::io;
use std::path::Path;

use twinspect::artifact::{Artifact, Source};
use twinspect::error::Error;

struct FileSource {
    file: File,
    length: u64,
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.length
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset)
    }
}

/// A path as it can be printed: escaped, never lossy.
pub fn shown(path: &Path) -> String {
    twinspect::display::bytes(path.as_os_str().as_encoded_bytes())
}

/// Reads a small file whole, e.g. one of rules.
///
/// # Errors
/// A path that does not exist or cannot be read, and a file of more than 64 MiB.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    const MOST: u64 = 64 << 20;
    let artifact = open(path)?;
    let length = artifact.source.len();
    if length > MOST {
        return Err(Error::new(format!("{} is larger than {MOST} bytes.", shown(path))));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    let mut filled = 0;
    while filled < bytes.len() {
        let rest = bytes.get_mut(filled..).unwrap_or_default();
        match artifact.source.read_at(filled as u64, rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) => return Err(Error::new(format!("{} cannot be read: {error}.", shown(path)))),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Opens a file as an artifact.
///
/// # Errors
/// A path that does not exist, is a directory, or cannot be read.
pub fn open(path: &Path) -> Result<Artifact, Error> {
    let shown = shown(path);
    let fail = |error: io::Error| Error::new(format!("{shown} cannot be opened: {error}."));
    let metadata = std::fs::metadata(path).map_err(fail)?;
    if metadata.is_dir() {
        return Err(Error::new(format!("{shown} is a directory: pack it into a tar or zip and compare that.")));
    }
    let file = File::open(path).map_err(fail)?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    if !metadata.is_file() {
        // A pipe or a device has no length and cannot be read twice.
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::BufReader::new(file), &mut bytes).map_err(fail)?;
        return Ok(Artifact::new(name, bytes));
    }
    Ok(Artifact::new(name, FileSource { file, length: metadata.len() }))
}
