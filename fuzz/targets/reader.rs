//! Models of other readers, over zips and tars: seen twice, an archive is the same, and what is seen can be opened.
#![no_main]

use std::sync::Arc;

use twinspect::reader::{Archive, all};
use twinspect::store::Store;
use twinspect_tests::invariants::small_limits;

twinspect_fuzz::fuzz_target!(|data: &[u8]| {
    let mut bytes = data.to_vec();
    if data.len() % 2 == 0 {
        twinspect_fuzz::right_tar(&mut bytes);
    }
    let limits = small_limits();
    let store = Store::new(Arc::new(bytes), &limits, 32 << 20);
    for (_, reader) in all() {
        let see = || {
            let mut archive = Archive::new(&store, 0).expect("bytes in memory").spending(8 << 20);
            let view = (reader.see)(&mut archive);
            (view, archive.stopped().is_some())
        };
        let (view, stopped) = see();
        assert!((&view, stopped) == (&see().0, stopped), "{} sees the same again", reader.id);
        for content in view.members.iter().filter_map(|member| member.content.as_ref()).take(16) {
            let _ = store.read(content, 1 << 16);
        }
    }
});
