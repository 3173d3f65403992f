// Search over all contents: found at any depth, counted on both sides, opened where it is, inert, stopped on request.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { folder, tgz, zip } from "./archives.js";
import { compare, fromRoot, screenshot, start } from "./harness.js";

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

const lines = (/** @type {number} */ n, /** @type {string} */ last) =>
  `${Array.from({ length: n }, (_, at) => `line ${at}`).join("\n")}\n${last}\n`;

/** A package with a needle in a zip in it, in a text far below, in bytes; hostile around it. @param {boolean} more */
const pack = (more) =>
  tgz([
    { path: "p/deep.zip", data: zip([{ path: "in/side.txt", data: lines(300, "a planted Needle here") }]) },
    { path: "p/same.js", data: "needle(1); needle(2);\n" },
    { path: "p/text.js", data: lines(400, more ? "const needle = '<b onclick=alert(1)>\u202e';" : "const pin = 1;") },
    { path: "p/bytes.bin", data: Buffer.concat([Buffer.alloc(5000, more ? 1 : 2), Buffer.from("needle\0\xff")]) },
    { path: "p/haystack.txt", data: "nee dle\n" },
  ]);

test("what is planted at any depth is found, counted and opened by keyboard", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, [await files.file("p-1.tgz", pack(false)), await files.file("p-2.tgz", pack(true))]);
  await page.keyboard.press("f");
  assert.ok(await page.evaluate(() => document.activeElement?.matches(".find .query")));
  await page.keyboard.type("needle");
  await page.keyboard.press("Enter");
  const sum = page.locator(".find .sum");
  await sum.filter({ hasText: /^A 4 in 3 entries · B 5 in 4 entries/ }).waitFor();
  const heads = page.locator(".find .hit.group");
  assert.equal(await heads.count(), 4);
  const of = (/** @type {string} */ name) => heads.filter({ hasText: name }).locator(".counts");
  assert.match(await of("side.txt").innerText(), /A\s1\s+B\s1/);
  assert.match(await of("same.js").innerText(), /A\s2\s+B\s2/);
  assert.match(await of("text.js").innerText(), /A\s0\s+B\s1/);
  assert.equal(await of("text.js").locator("b.right").count(), 1, "what one side alone has is marked");
  assert.equal(await heads.filter({ hasText: "haystack" }).count(), 0);
  const hostile = page.locator(".find .hit .code", { hasText: "onclick" });
  assert.match(await hostile.innerText(), /<b onclick=alert\(1\)>\\u\{202e\}/);
  assert.equal(await hostile.locator("mark").innerText(), "needle");

  // Down to the match in the text, open it, and see its line.
  await page.keyboard.press("ArrowDown");
  assert.ok(await page.evaluate(() => document.activeElement?.matches("[role=listbox]")));
  const at = page.locator(".find .hit[aria-selected=true]");
  for (let step = 0; step < 20 && !/onclick/.test(await at.innerText()); step++) await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.locator(".text .line.here", { hasText: "onclick" }).waitFor();
  await page.getByRole("tab", { name: "Text", selected: true }).waitFor();

  // Equal lines are unfolded around what is deep in them.
  await page.locator(".find .hit", { hasText: "planted" }).click();
  await page.locator(".text .line.here", { hasText: "planted Needle" }).waitFor();

  // In bytes it is the row of the offset.
  const place = page.locator(".find .hit .where", { hasText: "0x1388" });
  await place.last().click();
  await page
    .locator(".hex .line.here", { hasText: /0000138[08]/ })
    .first()
    .waitFor();

  await page.evaluate(axe);
  const broken = await page.evaluate(async () =>
    (await axe.run()).violations.map((each) => `${each.id}: ${each.nodes[0].html}`),
  );
  assert.deepEqual(broken, []);
  await screenshot(page, "search-light");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.locator(".find").waitFor({ state: "hidden" });
  assert.ok(await page.locator("nav.tree").isVisible());
  assert.deepEqual(complaints, []);
  await close();
});

test("expressions, no match, mistakes, two plain files, and any dress", async () => {
  for (const [name, context] of Object.entries({
    dark: { colorScheme: "dark" },
    narrow: { viewport: { width: 400, height: 800 } },
    forced: { forcedColors: "active" },
  })) {
    const { page, complaints, close } = await app.openPage({ context });
    await compare(page, [await files.file("a.txt", "one needle\n"), await files.file("b.txt", "two needles\n")]);
    await page.keyboard.press("f");
    const sum = page.locator(".find .sum");
    const look = async (/** @type {string} */ text) => {
      await page.locator(".find .query").fill(text);
      await page.keyboard.press("Enter");
    };
    await page.getByLabel("Expression").check();
    await look("needle(");
    await sum.filter({ hasText: "The expression cannot be used" }).waitFor();
    await look("absent");
    await sum.filter({ hasText: /^A 0 in 0 entries · B 0/ }).waitFor();
    await look("^t.* needles?$");
    await sum.filter({ hasText: /^A 0 in 0 entries · B 1 in 1 entry/ }).waitFor();
    await screenshot(page, `search-${name}`);
    await page.evaluate(axe);
    const broken = await page.evaluate(async () =>
      (await axe.run()).violations.map((each) => `${each.id}: ${each.nodes[0].html}`),
    );
    assert.deepEqual(broken, [], name);
    await page.locator(".find .hit .code").click();
    await page.locator(".text .line.here", { hasText: "two needles" }).waitFor();
    assert.deepEqual(complaints, []);
    await close();
  }
});

test("many matches are few elements, and a search is stopped", async () => {
  const { page, complaints, close } = await app.openPage();
  const many = (/** @type {string} */ end) =>
    tgz(
      Array.from({ length: 400 }, (_, at) => ({ path: `p/${at}.txt`, data: `${at} ${"needle ".repeat(200)}${end}\n` })),
    );
  const big = Buffer.alloc(60 << 20, "abcdefgh");
  await compare(page, [await files.file("m-1.tgz", many("x")), await files.file("m-2.tgz", many("y"))]);
  await page.keyboard.press("f");
  await page.locator(".find .query").fill("needle");
  await page.keyboard.press("Enter");
  await page.locator(".find .sum", { hasText: /^A 80.000 in 400 entries · B 80.000/ }).waitFor();
  assert.ok((await page.evaluate(() => document.querySelectorAll("*").length)) < 3000);
  await close();

  const slow = await app.openPage();
  await compare(slow.page, [await files.file("big.bin", big), await files.file("small.bin", Buffer.from("abc"))]);
  await slow.page.keyboard.press("f");
  await slow.page.getByLabel("Expression").check();
  await slow.page.locator(".find .query").fill("(x|y|[^a-h]){3}z");
  await slow.page.keyboard.press("Enter");
  await slow.page.locator(".find .sum", { hasText: "searched" }).waitFor();
  // The judge answers between two steps.
  await slow.page.keyboard.press("Escape");
  await slow.page.locator(".find .note", { hasText: "Cancelled" }).waitFor();
  assert.ok(await slow.page.locator(".find").isVisible(), "Escape cancels first");
  assert.deepEqual([...complaints, ...slow.complaints], []);
  await slow.close();
});
