//! The stabilized archive: written twice it is the same, and what was read only to write it gives the same again.
#![no_main]

use twinspect::artifact::Artifact;
use twinspect::read;
use twinspect::rewrite;
use twinspect::stabilize::{Choice, Profile, run_to_rewrite};
use twinspect::store::{CACHE, Store};
use twinspect_tests::invariants::small_limits;

twinspect_fuzz::fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let name = ["a.zip", "a.tar", "a.tgz", "a.jar", "a.whl", "a.gem", "a.crate"][usize::from(*first) % 7];
    let limits = small_limits();
    let artifact = Artifact::new(name, bytes.to_vec());
    let written = |whole: bool| {
        let mut out = Vec::new();
        let read = if whole { read::read } else { read::read_to_stabilize };
        let reading = read(&artifact, &limits, &mut |_| {}).expect("bytes in memory can be read");
        let store = Store::with_bases(artifact.source.clone(), &reading.bases, &limits, CACHE);
        let stabilized = run_to_rewrite(&reading, &store, &Choice::of(Profile::OssRebuild));
        rewrite::write(&reading, &store, &stabilized, &mut out).ok().map(|written| (written.is_upstream(), out))
    };
    let once = written(false);
    assert!(once == written(false), "writing twice gives the same");
    // A whole reading may stop at a limit that the shorter one does not reach.
    if let (Some(short), Some(whole)) = (once, written(true)) {
        assert!(short == whole, "what was read for it does not change the stabilized archive");
    }
});
