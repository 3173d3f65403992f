//! stub
#![allow(missing_docs)]
pub struct Sketch;
pub fn sketch(_: &[u8]) -> Sketch {
    Sketch
}
pub fn similarity(_: &Sketch, _: &Sketch) -> u8 {
    0
}
