// Rules of one's own, the choice of ecosystem, and the statement: what changes the verdict in place, and what leaves.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { written } from "../../www/src/rules.js";
import { folder, tgz, zip } from "./archives.js";
import { compare, start } from "./harness.js";

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

/** Two packages that differ in a log. */
const logs = async () => {
  const make = (/** @type {string} */ line) =>
    tgz([
      { path: "package/package.json", data: "{}" },
      { path: "package/build.log", data: `${line}\n` },
    ]);
  return [await files.file("log-1.0.0.tgz", make("took 1 s")), await files.file("log-1.0.1.tgz", make("took 22 s"))];
};

/** Two wheels by name that differ in times. */
const times = async () => {
  const make = (/** @type {number} */ time) => zip([{ path: "demo/__init__.py", data: "x = 1\n", time }]);
  return [
    await files.file("demo-1-py3-none-any.whl", make(0x5921_0000)),
    await files.file("demo-2-py3-none-any.whl", make(0x5a21_0000)),
  ];
};

const rules = (/** @type {string} */ reason) =>
  written([{ id: "", reason, paths: ["package/*.log"], pattern: "took \\d+ s", replace: "" }]);

/** @param {import("playwright-core").Page} page */
const verdict = (page) => page.locator(".verdict").getAttribute("data-verdict");

test("rules are read while they are typed, apply in place, and are named in banner and ledger", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, await logs());
  assert.equal(await verdict(page), "different");
  await page.getByRole("button", { name: "Custom rules…" }).click();
  const text = page.getByRole("textbox", { name: "Rules as YAML" });
  const said = page.locator("#rules-said");
  const apply = page.getByRole("button", { name: "Apply", exact: true });

  await text.fill("custom_stabilizers:\n  - exclude_path:\n      paths: [package/build.log]\n");
  await said.filter({ hasText: "it gives no reason" }).waitFor();
  assert.equal(await text.getAttribute("aria-invalid"), "true");
  assert.equal(await apply.isDisabled(), true);
  await text.fill("- [");
  await said.filter({ hasText: "not YAML" }).waitFor();

  const reason = "Times of the <b>build</b> & \u202eno more";
  await text.fill(rules(reason));
  await said.filter({ hasText: "1 rule, not yet applied." }).waitFor();
  assert.match(await page.locator(".rule-list .title").innerText(), /<b>build<\/b> & \\u\{202e\}no more/);
  assert.match(await page.locator(".rule-list").innerText(), /replaces took \\d\+ s by nothing in package\/\*\.log/);
  await apply.click();
  await page.locator(".verdict[data-verdict=equivalent]").waitFor();
  await said.filter({ hasText: "1 rule in force." }).waitFor();
  assert.match(await page.locator(".rules .off").innerText(), /^custom: 1 rule added$/);
  await page.keyboard.press("Escape");

  // In the ledger the rule stands first, with its reason, and can be switched off like a pass.
  await page.keyboard.press("i");
  const rule = page.locator(".pass").first();
  await rule.locator("tbody tr").first().waitFor();
  assert.match(await rule.locator("label").innerText(), /replace-pattern-custom00.*custom rule.*1 difference/s);
  await rule.locator("input").click();
  await page.locator(".verdict[data-verdict=different]").waitFor();
  assert.match(await page.locator(".rules .off").innerText(), /^custom: 1 rule added, 1 off$/);
  await page.keyboard.press("Escape");

  // Other rules are other rules, even in the same place: none is switched off any more.
  await page.keyboard.press("g");
  await text.fill(rules("Another reason"));
  await apply.click();
  await page.locator(".verdict[data-verdict=equivalent]").waitFor();
  await page.getByRole("button", { name: "Remove all" }).click();
  await page.locator(".verdict[data-verdict=different]").waitFor();
  assert.equal(await page.locator(".rules .off").innerText(), "");
  assert.deepEqual(complaints, []);
  await close();
});

test("the profile without rules says that it applies none", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, await logs());
  await page.getByRole("radio", { name: "none" }).click();
  await page.keyboard.press("g");
  await page.locator("dialog[open] .trouble", { hasText: "applies no rule" }).waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("stating the ecosystem changes the passes and the verdict", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, await times());
  await page.getByRole("radio", { name: "oss-rebuild" }).click();
  await page.locator(".verdict[data-verdict=equivalent]").waitFor();
  const ecosystem = page.getByRole("combobox", { name: "Ecosystem" });
  assert.equal(await ecosystem.inputValue(), "");
  assert.match(await ecosystem.locator("option").first().innerText(), /^detected: wheel$/);
  await ecosystem.selectOption("debian");
  await page.locator(".verdict[data-verdict=different]").waitFor();
  await ecosystem.selectOption("pypi");
  await page.locator(".verdict[data-verdict=equivalent]").waitFor();
  // A new pair is judged by what it is.
  await compare(page, await logs());
  assert.equal(await ecosystem.inputValue(), "");
  assert.deepEqual(complaints, []);
  await close();
});

test("what was ignored tells upstream's passes from ours, where each runs, and which did nothing", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, await times());
  await page.keyboard.press("i");
  const pass = page.locator(".pass", { has: page.locator("[data-pass=zip-modified-time]") });
  await pass.locator("tbody tr").first().waitFor();
  assert.equal(await pass.locator(".origin").innerText(), "OSS Rebuild");
  assert.match(
    await pass.locator(".about").innerText(),
    /Where\s+oss-rebuild: PyPI zips.*standard: zip, at every level/,
  );
  const idle = page.locator("details.idle");
  assert.match(await idle.locator("summary").innerText(), /^Passes that ignored nothing here \(\d+\)$/);
  assert.equal(await idle.locator("[data-pass=tar-form]").isVisible(), false);
  await idle.locator("summary").click();
  const ours = idle.locator(".pass", { has: page.locator("[data-pass=tar-form]") });
  assert.equal(await ours.locator(".origin").innerText(), "Twinspect");
  assert.deepEqual(complaints, []);
  await close();
});

test("an equivalence is exported as an in-toto statement; a difference says why it is not", async () => {
  const { page, complaints, close } = await app.openPage();
  await compare(page, await times());
  const choose = async () => {
    await page.keyboard.press("r");
    await page.getByRole("radio", { name: "in-toto" }).check();
  };
  await choose();
  const save = page.getByRole("button", { name: /^Save twinspect-statement.intoto.json/ });
  const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
  await page.keyboard.press("Escape");
  const statement = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.equal(statement._type, "https://in-toto.io/Statement/v1");
  assert.equal(statement.subject[0].name, "demo-1-py3-none-any.whl");
  assert.match(statement.predicate.buildDefinition.internalParameters.note, /Unsigned/);
  await compare(page, await logs());
  await choose();
  await page.locator("dialog .said", { hasText: "there is no equivalence to state" }).waitFor();
  assert.equal(await save.isVisible(), false);
  assert.deepEqual(complaints, []);
  await close();
});
