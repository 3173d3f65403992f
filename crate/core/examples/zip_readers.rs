//! Holds the models of zip readers against what the readers themselves made of a folder of archives.
//!
//! `cargo run --example zip_readers -- FOLDER [READER] [FILE]`: the folder has a `reference.tsv.gz` with the columns `file`,
//! `reader`, `status` (`ok` or not) and `view`: the first twelve digits of the SHA-256 of the JSON list of `[path, ["f",
//! first twelve digits of the SHA-256 of the content]]`, sorted. A reader that is a library and fails has an empty view.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it prints figures")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use twinspect::artifact::Source;
use twinspect::entry::Kind;
use twinspect::limits::Limits;
use twinspect::reader::{Archive, End, View, readers};
use twinspect::store::{CACHE, Store};

/// One line of the reference.
struct Row {
    file: String,
    reader: String,
    ok: bool,
    view: String,
    message: String,
}

/// Those that extract to a disk: what they wrote before an error counts.
const ON_DISK: &[&str] = &["unzip", "bsdtar-zip", "bsdtar-zip-stream", "7zz", "busybox-unzip"];

/// Percent of the pairs of a reader and a file with several views that must be right.
const LEAST: u32 = 90;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(arguments.first().ok_or("which folder?")?);
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(folder.join("reference.tsv.gz"))?)
        .read_to_string(&mut text)?;
    let rows: Vec<Row> = text.lines().skip(1).filter_map(row).collect();
    let mut by_file: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        by_file.entry(&row.file).or_default().push(row);
    }
    let (mut figures, mut several, mut whole) = (BTreeMap::<&str, [u32; 4]>::new(), [0, 0], [0, 0]);
    for (file, rows) in by_file {
        if arguments.get(2).is_some_and(|wanted| !file.contains(wanted.as_str())) {
            continue;
        }
        let format = "zip";
        if !rows.iter().any(|row| row.reader == "yauzl") {
            continue;
        }
        let views: std::collections::BTreeSet<&str> =
            rows.iter().filter(|row| row.ok).map(|row| row.view.as_str()).collect();
        let bytes: Arc<dyn Source> = Arc::new(std::fs::read(folder.join(file))?);
        let limits = Limits::default();
        let store = Store::new(Arc::clone(&bytes), &limits, CACHE);
        let Ok(archive) = Archive::new(&store, 0) else { continue };
        let mut archive = archive.spending(512 << 20);
        let mut all = true;
        for reader in readers(format) {
            let Some(row) = rows.iter().find(|row| row.reader == reader.id && row.view != "-") else { continue };
            let on_disk = ON_DISK.contains(&reader.id);
            let view = (reader.see)(&mut archive);
            let ok = view.end == End::Whole;
            // Libraries are asked for one member after another; some loops kept what came before an error, some nothing.
            let keeps = on_disk || matches!(reader.id, "go-zip" | "rust-zip" | "java-zipstream" | "rust-zip-stream");
            let view = if ok || keeps { view } else { View { members: Vec::new(), ..view } };
            let (hash, list) = hash(&archive, &view, on_disk, reader.id.starts_with("go"));
            // Owners cannot be set in a sandbox: that is no word on the archive.
            let right = hash == row.view && (ok == row.ok || row.message.contains("Can't set user"));
            let figure = figures.entry(reader.id).or_default();
            figure[0] += u32::from(right);
            figure[1] += 1;
            if views.len() > 1 {
                figure[2] += u32::from(right);
                figure[3] += 1;
                several[0] += u32::from(right);
                several[1] += 1;
            }
            all = all && right;
            if !right && arguments.get(1).is_some_and(|wanted| wanted == reader.id || wanted == "all") {
                let mark = if views.len() > 1 { "*" } else { " " };
                println!(
                    "{mark}{file} {} ours {:?} {hash} {list:.200} there {} {} {}",
                    reader.id, view.end, row.ok, row.view, row.message
                );
            }
        }
        if views.len() > 1 {
            whole[0] += u32::from(all);
            whole[1] += 1;
        }
    }
    for (reader, [right, of, right_several, of_several]) in figures {
        println!("{reader:20} {right:4} of {of:4}   several views: {right_several:4} of {of_several:4}");
    }
    println!(
        "rows with several views: {} of {} pairs, {} of {} rows whole",
        several[0], several[1], whole[0], whole[1]
    );
    if several[0] * 100 < several[1] * LEAST {
        return Err(format!("fewer than {LEAST} % of them are right").into());
    }
    Ok(())
}

fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [file, reader, status, _, view, message] = cells.get(..6)? else { return None };
    Some(Row {
        file: (*file).into(),
        reader: (*reader).into(),
        ok: *status == "ok",
        view: (*view).into(),
        message: (*message).into(),
    })
}

fn hash(archive: &Archive<'_>, view: &View, on_disk: bool, replaced: bool) -> (String, String) {
    let mut list: BTreeMap<String, String> = BTreeMap::new();
    for member in &view.members {
        let path = path(&member.path, on_disk, replaced);
        if path.is_empty() {
            continue;
        }
        let print = |digest: &[u8]| digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>();
        let digest = match (&member.kind, &member.content, &member.target) {
            (Kind::Directory, _, _) => continue,
            (_, Some(content), _) => print(&archive.decode(content, u64::MAX).sha256),
            (_, None, Some(target)) => print(&Sha256::digest(target)),
            (_, None, None) => continue,
        };
        list.insert(path, digest);
    }
    let mut entries: Vec<(Vec<char>, String)> = list
        .iter()
        .map(|(path, digest)| (path.chars().collect(), format!("[{}, [\"f\", \"{digest}\"]]", json(path))))
        .collect();
    entries.sort();
    let text = format!("[{}]", entries.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(", "));
    let digest = Sha256::digest(text.as_bytes());
    (digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect(), text)
}

/// The path as the reference writes it: no slashes in front or in a row; on a disk no dots, either. Bytes that are not
/// UTF-8 are escaped, or replaced.
fn path(path: &[u8], on_disk: bool, replaced: bool) -> String {
    let mut text = String::new();
    for chunk in path.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid().iter().filter(|_| !replaced) {
            text.push_str(&format!("\\x{byte:02x}"));
        }
        // A run of them is one.
        if replaced && !chunk.invalid().is_empty() && !(chunk.valid().is_empty() && text.ends_with('\u{fffd}')) {
            text.push('\u{fffd}');
        }
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && (!on_disk || *part != ".")).collect();
    let text = parts.join("/");
    let mut rest = text.as_str();
    while let Some(more) = rest.strip_prefix("./") {
        rest = more;
    }
    rest.to_owned()
}

fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'"') => out.push_str("\\\""),
            Ok(b'\\') => out.push_str("\\\\"),
            Ok(b'\n') => out.push_str("\\n"),
            Ok(b'\r') => out.push_str("\\r"),
            Ok(b'\t') => out.push_str("\\t"),
            Ok(8) => out.push_str("\\b"),
            Ok(12) => out.push_str("\\f"),
            Ok(byte @ 32..=126) => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\u{unit:04x}")),
        }
    }
    out.push('"');
    out
}
