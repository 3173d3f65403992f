//! The whole way: two sides of any format read, paired, stabilized, judged and explained under any profile.
#![no_main]

use twinspect_fuzz::{cut, profile, two};

twinspect_fuzz::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let Some((left, right)) = cut(rest) else { return };
    let name = ["a.zip", "a.tar", "a.tgz", "a.deb", "a.jar", "a.whl", "a.gem", "a.crate"][usize::from(*first >> 4) % 8];
    two(name, left, right, profile(*first & 15));
});
