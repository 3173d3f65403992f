// The copies that let the page start without a network: filled while the page starts, kept and checked by the service
// worker (sw.js). Where there is none, or storage is refused, the page works as it does without.
// @ts-check

/** @import { Store } from "./state.js" */
import { trusted } from "./seal.js";

/** Name of the store of one version below one address; sw.js has the same. @param {string} version */
const nameOf = (version) => `twinspect ${new URL("./", location.href).pathname} ${version}`;

/** How long the start waits for the browser to take the service worker, in ms. */
const PATIENCE = 2000;

export class Copies {
  /** @type {Cache | null} */
  #cache;

  /** @param {Cache | null} cache */
  constructor(cache) {
    this.#cache = cache;
  }

  /** Whether copies are still to be made. */
  get wanted() {
    return this.#cache !== null && !navigator.serviceWorker.controller;
  }

  static async open() {
    const version = document.querySelector("meta[name=version]")?.getAttribute("content");
    try {
      if (!version || !navigator.serviceWorker) return new Copies(null);
      return new Copies(await caches.open(nameOf(version)));
    } catch {
      return new Copies(null);
    }
  }

  /** Keeps an answer of the host. @param {string} url @param {Response} response */
  keep(url, response) {
    if (!this.wanted || response.redirected) return;
    // A full disk: the service worker says what is missing.
    this.#cache?.put(new URL(url, location.href), response).catch(() => {});
  }

  /** Has the copies checked and used from now on; `null` where that cannot be. */
  async register() {
    if (!this.#cache) return null;
    const script = trusted(new URL("sw.js", location.href).href);
    const asked = navigator.serviceWorker.register(script, { updateViaCache: "none" }).catch(() => null);
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
    const registration = /** @type {ServiceWorkerRegistration | null} */ (await Promise.race([asked, late]));
    return registration && new Registration(registration);
  }
}

/** The service worker, as the page sees it. */
class Registration {
  #registration;

  /** @param {ServiceWorkerRegistration} registration */
  constructor(registration) {
    this.#registration = registration;
  }

  /** Tells the store whether the page starts offline, and whether a newer one waits. @param {Store} store */
  watch(store) {
    const registration = this.#registration;
    const look = async () => {
      const { active, waiting } = registration;
      const update = waiting !== null && navigator.serviceWorker.controller !== null;
      store.set({ offline: active !== null && (await complete(active)), update: update ? () => take(waiting) : null });
    };
    const follow = () => registration.installing?.addEventListener("statechange", look);
    registration.addEventListener("updatefound", follow);
    for (const worker of [registration.installing, registration.waiting]) worker?.addEventListener("statechange", look);
    look();
  }
}

/** Whether every file is kept. @param {ServiceWorker} worker @returns {Promise<boolean>} */
function complete(worker) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data === true);
    worker.postMessage("complete?", [port2]);
  });
}

/** The newer page, at the user's word. @param {ServiceWorker | null} waiting */
function take(waiting) {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting?.postMessage("take over");
}

/** Files that were shared with the installed page; sw.js put them aside. @returns {Promise<File[]>} */
export async function shared() {
  if (!new URLSearchParams(location.search).has("shared")) return [];
  history.replaceState(null, "", "./");
  const name = nameOf("shared");
  try {
    const cache = await caches.open(name);
    const kept = await cache.keys();
    const files = kept.map(async (request) => {
      const response = await cache.match(request);
      const title = decodeURIComponent(response?.headers.get("x-name") ?? "");
      return new File(response ? [await response.blob()] : [], title);
    });
    return await Promise.all(files);
  } catch {
    return [];
  } finally {
    await caches.delete(name).catch(() => {});
  }
}
