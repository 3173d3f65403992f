// A small client of W3C WebDriver (https://www.w3.org/TR/webdriver2/): what every browser engine understands alike.
// Starts the driver that ENGINE, DRIVER and BROWSER name, and where it needs one a screen that is not there.

import { spawn } from "node:child_process";
import { createServer } from "node:net";

/** How the standard names an element in JSON. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** How long a page may take to become what is waited for, in ms. */
const PATIENCE = 30_000;

/** Keys that are no letters, by their names in `KeyboardEvent.key`. */
const KEYS = new Map([
  ["Enter", "\uE007"],
  ["Escape", "\uE00C"],
  ["Home", "\uE011"],
  ["ArrowUp", "\uE013"],
  ["ArrowDown", "\uE015"],
]);

/**
 * What is asked of each engine; `folder` is where its downloads go.
 * @type {Record<string, (browser: string, folder: string) => object>}
 */
const CAPABILITIES = {
  chromium: (binary, folder) => ({
    "goog:chromeOptions": {
      binary,
      args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic"],
      prefs: { "download.default_directory": folder },
    },
  }),
  firefox: (binary, folder) => ({
    "moz:firefoxOptions": {
      binary,
      args: ["-headless"],
      prefs: {
        "browser.download.folderList": 2,
        "browser.download.dir": folder,
        "browser.download.useDownloadDir": true,
        "browser.helperApps.neverAsk.saveToDisk": "application/json",
      },
    },
  }),
  webkit: (binary) => ({
    browserName: "MiniBrowser",
    "webkitgtk:browserOptions": { binary, args: ["--automation"] },
  }),
};

/** Ends a program with all that it started: a browser outlives its driver otherwise. @param {import("node:child_process").ChildProcess} child */
function end(child) {
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.on("exit", () => running.forEach(end));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

/** @param {string} program @param {string[]} parameters @param {import("node:child_process").SpawnOptions} options */
function run(program, parameters, options) {
  const child = spawn(program, parameters, { stdio: "ignore", detached: true, ...options });
  running.add(child);
  child.on("exit", () => running.delete(child));
  return child;
}

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/** Starts a screen in memory; returns its name. */
async function screen() {
  const child = run("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x1000x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const number = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", () => reject(new Error("Xvfb ended at once")));
    child.stdio[3]?.once("data", (data) => resolve(String(data).trim()));
  });
  return { child, name: `:${number}` };
}

/**
 * Starts the engine that the environment names.
 *
 * @param {string} folder where it keeps what it downloads
 */
export async function engine(folder) {
  const { ENGINE: name = "", DRIVER: driver = "", BROWSER: browser = "" } = process.env;
  const capabilities = CAPABILITIES[name]?.(browser, folder);
  if (!capabilities) throw new Error("run this by `cargo xtask test --engines`, which says which engine");
  const display = name === "webkit" ? await screen() : null;
  const port = await freePort();
  // WebKit asks the desktop where downloads go, and without one takes the home folder.
  const home = name === "webkit" ? { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder } : {};
  const env = { ...process.env, ...home, ...(display && { DISPLAY: display.name, GDK_BACKEND: "x11" }) };
  const child = run(driver, [`--port=${port}`], { env });
  const url = `http://127.0.0.1:${port}`;
  const close = () => {
    end(child);
    if (display) end(display.child);
  };
  try {
    await until(async () => (await fetch(`${url}/status`).catch(() => null))?.ok);
    const { sessionId, capabilities: got } = await ask(url, "POST", "session", {
      capabilities: { alwaysMatch: capabilities },
    });
    const session = new Session(`${url}/session/${sessionId}`);
    await session.ask("POST", "window/rect", { width: 1280, height: 900 });
    return {
      name,
      version: /** @type {string} */ (got.browserVersion),
      session,
      async close() {
        await session.ask("DELETE", "").catch(() => {});
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Waits until something is neither false nor nothing. @template T @param {() => Promise<T>} look @param {string} [what] */
export async function until(look, what = "") {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain: ${what || look}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** @param {string} url @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
async function ask(url, method, path, body) {
  const response = await fetch(path ? `${url}/${path}` : url, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const { value } = /** @type {any} */ (await response.json());
  if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
  return value;
}

/** An element that was replaced while it was spoken of is looked for again. @param {Error} error */
function again(error) {
  if (!error.message.includes("stale element")) throw error;
  return null;
}

/** One window of a browser. */
class Session {
  #url;

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  ask(method, path, body) {
    return ask(this.#url, method, path, body);
  }

  /** @param {string} url */
  async go(url) {
    await this.ask("POST", "url", { url });
  }

  /**
   * Runs a function in the page; it may return a promise, and knows nothing from around it.
   * @template T @param {(...args: any[]) => T} of @param {unknown[]} args @returns {Promise<Awaited<T>>}
   */
  run(of, ...args) {
    return this.ask("POST", "execute/sync", { script: `return (${of}).apply(null, arguments);`, args });
  }

  /** Waits until a function of the page says so. @template T @param {(...args: any[]) => T} of @param {unknown[]} args */
  until(of, ...args) {
    return until(() => this.run(of, ...args), `${of} ${args.join(", ")}`);
  }

  /** Waits for a visible element that has this text, if one is given. @param {string} selector @param {string} [text] */
  async find(selector, text = "") {
    await until(async () => (await this.#first(selector, text)) !== null, `${selector} ${text}`);
  }

  /** Clicks as a mouse does. @param {string} selector @param {string} [text] */
  async click(selector, text = "") {
    await until(async () => {
      const element = await this.#first(selector, text);
      return element && this.ask("POST", `element/${element[ELEMENT]}/click`, {}).then(() => true, again);
    }, `${selector} ${text}`);
  }

  /** @param {string} selector @param {string} text @returns {Promise<any>} */
  #first(selector, text) {
    const first = (/** @type {string} */ selector, /** @type {string} */ text) =>
      [...document.querySelectorAll(selector)].find(
        (each) => each.checkVisibility() && (each.textContent ?? "").includes(text),
      ) ?? null;
    return this.run(first, selector, text).catch(again);
  }

  /** Presses keys one after the other. @param {string[]} keys */
  async press(...keys) {
    const actions = keys.flatMap((key) => {
      const value = KEYS.get(key) ?? key;
      return [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ];
    });
    await this.ask("POST", "actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** Drops files of this machine on the page: files that the browser reads from disk. @param {string[]} paths */
  async drop(paths) {
    const input = await this.run(() => {
      const element = document.createElement("input");
      element.type = "file";
      element.multiple = true;
      element.id = "carrier";
      document.body.append(element);
      return element;
    });
    await this.ask("POST", `element/${/** @type {any} */ (input)[ELEMENT]}/value`, { text: paths.join("\n") });
    await this.run(() => {
      const carrier = /** @type {HTMLInputElement} */ (document.getElementById("carrier"));
      const dataTransfer = new DataTransfer();
      for (const file of carrier.files ?? []) dataTransfer.items.add(file);
      carrier.remove();
      for (const type of ["dragenter", "dragover", "drop"])
        document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
    });
  }
}
