// The Report sheet: preview first, then a file, which is what the command writes, byte for byte.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import Ajv from "ajv-draft-04";
import { folder, published, tgz } from "./archives.js";
import { canary, compare, fromRoot, screenshot, start } from "./harness.js";

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

/** Every output: its name, and what its file is called. */
const OUTPUTS = {
  HTML: "twinspect-report.html",
  Markdown: "twinspect-report.md",
  SARIF: "twinspect-report.sarif",
  JSON: "twinspect-report.json",
  CSV: "twinspect-entries.csv",
  Patch: "twinspect-changes.patch",
};

/** The command's reports, by the names of their files; 1 is its status for artifacts that differ. @param {string[]} more */
function command(pair, more) {
  const reports = Object.values(OUTPUTS).flatMap((name) => ["--report", `${files.path}/command-${name}`]);
  const run = ["run", "-q", "-p", "twinspect-cli", "--", "compare", ...pair, ...reports, ...more];
  try {
    execFileSync("cargo", run, { cwd: fromRoot(), stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    assert.equal(error.status, 1, String(error.stderr));
  }
}

/** Chooses an output in the open sheet, reads its preview, and saves it. @param {import("playwright-core").Page} page */
async function saved(page, title, name) {
  await page.getByRole("radio", { name: title }).check();
  const button = page.getByRole("button", { name: new RegExp(`^Save ${name.replaceAll(".", "\\.")} `) });
  await button.waitFor();
  await page.locator("dialog .preview:not(:empty)").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  assert.equal(download.suggestedFilename(), name, "the name of the file is ours");
  const path = `${files.path}/page-${name}`;
  await download.saveAs(path);
  return path;
}

/** SARIF as its schema has it. @param {string} text */
async function valid(text) {
  const schema = JSON.parse(await readFile(fromRoot("tests", "samples", "schema", "sarif-schema-2.1.0.json"), "utf8"));
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  const log = JSON.parse(text);
  assert.ok(validate(log), JSON.stringify(validate.errors?.slice(0, 5), null, 2));
  log.runs[0].results[0].level = "dreadful";
  assert.ok(!validate(log), "the schema is looked at");
}

test("every file that the page saves is the command's, whatever is withheld", async () => {
  const { page, complaints, close } = await app.openPage();
  const [older, newer] = published();
  const pair = [await files.file("report-1.tgz", older), await files.file("report-2.tgz", newer)];
  await compare(page, pair);
  await page.keyboard.press("r");
  for (const level of ["none", "names"]) {
    await page.getByLabel("Withhold").selectOption(level);
    command(pair, ["--redact", level]);
    for (const [title, name] of Object.entries(OUTPUTS)) {
      const path = await saved(page, title, name);
      const [ours, theirs] = await Promise.all([path, `${files.path}/command-${name}`].map((path) => readFile(path)));
      assert.ok(ours.equals(theirs), `${title}, ${level} withheld`);
      if (title === "SARIF") await valid(ours.toString());
      if (level === "names") assert.ok(!ours.includes("report-2.tgz"), title);
    }
    const preview = await page.locator("dialog .preview").innerText();
    assert.match(preview, level === "none" ? /^# Twinspect [\s\S]*diff --git/ : /withheld/);
  }
  await page.getByRole("radio", { name: "Markdown" }).check();
  await page.getByRole("button", { name: "Copy Markdown" }).waitFor();
  await screenshot(page, "report-sheet");
  await page.keyboard.press("Escape");
  assert.deepEqual(complaints, []);
  await close();
});

test("the saved page is inert, complete without scripts, and reads well in both schemes", async () => {
  const { page, complaints, close } = await app.openPage();
  const names = [
    `<img src=${bird.url}a.png onerror=alert(1)>.js`.replaceAll("/", ":"),
    "exe.\u202etxt\u001b[31m.js",
    "a`b|c.js",
  ];
  const make = (/** @type {string} */ version) =>
    tgz(
      names.map((path) => ({
        path: `p/${path}`,
        data: `</pre></style><script src="${bird.url}s.js"></script><img src="${bird.url}i.png">\n\u001b[2J\u202e${version}\nlet count = ${version};\n`,
      })),
    );
  await compare(page, [await files.file("hostile-1.tgz", make("1")), await files.file("hostile-2.tgz", make("2"))]);
  await page.keyboard.press("r");
  const address = pathToFileURL(await saved(page, "HTML", OUTPUTS.HTML)).href;
  await close();

  const axe = await readFile(fromRoot("node_modules", "axe-core", "axe.min.js"), "utf8");
  const browser = page.context().browser();
  assert.ok(browser);
  for (const [dress, settings] of Object.entries({
    light: { colorScheme: /** @type {const} */ ("light") },
    dark: { colorScheme: /** @type {const} */ ("dark") },
    narrow: { viewport: { width: 360, height: 740 } },
    forced: { forcedColors: /** @type {const} */ ("active") },
  })) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...settings });
    const saved = await context.newPage();
    /** @type {string[]} */
    const said = [];
    saved.on("console", (message) => said.push(message.text()));
    saved.on("request", (request) => request.url() === address || said.push(request.url()));
    await saved.goto(address);
    assert.equal(await saved.locator("script, img, iframe, link, object, svg").count(), 0);
    assert.equal(await saved.evaluate(() => document.styleSheets.length), 1, "its own style is let in by its hash");
    assert.equal(await saved.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, dress);
    const found = await saved
      .evaluate(async (source) => {
        // biome-ignore lint/security/noGlobalEval: the checker is put into the page from outside
        globalThis.eval(source);
        // @ts-expect-error: axe defines itself
        const { violations } = await globalThis.axe.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        });
        return violations.map(
          (/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ node) => node.html).join(" ")}`,
        );
      }, axe)
      .catch((error) => [String(error)]);
    assert.deepEqual(found, [], dress);
    await screenshot(saved, `report-html-${dress}`);
    assert.deepEqual(said, [], dress);
    await context.close();
  }
  const context = await browser.newContext({ javaScriptEnabled: false });
  const still = await context.newPage();
  await still.goto(address);
  assert.match(await still.locator("h1").innerText(), /Different/);
  assert.match(await still.locator("main").innerText(), /<script src=/);
  await still.locator("details.entry").first().locator("summary").click();
  await context.close();
  assert.deepEqual(bird.seen, []);
  assert.deepEqual(complaints, []);
});
