//! Colours and breaks of every language: in order, inside their line, apart; and pieces that make up the line.
#![no_main]

use twinspect::syntax::reformat::Breaker;
use twinspect::syntax::{State, recognise, tokens};

const NAMES: [&str; 18] = [
    "a.js", "a.json", "a.py", "a.rs", "a.c", "a.java", "a.go", "a.rb", "a.sh", "a.yaml", "a.toml", "a.ini", "METADATA",
    "Makefile", "a.css", "a.html", "a.xml", "a.md",
];

twinspect_fuzz::fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else { return };
    let name = NAMES[usize::from(*choice) % NAMES.len()];
    let language = recognise(name.as_bytes(), text).unwrap();
    let mut state = State::default();
    let mut breaker = Breaker::new(language);
    for line in text.split(|byte| *byte == b'\n') {
        let mut at = 0;
        // A carriage return stands for the end of a piece here.
        for token in tokens(language, &mut state, line, line.ends_with(b"\r")) {
            assert!(at <= token.range.start && token.range.start < token.range.end && token.range.end <= line.len());
            at = token.range.end;
        }
        let pieces = breaker.as_mut().map(|breaker| breaker.line(line)).unwrap_or_default();
        assert!(pieces.first().is_none_or(|piece| piece.start == 0));
        assert!(pieces.windows(2).all(|pair| pair[0].start < pair[1].start && pair[1].start < line.len()));
    }
});
