//! Compiled Python: the header in front of the code (PEP 3147, PEP 552; `importlib._bootstrap_external` of CPython).

use std::collections::BTreeMap;

use crate::entry::Value;
use crate::media::Media;
use crate::reading::{Node, NodeId};

use super::{Pass, Profile, Stabilizer, View};

/// Time and size of the source.
pub const HEADER: Stabilizer = Stabilizer {
    id: "pyc-source",
    title: "Time and size of the source in compiled Python",
    rationale: "Python compares both with the source beside the file, to see whether to compile again; the code itself \
        is compared in full. What Python would do counts: where the archive has the source, a file of its size and \
        time and one that Python would pass over are not the same, so nobody can bring dormant code to life. Files \
        that go by the digest of their source stay as they are, and so do versions of Python that are not known.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.profile == Profile::Standard,
    pass: Pass::Container(|view| {
        let members = view.members();
        let compiled =
            members.iter().copied().filter(|id| view.node(*id).is_some_and(|node| node.media == Some(Media::Pyc)));
        let compiled: Vec<NodeId> = compiled.collect();
        if compiled.is_empty() {
            return;
        }
        let mut sources: BTreeMap<&[u8], Vec<NodeId>> = BTreeMap::new();
        for id in members.into_iter().filter(|id| view.path(*id).ends_with(b".py")) {
            sources.entry(view.path(id)).or_default().push(id);
        }
        for id in compiled {
            let sources = source_path(view.path(id)).and_then(|path| sources.get(path.as_slice()));
            mask(view, id, sources.map_or(&[], Vec::as_slice));
        }
    }),
};

/// Where the times and sizes are of a header that has them: the first byte of each.
fn layout(bytes: &[u8]) -> Option<(usize, Option<usize>)> {
    let (time, size, code) = match u16::from_le_bytes(*bytes.first_chunk()?) {
        // 2.7
        62211 => (4, None, 8),
        // The releases of 3.3 to 3.6.
        3230 | 3310 | 3350 | 3351 | 3379 => (4, Some(8), 12),
        // Those of 3.7 to 3.14. Any flag says that the file goes by a digest.
        3394 | 3413 | 3425 | 3439 | 3495 | 3531 | 3571 | 3627 if bytes.get(4..8) == Some(&[0; 4]) => (8, Some(12), 16),
        _ => return None,
    };
    // marshal's mark of a code object, with or without the bit for objects that are referred to.
    let is_code = bytes.get(2..4) == Some(b"\r\n") && bytes.get(code).is_some_and(|kind| kind & 0x7f == b'c');
    is_code.then_some((time, size))
}

fn mask(view: &mut View<'_>, id: NodeId, sources: &[NodeId]) {
    let Some(mut bytes) = view.leaf(id, Media::Pyc) else { return };
    let Some((time, size)) = layout(&bytes) else { return };
    let number = |at: Option<usize>| Some(u32::from_le_bytes(*bytes.get(at?..)?.first_chunk()?));
    let (Some(stated), length) = (number(Some(time)), number(size)) else { return };
    let doubts = match *sources {
        [] => Some(0),
        // Both are kept modulo 2^32.
        [source] => (view.node(source))
            .filter(|source| length.is_none_or(|length| u64::from(length) == source.size & 0xffff_ffff))
            .map(|source| doubts(source, stated)),
        // Which of them Python would find is a matter of opinion.
        _ => None,
    };
    let (new_time, new_length) = match doubts {
        Some(doubts) => (doubts, 0),
        // This one stays, but must not be taken for one of the others.
        None if stated < 1 << NAMES.len() && length.unwrap_or(0) == 0 => (u32::MAX, u32::MAX),
        None => return,
    };
    for (at, number) in [(Some(time), new_time), (size, new_length)] {
        if let Some(field) = at.and_then(|at| bytes.get_mut(at..)?.first_chunk_mut::<4>()) {
            *field = number.to_le_bytes();
        }
    }
    view.set_content(id, bytes);
}

/// Fields with a time of a source, one bit for each.
const NAMES: [&str; 4] = ["mtime", "local:mtime", "unix-mtime", "local:unix-mtime"];

/// Which of the times that the archive states for the source are not this one, as bits: a reader goes by one of them.
fn doubts(source: &Node, stated: u32) -> u32 {
    let exact = |seconds: i64| seconds & 0xffff_ffff == i64::from(stated);
    NAMES.iter().enumerate().fold(0, |doubts, (bit, name)| {
        let right = match source.value(name) {
            Some(Value::Time(seconds, _)) => exact(*seconds),
            Some(Value::LocalTime(year, month, day, hour, minute, second)) => {
                is_in_some_zone(i64::from(stated), *year, [*month, *day, *hour, *minute, *second].map(i64::from))
            }
            _ => true,
        };
        doubts | u32::from(!right) << bit
    })
}

/// Whether a local time could be this one: zones lie up to 14 hours from UTC, in steps of a quarter of an hour, and DOS
/// counts in twos.
fn is_in_some_zone(stated: i64, year: u16, [month, day, hour, minute, second]: [i64; 5]) -> bool {
    // Days from 1970-01-01, with years that begin in March.
    let year = i64::from(year) - i64::from(month <= 2);
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * ((month + 9) % 12) + 2) / 5 + day - 1 - 719_468;
    let off = (stated - (((days * 24 + hour) * 60 + minute) * 60 + second)).abs();
    let quarter = off % 900;
    off <= 14 * 3600 + 2 && (quarter <= 2 || quarter >= 898)
}

