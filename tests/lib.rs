//! Shared by the tests of the whole: small archives built in code, and how to compare them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a fixture that cannot be built is a failed test")]

pub mod fixtures;
pub mod invariants;
pub mod pairs;

use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use twinspect::artifact::{Artifact, Sides};
use twinspect::comparison::{Comparison, Options};
use twinspect::reading::Reading;
use twinspect::stabilize::{Choice, Profile};

/// One member of an archive to build.
#[derive(Clone)]
pub struct Member<'a> {
    /// Its path.
    pub path: &'a str,
    /// Its content; for a link its target.
    pub content: &'a [u8],
    /// Permission bits.
    pub mode: u32,
    /// Seconds since 1970.
    pub mtime: u64,
    /// Whether it is a symbolic link.
    pub link: bool,
}

/// A file with mode 0644 and the time 1.
pub fn file<'a>(path: &'a str, content: &'a [u8]) -> Member<'a> {
    Member { path, content, mode: 0o644, mtime: 1, link: false }
}

/// A symbolic link.
pub fn link<'a>(path: &'a str, target: &'a str) -> Member<'a> {
    Member { path, content: target.as_bytes(), mode: 0o777, mtime: 1, link: true }
}

impl Member<'_> {
    /// The same with another mode.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// The same with another time.
    #[must_use]
    pub fn mtime(mut self, mtime: u64) -> Self {
        self.mtime = mtime;
        self
    }
}

/// A ustar archive.
pub fn tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for member in members {
        let mut header = tar::Header::new_ustar();
        header.set_mode(member.mode);
        header.set_mtime(member.mtime);
        header.set_uid(0);
        header.set_gid(0);
        if member.link {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_size(0);
            let target = std::str::from_utf8(member.content).unwrap();
            builder.append_link(&mut header, member.path, target).unwrap();
        } else {
            header.set_size(member.content.len() as u64);
            builder.append_data(&mut header, member.path, member.content).unwrap();
        }
    }
    builder.into_inner().unwrap()
}

/// A gzip member around bytes.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    gzip_with(bytes, 0, 6, None)
}

/// A gzip member with this time, level and name.
pub fn gzip_with(bytes: &[u8], mtime: u32, level: u32, name: Option<&str>) -> Vec<u8> {
    let mut builder = GzBuilder::new().mtime(mtime);
    if let Some(name) = name {
        builder = builder.filename(name);
    }
    let mut encoder = builder.write(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A deflated zip; times are DOS times, so `mtime` counts days since 1980.
pub fn zip(members: &[Member<'_>]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for member in members {
        let day = u8::try_from(member.mtime % 28 + 1).unwrap();
        let time = zip::DateTime::from_date_and_time(1980, 1, day, 0, 0, 0).unwrap();
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .unix_permissions(member.mode)
            .last_modified_time(time);
        writer.start_file(member.path, options).unwrap();
        writer.write_all(member.content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An ar archive as Debian packages are.
pub fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, content) in members {
        let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100_644, content.len());
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(content);
        if content.len() % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}

/// A cpio archive with hexadecimal headers; inodes count up from `inode`.
pub fn cpio(members: &[Member<'_>], inode: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut push = |inode: u32, mode: u32, mtime: u64, path: &str, content: &[u8]| {
        let (size, length) = (content.len(), path.len() + 1);
        let header = format!("070701{inode:08X}{mode:08X}{:08X}{:08X}{:08X}{mtime:08X}{size:08X}", 0, 0, 1);
        bytes
            .extend_from_slice(format!("{header}{:08X}{:08X}{:08X}{:08X}{length:08X}{:08X}", 0, 0, 0, 0, 0).as_bytes());
        for part in [&[path.as_bytes(), b"\0"].concat(), content] {
            bytes.extend_from_slice(part);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
    };
    for (member, inode) in members.iter().zip(inode..) {
        let kind = if member.link { 0o120_000 } else { 0o100_000 };
        push(inode, kind | member.mode, member.mtime, member.path, member.content);
    }
    push(0, 0, 0, "TRAILER!!!", b"");
    bytes
}

/// One side, read.
pub fn read(name: &str, bytes: &[u8]) -> Reading {
    let artifact = Artifact::new(name, bytes.to_vec());
    twinspect::read::read(&artifact, &Options::default().limits, &mut |_| {}).unwrap()
}

/// A comparison under a profile.
pub fn compare(left: (&str, &[u8]), right: (&str, &[u8]), profile: Profile) -> Comparison {
    compare_with(left, right, Options { choice: Choice::of(profile), ..Options::default() })
}

/// A comparison under options.
pub fn compare_with(left: (&str, &[u8]), right: (&str, &[u8]), options: Options) -> Comparison {
    let artifacts =
        Sides { left: Artifact::new(left.0, left.1.to_vec()), right: Artifact::new(right.0, right.1.to_vec()) };
    let read = |artifact: &Artifact| twinspect::read::read(artifact, &options.limits, &mut |_| {}).unwrap();
    let readings = Sides { left: read(&artifacts.left), right: read(&artifacts.right) };
    Comparison::new(artifacts, readings, options).unwrap()
}
