//! The names of an archive, taken one after another: whether each is one thing.

use std::collections::BTreeSet;

/// The names of an archive.
#[derive(Default)]
pub(super) struct Names {
    files: BTreeSet<Vec<u8>>,
    folders: BTreeSet<Vec<u8>>,
    parents: BTreeSet<Vec<u8>>,
}

impl Names {
    /// Takes a name; none if it came before, or is too deep to bother.
    pub(super) fn add(&mut self, name: &[u8]) -> Option<()> {
        const DEEPEST: usize = 64;
        let folder = name.strip_suffix(b"/");
        let name = folder.unwrap_or(name);
        let places: Vec<usize> = (0..).zip(name).filter(|(_, byte)| **byte == b'/').map(|(place, _)| place).collect();
        (places.len() <= DEEPEST).then_some(())?;
        // The nearest one first: where it is known, so are those above it.
        for place in places.into_iter().rev() {
            if !self.parents.insert(name.get(..place).unwrap_or_default().to_vec()) {
                break;
            }
        }
        let set = if folder.is_some() { &mut self.folders } else { &mut self.files };
        set.insert(name.to_vec()).then_some(())
    }

    /// Whether no name is both a file and a folder.
    pub(super) fn agree(&self) -> bool {
        self.files.is_disjoint(&self.folders) && self.files.is_disjoint(&self.parents)
    }
}
