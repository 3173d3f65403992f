// Bombs: cancelled at once, asked about after half a minute, ended after two; and a limit that is met can be raised once.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { folder, published, tar } from "./archives.js";
import { compare, dropFiles, ready, start } from "./harness.js";

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

/** gzip members of zeros, 2.5 GiB in all, packed no tighter than the limit `ratio` allows. */
const gzipBomb = () => Buffer.concat(Array(40).fill(gzipSync(Buffer.alloc(64 << 20), { level: 1 })));

/** A zip of a thousand entries that all are the same 16 MiB of zeros. */
function overlapBomb() {
  const content = Buffer.alloc(16 << 20);
  const packed = deflateRawSync(content, { level: 1 });
  const record = (/** @type {string} */ name) => {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(0x0021_0000, 6);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    return common;
  };
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), record("0000"), Buffer.from("0000"), packed]);
  const directory = Array.from({ length: 1000 }, (_, at) => {
    const name = String(at).padStart(4, "0");
    return Buffer.concat([Buffer.from("PK\x01\x02\x14\x03"), record(name), Buffer.alloc(14), Buffer.from(name)]);
  });
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

/** @param {import("playwright-core").Page} page */
const reading = (page) => page.locator(".slot.left .doing", { hasText: /Opening: .* decoded/ }).waitFor();

for (const [name, make] of /** @type {const} */ ([
  ["bomb.tar.gz", gzipBomb],
  ["bomb.zip", overlapBomb],
])) {
  test(`escape during ${name} gives the page back within 200 ms`, async () => {
    const { page, complaints, close } = await app.openPage();
    await ready(page);
    await page.evaluate(() => {
      addEventListener(
        "keydown",
        () => {
          const since = performance.now();
          // Two frames: what was cancelled is on screen, and the page can be used.
          requestAnimationFrame(() =>
            requestAnimationFrame(() => {
              const took = document.body.dataset.state === "ready" ? performance.now() - since : -1;
              document.documentElement.dataset.took = String(took);
            }),
          );
        },
        { capture: true, once: true },
      );
    });
    await dropFiles(page, [await files.file(name, make())]);
    await reading(page);
    await page.keyboard.press("Escape");
    await page.locator("html[data-took]").waitFor();
    const took = Number(await page.locator("html").getAttribute("data-took"));
    assert.ok(took >= 0 && took < 200, `${took} ms`);
    const [older, newer] = published();
    await compare(page, [await files.file("next-1.tgz", older), await files.file("next-2.tgz", newer)]);
    assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "different");
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("after half a minute the page asks, y goes on, and what does not end by itself is ended", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  await page.clock.install();
  await dropFiles(page, [await files.file("slow.tar.gz", gzipBomb())]);
  await reading(page);
  await page.clock.fastForward(31_000);
  const question = page.locator(".stops:visible li", { hasText: /Reading A takes more than half a minute.*decoded/ });
  await question.waitFor();
  await page.keyboard.press("y");
  await question.waitFor({ state: "detached" });
  assert.equal(await page.locator("body").getAttribute("data-state"), "reading");
  await page.clock.fastForward(100_000);
  await page.locator(".slot.left .doing", { hasText: /did not answer in time/ }).waitFor();
  assert.ok(await page.getByRole("button", { name: /Read without it|Read only its bytes/ }).isVisible());
  const [older, newer] = published();
  await compare(page, [await files.file("later-1.tgz", older), await files.file("later-2.tgz", newer)]);
  assert.deepEqual(complaints, []);
  await close();
});

/** Compressed over and over. @param {number} times @param {string} text */
function onion(times, text) {
  let layers = Buffer.from(text);
  for (let at = 0; at < times; at++) layers = gzipSync(layers);
  return layers;
}

test("a limit that was met is named, raised once by a press, and stated in banner and report", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const make = (/** @type {string} */ text) => tar([{ path: "onion.gz", data: onion(30, text) }]);
  await compare(page, [await files.file("onion-1.tar", make("one")), await files.file("onion-2.tar", make("two"))]);
  const line = page.locator(".stops:visible li", { hasText: "A stopped at the limit depth" });
  await line.getByRole("button", { name: "Raise once to 96" }).press("Enter");
  await page.locator(".stops:visible li", { hasText: "A was read with changed limits" }).waitFor();
  assert.equal(await line.count(), 0);
  const said = (await page.locator(".stops:visible li").allInnerTexts()).join("\n");
  assert.match(said, /A was read with changed limits: depth 96\./);
  assert.match(said, /B stopped at the limit depth/);
  const downloading = page.waitForEvent("download");
  await page.keyboard.press("r");
  await page.getByRole("radio", { name: "JSON" }).check();
  await page.getByRole("button", { name: /^Save twinspect-report\.json / }).click();
  const report = JSON.parse(await readFile(await (await downloading).path(), "utf8"));
  assert.deepEqual([report.sides.left.limits, report.sides.right.limits], [{ depth: 96 }, undefined]);
  assert.deepEqual(complaints, []);
  await close();
});

test("no limit at all is asked back for, and can be kept", async () => {
  const { page, complaints, close } = await app.openPage();
  await ready(page);
  const make = (/** @type {string} */ text) => tar([{ path: "onion.gz", data: onion(30, text) }]);
  await compare(page, [await files.file("none-1.tar", make("one")), await files.file("none-2.tar", make("two"))]);
  const line = page.locator(".stops:visible li", { hasText: "A stopped at the limit depth" });
  await line.getByRole("button", { name: "No limit…" }).click();
  assert.match(await line.innerText(), /can keep this tab busy/);
  await line.getByRole("button", { name: "Keep it" }).click();
  await line.getByRole("button", { name: "No limit…" }).click();
  await line.getByRole("button", { name: "Read without this limit" }).click();
  await page.locator(".stops:visible li", { hasText: "A was read with changed limits: depth off." }).waitFor();
  assert.deepEqual(complaints, []);
  await close();
});
