// The main job: drop two artifacts, read the verdict, look at what differs, look at what was ignored.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { folder, published, zip } from "./archives.js";
import { compare, countOf, open, ready, start } from "./harness.js";

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

test("two versions of a package: verdict, counts, and the lines that differ", async () => {
  const { page, complaints, close } = await app.openPage();
  const [older, newer] = published();
  // The newer one comes first in the drop: names decide, and the page says so.
  await compare(page, [await files.file("pkg-1.1.0.tgz", newer), await files.file("pkg-1.0.0.tgz", older)]);
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
  assert.match(await page.locator(".answer").innerText(), /^Different\. .*2 changed, 1 only in B/);
  assert.match(await page.locator(".verdict .note").innerText(), /pkg-1\.0\.0\.tgz became A/);
  assert.match(await page.title(), /^≠ Different · pkg-1\.1\.0\.tgz$/);
  assert.equal(await countOf(page, "only-right"), 1);
  assert.equal(await countOf(page, "only-left"), 0);
  assert.equal(await countOf(page, "identical"), 1);
  assert.equal(await page.locator(".grid .row .label", { hasText: "LICENSE" }).count(), 0, "identical is not shown");

  await open(page, "package.json");
  const line = page.locator(".text .line.changed", { hasText: '"version"' });
  assert.equal(await line.locator(".code.left").innerText(), '  "version": "1.0.0",');
  assert.equal(await line.locator(".code.right").innerText(), '  "version": "1.1.0",');

  await open(page, "index.js");
  // Lines come a moment after their rows.
  await page.locator(".text .line.changed .code.left.on", { hasText: 'step(30, "value 30")' }).waitFor();
  await page.locator(".text .line.changed .code.right.on", { hasText: 'step(30, "another value")' }).waitFor();
  assert.equal(await page.locator(".sums").innerText(), "−2\n+1");
  const fold = page.locator(".text .line.fold").first();
  const hidden = Number((await fold.innerText()).match(/(\d+) equal lines/)?.[1]);
  const first = page.locator(".text .line:not(.fold) .no").first();
  assert.equal(Number(await first.innerText()), hidden + 1, "a fold says how many lines it hides");
  await fold.locator(".all").click();
  assert.equal(await first.innerText(), "1");

  await open(page, "setup.js");
  assert.match(await page.locator(".entry .status").innerText(), /only in B/);
  await page.locator(".text .line .code.right.on", { hasText: "child_process" }).waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("what was ignored lists its passes, and switching one off judges again in place", async () => {
  const { page, complaints, close } = await app.openPage();
  const members = (/** @type {number} */ time) => [
    { path: "demo/__init__.py", data: "import demo\n", time },
    { path: "demo/core.py", data: "x = 1\n", time },
  ];
  await compare(page, [
    await files.file("demo-1-a.zip", zip(members(0x5921_0000))),
    await files.file("demo-1-b.zip", zip(members(0x5a21_0000))),
  ]);
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "equivalent");
  await page.getByRole("button", { name: "What was ignored, and why" }).click();
  const pass = page.locator(".pass").first();
  await pass.locator("tbody tr").first().waitFor();
  const id = await pass.locator("label code").innerText();
  assert.match(id, /time/);
  assert.match(await pass.locator("tbody").innerText(), /2024.*2025/s, "before and after stand in the ledger");
  await pass.locator("input").click();
  await page.locator(".verdict[data-verdict=different]").waitFor();
  assert.match(await page.locator(".rules .off").innerText(), /1 off/);
  await page.locator(`.pass input[data-pass="${id}"]`).click();
  await page.locator(".verdict[data-verdict=equivalent]").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  assert.deepEqual(complaints, []);
  await close();
});

test("after a reload the page is empty and works", async () => {
  const { page, complaints, close } = await app.openPage();
  const [older, newer] = published();
  const pair = [await files.file("again-1.tgz", older), await files.file("again-2.tgz", newer)];
  await compare(page, pair);
  // The digests come from a worker that starts after the verdict: a reload in the middle of that would be a failed load.
  await page.locator(".archives .word").waitFor();
  await page.reload();
  await ready(page);
  assert.equal(await page.title(), "Twinspect");
  assert.equal(await page.locator(".slot[data-phase=empty]").count(), 2);
  assert.equal(await page.locator(".result").isVisible(), false);
  await compare(page, pair);
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
  assert.deepEqual(complaints, []);
  await close();
});

test("equal bytes are identical, whatever the names", async () => {
  const { page, complaints, close } = await app.openPage();
  const [older] = published();
  await compare(page, [await files.file("one.tgz", older), await files.file("two.tgz", older)]);
  assert.match(await page.locator(".answer").innerText(), /^Identical\. The same bytes\./);
  assert.deepEqual(complaints, []);
  await close();
});
