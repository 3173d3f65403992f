// The page exports what the command prints: the same report, byte for byte.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { folder, published } from "./archives.js";
import { compare, fromRoot, start } from "./harness.js";

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

/** The command's report; 1 is its status for artifacts that differ. @param {string[]} pair */
function command(pair) {
  const run = ["run", "-q", "-p", "twinspect-cli", "--", "compare", ...pair, "--format", "json"];
  try {
    execFileSync("cargo", [...run, "-o", `${files.path}/command.json`], {
      cwd: fromRoot(),
      stdio: ["ignore", "ignore", "pipe"],
    });
  } catch (error) {
    assert.equal(error.status, 1, String(error.stderr));
  }
  return readFile(`${files.path}/command.json`, "utf8");
}

test("the exported JSON is the command's", async () => {
  const { page, complaints, close } = await app.openPage();
  const [older, newer] = published();
  const pair = [await files.file("report-1.tgz", older), await files.file("report-2.tgz", newer)];
  await compare(page, pair);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export JSON" }).click(),
  ]);
  const exported = await readFile(await download.path(), "utf8");
  const report = JSON.parse(exported);
  assert.equal(report.schema, "twinspect-report/1");
  assert.equal(report.verdict, "different");
  assert.equal(report.rows.filter((/** @type {any} */ row) => row.status === "only-right").length, 1);
  assert.equal(exported.trim(), (await command(pair)).trim());
  assert.deepEqual(complaints, []);
  await close();
});
