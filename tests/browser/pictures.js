// Takes the pictures of the README: docs/picture-light.png and docs/picture-dark.png, of the two files given. Called by
// `cargo xtask screenshots`.

import { mkdir, stat } from "node:fs/promises";
import { compare, fromRoot, open, ready, start } from "./harness.js";

/** A picture is loaded with the README: no larger than this, in bytes. */
const MOST = 250_000;

const pair = process.argv.slice(2, 4);
const app = await start();
await mkdir(fromRoot("docs"), { recursive: true });
try {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    const { page, complaints, close } = await app.openPage({ context: { colorScheme } });
    await ready(page);
    await compare(page, pair);
    await open(page, "trim.js");
    await page.locator(".text .line.changed, .text .line.removed").first().waitFor();
    await page.mouse.move(900, 5);
    await page.waitForTimeout(200);
    const path = fromRoot("docs", `picture-${colorScheme}.png`);
    await page.screenshot({ path });
    const { size } = await stat(path);
    if (size > MOST) throw new Error(`${path} has ${size} bytes: at most ${MOST}`);
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    await close();
  }
} finally {
  await app.close();
}
