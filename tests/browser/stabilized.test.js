// The stabilized archives: the digests that OSS Rebuild gives, in the verdict and as bytes.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { sha256 } from "./bundles.js";
import { compare, fromRoot, start } from "./harness.js";

let app;
before(async () => {
  app = await start();
});
after(() => app?.close());

/** What OSS Rebuild's own stabilizer makes of the samples. */
const KNOWN = {
  "six-1.16.0-py2.py3-none-any.whl": "f5b05d59d1a08864c9bb7fb1f30a1c8ab91ad3f221d697133a2f77c7aa637f8e",
  "six-1.16.0.tar.gz": "d2ea6bdebc40f790b440f2bf2ae57432e114843ef3126ab8b307a7e95174169d",
  "adler2-2.0.1.crate": "369f3bfd6843bf21a2830773a667bea061de66762906aea4fc881955aa992f9e",
  "lodash-4.17.21.tgz": "9137eca63744c539d07573532837ab07a65f1c543366247afb5ec7ff50802ed4",
};

/** @param {string[]} path */
const sample = (...path) => fromRoot("tests", "samples", ...path);

/** Full digests of A and B, once both are there. @param {import("playwright-core").Page} page */
async function digests(page) {
  const copies = page.locator(".archives .copying");
  await copies.nth(1).waitFor();
  const labels = await copies.evaluateAll((buttons) => buttons.map((button) => button.title));
  return labels.map((label) => label.match(/[0-9a-f]{64}/)?.[0]);
}

test("the digests are OSS Rebuild's, and the archive saved has them", async () => {
  const { page, complaints, close } = await app.openPage();
  for (const names of [
    ["six-1.16.0-py2.py3-none-any.whl", "six-1.16.0.tar.gz"],
    ["adler2-2.0.1.crate", "lodash-4.17.21.tgz"],
  ]) {
    await compare(
      page,
      names.map((name) => sample("published", name)),
    );
    await page.locator(".archives .word", { hasText: "differ" }).waitFor();
    assert.deepEqual(
      await digests(page),
      names.map((name) => KNOWN[name]),
    );
    for (const [at, side] of ["A", "B"].entries()) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: `Save stabilized ${side}` }).click(),
      ]);
      assert.equal(download.suggestedFilename(), `stabilized-${names[at]}`);
      assert.equal(sha256(await readFile(await download.path())), KNOWN[names[at]]);
    }
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("a rebuild with the same stabilized archive is said to be equal, and switching a pass off changes the digests", async () => {
  const { page, complaints, close } = await app.openPage({
    context: { permissions: ["clipboard-read", "clipboard-write"] },
  });
  const name = "lodash-4.17.21.tgz";
  await compare(page, [sample("published", name), sample("rebuilt", name)]);
  await page.locator(".archives .word", { hasText: "equal" }).waitFor();
  assert.deepEqual(await digests(page), [KNOWN[name], KNOWN[name]]);
  await page.locator(".archives .copying").first().click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), KNOWN[name]);
  await page.keyboard.press("i");
  await page.locator(".pass input[data-pass=gzip-compression]").click();
  await page.locator(".verdict[data-verdict=different]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".archives .label", { hasText: "with your changes" }).waitFor();
  await page.waitForFunction(
    (known) => !document.querySelector(".archives .copying")?.getAttribute("title")?.includes(known),
    KNOWN[name],
  );
  const [left] = await digests(page);
  assert.notEqual(left, KNOWN[name]);
  assert.deepEqual(complaints, []);
  await close();
});

test("where OSS Rebuild has no verdict, a sentence says why", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, [sample("oss-rebuild", "tar_global_pax_1.tar"), sample("oss-rebuild", "tar_global_pax_2.tar")]);
  await page.locator(".archives .notes li").first().waitFor();
  assert.match(await page.locator(".archives .notes").innerText(), /global/i);
  assert.deepEqual(complaints, []);
  await close();
});
