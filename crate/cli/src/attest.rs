//! `twinspect attest`: tells documents, keys and artifacts apart, and hands them to the core.

use std::cell::RefCell;
use std::path::PathBuf;

use twinspect::artifact::{Artifact, Sides};
use twinspect::attest::{self, Document, Kind, Outcome, Subject, Variant};
use twinspect::error::Error;
use twinspect::export;
use twinspect::read::read_to_stabilize;
use twinspect::reading::Reading;
use twinspect::report::attestation::{ATTESTATION_SCHEMA, AttestationReport};
use twinspect::upstream;

use crate::arguments::{Arguments, Format};
use crate::{file, output};

/// The text to print, and the exit status.
///
/// # Errors
/// A file that cannot be read, no attestation among them, or more than two artifacts.
pub fn run(arguments: &Arguments, files: &[PathBuf], color: bool) -> Result<(String, u8), Error> {
    let (mut documents, mut keys, mut artifacts): (Vec<_>, Vec<_>, Vec<Artifact>) = Default::default();
    for path in files {
        let opened = file::open(path)?;
        match attest::load(&opened)? {
            Some((Kind::Key, bytes)) => keys.push((opened.name, bytes)),
            Some((_, bytes)) => documents.push((opened.name, bytes)),
            None => artifacts.push(opened),
        }
    }
    for path in &arguments.keys {
        keys.push((file::open(path)?.name, file::read(path)?));
    }
    let names = |artifacts: &[Artifact]| {
        let shown = artifacts.iter().map(|artifact| twinspect::display::bytes(artifact.name.as_bytes()));
        shown.collect::<Vec<_>>().join(", ")
    };
    if documents.is_empty() {
        let names = names(&artifacts);
        return Err(Error::new(format!(
            "There is no attestation and no list of checksums among the files. Taken for artifacts: {names}."
        )));
    }
    if artifacts.len() > 2 {
        return Err(Error::new(format!("Two artifacts at most, not {}: {}.", artifacts.len(), names(&artifacts))));
    }
    let said = {
        let readings: Vec<RefCell<Option<Reading>>> = artifacts.iter().map(|_| RefCell::new(None)).collect();
        let limits = &arguments.options.limits;
        let digests: Vec<_> = (artifacts.iter().zip(&readings))
            .map(|(artifact, reading)| {
                // Read when the first digest is asked for: many documents are about the bytes as they are.
                move |variant: &Variant| {
                    let mut reading = reading.borrow_mut();
                    let reading = match &mut *reading {
                        Some(reading) => reading,
                        none => none.insert(
                            read_to_stabilize(artifact, limits, &mut |_| {}).map_err(|error| error.to_string())?,
                        ),
                    };
                    upstream::recompute(artifact.source.clone(), reading, limits, variant)
                }
            })
            .collect();
        let subject = |at: usize| {
            let (artifact, stabilized) = artifacts.get(at).zip(digests.get(at))?;
            Some(Subject { artifact, stabilized })
        };
        let subjects = Sides { left: subject(0), right: subject(1) };
        attest::examine(&given(&documents), &given(&keys), &subjects)
    };
    let code = match attest::outcome(&said) {
        Outcome::Holds => 0,
        Outcome::Fails => 1,
        Outcome::Incomplete => 3,
    };
    let text = match arguments.format {
        Format::Text => output::attestations(&said, color),
        Format::Export(export::Format::Json) => {
            export::json(&AttestationReport { schema: ATTESTATION_SCHEMA.to_owned(), attestations: said })?
        }
        Format::Export(_) => return Err(Error::new("attest prints text or json.")),
    };
    Ok((text, code))
}

fn given(files: &[(String, Vec<u8>)]) -> Vec<Document<'_>> {
    files.iter().map(|(name, bytes)| Document { name, bytes }).collect()
}
