//! Dates as Java writes them into what it generates.

/// `java.util.Date.toString()`: `Tue Nov 24 10:00:00 CET 2020`.
pub(super) fn is_java_date(text: &str) -> bool {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = text.split(' ');
    let mut next = || parts.next().unwrap_or_default();
    let (day, month, number, time, zone, year) = (next(), next(), next(), next(), next(), next());
    DAYS.contains(&day)
        && MONTHS.contains(&month)
        && fits(number, "00")
        && fits(time, "00:00:00")
        // A name such as CEST, or GMT+01:00.
        && (1..=10).contains(&zone.len())
        && zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b':'))
        && fits(year, "0000")
        && parts.next().is_none()
}

/// Whether a text has digits where the form has zeros, and the same otherwise.
pub(super) fn fits(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text
            .bytes()
            .zip(form.bytes())
            .all(|(byte, form)| if form == b'0' { byte.is_ascii_digit() } else { byte == form })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_form_is_a_date() {
        for date in ["Tue Nov 24 10:00:00 CET 2020", "Sun Jan 01 00:00:00 GMT+01:00 2023"] {
            assert!(is_java_date(date), "{date}");
        }
        for text in [
            "",
            "Tue Nov 24 10:00:00 CET 2020 ",
            "Tue Nov 24 10:00:00 CET 2020 x",
            "Tue  Nov 24 10:00:00 CET 2020",
            "Die Nov 24 10:00:00 CET 2020",
            "Tue Nov 24 10:00 CET 2020",
            "Tue Nov 24 10:00:00 CET 20200",
            "Tue Nov 24 10:00:00 <b>evil</b> 2020",
            "Tue Nov 24 10:00:00  2020",
            "Tue Nov 24 1a:00:00 CET 2020",
            "2020-11-24",
        ] {
            assert!(!is_java_date(text), "{text}");
        }
    }
}
