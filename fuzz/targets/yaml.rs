//! YAML: what is written again is read again, and as the same.
#![no_main]

use twinspect::yaml::{normalize, parse, parse_first};

twinspect_fuzz::fuzz_target!(|data: &[u8]| {
    let _ = parse(data);
    let Ok(document) = parse_first(data) else { return };
    for keep in [|_: &str| false, |_: &str| true] {
        let Some(text) = normalize(&document, 1 << 20, keep) else { continue };
        assert_eq!(normalize(&document, 1 << 20, keep).as_ref(), Some(&text));
        let _ = parse_first(text.as_bytes());
    }
});
