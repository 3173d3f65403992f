//! In which styles a text may be written, by libyaml's analysis of it.

use super::Style;
use super::emit::is_break;

/// What a text allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    plain: bool,
    single_quoted: bool,
    block: bool,
}

impl Form {
    /// Looks at a text once.
    pub(super) fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self { plain: true, single_quoted: true, block: false };
        }
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut broken, mut special, mut tabs) = (false, false, false);
        let (mut break_space, mut space_break) = (false, false);
        let mut previous = None;
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            let before_blank = chars.peek().is_none_or(|next| matches!(next, ' ' | '\t'));
            indicators |= match (char, previous) {
                (
                    '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`',
                    None,
                ) => true,
                ('?' | ':' | '-', None) => before_blank,
                (':', Some(_)) => before_blank,
                ('#', Some(previous)) => matches!(previous, ' ' | '\t' | '\0') || is_break(previous),
                _ => false,
            };
            tabs |= char == '\t';
            special |= char != '\t' && !is_printable(char);
            broken |= is_break(char);
            break_space |= char == ' ' && previous.is_some_and(is_break);
            space_break |= is_break(char) && previous == Some(' ');
            previous = Some(char);
        }
        let is_space = |char: char| char == ' ' || is_break(char);
        let unusual = special || space_break;
        Self {
            plain: !(indicators || broken || tabs || unusual || text.starts_with(is_space) || text.ends_with(is_space)),
            single_quoted: !(break_space || tabs || unusual),
            block: !(unusual || text.ends_with(' ')),
        }
    }

    /// The style that is chosen where none is given.
    pub(super) fn style(self, text: &str, quoted: bool, is_key: bool) -> Style {
        if text.contains('\n') {
            if self.block && !is_key { Style::Literal } else { Style::DoubleQuoted }
        } else if quoted || (is_key && text.contains(is_break)) {
            Style::DoubleQuoted
        } else if self.plain && !(text.is_empty() && is_key) {
            Style::Plain
        } else if self.single_quoted {
            Style::SingleQuoted
        } else {
            Style::DoubleQuoted
        }
    }
}

/// Whether libyaml writes a character as it is. (Nothing above U+FFFF is.)
pub(super) fn is_printable(char: char) -> bool {
    matches!(char, '\n' | ' '..='~' | '\u{A0}'..='\u{FEFE}' | '\u{FF00}'..='\u{FFFD}')
}
