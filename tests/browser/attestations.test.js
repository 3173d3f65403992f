// A package, its rebuild and the attestation of both, dropped together or one after the other, read offline.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { folder } from "./archives.js";
import { bundle, key, lines } from "./bundles.js";
import { canary, dropFiles, fromRoot, ready, start } from "./harness.js";

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

/** The published file and its rebuild. @param {string} name */
const pair = (name) => ({
  published: fromRoot("tests", "samples", "published", name),
  rebuilt: fromRoot("tests", "samples", "rebuilt", name),
});

const NODEENV = {
  ...pair("nodeenv-1.9.0-py2.py3-none-any.whl"),
  ecosystem: "pypi",
  stabilized: "91429d3916996ff161606232281b2678d65ae3c1744a534713a9358ab6e86a0e",
};
const INICONFIG = {
  ...pair("iniconfig-2.3.0-py3-none-any.whl"),
  ecosystem: "pypi",
  stabilized: "eae12112996e0e1b1f678e9f50b118e413675e07fbdaca6850be4f3785774f58",
};

/** The results of the checks with an id, e.g. `holds`, by the words of the table. @param {import("playwright-core").Page} page @param {string | RegExp} what */
const results = async (page, what) => {
  const rows = page.locator(".checks tbody tr", { has: page.locator("th", { hasText: what }) });
  return (await rows.locator("td:first-child .result-mark").allInnerTexts()).map((text) => text.replace("\n", " "));
};

/** Counts in the banner: `✗ 1 fails`. @param {import("playwright-core").Page} page */
const banner = (page) => page.locator(".attested .holding").innerText();

/** Waits until everything that was dropped is checked. @param {import("playwright-core").Page} page @param {number} papers */
async function checked(page, papers) {
  await page.locator("body[data-state=done]").waitFor();
  await page.locator(".attested .result-mark").first().waitFor();
  await page.waitForFunction((papers) => document.querySelectorAll(".pane .paper h3").length === papers, papers);
}

test("package, rebuild, bundle and key in any order: the same checks, offline", async () => {
  const signer = key();
  const all = [
    NODEENV.published,
    NODEENV.rebuilt,
    await files.file("rebuild.intoto.jsonl", lines(await bundle({ ...NODEENV, privateKey: signer.privateKey }))),
    await files.file("key.pem", signer.pem),
  ];
  const [published, rebuilt, document, pem] = all;
  /** Drops, each of some files. */
  const orders = [
    [[published, rebuilt, document, pem]],
    [[pem, document, rebuilt, published]],
    [[document, rebuilt, pem, published]],
    [[document], [published], [pem], [rebuilt]],
    [[published], [rebuilt], [document], [pem]],
    [[rebuilt, document], [pem], [published]],
    [[pem], [published, rebuilt], [document]],
  ];
  bird.seen.length = 0;
  for (const drops of orders) {
    const { page, complaints, close } = await app.openPage();
    await ready(page);
    const requests = [];
    page.on("request", (request) => {
      if (!request.url().startsWith("blob:")) requests.push(request.url());
    });
    await page.context().setOffline(true);
    for (const drop of drops) {
      await dropFiles(page, drop);
      // One after the other, as a person does.
      await page.waitForTimeout(drops.length > 1 ? 250 : 0);
    }
    await checked(page, 2);
    const order = JSON.stringify(drops.map((drop) => drop.map((file) => all.indexOf(file))));
    assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "equivalent", order);
    await page.keyboard.press("a");
    const table = await page.locator(".checks tbody").first().innerText();
    assert.doesNotMatch(table, /✗/, `${order}\n${table}`);
    assert.doesNotMatch(await banner(page), /fail/, order);
    assert.match(await banner(page), /✓\s*\d+ hold/, order);
    for (const what of ["The file is the published artifact", "The file is the rebuild"]) {
      assert.deepEqual(await results(page, what), ["✓ holds"], `${order} ${what}`);
    }
    assert.ok(
      (await results(page, /tabiliz/)).some((word) => word.includes("holds")),
      `${order}\n${table}`,
    );
    assert.deepEqual(requests, []);
    assert.deepEqual(complaints, []);
    await close();
  }
  assert.deepEqual(bird.seen, []);
});

test("a bundle alone shows what it claims and how to rebuild; nothing about a file is said to hold", async () => {
  const signer = key();
  const { page, complaints, close } = await app.openPage({
    context: { permissions: ["clipboard-read", "clipboard-write"] },
  });
  await ready(page);
  await dropFiles(page, [
    await files.file("alone.jsonl", lines(await bundle({ ...NODEENV, privateKey: signer.privateKey }))),
  ]);
  await page.locator(".start .paper h3").waitFor();
  assert.equal(await page.locator(".slot[data-phase=empty]").count(), 2, "it fills no slot");
  const text = await page.locator(".start .paper").innerText();
  assert.match(text, /stabilize to the same bytes/);
  assert.match(text, /Rebuild it yourself/);
  assert.match(text, /https:\/\/github\.com\/example\/demo/);
  assert.deepEqual(await results(page, "The file is the published artifact"), ["○ not checked"]);
  // Inert text, to be copied.
  const block = page.locator(".text-block", { hasText: "Dockerfile" });
  await block.locator("summary").click();
  assert.equal(await block.locator("pre").innerText(), "FROM alpine:3.19\nRUN echo '<b>build</b>'\n");
  await block.getByRole("button", { name: "Copy Dockerfile" }).click();
  await block.locator(".said", { hasText: "Copied" }).waitFor();
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    "FROM alpine:3.19\nRUN echo '<b>build</b>'\n",
  );
  await page.getByRole("button", { name: "Remove alone.jsonl" }).click();
  await page.locator(".paper").first().waitFor({ state: "detached" });
  assert.equal(await page.locator(".samples").isVisible(), true);
  assert.deepEqual(complaints, []);
  await close();
});

