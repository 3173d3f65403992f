//! Bytes as text: nothing hidden stays, and two different names never look the same.
#![no_main]

use twinspect::display;

twinspect_fuzz::fuzz_target!(|data: &[u8]| {
    let shown = display::bytes(data);
    assert!(!shown.chars().any(display::is_hidden), "{shown:?}");
    let (text, escaped) = display::text(data);
    assert!(!text.chars().any(|c| display::is_hidden(c) && c != '\n' && c != '\t'), "{text:?}");
    assert!(escaped || text.as_bytes() == data);
    let (left, right) = data.split_at(data.len() / 2);
    assert_eq!(left == right, display::bytes(left) == display::bytes(right));
});
