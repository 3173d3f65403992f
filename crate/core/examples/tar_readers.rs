//! Measures the models of tar readers: against a corpus with what the readers themselves made of it, or against each
//! other over any archives.
//!
//! ```text
//! cargo run -p twinspect --example tar_readers -- corpus FOLDER   rows right and wrong, from FOLDER/reference.tsv.gz
//! cargo run -p twinspect --example tar_readers -- alike FILE…     archives that the models do not see alike
//! cargo run -p twinspect --example tar_readers -- show FILE…      every view in full
//! ```
#![allow(clippy::print_stdout, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use twinspect::entry::{Coding, Content, Kind};
use twinspect::limits::Limits;
use twinspect::reader::{Archive, End, View, readers};
use twinspect::store::{CACHE, Store};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Percent of the rows with several views that must be right.
const LEAST: u32 = 90;
/// Bytes of a content that count for a view's hash.
const HASHED: u64 = 8 << 20;
/// Wrappers that are taken off: how they begin, how they decode, and which readers take them off too.
const WRAPPERS: [(&[u8], Coding, &[&str]); 4] = [
    (
        b"\x1f\x8b",
        Coding::Gzip,
        &["gnu-tar", "py-tarfile", "bsdtar", "node-tar", "go-tar", "rust-tar", "7zz-tar", "tar-stream"],
    ),
    (b"BZh", Coding::Bzip2, &["gnu-tar", "py-tarfile", "bsdtar", "go-tar", "rust-tar", "7zz-tar"]),
    (b"\xfd7zXZ\0", Coding::Xz, &["gnu-tar", "py-tarfile", "bsdtar", "rust-tar", "7zz-tar"]),
    (b"\x28\xb5\x2f\xfd", Coding::Zstd, &["gnu-tar", "bsdtar", "rust-tar", "7zz-tar"]),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((verb, rest)) if verb == "corpus" && !rest.is_empty() => corpus(Path::new(&rest[0]), rest.get(1)),
        Some((verb, files)) if verb == "alike" => alike(files),
        Some((verb, files)) if verb == "show" => show(files),
        _ => Err("say corpus FOLDER, alike FILE… or show FILE…".into()),
    }
}

/// What every model sees in a file. One whose reader does not take off the wrapper sees what it is in, unless it is taken
/// off for all.
fn views(file: &Path, unwrap: bool) -> Result<Vec<(&'static str, Store, View)>> {
    let bytes = std::fs::read(file)?;
    let wrapper = WRAPPERS.iter().find(|(magic, ..)| bytes.starts_with(magic));
    let length = bytes.len() as u64;
    let mut limits = Limits::default();
    limits.set("ratio", u64::MAX);
    let store = Store::new(Arc::new(bytes), &limits, CACHE);
    let inner = wrapper.map_or(0, |(_, coding, _)| {
        store.add_base(Content { base: 0, offset: 0, stored: length, coding: coding.clone(), size: None })
    });
    let mut views = Vec::new();
    for reader in readers("tar") {
        let opens = unwrap || wrapper.is_none_or(|(.., ids)| ids.contains(&reader.id));
        let mut archive = Archive::new(&store, if opens { inner } else { 0 })?;
        views.push((reader.id, store.clone(), (reader.see)(&mut archive)));
    }
    Ok(views)
}

fn hash(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in &Sha256::digest(bytes)[..6] {
        write!(text, "{byte:02x}").ok();
    }
    text
}

/// Path and what is there, as the reference has them: links are files with their target in them, folders do not count.
fn members(id: &str, store: &Store, view: &View) -> BTreeMap<String, (char, String)> {
    let name = |bytes: &[u8]| match id {
        // The programs around these two libraries printed names as text.
        "rust-tar" => String::from_utf8_lossy(bytes).into_owned(),
        "go-tar" => bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
            if !chunk.valid().is_empty() || !text.ends_with('\u{fffd}') {
                text.push_str(chunk.valid());
            }
            if !chunk.invalid().is_empty() && !text.ends_with('\u{fffd}') {
                text.push('\u{fffd}');
            }
            text
        }),
        _ => bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
            text.push_str(chunk.valid());
            chunk.invalid().iter().for_each(|byte| {
                write!(text, "\\x{byte:02x}").ok();
            });
            text
        }),
    };
    let mut members = BTreeMap::new();
    for member in &view.members {
        let target = member.target.as_deref().unwrap_or_default();
        let what = match member.kind {
            Kind::Directory => continue,
            Kind::Symlink => ('f', hash(target)),
            Kind::Hardlink => ('h', name(target)),
            Kind::File => {
                let bytes = member.content.as_ref().map(|content| store.read(content, HASHED));
                match bytes {
                    None => ('f', hash(b"")),
                    Some(Ok((bytes, _))) => ('f', hash(&bytes)),
                    Some(Err(fault)) => ('!', fault.to_string()),
                }
            }
            _ => ('o', String::new()),
        };
        members.insert(name(&member.path), what);
    }
    members
}

