//! Points in time as Go's package `time` has them.

/// Seconds since 1970-01-01 UTC, and nanoseconds after them. Go's zero time, 0001-01-01, means that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
}

impl Time {
    /// No time.
    pub(crate) const ZERO: Self = Self { seconds: -62_135_596_800, nanos: 0 };
    /// 1970-01-01.
    pub(crate) const EPOCH: Self = Self { seconds: 0, nanos: 0 };

    pub(crate) fn new(seconds: i64) -> Self {
        Self { seconds, nanos: 0 }
    }

    pub(crate) fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// To the nearest second, half of one upwards.
    pub(crate) fn rounded(self) -> Self {
        let up = i64::from(self.nanos >= 500_000_000);
        Self { seconds: self.seconds.wrapping_add(up), nanos: 0 }
    }
}

/// Days from 1970-01-01 to a date, which need not exist: month 0 is the December before, day 0 the last of the month
/// before.
pub(super) fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = (year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1);
    // Years that begin in March: the leap day comes last.
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year + day - 1 - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
pub(super) fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_the_same_thing() {
        let check = |(year, month, day), expected, real: (i64, i64, i64)| {
            assert_eq!(days(year, month, day), expected, "{year}-{month}-{day}");
            assert_eq!(date(expected), real, "{year}-{month}-{day}");
        };
        check((1970, 1, 1), 0, (1970, 1, 1));
        check((1980, 0, 0), 3620, (1979, 11, 30));
        check((2000, 2, 29), 11_016, (2000, 2, 29));
        check((2001, 2, 29), 11_382, (2001, 3, 1));
        check((2107, 15, 31), 50_493, (2108, 3, 31));
        check((1, 1, 1), Time::ZERO.seconds / 86_400, (1, 1, 1));
        check((-27_000, 12, 31), -10_580_711, (-27_000, 12, 31));
    }

    #[test]
    fn half_a_second_is_rounded_up() {
        let check = |seconds, nanos, expected| assert_eq!(Time { seconds, nanos }.rounded(), Time::new(expected));
        check(7, 499_999_999, 7);
        check(7, 500_000_000, 8);
        check(-7, 500_000_000, -6);
        check(-7, 1, -7);
    }
}
