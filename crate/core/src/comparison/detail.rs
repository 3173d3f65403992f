//! One pair in detail: its contents opened, and compared as text, as bytes and by their fields, in windows.

use std::ops::Range;
use std::time::Duration;

use super::Comparison;
use super::language::language;
use crate::artifact::{Side, Sides};
use crate::compare::Unified;
use crate::compare::bytes::BytesComparison;
use crate::compare::text::{self, TextComparison};
use crate::error::Error;
use crate::pair::Pair;
use crate::reading::NodeId;
use crate::report::{BytesShape, Detail, TextWindow};
use crate::summarize::{self, Described};

/// Which form of a pair's contents is shown. None of them changes a status or the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// As the chosen passes make them, or as they are.
    pub stabilized: bool,
    /// Whether the long lines of scripts, styles and data are broken, where that helps; nothing else of them changes.
    pub reformatted: bool,
}

/// The contents of the pair that was asked for last.
pub(super) struct OpenDetail {
    key: (Option<u32>, bool),
    pub(super) contents: Sides<Option<Vec<u8>>>,
    /// Whether the limit `content-bytes` cut either content.
    cut: bool,
    /// Why contents that are there could not be opened, a sentence each: then nothing is claimed about what differs.
    failed: Vec<String>,
    pub(super) text: Option<TextComparison>,
    /// The same texts with their long lines broken.
    reformatted: Option<TextComparison>,
    bytes: Option<BytesComparison>,
}

/// How long the search for the smallest difference of two texts may take.
pub(super) const DEADLINE: Duration = Duration::from_secs(2);

impl Comparison {
    fn pair(&self, row: Option<u32>) -> Result<Pair, Error> {
        let at = row.map_or(Some(0), |row| usize::try_from(row).ok()?.checked_add(1));
        at.and_then(|at| self.pairing.pairs.get(at)).copied().ok_or_else(|| Error::new("There is no such row."))
    }

    /// Opens the contents of a pair, unless they are open.
    pub(super) fn open(&mut self, row: Option<u32>, stabilized: bool) -> Result<&mut OpenDetail, Error> {
        let key = (row, stabilized);
        if self.open.as_ref().is_none_or(|open| open.key != key) {
            let pair = self.pair(row)?;
            self.renew();
            let (mut cut, mut failed) = (false, Vec::new());
            let most = self.options.limits.get("content-bytes");
            let mut load = |side: Side, id: Option<NodeId>| {
                let reading = self.readings.get(side);
                let (outer, inner) = (id?, *reading.layers(id?).last()?);
                let new = self.stabilized.get(side).overlay(inner).and_then(|overlay| overlay.content.as_ref());
                let content = match new {
                    Some(new) if stabilized => &new.content,
                    // An archive is shown as its bytes as stored: those of its outermost wrapper.
                    _ if reading.node(inner)?.opened.is_some() => reading.node(outer)?.content.as_ref()?,
                    _ => reading.node(inner)?.content.as_ref()?,
                };
                match self.stores.get(side).read(content, most) {
                    Ok((bytes, more)) => {
                        cut |= more;
                        Some(bytes)
                    }
                    Err(fault) => {
                        failed.push(format!("The content in {} could not be opened: {fault}.", side.letter()));
                        None
                    }
                }
            };
            let contents = Sides { left: load(Side::Left, pair.left), right: load(Side::Right, pair.right) };
            self.open = Some(OpenDetail { key, contents, cut, failed, text: None, reformatted: None, bytes: None });
        }
        self.open.as_mut().ok_or_else(|| Error::new("There is no such row."))
    }

    pub(super) fn text(&mut self, row: Option<u32>, form: Form) -> Result<Option<&mut TextComparison>, Error> {
        let pair = self.pair(row)?;
        let opened = |side: Side, id: Option<NodeId>| {
            id.and_then(|id| self.leaf(side, id)).is_some_and(|node| node.opened.is_some())
        };
        if opened(Side::Left, pair.left) || opened(Side::Right, pair.right) {
            return Ok(None);
        }
        self.open(row, form.stabilized)?;
        let Some(open) = &mut self.open else { return Ok(None) };
        let kept = if form.reformatted { &mut open.reformatted } else { &mut open.text };
        if kept.is_none() && open.failed.is_empty() {
            let contents = Sides { left: open.contents.left.as_deref(), right: open.contents.right.as_deref() };
            let known = |id: Option<NodeId>, side: Side| language(self.readings.get(side), id?, (*contents.get(side))?);
            let languages = Sides { left: known(pair.left, Side::Left), right: known(pair.right, Side::Right) };
            let manner = text::Manner { languages, reformatted: form.reformatted };
            *kept = TextComparison::to_read(contents, manner, DEADLINE);
        }
        Ok(kept.as_mut())
    }

