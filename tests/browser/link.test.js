// A link to a view: it waits for its two files, knows them by digest, and then shows what it was made of.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { folder, published } from "./archives.js";
import { compare, dropFiles, open, ready, start } from "./harness.js";

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
const [A, B] = [older, newer].map(digest);
/** Names that sort the other way round if asked to. */
const pair = async (turned = false) => [
  await files.file(turned ? "z.tgz" : "left-right-1.0.0.tgz", older),
  await files.file(turned ? "a.tgz" : "left-right-1.1.0.tgz", newer),
];
const about = `#a=sha256:${A}&b=sha256:${B}`;
const permissions = { permissions: ["clipboard-read", "clipboard-write"] };

test("a copied link brings whoever has the two files to the same entry, line, filter and rules", async () => {
  const { page, complaints, close } = await app.openPage({ context: permissions });
  await compare(page, await pair());
  await page.getByRole("radio", { name: "none" }).click();
  await page.locator(".busy").waitFor({ state: "hidden" });
  await page.locator(".statuses .chip.only-right").click();
  await open(page, "index.js");
  await page.locator(".text .line.changed").first().waitFor();
  await page.keyboard.press("n");
  await page.locator(".line.here").first().waitFor();
  await page.keyboard.press("l");
  await page.locator(".verdict .note", { hasText: "The link is copied" }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const hash = link.slice(link.indexOf("#"));
  assert.match(
    hash,
    new RegExp(
      `^${about}&p=package%2Findex\\.js&l=a?\\d+&f=different,only-left,unread&r=none$`.replaceAll(",", "(?:,|%2C)"),
    ),
  );
  await close();

  const other = await app.openPage({ path: hash });
  await ready(other.page);
  const linked = other.page.locator(".linked");
  assert.match(
    (await linked.innerText()).replace(/\s+/g, " "),
    new RegExp(`This link is about A ${A?.slice(0, 12)}… and B ${B?.slice(0, 12)}… Drop them to continue\\.`),
  );
  // By their names they would be the other way round.
  await dropFiles(other.page, await pair(true));
  await other.page.locator(".verdict .note", { hasText: "they were swapped" }).waitFor();
  await other.page.locator(".entry .path .file", { hasText: "index.js" }).waitFor();
  await other.page.locator(".text .line.here").waitFor();
  assert.match(await other.page.locator(".text .line.here").innerText(), /step\(30/);
  assert.equal(await other.page.locator(".head .side.left .name").innerText(), "z.tgz");
  assert.equal(await other.page.getByRole("radio", { name: "none" }).getAttribute("aria-checked"), "true");
  assert.equal(await other.page.locator(".statuses .chip.only-right").getAttribute("aria-pressed"), "false");
  assert.equal(await other.page.locator(".verdict .mismatch").innerText(), "");
  assert.deepEqual([...complaints, ...other.complaints], []);
  await other.close();
});

test("other files than the link's are said to be that, and its view is not shown", async () => {
  const { page, complaints, close } = await app.openPage({ path: `${about}&p=package%2Findex.js` });
  await compare(page, [(await pair())[0], await files.file("left-right-1.2.0.tgz", published()[0])]);
  await page.locator(".verdict .trouble", { hasText: "These are not the files of the link" }).waitFor();
  assert.equal(
    await page.locator(".verdict .mismatch").innerText(),
    "B ✗ does not match the expected digest; it is the one expected of A.",
  );
  assert.ok(!(await page.locator(".entry").isVisible()));
  await page.getByRole("button", { name: "New comparison" }).click();
  assert.equal(await page.locator(".linked").innerText(), "");
  assert.equal(await page.evaluate(() => location.hash), "");
  assert.deepEqual(complaints, []);
  await close();
});

test("an entry that is not there, folded lines, and names that are markup", async () => {
  const evil = encodeURIComponent("<img src=x onerror=alert(1)>\u202e");
  const { page, complaints, close } = await app.openPage({ path: `${about}&p=${evil}` });
  await compare(page, await pair());
  await page
    .locator(".verdict .trouble", { hasText: "an entry that is not here: <img src=x onerror=alert(1)>\\u{202e}" })
    .waitFor();
  assert.equal(await page.locator("main img").count(), 0);
  // In the same tab, to a line that is folded, of an entry that the filter hides nothing of.
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `${about}&p=package%2Findex.js&l=2&q=index`);
  await page.locator(".text .line.here").waitFor();
  assert.equal((await page.locator(".text .line.here .no").first().innerText()).trim(), "2");
  assert.equal(await page.locator(".search").inputValue(), "index");
  assert.deepEqual(complaints, []);
  await close();
});

test("nonsense is ignored with a sentence, and no hash is none", async () => {
  const { page, complaints, close } = await app.openPage({ path: "#a=1" });
  await ready(page);
  const trouble = page.locator(".start .trouble");
  for (const hash of [
    "top",
    about.slice(1, 75),
    `${about.slice(1)}&x=1`,
    `${about.slice(1)}&l=-1`,
    `${about.slice(1)}&f=everything`,
    `${about.slice(1)}&r=constructor`,
    `${about.slice(1)}&p=%E0%A4%A`,
    `${about.slice(1)}&p=a&p=b`,
    `${about.slice(1)}&p=${"a".repeat(20_000)}`,
  ]) {
    await page.evaluate((hash) => location.assign(`#${hash}`), hash);
    await trouble.filter({ hasText: "cannot be understood: it is ignored" }).waitFor();
    assert.equal(await page.locator(".linked").innerText(), "", hash);
    await dropFiles(page, [(await pair())[0]]);
    await page.locator(".slot.left[data-phase=read]").waitFor();
    assert.equal(await trouble.innerText(), "");
    await page.getByRole("button", { name: "Remove" }).click();
  }
  await page.evaluate((hash) => location.assign(hash), about);
  await page.locator(".linked", { hasText: "Drop them to continue" }).waitFor();
  await page.getByRole("button", { name: "Forget the link" }).click();
  assert.equal(await page.locator(".linked").innerText(), "");
  await compare(page, await pair());
  assert.equal(await page.locator(".verdict .trouble:not(:empty)").count(), 0);
  assert.deepEqual(complaints, []);
  await close();
});
