// The page without its host: started again with the network gone, from disk as one file, and when a newer one is out.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { folder, published } from "./archives.js";
import { canary, compare, countOf, fromRoot, host, ready, start } from "./harness.js";

let app;
let files;
let bird;
let pair;
before(async () => {
  app = await start();
  files = await folder();
  bird = await canary();
  const [older, newer] = published();
  pair = [await files.file("offline-1.tgz", older), await files.file("offline-2.tgz", newer)];
});
after(async () => {
  await app?.close();
  await files?.remove();
  bird?.close();
});

const offline = (page) => page.locator(".stays").filter({ hasText: "Works offline" }).waitFor();

test("after the first visit the page starts with its host gone, and compares", async () => {
  const site = await host();
  const { page, complaints, close } = await app.openPage({ at: site.url });
  await ready(page);
  await offline(page);
  assert.deepEqual(complaints, []);
  await site.close();
  await page.reload();
  await ready(page);
  await offline(page);
  await compare(page, pair);
  assert.ok((await countOf(page, "different")) > 0);
  await close();
});

test("once the page has started its host is asked for nothing, by page, workers or service worker", async () => {
  const site = await host();
  const { page, complaints, close } = await app.openPage({ at: site.url });
  await ready(page);
  const started = site.seen.length;
  await offline(page);
  await compare(page, pair);
  await page.waitForTimeout(300);
  assert.deepEqual(site.seen.slice(started), []);
  assert.deepEqual(complaints, []);
  await close();
  await site.close();
});

test("the service worker answers for the files of the page and for nothing else", async () => {
  const site = await host();
  const { page, close } = await app.openPage({ at: site.url });
  await ready(page);
  await offline(page);
  await page.reload();
  await ready(page);
  site.seen.length = 0;
  const answer = await page.goto(`${site.url}_headers`);
  assert.equal(answer?.status(), 404);
  assert.deepEqual(site.seen, []);
  await close();
  await site.close();
});

test("a newer version waits until it is taken", async () => {
  const site = await host();
  const { page, close } = await app.openPage({ at: site.url });
  await ready(page);
  await offline(page);
  // The same page under another name: a style with a comment, and the list that says so.
  const worker = await readFile(fromRoot("dist", "sw.js"), "utf8");
  const version = /VERSION = "(\w+)"/.exec(worker)?.[1] ?? "";
  const index = (await readFile(fromRoot("dist", "index.html"), "utf8")).replace(version, "newer");
  const digest = async (text) =>
    Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString("base64");
  site.change.set("index.html", index);
  site.change.set(
    "sw.js",
    worker.replace(version, "newer").replace(/\["\.\/", ".+"\]/, `["./", ${JSON.stringify(await digest(index))}]`),
  );
  await page.reload();
  await ready(page);
  const shown = () => page.locator("meta[name=version]").getAttribute("content");
  await page.getByRole("button", { name: "Update ready" }).waitFor();
  assert.equal(await shown(), version);
  // An open comparison stays.
  await compare(page, pair);
  assert.equal(await shown(), version);
  await page.getByRole("button", { name: "Update ready" }).click();
  await page.waitForFunction(() => document.querySelector("meta[name=version]")?.getAttribute("content") === "newer");
  await ready(page);
  await offline(page);
  await close();
  await site.close();
});

test("a copy that is not what the build made is fetched again, and a wrong file is not kept", async () => {
  const site = await host();
  site.change.set("icon.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
  const { page, close } = await app.openPage({ at: site.url });
  await ready(page);
  await page.waitForTimeout(500);
  assert.equal(await page.locator(".stays").filter({ hasText: "Works offline" }).count(), 0);
  await compare(page, pair);
  await close();
  await site.close();
});

test("where storage is refused the page works", async () => {
  const site = await host();
  const { page, complaints, close } = await app.openPage({ at: "about:blank" });
  await page.addInitScript(() => {
    CacheStorage.prototype.open = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
  });
  await page.goto(site.url);
  await ready(page);
  await compare(page, pair);
  assert.deepEqual(complaints, []);
  await close();
  await site.close();
});

test("the single file opens from disk, compares, and connects to nothing", async () => {
  const at = pathToFileURL(fromRoot("dist", "download", "twinspect.html")).href;
  const { page, complaints, close } = await app.openPage({ at });
  const requests = [];
  page.on("request", (request) => {
    if (!request.url().startsWith("blob:")) requests.push(request.url());
  });
  await ready(page);
  await compare(page, pair);
  assert.ok((await countOf(page, "different")) > 0);
  assert.deepEqual(complaints, []);
  assert.deepEqual(requests, []);
  bird.seen.length = 0;
  const asked = async (url) => {
    const through = [];
    await fetch(url, { mode: "no-cors" }).then(
      () => through.push("fetch"),
      () => {},
    );
    if (typeof document === "object") {
      navigator.sendBeacon(url, "x");
      await new Promise((resolve) => {
        const image = new Image();
        image.onload = image.onerror = resolve;
        image.src = `${url}image`;
      });
    }
    return through;
  };
  assert.deepEqual(await page.evaluate(asked, bird.url), []);
  // A reader may have ended in between; the judge goes on.
  const answers = await Promise.all(page.workers().map((worker) => worker.evaluate(asked, bird.url).catch(() => null)));
  assert.ok(answers.some((answer) => answer !== null));
  assert.deepEqual(answers.flat().filter(Boolean), []);
  await page.waitForTimeout(200);
  assert.deepEqual(bird.seen, []);
  await close();
});
