//! DER, element by element: the few fields of keys and certificates that are needed here (X.690).

use der::{AnyRef, Decode as _, Reader as _, SliceReader, Tag, Tagged as _};

/// One element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) tag: Tag,
    /// Its content.
    pub(super) value: &'a [u8],
    /// Tag, length and content.
    pub(super) whole: &'a [u8],
}

/// The elements of some bytes, one after another.
pub(super) struct Elements<'a> {
    bytes: &'a [u8],
    reader: Option<SliceReader<'a>>,
}

impl<'a> Elements<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, reader: SliceReader::new(bytes).ok() }
    }

    /// The next element; `None` at the end, and where there is none.
    pub(super) fn next(&mut self) -> Option<Element<'a>> {
        let whole = self.reader.as_mut().filter(|reader| !reader.is_finished())?.tlv_bytes().ok()?;
        let any = AnyRef::from_der(whole).ok()?;
        Some(Element { tag: any.tag(), value: any.value(), whole })
    }

    /// The next element if it is of this kind: its content.
    pub(super) fn take(&mut self, tag: Tag) -> Option<&'a [u8]> {
        self.next().filter(|element| element.tag == tag).map(|element| element.value)
    }

    /// The next element, if it has this context-specific number; otherwise nothing is taken.
    pub(super) fn take_numbered(&mut self, number: u8) -> Option<Element<'a>> {
        // Class context-specific; constructed or not.
        let byte = self.reader.as_ref()?.peek_byte()?;
        if byte & 0xdf == 0x80 | number { self.next() } else { None }
    }

    /// Whether nothing is left.
    pub(super) fn is_done(&self) -> bool {
        self.bytes.is_empty() || self.reader.as_ref().is_some_and(SliceReader::is_finished)
    }
}

/// The content of a bit string of whole bytes.
pub(super) fn bits(value: &[u8]) -> Option<&[u8]> {
    match value.split_first() {
        Some((0, bytes)) => Some(bytes),
        _ => None,
    }
}

/// An object identifier as `1.2.840.10045.2.1`.
pub(super) fn oid(value: &[u8]) -> String {
    der::asn1::ObjectIdentifier::from_bytes(value).map_or_else(|_| "?".to_owned(), |oid| oid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_in_order_and_nothing_after_damage() {
        let mut elements = Elements::of(&[0x02, 0x01, 0x05, 0x81, 0x01, 0x07, 0x04, 0x05, 0x00]);
        assert_eq!(elements.take(Tag::Integer), Some(&[5][..]));
        assert!(elements.take_numbered(0).is_none());
        assert_eq!(elements.take_numbered(1).map(|element| element.value), Some(&[7][..]));
        assert!(!elements.is_done());
        assert!(elements.next().is_none());
        assert!(Elements::of(b"").is_done());
    }

    #[test]
    fn bit_strings_and_identifiers() {
        assert_eq!(bits(&[0, 1, 2]), Some(&[1, 2][..]));
        assert_eq!(bits(&[3, 8]), None);
        assert_eq!(oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]), "1.2.840.10045.2.1");
        assert_eq!(oid(&[]), "?");
    }
}