test("a statement about another file fails, visibly in the banner, and by keyboard", async () => {
  const signer = key();
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const about = { ...NODEENV, rebuilt: INICONFIG.rebuilt, privateKey: signer.privateKey };
  await dropFiles(page, [
    NODEENV.published,
    NODEENV.rebuilt,
    await files.file("other.jsonl", lines(await bundle(about))),
    await files.file("key.pem", signer.pem),
  ]);
  await checked(page, 2);
  assert.match(await banner(page), /^✗\s*\d fails?/);
  assert.ok(await page.locator(".attested.failing").isVisible());
  await page.keyboard.press("a");
  assert.equal(await page.getByRole("tab", { name: /^Attestations/ }).getAttribute("aria-selected"), "true");
  const first = page.locator(".checks tbody tr").first();
  assert.match(await first.innerText(), /fails/, "what fails comes first");
  // To the reasons and back, with the keyboard alone.
  await page.getByRole("tab", { name: /^Attestations/ }).focus();
  await page.keyboard.press("ArrowLeft");
  assert.equal(await page.getByRole("tab", { name: "Why" }).getAttribute("aria-selected"), "true");
  await page.keyboard.press("ArrowRight");
  assert.ok(await page.locator(".pane .paper").first().isVisible());
  assert.deepEqual(complaints, []);
  await close();
});

test("the rules of a bundle are shown with their reasons, and applied on request", async () => {
  const signer = key();
  const rules = [
    {
      Config: { ReplacePattern: null, ExcludePath: { Paths: ["iniconfig/_version.py"] } },
      Reason: "A newer tool <i>writes</i> another file",
    },
  ];
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  await dropFiles(page, [
    await files.file("rules.jsonl", lines(await bundle({ ...INICONFIG, rules, privateKey: signer.privateKey }))),
    INICONFIG.rebuilt,
    INICONFIG.published,
  ]);
  await checked(page, 1);
  await page.getByRole("radio", { name: "oss-rebuild" }).click();
  await page.locator(".busy").waitFor({ state: "hidden" });
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
  await page.keyboard.press("a");
  assert.match(await page.locator(".bundle-rules").innerText(), /A newer tool <i>writes<\/i> another file/);
  await page.getByRole("button", { name: "Apply these rules" }).click();
  await page.locator(".verdict[data-verdict=equivalent]").waitFor();
  await page.locator(".bundle-rules .said", { hasText: "in force" }).waitFor();
  assert.match(await page.locator(".rules .off").innerText(), /custom: 1 rule added/);
  await page.keyboard.press("g");
  assert.match(
    await page.locator(".rules-text").inputValue(),
    /exclude_path:\n {6}paths:\n {8}- "iniconfig\/_version\.py"/,
  );
  assert.deepEqual(complaints, []);
  await close();
});

test("hostile documents are inert lines in the table", async () => {
  const signer = key();
  const { page, complaints, close } = await app.openPage();
  const dialogs = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    dialog.dismiss();
  });
  await ready(page);
  const name = `<img src=x onerror=alert(1)>\u202e${"very-long-".repeat(30)}.whl`;
  const hostile = await bundle({ ...NODEENV, name, privateKey: signer.privateKey });
  const [first, second] = hostile;
  const altered = {
    ...first,
    payload: Buffer.from(Buffer.from(first.payload, "base64").toString().replace("6f2c", "6f2d")).toString("base64"),
  };
  const broken = { ...second, payload: "!!!!" };
  await dropFiles(page, [
    await files.file("<img src=x onerror=alert(1)>.jsonl", lines(hostile)),
    await files.file("altered.jsonl", lines([altered, second])),
    await files.file("broken.jsonl", `${lines([first, broken])}{"payload": \n`),
    await files.file(
      "deep.jsonl",
      `{"payloadType":"${"application/vnd.in-toto+json"}","payload":"x","signatures":${"[".repeat(100_000)}`,
    ),
    await files.file("key.pem", signer.pem),
  ]);
  await page.waitForFunction(() => document.querySelectorAll(".start .paper h3").length >= 4);
  const text = await page.locator(".start .beside").innerText();
  assert.match(text, /<img src=x onerror=alert\(1\)>/);
  assert.equal(text.includes("\u202e"), false);
  assert.equal(await page.locator(".start .paper img").count(), 0);
  const paper = (/** @type {string} */ file) => page.locator(".paper", { hasText: file });
  assert.match(await paper("altered.jsonl").locator(".checks").innerText(), /fails/);
  assert.match(await paper("broken.jsonl").innerText(), /base64/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} px too wide`);
  assert.deepEqual(dialogs, []);
  assert.deepEqual(complaints, []);
  await close();
});

test("two files that are no attestations are artifacts, whatever they are called", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  await dropFiles(page, [
    await files.file("one.intoto.jsonl", "just text\n"),
    await files.file("two.sigstore.json", '{"name": "a package"}\n'),
  ]);
  await page.locator("body[data-state=done]").waitFor();
  assert.equal(await page.locator(".attested").isVisible(), false);
  assert.deepEqual(complaints, []);
  await close();
});
