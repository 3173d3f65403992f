//! Mutants of every fixture, made by something that knows the formats: fields set to odd values, records doubled, dropped
//! and exchanged, archives spliced. None panics, takes long, or breaks an invariant.
//!
//! The seeds are fixed: mutant 7 of a fixture is the same one everywhere. A sample of them runs with the tests; as many as
//! wanted by `cargo xtask mutate --count N`, which sets TWINSPECT_MUTANTS.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::print_stderr, reason = "it says where the bytes of a mutant that broke something are")]

mod mutant;
mod structure;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use mutant::Random;
use twinspect::artifact::Sides;
use twinspect::comparison::Options;
use twinspect::stabilize::{Choice, Profile};
use twinspect_tests::fixtures::{self, Fixture};
use twinspect_tests::invariants;

/// Mutants of each fixture that run with the tests.
const SAMPLE: u64 = 20;
/// Bytes of the files of tests/samples that are used.
const MOST: u64 = 2 << 10;
/// What one mutant may take: read twice, compared three times, details opened.
const TIME: Duration = Duration::from_secs(1);

#[test]
fn no_mutant_breaks_anything() {
    let asked = std::env::var("TWINSPECT_MUTANTS").ok();
    let count = asked.as_ref().map_or(SAMPLE, |count| count.parse().expect("TWINSPECT_MUTANTS is a number"));
    let all = [fixtures::built(), fixtures::packages(), fixtures::samples(MOST)].concat();
    let mut slowest = (Duration::ZERO, String::new());
    for (at, fixture) in all.iter().enumerate() {
        let started = Instant::now();
        for number in 0..count {
            let (bytes, time) = one(&all, at, number);
            if time > slowest.0 {
                slowest = (time, format!("mutant {number} of {} ({} bytes)", fixture.0, bytes.len()));
            }
        }
        if asked.is_some() {
            println!("{:<40} {count} mutants in {:.1} s", fixture.0, started.elapsed().as_secs_f64());
        }
    }
    println!(
        "{} mutants, the slowest {:.0} ms: {}",
        count * all.len() as u64,
        slowest.0.as_secs_f64() * 1e3,
        slowest.1
    );
}

/// Makes a mutant and asks everything of it; how long that took.
fn one(all: &[Fixture], at: usize, number: u64) -> (Vec<u8>, Duration) {
    let (name, original) = &all[at];
    let mut random = Random::new(at as u64, number);
    let other = &all[random.below(all.len())].1;
    let bytes = mutant::make(original, other, &mut random);
    let profile = [Profile::None, Profile::OssRebuild, Profile::Standard][random.below(3)];
    let mut time = check((name, original), (name, &bytes), profile);
    if time.as_ref().is_ok_and(|time| *time > TIME) {
        // A busy machine is not a slow parser: what is slow is slow twice.
        time = check((name, original), (name, &bytes), profile);
    }
    let time = time.unwrap_or_else(|panic| {
        keep(name, number, &bytes);
        resume_unwind(panic)
    });
    if time > TIME {
        keep(name, number, &bytes);
        panic!("mutant {number} of {name} takes {:.1} s", time.as_secs_f64());
    }
    (bytes, time)
}

fn check(
    original: (&str, &[u8]),
    mutant: (&str, &[u8]),
    profile: Profile,
) -> Result<Duration, Box<dyn std::any::Any + Send>> {
    let limits = invariants::small_limits();
    let left = invariants::reading(original.0, original.1, &limits);
    catch_unwind(AssertUnwindSafe(|| {
        let started = Instant::now();
        let right = invariants::reading(mutant.0, mutant.1, &limits);
        let options = Options { choice: Choice::of(profile), limits };
        invariants::compared(original, mutant, &Sides { left, right }, &options);
        started.elapsed()
    }))
}

/// Keeps a mutant that broke something, and says where.
fn keep(name: &str, number: u64, bytes: &[u8]) {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mutant-{number}-of-{name}"));
    eprintln!("mutant {number} of {name}, kept as {}: {:?}", path.display(), std::fs::write(&path, bytes));
}
