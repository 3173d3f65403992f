//! Headers that firmware tools put in front of a program: of U-Boot images, and of bFLT.

use crate::media::Media;

use super::{Pass, Profile, Stabilizer};

/// Build date of a bFLT program.
pub const BFLT_DATE: Stabilizer = Stabilizer {
    id: "bflt-date",
    title: "Build date of bFLT programs",
    rationale: "elf2flt notes when it ran, in four bytes of the header that the Linux loader does not look at. Only the \
        header of version 4 is touched, and only where its parts follow one another as they must. Everything that the \
        loader reads counts.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.profile == Profile::Standard,
    pass: Pass::Entry(|view, id| {
        if let Some(mut bytes) = view.leaf(id, Media::Bflt)
            && without_date(&mut bytes).is_some()
        {
            view.set_content(id, bytes);
        }
    }),
};

/// Time of a U-Boot image.
pub const UIMAGE_TIME: Stabilizer = Stabilizer {
    id: "uimage-time",
    title: "Time of U-Boot images",
    rationale: "mkimage notes when it ran; U-Boot prints it and does nothing else with it. The checksum of the header \
        follows the time, and both are ignored only where that checksum is right. Addresses, name, kind and the \
        checksum of the data count, and so does the data.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.profile == Profile::Standard,
    pass: Pass::Entry(|view, id| {
        if let Some(mut bytes) = view.leaf(id, Media::Uimage)
            && without_time(&mut bytes).is_some()
        {
            view.set_content(id, bytes);
        }
    }),
};

/// Zeroes the build date, if the header makes sense (Linux, `include/linux/flat.h`).
fn without_date(bytes: &mut [u8]) -> Option<()> {
    let number = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
    // Where the program begins, its data, the end of these, and the end of what is not stored.
    let places = [64, number(8)?, number(12)?, number(16)?, number(20)?];
    let unused = bytes.get(44..64)?.iter().all(|byte| *byte == 0);
    if number(4)? != 4 || !places.is_sorted() || !unused {
        return None;
    }
    *bytes.get_mut(40..)?.first_chunk_mut()? = [0; 4];
    Some(())
}

/// Zeroes the time, if the header's checksum is right, and makes it right again: what comes out is an image, too (U-Boot,
/// `include/image.h`).
fn without_time(bytes: &mut [u8]) -> Option<()> {
    let header: &mut [u8; 64] = bytes.first_chunk_mut()?;
    let stated = u32::from_be_bytes(*header.get(4..)?.first_chunk()?);
    // It was computed with itself as zero.
    *header.get_mut(4..)?.first_chunk_mut()? = [0; 4];
    if crc32fast::hash(header) != stated {
        return None;
    }
    *header.get_mut(8..)?.first_chunk_mut()? = [0; 4];
    let checksum = crc32fast::hash(header).to_be_bytes();
    *header.get_mut(4..)?.first_chunk_mut()? = checksum;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{container, file, stabilize};
    use super::*;

    #[track_caller]
    fn check(before: &[u8], after: &[u8]) {
        for artifact in [file("a", before), container("tar", "t", [file("a", before)])] {
            let side = stabilize(Profile::Standard, &artifact);
            assert_eq!(side.bytes("a").escape_ascii().to_string(), after.escape_ascii().to_string());
        }
        assert_eq!(stabilize(Profile::OssRebuild, &file("a", before)).bytes("a"), before);
    }

    fn bytes(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    fn bflt(version: u32, places: [u32; 4], date: u32) -> Vec<u8> {
        let magic = u32::from_be_bytes(*b"bFLT");
        let [text, data, unset, end] = places;
        let words = [magic, version, text, data, unset, end, 4096, 200, 1, 1, date, 0, 0, 0, 0, 0];
        [bytes(&words), b"program".to_vec()].concat()
    }

    #[test]
    fn the_build_date_of_a_bflt_program_becomes_nothing() {
        let places = [64, 68, 71, 99];
        check(&bflt(4, places, 7), &bflt(4, places, 0));
        for before in [
            bflt(2, places, 7),
            bflt(4, [63, 68, 71, 99], 7),
            bflt(4, [64, 72, 71, 99], 7),
            bflt(4, places, 7)[..63].to_vec(),
            [&bflt(4, places, 7)[..60], &[1; 9]].concat(),
            [b"bFLT is a format".to_vec(), vec![b' '; 99]].concat(),
        ] {
            check(&before, &before);
        }
    }

    fn uimage(checksum: Option<u32>, time: u32) -> Vec<u8> {
        let mut words = [0x2705_1956, 0, time, 7, 0x8000, 0x8000, 0xabcd, 0x0502_0200, 0, 0, 0, 0, 0, 0, 0, 0];
        words[1] = checksum.unwrap_or_else(|| crc32fast::hash(&bytes(&words)));
        [bytes(&words), b"program".to_vec()].concat()
    }

    #[test]
    fn the_time_of_an_image_goes_with_a_right_checksum_only() {
        check(&uimage(None, 7), &uimage(None, 0));
        for before in [uimage(Some(7), 7), uimage(Some(0), 0), uimage(None, 7)[..60].to_vec()] {
            check(&before, &before);
        }
        let mut renamed = uimage(None, 7);
        renamed[40] = b'x';
        check(&renamed, &renamed);
    }
}
