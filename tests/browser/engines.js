// The core of the end-to-end suite in every engine, driven by plain WebDriver: `cargo xtask test --engines all`.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { folder, published, tgz } from "./archives.js";
import { canary, fromRoot, host } from "./harness.js";
import { attempts, probed, probedFile } from "./probe.js";
import { engine, until } from "./webdriver.js";

/** @type {Awaited<ReturnType<typeof engine>>} */
let browser;
/** @type {(typeof browser)["session"]} */
let page;
let files;
let bird;
let pair;
before(async () => {
  files = await folder();
  browser = await engine(files.path);
  page = browser.session;
  bird = await canary();
  const [older, newer] = published();
  pair = [await files.file("engine-1.tgz", older), await files.file("engine-2.tgz", newer)];
  // What the task shows beside the count.
  process.stdout.write(`engine: ${browser.name} ${browser.version}\n`);
});
after(async () => {
  await browser?.close();
  bird?.close();
  await files?.remove();
});

const at = (/** @type {string} */ state) => page.until((state) => document.body?.dataset.state === state, state);
const read = (/** @type {string} */ selector) =>
  page.run((selector) => document.querySelector(selector)?.textContent ?? "", selector);
/** A line that differs: where there is room for both sides, or one below the other. */
const CHANGED = ".text .line:is(.changed, .removed)";
const verdict = () => page.run(() => document.querySelector(".verdict")?.getAttribute("data-verdict"));

/** A host of its own for one test. @param {(site: Awaited<ReturnType<typeof host>>) => Promise<void>} act */
async function hosted(act) {
  const site = await host();
  try {
    await act(site);
  } finally {
    await page.go("about:blank").catch(() => {});
    await site.close();
  }
}

/** Asks the probe in the page. @param {string[]} urls */
async function probe(urls) {
  await page.run((urls) => {
    const root = document.documentElement;
    delete root.dataset.probed;
    root.dataset.probe = urls;
    root.dispatchEvent(new Event("probe"));
  }, JSON.stringify(urls));
  return JSON.parse((await page.until(() => document.documentElement.dataset.probed)) ?? "");
}

/** That the policy refused everything, and said so. @param {any} found */
function refused({ page, acted, workers, violated, complaints, trusted, rtc }) {
  const through = (/** @type {Record<string, boolean>} */ out) => Object.keys(out).filter((name) => out[name]);
  assert.deepEqual(through(page), []);
  // Where a browser has no Trusted Types, markup is only kept from running, and a worker of a blob inherits the policy.
  const known = trusted ? [] : ["innerHTML", "foreign worker"];
  assert.deepEqual(
    through(acted).filter((name) => !known.includes(name)),
    [],
  );
  assert.ok(workers.length > 0, "an engine waits in its worker");
  for (const out of workers) assert.deepEqual(through(out), []);
  assert.ok(violated.includes("connect-src"), violated.join());
  assert.ok(violated.includes("img-src"), violated.join());
  assert.ok(
    violated.some((/** @type {string} */ name) => name.startsWith("script-src")),
    violated.join(),
  );
  assert.deepEqual(complaints, []);
  assert.equal(rtc, "undefined");
}

test("the canary sings when there is no policy", async () => {
  bird.seen.length = 0;
  await page.go(bird.url);
  const url = `${bird.url}control`;
  const found = await page.run(attempts, [url]);
  for (const way of ["fetch", "xhr"]) assert.equal(found[`${way} ${url}`], true, way);
  await until(async () => bird.seen.includes("POST /control"), "the beacon");
  // Fetch, request, events, socket; a browser may refuse to import a text before it asks for it.
  assert.ok(bird.seen.filter((/** @type {string} */ line) => line === "GET /control").length >= 4, bird.seen.join());
});

test("two files are dropped, judged, three entries read, and the report saved", () =>
  hosted(async (site) => {
    await page.go(site.url);
    await at("ready");
    assert.equal(await read(".seal"), "Sealed");
    await page.drop(pair);
    await at("done");
    assert.equal(await verdict(), "different");
    assert.match(await page.run(() => document.title), /^≠ .*engine-2\.tgz$/);

    const seen = new Set();
    for (let entry = 0; entry < 3; entry++) {
      await page.press("ArrowDown");
      const name = await page.until(
        (seen) => {
          const row = document.querySelector(".row[tabindex='0'] .label")?.textContent ?? "";
          const shown = document.querySelector(".entry .path .file")?.textContent ?? "";
          return row.endsWith(shown) && !seen.includes(shown) && shown;
        },
        [...seen],
      );
      seen.add(name);
    }
    assert.deepEqual([...seen].sort(), ["index.js", "package.json", "setup.js"]);

    await page.click(".grid .rows .row .label", "index.js");
    await page.find(CHANGED);
    // What changed within a line is painted, or an element of its own.
    await page.until(
      () => (CSS.highlights?.get("mark-right")?.size ?? 0) > 0 || document.querySelector(".line .mark-right") !== null,
    );
    await page.press("n");
    await page.find(".line.here");
    for (const [key, tab] of [
      ["2", "Hex"],
      ["3", "Fields"],
      ["1", "Text"],
    ]) {
      await page.press(key);
      await page.find("[role=tab][aria-selected=true]", tab);
    }

    await page.press("r");
    await page.click("dialog .formats label", "JSON");
    await page.click("dialog button:not([disabled])", "Save twinspect-report.json");
    const saved = `${files.path}/twinspect-report.json`;
    const size = Number((await read("dialog button.main")).replace(/\D/g, "")) || 0;
    let before = -1;
    const bytes = await until(async () => {
      const found = await readFile(saved).catch(() => Buffer.alloc(0));
      const whole = found.length > 0 && found.length === before;
      before = found.length;
      return whole && found;
    }, `the file ${size}`);
    const ours = `${files.path}/command.json`;
    try {
      const call = ["run", "-q", "-p", "twinspect-cli", "--", "compare", ...pair, "--report", ours];
      execFileSync("cargo", call, { cwd: fromRoot(), stdio: ["ignore", "ignore", "pipe"] });
    } catch (error) {
      assert.equal(error.status, 1, String(error.stderr));
    }
    assert.ok(bytes.equals(await readFile(ours)), "the file is what the command writes, byte for byte");
  }));

