//! tar as Go writes it: header, body, padding, and two zero blocks at the end.

use std::io::{self, Write};

use super::{Counted, Writer};
use crate::error::Fault;
use crate::go::Stop;
use crate::go::tar::{Header, forced, layout};
use crate::stabilize::{Body, Plan, Tarred};

const ZEROS: [u8; 1024] = [0; 1024];

impl Writer<'_> {
    pub(super) fn tar(&mut self, members: &[Tarred], out: &mut dyn Write) -> Result<(), Fault> {
        for Tarred { header, body } in members {
            match body {
                _ if header.is_bare() => self.head(header, out)?,
                Body::Content(content) => {
                    self.head(header, out)?;
                    let copied = self.copy(content, out)?;
                    pad(copied.size, out)?;
                }
                Body::Plan(plan) => {
                    let size = self.size(plan)?;
                    let size = i64::try_from(size).map_err(|_| Fault::new("an archive in a gem is too large"))?;
                    self.head(&Header { size, ..header.clone() }, out)?;
                    let mut counted = Counted { inner: &mut *out, count: 0 };
                    self.plan(plan, &mut counted)?;
                    let size = counted.count;
                    pad(size, out)?;
                }
            }
        }
        Ok(out.write_all(&ZEROS)?)
    }

    fn head(&mut self, header: &Header, out: &mut dyn Write) -> Result<(), Fault> {
        let bytes = match layout(header) {
            Ok(bytes) => bytes,
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(Stop::Refused(_)) => forced(header),
        };
        Ok(out.write_all(&bytes)?)
    }

    /// How long something becomes: written once for nobody.
    fn size(&mut self, plan: &Plan) -> Result<u64, Fault> {
        let mut sink = io::sink();
        let mut counted = Counted { inner: &mut sink, count: 0 };
        self.plan(plan, &mut counted)?;
        Ok(counted.count)
    }
}

/// Fills the last block.
fn pad(size: u64, out: &mut dyn Write) -> Result<(), Fault> {
    let missing = usize::try_from(size.next_multiple_of(512) - size).unwrap_or_default();
    Ok(out.write_all(ZEROS.get(..missing).unwrap_or_default())?)
}
