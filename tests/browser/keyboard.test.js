// Everything by keyboard alone, from the samples to the third entry.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ready, start } from "./harness.js";

let app;
before(async () => {
  app = await start();
});
after(() => app?.close());

test("samples, verdict, three entries, tabs, filter and help without a mouse", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  for (let tab = 0; tab < 30 && (await focused()) !== "Added install script"; tab++) await page.keyboard.press("Tab");
  assert.equal(await focused(), "Added install script", "a sample can be reached by Tab");
  await page.keyboard.press("Enter");
  await page.locator("body[data-state=done]").waitFor();

  // The first entry has the focus; going on opens one after the other.
  const seen = new Set();
  const path = page.locator(".entry .path");
  for (let entry = 0; entry < 3; entry++) {
    await page.keyboard.press("ArrowDown");
    const row = page.locator(".row[tabindex='0'] .label");
    await path.filter({ hasText: (await row.innerText()).slice(-12) }).waitFor();
    await page.locator(".tabs [aria-selected=true]").waitFor();
    seen.add(await path.innerText());
    assert.ok(await page.evaluate(() => document.activeElement?.matches("[role=row]")), "the list keeps the focus");
  }
  assert.equal(seen.size, 3);

  // Back to an entry with text, by filter.
  await page.keyboard.press("/");
  assert.ok(await page.evaluate(() => document.activeElement?.matches("[type=search]")));
  await page.keyboard.type("package.json");
  await page.locator(".grid .rows .row .label", { hasText: "package.json" }).waitFor();
  // Letters typed into the filter are no keys.
  assert.equal(await page.locator(".search").inputValue(), "package.json");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".search").inputValue(), "");
  await page.keyboard.press("Home");
  for (let step = 0; step < 20; step++) {
    if ((await page.locator(".row[tabindex='0'] .label").innerText()).includes("package.json")) break;
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await path.filter({ hasText: "package.json" }).waitFor();
  await page.locator(".text .line.changed, .text .line.added").first().waitFor();

  const at = page.locator(".steps .at");
  const before = await at.innerText();
  await page.keyboard.press("n");
  await page.locator(".line.here").first().waitFor();
  assert.notEqual(await at.innerText(), before);
  assert.match(await at.innerText(), /^1 of /);
  await page.keyboard.press("n");
  const second = await at.innerText();
  await page.keyboard.press("p");
  assert.match(await at.innerText(), /^1 of /);
  assert.match(second, /^[12] of /);

  const split = () => page.locator(".text .rows.split").count();
  const beforeLayout = await split();
  await page.keyboard.press("u");
  assert.notEqual(await split(), beforeLayout);
  await page.keyboard.press("u");
  assert.equal(await split(), beforeLayout);

  for (const [key, name] of [
    ["2", "Hex"],
    ["3", "Fields"],
    ["1", "Text"],
  ]) {
    await page.keyboard.press(key);
    await page.getByRole("tab", { name, selected: true }).waitFor();
  }

  await page.keyboard.press("?");
  await page.locator("dialog[open] kbd").first().waitFor();
  assert.match(await page.locator("dialog[open] .sheet").innerText(), /next change/);
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });

  // Escape goes back to the list, then closes the entry.
  await page.keyboard.press("Escape");
  assert.ok(await page.evaluate(() => document.activeElement?.matches("[role=row]")));
  await page.keyboard.press("Escape");
  await page.locator(".overview").waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("a sheet opened right after another was closed stays open", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  await page.getByRole("button", { name: "Added install script" }).click();
  await page.locator("body[data-state=done]").waitFor();
  await page.keyboard.press("i");
  await page.locator("dialog[open]").waitFor();
  await page.evaluate(() => {
    for (const key of ["Escape", "g"])
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  });
  await page.waitForTimeout(100);
  assert.ok(await page.locator(".rules-text").isVisible());
  assert.deepEqual(complaints, []);
  await close();
});
