// What makes readers disagree about an artifact is said beside the verdict, and an ordinary pair has nothing of the kind.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { folder, tar } from "./archives.js";
import { compare, fromRoot, start } from "./harness.js";

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

const hidden = (/** @type {number} */ number) => fromRoot(`tests/samples/oss-rebuild/zip_hidden_local_${number}.zip`);

test("an entry that only some readers see makes its side ambiguous", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, [hidden(1), hidden(2)]);
  assert.match(await page.locator(".verdict").innerText(), /Readers get different contents out of B/);
  const finding = page.locator(".problems li").filter({ hasText: "ZIP-03" });
  assert.match(await finding.innerText(), /^B/);
  assert.match(await finding.innerText(), /readers disagree, only in B/);
  assert.deepEqual(complaints, []);
  await close();
});

test("an ordinary pair has no findings", async () => {
  const { page, complaints, close } = await app.openPage();
  const one = await files.file("a-1.tar", tar([{ path: "a", data: "a" }]));
  const two = await files.file("a-2.tar", tar([{ path: "a", data: "b" }]));
  await compare(page, [one, two]);
  assert.equal(await page.getByRole("heading", { name: /Findings/ }).count(), 0);
  assert.doesNotMatch(await page.locator(".verdict").innerText(), /Readers get different/);
  assert.deepEqual(complaints, []);
  await close();
});
