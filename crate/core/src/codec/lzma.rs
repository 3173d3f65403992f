//! LZMA without xz around it: the `.lzma` file, and method 14 of zip.

use std::io;

use super::input::{Input, Notes};
use super::{Decoder, Single};
use crate::entry::Value;
use crate::error::Fault;

/// The `.lzma` file: properties, dictionary size, decoded size or all ones if an end marker follows, then the stream.
pub(super) fn alone(mut input: Input) -> Result<Box<dyn Decoder>, Fault> {
    let complain = input.complain("lzma");
    let mut notes = Notes::default();
    if let Some((&[properties, a, b, c, d, ref size @ ..], _)) = input.peek(13)?.split_first_chunk::<13>() {
        notes.field("properties", Value::Number(properties.into()));
        notes.field("dictionary", Value::Number(u32::from_le_bytes([a, b, c, d]).into()));
        let marked = u64::from_le_bytes(*size) == u64::MAX;
        notes.field("end", Value::text(if marked { "by its marker" } else { "by its size" }));
    }
    let most = input.most_window_kib();
    let reader = lzma_rust2::LzmaReader::new_mem_limit(input, most, None).map_err(&complain)?;
    Ok(Box::new(Single { notes, ..lzma("lzma", reader, complain) }))
}

/// LZMA in a zip (APPNOTE 5.8.8): version, size of the properties, the properties, then the raw stream.
pub(super) fn zip(mut input: Input, marker: bool, size: Option<u64>) -> Result<Box<dyn Decoder>, Fault> {
    let complain = input.complain("lzma");
    let [major, minor, length_low, length_high] = input.exact::<4>("the LZMA header")?;
    if (length_low, length_high) != (5, 0) {
        return Err(Fault::at(2, "the LZMA properties do not have 5 bytes"));
    }
    let [properties, a, b, c, d] = input.exact::<5>("the LZMA header")?;
    let dictionary = u32::from_le_bytes([a, b, c, d]);
    let most = input.most_window();
    if u64::from(dictionary) > most {
        let message = format!("stopped at the limit window-bytes: the LZMA data asks for {dictionary}, {most} allowed");
        return Err(Fault::limit("window-bytes", message).raises("XZ-05"));
    }
    let mut notes = Notes::default();
    notes.field("lzma-version", Value::Text(format!("{major}.{minor}").into()));
    notes.field("properties", Value::Number(properties.into()));
    notes.field("dictionary", Value::Number(dictionary.into()));
    let size = if marker { u64::MAX } else { size.unwrap_or(u64::MAX) };
    let reader =
        lzma_rust2::LzmaReader::new_with_props(input, size, properties, dictionary, None).map_err(&complain)?;
    Ok(Box::new(Single { notes, ..lzma("lzma in a zip", reader, complain) }))
}

fn lzma(
    name: &'static str,
    mut reader: lzma_rust2::LzmaReader<Input>,
    complain: impl Fn(io::Error) -> Fault + Send + 'static,
) -> Single<lzma_rust2::LzmaReader<Input>> {
    // What was decoded before damage is content; and a stream of stated size must really end there.
    reader.set_defer_errors(true);
    reader.set_relaxed_end_condition(false);
    Single::new(name, reader, complain, |reader| {
        // It reads ahead: what it did not use is what follows the stream.
        let (mut input, unused) = reader.into_parts();
        input.give_back(&unused);
        input
    })
}
