//! Prints the structure of files, to be held against `readelf`, `objdump` or `javap`: `structure FILE…`.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a program that cannot go on ends")]

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).expect("a file that can be read");
        let listing = twinspect::structure::listing(&bytes);
        println!("{path}\n{}", listing.as_deref().unwrap_or("(no structure)"));
    }
}
