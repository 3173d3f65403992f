// Folders become one artifact each, packed by the page; what is pasted becomes one, too.

import assert from "node:assert/strict";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { folder } from "./archives.js";
import { open, ready, start } from "./harness.js";

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

const LONG = `${"a-long-folder/".repeat(9)}ünï.txt`;

/** A folder on disk. @param {string} name @param {Record<string, string>} content */
async function unpacked(name, content) {
  const top = join(files.path, name);
  await mkdir(top, { recursive: true });
  for (const [path, text] of Object.entries(content)) {
    await mkdir(dirname(join(top, path)), { recursive: true });
    await writeFile(join(top, path), text);
    await utimes(join(top, path), 1_600_000_000, 1_600_000_000);
  }
  return top;
}

/** Drops from outside, as the system does it. @param {import("playwright-core").Page} page @param {string[]} paths */
async function dropPaths(page, paths) {
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"])
    await client.send("Input.dispatchDragEvent", { type, x: 640, y: 60, data });
}

test("two folders are two artifacts: packed in order, read like any tar, compared by what is in them", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const one = await unpacked("app-1", { "b.txt": "same\n", "a/<i>.txt": "one\n", [LONG]: "long\n" });
  const two = await unpacked("app-2", { "b.txt": "same\n", "a/<i>.txt": "two\n", [LONG]: "long\n", "new.txt": "new" });
  await dropPaths(page, [two, one]);
  await page.locator("body[data-state=done]").waitFor();
  assert.deepEqual(await page.locator(".head .side .name").allInnerTexts(), ["app-1.tar", "app-2.tar"]);
  assert.match(await page.locator(".answer").innerText(), /Not explained: 1 changed, 1 only in B/);
  assert.match(
    await page.locator(".verdict .note", { hasText: "packed here" }).innerText(),
    /app-1 is a folder, packed here with 3 files: .* no modes, owners, links and empty folders/,
  );
  await open(page, "<i>.txt");
  await page.locator(".line.changed .code.right", { hasText: /^two$/ }).waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.locator(".grid .rows .row .label", { hasText: "ünï.txt" }).waitFor();
  // A well-formed archive: nothing about it is found wrong but the name that a system cannot have.
  await page.getByRole("button", { name: "Overview" }).click();
  const found = await page.locator(".overview .problems li").allInnerTexts();
  assert.deepEqual(
    found.filter((text) => !text.includes("Windows cannot have")),
    [],
  );
  assert.deepEqual(complaints, []);
  await close();
});

test("a folder is chosen for a side, an empty one gets a sentence, and the page goes on", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  await dropPaths(page, [await unpacked("nothing", {})]);
  await page.locator(".start .trouble", { hasText: "There are no files in nothing." }).waitFor();
  const chooser = page.waitForEvent("filechooser");
  await page.locator(".slot.right").getByRole("button", { name: "a folder… for B" }).click();
  await (await chooser).setFiles(await unpacked("chosen", { "x/y.txt": "y" }));
  await page.locator(".slot.right[data-phase=read]").waitFor();
  assert.equal(await page.locator(".slot.right .name").innerText(), "chosen.tar");
  assert.equal(await page.locator(".start .trouble").innerText(), "");
  // The same folder, dropped, is the same bytes.
  await dropPaths(page, [join(files.path, "chosen")]);
  await page.locator("body[data-state=done]").waitFor();
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "identical");
  assert.deepEqual(complaints, []);
  await close();
});

test("pasted text and files fill the slots, but not from within a field", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  /** @param {string} selector @param {string} text @param {string} [name] A file of that name instead. */
  const paste = (selector, text, name) =>
    page.evaluate(
      ([selector = "", text = "", name]) => {
        const clipboardData = new DataTransfer();
        if (name) clipboardData.items.add(new File([text], name));
        else clipboardData.setData("text/plain", text);
        const event = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData });
        document.querySelector(selector)?.dispatchEvent(event);
      },
      [selector, text, name ?? ""],
    );
  await page.locator(".slot.left").getByRole("button", { name: "expected SHA-256" }).click();
  await paste(".slot.left .digest-field", "ab".repeat(32));
  await page.waitForTimeout(200);
  assert.equal(
    await page.locator(".slot.left").getAttribute("data-phase"),
    "empty",
    "a field keeps what is pasted into it",
  );
  await paste("body", "pasted <b>one</b>\n");
  await page.locator(".slot.left[data-phase=read]").waitFor();
  assert.equal(await page.locator(".slot.left .name").innerText(), "pasted.txt");
  assert.match(await page.locator(".start .note").innerText(), /What was pasted is pasted\.txt/);
  await paste("body", "pasted <b>two</b>\n", "note.txt");
  await page.locator("body[data-state=done]").waitFor();
  await page.locator(".line.changed .code.right", { hasText: "pasted <b>two</b>" }).waitFor();
  assert.equal(await page.locator(".head .side.right .name").innerText(), "note.txt");
  assert.deepEqual(complaints, []);
  await close();
});
