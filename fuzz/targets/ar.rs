//! ar archives and Debian packages.
#![no_main]

twinspect_fuzz::fuzz_target!(|data: &[u8]| twinspect_fuzz::one("a.deb", data));
