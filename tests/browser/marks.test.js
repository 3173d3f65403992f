// What the reader leaves on entries: viewed marks and notes, kept for the pair in this browser and nowhere else.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { folder, published, tgz } from "./archives.js";
import { compare, fromRoot, open, start } from "./harness.js";

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

const pair = async () => {
  const [older, newer] = published();
  return [await files.file("left-right-1.0.0.tgz", older), await files.file("left-right-1.1.0.tgz", newer)];
};
/** @param {import("playwright-core").Page} page */
const progress = (page) => page.locator("footer.status [role=status]");
/** @param {import("playwright-core").Page} page @param {string} name */
const row = (page, name) => page.locator(".grid .rows .row", { hasText: name });

/** A worker that a reload meets while it starts is given up: that is not the page's fault. @param {string[]} complaints */
const ours = (complaints) => complaints.filter((text) => !/^failed: blob:.* net::ERR_ABORTED$/.test(text));

test("entries are marked by key and by mouse, counted, and marked still after a reload", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, await pair());
  assert.equal(await progress(page).innerText(), "0 of 3 viewed");
  // The first entry has the focus: it is marked, and the next one that is not is opened.
  await page.keyboard.press("v");
  await page.locator(".entry .path .file", { hasText: "package.json" }).waitFor();
  assert.ok(await row(page, "index.js").getByRole("checkbox", { name: "Viewed" }).isChecked());
  assert.ok(!(await row(page, "package.json").getByRole("checkbox").isChecked()));
  assert.equal(await progress(page).innerText(), "1 of 3 viewed");
  // Back at a marked one, the key takes the mark away and stays.
  await page.keyboard.press("k");
  await page.keyboard.press("v");
  assert.equal(await progress(page).innerText(), "0 of 3 viewed");
  assert.match(await page.locator(".row[tabindex='0']").innerText(), /index\.js/);
  await page.keyboard.press("v");
  await row(page, "setup.js").getByRole("checkbox").click();
  assert.equal(await progress(page).innerText(), "2 of 3 viewed");
  await page.locator(".entry .path .file", { hasText: "package.json" }).waitFor();
  await page.keyboard.press("v");
  assert.equal(await progress(page).innerText(), "3 of 3 viewed");
  // Switching rules judges again, and changes no mark.
  await page.getByRole("radio", { name: "none" }).click();
  await page.locator(".busy").waitFor({ state: "hidden" });
  assert.equal(await page.getByRole("checkbox", { name: "Viewed", checked: true }).count(), 3);

  await page.waitForTimeout(400);
  await page.reload();
  await compare(page, (await pair()).reverse());
  assert.equal(await progress(page).innerText(), "3 of 3 viewed");
  // The same two the other way round are the same pair.
  await page.keyboard.press("x");
  await page.locator("body[data-state=done]").waitFor();
  assert.equal(await page.getByRole("checkbox", { name: "Viewed", checked: true }).count(), 3);

  // Another pair starts clean, and the first one is as it was.
  const other = tgz([{ path: "package/index.js", data: "other" }]);
  await compare(page, [await files.file("o-1.tgz", published()[0]), await files.file("o-2.tgz", other)]);
  assert.match(await progress(page).innerText(), /^0 of \d viewed$/);
  await compare(page, await pair());
  assert.equal(await progress(page).innerText(), "3 of 3 viewed");

  await page.getByRole("button", { name: "Sealed" }).click();
  await page.getByRole("button", { name: "Forget all marks and notes" }).click();
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  await page.keyboard.press("Escape");
  assert.equal(await progress(page).innerText(), "0 of 3 viewed");
  assert.deepEqual(ours(complaints), []);
  await close();
});

