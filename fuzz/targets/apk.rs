//! Alpine packages of both kinds.
#![no_main]

twinspect_fuzz::fuzz_target!(|data: &[u8]| twinspect_fuzz::one("a.apk", data));
