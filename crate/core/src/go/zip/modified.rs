//! When a member was modified: by an extra block, or by the DOS time, and how both are written again.

use super::super::Time;
use super::super::time::{date, days};

/// A time, and how far the clock that DOS recorded was ahead of UTC, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Modified {
    time: Time,
    ahead: i64,
}

const DAY: i64 = 86_400;
/// Zones are told in quarters of an hour, from twelve hours behind to fourteen ahead.
const QUARTER: i128 = 15 * 60 * 1_000_000_000;
const ZONES: std::ops::RangeInclusive<i128> = -48 * QUARTER..=56 * QUARTER;

impl Modified {
    pub(crate) const EPOCH: Self = Self { time: Time::EPOCH, ahead: 0 };

    /// From a record: DOS time and date, and the extra blocks.
    pub(super) fn new(dos: (u16, u16), extra: &[u8]) -> Self {
        let local = Time::new(from_dos(dos));
        let Some(time) = in_extra(extra).filter(|time| !time.is_zero()) else {
            return Self { time: local, ahead: 0 };
        };
        let nanos = |time: Time| i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos);
        let ahead = if dos == (0, 0) { 0 } else { zone(nanos(local) - nanos(time)) };
        Self { time, ahead }
    }

    /// DOS time and date, and the extra block, as Go writes them.
    pub(super) fn write(self) -> ((u16, u16), [u8; 9]) {
        let [a, b, c, d, ..] = self.time.seconds.to_le_bytes();
        (to_dos(self.time.seconds.saturating_add(self.ahead)), [b'U', b'T', 5, 0, 1, a, b, c, d])
    }
}

/// A difference of clocks as the nearest zone, in seconds; none that can be is no difference.
fn zone(nanos: i128) -> i64 {
    // Away from zero at exactly half.
    let rounded = (nanos.abs() + QUARTER / 2) / QUARTER * QUARTER * nanos.signum();
    if ZONES.contains(&rounded) { i64::try_from(rounded / 1_000_000_000).unwrap_or_default() } else { 0 }
}

fn from_dos((time, date): (u16, u16)) -> i64 {
    let (time, date) = (i64::from(time), i64::from(date));
    let days = days((date >> 9) + 1980, date >> 5 & 15, date & 31);
    days * DAY + (time >> 11) * 3600 + (time >> 5 & 63) * 60 + (time & 31) * 2
}

fn to_dos(seconds: i64) -> (u16, u16) {
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let date = day + (month << 5) + ((year - 1980) << 9);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    let time = second % 60 / 2 + (minute << 5) + (hour << 11);
    // Years that do not fit wrap.
    let low = |value: i64| {
        let [low, high, ..] = value.to_le_bytes();
        u16::from_le_bytes([low, high])
    };
    (low(time), low(date))
}

/// The last time that an extra block states.
fn in_extra(extra: &[u8]) -> Option<Time> {
    let (mut rest, mut found) = (extra, None);
    while let Some((id, block, after)) = block(rest) {
        rest = after;
        found = match id {
            0x000a => ntfs(block),
            // PKWARE's and the first Info-ZIP layout: access, then modification.
            0x000d | 0x5855 => number::<4>(block, 4).filter(|_| block.len() >= 8).map(unix),
            0x5455 => number::<4>(block, 1).filter(|_| block.first().is_some_and(|flags| flags & 1 != 0)).map(unix),
            _ => None,
        }
        .or(found);
    }
    found
}

/// Id, data, and what follows.
fn block(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let &[a, b, c, d, ref rest @ ..] = bytes else { return None };
    let (data, after) = rest.split_at_checked(u16::from_le_bytes([c, d]).into())?;
    Some((u16::from_le_bytes([a, b]), data, after))
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk::<N>().copied()
}

fn unix(seconds: [u8; 4]) -> Time {
    Time::new(u32::from_le_bytes(seconds).into())
}

/// Ticks of 100 ns since 1601, the first of three times.
fn ntfs(data: &[u8]) -> Option<Time> {
    let (mut rest, mut found) = (data.get(4..)?, None);
    while let Some((tag, value, after)) = block(rest) {
        rest = after;
        if tag == 1 && value.len() == 24 {
            let ticks = i64::from_le_bytes(number::<8>(value, 0)?);
            let seconds = ticks / 10_000_000 - 11_644_473_600;
            let nanos = ticks % 10_000_000 * 100;
            // Towards zero, so that what is left can be negative.
            found = Some(match u32::try_from(nanos) {
                Ok(nanos) => Time { seconds, nanos },
                Err(_) => {
                    Time { seconds: seconds - 1, nanos: u32::try_from(nanos + 1_000_000_000).unwrap_or_default() }
                }
            });
        }
    }
    found
}
