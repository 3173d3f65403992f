// Measures the built page against its bars, in headless Chromium, on inputs that are made here and always the same.
// Called by `cargo xtask bench --page-bars`.
//
// A time is the median of its runs, or the 95th percentile of its interactions: from the event to the end of the frame
// that shows what it did. Times depend on the machine and are information; weights and nodes do not, and fail.

import { open as openFile, readFile, stat } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { folder, tar } from "./archives.js";
import { dropFiles, fromRoot, ready, start } from "./harness.js";
import { renderer, resident } from "./memory.js";

const short = process.argv.includes("--short");
const RUNS = short ? 1 : 5;
/** How often what is quick to do is done. */
const TURNS = short ? 10 : 30;

const site = await start();
const files = await folder();
let held = 0;
let missed = 0;
/** Of those that only inform. */
let more = 0;
let moreHeld = 0;

/**
 * Prints a figure beside its bar.
 * @param {string} name @param {number} value @param {number} bar @param {string} unit @param {{ firm?: boolean, note?: string }} [how]
 *   `firm` is the same on every machine
 */
function bar(name, value, bar, unit, { firm = false, note = "" } = {}) {
  const holds = value <= bar;
  if (!firm) more++;
  if (!firm && holds) moreHeld++;
  if (firm && holds) held++;
  if (firm && !holds) missed++;
  const number = (/** @type {number} */ value) =>
    unit === "nodes" ? value.toFixed(0) : value.toFixed(unit === "kB" ? 1 : 2);
  console.log(
    `${name.padEnd(52)}${number(value).padStart(9)} of ${number(bar).padStart(8)} ${unit.padEnd(7)}${holds ? "ok" : "MISS"}${note && `  ${note}`}`,
  );
}

const sorted = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b);
const median = (/** @type {number[]} */ values) => sorted(values)[Math.floor(values.length / 2)] ?? NaN;
const p95 = (/** @type {number[]} */ values) => sorted(values)[Math.ceil(values.length * 0.95) - 1] ?? NaN;
const worst = (/** @type {number[]} */ values) => `worst ${Math.max(...values).toFixed(2)} of ${values.length}`;

/** Numbers that look random and are the same every time (Numerical Recipes' generator). @param {number} seed */
function noise(seed) {
  let at = seed;
  return () => {
    at = (Math.imul(at, 1_664_525) + 1_013_904_223) >>> 0;
    return at;
  };
}

/** Text that halves when it is packed. @param {number} bytes @param {number} seed */
function text(bytes, seed) {
  const next = noise(seed);
  let made = "";
  while (made.length < bytes) made += `${next().toString(16)} ${next().toString(16)}\n`;
  return made.slice(0, bytes);
}

/** Watches a page from its first moment: when it was ready, when a drop came, when rows were there, which states it had. */
const watch = () => {
  const record = /** @type {any} */ ({ ready: 0, dropped: 0, shown: 0, read: 0, done: 0 });
  Object.assign(globalThis, { record });
  addEventListener(
    "drop",
    () => Object.assign(record, { dropped: performance.now(), shown: 0, read: 0, done: 0 }),
    true,
  );
  new MutationObserver(() => {
    const now = performance.now();
    const state = document.body?.dataset.state;
    if (state === "ready") record.ready ||= now;
    if (document.querySelectorAll(".slot[data-phase=read]").length === 2) record.read ||= now;
    if (record.dropped && state === "done") record.done ||= now;
    if (record.dropped && document.querySelector("[role=treegrid] [role=row][aria-level]")) record.shown ||= now;
  }).observe(document, { subtree: true, childList: true, attributes: true });
};

/** @param {(page: import("playwright-core").Page) => Promise<any>} act */
async function inPage(act) {
  const { page, close } = await site.openPage({ at: "about:blank" });
  try {
    await page.addInitScript(watch);
    await page.goto(site.url);
    await ready(page);
    return await act(page);
  } finally {
    await close();
  }
}

/** @param {import("playwright-core").Page} page @returns {Promise<any>} */
const record = (page) => page.evaluate(() => /** @type {any} */ (globalThis).record);

/** @param {import("playwright-core").Page} page @param {string[]} pair */
async function judged(page, pair) {
  await dropFiles(page, pair);
  await page.locator("body[data-state=done]").waitFor({ timeout: 120_000 });
}

