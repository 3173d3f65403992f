//! Differences of texts and of bytes: what is shown covers both sides, in order, once.
#![no_main]

use std::time::Duration;
use twinspect::compare::{BytesComparison, TextComparison, similarity, sketch};
use twinspect_fuzz::cut;

/// Sums of the counts of both sides, over operations of five numbers.
fn covered<T: Copy + Into<u64>>(ops: &[T]) -> (u64, u64) {
    assert_eq!(ops.len() % 5, 0);
    let (mut left, mut right) = (0, 0);
    for op in ops.chunks_exact(5) {
        assert_eq!((op[1].into(), op[3].into()), (left, right), "the operations leave a gap");
        left += op[2].into();
        right += op[4].into();
    }
    (left, right)
}

twinspect_fuzz::fuzz_target!(|data: &[u8]| {
    let Some((left, right)) = cut(data) else { return };
    let time = Duration::from_secs(2);
    let bytes = BytesComparison::new(Some(left), Some(right), time).shape();
    assert_eq!(covered(&bytes.ops), (left.len() as u64, right.len() as u64));
    assert_eq!(similarity(&sketch(left), &sketch(right)), similarity(&sketch(right), &sketch(left)));
    for sides in [(Some(left), Some(right)), (Some(left), None), (None, Some(right))] {
        let Some(mut text) = TextComparison::new(sides.0, sides.1, time) else { continue };
        let shape = text.shape();
        assert_eq!(covered(&shape.ops), (shape.lines.left.into(), shape.lines.right.into()));
        text.sentences();
        text.unified(3, 200);
        text.window(0..u32::MAX, 0..u32::MAX);
        if sides.0 == sides.1 {
            assert_eq!((shape.added, shape.removed), (0, 0));
        }
    }
});