/// The hash of a view, over the JSON that Python writes.
fn view_hash(members: &BTreeMap<String, (char, String)>) -> String {
    let rows: Vec<String> =
        members.iter().map(|(path, (kind, what))| format!("[{}, [\"{kind}\", {}]]", json(path), json(what))).collect();
    hash(format!("[{}]", rows.join(", ")).as_bytes())
}

fn json(text: &str) -> String {
    let mut json = String::from("\"");
    for unit in text.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some('"') => json.push_str("\\\""),
            Some('\\') => json.push_str("\\\\"),
            Some('\n') => json.push_str("\\n"),
            Some('\r') => json.push_str("\\r"),
            Some('\t') => json.push_str("\\t"),
            Some('\u{8}') => json.push_str("\\b"),
            Some('\u{c}') => json.push_str("\\f"),
            Some(plain @ ' '..='~') => json.push(plain),
            _ => {
                write!(json, "\\u{unit:04x}").ok();
            }
        }
    }
    json.push('"');
    json
}

fn table(text: &str) -> Vec<BTreeMap<&str, &str>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    lines.map(|line| names.iter().copied().zip(line.split('\t')).collect()).collect()
}

fn corpus(folder: &Path, only: Option<&String>) -> Result<()> {
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv"))?;
    let mut reference = String::new();
    let packed = std::fs::read(folder.join("reference.tsv.gz"))?;
    flate2::read::MultiGzDecoder::new(&packed[..]).read_to_string(&mut reference)?;
    let mut by_file: BTreeMap<&str, BTreeMap<&str, (&str, &str)>> = BTreeMap::new();
    for row in table(&reference) {
        by_file.entry(row["file"]).or_default().insert(row["reader"], (row["status"], row["view"]));
    }
    let mut counts: BTreeMap<(&str, bool), [u32; 4]> = BTreeMap::new();
    for row in table(&manifest) {
        let (file, format) = (row["file"], row["format"]);
        let tar = matches!(format, "tar" | "tgz" | "tbz" | "txz" | "tar.gz" | "tar.bz2" | "tar.xz" | "tar.zst");
        let Some(expected) = by_file.get(file).filter(|_| tar && only.is_none_or(|only| file.contains(only))) else {
            continue;
        };
        let several = row["ref_views"].parse().is_ok_and(|views: u32| views > 1);
        for (id, store, view) in views(&folder.join(file), false)? {
            let Some((status, hash)) = expected.get(id) else { continue };
            if !matches!(*status, "ok" | "err") {
                continue;
            }
            let members = members(id, &store, &view);
            let ends = view.end;
            let same = view_hash(&members) == *hash;
            let accepts = (*status == "ok") == (ends == End::Whole);
            let count = counts.entry((id, several)).or_default();
            count[0] += 1;
            count[1] += u32::from(same);
            count[2] += u32::from(accepts);
            count[3] += u32::from(same && accepts);
            if !(same && accepts) {
                let rest: String = format!("{members:?}").chars().take(160).collect();
                println!("{}{file} {id}: {status} {hash}, here {ends:?} {rest}", if several { "*" } else { " " });
            }
        }
    }
    println!("\n{:12} rows  view  accept  both | of these, rows with several views", "");
    for reader in readers("tar") {
        let of = |several| counts.get(&(reader.id, several)).copied().unwrap_or_default();
        let (one, more) = (of(false), of(true));
        let all: Vec<u32> = one.iter().zip(more).map(|(one, more)| one + more).collect();
        println!("{:12} {all:4?} | {more:?} {:.1} %", reader.id, f64::from(100 * more[1]) / f64::from(more[0].max(1)));
    }
    let more = counts.iter().filter(|((_, several), _)| *several).fold([0; 4], |mut sum, (_, count)| {
        sum.iter_mut().zip(count).for_each(|(sum, count)| *sum += count);
        sum
    });
    println!(
        "rows with several views: {more:?}, {:.1} % seen right",
        f64::from(100 * more[1]) / f64::from(more[0].max(1))
    );
    if more[1] * 100 < more[0] * LEAST {
        return Err(format!("fewer than {LEAST} % of them are right").into());
    }
    Ok(())
}

fn alike(files: &[String]) -> Result<()> {
    let mut differ = 0;
    for file in files {
        let views = views(Path::new(file), true)?;
        let mut by_view: BTreeMap<(String, bool), Vec<String>> = BTreeMap::new();
        for (id, store, view) in &views {
            let whole = view.end == End::Whole;
            let why = if whole { String::new() } else { format!(" {:?}", view.end) };
            let members = members(id, store, view);
            by_view.entry((view_hash(&members), whole)).or_default().push(format!("{id}{why}"));
        }
        if by_view.len() > 1 {
            differ += 1;
            println!("{file}: {:?}", by_view.values().collect::<Vec<_>>());
        }
    }
    println!("{} archives, {differ} not seen alike", files.len());
    Ok(())
}

fn show(files: &[String]) -> Result<()> {
    for file in files {
        println!("{file}");
        for (id, store, view) in views(Path::new(file), true)? {
            println!("  {id}: {:?}", view.end);
            for (path, (kind, what)) in members(id, &store, &view) {
                println!("    {kind} {what} {path}");
            }
        }
    }
    Ok(())
}
