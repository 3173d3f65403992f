//! The long mode of tests/mutation: as many mutants of every fixture as asked for.

use crate::{Outcome, command, workspace};
use std::process::{Command, ExitCode};

/// Mutants of every fixture.
const COUNT: u32 = 10_000;

/// `cargo xtask mutate`
pub(crate) fn task(arguments: &[String]) -> Outcome<ExitCode> {
    let count = count(arguments)?;
    command::run(
        Command::new("cargo")
            .args(["test", "--profile", "quick", "--package", "twinspect-tests", "--test", "mutation", "--"])
            .args(["--nocapture", "--test-threads", "1"])
            .env("TWINSPECT_MUTANTS", count.to_string())
            .current_dir(workspace::root()?),
    )?;
    Ok(ExitCode::SUCCESS)
}

fn count(arguments: &[String]) -> Outcome<u32> {
    use lexopt::prelude::*;
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut count = COUNT;
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        match argument {
            Long("count") => {
                count = parser.value().and_then(|value| value.parse()).map_err(|e| format!("--count: {e}"))?;
            }
            other => return Err(format!("`mutate`: {}", other.unexpected())),
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_a_number() {
        let words = |text: &str| text.split(' ').map(str::to_string).collect::<Vec<_>>();
        assert_eq!(count(&[]), Ok(COUNT));
        assert_eq!(count(&words("--count 7")), Ok(7));
        assert!(count(&words("--count many")).is_err());
        assert!(count(&words("--number 7")).is_err());
    }
}
