// A worker that is lost takes nothing with it: the page names the entry, keeps the rest, starts another worker, and one
// key does again what stopped.
//
// The traps are real ones of the shipped engine: before its work a worker's memory is filled up to its declared maximum
// from the outside, so that the engine's own next request for memory fails.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { folder, published, tar, tgz } from "./archives.js";
import { compare, dropFiles, open, ready, start } from "./harness.js";

let app;
let files;
before(async () => {
  app = await start();
  files = await folder();
});
after(async () => {
  await app?.close();
  await files?.remove();
});

/** Bytes that do not compress away. @param {number} size @param {number} seed */
function varied(size, seed) {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/**
 * Leaves a worker so many pages of 64 KiB.
 * @param {import("playwright-core").Worker} worker @param {number} pages @param {boolean} [worked] If it did work before.
 */
async function starveOne(worker, pages, worked = false) {
  await worker.evaluate(
    async ({ pages, worked }) => {
      // The glue's global, in a worker: once the engine has started, calling it gives the instance that there is.
      // @ts-expect-error
      const glue = wasm_bindgen;
      for (;;) {
        try {
          glue.limits();
          break;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      const { memory } = await glue();
      const now = memory.buffer.byteLength / 65_536;
      if (!worked || now > 40) memory.grow(16_384 - now - pages);
    },
    { pages, worked },
  );
}

/**
 * Leaves every worker so many pages.
 * @param {import("playwright-core").Page} page @param {number} pages @param {boolean} [worked] Only those that did work before.
 */
async function starve(page, pages, worked = false) {
  if (page.workers().length === 0) await page.waitForEvent("worker");
  // Those that were at work may end meanwhile.
  const starved = await Promise.allSettled(page.workers().map((worker) => starveOne(worker, pages, worked)));
  assert.ok(starved.some(({ status }) => status === "fulfilled"));
}

/** The workers with the whole engine: what only reads has no judge. @param {import("playwright-core").Page} page */
async function whole(page) {
  // @ts-expect-error
  const judges = page.workers().map((worker) => worker.evaluate(() => Boolean(wasm_bindgen.Judge)));
  const known = await Promise.all(judges);
  return page.workers().filter((_, at) => known[at]);
}

/** @param {import("playwright-core").Page} page */
const stops = async (page) => (await page.locator(".stops:visible li").allInnerTexts()).join("\n");

test("memory that runs out while a side is read: the entry is named, the rest is read, R reads it whole", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const inner = gzipSync(varied(24 << 20, 7), { level: 1 });
  const make = (/** @type {string} */ data) =>
    tar([
      { path: "p/first.txt", data },
      { path: "p/inner.tgz", data: tgz([{ path: "deep.bin.gz", data: inner }]) },
      { path: "p/last.txt", data: "last\n" },
    ]);
  await starve(page, 8);
  await dropFiles(page, [await files.file("read-1.tar", make("one\n"))]);
  await page.locator(".slot.left[data-phase=read]").waitFor();
  assert.match(await stops(page), /A was read without “p\/inner\.tgz.*the engine stopped there.*memory/);
  await dropFiles(page, [await files.file("read-2.tar", make("two\n"))]);
  await page.locator("body[data-state=done]").waitFor();
  assert.match(await page.locator(".overview .problems").innerText(), /inner\.tgz[\s\S]*left out/);
  await open(page, "first.txt");
  await page.locator(".line.changed .code.right", { hasText: /^two$/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("R");
  await page.locator(".stops:visible li").waitFor({ state: "detached" });
  await page.locator("body[data-state=done]").waitFor();
  assert.equal(await stops(page), "");
  assert.deepEqual(complaints, []);
  await close();
});

for (const [name, go] of /** @type {const} */ ([
  ["the next one opens", (/** @type {import("playwright-core").Page} */ page) => open(page, "short.txt")],
  ["R opens it again", (/** @type {import("playwright-core").Page} */ page) => page.keyboard.press("R")],
])) {
  test(`memory that runs out while an entry is opened: it is named, and ${name}`, async () => {
    const { page, complaints, close } = await app.openPage();
    await ready(page);
    // Too long to be looked into before it is opened.
    const long = { path: "p/long.txt", data: "x\n".repeat(10_000_000) };
    const make = (/** @type {string} */ version, /** @type {typeof long[]} */ ...more) =>
      tgz([...more, { path: "p/short.txt", data: `short\n${version}\n` }]);
    await compare(page, [
      await files.file("open-1.tgz", make("one")),
      await files.file("open-2.tgz", make("two", long)),
    ]);
    await page.waitForTimeout(500);
    await starve(page, 60, true);
    await page.locator(".grid .rows .row .label", { hasText: "long.txt" }).click();
    await page
      .locator(".pane .message", { hasText: /The engine stopped while opening “p\/long\.txt”.*memory/ })
      .waitFor();
    assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
    await go(page);
    await page.locator(".text .line").first().waitFor();
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("memory that runs out while judging again: what is on screen stays, with its rules, and R judges again", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const make = (/** @type {string} */ version) =>
    tgz([
      { path: "p/long.txt", data: "x\n".repeat(2_500_000) },
      { path: "p/short.txt", data: `short\n${version}\n` },
    ]);
  await compare(page, [await files.file("judge-1.tgz", make("one")), await files.file("judge-2.tgz", make("two"))]);
  await page.waitForTimeout(500);
  await starve(page, 100, true);
  const rules = [
    "custom_stabilizers:",
    "  - reason: each line twice",
    "    replace_pattern: { paths: [p/long.txt], pattern: x, replace: xxxx }",
  ];
  await page.keyboard.press("g");
  await page.getByRole("textbox", { name: "Rules as YAML" }).fill(rules.join("\n"));
  await page.getByRole("button", { name: "Apply" }).click();
  await page.keyboard.press("Escape");
  await page.locator(".stops:visible li", { hasText: /judging again at “p\/long\.txt”.*memory/ }).waitFor();
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
  assert.equal(await page.locator(".off").first().innerText(), "");
  await open(page, "short.txt");
  await page.keyboard.press("R");
  await page.locator(".rules .off", { hasText: "1 rule added" }).waitFor();
  assert.equal(await stops(page), "");
  assert.deepEqual(complaints, []);
  await close();
});

test("memory that runs out before the verdict: both files stay read, and R judges", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const make = (/** @type {number} */ seed) =>
    tar([
      ...Array.from({ length: 3000 }, (_, at) => ({ path: `p/${seed}/${at}.txt`, data: String(at) })),
      { path: "p/large.bin", data: varied(40 << 20, seed) },
    ]);
  await dropFiles(page, [await files.file("before-1.tar", make(1))]);
  await page.locator(".slot.left[data-phase=read]").waitFor({ timeout: 60_000 });
  for (const worker of await whole(page)) await starveOne(worker, 0);
  await dropFiles(page, [await files.file("before-2.tar", make(2))]);
  await page
    .locator(".stops:visible li", { hasText: /stopped while judging.*memory.*both files are still read/ })
    .waitFor();
  assert.equal(await page.locator(".slot.right").getAttribute("data-phase"), "read");
  await page.keyboard.press("R");
  await page.locator("body[data-state=done]").waitFor();
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
  assert.deepEqual(complaints, []);
  await close();
});

test("memory that runs out while attestations are checked: the others are checked, and the page goes on", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const [older, newer] = published();
  await compare(page, [await files.file("attest-1.tgz", older), await files.file("attest-2.tgz", newer)]);
  const sum = (/** @type {string} */ digit) => `${digit.repeat(64)}  attest-2.tgz\n`;
  await dropFiles(page, [await files.file("SHA256SUMS", sum("a"))]);
  await page.locator(".verdict .attested .result-mark").first().waitFor();
  await page.waitForTimeout(300);
  for (const worker of await whole(page)) await starveOne(worker, 0);
  await dropFiles(page, [await files.file("OTHER.SHA256SUMS", sum("b").repeat(20_000))]);
  await page.locator(".stops:visible li", { hasText: /stopped while checking.*each was checked by itself/ }).waitFor();
  await page.locator(".verdict .holding", { hasText: /fail/ }).waitFor();
  assert.deepEqual(complaints, []);
  await close();
});
