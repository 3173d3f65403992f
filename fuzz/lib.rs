//! Shared by the fuzz targets: how bytes of a fuzzer become artifacts, and what is asked of them.

use twinspect::stabilize::Profile;
use twinspect_tests::invariants;

pub use libfuzzer_sys::fuzz_target;

/// The longest input that is of use: what needs more bytes is asked by the tests of limits.
const MOST: usize = 256 << 10;

/// One artifact, read under small limits.
pub fn one(name: &str, bytes: &[u8]) {
    if bytes.len() <= MOST {
        invariants::reading(name, bytes, &invariants::small_limits());
    }
}

/// Two artifacts, compared.
pub fn two(name: &str, left: &[u8], right: &[u8], profile: Profile) {
    if left.len().max(right.len()) <= MOST {
        invariants::pair((name, left), (name, right), profile, &invariants::small_limits());
    }
}

/// Cuts an input in two where its first two bytes say.
pub fn cut(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let ([low, high], rest) = data.split_first_chunk()?;
    let at = usize::from(u16::from_le_bytes([*low, *high]));
    rest.split_at_checked(at.min(rest.len()))
}

/// A profile for a byte.
pub fn profile(byte: u8) -> Profile {
    match byte % 3 {
        0 => Profile::None,
        1 => Profile::OssRebuild,
        _ => Profile::Standard,
    }
}

/// Makes the checksum of every block right that could be a header: else a fuzzer spends its life at that door.
pub fn right_tar(bytes: &mut [u8]) {
    for block in bytes.chunks_exact_mut(512) {
        // Typed like a header, or with its magic: contents stay as they are.
        if block[257..262] == *b"ustar" || (block[148..156].iter().any(|byte| *byte != 0) && block[0] != 0) {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
}
