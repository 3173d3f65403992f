// Published packages and their rebuilds (tests/samples): what an analyst drops, not what a test would make.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { compare, countOf, fromRoot, open, start } from "./harness.js";

let app;
before(async () => {
  app = await start();
});
after(() => app?.close());

/** The published file and its rebuild. @param {string} name */
const pair = (name) => [fromRoot("tests", "samples", "published", name), fromRoot("tests", "samples", "rebuilt", name)];

test("a published wheel and its rebuild differ in one file, and three entries can be read", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, pair("iniconfig-2.3.0-py3-none-any.whl"));
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
  assert.equal(await countOf(page, "different"), 1);
  assert.equal(await countOf(page, "only-left"), 0);
  assert.equal(await countOf(page, "only-right"), 0);

  await open(page, "_version.py");
  await page.locator(".text .line.changed").first().waitFor();
  // What is explained or identical can be looked at, too.
  for (const status of ["equivalent", "identical"]) {
    const chip = page.locator(`.statuses .chip.${status}`);
    if ((await countOf(page, status)) > 0) await chip.click();
  }
  // The content is equal, so the fields come first: what differs, and which rule accounts for it.
  for (const name of ["METADATA", "WHEEL"]) {
    await open(page, name);
    await page.locator(".fields tr", { hasText: "mtime" }).getByText("zip-modified-time").waitFor();
    await page.getByRole("tab", { name: "Text" }).click();
    await page.locator(".text .line .code", { hasText: "Version:" }).first().waitFor();
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("a published package and its rebuild with 1054 files are equivalent", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, pair("lodash-4.17.21.tgz"));
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "equivalent");
  assert.equal(await countOf(page, "different"), 0);
  assert.deepEqual(complaints, []);
  await close();
});
