//! Sketches of contents, to find entries that were renamed and edited.

use std::collections::BTreeMap;

use crate::artifact::{Side, Sides};
use crate::compare::similarity::{self, Sketch};
use crate::reading::{NodeId, Reading};
use crate::store::Store;

/// Sketches of contents, made when first asked for, within a byte budget.
pub(super) struct Sketches<'a> {
    readings: Sides<&'a Reading>,
    stores: Sides<&'a Store>,
    left: u64,
    made: BTreeMap<(Side, NodeId), Option<Sketch>>,
}

impl<'a> Sketches<'a> {
    /// A content larger than this is not compared with others.
    const MOST: u64 = 4 << 20;

    /// None yet; at most `left` bytes are read for all of them.
    pub(super) fn new(readings: Sides<&'a Reading>, stores: Sides<&'a Store>, left: u64) -> Self {
        Self { readings, stores, left, made: BTreeMap::new() }
    }

    fn make(&mut self, side: Side, id: NodeId) {
        if self.made.contains_key(&(side, id)) {
            return;
        }
        let content = self.readings.get(side).node(id).filter(|node| node.size <= Self::MOST.min(self.left));
        let sketch = content.and_then(|node| {
            self.left -= node.size;
            let (bytes, _) = self.stores.get(side).read(node.content.as_ref()?, Self::MOST).ok()?;
            Some(similarity::sketch(&bytes))
        });
        self.made.insert((side, id), sketch);
    }

    /// How alike two contents are, in percent; `None` if either is too large or cannot be read.
    pub(super) fn similarity(&mut self, left: NodeId, right: NodeId) -> Option<u8> {
        self.make(Side::Left, left);
        self.make(Side::Right, right);
        let a = self.made.get(&(Side::Left, left))?.as_ref()?;
        let b = self.made.get(&(Side::Right, right))?.as_ref()?;
        Some(similarity::similarity(a, b))
    }
}
