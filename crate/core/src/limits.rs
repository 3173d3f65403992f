//! How much work an artifact may cause, and the budget that counts it.

use std::collections::BTreeSet;
use std::time::Duration;

use web_time::Instant;

use crate::error::Fault;
use crate::reading::NodeId;

/// One limit: its name on the command line, what it means, and its default.
pub struct LimitInfo {
    /// The name, as in `--limit NAME=VALUE`.
    pub name: &'static str,
    /// What it bounds, with the unit.
    pub title: &'static str,
    /// Its default.
    pub default: u64,
}

/// Every limit. [`Limits`] holds one value for each, in this order.
pub const LIMITS: [LimitInfo; 12] = [
    LimitInfo {
        name: "total-bytes",
        title: "bytes read out of an artifact, beyond twice its own size",
        default: 2 << 30,
    },
    LimitInfo { name: "ratio", title: "decoded bytes for each stored byte of one stream", default: 1000 },
    LimitInfo {
        name: "ratio-free-bytes",
        title: "decoded bytes of one stream before the ratio counts",
        default: 256 << 20,
    },
    LimitInfo { name: "entries", title: "entries over the whole artifact", default: 330_000 },
    LimitInfo { name: "depth", title: "containers inside one another, compression included", default: 24 },
    LimitInfo {
        name: "header-bytes",
        title: "bytes of one header, name, comment or extension record",
        default: 1 << 20,
    },
    LimitInfo { name: "name-bytes", title: "bytes of one name, link target or comment", default: 64 << 10 },
    LimitInfo { name: "records", title: "extension records of one entry of a tar", default: 10_000 },
    LimitInfo { name: "streams", title: "streams back to back in one compressed content", default: 100_000 },
    LimitInfo {
        name: "window-bytes",
        // xz -9 wants 64 MiB, zstd --long=27 128 MiB.
        title: "bytes of what was decoded that one stream may refer back to",
        default: 256 << 20,
    },
    LimitInfo {
        name: "content-bytes",
        title: "bytes of one content held in memory, to compare or normalize it",
        default: 256 << 20,
    },
    LimitInfo { name: "seconds", title: "seconds for reading one artifact", default: 120 },
];

/// How much work one artifact may cause. Hitting a limit makes the result incomplete, never a hang.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    values: [u64; LIMITS.len()],
    left_out: BTreeSet<NodeId>,
}

impl Default for Limits {
    fn default() -> Self {
        let values = std::array::from_fn(|index| LIMITS.get(index).map_or(0, |limit| limit.default));
        Self { values, left_out: BTreeSet::new() }
    }
}

impl Limits {
    /// The value of a limit; 0 for a name that does not exist.
    pub fn get(&self, name: &str) -> u64 {
        LIMITS.iter().zip(self.values).find(|(limit, _)| limit.name == name).map_or(0, |(_, value)| value)
    }

    /// Sets a limit; false for a name that does not exist.
    pub fn set(&mut self, name: &str, value: u64) -> bool {
        match LIMITS.iter().zip(&mut self.values).find(|(limit, _)| limit.name == name) {
            Some((_, slot)) => {
                *slot = value;
                true
            }
            None => false,
        }
    }

    /// The limits that are not at their default.
    pub fn changed(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let values = LIMITS.iter().zip(self.values);
        values.filter(|(limit, value)| limit.default != *value).map(|(limit, value)| (limit.name, value))
    }

    /// Leaves an entry out: it is listed, and its content is not opened. For one at which the engine itself stopped, so
    /// that the rest can still be read.
    pub fn leave_out(&mut self, node: NodeId) {
        self.left_out.insert(node);
    }

    /// Whether an entry is left out.
    pub fn leaves_out(&self, node: NodeId) -> bool {
        self.left_out.contains(&node)
    }
}

/// A point in time after which work stops: the only clock of the core.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// This long from now; a year at most, which is as good as never.
    pub fn after(time: Duration) -> Self {
        let year = Duration::from_secs(366 * 24 * 3600);
        let now = Instant::now();
        Self(now.checked_add(time.min(year)).unwrap_or(now))
    }

    /// Whether it has passed.
    pub fn passed(&self) -> bool {
        Instant::now() > self.0
    }

    /// What is left.
    pub fn left(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// As the diff library wants it.
    pub fn instant(&self) -> Instant {
        self.0
    }
}

