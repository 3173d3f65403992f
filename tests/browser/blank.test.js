// What opens must be seen, however soon its content comes: views are hidden while they wait.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { folder, tgz } from "./archives.js";
import { compare, ready, start } from "./harness.js";

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

test("an entry that opens within one frame is not blank", async () => {
  const { page, complaints, close } = await app.openPage();
  const make = (/** @type {string} */ version) =>
    tgz(
      ["a.js", "b.js"].map((path) => ({ path: `p/${path}`, data: `let of = "${path}";\nlet version = ${version};\n` })),
    );
  await ready(page);
  await compare(page, [await files.file("blank-1.tgz", make("1")), await files.file("blank-2.tgz", make("2"))]);
  await page.locator(".grid .rows .row .label", { hasText: "a.js" }).click();
  await page.locator(".text .line.changed").first().waitFor();
  const blank = await page.evaluate(async () => {
    const late = [];
    for (let turn = 0; turn < 40; turn++) {
      const [key, name] = turn % 2 ? ["ArrowUp", "a.js"] : ["ArrowDown", "b.js"];
      document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      // Meanwhile the answer comes: it is there before the next frame.
      for (const until = performance.now() + 30; performance.now() < until; );
      await new Promise((resolve) => setTimeout(resolve, 250));
      if (!document.querySelector(".text .rows")?.textContent?.includes(`let of = "${name}"`)) late.push(turn);
    }
    return late;
  });
  assert.deepEqual(blank, []);
  assert.deepEqual(complaints, []);
  await close();
});
