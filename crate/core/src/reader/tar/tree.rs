//! What a model's members make together: the last of one path stays, and links lead where they lead.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::entry::{Content, Kind};
use crate::reader::Member;

/// Most symbolic links that one path may lead through.
const HOPS: u32 = 16;

/// Most bytes of a path and of one name in it, as Linux has them.
const PATH: usize = 4096;
const NAME: usize = 255;

/// How members are put together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// A library lists what it reads; nothing is refused, and `..` stays.
    Listed,
    /// A command writes files below one folder.
    Written,
}

/// The members so far.
pub(super) struct Tree {
    manner: Manner,
    members: Vec<Option<Member>>,
    by_path: BTreeMap<Vec<u8>, usize>,
}

/// A member as a model read it.
pub(super) struct Item {
    pub(super) path: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) content: Option<Content>,
    /// Where a link leads.
    pub(super) target: Vec<u8>,
    /// Byte offset of its header.
    pub(super) offset: u64,
}

impl Tree {
    pub(super) fn new(manner: Manner) -> Self {
        Self { manner, members: Vec::new(), by_path: BTreeMap::new() }
    }

    /// The members, each path once, in order.
    pub(super) fn members(self) -> Vec<Member> {
        self.members.into_iter().flatten().collect()
    }

    /// The member at a path.
    pub(super) fn at(&self, path: &[u8]) -> Option<&Member> {
        self.by_path.get(path).and_then(|index| self.members.get(*index)?.as_ref())
    }

    /// Adds a member.
    ///
    /// # Errors
    /// Why a command could not write it.
    pub(super) fn put(&mut self, item: Item) -> Result<(), String> {
        let Item { path, kind, mut content, target, offset } = item;
        let mut path = plain(&path);
        if self.manner == Manner::Written {
            path = self.place(&path)?;
        }
        if path.is_empty() {
            let written = self.manner == Manner::Written && kind != Kind::Directory;
            return if written { Err("a member has no name".into()) } else { Ok(()) };
        }
        let mut kind = kind;
        let mut target = matches!(kind, Kind::Symlink | Kind::Hardlink).then_some(target);
        if kind == Kind::Hardlink {
            let name = plain(target.as_deref().unwrap_or_default());
            let name = if self.manner == Manner::Written { self.place(&name)? } else { name };
            match self.at(&name).filter(|member| member.kind != Kind::Directory) {
                Some(member) => {
                    kind = member.kind;
                    content.clone_from(&member.content);
                    target.clone_from(&member.target);
                }
                None if self.manner == Manner::Written => {
                    return Err(format!("a hard link leads to {}, which is not there", name.escape_ascii()));
                }
                None => content = None,
            }
        }
        if self.manner == Manner::Written && self.is_folder(&path) {
            if kind == Kind::Directory {
                return Ok(());
            }
            if self.has_inside(&path) {
                return Err(format!("a folder is where {} should be", path.escape_ascii()));
            }
        }
        if self.manner == Manner::Listed
            && kind == Kind::Directory
            && self.at(&path).is_some_and(|member| member.kind != Kind::Directory)
        {
            // A list of what has contents does not lose one to a folder.
            return Ok(());
        }
        let member = Member { path: path.clone(), kind, content, target, offset };
        if let Some(old) = self.by_path.insert(path, self.members.len())
            && let Some(slot) = self.members.get_mut(old)
        {
            *slot = None;
        }
        self.members.push(Some(member));
        Ok(())
    }

    fn is_folder(&self, path: &[u8]) -> bool {
        self.at(path).is_some_and(|member| member.kind == Kind::Directory) || self.has_inside(path)
    }

    fn has_inside(&self, path: &[u8]) -> bool {
        let below = [path, b"/"].concat();
        let from = (Bound::Included(&below[..]), Bound::Unbounded);
        self.by_path.range::<[u8], _>(from).next().is_some_and(|(path, _)| path.starts_with(&below))
    }

    /// Where a path really leads: through symbolic links among its folders.
    fn place(&self, path: &[u8]) -> Result<Vec<u8>, String> {
        if path.len() >= PATH || parts(path).any(|part| part.len() > NAME) {
            return Err("a name is too long".into());
        }
        let mut done: Vec<u8> = Vec::new();
        let mut left: Vec<Vec<u8>> = parts(path).rev().map(<[u8]>::to_vec).collect();
        let mut hops = 0;
        while let Some(part) = left.pop() {
            let here = if done.is_empty() { part } else { joined(&done, &part) };
            if left.is_empty() {
                return Ok(here);
            }
            match self.at(&here).map(|member| (member.kind, member.target.as_deref().unwrap_or_default())) {
                None | Some((Kind::Directory, _)) => done = here,
                Some((Kind::Symlink, target)) => {
                    hops += 1;
                    let leaves = target.starts_with(b"/") || parts(target).any(|part| part == b"..");
                    if leaves || hops > HOPS || target.len() >= PATH {
                        return Err(format!("{} leads through a symbolic link", path.escape_ascii()));
                    }
                    left.extend(parts(target).rev().map(<[u8]>::to_vec));
                }
                Some(_) => return Err(format!("a folder of {} is a file", path.escape_ascii())),
            }
        }
        Ok(done)
    }
}

fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    [folder, b"/", name].concat()
}

/// The parts of a path that name something.
pub(super) fn parts(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".")
}

/// A path without a leading slash, empty parts and `.`.
pub(super) fn plain(path: &[u8]) -> Vec<u8> {
    parts(path).collect::<Vec<_>>().join(&b'/')
}