async function weights() {
  const { page, close } = await site.openPage({ at: "about:blank" });
  const names = new Set();
  page.on("request", (request) => {
    const { href } = new URL(request.url());
    if (href.startsWith(site.url)) names.add(href.slice(site.url.length).split("?")[0] || "index.html");
  });
  await page.goto(site.url);
  await ready(page);
  await close();
  const packed = new Map();
  for (const name of names) {
    // What shows a result, the whole engine and the service worker come behind the start; the build holds all of them to
    // budgets of their own.
    if (/^(part-result-|twinspect-wasm|sw\.js)/.test(name)) continue;
    const kind = name.split(".").pop();
    const bytes = await readFile(fromRoot("dist", name)).catch(() => Buffer.alloc(0));
    packed.set(kind, (packed.get(kind) ?? 0) + gzipSync(bytes, { level: 9 }).length / 1000);
  }
  bar("first load: js, gzip", packed.get("js") ?? 0, 61.44, "kB", { firm: true });
  bar("first load: css, gzip", packed.get("css") ?? 0, 12.288, "kB", { firm: true });
  bar("first load: wasm, gzip", packed.get("wasm") ?? 0, 716.8, "kB", { firm: true });
}

async function startup() {
  const times = [];
  for (let run = 0; run < Math.max(3, RUNS); run++) times.push((await inPage(record)).ready / 1000);
  bar("usable after", median(times), 1, "s", { note: worst(times) });
}

/** 2,000 entries that come to 5 MB packed, one in fifty changed. */
async function ordinary() {
  const make = (/** @type {number} */ version) =>
    tar(
      Array.from({ length: 2000 }, (_, at) => ({
        path: `package/lib/part-${at % 40}/module-${at}.js`,
        data: text(4800, at * 7 + (at % 50 ? 0 : version)),
      })),
    );
  return [
    await files.file("ordinary-1.0.0.tgz", gzipSync(make(1))),
    await files.file("ordinary-1.0.1.tgz", gzipSync(make(2))),
  ];
}

/** @param {string[]} pair */
async function tree(pair) {
  const times = [];
  for (let run = 0; run < RUNS; run++) {
    const { shown, dropped } = await inPage(async (page) => {
      await judged(page, pair);
      return record(page);
    });
    times.push((shown - dropped) / 1000);
  }
  const sizes = await Promise.all(pair.map((path) => stat(path).then(({ size }) => (size / 1e6).toFixed(1))));
  const note = `${worst(times)}, ${sizes.join(" and ")} MB`;
  bar("tree of two archives of 5 MB, 2,000 entries", median(times), 2, "s", { note });
}

async function equal() {
  const next = noise(1);
  const bytes = Buffer.alloc(50_000_000);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(next(), at);
  const pair = [await files.file("equal-1.bin", bytes), await files.file("equal-2.bin", bytes)];
  const times = [];
  const whole = [];
  for (let run = 0; run < RUNS; run++) {
    const { read, done, dropped } = await inPage(async (page) => {
      await judged(page, pair);
      return record(page);
    });
    times.push(Math.max(0, done - (read || done)) / 1000);
    whole.push((done - dropped) / 1000);
  }
  const note = `${median(whole).toFixed(2)} s with reading`;
  bar("equal digests of 50 MB, after reading", median(times), 0.3, "s", { note });
}

/**
 * Presses keys; each is timed to the end of the frame that follows, and nodes are counted there.
 * @param {import("playwright-core").Page} page @param {string[]} keys @returns {Promise<{ times: number[], nodes: number }>}
 */
async function pressed(page, keys) {
  await page.evaluate(() => {
    const log = { times: /** @type {number[]} */ ([]), nodes: 0 };
    Object.assign(globalThis, { log });
    if (Reflect.get(globalThis, "timed")) return;
    Object.assign(globalThis, { timed: true });
    const after = (/** @type {Event} */ { timeStamp }) =>
      requestAnimationFrame(() =>
        setTimeout(() => {
          const { log } = /** @type {any} */ (globalThis);
          log.times.push(performance.now() - timeStamp);
          log.nodes = Math.max(log.nodes, document.getElementsByTagName("*").length);
        }),
      );
    addEventListener("keydown", after, true);
    addEventListener("wheel", after, { capture: true, passive: true });
  });
  for (const [turn, key] of keys.entries()) {
    if (key.startsWith("wheel ")) await page.mouse.wheel(0, Number(key.slice(6)));
    else await page.keyboard.press(key);
    await page.waitForFunction((count) => /** @type {any} */ (globalThis).log.times.length >= count, turn + 1);
  }
  return page.evaluate(() => /** @type {any} */ (globalThis).log);
}

const repeat = (/** @type {string} */ key, count = TURNS) => Array.from({ length: count }, () => key);

/** @param {{ times: number[], nodes: number }[]} runs */
const together = (runs) => ({
  times: runs.flatMap(({ times }) => times),
  nodes: Math.max(...runs.map(({ nodes }) => nodes)),
});

/** @param {string} name @param {{ times: number[], nodes: number }} found */
function interaction(name, { times, nodes }) {
  bar(`${name}, 95 %`, p95(times), 100, "ms", { note: worst(times) });
  bar(`${name}, most nodes`, nodes, 3000, "nodes", { firm: true });
}

