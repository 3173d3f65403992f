//! cpio archives in every dialect.
#![no_main]

twinspect_fuzz::fuzz_target!(|data: &[u8]| twinspect_fuzz::one("a.cpio", data));
