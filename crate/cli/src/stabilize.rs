//! `twinspect stabilize`: the archive as OSS Rebuild's stabilizers leave it, and its digest.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use twinspect::display;
use twinspect::error::{Error, Fault};
use twinspect::export::visible;
use twinspect::limits::Limits;
use twinspect::read::read_to_stabilize;
use twinspect::rewrite::{Hashed, Written, write};
use twinspect::stabilize::{self, Choice, Profile, STABILIZERS, Stabilized};
use twinspect::store::{CACHE, Store};

use crate::{file, progress};

/// Something could not be read.
const UNREAD: u8 = 3;

/// What to stabilize, and how.
pub struct Request<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its name in its registry, where that is another.
    pub name: Option<&'a str>,
    /// Ecosystem, passes and rules; the profile is always OSS Rebuild's.
    pub choice: &'a Choice,
    /// How much work is allowed.
    pub limits: &'a Limits,
    /// Where the archive goes: `-` is standard output, `None` nowhere.
    pub output: Option<&'a Path>,
}

/// Prints the digest, and keeps the archive if that is wanted. Gives the exit status.
///
/// # Errors
/// A file that cannot be opened or written, or that OSS Rebuild has no passes for; a pass that it does not run here.
pub fn run(request: &Request<'_>) -> Result<u8, Error> {
    let choice = Choice { profile: Profile::OssRebuild, ..request.choice.clone() };
    choice.check()?;
    let mut artifact = file::open(request.path)?;
    if let Some(name) = request.name {
        name.clone_into(&mut artifact.name);
    }
    let reading = progress::watch(&artifact.name, |report| read_to_stabilize(&artifact, request.limits, report))?;
    let store = Store::with_bases(artifact.source.clone(), &reading.bases, request.limits, CACHE);
    let stabilized = stabilize::run_to_rewrite(&reading, &store, &choice);
    check(&choice, &stabilized)?;
    let result = match request.output {
        None => hashed(io::sink(), |out| write(&reading, &store, &stabilized, out)),
        Some(path) if path == Path::new("-") => {
            hashed(BufWriter::new(io::stdout().lock()), |out| write(&reading, &store, &stabilized, out))
        }
        Some(path) => {
            let file = File::create(path)
                .map_err(|error| Error::new(format!("{} cannot be written: {error}.", file::shown(path))))?;
            let result = hashed(BufWriter::new(file), |out| write(&reading, &store, &stabilized, out));
            if result.is_err() {
                // Half an archive is none.
                let _ = std::fs::remove_file(path);
            }
            result
        }
    };
    match result {
        Ok((digest, written)) => print(request, digest, &written).map(|()| 0),
        Err(fault) => {
            let sentence = format!("{} cannot be stabilized: {fault}.", display::bytes(artifact.name.as_bytes()));
            eprintln!("twinspect: {}", visible(&sentence));
            Ok(UNREAD)
        }
    }
}

/// Refuses passes that upstream would refuse for this file.
fn check(choice: &Choice, stabilized: &Stabilized) -> Result<(), Error> {
    let Some(set) = stabilized.named else {
        return Err(Error::new(
            "OSS Rebuild does not stabilize files of this kind and name: --ecosystem says what it is, --as how it is \
             called there.",
        ));
    };
    let eligible = stabilize::eligible(set);
    let upstream = |id: &String| stabilize::by_id(id).is_some_and(|pass| pass.upstream);
    // `--disable-passes all` is about every file.
    let all =
        STABILIZERS.iter().filter(|pass| pass.upstream).all(|pass| choice.disabled.iter().any(|id| id == pass.id));
    let disabled = choice.disabled.iter().filter(|id| !all && upstream(id));
    match choice.enabled.iter().flatten().chain(disabled).find(|id| !eligible.contains(&id.as_str())) {
        Some(id) => Err(Error::new(format!(
            "OSS Rebuild does not run the pass {id} over this file: {}.",
            if eligible.is_empty() { "it runs none".to_owned() } else { eligible.join(", ") }
        ))),
        None => Ok(()),
    }
}

/// Writes through a hash.
fn hashed(
    out: impl Write,
    write: impl FnOnce(&mut dyn Write) -> Result<Written, Fault>,
) -> Result<([u8; 32], Written), Fault> {
    let mut hashed = Hashed::new(out);
    let written = write(&mut hashed)?;
    hashed.flush()?;
    Ok((hashed.finish(), written))
}

/// The digest as `sha256sum` prints it, and on standard error why it is not OSS Rebuild's.
fn print(request: &Request<'_>, digest: [u8; 32], written: &Written) -> Result<(), Error> {
    for reason in written.refusal.iter().chain(&written.doubts) {
        eprintln!("twinspect: {}", visible(reason));
    }
    if !written.is_upstream() {
        eprintln!("twinspect: this digest is our own, not one that OSS Rebuild would attest.");
    }
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    // A backslash stays one, as other programs print such a line; what a terminal would obey does not.
    let name =
        display::text(request.path.as_os_str().as_encoded_bytes()).0.replace('\n', "\\u{a}").replace('\t', "\\u{9}");
    let line = format!("{digest}  {name}\n");
    let taken = request.output == Some(Path::new("-"));
    let result = if taken { io::stderr().write_all(line.as_bytes()) } else { io::stdout().write_all(line.as_bytes()) };
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(format!("The result cannot be written: {error}.")))
        }
        _ => Ok(()),
    }
}
