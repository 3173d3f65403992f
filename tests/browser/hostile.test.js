// Hostile names and contents are text and nothing else; what is no archive, or a broken one, gets a sentence.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { folder, tgz, zip } from "./archives.js";
import { canary, compare, dropFiles, open, ready, start } from "./harness.js";

let app;
let files;
let bird;
before(async () => {
  app = await start();
  files = await folder();
  bird = await canary();
});
after(async () => {
  await app?.close();
  await files?.remove();
  bird?.close();
});

/** What must never act: markup, script addresses, changes of direction, terminal sequences, control characters. */
const names = (/** @type {string} */ url) => [
  `<img src=${url.replaceAll("/", ":")} onerror=alert(1)>.js`,
  "<script>alert(1)<!script>.js",
  '"><svg onload=alert(1)>.html',
  "javascript:alert(1)",
  "exe.\u202etxt.js",
  "\u001b[31mred\u001b]8;;http:evil\u0007.js",
  "line\nbreak\ttab.js",
  "{{constructor.constructor('alert(1)')()}}.js",
  "%3Cscript%3E.js",
];

const content = (/** @type {string} */ url, /** @type {string} */ version) =>
  [
    `<script>alert("${version}"); fetch("${url}")</script>`,
    `<img src="${url}" onerror="alert(1)"><iframe src="${url}"></iframe>`,
    `<style>@import "${url}";</style><link rel=stylesheet href="${url}">`,
    `<a href="javascript:alert(1)">${version}</a>`,
    `\u001b[2J\u001b[31m${version}\u001b]0;title\u0007`,
    `admin\u202e // ${version} \u2066`,
    "",
  ].join("\n");

test("names and contents are inert", async () => {
  const { page, complaints, close } = await app.openPage();
  const dialogs = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    dialog.dismiss();
  });
  const make = (/** @type {string} */ version) =>
    tgz(names(bird.url).map((path) => ({ path: `p/${path}`, data: content(bird.url, version) })));
  await ready(page);
  const requests = [];
  page.on("request", (request) => {
    if (!request.url().startsWith("blob:")) requests.push(request.url());
  });
  await compare(page, [
    await files.file("<img src=x onerror=alert(1)> \u202e-1.tgz", make("one")),
    await files.file("<img src=x onerror=alert(1)> \u202e-2.tgz", make("two")),
  ]);
  const rows = page.locator(".grid .rows .row.file");
  assert.equal(await rows.count(), names("").length);
  for (let row = 0; row < names("").length; row++) {
    await rows.nth(row).click();
    await page.locator(`.row.file[aria-selected=true]`).waitFor();
    await page.locator(".text .line.changed").first().waitFor();
    for (const key of ["3", "2", "1", "u", "t", "u"]) await page.keyboard.press(key);
  }
  await page.keyboard.press("i");
  await page.keyboard.press("Escape");
  await page.waitForTimeout(200);

  const found = await page.evaluate(() => {
    const text = document.body.innerText + document.title;
    const attributes = [...document.querySelectorAll("*")].flatMap((element) =>
      element.getAttributeNames().filter((name) => name.startsWith("on") || ["href", "src", "style"].includes(name)),
    );
    return {
      elements: [...document.body.querySelectorAll("img, script, iframe, svg, style, link, a, object, embed")].length,
      handlers: attributes.filter((name) => name.startsWith("on")).length,
      shownAsText: text.includes('<script>alert("two")'),
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      controls: text.match(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g) ?? [],
    };
  });
  assert.deepEqual(found, { elements: 0, handlers: 0, shownAsText: true, controls: [] });
  assert.deepEqual(dialogs, []);
  assert.deepEqual(requests, []);
  assert.deepEqual(bird.seen, []);
  assert.deepEqual(complaints, []);
  await close();
});

test("an empty file and a text named .zip are said to be what they are", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, [
    await files.file("empty.bin", ""),
    await files.file("notes.zip", "Just a note.\nNo archive.\n"),
  ]);
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
  // Read in the pane: that comes a moment after the verdict.
  await page.locator(".result .line").filter({ hasText: "Just a note." }).first().waitFor();
  await close();
  const second = await app.openPage();
  await compare(second.page, [
    await files.file("a.zip", "Just a note.\n"),
    await files.file("b.zip", zip([{ path: "a", data: "Just a note.\n" }])),
  ]);
  assert.equal(await second.page.locator(".verdict").getAttribute("data-verdict"), "different");
  assert.match(await second.page.locator("body").innerText(), /the name says ZIP archive, but the bytes are not one/);
  assert.deepEqual([...complaints, ...second.complaints], []);
  await second.close();
});

test("a folder without files is refused with a sentence, and the page goes on", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const path = join(files.path, "unpacked");
  await mkdir(path, { recursive: true });
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await client.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  }
  await page.locator(".trouble", { hasText: "There are no files in unpacked" }).first().waitFor();
  await dropFiles(page, [await files.file("after.bin", "x")]);
  await page.locator(".slot.left[data-phase=read]").waitFor();
  assert.equal(await page.locator(".start .trouble").innerText(), "");
  assert.deepEqual(complaints, []);
  await close();
});

test("a damaged zip inside a good package leaves the rest", async () => {
  const { page, complaints, close } = await app.openPage();
  const inner = (/** @type {string} */ data) => zip([{ path: "inside.txt", data }], { damage: true });
  const make = (/** @type {string} */ data) =>
    tgz([
      { path: "p/bad.zip", data: inner(data) },
      { path: "p/good.txt", data: `the rest\n${data}\n` },
    ]);
  await compare(page, [await files.file("rest-1.tgz", make("one")), await files.file("rest-2.tgz", make("two"))]);
  const overview = await page.locator(".overview .problems").innerText();
  assert.match(overview, /bad\.zip/);
  await open(page, "good.txt");
  await page.locator(".line.changed .code.right", { hasText: /^two$/ }).waitFor();
  assert.deepEqual(complaints, []);
  await close();
});
