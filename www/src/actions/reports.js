// What is handed on: made by the worker, saved under a name that is ours.
// @ts-check

/** @import { Outputs } from "../boundary.js" */
/** @import { Page } from "../main.js" */
import { save } from "../views/files.js";

/** @param {Page} page */
export function reportActions(page) {
  return {
    /** What there is to choose from. @returns {Promise<Outputs>} */
    async outputs() {
      return (await page.booting).outputs;
    },
    /** @param {Partial<import("../state.js").State["report"]>} choice */
    chooseReport(choice) {
      page.store.set({ report: { ...page.store.state.report, ...choice } });
    },
    /** The bytes of the report that is chosen; fails with a sentence. */
    async exported() {
      const mine = page.judge;
      if (!mine) return null;
      const { format, redaction } = page.store.state.report;
      const bytes = await mine.export(format, redaction);
      return page.judge === mine ? bytes : null;
    },
    /** @param {Uint8Array} bytes @param {string} media @param {string} name */
    saveReport(bytes, media, name) {
      save(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)], { type: media }), media, name);
    },
  };
}
