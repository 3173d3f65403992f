// Drops hostile files on the built page: FOLDER FILE…, each alone and then with the next one as its pair, all in one
// page. Called by `cargo xtask corpus FOLDER --page`.
//
// Looked for: uncaught errors and console errors, requests, a worker lost (the page says so and names the entry), a file
// that takes too long, a page that does not give a known pair its verdict any more.

import { join } from "node:path";
import { published, folder as scratch } from "./archives.js";
import { dropFiles, ready, start } from "./harness.js";

/** A file, alone or with its pair, may take so long, in ms. */
const MOST = 10_000;
/** After so many files the page must still judge a known pair. */
const EVERY = 50;

const [folder, ...names] = process.argv.slice(2);
const site = await start();
const own = await scratch();
const [older, newer] = published();
const known = [await own.file("known-1.tgz", older), await own.file("known-2.tgz", newer)];

/** @type {string[]} */
const requests = [];
/** @type {string[]} */
const faults = [];
/** @type {string[]} */
const lost = [];
/** @type {{ name: string, ms: number }[]} */
const times = [];
const verdicts = new Map();

async function fresh() {
  const opened = await site.openPage();
  await ready(opened.page);
  opened.page.on("request", (request) => {
    if (!request.url().startsWith("blob:")) requests.push(request.url());
  });
  opened.page.on("crash", () => faults.push("the tab crashed"));
  return opened;
}

/** What the page is at, once it is at rest. @param {import("playwright-core").Page} page @param {string} side */
const rest = (page, side) =>
  page.waitForFunction(
    (side) => {
      const { state } = document.body.dataset;
      const phase = document.querySelector(`.slot.${side}`)?.getAttribute("data-phase");
      if (state === "sorting" || state === "reading" || state === "judging" || phase === "reading") return false;
      return state === "done" || phase !== "empty" || document.querySelector(".beside:not([hidden])") ? state : false;
    },
    side,
    { timeout: MOST },
  );

/** @param {import("playwright-core").Page} page */
async function clear(page) {
  for (const name of ["New comparison", "Remove", "Remove", "Remove"]) {
    const button = page.getByRole("button", { name, exact: name !== "Remove" }).first();
    if (await button.isVisible()) await button.click();
  }
  await ready(page);
}

/** @param {import("playwright-core").Page} page @param {string} name */
async function losses(page, name) {
  const said = await page.locator(".stops li, .slot .doing, .pane .message").allInnerTexts();
  for (const text of said) if (/The engine stopped|cannot be started/.test(text)) lost.push(`${name}: ${text}`);
}

let now = await fresh();
for (const [at, name] of names.entries()) {
  const pair = names[(at + 1) % names.length] ?? name;
  const since = performance.now();
  try {
    await dropFiles(now.page, [join(folder ?? "", name)]);
    await rest(now.page, "left");
    await losses(now.page, name);
    times.push({ name, ms: performance.now() - since });
    const both = performance.now();
    await dropFiles(now.page, [join(folder ?? "", pair)]);
    await rest(now.page, "right");
    await losses(now.page, `${name} and ${pair}`);
    times.push({ name: `${name} and ${pair}`, ms: performance.now() - both });
    const verdict =
      (await now.page.locator("body").getAttribute("data-state")) === "done"
        ? await now.page.locator(".verdict").getAttribute("data-verdict")
        : "none";
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    // One entry is opened: details are work of their own.
    const row = now.page.locator(".grid .rows .row").last();
    if (verdict !== "none" && (await row.isVisible())) {
      await row.click();
      await now.page
        .locator(".tabs [aria-selected=true], .pane .message:not([hidden])")
        .first()
        .waitFor({ timeout: MOST });
      await losses(now.page, `an entry of ${name} and ${pair}`);
    }
    await clear(now.page);
    if (at % EVERY === EVERY - 1 || at === names.length - 1) {
      await dropFiles(now.page, known);
      await rest(now.page, "right");
      const verdict = await now.page.locator(".verdict").getAttribute("data-verdict");
      if (verdict !== "different") faults.push(`after ${name} the known pair is ${verdict}`);
      await clear(now.page);
      console.log(`${at + 1} files`);
    }
  } catch (error) {
    faults.push(`${name} and ${pair}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    await now.close().catch(() => {});
    now = await fresh();
  }
  for (const complaint of now.complaints.splice(0)) faults.push(`${name} and ${pair}: ${complaint}`);
}
await now.close();
await site.close();
await own.remove();

times.sort((a, b) => b.ms - a.ms);
for (const text of faults) console.log(`fault          ${text}`);
for (const text of lost) console.log(`worker lost    ${text}`);
for (const url of requests) console.log(`request        ${url}`);
for (const { name, ms } of times.slice(0, 3)) console.log(`slow           ${(ms / 1000).toFixed(2)} s  ${name}`);
const median = times[Math.floor(times.length / 2)]?.ms ?? 0;
console.log(`files          ${names.length}, each alone and with the next one`);
console.log(`verdicts       ${[...verdicts].map(([verdict, count]) => `${verdict} ${count}`).join(", ")}`);
console.log(`faults         ${faults.length}`);
console.log(`workers lost   ${lost.length}`);
console.log(`requests       ${requests.length}`);
console.log(`median         ${median.toFixed(0)} ms`);
process.exitCode = faults.length + lost.length + requests.length === 0 ? 0 : 1;
