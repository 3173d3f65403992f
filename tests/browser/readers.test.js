// One zip that readers read differently: the views stand side by side, the hidden one is opened, and two are compared.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { folder, zip } from "./archives.js";
import { compare, fromRoot, open, start } from "./harness.js";

let app;
let files;
let axe;
before(async () => {
  app = await start();
  files = await folder();
  axe = await readFile(fromRoot("node_modules", "axe-core", "axe.min.js"), "utf8");
});
after(async () => {
  await app?.close();
  await files?.remove();
});

/** A zip with an entry in front of it that its directory does not name: only readers of the stream see it. @param {string} name @param {string} secret */
function hiding(name, secret) {
  const whole = zip([{ path: name, data: secret }]);
  // The local entry without its directory.
  const hidden = whole.subarray(0, whole.indexOf("PK\x01\x02"));
  const seen = zip([{ path: "readme.txt", data: "Everybody sees this.\n" }]);
  const at = seen.indexOf("PK\x01\x02");
  const end = seen.indexOf("PK\x05\x06");
  const directory = Buffer.from(seen.subarray(at, end));
  directory.writeUInt32LE(hidden.length, 42);
  const tail = Buffer.from(seen.subarray(end));
  tail.writeUInt32LE(hidden.length + at, 16);
  return Buffer.concat([hidden, seen.subarray(0, at), directory, tail]);
}

/** @param {string} name */
const pair = async (name = "hidden.txt") => [
  await files.file("plain.zip", zip([{ path: "readme.txt", data: "Everybody sees this.\n" }])),
  await files.file("zweite.zip", hiding(name, "Nobody sees this.\n")),
];

test("the views stand side by side, and the hidden content is opened as the reader that sees it", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, await pair());
  await page.locator(".tree [role=treegrid]").focus();
  await page.keyboard.press("b");
  const views = page.locator(".reader-views");
  assert.equal(await views.count(), 1);
  assert.match(await views.innerText(), /^B[\s\S]*Some readers that report success see only a part of what others see/);
  const row = views.locator("tbody tr").filter({ hasText: "hidden.txt" });
  assert.match(await row.innerText(), /nothing/);
  assert.match(await row.innerText(), /18\u202fB/);
  await views.getByRole("button", { name: "Open B as Java ZipInputStream 17 sees it" }).click();
  await page.locator(".stops:visible li", { hasText: "B is opened as Java ZipInputStream 17 sees it." }).waitFor();
  await open(page, "hidden.txt");
  await page.locator(".text .line", { hasText: "Nobody sees this." }).first().waitFor();
  await page.getByRole("button", { name: "Read it our way" }).click();
  await page.locator(".reader-views").waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("two views of one file are compared", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, await pair());
  await page.getByRole("button", { name: /^Compare with the first: .*from a pipe$/ }).click();
  await page.locator(".stops:visible li", { hasText: "A is opened as" }).waitFor();
  await page.locator("body[data-state=done]").waitFor();
  assert.match(await page.locator(".verdict").innerText(), /B is opened as .*from a pipe sees it\./);
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
  assert.match(await page.locator(".verdict").innerText(), /A and B are zweite\.zip, as two readers see it\./);
  await open(page, "hidden.txt");
  await page.locator(".text .line", { hasText: "Nobody sees this." }).first().waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("views are accessible, fit a narrow screen, and show hostile names as text", async () => {
  for (const context of [{}, { colorScheme: "dark" }, { viewport: { width: 390, height: 800 } }]) {
    const { page, complaints, close } = await app.openPage({ context: { ...context, bypassCSP: true } });
    await compare(page, await pair("<img src=x onerror=alert(1)>\u202e.txt"));
    if (context.viewport) await page.getByRole("button", { name: "Why", exact: true }).click();
    const views = page.locator(".reader-views");
    await views.scrollIntoViewIfNeeded();
    assert.match(await views.innerText(), /<img src=x onerror=alert\(1\)>\\u\{202e\}\.txt/);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => /** @type {any} */ (window).axe.run(".result"));
    assert.deepEqual(
      violations.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`),
      [],
    );
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    assert.deepEqual(complaints, []);
    await close();
  }
});
