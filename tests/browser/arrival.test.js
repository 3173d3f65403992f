// The page begins with the part of the engine that reads; the whole one was asked for before the seal and arrives behind it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { folder, published } from "./archives.js";
import { canary, dropFiles, host, ready, start } from "./harness.js";

const WHOLE = "twinspect-wasm_bg.wasm";
let app;
let files;
let bird;
let pair;
before(async () => {
  app = await start();
  files = await folder();
  bird = await canary();
  const [older, newer] = published();
  pair = [await files.file("arrival-1.tgz", older), await files.file("arrival-2.tgz", newer)];
});
after(async () => {
  await app?.close();
  await files?.remove();
  bird?.close();
});

test("both files are read, behind the seal, while the whole engine is on its way; with it comes the verdict", async () => {
  const site = await host();
  let send = () => {};
  site.hold.set(
    WHOLE,
    new Promise((resolve) => {
      send = () => resolve(undefined);
    }),
  );
  const { page, complaints, close } = await app.openPage({ at: site.url });
  await ready(page);
  const asked = site.seen.length;
  // What the browser refuses is told to the console, too: those are not complaints about the page.
  const refused = await page.evaluate((url) => fetch(url).catch((error) => error.name), bird.url);
  assert.equal(refused, "TypeError");
  assert.deepEqual(bird.seen, []);
  complaints.length = 0;
  await dropFiles(page, pair);
  await page.locator(".slot.left[data-phase=read]").waitFor();
  await page.locator(".slot.right[data-phase=read]").waitFor();
  await page.waitForTimeout(300);
  assert.equal(await page.locator("body").getAttribute("data-state"), "judging");
  send();
  await page.locator("body[data-state=done]").waitFor();
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
  // The service worker keeps the copies that the page makes: the host is not asked a second time.
  await page.waitForTimeout(500);
  assert.deepEqual(site.seen.slice(asked), []);
  assert.deepEqual(complaints, []);
  await close();
  await site.close();
});

test("when the whole engine breaks off on its way, a sentence says so instead of a verdict that never comes", async () => {
  const site = await host();
  let cut = () => {};
  site.hold.set(
    WHOLE,
    new Promise((_, reject) => {
      cut = () => reject(new Error("cut"));
    }),
  );
  const { page, close } = await app.openPage({ at: site.url });
  await ready(page);
  await dropFiles(page, pair);
  await page.locator(".slot.right[data-phase=read]").waitFor();
  cut();
  await page.getByText("The engine could not be started").first().waitFor();
  assert.notEqual(await page.locator("body").getAttribute("data-state"), "done");
  await close();
  await site.close();
});
