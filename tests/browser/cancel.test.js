// Cancelling gives the page back at once, and it goes on working.

import assert from "node:assert/strict";
import { open as openFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { folder, published, tar } from "./archives.js";
import { compare, dropFiles, ready, start } from "./harness.js";

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

/** A tar of one member, a hole but for its header. @param {string} name @param {number} size */
async function large(name, size) {
  const path = await files.file(name, tar([{ path: "hole.bin", size }]).subarray(0, 512));
  const file = await openFile(path, "r+");
  await file.truncate(512 + size + 2048);
  await file.close();
  return path;
}

test("cancel while reading 300 MB answers within 200 ms, and the next comparison works", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  await dropFiles(page, [await large("large.tar", 300_000_000)]);
  await page.locator("body[data-state=reading]").waitFor();
  await page.locator(".slot.left .doing", { hasText: /Hashing|Opening: / }).waitFor();
  const took = await page.evaluate(async () => {
    const button = [...document.querySelectorAll(".slot.left button")].find((each) => each.textContent === "Cancel");
    if (!(button instanceof HTMLElement) || document.body.dataset.state !== "reading") throw new Error("not reading");
    const since = performance.now();
    button.click();
    // Two frames: what was cancelled is on screen, and the page can be used.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    if (document.body.dataset.state !== "ready") throw new Error("still reading");
    return performance.now() - since;
  });
  assert.ok(took < 200, `${took} ms`);
  assert.match(await page.locator(".slot.left .doing").innerText(), /Cancelled/);
  const [older, newer] = published();
  await compare(page, [await files.file("next-1.tgz", older), await files.file("next-2.tgz", newer)]);
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
  assert.deepEqual(complaints, []);
  await close();
});

test("escape cancels, too, and what was cancelled can be read again", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  await dropFiles(page, [await large("escape.tar", 60_000_000)]);
  await page.locator("body[data-state=reading]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("body[data-state=ready]").waitFor();
  await page.getByRole("button", { name: "Read again" }).click();
  await page.locator(".slot.left[data-phase=read]").waitFor({ timeout: 60_000 });
  assert.deepEqual(complaints, []);
  await close();
});
