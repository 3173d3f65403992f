// The tabs that few entries have: images, shown as such and nothing else, and the structure of compiled contents.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { deflateSync } from "node:zlib";
import { folder, tgz } from "./archives.js";
import { canary, compare, fromRoot, open, screenshot, start } from "./harness.js";

let app;
let files;
let bird;
let axe;
before(async () => {
  app = await start();
  files = await folder();
  bird = await canary();
  axe = await readFile(fromRoot("node_modules", "axe-core", "axe.min.js"), "utf8");
});
after(async () => {
  await app?.close();
  await files?.remove();
  bird?.close();
});

/** Violations that axe finds. @param {import("playwright-core").Page} page */
async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => (await axe.run()).violations.map((each) => `${each.id}: ${each.nodes[0].html}`));
}

/** CRC-32 as PNG has it. @param {Buffer} bytes */
function crc(bytes) {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

/** A grey picture of 40 × 30 points with some white ones. @param {number} white */
function png(white) {
  const chunk = (/** @type {string} */ type, /** @type {Buffer} */ data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(40, 0);
  head.writeUInt32BE(30, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc(41 * 30, 99);
  for (let row = 0; row < 30; row++) rows[41 * row] = 0;
  for (let point = 0; point < white; point++) rows[41 * 3 + 1 + point] = 255;
  const parts = [chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

test("images are shown as images and as nothing else", async () => {
  const svg = (/** @type {string} */ fill) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20" onload="fetch('${bird.url}')"><script>
fetch("${bird.url}"); alert(1)</script><image href="${bird.url}x.png"/><rect width="20" height="20" fill="${fill}"/></svg>`;
  const make = (/** @type {number} */ white, /** @type {string} */ fill) =>
    tgz([
      { path: "p/logo.png", data: png(white) },
      { path: "p/logo.svg", data: svg(fill) },
      { path: "p/broken.png", data: Buffer.concat([png(0).subarray(0, 20), Buffer.from([white, 0, 1])]) },
      { path: "p/page.png", data: `<html><script>alert(${white})</script></html>` },
    ]);
  const { page, complaints, close } = await app.openPage();
  const dialogs = [];
  page.on("dialog", (dialog) => dialogs.push(dialog.dismiss()));
  await compare(page, [await files.file("p-1.tgz", make(0, "red")), await files.file("p-2.tgz", make(7, "blue"))]);
  await open(page, "logo.png");
  await page.getByRole("tab", { name: "Image", selected: true }).waitFor();
  const caption = page.locator(".image figcaption");
  await caption.filter({ hasText: /B\s+PNG, 40 × 30/ }).waitFor();
  await screenshot(page, "image-side");
  await page.getByRole("button", { name: "Swipe" }).click();
  await page.getByRole("slider", { name: "Swipe" }).focus();
  await page.keyboard.press("End");
  assert.equal(await page.locator(".stage").evaluate((element) => element.style.getPropertyValue("--cut")), "100%");
  await screenshot(page, "image-swipe");
  await page.getByRole("button", { name: "Difference" }).click();
  await page.locator(".image .bar", { hasText: "7 points differ" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await screenshot(page, "image-difference");

  // An SVG is a text first; as an image it neither runs nor loads anything.
  await open(page, "logo.svg");
  await page.getByRole("tab", { name: "Text", selected: true }).waitFor();
  await page.keyboard.press("4");
  await caption.filter({ hasText: /A\s+SVG, 20 × 20, .*nothing in it runs/ }).waitFor();
  await page.waitForTimeout(300);
  assert.deepEqual(bird.seen, []);
  assert.equal(dialogs.length, 0);

  await open(page, "broken.png");
  await caption.filter({ hasText: "cannot decode" }).first().waitFor();
  // What only has the name of an image is none.
  await open(page, "page.png");
  assert.ok(await page.getByRole("tab", { name: "Image" }).isHidden());
  assert.deepEqual(complaints, []);
  await close();
});

/** A module that exports a function of a name. @param {string} name */
function wasm(name) {
  const exported = Buffer.concat([Buffer.from([1, Buffer.byteLength(name)]), Buffer.from(name), Buffer.from([0, 0])]);
  const head = Buffer.from("\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0", "latin1");
  const code = Buffer.from([10, 4, 1, 2, 0, 0x0b]);
  return Buffer.concat([head, Buffer.from([7, exported.length]), exported, code]);
}

test("the structure of compiled contents is compared as text", async () => {
  const make = (/** @type {string} */ name) =>
    tgz([
      { path: "p/run.wasm", data: wasm(name) },
      { path: "p/no.wasm", data: Buffer.from(`\0asn${name}`) },
    ]);
  const { page, complaints, close } = await app.openPage();
  await compare(page, [await files.file("p-1.tgz", make("old")), await files.file("p-2.tgz", make("\u202enew<b>"))]);
  await open(page, "run.wasm");
  await page.keyboard.press("5");
  await page.getByRole("tab", { name: "Structure", selected: true }).waitFor();
  const view = page.locator("#view-structure");
  await view.locator(".line", { hasText: /new<b>\s+func/ }).waitFor();
  await view.locator(".line", { hasText: "WebAssembly, version 1" }).waitFor();
  await page.keyboard.press("n");
  await view.locator(".line.here").first().waitFor();
  await page.keyboard.press("u");
  await view.locator(".line.removed", { hasText: /old\s+func/ }).waitFor();
  assert.deepEqual(await violations(page), []);
  await screenshot(page, "structure-light");
  await open(page, "no.wasm");
  assert.ok(await page.getByRole("tab", { name: "Structure" }).isHidden());
  assert.deepEqual(complaints, []);
  await close();
});
