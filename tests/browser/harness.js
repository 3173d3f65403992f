// What every end-to-end spec starts with: the built page, served by the project's own server below a sub-path (so that
// an absolute link would fail here), in the system's Chromium.

import { spawn } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const SCREENSHOTS = join(ROOT, "tests", "screenshots");
const BASE = "/some/sub/path/";

const BROWSER_ARGUMENTS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/**
 * Starts server and browser, once per spec file; `close` ends both.
 *
 * @returns {Promise<{url: string, openPage: typeof openPage, close: () => Promise<void>}>}
 */
export async function start() {
  const server = await serve();
  const browser = await chromium
    .launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: BROWSER_ARGUMENTS })
    .catch((error) => {
      server.stop();
      throw error;
    });
  return {
    url: server.url,
    openPage: (options) => openPage(browser, server.url, options),
    close: async () => {
      await browser.close();
      server.stop();
    },
  };
}

/**
 * Opens the built page in a profile of its own, so that specs share nothing.
 *
 * `complaints` fills with whatever went wrong unseen: console errors and warnings, uncaught exceptions, failed requests,
 * answers from 400 on. A spec ends with `assert.deepEqual(complaints, [])`.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {{path?: string, at?: string, context?: import("playwright-core").BrowserContextOptions}} [options]
 *   `at` is another address than the server's; `path` is appended to the page's address (`#a=…`); `context` sets viewport, colour scheme and the like
 */
async function openPage(browser, url, { path = "", at = url, context: settings = {} } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...settings });
  const page = await context.newPage();
  const complaints = watch(page);
  await page.goto(at + path);
  return { page, complaints, close: () => context.close() };
}

/**
 * Drops files of this machine on an element, as a person does: real events, files that the browser reads from disk.
 *
 * @param {import("playwright-core").Page} page
 * @param {string[]} paths in the order in which they lie in the drop
 * @param {string} [selector] where they fall
 */
export async function dropFiles(page, paths, selector = "body") {
  const input = await page.evaluateHandle(() => {
    const element = document.createElement("input");
    element.type = "file";
    element.multiple = true;
    return element;
  });
  await input.setInputFiles(paths);
  await page.evaluate(
    ([element, where]) => {
      const target = document.querySelector(where);
      if (!target) throw new Error(`nothing on the page matches ${where}`);
      const dataTransfer = new DataTransfer();
      for (const file of element.files) dataTransfer.items.add(file);
      for (const type of ["dragenter", "dragover", "drop"]) {
        target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, composed: true, dataTransfer }));
      }
    },
    [input, selector],
  );
  await input.dispose();
}

/** Waits for the engine. @param {import("playwright-core").Page} page */
export const ready = (page) => page.locator("body[data-state=ready]").waitFor();

/** Drops two files and waits for the verdict. @param {import("playwright-core").Page} page @param {string[]} paths */
export async function compare(page, paths) {
  await page.locator("body:not([data-state=starting])").waitFor();
  await dropFiles(page, paths);
  await page.locator("body[data-state=done]").waitFor();
}

/** Opens an entry of the list by its name. @param {import("playwright-core").Page} page @param {string} name */
export async function open(page, name) {
  const exactly = new RegExp(`^${name.replace(/[^\w]/g, "\\$&")}$`);
  await page.locator(".grid .rows .row .label").filter({ hasText: exactly }).first().click();
  await page.locator(".entry .path .file").filter({ hasText: exactly }).waitFor();
  await page.locator(".tabs [aria-selected=true]").waitFor();
}

/** The number on the chip of a status. @param {import("playwright-core").Page} page @param {string} status */
export const countOf = async (page, status) =>
  Number((await page.locator(`.statuses .chip.${status} b`).innerText()).replace(/\D/g, ""));

/**
 * A server on a port of its own, which counts who comes: request events of the browser miss what a worker does.
 *
 * @returns {Promise<{url: string, seen: string[], close: () => void}>}
 */
export async function canary() {
  /** @type {string[]} */
  const seen = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(200, { "access-control-allow-origin": "*" }).end("chirp");
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(undefined));
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, seen, close: () => server.close() };
}

const TYPES = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  wasm: "application/wasm",
  svg: "image/svg+xml",
  png: "image/png",
  webmanifest: "application/manifest+json",
};

/**
 * A host of the built page that counts what it is asked for, can go away, can publish something else, and can be slow.
 *
 * @returns {Promise<{url: string, seen: string[], change: Map<string, string>, hold: Map<string, Promise<unknown>>,
 *   close: () => Promise<void>}>}
 *   `change` has the texts of files that are others now, by name; of a file in `hold` only the first half is sent until
 *   its promise is kept, and the connection is cut when that is broken
 */
export async function host() {
  /** @type {string[]} */
  const seen = [];
  /** @type {Map<string, string>} */
  const change = new Map();
  /** @type {Map<string, Promise<unknown>>} */
  const hold = new Map();
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://host").pathname.slice(1) || "index.html";
    seen.push(`${request.method} /${path}`);
    const type = TYPES[/** @type {keyof typeof TYPES} */ (path.split(".").pop() ?? "")] ?? "application/octet-stream";
    const body = change.get(path) ?? (await readFile(join(ROOT, "dist", path)).catch(() => null));
    response.writeHead(body === null ? 404 : 200, { "content-type": type, "cache-control": "no-cache" });
    const kept = hold.get(path);
    if (body === null || !kept) {
      response.end(body ?? undefined);
      return;
    }
    const half = body.length >> 1;
    response.write(body.slice(0, half));
    kept.then(
      () => response.end(body.slice(half)),
      () => response.destroy(),
    );
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(undefined));
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve(undefined));
    });
  return { url: `http://127.0.0.1:${port}/`, seen, change, hold, close };
}

/**
 * Writes tests/screenshots/NAME.png, to be looked at by people; git ignores the folder.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
export async function screenshot(page, name) {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

/** A path below the project's root. @param {string[]} parts */
export function fromRoot(...parts) {
  return join(ROOT, ...parts);
}

/** @param {import("playwright-core").Page} page */
function watch(page) {
  /** @type {string[]} */
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  return complaints;
}

/** Starts `cargo xtask serve` on a free port and waits for the address that it prints. */
async function serve() {
  const child = spawn("cargo", ["xtask", "serve", "--no-build", "--port", "0", "--base", BASE], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = () => child.kill();
  for await (const line of createInterface({ input: child.stdout })) {
    const url = line.match(/^serving (http:\S+)$/)?.[1];
    if (url) return { url, stop };
  }
  throw new Error("`cargo xtask serve --no-build` ended without an address; `cargo xtask build` first");
}
