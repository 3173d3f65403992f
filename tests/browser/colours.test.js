// Colours of programs and broken lines of minified ones: for reading only, and quiet about the rest.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { folder, tgz } from "./archives.js";
import { compare, fromRoot, open, screenshot, start } from "./harness.js";

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

const CODE = (/** @type {number} */ answer) =>
  [
    "/* Two lines",
    "   of \u202e comment */",
    `export const answer = { key: ${answer}, other: "text" };`,
    "const pattern = /['\"]/g; // note",
    "@decorated class A extends B {}",
    ...Array.from({ length: 400 }, (_, at) => (at % 100 ? `call(${at});` : `call(${at + answer});`)),
    "",
  ].join("\n");
const STATEMENT = `if(a){b(/[;{]/,\`t;\${c}\`)}else c("z");`;
const MINIFIED = (/** @type {string} */ call) =>
  `/*! notice */!function(a,b){var c="x;y",d={e:1,f:[2,3]};${STATEMENT.repeat(40)}${call}}(this,1);\n`;

/** @param {string} name @param {(side: number) => { path: string, data: string }[]} entries */
const pair = (name, entries) =>
  Promise.all([0, 1].map((side) => files.file(`${name}-1.${side}.0.tgz`, tgz(entries(side)))));

/** What is painted, by the name of its highlight. @param {import("playwright-core").Page} page */
const painted = (page) =>
  page.evaluate(() => {
    /** @type {Record<string, string[]>} */
    const found = {};
    for (const [name, highlight] of CSS.highlights) {
      found[name] = [...highlight].map((range) => {
        const text = range.startContainer.textContent ?? "";
        if (!range.startContainer.isConnected) throw new Error(`${name} is painted on what is gone`);
        return text.slice(range.startOffset, range.endOffset);
      });
    }
    return found;
  });

test("a program has colours, split and unified, that go with its rows; another name has none", async () => {
  const { page, complaints, close } = await app.openPage();
  const data = (/** @type {number} */ side) => CODE(41 + side);
  await compare(
    page,
    await pair("code", (side) => [
      { path: "package/a.js", data: data(side) },
      { path: "package/b.txt", data: data(side) },
    ]),
  );
  await open(page, "a.js");
  await page.locator(".text:visible .code", { hasText: "answer" }).first().waitFor();
  for (const key of ["", "u"]) {
    if (key) await page.keyboard.press(key);
    await page.waitForFunction(() => [...(CSS.highlights.get("code-keyword") ?? [])].length > 0);
    const { "code-keyword": keyword, ...rest } = await painted(page);
    assert.ok(
      ["export", "const", "class", "extends"].every((word) => keyword.includes(word)),
      String(keyword),
    );
    assert.ok(rest["code-comment"].includes("   of \\u{202e} comment */"), String(rest["code-comment"]));
    assert.ok(rest["code-string"].includes("/['\"]/g") && rest["code-string"].includes('"text"'));
    assert.ok(rest["code-number"].includes("41") && rest["code-number"].includes("42"));
    assert.ok(rest["code-name"].includes("key") && rest["code-name"].includes("@decorated"));
  }
  // Far away and back: nothing is left of rows that are gone.
  await page.keyboard.press("e");
  for (let at = 0; at < 12; at++) {
    await page.locator(".text:visible .rows").evaluate((rows, at) => rows.scrollBy(0, at < 6 ? 1500 : -1500), at);
    await page.waitForTimeout(60);
  }
  const all = Object.values(await painted(page)).reduce((sum, list) => sum + list.length, 0);
  assert.ok(all > 0 && all < 1500, `${all} ranges`);
  await open(page, "b.txt");
  await page.locator(".text:visible .code", { hasText: "answer" }).first().waitFor();
  const plain = await painted(page);
  for (const name of Object.keys(plain).filter((name) => name.startsWith("code-")))
    assert.deepEqual(plain[name], [], name);
  assert.ok(plain["mark-right"].length > 0);
  assert.deepEqual(complaints, []);
  await close();
});

