//! Zip archives: both views, every extra field, recovery.
#![no_main]

twinspect_fuzz::fuzz_target!(|data: &[u8]| twinspect_fuzz::one("a.zip", data));