    /// What to show about a row (`None`: the artifacts themselves) before any window of its content.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn detail(&mut self, row: Option<u32>, form: Form) -> Result<Detail, Error> {
        let pair = self.pair(row)?;
        let at = row.map_or(0, |row| usize::try_from(row).unwrap_or(usize::MAX).saturating_add(1));
        let text = self.text(row, form)?.map(|text| (text.shape(), text.sentences()));
        let open = self.open(row, form.stabilized)?;
        let has_bytes = open.contents.left.is_some() || open.contents.right.is_some();
        let (cut, failed) = (open.cut, open.failed.clone());
        let judged = self.judged.get(at).map(|judged| judged.differences.as_slice()).unwrap_or_default();
        let described = summarize::describe(self.views(), pair, judged);
        let mut detail = Detail {
            path: match row {
                None => String::new(),
                Some(row) => {
                    let row = self.report.rows.get(usize::try_from(row).unwrap_or(usize::MAX));
                    row.map(|row| row.path.clone()).unwrap_or_default()
                }
            },
            sentences: described.sentences,
            fields: described.fields,
            text: None,
            bytes: has_bytes,
            stabilized: described.stabilized,
        };
        // What reading said of it already is among them.
        detail.sentences.extend(failed);
        if let Some((mut shape, sentences)) = text {
            shape.truncated |= cut;
            detail.sentences.extend(sentences);
            detail.text = Some(shape);
        }
        if cut {
            let most = self.options.limits.get("content-bytes");
            detail.sentences.push(format!("Only the first {most} bytes are shown (limit content-bytes)."));
        }
        Ok(detail)
    }

    /// Lines of a row's text comparison.
    ///
    /// # Errors
    /// A row that does not exist or is not text.
    pub fn text_window(
        &mut self,
        row: Option<u32>,
        form: Form,
        left: Range<u32>,
        right: Range<u32>,
    ) -> Result<TextWindow, Error> {
        match self.text(row, form)? {
            Some(text) => Ok(text.window(left, right)),
            None => Err(Error::new("This pair is not compared as text.")),
        }
    }

    /// A row's text comparison as hunks with `context` equal lines around, at most about `most` lines; `None` if it is
    /// not text.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn hunks(&mut self, row: Option<u32>, context: usize, most: usize) -> Result<Option<Unified>, Error> {
        Ok(self.text(row, Form::default())?.map(|text| text.unified(context, most)))
    }

    /// The two entries of a row.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn nodes(&self, row: Option<u32>) -> Result<Sides<Option<NodeId>>, Error> {
        let pair = self.pair(row)?;
        Ok(Sides { left: pair.left, right: pair.right })
    }

    /// The fields of a row, and what could not be read of it: its [`Detail`] without opening a content.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn described(&self, row: Option<u32>) -> Result<Described, Error> {
        let pair = self.pair(row)?;
        let at = row.map_or(0, |row| usize::try_from(row).unwrap_or(usize::MAX).saturating_add(1));
        let judged = self.judged.get(at).map(|judged| judged.differences.as_slice()).unwrap_or_default();
        Ok(summarize::describe(self.views(), pair, judged))
    }

    /// The contents of a row as they are; `None` for a side that has none. No contents at all where one could not be
    /// read, or is longer than the limit `content-bytes`.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn contents(&mut self, row: Option<u32>) -> Result<Option<Sides<Option<&[u8]>>>, Error> {
        let open = self.open(row, false)?;
        let contents = Sides { left: open.contents.left.as_deref(), right: open.contents.right.as_deref() };
        Ok((open.failed.is_empty() && !open.cut).then_some(contents))
    }

    /// How a row's contents line up as bytes.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn bytes(&mut self, row: Option<u32>, stabilized: bool) -> Result<BytesShape, Error> {
        let open = self.open(row, stabilized)?;
        if open.bytes.is_none() {
            open.bytes =
                Some(BytesComparison::new(open.contents.left.as_deref(), open.contents.right.as_deref(), DEADLINE));
        }
        Ok(open.bytes.as_ref().map(BytesComparison::shape).unwrap_or_default())
    }

    /// Bytes of one side of a row.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn bytes_window(
        &mut self,
        row: Option<u32>,
        stabilized: bool,
        side: Side,
        offset: u64,
        count: u64,
    ) -> Result<Vec<u8>, Error> {
        let open = self.open(row, stabilized)?;
        let bytes = open.contents.get(side).as_deref().unwrap_or_default();
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let end = start.saturating_add(usize::try_from(count).unwrap_or(usize::MAX)).min(bytes.len());
        Ok(bytes.get(start..end).unwrap_or_default().to_vec())
    }
}
