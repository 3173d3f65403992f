//! The signing block of Android packages: pairs of an id and a value between the last entry and the directory, their
//! size before and behind them, and a magic (Android's APK signature scheme v2, "APK Signing Block format").

use std::borrow::Cow;

use crate::entry::Value;
use crate::error::Fault;

use super::Archive;
use super::record::Front;

/// Bytes that follow the pairs: their size again, and this magic.
const MAGIC: &[u8; 16] = b"APK Sig Block 42";
const TAIL: u64 = 24;
/// More pairs than this are not described; packages have fewer than ten.
const MOST_PAIRS: usize = 200;

/// What an id stands for.
fn name(id: u32) -> Cow<'static, str> {
    Cow::Borrowed(match id {
        0x7109_871a => "v2",
        0xf053_68c0 => "v3",
        0x1b93_ad61 => "v3.1",
        0x4272_6577 => "padding",
        0x504b_4453 => "dependency-info",
        0x2b09_189e => "source-stamp-v1",
        0x6dff_800d => "source-stamp",
        0x2146_444e => "play-frosting",
        0x7177_7777 => "walle-channel",
        0x8811_55ff => "vasdolly-channel",
        id => return Cow::Owned(format!("id-{id:08x}")),
    })
}

/// One pair: its id, and the range of its value.
struct Pair {
    id: u32,
    start: u64,
    end: u64,
}

/// Gives fields for the block that ends at `end`, where the directory begins, and where it begins; `None` if there is
/// none that is well formed. One that is not is said, and stays what nothing claims.
pub(super) fn block(archive: &mut Archive<'_>, start: u64, end: u64) -> Result<Option<u64>, Fault> {
    let Some(tail) = end.checked_sub(TAIL).filter(|tail| *tail >= start) else { return Ok(None) };
    let mut front = Front(archive.near(tail, TAIL)?);
    let (Some(size), Some(magic)) = (front.u64(), front.take(MAGIC.len())) else { return Ok(None) };
    if magic != MAGIC {
        return Ok(None);
    }
    let wrong = |archive: &mut Archive<'_>, why: &str| {
        archive.tell(Fault::at(tail, format!("this is no proper signing block: {why}")).raises("APK-01"));
        Ok(None)
    };
    let first = end.checked_sub(size).and_then(|pairs| pairs.checked_sub(8)).filter(|first| *first >= start);
    let Some(first) = first.filter(|first| first.saturating_add(8) <= tail) else {
        return wrong(archive, &format!("it says {size} bytes"));
    };
    let before = Front(archive.near(first, 8)?).u64();
    if before != Some(size) {
        let before = before.unwrap_or_default();
        return wrong(archive, &format!("it says {size} bytes at its end and {before} where it should begin"));
    }
    let Some(pairs) = pairs(archive, first + 8, tail)? else {
        return wrong(archive, "its pairs do not fill it");
    };
    let digest = archive.unclaimed(first, end, false)?.sha256;
    archive.opening.say("signing-block", Value::Number((end - first).into()));
    archive.opening.say("signing-block-sha256", Value::Digest(digest));
    for pair in pairs {
        let value = archive.unclaimed(pair.start, pair.end, false)?;
        let name = name(pair.id);
        archive.opening.say(format!("signing:{name}"), Value::Number((pair.end - pair.start).into()));
        // Padding of zeros has nothing more to say.
        if !(value.zero && name == "padding") {
            archive.opening.say(format!("signing:{name}:sha256"), Value::Digest(value.sha256));
        }
    }
    Ok(Some(first))
}

/// The pairs, if they fill the block exactly.
fn pairs(archive: &mut Archive<'_>, start: u64, end: u64) -> Result<Option<Vec<Pair>>, Fault> {
    let (mut pairs, mut at) = (Vec::new(), start);
    while at < end {
        let mut front = Front(archive.near(at, 12)?);
        let (Some(length), Some(id)) = (front.u64(), front.u32()) else { return Ok(None) };
        let next = at.checked_add(8).and_then(|value| value.checked_add(length));
        let Some(next) = next.filter(|next| *next <= end && length >= 4) else { return Ok(None) };
        pairs.push(Pair { id, start: at + 12, end: next });
        if pairs.len() > MOST_PAIRS {
            return Ok(None);
        }
        at = next;
    }
    Ok(Some(pairs))
}