test("a minified script can be reformatted for reading, by key, and says so; verdict and statuses stay", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(
    page,
    await pair("minified", (side) => [
      { path: "package/a.min.js", data: MINIFIED(side ? "leak()" : "done()") },
      { path: "package/b.js", data: `short(${side});\n` },
    ]),
  );
  const verdict = async () =>
    [
      await page.locator(".verdict").first().getAttribute("data-verdict"),
      ...(await page.locator(".grid .rows .row").evaluateAll((rows) => rows.map((row) => row.className))),
    ].join();
  const before = await verdict();
  assert.match(before, /^different,.*row different.*row different/);
  await open(page, "a.min.js");
  const button = page.getByRole("button", { name: "Reformat" });
  await button.waitFor();
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  await page.keyboard.press("z");
  await page.getByText("Reformatted for reading: line breaks are added, nothing else changes.").waitFor();
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  await page.locator(".text:visible .changed .code.right", { hasText: "leak()" }).waitFor();
  assert.equal(await page.locator(".text:visible .changed").count(), 1);
  const indents = await page
    .locator(".text:visible .code.left")
    .evaluateAll((cells) => new Set(cells.map((cell) => getComputedStyle(cell).paddingInlineStart)).size);
  assert.ok(indents > 1, `${indents} indentations`);
  assert.equal(await verdict(), before);
  // It is kept for the next entry, where there is nothing to break; and taken back.
  await open(page, "b.js");
  await page.locator(".text:visible .code", { hasText: "short(1)" }).waitFor();
  assert.equal(await button.isVisible(), false);
  await open(page, "a.min.js");
  await page.locator(".sentences", { hasText: "Reformatted" }).waitFor();
  await button.click();
  await page.locator(".sentences", { hasText: "Reformatted" }).waitFor({ state: "hidden" });
  assert.deepEqual(complaints, []);
  await close();
});

test("colours can be read in every dress, and are none in the reader's own colours", async () => {
  const axe = await readFile(fromRoot("node_modules", "axe-core", "axe.min.js"), "utf8");
  const dresses = {
    light: { colorScheme: "light" },
    dark: { colorScheme: "dark" },
    narrow: { colorScheme: "light", viewport: { width: 400, height: 844 } },
    forced: { forcedColors: "active" },
  };
  const entries = (/** @type {number} */ side) => [
    { path: "package/a.js", data: CODE(41 + side) },
    { path: "package/b.min.js", data: MINIFIED(side ? "leak()" : "done()") },
  ];
  for (const [name, dress] of Object.entries(dresses)) {
    const { page, close } = await app.openPage({ context: dress });
    await compare(page, await pair("dressed", entries));
    for (const [file, key] of [
      ["a.js", ""],
      ["b.min.js", "z"],
    ]) {
      if (name === "narrow" && (await page.locator(".entry .back").isVisible()))
        await page.locator(".entry .back").click();
      await open(page, file);
      await page.locator(".text:visible .code bdi").first().waitFor();
      if (key) {
        await page.keyboard.press(key);
        await page.locator(".sentences", { hasText: "Reformatted" }).waitFor();
      }
      await page.waitForTimeout(150);
      await screenshot(page, `colours-${name}-${file}`);
      const kinds = Object.entries(await painted(page)).filter(
        ([kind, parts]) => kind.startsWith("code-") && parts.length,
      );
      assert.equal(kinds.length > 0, name !== "forced", String(kinds));
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run());
      assert.deepEqual(
        violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
        [],
      );
    }
    // Every colour on what can be behind it; marked words have the colour of plain text.
    const worst = await page.evaluate(() => {
      const probe = document.body.appendChild(document.createElement("i"));
      const rgb = (/** @type {string} */ value) => {
        probe.style.color = value;
        return (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
      };
      const light = (/** @type {string} */ value) => {
        const [r, g, b] = rgb(value).map((part) => {
          const share = part / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const contrast = (/** @type {string} */ a, /** @type {string} */ b) => {
        const [x, y] = [light(a), light(b)].sort((a, b) => b - a);
        return (x + 0.05) / (y + 0.05);
      };
      const pairs = ["comment", "string", "keyword", "number", "name"].flatMap((kind) =>
        ["paper", "left-soft", "right-soft"].map((back) => [`code-${kind}`, back]),
      );
      pairs.push(["ink", "left-mark"], ["ink", "right-mark"]);
      return Math.min(...pairs.map(([ink, back]) => contrast(`var(--${ink})`, `var(--${back})`)));
    });
    if (name !== "forced") assert.ok(worst >= 4.5, `${name}: ${worst}`);
    await close();
  }
});
