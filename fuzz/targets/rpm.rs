//! RPM packages.
#![no_main]

twinspect_fuzz::fuzz_target!(|data: &[u8]| twinspect_fuzz::one("a.rpm", data));
