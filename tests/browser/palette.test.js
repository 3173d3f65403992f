// Everything that can be done now, typed: commands of the table of keys, and entries by path.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { folder, tgz } from "./archives.js";
import { compare, fromRoot, ready, start } from "./harness.js";

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

test("commands that apply, entries by path with their count, arrows, Enter and Esc", async () => {
  const axe = await readFile(fromRoot("node_modules", "axe-core", "axe.min.js"), "utf8");
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const options = page.locator("dialog[open] [role=option]");
  const input = page.getByRole("combobox", { name: "What to do" });
  await page.keyboard.press("Control+k");
  await input.waitFor();
  const early = await options.allInnerTexts();
  assert.ok(
    early.some((text) => /^choose files\s+CTRL O$/i.test(text)),
    early.join("|"),
  );
  assert.ok(!early.some((text) => /next entry|Report|Swap/.test(text)), "nothing is listed that does nothing");
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Control+o");
  await chooser;

  const make = (/** @type {string} */ text) =>
    tgz([
      ...Array.from({ length: 60 }, (_, at) => ({ path: `p/lib/part-${at}.js`, data: text })),
      { path: "p/<b>x</b>.js", data: text },
    ]);
  await compare(page, [await files.file("m-1.tgz", make("1")), await files.file("m-2.tgz", make("2"))]);
  await page.keyboard.press("Control+k");
  assert.ok(await input.evaluate((element) => element === document.activeElement), "typing goes into the field");
  await page.keyboard.type("LIB part");
  assert.equal(await options.count(), 50);
  assert.equal(
    await page.locator("dialog [role=status]").innerText(),
    "0 commands, 60 entries: the first 50 are listed.",
  );
  await input.fill("part-7");
  assert.equal(await options.count(), 1);
  await page.keyboard.press("Enter");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  await page.locator(".entry .path .file", { hasText: "part-7.js" }).waitFor();

  await page.keyboard.press("Control+k");
  await input.fill("<b>x");
  assert.match(await options.first().innerText(), /<b>x<\/b>\.js/);
  await input.fill("what was");
  await page.keyboard.press("Enter");
  await page.locator("dialog[open] h2", { hasText: "What was ignored" }).waitFor();
  await page.waitForTimeout(100);
  assert.ok(await page.locator("dialog[open]").isVisible(), "the sheet that a command opens stays open");
  await page.keyboard.press("Escape");

  await page.keyboard.press("Control+k");
  const second = (await options.nth(1).innerText()).split("\n")[0];
  await page.keyboard.press("ArrowDown");
  const active = await input.getAttribute("aria-activedescendant");
  assert.ok((await page.locator(`#${active}`).innerText()).startsWith(second ?? " "));
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => Reflect.get(window, "axe").run());
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
    [],
  );
  await input.fill("nothing is called this");
  assert.equal(await options.count(), 0);
  await page.keyboard.press("Enter");
  assert.ok(await input.isVisible());
  assert.deepEqual(complaints, []);
  await close();
});
