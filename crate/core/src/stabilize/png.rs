//! Pictures: PNG (W3C, Portable Network Graphics, third edition).

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use crate::media::Media;

use super::{Pass, Profile, Stabilizer, date};

/// Times.
pub const TIMES: Stabilizer = Stabilizer {
    id: "png-times",
    title: "Times in PNG files",
    rationale: "They say when a picture was made or changed; what draws it skips them. Ignored are the chunk of \
        seven bytes made for that, and texts whose keyword says that they are a time and which are nothing but a date, \
        once each and in a file whose chunks are all in order. Everything else counts: other texts, the order of \
        the other chunks, bytes after the end.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.profile == Profile::Standard,
    pass: Pass::Entry(|view, id| {
        if let Some(bytes) = view.leaf(id, Media::Png)
            && let Some(without) = without_times(&bytes)
        {
            view.set_content(id, without);
        }
    }),
};

/// The file without its times; `None` if it is not well-formed, or has one of them twice.
fn without_times(bytes: &[u8]) -> Option<Vec<u8>> {
    const SIGNATURE: usize = 8;
    let (signature, mut rest) = bytes.split_at_checked(SIGNATURE)?;
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend_from_slice(signature);
    let mut dropped: Vec<Vec<u8>> = Vec::new();
    let mut first = true;
    loop {
        let chunk;
        (chunk, rest) = Chunk::next(rest)?;
        if first != (chunk.kind == b"IHDR") {
            return None;
        }
        first = false;
        match chunk.time() {
            Some(keyword) if dropped.contains(&keyword) => return None,
            Some(keyword) => dropped.push(keyword),
            None => kept.extend_from_slice(chunk.all),
        }
        if chunk.kind == b"IEND" {
            kept.extend_from_slice(rest);
            return chunk.data.is_empty().then_some(kept);
        }
    }
}

struct Chunk<'a> {
    all: &'a [u8],
    kind: &'a [u8],
    data: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// The next chunk, if its checksum is right, and what follows it.
    fn next(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let length = usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()?;
        // The length, the kind and the checksum have four bytes each.
        let (all, rest) = bytes.split_at_checked(length.checked_add(12)?)?;
        let (checked, checksum) = all.split_last_chunk::<4>()?;
        let checked = checked.get(4..)?;
        let (kind, data) = checked.split_at_checked(4)?;
        let right = kind.iter().all(u8::is_ascii_alphabetic) && crc32fast::hash(checked).to_be_bytes() == *checksum;
        right.then_some((Self { all, kind, data }, rest))
    }

    /// What it is the time of, if that is all it says.
    fn time(&self) -> Option<Vec<u8>> {
        // A keyword, a date, and what the stream of a compressed one needs.
        if self.data.len() > 160 {
            return None;
        }
        if self.kind == b"tIME" {
            let &[_, _, month, day, hour, minute, second] = self.data else { return None };
            let plausible = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60;
            return (plausible && second <= 60).then(|| self.kind.to_vec());
        }
        let end = self.data.iter().position(|byte| *byte == 0)?;
        let (keyword, value) = (self.data.get(..end)?, self.data.get(end + 1..)?);
        // The first three are of ImageMagick.
        if !matches!(keyword, b"date:create" | b"date:modify" | b"date:timestamp" | b"Creation Time") {
            return None;
        }
        let text = match (self.kind, value) {
            (b"tEXt", text) | (b"iTXt", [0, 0, 0, 0, text @ ..]) => text.to_vec(),
            // Compressed; without a language, and the keyword not translated.
            (b"zTXt", [0, stream @ ..]) | (b"iTXt", [1, 0, 0, 0, stream @ ..]) => inflate(stream)?,
            _ => return None,
        };
        date::is_written_by_a_tool(&text).then(|| keyword.to_vec())
    }
}

