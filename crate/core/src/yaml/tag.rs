//! Tags, anchors, aliases and directives.

use super::Error;
use super::scan::{Kind, Scanner};

/// What `!!` stands for.
pub(super) const YAML_PREFIX: &str = "tag:yaml.org,2002:";

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_uri(byte: u8) -> bool {
    is_name(byte) || b";/?:@&=+$,.!~*'()[]%".contains(&byte)
}

impl Scanner<'_> {
    fn scan_name(&mut self) -> String {
        let mut name = String::new();
        while is_name(self.byte(0)) {
            self.read(&mut name);
        }
        name
    }

    fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip();
        }
    }

    /// Reads `*name` or `&name`.
    pub(super) fn scan_anchor(&mut self) -> Result<Kind, Error> {
        let start = self.mark;
        let is_alias = self.byte(0) == b'*';
        self.skip();
        let name = self.scan_name();
        let ends = self.is_word_end(0) || b"?:,]}%@`".contains(&self.byte(0));
        if name.is_empty() || !ends {
            return Err(self.error(start, "an anchor or alias without a name of letters and digits"));
        }
        Ok(if is_alias { Kind::Alias(name) } else { Kind::Anchor(name) })
    }

    /// Reads `!<uri>`, `!suffix`, `!handle!suffix` or `!`.
    pub(super) fn scan_tag(&mut self) -> Result<Kind, Error> {
        let start = self.mark;
        let (handle, suffix) = if self.byte(1) == b'<' {
            self.skip_many(2);
            let uri = self.scan_uri("")?;
            if self.byte(0) != b'>' {
                return Err(self.error(start, "a tag without its '>'"));
            }
            self.skip();
            (String::new(), uri)
        } else {
            let handle = self.scan_handle()?;
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.scan_uri("")?;
                (handle, suffix)
            } else {
                match self.scan_uri(&handle)? {
                    suffix if suffix.is_empty() => (suffix, "!".to_string()),
                    suffix => ("!".to_string(), suffix),
                }
            }
        };
        if !self.is_word_end(0) {
            return Err(self.error(start, "a tag that something follows"));
        }
        Ok(Kind::Tag { handle, suffix })
    }

    fn scan_handle(&mut self) -> Result<String, Error> {
        if self.byte(0) != b'!' {
            return Err(self.error(self.mark, "a tag handle without its '!'"));
        }
        let mut handle = String::new();
        self.read(&mut handle);
        handle.push_str(&self.scan_name());
        if self.byte(0) == b'!' {
            self.read(&mut handle);
        }
        Ok(handle)
    }

    /// Reads what may stand in a URI, after what was first taken for a handle.
    fn scan_uri(&mut self, head: &str) -> Result<String, Error> {
        let start = self.mark;
        let mut uri = head.as_bytes().get(1..).unwrap_or(&[]).to_vec();
        let mut any = !head.is_empty();
        while is_uri(self.byte(0)) {
            any = true;
            let mut octet = self.byte(0);
            if octet == b'%' {
                self.skip();
                octet = 0;
                for _ in 0..2 {
                    let Some(digit) = char::from(self.byte(0)).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
                    else {
                        return Err(self.error(start, "a '%' without two hexadecimal digits in a tag"));
                    };
                    octet = octet << 4 | digit;
                    self.skip();
                }
            } else {
                self.skip();
            }
            uri.push(octet);
        }
        if !any {
            return Err(self.error(start, "a tag without a name"));
        }
        String::from_utf8(uri).map_err(|_| self.error(start, "a tag that is not UTF-8"))
    }

    /// Reads a line that starts with `%`.
    pub(super) fn scan_directive(&mut self) -> Result<Kind, Error> {
        let start = self.mark;
        self.skip();
        let name = self.scan_name();
        if !self.is_word_end(0) {
            return Err(self.error(start, "a directive whose name is not one"));
        }
        let kind = match name.as_str() {
            "YAML" => {
                self.skip_blanks();
                let major = self.scan_version()?;
                if self.byte(0) != b'.' {
                    return Err(self.error(start, "a version without a '.'"));
                }
                self.skip();
                Kind::Version { major, minor: self.scan_version()? }
            }
            "TAG" => {
                self.skip_blanks();
                let handle = self.scan_handle()?;
                if handle.len() > 1 && !handle.ends_with('!') || !self.is_blank(0) {
                    return Err(self.error(start, "a tag handle that does not end"));
                }
                self.skip_blanks();
                let prefix = self.scan_uri("")?;
                if !self.is_word_end(0) {
                    return Err(self.error(start, "a tag prefix that does not end"));
                }
                Kind::TagPrefix { handle, prefix }
            }
            _ => return Err(self.error(start, "an unknown directive")),
        };
        self.skip_blanks();
        if self.byte(0) == b'#' {
            while !self.is_line_end(0) {
                self.skip();
            }
        }
        if !self.is_line_end(0) {
            return Err(self.error(start, "a directive that something follows"));
        }
        self.skip_line();
        Ok(kind)
    }

    fn scan_version(&mut self) -> Result<u8, Error> {
        let start = self.mark;
        let mut number: u8 = 0;
        while self.byte(0).is_ascii_digit() {
            if self.mark.column.saturating_sub(start.column) >= 2 {
                return Err(self.error(start, "a version of more than two digits"));
            }
            number = number.saturating_mul(10).saturating_add(self.byte(0) - b'0');
            self.skip();
        }
        if self.mark == start { Err(self.error(start, "a version without a number")) } else { Ok(number) }
    }
}