test("a note is written and read in the pane, marked in the list, and copied as Markdown with its path made inert", async () => {
  const { page, complaints, close } = await app.openPage({
    context: { permissions: ["clipboard-read", "clipboard-write"] },
  });
  const make = (/** @type {string} */ text) =>
    tgz([
      { path: "p/``<img src=x>`\u202e.js", data: text },
      { path: "p/plain.js", data: text },
    ]);
  const hostile = [await files.file("n-1.tgz", make("1")), await files.file("n-2.tgz", make("2"))];
  await compare(page, hostile);
  await open(page, "plain.js");
  assert.ok(!(await page.locator(".noting").isVisible()), "no field until it is wanted");
  await page.keyboard.press("m");
  const field = page.getByRole("textbox", { name: "Note on this entry" });
  // Letters typed into it are no keys.
  await page.keyboard.type("vex <b>me</b>");
  await page.keyboard.press("Enter");
  assert.ok(await page.evaluate(() => document.activeElement?.matches("[role=row]")), "back to the list");
  assert.equal(await row(page, "plain.js").locator(".noted").getAttribute("title"), "vex <b>me</b>");
  assert.match(await row(page, "plain.js").innerText(), /note: vex <b>me<\/b>/);
  assert.equal(await row(page, "img").locator(".noted").count(), 0);
  assert.equal(await progress(page).innerText(), "0 of 2 viewed · 1 note");

  await page.keyboard.press("k");
  await page.locator(".entry .path .file", { hasText: "img" }).waitFor();
  assert.ok(!(await field.isVisible()), "the note of another entry is not shown here");
  await page.keyboard.press("m");
  await page.keyboard.type("second");
  await page.keyboard.press("Escape");
  await page.locator(".entry .path .file", { hasText: "img" }).waitFor();

  await page.keyboard.press("r");
  await page.getByRole("button", { name: "Copy 2 notes as Markdown" }).click();
  await page.locator("dialog .said", { hasText: "Copied" }).waitFor();
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    "- `p/plain.js`: vex <b>me</b>\n- ```p/``<img src=x>`\\u{202e}.js```: second\n",
  );
  await page.keyboard.press("Escape");

  await page.waitForTimeout(400);
  await page.reload();
  await compare(page, hostile);
  await open(page, "plain.js");
  assert.equal(await field.inputValue(), "vex <b>me</b>");
  await field.fill("");
  await field.press("Enter");
  assert.equal(await row(page, "plain.js").locator(".noted").count(), 0);
  assert.equal(await progress(page).innerText(), "0 of 2 viewed · 1 note");
  await page.keyboard.press("r");
  await page.getByRole("button", { name: "Copy 1 note as Markdown" }).waitFor();
  assert.deepEqual(ours(complaints), []);
  await close();
});

test("a browser that keeps nothing says so once, and what it kept may be anything", async () => {
  const { page, complaints, close } = await app.openPage();
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await compare(page, await pair());
  await page.keyboard.press("v");
  await page.locator(".verdict .trouble", { hasText: "they last until this tab is closed" }).waitFor();
  assert.equal(await progress(page).innerText(), "1 of 3 viewed");
  await page.getByRole("radio", { name: "none" }).click();
  await page.locator(".busy").waitFor({ state: "hidden" });
  await page.keyboard.press("v");
  await page.waitForTimeout(400);
  assert.equal(await page.getByText("they last until").count(), 0, "once");
  await close();

  const second = await app.openPage();
  await compare(second.page, await pair());
  await second.page.keyboard.press("v");
  await second.page.waitForTimeout(400);
  for (const junk of ["{", "null", '{"viewed":7,"notes":{"a":1}}', '{"viewed":[1,{}],"notes":[[1],["x",2],"y"]}']) {
    await second.page.evaluate((junk) => localStorage.setItem(Object.keys(localStorage)[0] ?? "", junk), junk);
    await second.page.reload();
    await compare(second.page, await pair());
    assert.equal(await progress(second.page).innerText(), "0 of 3 viewed", junk);
  }
  assert.deepEqual(ours([...complaints, ...second.complaints]), []);
  await second.close();
});

test("marks and notes are at hand without violations, also where it is narrow", async () => {
  const axe = await readFile(fromRoot("node_modules", "axe-core", "axe.min.js"), "utf8");
  for (const width of [1280, 390]) {
    const { page, complaints, close } = await app.openPage({ context: { viewport: { width, height: 844 } } });
    await compare(page, await pair());
    await row(page, "package.json").getByRole("checkbox").click();
    await open(page, "setup.js");
    await page.getByRole("button", { name: "Note", exact: true }).click();
    await page.keyboard.type("runs at install");
    await page.getByRole("button", { name: "Viewed", exact: true }).click();
    assert.equal(await page.getByRole("button", { name: "Viewed", pressed: true }).count(), 1);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => Reflect.get(window, "axe").run());
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
      [],
    );
    if (width < 700) {
      await page.getByRole("button", { name: "Entries" }).click();
      assert.equal(await page.locator(".tree .foot .narrow-only").innerText(), "2 of 3 viewed · 1 note");
    }
    assert.deepEqual(complaints, []);
    await close();
  }
});