/// What is left of the limits while one artifact is read.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    most_bytes: u64,
    decoded: u64,
    entries: u64,
    deadline: Deadline,
}

impl Budget {
    /// A full budget for an artifact of `size` bytes; its clock starts now.
    pub fn new(limits: &Limits, size: u64) -> Self {
        Self {
            limits: limits.clone(),
            most_bytes: limits.get("total-bytes").saturating_add(size.saturating_mul(2)),
            decoded: 0,
            entries: 0,
            deadline: Deadline::after(Duration::from_secs(limits.get("seconds"))),
        }
    }

    /// The limits it was made from.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Decoded bytes so far.
    pub fn decoded(&self) -> u64 {
        self.decoded
    }

    /// Entries so far.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Takes `count` decoded bytes.
    ///
    /// # Errors
    /// The limit `total-bytes`, or `seconds`.
    pub fn take_bytes(&mut self, count: u64) -> Result<(), Fault> {
        self.decoded = self.decoded.saturating_add(count);
        if self.decoded > self.most_bytes {
            let most = self.most_bytes;
            return Err(Fault::limit("total-bytes", format!("stopped at the limit total-bytes: {most} bytes read")));
        }
        self.check_time()
    }

    /// Takes one entry.
    ///
    /// # Errors
    /// The limit `entries`, or `seconds`.
    pub fn take_entry(&mut self) -> Result<(), Fault> {
        self.entries = self.entries.saturating_add(1);
        let most = self.limits.get("entries");
        if self.entries > most {
            return Err(Fault::limit("entries", format!("stopped at the limit entries: {most} entries")));
        }
        if self.entries.is_multiple_of(64) { self.check_time() } else { Ok(()) }
    }

    /// Asks whether one stream grows too fast: `decoded` bytes out of `stored`.
    ///
    /// # Errors
    /// The limit `ratio`.
    pub fn check_ratio(&self, decoded: u64, stored: u64) -> Result<(), Fault> {
        let ratio = self.limits.get("ratio");
        if decoded > self.limits.get("ratio-free-bytes") && decoded / stored.max(1) >= ratio {
            return Err(Fault::limit(
                "ratio",
                format!("stopped at the limit ratio: {stored} bytes grew to more than {decoded}"),
            ));
        }
        Ok(())
    }

    /// Asks whether the time is up.
    ///
    /// # Errors
    /// The limit `seconds`.
    pub fn check_time(&self) -> Result<(), Fault> {
        if self.deadline.passed() {
            let most = self.limits.get("seconds");
            return Err(Fault::limit("seconds", format!("stopped at the limit seconds: {most} s")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_its_default_and_can_be_set() {
        let mut limits = Limits::default();
        for limit in &LIMITS {
            assert_eq!(limits.get(limit.name), limit.default, "{}", limit.name);
            assert!(limits.set(limit.name, 7));
            assert_eq!(limits.get(limit.name), 7);
        }
        assert!(!limits.set("nonsense", 1));
        assert_eq!(limits.changed().count(), LIMITS.len());
        assert_eq!(Limits::default().changed().count(), 0);
    }

    #[test]
    fn a_budget_stops_at_each_limit_by_name() {
        let mut limits = Limits::default();
        limits.set("total-bytes", 10);
        limits.set("entries", 1);
        limits.set("ratio-free-bytes", 100);
        let mut budget = Budget::new(&limits, 0);
        assert!(budget.take_bytes(10).is_ok());
        assert_eq!(budget.take_bytes(1).unwrap_err().limit, Some("total-bytes"));
        assert!(budget.take_entry().is_ok());
        assert_eq!(budget.take_entry().unwrap_err().limit, Some("entries"));
        assert!(budget.check_ratio(99_000, 99).is_err());
        assert!(budget.check_ratio(100, 0).is_ok());
    }
}