/// A short text, if there is nothing behind its stream.
fn inflate(stream: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = ZlibDecoder::new(stream);
    let mut text = Vec::new();
    decoder.by_ref().take(64).read_to_end(&mut text).ok()?;
    // Reading on makes the decoder check the end.
    let ended = matches!(decoder.read(&mut [0]), Ok(0));
    (ended && decoder.total_in() == stream.len() as u64).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::testing::{container, file, stabilize};
    use super::*;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let checked = [kind, data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], &checked, &crc32fast::hash(&checked).to_be_bytes()].concat()
    }

    fn text(keyword: &str, value: &str) -> Vec<u8> {
        chunk(b"tEXt", format!("{keyword}\0{value}").as_bytes())
    }

    fn deflated(value: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(value).unwrap();
        encoder.finish().unwrap()
    }

    /// A picture with these chunks between the first and the last.
    fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &[1; 13]), chunks.concat(), chunk(b"IEND", b"")].concat()
    }

    #[track_caller]
    fn check(before: &[u8], after: &[u8]) {
        for artifact in [file("a", before), container("zip", "z", [file("a", before)])] {
            let side = stabilize(Profile::Standard, &artifact);
            assert_eq!(side.bytes("a").escape_ascii().to_string(), after.escape_ascii().to_string());
        }
        assert_eq!(stabilize(Profile::OssRebuild, &file("a", before)).bytes("a"), before);
    }

    const TIME: [u8; 7] = [7, 209, 2, 3, 4, 5, 60];
    const DATE: &str = "2001-02-03T04:05:06+00:00";

    #[test]
    fn times_are_left_out() {
        let pixels = chunk(b"IDAT", b"pixels");
        let title = text("Title", DATE);
        let before = png(&[
            text("date:create", DATE),
            chunk(b"tIME", &TIME),
            pixels.clone(),
            text("Creation Time", "Sat, 03 Feb 2001 04:05:06 GMT"),
            title.clone(),
        ]);
        check(&before, &png(&[pixels.clone(), title]));
        let compressed = [&b"date:modify\0\0"[..], &deflated(DATE.as_bytes())].concat();
        let international = [&b"date:timestamp\0\x01\0\0\0"[..], &deflated(DATE.as_bytes())].concat();
        let plain = format!("date:create\0\0\0\0\0{DATE}");
        let before = png(&[
            chunk(b"zTXt", &compressed),
            pixels.clone(),
            chunk(b"iTXt", &international),
            chunk(b"iTXt", plain.as_bytes()),
        ]);
        check(&before, &png(&[pixels]));
    }

    #[test]
    fn bytes_after_the_end_stay() {
        let hidden = |chunks: &[Vec<u8>]| [png(chunks), b"hidden".to_vec(), chunk(b"tIME", &TIME)].concat();
        check(&hidden(&[chunk(b"tIME", &TIME)]), &hidden(&[]));
    }

    #[test]
    fn what_is_no_time_stays() {
        let stream = |behind: &[u8]| [&b"date:modify\0\0"[..], &deflated(DATE.as_bytes()), behind].concat();
        let mut spoiled = stream(b"");
        *spoiled.last_mut().unwrap() ^= 1;
        for chunk in [
            chunk(b"tIME", &TIME[..6]),
            chunk(b"tIME", &[7, 209, 13, 3, 4, 5, 6]),
            chunk(b"tIME", &[7, 209, 2, 3, 4, 5, 61]),
            text("Creation Time", "whenever"),
            text("Creation Time", ""),
            text("date:other", DATE),
            text("Date:create", DATE),
            text("Comment", DATE),
            text("date:create", &format!("{DATE}\0hidden")),
            chunk(b"iTXt", format!("date:create\0\0\0en\0\0{DATE}").as_bytes()),
            chunk(b"zTXt", &stream(b"hidden")),
            chunk(b"zTXt", &spoiled),
            chunk(b"zTXt", &stream(b"")[..20]),
            chunk(b"zTXt", &[&b"date:modify\0\x01"[..], &deflated(DATE.as_bytes())].concat()),
            chunk(b"zTXt", &[&b"date:modify\0\0"[..], &deflated(&[b'1'; 99_999])].concat()),
            chunk(b"prIV", DATE.as_bytes()),
        ] {
            let bytes = png(&[chunk]);
            check(&bytes, &bytes);
        }
    }

    #[test]
    fn a_damaged_or_doubtful_picture_stays_as_it_is() {
        let time = chunk(b"tIME", &TIME);
        let good = png(std::slice::from_ref(&time));
        for length in 0..good.len() {
            check(&good[..length], &good[..length]);
        }
        for at in 8..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            check(&bytes, &bytes);
        }
        for bytes in [
            png(&[time.clone(), time.clone()]),
            png(&[text("date:create", DATE), text("date:create", DATE)]),
            png(&[chunk(b"IHDR", b""), time.clone()]),
            [b"\x89PNG\r\n\x1a\n".to_vec(), time, png(&[])[8..].to_vec()].concat(),
        ] {
            check(&bytes, &bytes);
        }
    }
}
