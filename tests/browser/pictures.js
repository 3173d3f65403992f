// Takes the pictures of the README, each light and dark, in docs/: of the two files given, and of a sample. Called by
// `cargo xtask screenshots`.

import { mkdir, stat } from "node:fs/promises";
import { compare, fromRoot, open, ready, start } from "./harness.js";

/** A picture is loaded with the README: no larger than this, in bytes. */
const MOST = 250_000;

const pair = process.argv.slice(2, 4);

/** What is on a picture, by the name of its file. @type {Record<string, (page: import("playwright-core").Page) => Promise<void>>} */
const PICTURES = {
  async picture(page) {
    await compare(page, pair);
    await open(page, "trim.js");
  },
  // What analysts of a hijacked package have to find: an install script, and the library that it runs.
  async "picture-install"(page) {
    await page.getByRole("button", { name: "Added install script" }).click();
    await page.locator("body[data-state=done]").waitFor();
    await open(page, "package.json");
  },
};

const app = await start();
await mkdir(fromRoot("docs"), { recursive: true });
try {
  for (const [name, prepare] of Object.entries(PICTURES)) {
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      const { page, complaints, close } = await app.openPage({ context: { colorScheme } });
      await ready(page);
      await prepare(page);
      await page.locator(".text .line:is(.changed, .removed, .added)").first().waitFor();
      await page.mouse.move(900, 5);
      await page.waitForTimeout(200);
      const path = fromRoot("docs", `${name}-${colorScheme}.png`);
      await page.screenshot({ path });
      const { size } = await stat(path);
      if (size > MOST) throw new Error(`${path} has ${size} bytes: at most ${MOST}`);
      if (complaints.length > 0) throw new Error(complaints.join("\n"));
      await close();
    }
  }
} finally {
  await app.close();
}
