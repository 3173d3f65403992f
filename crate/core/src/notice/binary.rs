//! Contents that are no text: programs, contents that are not what their names say, opaque ones, large ones.

use super::look::{Look, look, promised};
use super::{Change, Info, NoticeSide, Noticed};
use crate::artifact::Sides;
use crate::entry::Kind;
use crate::reading::Node;

pub(super) const PROGRAM: Info = Info {
    id: "program-added",
    title: "New program",
    about: "B has machine code that A has not. Nobody reads it in a review of source.",
};
pub(super) const REPLACED: Info = Info {
    id: "program-replaced",
    title: "Other program",
    about: "Compiled code differs. Compare what it was built from, or build it again.",
};
pub(super) const DISGUISED: Info = Info {
    id: "disguised-content",
    title: "Not what its name says",
    about: "Editors, servers and reviewers go by the name, a loader goes by the bytes.",
};
pub(super) const OPAQUE: Info = Info {
    id: "opaque-content",
    title: "Opaque content",
    about: "Its bytes look random: compressed or encrypted in no form that is known here, so nothing in it was compared.",
};
pub(super) const LARGE: Info = Info {
    id: "large-addition",
    title: "Large addition",
    about: "It is far larger than what A consists of. Payloads of recent attacks stood out by their size.",
};

/// From here on an addition may be called large, in bytes.
const LARGE_FROM: u64 = 1 << 20;
/// Shorter contents are not said to look random, in bytes.
const OPAQUE_FROM: usize = 4 << 10;
/// Bits for each byte; compressed or encrypted bytes of that length have more than 7.9.
const OPAQUE_BITS: f64 = 7.6;

/// What the artifacts are like as a whole.
pub(super) struct Ground {
    /// Size of the member of A in the middle.
    median: u64,
    /// Bytes of all members of A.
    total: u64,
    /// Whether B is, or has, a jar.
    is_java: bool,
}

impl Ground {
    pub(super) fn of(sides: Sides<NoticeSide<'_>>) -> Self {
        let nodes = sides.left.reading.nodes.iter().skip(1);
        let files = nodes.filter(|node| node.kind == Kind::File && node.opened.is_none());
        let mut sizes: Vec<u64> = files.map(|node| node.size).collect();
        sizes.sort_unstable();
        let manifest = |node: &Node| node.path.eq_ignore_ascii_case(b"META-INF/MANIFEST.MF");
        Self {
            median: sizes.get(sizes.len() / 2).copied().unwrap_or_default(),
            total: sizes.iter().fold(0, |sum: u64, size| sum.saturating_add(*size)),
            is_java: sides.right.reading.nodes.iter().any(manifest),
        }
    }
}

pub(super) fn check(noticed: &mut Noticed<'_>, change: &Change<'_>, ground: &Ground) {
    let is = look(&change.after);
    let was = change.before.as_deref().map(look);
    let extension = change.extension();
    match (is, was) {
        // A jar consists of classes.
        (Look::Program("Java class"), _) if ground.is_java && extension == b"class" => {}
        (Look::Program(kind), Some(Look::Program(old))) if kind == old => {
            noticed.notice(REPLACED, change.at, format_args!("the {kind} program is another one"));
        }
        (Look::Program(kind), Some(Look::Text)) => {
            noticed.notice(PROGRAM, change.at, format_args!("text became a program ({kind})"));
        }
        (Look::Program(kind), _) => {
            noticed.notice(PROGRAM, change.at, format_args!("a program for {} ({} bytes)", machine(kind), change.size));
        }
        (Look::Other, Some(Look::Text)) => {
            noticed.notice(OPAQUE, change.at, format_args!("text became something else"));
        }
        (Look::Other, None | Some(Look::Known(_) | Look::Program(_))) if is_random(&change.after) => {
            noticed.notice(OPAQUE, change.at, format_args!("{} bytes that look random", change.size));
        }
        _ => {}
    }
    let fits = |is: Look| match is {
        Look::Program(_) => false,
        Look::Known(kind) => promised(&extension).contains(&kind),
        Look::Text => promised(&extension).contains(&"text"),
        // Text in an older encoding is no lie.
        Look::Other => promised(&extension).contains(&"text") && super::is_text(&change.after),
    };
    let unkept = |is: Look| !promised(&extension).is_empty() && !fits(is);
    if !change.after.is_empty() && unkept(is) && !was.is_some_and(unkept) {
        let what = match is {
            Look::Program(kind) => format!("a program for {}", machine(kind)),
            Look::Known(kind) => kind.to_owned(),
            Look::Text => "text".to_owned(),
            Look::Other => "neither that nor text".to_owned(),
        };
        noticed.notice(DISGUISED, change.at, format_args!("it ends in .{}, and is {what}", super::quoted(&extension)));
    }
    let grown = change.before.is_none();
    if grown && change.size >= LARGE_FROM && change.size / 10 > ground.median && change.size > ground.total / 4 {
        noticed.notice(
            LARGE,
            change.at,
            format_args!("{} bytes; all files of A together have {}", change.size, ground.total),
        );
    }
}

fn machine(kind: &'static str) -> &'static str {
    match kind {
        "ELF" => "Linux (ELF)",
        "Windows" => "Windows (PE)",
        "macOS" => "macOS (Mach-O)",
        "Java class" => "Java",
        "Dalvik" => "Android (DEX)",
        "Python bytecode" => "Python, compiled",
        other => other,
    }
}

/// Whether bytes are spread as evenly as compressed or encrypted ones are.
fn is_random(bytes: &[u8]) -> bool {
    if bytes.len() < OPAQUE_FROM {
        return false;
    }
    let mut counts = [0_u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    let bits: f64 = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum();
    bits > OPAQUE_BITS
}
