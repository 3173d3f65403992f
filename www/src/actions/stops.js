// Work that stopped, and work that takes long: both are said, and one key goes on.
// @ts-check

/** @import { Trapped, Work } from "../engine.js" */
/** @import { Stop, Store } from "../state.js" */

/** After so many ms of one piece of work the page asks whether to go on. */
const ASK = 30_000;
/** After so many it is ended, unless its own limit says otherwise. */
export const MOST = 120_000;

/** @typedef {ReturnType<typeof stopActions>} Stops */

/** @param {Store} store */
export function stopActions(store) {
  /** @param {string} id */
  const answered = (id) => {
    const asking = store.state.asking.filter((each) => each.id !== id);
    if (asking.length !== store.state.asking.length) store.set({ asking });
  };

  const actions = {
    /** Says what stopped; what stopped before of the same kind is replaced. @param {Stop} stop */
    stopped(stop) {
      store.set({ stops: [...store.state.stops.filter(({ id }) => id !== stop.id), stop] });
    },
    /** What stopped has been mended, or does not matter any more. @param {string} [id] Everything, without one. */
    mended(id) {
      const stops = id ? store.state.stops.filter((stop) => stop.id !== id) : [];
      if (stops.length !== store.state.stops.length) store.set({ stops });
    },
    /**
     * Waits for work, asks after a while whether to go on with it, and ends it in the end.
     * @template T
     * @param {string} id @param {() => string} words What it is at, for reading. @param {Work<T>} work
     * @param {number} [most] In ms.
     * @returns {Promise<T>}
     */
    async patiently(id, words, work, most = MOST) {
      const ask = setTimeout(() => {
        const others = store.state.asking.filter((each) => each.id !== id);
        store.set({ asking: [...others, { id, words, stop: work.cancel }] });
      }, ASK);
      const end = most === Infinity ? 0 : setTimeout(() => work.expire(), most);
      try {
        return await work.answer;
      } finally {
        clearTimeout(ask);
        clearTimeout(end);
        answered(id);
      }
    },
    /** Goes on with what the page asked about. @param {string} [id] The first question, without one. */
    goOn(id) {
      const first = id ?? store.state.asking[0]?.id;
      if (first) answered(first);
    },
    /** Does again what stopped. @param {Stop} [stop] The last one, without one. */
    again(stop) {
      const last = stop ?? store.state.stops.at(-1);
      if (!last) return;
      actions.mended(last.id);
      last.again();
    },
  };
  return actions;
}

/** The path of the entry at which a worker was lost, if it is known. @param {Trapped} trap */
export const pathOf = ({ at }) => at.path ?? "";
