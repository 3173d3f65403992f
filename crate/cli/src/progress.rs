//! A line of progress on the terminal.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use twinspect::artifact::Sides;
use twinspect::read::Progress;

/// Shows what one reading reports.
pub fn watch<T>(name: &str, work: impl FnOnce(&mut dyn FnMut(&Progress)) -> T) -> T {
    let line = Line::new(name);
    let result = work(&mut |progress| line.update(|sides| sides.left = progress.clone()));
    line.clear();
    result
}

/// Shows what two readings report.
pub fn watch_both<T>(
    name: &str,
    work: impl FnOnce(&mut (dyn FnMut(&Progress) + Send), &mut (dyn FnMut(&Progress) + Send)) -> T,
) -> T {
    let line = Line::new(name);
    let result = work(
        &mut |progress: &Progress| line.update(|sides| sides.left = progress.clone()),
        &mut |progress: &Progress| line.update(|sides| sides.right = progress.clone()),
    );
    line.clear();
    result
}

struct Line {
    name: String,
    shown: bool,
    state: Mutex<(Sides<Progress>, Instant)>,
}

impl Line {
    fn new(name: &str) -> Self {
        let name = twinspect::display::bytes(name.as_bytes());
        Self { name, shown: std::io::stderr().is_terminal(), state: Mutex::new((Sides::default(), Instant::now())) }
    }

    fn update(&self, change: impl FnOnce(&mut Sides<Progress>)) {
        if !self.shown {
            return;
        }
        let Ok(mut state) = self.state.lock() else { return };
        change(&mut state.0);
        if state.1.elapsed() < Duration::from_millis(100) {
            return;
        }
        state.1 = Instant::now();
        let both = [&state.0.left, &state.0.right];
        let sum =
            |value: fn(&Progress) -> u64| both.iter().map(|progress| value(progress)).fold(0, u64::saturating_add);
        let (done, total) = (sum(|progress| progress.bytes), sum(|progress| progress.total));
        let (entries, decoded) = (sum(|progress| progress.entries), sum(|progress| progress.decoded));
        let percent = done.saturating_mul(100) / total.max(1);
        let _ = write!(
            std::io::stderr(),
            "\r\x1b[K{}: hashed {percent} %, opened {entries} entries, {} MB read",
            self.name,
            decoded / 1_000_000
        );
    }

    fn clear(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
