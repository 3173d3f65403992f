//! One side by itself, beside the judging: its archive as OSS Rebuild's passes leave it.

use std::io::{self, Write};

use js_sys::{Function, Uint8Array};
use serde_json::json;
use twinspect::artifact::Artifact;
use twinspect::comparison::Options;
use twinspect::error::Fault;
use twinspect::reading::Reading;
use twinspect::rewrite;
use twinspect::stabilize;
use twinspect::store::{CACHE, Store};
use twinspect::summarize;
use twinspect::upstream;
use twinspect_reading::blob::BlobSource;
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use crate::options::options_from;
use crate::watch;

/// Bytes handed to JavaScript at once.
const CHUNK: usize = 1 << 20;

/// One artifact, read.
#[wasm_bindgen]
pub struct Package {
    pub(crate) artifact: Artifact,
    pub(crate) reading: Reading,
}

#[wasm_bindgen]
impl Package {
    /// A side from what [`crate::read_artifact`] gave.
    ///
    /// # Errors
    /// A sentence.
    #[wasm_bindgen(constructor)]
    pub fn new(manifest: &[u8], name: &str, blob: Blob) -> Result<Package, JsError> {
        let artifact = Artifact::new(name, BlobSource::new(blob));
        let reading = Reading::from_manifest(manifest)?;
        if artifact.source.len() != reading.size {
            return Err(JsError::new(&format!("{} changed while it was compared.", reading.name)));
        }
        Ok(Self { artifact, reading })
    }

    /// The entry whose content begins at an offset of a base, as JSON: its number and its path; `null` if there is none.
    ///
    /// # Errors
    /// None in practice.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an offset that `watch` told")]
    pub fn entry_at(&self, base: u32, offset: f64) -> Result<String, JsError> {
        let node = self.reading.holder(base, offset as u64);
        let paths = summarize::node_paths(&self.reading);
        let entry = node.map(|node| json!({"node": node, "path": paths.get(node as usize)}));
        Ok(serde_json::to_string(&entry)?)
    }

    /// The digest of the stabilized archive as JSON: a `StabilizedArchive` of the report.
    ///
    /// # Errors
    /// Options that cannot be used.
    pub fn stabilized(&self, options: &str) -> Result<String, JsError> {
        let options = options_from(options)?;
        options.choice.check()?;
        let store = self.store(&options);
        Ok(serde_json::to_string(&upstream::archive(&self.reading, &store, &options.choice))?)
    }

    /// The stabilized archive itself, part by part.
    ///
    /// # Errors
    /// Options that cannot be used; why there is no archive.
    pub fn stabilized_archive(&self, options: &str, on_chunk: &Function) -> Result<(), JsError> {
        let options = options_from(options)?;
        options.choice.check()?;
        let store = self.store(&options);
        let stabilized = stabilize::run_to_rewrite(&self.reading, &store, &upstream::choice(&options.choice));
        let mut out = io::BufWriter::with_capacity(CHUNK, Chunks(on_chunk));
        rewrite::write(&self.reading, &store, &stabilized, &mut out)
            .and_then(|_| Ok(out.flush()?))
            .map_err(|fault| JsError::new(&sentence(&fault)))
    }
}

impl Package {
    fn store(&self, options: &Options) -> Store {
        let store = Store::with_bases(self.artifact.source.clone(), &self.reading.bases, &options.limits, CACHE);
        store.watch(watch::SIDES.left);
        store
    }
}

fn sentence(fault: &Fault) -> String {
    format!("There is no stabilized archive: {fault}.")
}

/// Hands bytes to a function.
struct Chunks<'a>(&'a Function);

impl Write for Chunks<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = Uint8Array::from(bytes);
        match self.0.call1(&JsValue::NULL, &part) {
            Ok(_) => Ok(bytes.len()),
            Err(_) => Err(io::Error::other("the archive was not taken")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
