// Every screen in every dress: pictures for people, and axe for what people overlook.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { folder, published, tgz, zip } from "./archives.js";
import { bundle, key, lines } from "./bundles.js";
import { compare, dropFiles, fromRoot, open, ready, screenshot, start } from "./harness.js";

let app;
let files;
let axe;
before(async () => {
  app = await start();
  files = await folder();
  axe = await readFile(fromRoot("node_modules", "axe-core", "axe.min.js"), "utf8");
});
after(async () => {
  await app?.close();
  await files?.remove();
});

/** How the page can be dressed. @type {Record<string, import("playwright-core").BrowserContextOptions>} */
const DRESSES = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  narrow: { colorScheme: "light", viewport: { width: 390, height: 844 } },
  "narrow-dark": { colorScheme: "dark", viewport: { width: 390, height: 844 } },
  forced: { forcedColors: "active" },
};

/** Pairs by name, two packages each. */
async function pairs() {
  const pair = async (/** @type {string} */ name, /** @type {Buffer[]} */ [left, right], end = "tgz") => [
    await files.file(`${name}-1.0.0.${end}`, left),
    await files.file(`${name}-1.1.0.${end}`, right),
  ];
  const library = Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * at * 7 + at) % 256));
  const patched = Buffer.from(library);
  patched.set([0x90, 0x90, 0xcc], 1024);
  const withByte = Buffer.concat([patched.subarray(0, 2048), Buffer.from([0xeb]), patched.subarray(2048)]);
  const long = `${"a-very-long-folder-name/".repeat(2)}and-a-name-that-does-not-fit-anywhere-at-all.min.js`;
  const names = ["<img src=x onerror=alert(1)>.js", "exe.\u202etxt.js", "\u001b[31mred.js", "line\nbreak.js"];
  const hostile = (/** @type {string} */ version) =>
    tgz([
      ...names.map((path) => ({ path: `p/${path}`, data: `<b>${version}</b> \u202e\u001b[31m\n` })),
      { path: `p/${long.slice(0, 98)}`, data: version },
      { path: version === "1" ? "p/gone.js" : "p/came.js", data: `only here: ${version}\n`.repeat(9) },
    ]);
  const many = (/** @type {string} */ version) =>
    tgz(
      Array.from({ length: 6000 }, (_, at) => ({
        path: `package/${["lib", "dist", "types"][at % 3]}/part-${at % 40}/file-${at}.js`,
        data: at % 2 ? `export default ${at};\n` : `export default "${version}${at}";\n`,
      })),
    );
  const times = (/** @type {number} */ time) =>
    zip(
      ["a.py", "b.py", "c.py"].map((path) => ({ path, data: path, time })),
      {},
    );
  return {
    published: await pair("left-right", published()),
    binary: await pair(
      "native",
      [library, withByte].map((data) => tgz([{ path: "package/build/native.node", data }])),
    ),
    hostile: await pair("hostile", [hostile("1"), hostile("2")]),
    many: await pair("many", [many("a"), many("b")]),
    rebuilt: await pair("rebuilt", [times(0x5921_0000), times(0x5a21_0000)], "zip"),
  };
}

/** A package, its rebuild, and papers about both: signed by a key of our own, about another rebuild, with a rule. */
async function attested() {
  const name = "iniconfig-2.3.0-py3-none-any.whl";
  const published = fromRoot("tests", "samples", "published", name);
  const rebuilt = fromRoot("tests", "samples", "rebuilt", name);
  const { pem, privateKey } = key();
  const rule = { ReplacePattern: null, ExcludePath: { Paths: ["iniconfig/_version.py"] } };
  const rules = [{ Config: rule, Reason: "A newer tool writes another file" }];
  const stabilized = "eae12112996e0e1b1f678e9f50b118e413675e07fbdaca6850be4f3785774f58";
  const about = { published, rebuilt: published, stabilized, ecosystem: "pypi", privateKey, rules };
  return {
    pair: [published, rebuilt],
    papers: [
      await files.file("rebuild-of-a-package-with-a-very-long-name.intoto.jsonl", lines(await bundle(about))),
      await files.file("key.pem", pem),
    ],
  };
}

/** What axe finds. @param {import("playwright-core").Page} page @param {string} where */
async function violations(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    /** @type {any} */ (window).axe.run(document, { resultTypes: ["violations"] }).then((/** @type {any} */ result) =>
      result.violations.map((/** @type {any} */ { id, nodes }) => ({
        id,
        nodes: nodes.slice(0, 3).map((/** @type {any} */ node) => `${node.html} ${node.failureSummary}`),
      })),
    ),
  );
  return found.map((/** @type {any} */ { id, nodes }) => `${where}: ${id}: ${nodes.join("; ")}`);
}

test("axe hears what it is given", async () => {
  const { page, close } = await app.openPage({ context: { bypassCSP: true } });
  await ready(page);
  await page.evaluate(() => document.body.append(document.createElement("button")));
  assert.match((await violations(page, "planted")).join("\n"), /button-name/);
  await close();
});

for (const [dress, context] of Object.entries(DRESSES)) {
  test(`screens in ${dress}: pictures, no violation, nothing wider than the window`, async () => {
    const all = await pairs();
    // The page's policy would refuse axe; the other specs run under it.
    const { page, complaints, close } = await app.openPage({ context: { bypassCSP: true, ...context } });
    /** @type {string[]} */
    const found = [];
    const look = async (/** @type {string} */ name) => {
      await page.waitForTimeout(60);
      await screenshot(page, `${dress}-${name}`);
      found.push(...(await violations(page, name)));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
    };
    const { pair, papers } = await attested();
    await ready(page);
    await look("empty");
    await compare(page, all.published);
    await look("overview");
    await open(page, "index.js");
    await page.locator(".text .line.changed, .text .line.removed").first().waitFor();
    await look("text");
    await page.keyboard.press("3");
    await look("fields");
    await page.keyboard.press("?");
    await look("keys");
    await page.keyboard.press("Escape");
    await compare(page, all.binary);
    await open(page, "native.node");
    await page.locator(".hex .line.changed").first().waitFor();
    await look("hex");
    await compare(page, all.hostile);
    await look("hostile");
    await open(page, "came.js");
    await look("added");
    await compare(page, all.many);
    await look("many");
    await compare(page, all.rebuilt);
    await page.keyboard.press("i");
    await page.locator(".pass tbody tr").first().waitFor();
    await look("ignored");
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.locator(".rules-text").fill("- reason: a reason\n  exclude_path: {paths: ['*.log']}\n");
    await page.locator(".rule-list li").waitFor();
    await look("rules");
    await page.locator(".rules-text").fill("- [");
    await page.locator(".rules-text[aria-invalid]").waitFor();
    await look("rules-wrong");
    await page.keyboard.press("Escape");
    await page.keyboard.press("r");
    await page.locator("dialog .preview:not(:empty)").waitFor();
    await look("report");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "New comparison" }).click();
    await dropFiles(page, papers);
    await page.locator(".start .paper h3").nth(1).waitFor();
    await look("papers");
    await compare(page, pair);
    await page.locator(".attested .result-mark.fails").waitFor();
    await page.locator(".archives .word").waitFor({ state: "attached" });
    await page.locator(".attested").click();
    await page.locator(".pane .paper h3").nth(1).waitFor();
    await look("attestations");
    await page.locator(".pane .text-block summary").first().click();
    await page.locator(".pane .text-block pre").first().scrollIntoViewIfNeeded();
    await look("recipe");
    assert.deepEqual(found, []);
    assert.deepEqual(complaints, []);
    await close();
  });
}
