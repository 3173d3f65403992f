//! Where the work is: the content that was opened last, told to JavaScript as it happens. After a trap nothing here can
//! be asked any more.

use std::cell::RefCell;

use js_sys::Function;
use twinspect::artifact::Sides;
use twinspect::entry::BaseId;
use twinspect::store::Watch;
use wasm_bindgen::prelude::*;

thread_local! {
    static WATCHING: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// From here on `on_open` is told side (`left`, `right`), base and offset of every content that is opened to judge,
/// compare or normalize it; [`crate::Package::entry_at`] knows which entry that is.
#[wasm_bindgen]
pub fn watch(on_open: Function) {
    WATCHING.with_borrow_mut(|watching| *watching = Some(on_open));
}

/// What the stores of both sides call.
pub(crate) const SIDES: Sides<Watch> = Sides { left, right };

fn left(base: BaseId, offset: u64) {
    tell("left", base, offset);
}

fn right(base: BaseId, offset: u64) {
    tell("right", base, offset);
}

fn tell(side: &str, base: BaseId, offset: u64) {
    let on_open = WATCHING.with_borrow(Clone::clone);
    if let Some(on_open) = on_open {
        let _ = on_open.call3(&JsValue::NULL, &side.into(), &base.into(), &JsValue::from_f64(offset as f64));
    }
}
