//! Shared by the tests of the whole: small archives built in code, and how to compare them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a fixture that cannot be built is a failed test")]

pub mod fixtures;
pub mod image;
pub mod invariants;
pub mod pairs;

use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use sha2::Digest as _;
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

/// The data of a tag of an RPM header.
#[derive(Clone)]
pub enum Tag<'a> {
    /// A text.
    Text(&'a str),
    /// Texts.
    Texts(Vec<&'a str>),
    /// Numbers of 32 bits.
    Numbers(Vec<u32>),
    /// Numbers of 16 bits.
    Short(Vec<u16>),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// An RPM header as rpm lays it out: tags in the order given, the region's mark behind their data.
fn rpm_header(region: u32, tags: &[(u32, Tag<'_>)]) -> Vec<u8> {
    let (mut index, mut data) = (Vec::new(), Vec::new());
    for (id, tag) in tags {
        let ended = |texts: &[&str]| texts.iter().flat_map(|text| [text.as_bytes(), b"\0"].concat()).collect();
        let (kind, alignment, count, bytes): (u32, usize, usize, Vec<u8>) = match tag {
            Tag::Short(numbers) => (3, 2, numbers.len(), numbers.iter().flat_map(|it| it.to_be_bytes()).collect()),
            Tag::Numbers(numbers) => (4, 4, numbers.len(), numbers.iter().flat_map(|it| it.to_be_bytes()).collect()),
            Tag::Text(text) => (6, 1, 1, ended(&[text])),
            Tag::Bytes(bytes) => (7, 1, bytes.len(), bytes.clone()),
            Tag::Texts(texts) => (8, 1, texts.len(), ended(texts)),
        };
        data.resize(data.len().next_multiple_of(alignment), 0);
        let (offset, count) = (u32::try_from(data.len()).unwrap(), u32::try_from(count).unwrap());
        index.extend([*id, kind, offset, count].iter().flat_map(|it| it.to_be_bytes()));
        data.extend(bytes);
    }
    let back = u32::try_from(index.len() + 16).unwrap().wrapping_neg();
    let first = [region, 7, u32::try_from(data.len()).unwrap(), 16];
    data.extend([region, 7, back, 16].iter().flat_map(|it| it.to_be_bytes()));
    let counts = [u32::try_from(tags.len() + 1).unwrap(), u32::try_from(data.len()).unwrap()];
    let numbers = counts.iter().chain(&first).flat_map(|it| it.to_be_bytes()).collect::<Vec<u8>>();
    [&[0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0], &numbers[..], &index, &data].concat()
}

/// An RPM package of the name `demo-1-1` that holds these files, compressed by `pack`. `more` are further tags of its
/// header; each stands behind those with smaller numbers.
pub fn rpm(members: &[Member<'_>], more: &[(u32, Tag<'_>)], pack: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let sha256 = |bytes: &[u8]| sha2::Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect::<String>();
    let paths: Vec<String> = members.iter().map(|member| format!(".{}", member.path)).collect();
    let inside: Vec<Member<'_>> =
        members.iter().zip(&paths).map(|(member, path)| Member { path, ..member.clone() }).collect();
    let payload = pack(&cpio(&inside, 1));
    let digests: Vec<String> =
        members.iter().map(|file| if file.link { String::new() } else { sha256(file.content) }).collect();
    let count = u32::try_from(members.len()).unwrap();
    let split: Vec<(&str, &str)> = members.iter().map(|file| file.path.rsplit_once('/').unwrap()).collect();
    let folders: Vec<String> = split.iter().map(|(folder, _)| format!("{folder}/")).collect();
    let number = |value: &dyn Fn(&Member<'_>) -> u64| {
        Tag::Numbers(members.iter().map(|file| u32::try_from(value(file)).unwrap()).collect())
    };
    let link = |file: &Member<'_>| if file.link { 0o120_000 } else { 0o100_000 };
    let targets: Vec<&str> =
        members.iter().map(|file| if file.link { std::str::from_utf8(file.content).unwrap() } else { "" }).collect();
    let root = || Tag::Texts(vec!["root"; members.len()]);
    let sealed = sha256(&payload);
    let mut tags = vec![
        (1000, Tag::Text("demo")),
        (1001, Tag::Text("1")),
        (1002, Tag::Text("1")),
        (1028, number(&|file| file.content.len() as u64)),
        (1030, Tag::Short(members.iter().map(|file| u16::try_from(link(file) | file.mode).unwrap()).collect())),
        (1034, number(&|file| file.mtime)),
        (1035, Tag::Texts(digests.iter().map(String::as_str).collect())),
        (1036, Tag::Texts(targets)),
        (1037, number(&|_| 0)),
        (1039, root()),
        (1040, root()),
        (1044, Tag::Text("demo-1-1.src.rpm")),
        (1096, Tag::Numbers((1..=count).collect())),
        (1116, Tag::Numbers((0..count).collect())),
        (1117, Tag::Texts(split.iter().map(|(_, name)| *name).collect())),
        (1118, Tag::Texts(folders.iter().map(String::as_str).collect())),
        (5011, Tag::Numbers(vec![8])),
        (5092, Tag::Texts(vec![&sealed])),
        (5093, Tag::Numbers(vec![8])),
    ];
    tags.extend(more.iter().cloned());
    tags.sort_by_key(|(id, _)| *id);
    let header = rpm_header(63, &tags);
    let stated = sha256(&header);
    let size = u32::try_from(header.len() + payload.len()).unwrap();
    let signature = rpm_header(62, &[(273, Tag::Text(&stated)), (1000, Tag::Numbers(vec![size]))]);
    let mut bytes = vec![0; 96];
    bytes.splice(..8, [0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0]);
    bytes.splice(10..18, *b"demo-1-1");
    bytes.splice(76..80, [0, 1, 0, 5]);
    bytes.extend(signature);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    [bytes, header, payload].concat()
}

/// A tar without its end, as the first parts of an Alpine package are.
fn tar_part(members: &[Member<'_>]) -> Vec<u8> {
    let mut bytes = tar(members);
    bytes.truncate(bytes.len() - 1024);
    bytes
}

/// An Alpine package that holds these files: a signature that nobody checks, a description, the files.
pub fn apk(description: &str, members: &[Member<'_>]) -> Vec<u8> {
    let data = gzip(&tar(members));
    let sha256 = |bytes: &[u8]| sha2::Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect::<String>();
    let description = format!("{description}datahash = {}\n", sha256(&data));
    let control = gzip(&tar_part(&[file(".PKGINFO", description.as_bytes())]));
    let signature = gzip(&tar_part(&[file(".SIGN.RSA.demo.rsa.pub", sha256(&control).as_bytes())]));
    [signature, control, data].concat()
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
