//! Notices as text: the first few.

use twinspect::error::Error;
use twinspect::export::json;
use twinspect::notice::NOTICES;
use twinspect::report::NoticeLine;

use super::text::{FAINT, Page, is_json};
use crate::arguments::Format;

/// Lines printed; JSON has them all.
const MOST: usize = 7;

/// The section of what to look at first.
pub(super) fn section(page: &mut Page, notices: &[NoticeLine]) {
    if notices.is_empty() {
        return;
    }
    page.heading("Look first");
    for notice in notices.iter().take(MOST) {
        let kind = page.paint(FAINT, &format!("[{}]", notice.id));
        let path = if notice.path.is_empty() { String::new() } else { format!("{}: ", notice.path) };
        page.line(&format!("  {}: {path}{}  {kind}", notice.title, notice.message));
    }
    if let Some(more) = notices.len().checked_sub(MOST).filter(|more| *more > 0) {
        page.line(&format!("  … and {more} more; --format json has them all"));
    }
}

/// The table of notices.
///
/// # Errors
/// A format that it has not.
pub fn notices(format: Format) -> Result<String, Error> {
    if is_json(format, "notices")? {
        let list: Vec<serde_json::Value> = NOTICES
            .iter()
            .map(|info| serde_json::json!({ "id": info.id, "title": info.title, "about": info.about }))
            .collect();
        return json(&list);
    }
    let mut page = Page::new(false);
    for info in NOTICES {
        page.line(&format!("{}  {}\n  {}\n", info.id, info.title, info.about));
    }
    Ok(page.finish())
}
