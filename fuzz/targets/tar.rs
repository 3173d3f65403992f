//! Tar archives: pax, GNU and sparse members. Odd inputs keep their checksums, in even ones they are made right.
#![no_main]

twinspect_fuzz::fuzz_target!(|data: &[u8]| {
    if data.len() % 2 == 1 {
        return twinspect_fuzz::one("a.tar", data);
    }
    let mut bytes = data.to_vec();
    twinspect_fuzz::right_tar(&mut bytes);
    twinspect_fuzz::one("a.tar", &bytes);
});
