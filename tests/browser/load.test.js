// The built page starts, below a sub-path, without a complaint.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { screenshot, start } from "./harness.js";

let app;
before(async () => {
  app = await start();
});
after(() => app?.close());

test("the built page loads without errors", async () => {
  const { page, complaints, close } = await app.openPage();
  assert.equal(await page.title(), "Twinspect");
  await page.waitForLoadState("networkidle");
  await screenshot(page, "empty");
  assert.deepEqual(complaints, []);
  await close();
});
