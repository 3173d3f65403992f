//! What Ruby takes scalars for, and what RubyGems writes into them.

/// Whether a scalar of this text is text with quotes and without: no number, date, symbol, yes or no, in any version of
/// Ruby's two YAML libraries (Syck, Psych).
pub(super) fn is_surely_text(text: &str) -> bool {
    let words =
        ["y", "n", "yes", "no", "true", "false", "on", "off", "null", "nil", "nan", "inf", "infinity", "~", "<<"];
    let is_word = words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match text.chars().next() {
        None | Some(':') => false,
        // A version number has two points at least; numbers and times have one at most.
        Some('0'..='9' | '+' | '-' | '.') => text.matches('.').count() >= 2 && is_version(text),
        Some(_) => !is_word,
    }
}

/// Whether a text is a version number as RubyGems has them: `3.4.19`, `2.0.0.rc.2`.
pub(super) fn is_version(text: &str) -> bool {
    let mut parts = text.split('.');
    text.len() <= 24
        && parts.next().is_some_and(|first| !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit()))
        && parts
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

/// Whether a text is a date as RubyGems writes or wrote them: `2012-03-04`, `2012-03-04 00:00:00.000000000 Z`,
/// `2012-03-04 00:00:00 +01:00`.
pub(super) fn is_date(text: &str) -> bool {
    let mut words = text.split(' ');
    let day = words.next().is_some_and(is_day);
    let time = words.next().is_none_or(is_time);
    let zone = words.next().is_none_or(is_zone);
    day && time && zone && words.next().is_none()
}

/// Whether a text is numbers of two digits with a separator between them, each within its bounds.
fn are_numbers(text: &str, separator: char, bounds: &[(u32, u32)]) -> bool {
    let parts: Vec<&str> = text.split(separator).collect();
    parts.len() == bounds.len()
        && parts.iter().zip(bounds).all(|(part, (least, most))| {
            part.len() == 2
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && part.parse::<u32>().is_ok_and(|number| (*least..=*most).contains(&number))
        })
}

/// RubyGems is from 2004, and its default date from 1980.
fn is_day(text: &str) -> bool {
    let Some((year, rest)) = text.split_at_checked(4) else { return false };
    let is_year = year.bytes().all(|byte| byte.is_ascii_digit())
        && year.parse::<u32>().is_ok_and(|year| (1980..2200).contains(&year));
    is_year && rest.strip_prefix('-').is_some_and(|rest| are_numbers(rest, '-', &[(1, 12), (1, 31)]))
}

fn is_time(text: &str) -> bool {
    let (time, fraction) = text.split_once('.').unwrap_or((text, "0"));
    are_numbers(time, ':', &[(0, 23), (0, 59), (0, 60)])
        && (1..=9).contains(&fraction.len())
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_zone(text: &str) -> bool {
    text == "Z" || text.strip_prefix(['+', '-']).is_some_and(|zone| are_numbers(zone, ':', &[(0, 14), (0, 59)]))
}
