//! Base64. Read as the readers of attestations take it: both alphabets, line ends ignored, padding required only at the end
//! of a full group (RFC 4648; Go's `StdEncoding`, then `URLEncoding`).

use crate::error::Fault;

/// The bytes; or where the text stops being base64, counted in bytes of the text.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count, mut padding) = (0u32, 0u32, 0u32);
    for (offset, letter) in text.bytes().enumerate() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\r' | b'\n' => continue,
            b'=' if count >= 2 && count + padding < 4 => {
                padding += 1;
                continue;
            }
            _ => return Err(Fault::at(offset as u64, "this is not base64")),
        };
        if padding > 0 {
            return Err(Fault::at(offset as u64, "base64 goes on after its padding"));
        }
        group = group << 6 | u32::from(six);
        count += 1;
        if count == 4 {
            let [_, a, b, c] = group.to_be_bytes();
            bytes.extend([a, b, c]);
            (group, count) = (0, 0);
        }
    }
    // A rest of two or three letters is one or two bytes; bits beyond them are ignored, as Go does.
    let end = |fault| Err(Fault::at(text.len() as u64, fault));
    let [_, a, b, _] = (group << (6 * (4 - count) % 24)).to_be_bytes();
    match count {
        0 => {}
        _ if padding > 0 && count + padding != 4 => return end("base64 with half of its padding"),
        2 => bytes.push(a),
        3 => bytes.extend([a, b]),
        _ => return end("base64 that ends inside a group"),
    }
    Ok(bytes)
}

/// The text for some bytes, with padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = letters(bytes, b"+/");
    text.extend(std::iter::repeat_n('=', text.len().wrapping_neg() % 4));
    text
}

/// The text for some bytes in the alphabet for file names and addresses, without padding (RFC 4648, 5).
pub(crate) fn encode_for_names(bytes: &[u8]) -> String {
    letters(bytes, b"-_")
}

fn letters(bytes: &[u8], last: &[u8; 2]) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(group.get(at).copied().unwrap_or(0)));
        let places = [18, 12, 6, 0].into_iter().take(group.len() + 1);
        text.extend(
            places
                .filter_map(|place| LETTERS.iter().chain(last).nth(bits >> place & 63))
                .map(|letter| char::from(*letter)),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[u8], u64>) {
        assert_eq!(decode(text).map_err(|fault| fault.offset), expected.map(<[u8]>::to_vec).map_err(Some), "{text}");
    }

    #[test]
    fn both_alphabets_with_and_without_padding() {
        check("", Ok(b""));
        check("Zg==", Ok(b"f"));
        check("Zm8=", Ok(b"fo"));
        check("Zm9v", Ok(b"foo"));
        check("Zm8", Ok(b"fo"));
        check("Zm9v\r\nYmFy\n", Ok(b"foobar"));
        check("Zh==", Ok(b"f"));
        check("-_-_", Ok(&[0xfb, 0xff, 0xbf]));
        check("+/+/", Ok(&[0xfb, 0xff, 0xbf]));
    }

    #[test]
    fn writing_is_the_inverse() {
        for bytes in [&b""[..], b"f", b"fo", b"foo", &[0xfb, 0xff, 0xbf, 0x00]] {
            assert_eq!(decode(&encode(bytes)).unwrap(), bytes);
        }
        assert_eq!((encode(b"f"), encode(&[0xfb, 0xff, 0xbf])), ("Zg==".to_owned(), "+/+/".to_owned()));
    }

    #[test]
    fn for_names_there_is_no_padding() {
        let text = [&b""[..], b"f", b"fo", b"foo", b"foob", b"\xfb\xff"].map(encode_for_names);
        assert_eq!(text, ["", "Zg", "Zm8", "Zm9v", "Zm9vYg", "-_8"]);
        assert_eq!(decode(&encode_for_names(b"\xfb\xff")).unwrap(), b"\xfb\xff");
    }

    #[test]
    fn what_is_not_base64_is_said_with_its_place() {
        check("Zm9v!", Err(4));
        check("Zg==Zg==", Err(4));
        check("Z", Err(1));
        check("Z===", Err(1));
        check("Zg=", Err(3));
        check("Zm 9v", Err(2));
    }
}