test("every teaching pair has its verdict", () =>
  hosted(async (site) => {
    const verdicts = {
      Identical: "identical",
      "Gzip header": "equivalent",
      "Zip times": "equivalent",
      "Rebuilt package": "equivalent",
      "Line endings": "different",
      "Added install script": "different",
      "Hidden characters": "different",
      "Changed binary": "different",
    };
    await page.go(site.url);
    for (const [name, expected] of Object.entries(verdicts)) {
      await at("ready");
      await page.click(".samples button", name);
      await at("done");
      assert.equal(await verdict(), expected, name);
      await page.click(".tools button", "New comparison");
    }
  }));

/** What must never act. @param {string} url @param {string} version */
const hostile = (url, version) =>
  tgz(
    [`<img src=${url.replaceAll("/", ":")} onerror=alert(1)>.js`, "exe.\u202etxt\u001b[31m.js"].map((path) => ({
      path: `p/${path}`,
      data: `<script src="${url}s.js"></script><img src="${url}i.png" onerror=alert(1)>\n\u202e${version}\n`,
    })),
  );

/** Opens a hostile pair, reads all of it, and lets the probe try everything. @param {string[]} urls */
async function attacked(urls) {
  await at("ready");
  await page.drop([
    await files.file("<b>-1.tgz", hostile(bird.url, "one")),
    await files.file("<b>-2.tgz", hostile(bird.url, "two")),
  ]);
  await at("done");
  for (let row = 0; row < 2; row++) {
    await page.press("ArrowDown");
    await page.find(CHANGED);
  }
  assert.equal(await page.run(() => document.body.querySelectorAll("img, iframe, svg, style, link, object").length), 0);
  await page.find(".text .rows", "<script src=");
  const found = await probe(urls);
  refused(found);
  // What comes late.
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual(bird.seen, []);
}

test("with a hostile artifact open nothing gets out, from the page or from its workers", () =>
  hosted(async (site) => {
    bird.seen.length = 0;
    await probed(site.change);
    await page.go(site.url);
    await page.find(".stays", "Works offline");
    const started = site.seen.length;
    await attacked([`${bird.url}sealed`, `${site.url}index.html`]);
    assert.deepEqual(site.seen.slice(started), []);
  }));

test("the single file opens from disk, and nothing gets out of it", async () => {
  bird.seen.length = 0;
  await page.go(pathToFileURL(await files.file("twinspect.html", await probedFile())).href);
  await attacked([`${bird.url}single`]);
  await page.go("about:blank");
});

test("opened from disk the published single file can read files, and compares", async () => {
  await page.go(pathToFileURL(fromRoot("dist", "download", "twinspect.html")).href);
  await at("ready");
  await page.drop(pair);
  await at("done");
  assert.equal(await verdict(), "different");
});

test("files are read behind the seal while the whole engine is on its way", () =>
  hosted(async (site) => {
    let send = () => {};
    const sent = new Promise((resolve) => {
      send = () => resolve(undefined);
    });
    site.hold.set("twinspect-wasm_bg.wasm", sent);
    await page.go(site.url);
    await at("ready");
    await page.drop(pair);
    await page.find(".slot.left[data-phase=read]");
    await page.find(".slot.right[data-phase=read]");
    assert.equal(await page.run(() => document.body.dataset.state), "judging");
    send();
    await at("done");
    assert.equal(await verdict(), "different");
  }));

test("after the first visit the page starts with its host gone", async () => {
  const site = await host();
  await page.go(site.url);
  await page.find(".stays", "Works offline");
  const started = site.seen.length;
  await page.drop(pair);
  await at("done");
  assert.deepEqual(site.seen.slice(started), []);
  await site.close();
  await page.go(site.url);
  await page.find(".stays", "Works offline");
  await page.drop(pair);
  await at("done");
  assert.equal(await verdict(), "different");
});
