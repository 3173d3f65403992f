//! What the engine makes of files, as digests: `readings LIST` for each path of a list, one a line, and for each with the
//! next one. The same digests come out of the wasm build (see `cargo xtask corpus --wasm`).
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a program that cannot go on ends")]

use sha2::{Digest as _, Sha256};
use twinspect::artifact::{Artifact, Sides};
use twinspect::comparison::{Comparison, Options};
use twinspect::display;
use twinspect::export::{Format, Redaction, export};
use twinspect::read::read;
use twinspect::reading::Reading;

fn main() {
    let list = std::env::args().nth(1).expect("a list of paths");
    let list = std::fs::read_to_string(list).expect("the list can be read");
    let mut before: Option<(Artifact, Reading)> = None;
    for path in list.lines() {
        let bytes = std::fs::read(path).expect("a file of the list can be read");
        let options = Options::default();
        let artifact = Artifact::new(path.rsplit('/').next().unwrap_or(path), bytes);
        let reading = read(&artifact, &options.limits, &mut |_| {}).expect("bytes in memory can be read");
        println!("{path}\t{}", digest(&reading.to_manifest().expect("a manifest")));
        if let Some((left, a)) = before {
            let artifacts = Sides { left, right: artifact.clone() };
            let readings = Sides { left: a, right: reading.clone() };
            let mut comparison = Comparison::judged(artifacts, readings, options).expect("two readings");
            let report = export(&mut comparison, Format::Json, Redaction::None).expect("a comparison has a report");
            println!("{path}\t{} compared", digest(&report));
        }
        before = Some((artifact, reading));
    }
}

fn digest(bytes: &[u8]) -> String {
    display::hex(&Sha256::digest(bytes))
}
