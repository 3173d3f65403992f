// The harness notices what it promises to notice: a watcher that cannot fail would prove nothing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { dropFiles, fromRoot, start } from "./harness.js";

let app;
before(async () => {
  app = await start();
});
after(() => app?.close());

test("a console error, an exception and a missing file are complaints", async () => {
  const { page, complaints, close } = await app.openPage();
  await page.evaluate(async () => {
    // biome-ignore lint/suspicious/noConsole: the complaint to be noticed
    console.error("planted error");
    setTimeout(() => {
      throw new Error("planted exception");
    });
    await fetch("no-such-file").catch(() => {});
  });
  await page.waitForTimeout(100);
  const all = complaints.join("\n");
  assert.match(all, /planted error/);
  assert.match(all, /planted exception/);
  assert.match(all, /no-such-file/);
  await close();
});

test("dropped files arrive with their names, their bytes and in their order", async () => {
  const { page, close } = await app.openPage();
  // On the window, where nothing of the page's own handlers can come before.
  const dropped = page.evaluate(() =>
    new Promise((resolve) => {
      window.addEventListener("drop", (event) => resolve(Array.from(event.dataTransfer.files, (file) => file)), {
        capture: true,
        once: true,
      });
    }).then((files) => Promise.all(files.map(async (file) => [file.name, (await file.text()).slice(0, 9)]))),
  );
  await dropFiles(page, [fromRoot("Trunk.toml"), fromRoot("package.json")]);
  assert.deepEqual(await dropped, [
    ["Trunk.toml", "# The pag"],
    ["package.json", '{\n  "name'],
  ]);
  await close();
});
