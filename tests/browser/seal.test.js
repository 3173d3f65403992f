// The promise that nothing is sent, checked with a real second server: request events miss what a worker does.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { folder, published } from "./archives.js";
import { canary, compare, ready, start } from "./harness.js";
import { attempts } from "./probe.js";

let app;
let files;
let bird;
before(async () => {
  app = await start();
  files = await folder();
  bird = await canary();
});
after(async () => {
  await app?.close();
  await files?.remove();
  bird?.close();
});

test("the canary sings when there is no policy", async () => {
  const { page, close } = await app.openPage({ context: { bypassCSP: true } });
  await ready(page);
  const out = await page.evaluate(attempts, [`${bird.url}control`]);
  assert.equal(out[`fetch ${bird.url}control`], true);
  assert.ok(bird.seen.length > 0);
  await close();
});

test("after boot nothing gets out, from the page or from a worker", async () => {
  bird.seen.length = 0;
  const { page, close } = await app.openPage();
  await ready(page);
  const urls = [`${app.url}index.html`, `${bird.url}sealed`];
  const none = (out) => Object.entries(out).filter(([, through]) => through);
  assert.deepEqual(none(await page.evaluate(attempts, urls)), []);
  const workers = page.workers();
  assert.ok(workers.length > 0, "an engine waits in its worker");
  for (const worker of workers) {
    assert.deepEqual(none(await worker.evaluate(attempts, urls)), []);
    const imported = await worker.evaluate((url) => {
      try {
        importScripts(url);
        return true;
      } catch {
        return false;
      }
    }, `${bird.url}script.js`);
    assert.equal(imported, false);
  }
  assert.equal(await page.evaluate(() => "RTCPeerConnection" in window), false);
  // Later, for what a debugger itself runs is allowed.
  const evaluated = await page.evaluate(
    () =>
      new Promise((resolve) => {
        setTimeout(() => {
          try {
            // biome-ignore lint/security/noGlobalEval: that it is refused is the point
            // biome-ignore lint/complexity/noCommaOperator: an eval of the global scope
            resolve((0, eval)("true"));
          } catch {
            resolve(false);
          }
        });
      }),
  );
  assert.equal(evaluated, false);
  assert.equal(
    await page.evaluate(() => {
      try {
        document.createElement("p").innerHTML = "<b>x</b>";
        return true;
      } catch {
        return false;
      }
    }),
    false,
  );
  assert.deepEqual(bird.seen, []);
  await close();
});

test("a comparison asks for nothing, and goes on without a network", async () => {
  bird.seen.length = 0;
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const requests = [];
  page.on("request", (request) => {
    if (!request.url().startsWith("blob:")) requests.push(request.url());
  });
  await page.context().setOffline(true);
  const [older, newer] = published();
  await compare(page, [await files.file("seal-1.tgz", older), await files.file("seal-2.tgz", newer)]);
  await page.keyboard.press("ArrowDown");
  await page.locator(".line.changed, .line.added").first().waitFor();
  assert.deepEqual(requests, []);
  assert.deepEqual(bird.seen, []);
  await page.getByRole("button", { name: "Sealed" }).click();
  assert.match(await page.locator("dialog[open] ul").first().innerText(), /^connect-src 'none'/);
  assert.deepEqual(complaints, []);
  await close();
});