/// The source of a compiled file: `a/__pycache__/b.cpython-311.pyc` is of `a/b.py`, and so is `a/b.pyc`.
fn source_path(path: &[u8]) -> Option<Vec<u8>> {
    let at = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let (folder, name) = path.split_at_checked(at)?;
    let stem = match folder.strip_suffix(b"__pycache__/") {
        Some(parent) if parent.is_empty() || parent.ends_with(b"/") => {
            let dot = name.iter().position(|byte| *byte == b'.')?;
            return Some([parent, name.get(..dot)?, b".py"].concat());
        }
        _ => name.strip_suffix(b".pyc").or_else(|| name.strip_suffix(b".pyo"))?,
    };
    Some([folder, stem, b".py"].concat())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Item, container, file, stabilize};
    use super::*;

    const CODE: &[u8] = b"\xe3code";

    /// A compiled file: of 3.11, for a source of five bytes.
    fn pyc(time: u32) -> Vec<u8> {
        with(3495, &[0, time, 5])
    }

    fn with(magic: u16, words: &[u32]) -> Vec<u8> {
        let words: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        [&magic.to_le_bytes()[..], b"\r\n", &words, CODE].concat()
    }

    /// What becomes of a compiled file among others.
    #[track_caller]
    fn check(members: &[Item], before: &[u8], after: &[u8]) {
        for path in ["m.pyc", "__pycache__/m.cpython-311.pyc", "__pycache__/m.cpython-311.opt-2.pyc"] {
            let members = [members, &[file(path, before)]].concat();
            let side = stabilize(Profile::Standard, &container("tar", "a", members));
            assert_eq!(side.bytes(path).escape_ascii().to_string(), after.escape_ascii().to_string(), "{path}");
        }
    }

    fn source(time: Value) -> Item {
        file("m.py", "x = 1").with("mtime", time)
    }

    #[test]
    fn alone_its_time_and_size_say_nothing() {
        for artifact in [file("a", pyc(7)), container("gzip", "a.gz", [file("a", pyc(7))])] {
            let side = stabilize(Profile::Standard, &artifact);
            assert_eq!(side.bytes("a"), with(3495, &[0, 0, 0]));
            assert_eq!(stabilize(Profile::OssRebuild, &artifact).bytes("a"), pyc(7));
        }
        check(&[], &with(3379, &[7, 8]), &with(3379, &[0, 0]));
        check(&[], &with(62211, &[7]), &with(62211, &[0]));
        check(&[file("other.py", "x")], &pyc(7), &with(3495, &[0, 0, 0]));
    }

    #[test]
    fn what_python_would_do_shows() {
        let fresh = with(3495, &[0, 0, 0]);
        let stale = with(3495, &[0, 1, 0]);
        check(&[source(Value::Time(7, 5))], &pyc(7), &fresh);
        check(&[source(Value::Time(9, 0))], &pyc(9), &fresh);
        check(&[source(Value::Time(9, 0))], &pyc(7), &stale);
        check(&[source(Value::Time((1 << 32) + 7, 0))], &pyc(7), &fresh);
        check(&[file("m.py", "x = 1")], &pyc(7), &fresh);
        // A source of another size: Python never runs this code, and all of the header counts.
        check(&[file("m.py", "x = 12")], &pyc(7), &pyc(7));
        check(&[file("m.py", "x = 1"), file("m.py", "x = 2")], &pyc(7), &pyc(7));
        // Nor does one get the look of those that are ignored by stating it.
        let loud = u32::MAX;
        check(&[file("m.py", "x = 12")], &with(3495, &[0, 1, 0]), &with(3495, &[0, loud, loud]));
        check(&[file("m.py", ""), file("m.py", "")], &with(62211, &[1]), &with(62211, &[loud]));
    }

    #[test]
    fn a_local_time_fits_in_some_zone() {
        let fits = |stated, time: [u8; 5]| {
            let [month, day, hour, minute, second] = time;
            let source = source(Value::LocalTime(2001, month, day, hour, minute, second));
            let side = stabilize(Profile::Standard, &container("zip", "z", [source, file("m.pyc", pyc(stated))]));
            side.bytes("m.pyc") == with(3495, &[0, 0, 0])
        };
        // 2001-02-03 04:05:06 UTC
        let time = 981_173_106;
        assert!(fits(time, [2, 3, 4, 5, 6]) && fits(time + 1, [2, 3, 4, 5, 6]));
        assert!(fits(time, [2, 3, 9, 35, 6]) && fits(time, [2, 2, 18, 5, 6]) && fits(time, [2, 3, 9, 50, 8]));
        assert!(!fits(time, [2, 3, 4, 6, 6]) && !fits(time, [2, 4, 4, 5, 6]) && !fits(time, [0, 0, 0, 0, 0]));
        // 2001-03-01 00:00 and 2001-12-31 23:59:58 UTC
        assert!(fits(983_404_800, [3, 1, 0, 0, 0]) && fits(1_009_843_198, [12, 31, 23, 59, 58]));
    }

    #[test]
    fn everything_else_stays() {
        for bytes in [
            // Digests instead of times, with and without a check.
            with(3495, &[1, 7, 8]),
            with(3495, &[3, 7, 8]),
            with(3495, &[4, 7, 8]),
            // No release.
            with(3400, &[0, 7, 8]),
            [&3495_u16.to_le_bytes()[..], b"\n\n", &[0; 12], CODE].concat(),
            pyc(7)[..16].to_vec(),
            [&pyc(7)[..16], b"text"].concat(),
        ] {
            check(&[], &bytes, &bytes);
        }
    }

    #[test]
    fn the_code_counts() {
        let other = [&pyc(7)[..], b"!"].concat();
        check(&[], &other, &[&with(3495, &[0, 0, 0])[..], b"!"].concat());
    }
}
