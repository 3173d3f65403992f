// A digest that somebody published, held against each side: in every form it is pasted in, before and after the verdict.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { folder, published } from "./archives.js";
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

const [older, newer] = published();
const digest = (/** @type {Buffer} */ data) => createHash("sha256").update(data).digest("hex");
const pair = async () => [await files.file("pkg-1.0.0.tgz", older), await files.file("pkg-1.1.0.tgz", newer)];
const slot = (/** @type {import("playwright-core").Page} */ page, side = "left") => page.locator(`.slot.${side}`);

/** Pastes into the field of a slot. */
async function expect(page, text, side = "left") {
  const link = slot(page, side).getByRole("button", { name: "expected SHA-256" });
  if (await link.isVisible()) await link.click();
  await slot(page, side).locator(".digest-field").fill(text);
  await slot(page, side).locator(".digest-field").press("Tab");
}

test("one side is told whether it is the expected file as soon as it is read, in every form a digest comes in", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  assert.ok(!(await page.locator(".slot .digest-field").first().isVisible()), "a link until it is wanted");
  const right = digest(older);
  await expect(page, right.toUpperCase());
  await dropFiles(page, [(await pair())[0]]);
  const outcome = slot(page).locator(".outcome");
  await outcome.filter({ hasText: "✓ matches the expected digest" }).waitFor();

  for (const text of [
    digest(newer),
    `  sha256:${right.slice(0, 32)} ${right.slice(32)}  `,
    digest(newer),
    `SHA256 (pkg-1.0.0.tgz) = ${right}`,
    digest(newer),
    `${right}  pkg-1.0.0.tgz`,
  ]) {
    await expect(page, text);
    const words = text === digest(newer) ? "✗ does not match the expected digest" : "✓ matches";
    await outcome.filter({ hasText: words }).waitFor();
  }
  for (const [text, words] of [
    [right.slice(1), "64 hex digits are needed"],
    [right.replace(/^./, "g"), "64 hex digits are needed"],
    [`${right}  one.tgz ${digest(newer)}  two.tgz`, "more than one digest"],
  ]) {
    await expect(page, text);
    await outcome.filter({ hasText: words }).waitFor();
    assert.equal(await slot(page).locator("[aria-invalid=true]").count(), 1);
  }
  await expect(page, "");
  await slot(page).getByRole("button", { name: "expected SHA-256" }).waitFor();
  assert.equal(await outcome.innerText(), "");
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0, "nothing is stored");
  assert.deepEqual(complaints, []);
  await close();
});

test("a file that is not the expected one is named beside the verdict, and follows a swap", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  await expect(page, digest(newer), "left");
  await expect(page, digest(newer), "right");
  await compare(page, await pair());
  const alarm = page.locator(".verdict .mismatch");
  assert.equal(await alarm.innerText(), "A ✗ does not match the expected digest.");
  assert.equal(await page.locator(".verdict").getByText("B ✓ matches the expected digest.").count(), 1);
  assert.deepEqual(await page.locator(".head .sign [aria-hidden]").allInnerTexts(), ["✗", "✓"]);

  await page.keyboard.press("x");
  await page.locator("body[data-state=done]").waitFor();
  await alarm.filter({ hasText: "B ✗ does not match" }).waitFor();

  // In the overview the field is at hand, too.
  await page.getByRole("textbox", { name: "Expected SHA-256 of B" }).fill(digest(older));
  await page.keyboard.press("Tab");
  await page.locator(".verdict .match", { hasText: "A ✓ matches the expected digest. B ✓" }).waitFor();
  assert.equal(await alarm.innerText(), "");

  // Turned round by mistake: each is what was expected of the other.
  await page.getByRole("textbox", { name: "Expected SHA-256 of A" }).fill(digest(older));
  await page.getByRole("textbox", { name: "Expected SHA-256 of B" }).fill(digest(newer));
  await page.keyboard.press("Tab");
  await alarm
    .filter({ hasText: /^A ✗ .*; it is the one expected of B\. B ✗ .*; it is the one expected of A\.$/ })
    .waitFor();

  // Who expects nothing is told nothing.
  await page.getByRole("button", { name: "New comparison" }).click();
  await compare(page, await pair());
  assert.equal(await alarm.innerText(), "");
  assert.deepEqual(await page.locator(".head .sign [aria-hidden]").allInnerTexts(), []);
  assert.deepEqual(complaints, []);
  await close();
});