async function rows() {
  const make = (/** @type {string} */ version) =>
    tar(
      Array.from({ length: 20_000 }, (_, at) => ({
        path: `package/folder-${Math.floor(at / 200)}/file-${at}.txt`,
        data: `${version} ${at}\n`,
      })),
    );
  const pair = [await files.file("rows-1.tar", make("one")), await files.file("rows-2.tar", make("two"))];
  await inPage(async (page) => {
    await judged(page, pair);
    await page.locator(".row[tabindex='0']").focus();
    const list = await pressed(page, [
      ...repeat("j"),
      ...repeat("PageDown"),
      ...repeat("k", TURNS / 2),
      "End",
      "Home",
      "ArrowDown",
      ...repeat("ArrowLeft", 1),
      "ArrowRight",
      "ArrowLeft",
      "ArrowRight",
    ]);
    await page.keyboard.press("/");
    const filter = await pressed(page, [
      ..."file-123",
      ...repeat("Backspace", 8),
      ..."folder-9",
      ...repeat("Backspace", 8),
    ]);
    interaction("20,000 rows: j k Page End, open and close", list);
    interaction("20,000 rows: typing into the filter", filter);
  });
}

async function lines() {
  const make = (/** @type {string} */ version) =>
    Array.from({ length: 100_000 }, (_, at) =>
      at % 100 === 50 ? `let changed${at} = "${version}";` : `let line${at} = ${at};`,
    ).join("\n");
  const pair = [await files.file("lines-1.js", make("one")), await files.file("lines-2.js", make("two"))];
  await inPage(async (page) => {
    await judged(page, pair);
    await page.locator(".text .line.changed").first().waitFor({ timeout: 60_000 });
    const box = await page.locator(".text:visible .rows").boundingBox();
    await page.mouse.move((box?.x ?? 0) + 200, (box?.y ?? 0) + 200);
    const found = [await pressed(page, [...repeat("n"), ...repeat("p", TURNS / 2)])];
    found.push(await pressed(page, [...repeat("wheel 300"), ...repeat("wheel 2000")]));
    // Everything unfolded, wrapped and not.
    for (const key of ["e", "w", "w", "u", "u"]) found.push(await pressed(page, [key, ...repeat("wheel 5000", 5)]));
    found.push(await pressed(page, ["e", "e", ...repeat("n", 10)]));
    interaction("100,000 lines: n p, wheel, wrap, unfold", together(found));
  });
}

async function cancel() {
  const size = 300_000_000;
  const path = await files.file("hole.tar", tar([{ path: "hole.bin", size }]).subarray(0, 512));
  const file = await openFile(path, "r+");
  await file.truncate(512 + size + 2048);
  await file.close();
  const times = [];
  for (let run = 0; run < RUNS; run++) {
    times.push(
      await inPage(async (page) => {
        await dropFiles(page, [path]);
        await page.locator(".slot.left .doing", { hasText: /Hashing|Opening: / }).waitFor();
        return page.evaluate(async () => {
          const button = [...document.querySelectorAll(".slot.left button")].find(
            (each) => each.textContent === "Cancel",
          );
          const since = performance.now();
          /** @type {HTMLElement} */ (button).click();
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
          if (document.body.dataset.state !== "ready") throw new Error("still reading");
          return (performance.now() - since) / 1000;
        });
      }),
    );
  }
  bar("cancel while reading 300 MB", median(times), 0.2, "s", { note: worst(times) });
}

/** @param {string[]} pair */
async function memory(pair) {
  await inPage(async (page) => {
    const client = await page.context().newCDPSession(page);
    const id = await renderer(page);
    const after = [];
    for (let turn = 0; turn < 10; turn++) {
      await judged(page, pair);
      await page.getByRole("button", { name: "New comparison" }).click();
      await ready(page);
      await client.send("HeapProfiler.collectGarbage");
      // What ended workers held goes back a moment later.
      await page.waitForTimeout(short ? 300 : 1000);
      after.push((await resident(id, "VmRSS")) / 1000);
    }
    const [first = NaN] = after;
    const last = after.at(-1) ?? NaN;
    const note = `${first.toFixed(0)} to ${last.toFixed(0)} MB, most ${Math.max(...after).toFixed(0)}`;
    bar("memory after ten comparisons, of the first", last / first, 1.2, "x", { note });
  });
}

try {
  const pair = await ordinary();
  await weights();
  await startup();
  await tree(pair);
  await equal();
  await rows();
  await lines();
  await cancel();
  await memory(pair);
} finally {
  await site.close();
  await files.remove();
}
console.log(`bars: ${held} held, ${missed} missed, ${moreHeld} of ${more} others held`);
process.exitCode = missed > 0 ? 1 : 0;
