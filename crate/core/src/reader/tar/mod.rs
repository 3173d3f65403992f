//! Models of tar readers.
//!
//! Each one is a small reader of its own over the raw bytes, put together from rules that several share: number fields
//! ([`number`]), records ([`pax`]), sparse maps ([`sparse`]), and what members make together ([`tree`]). The commands
//! extract as an ordinary user into an empty folder; the libraries list every member.

use super::{Archive, End, Reader, View};
use crate::error::Fault;
use block::Tape;
use tree::{Manner, Tree};

mod block;
mod bsd;
mod busybox;
mod gnu;
mod go;
mod node;
mod number;
mod pax;
mod python;
mod rust;
mod seven;
mod sparse;
mod stream;
#[cfg(test)]
mod tests;
mod tree;
mod trouble;

/// Every model.
pub const READERS: &[Reader] = &[
    Reader { id: "gnu-tar", title: "GNU tar 1.34", see: |archive| see(archive, gnu::walk, Manner::Written) },
    Reader {
        id: "py-tarfile",
        title: "Python tarfile 3.11",
        see: |archive| see(archive, python::walk, Manner::Listed),
    },
    Reader { id: "bsdtar", title: "bsdtar (libarchive 3.6)", see: |archive| see(archive, bsd::walk, Manner::Written) },
    Reader { id: "node-tar", title: "node-tar 7 (npm)", see: |archive| see(archive, node::walk, Manner::Listed) },
    Reader { id: "go-tar", title: "Go archive/tar 1.25", see: |archive| see(archive, go::walk, Manner::Listed) },
    Reader { id: "rust-tar", title: "Rust tar 0.4.46", see: |archive| see(archive, rust::walk, Manner::Listed) },
    Reader {
        id: "busybox-tar",
        title: "BusyBox tar 1.35",
        see: |archive| see(archive, busybox::walk, Manner::Written),
    },
    Reader { id: "7zz-tar", title: "7-Zip 26", see: |archive| see(archive, seven::walk, Manner::Written) },
    Reader { id: "tar-stream", title: "tar-stream 3 (npm)", see: |archive| see(archive, stream::walk, Manner::Listed) },
];

/// Reads an archive from its start in the way of one reader.
type Walk = fn(&mut Tape<'_, '_>, &mut Tree) -> Result<End, Fault>;

fn see(archive: &mut Archive<'_>, walk: Walk, manner: Manner) -> View {
    let mut tree = Tree::new(manner);
    let end = walk(&mut Tape::new(archive), &mut tree).unwrap_or_else(|fault| End::Stopped(fault.to_string()));
    let members = tree.members();
    let end = match end {
        End::Stopped(why) if members.is_empty() => End::Refused(why),
        end => end,
    };
    View { members, end }
}
