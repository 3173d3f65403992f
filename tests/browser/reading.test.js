// Reading an entry: spaces made visible, digests and paths copied, a change read aloud.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { folder, tgz } from "./archives.js";
import { compare, open, ready, start } from "./harness.js";

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

const OLD = "one two\n\tthree\nlast\n";
const NEW = "one two\r\n\tthree four\nlast\n";

test("spaces, tabs and line ends are shown and hidden again, and the marks keep their places", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const pair = [OLD, NEW].map((data, at) => files.file(`spaces-${at + 1}.tgz`, tgz([{ path: "p/a.txt", data }])));
  await compare(page, await Promise.all(pair));
  await open(page, "a.txt");
  const line = page.locator(".text:visible .code.right", { hasText: "three" });
  await line.waitFor();
  assert.equal(await line.locator("bdi").textContent(), "\tthree four");
  await page.keyboard.press("s");
  await page.locator(".text:visible .code.right", { hasText: "→three·four" }).waitFor();
  assert.match(await page.locator(".text:visible .code.right", { hasText: "one·two" }).innerText(), /CRLF/);
  await page.keyboard.press("s");
  await line.waitFor();
  assert.equal(await line.locator("bdi").textContent(), "\tthree four");
  assert.deepEqual(complaints, []);
  await close();
});

test("a change is read aloud, and digest and path of the entry are copied", async () => {
  const permissions = { permissions: ["clipboard-read", "clipboard-write"] };
  const { page, complaints, close } = await app.openPage({ context: permissions });
  await ready(page);
  const pair = [OLD, NEW].map((data, at) => files.file(`aloud-${at + 1}.tgz`, tgz([{ path: "p/a.txt", data }])));
  await compare(page, await Promise.all(pair));
  await open(page, "a.txt");
  await page.locator(".text:visible .code.right", { hasText: "three" }).waitFor();
  const said = page.locator(".entry > [role=status]");
  assert.equal(await said.textContent(), "");
  await page.keyboard.press("F7");
  await said.filter({ hasText: /^Change 1 of \d+\. A, line 1, removed: .* B, line 1, added: one two/ }).waitFor();
  const text = () => page.evaluate(() => navigator.clipboard.readText());
  const sum = (/** @type {string} */ data) => createHash("sha256").update(data).digest("hex");
  await page.keyboard.press("c");
  await page.locator(".note:visible", { hasText: "SHA-256 copied." }).waitFor();
  assert.equal(await text(), `${sum(OLD)}  p/a.txt\n${sum(NEW)}  p/a.txt`);
  await page.keyboard.press("C");
  await page.locator(".note:visible", { hasText: "Path copied." }).waitFor();
  assert.equal(await text(), "p/a.txt");
  assert.deepEqual(complaints, []);
  await close();
});

test("the strip beside a text shows where changes are, and a press goes there", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const make = (/** @type {string} */ word) =>
    Array.from({ length: 900 }, (_, at) => (at === 800 ? `${word}\n` : `line ${at}\n`)).join("");
  const pair = ["old", "new"].map((word, at) =>
    files.file(`strip-${at + 1}.tgz`, tgz([{ path: "p/a.txt", data: make(word) }])),
  );
  await compare(page, await Promise.all(pair));
  await open(page, "a.txt");
  await page.locator(".text:visible .code.right", { hasText: "new" }).waitFor();
  await page.keyboard.press("e");
  const strip = page.locator(".text:visible .ruler");
  await page.locator(".text:visible .code.right", { hasText: "line 0" }).first().waitFor();
  const stops = await strip.evaluate((element) => getComputedStyle(element).getPropertyValue("--added-at"));
  assert.match(stops, /^transparent 0\.00% 88\.\d+%, currentcolor 88\.\d+% 89\.\d+%, transparent/);
  const box = await strip.boundingBox();
  assert.ok(box && box.width === 8);
  await page.mouse.click(box.x + 4, box.y + (box.height * 800) / 900);
  await page.locator(".text:visible .code.right", { hasText: /^new$/ }).waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("where two long lines first differ stands below them, one above the other; short lines need none", async () => {
  const { page, complaints, close } = await app.openPage({ context: { viewport: { width: 1600, height: 900 } } });
  await ready(page);
  const make = (/** @type {string} */ word) =>
    `short ${word}\n${"same line\n".repeat(9)}${"abc ".repeat(150)}${word}${" xyz".repeat(150)}\n`;
  const pair = ["old", "new"].map((word, at) =>
    files.file(`long-${at + 1}.tgz`, tgz([{ path: "p/a.txt", data: make(word) }])),
  );
  await compare(page, await Promise.all(pair));
  await open(page, "a.txt");
  await page.locator(".text:visible .code.right", { hasText: "short new" }).waitFor();
  const strip = page.locator(".strip:visible");
  await page.keyboard.press("n");
  await page.locator(".line.here", { hasText: "short" }).waitFor();
  assert.equal(await strip.count(), 0);
  await page.keyboard.press("n");
  await strip.waitFor();
  const [left, right] = await strip.locator(".strip-line").allInnerTexts();
  assert.match(left ?? "", /^A …(?:[abc ]{26,30})old xyz/);
  assert.match(right ?? "", /^B …(?:[abc ]{26,30})new xyz/);
  await page.keyboard.press("u");
  await strip.waitFor({ state: "detached" });
  assert.deepEqual(complaints, []);
  await close();
});
