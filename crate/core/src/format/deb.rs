//! Debian packages: an ar archive that begins with `debian-binary` (deb(5)).
//!
//! Nothing more than ar is read here: `control.tar.*` and `data.tar.*` are members whose content is opened by its own
//! bytes. Being a format of its own names the file in the report.

use super::{Format, Shape, ar};

/// A Debian package, `.deb` or `.udeb`.
pub const DEB: Format = Format {
    id: "deb",
    title: "Debian package",
    shape: Shape::Archive,
    detect: |head, _| {
        // dpkg writes the name with spaces behind it, GNU ar with a slash.
        let name = head.strip_prefix(ar::MAGIC).and_then(|members| members.strip_prefix(b"debian-binary"));
        name.is_some_and(|rest| rest.starts_with(b"   ") || rest.starts_with(b"/  "))
    },
    open: ar::open,
};

#[cfg(test)]
mod tests {
    use crate::format::detect;

    #[test]
    fn the_first_member_makes_the_package() {
        let id = |head: &[u8]| detect(head, b"any").map(|format| format.id);
        assert_eq!(id(b"!<arch>\ndebian-binary   1342943816  0     0     100644  4         `\n2.0\n"), Some("deb"));
        assert_eq!(id(b"!<arch>\ndebian-binary/  1342943816  0     0     100644  4         `\n2.0\n"), Some("deb"));
        assert_eq!(id(b"!<arch>\ndebian-binaryx  1342943816  0     0     100644  4         `\n2.0\n"), Some("ar"));
        assert_eq!(id(b"!<arch>\n"), Some("ar"));
        assert_eq!(id(b"!<thin>\n"), Some("ar"));
        assert_eq!(id(b"!<arch> \n"), None);
    }
}
