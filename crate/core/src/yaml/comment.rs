//! Which node a comment belongs to is a matter of blank lines and columns. These are the rules of `yaml.v3`, its odd ones
//! included: a line break of two bytes counts twice, blanks are looked through for 512 bytes at most.

use super::chars::Mark;
use super::scan::{Kind, Scanner};
use super::{Error, MAX_NODES};

/// How far a comment is looked for behind a token or another comment, in bytes.
const FARTHEST: usize = 512;

/// Comment lines that stand together.
#[derive(Clone, Debug, Default)]
pub(super) struct Comment {
    /// Where the space around it started.
    scan: Mark,
    /// It belongs to the first token that is looked at from here on.
    pub(super) token: Mark,
    /// Its `#`. The column is counted from 1 for comments on lines of their own.
    start: Mark,
    /// Where it ended; unset for one at the end of a line.
    end: Mark,
    pub(super) place: Place,
    pub(super) text: String,
}

/// Where a comment stands as seen from the token it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Head,
    Line,
    Foot,
}

/// What [`Scanner::scan_comments`] is in the middle of.
struct Run {
    scan: Mark,
    token: Mark,
    start: Mark,
    text: String,
}

impl Scanner<'_> {
    /// Reads a comment that ends the current line.
    pub(super) fn scan_line_comment(&mut self, subject: Mark) {
        if self.newlines > 0 {
            return;
        }
        let blanks = (0..FARTHEST).find(|ahead| !self.is_blank(*ahead));
        let Some(blanks) = blanks.filter(|ahead| self.byte(*ahead) == b'#') else { return };
        self.skip_many(blanks);
        let start = self.mark;
        let mut text = String::new();
        while !self.is_line_end(0) {
            self.read(&mut text);
        }
        self.comments.push(Comment { token: subject, start, place: Place::Line, text, ..Comment::default() });
    }

    /// In `a: # about the items`, before `  - item`, the comment is one of the first item.
    pub(super) fn promote_line_comment(&mut self) {
        let mut last = self.tokens.iter().rev();
        if last.next().is_some_and(|token| token.kind == Kind::BlockEntry)
            && last.next().is_some_and(|token| token.kind == Kind::SequenceStart)
            && !self.is_break(0)
            && let Some(comment) = self.comments.last_mut()
            && comment.place == Place::Line
        {
            comment.place = Place::Head;
            if comment.start.line.saturating_add(1) == self.mark.line {
                comment.token = self.mark;
            }
        }
    }

    /// Reads comments on lines of their own, starting at a `#`. `before` is where the space before them started.
    pub(super) fn scan_comments(&mut self, before: Mark) -> Result<(), Error> {
        let mut last = self.tokens.iter().rev();
        let (mut token, mut is_value) = last.next().map_or((Mark::default(), false), about);
        if self.tokens.len() > 1 && self.tokens.back().is_some_and(|token| token.kind == Kind::FlowEntry) {
            (token, is_value) = last.next().map_or((token, is_value), about);
        }
        let indent = self.indent.unwrap_or(0);
        // A comment that starts on this line, directly below what was read, may be its foot.
        let foot_line = (before.line > 0).then(|| {
            let line = self.mark.line.saturating_add(1).saturating_sub(self.newlines);
            line.saturating_add(usize::from(self.newlines == 0 && self.mark.column > 1))
        });
        let mut first_break = self.newlines <= 1;
        let mut after_break = false;
        let (mut line, mut column) = (self.mark.line, self.mark.column);
        let mut run = Run { scan: before, token, start: Mark::default(), text: String::new() };
        let mut ahead = 0;
        while ahead < FARTHEST {
            column = column.saturating_add(1);
            if self.is_blank(ahead) {
                ahead = ahead.saturating_add(1);
                continue;
            }
            let here = Mark { at: 0, index: self.mark.index.saturating_add(ahead), line, column };
            let dedented = run.start.column.saturating_sub(1) < indent || run.start.column == 0;
            let closes = self.flow > 0 && matches!(self.byte(ahead), b']' | b'}');
            if closes || self.is_line_end(ahead) {
                if closes || !after_break {
                    let at_foot = foot_line == Some(run.start.line) && !is_value;
                    if closes || (first_break && (at_foot || dedented)) {
                        if !run.text.is_empty() && dedented {
                            run.token = run.start;
                        }
                        self.end_run(&mut run, here)?;
                    } else if !run.text.is_empty() && self.byte(ahead) != 0 {
                        run.text.push('\n');
                    }
                }
                if !self.is_break(ahead) {
                    break;
                }
                first_break = false;
                after_break = true;
                column = 0;
                line = line.saturating_add(1);
                ahead = ahead.saturating_add(1);
                continue;
            }
            if closes || (column.saturating_sub(1) < indent && column != run.start.column) {
                self.end_run(&mut run, here)?;
            }
            if self.byte(ahead) != b'#' {
                break;
            }
            if run.text.is_empty() {
                run.start = here;
            } else {
                run.text.push('\n');
            }
            after_break = false;
            self.read_comment_line(here.index, &mut run.text);
            // Behind the line break that follows.
            ahead = 1;
            column = 0;
            line = self.mark.line;
        }
        if run.text.is_empty() {
            return Ok(());
        }
        let end = Mark { at: 0, index: self.mark.index.saturating_add(ahead).saturating_sub(1), line, column };
        self.add(Comment {
            scan: run.scan,
            token: run.start,
            start: run.start,
            end,
            place: Place::Head,
            text: run.text,
        })
    }

    /// Ends the comment read so far as a foot; another may follow.
    fn end_run(&mut self, run: &mut Run, here: Mark) -> Result<(), Error> {
        if run.text.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut run.text);
        let (scan, token, start) = (run.scan, run.token, run.start);
        (run.scan, run.token) = (here, here);
        self.add(Comment { scan, token, start, end: here, place: Place::Foot, text })
    }

    fn read_comment_line(&mut self, from: usize, text: &mut String) {
        loop {
            match self.is_line_end(0) {
                true if self.mark.index >= from => return,
                true => self.skip_line(),
                false if self.mark.index >= from => self.read(text),
                false => self.skip(),
            }
        }
    }

    fn add(&mut self, comment: Comment) -> Result<(), Error> {
        if self.comments.len() >= MAX_NODES {
            return Err(self.error(self.mark, "too many comments"));
        }
        self.comments.push(comment);
        Ok(())
    }

    /// Where a block of that column ends: before comments at its column that are not yet passed.
    pub(super) fn before_foot_comments(&self, indent: usize, mut end: Mark) -> Mark {
        let mut stop = end.index;
        for comment in self.comments.iter().rev() {
            if comment.end.index < stop {
                break;
            }
            if comment.start.column == indent.saturating_add(1) {
                end = comment.start;
            }
            stop = comment.scan.index;
        }
        end
    }
}

fn about(token: &super::scan::Token) -> (Mark, bool) {
    (token.start, token.kind == Kind::Value)
}
