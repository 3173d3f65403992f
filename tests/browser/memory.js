// Memory of a page as the system counts it: the renderer's process holds the page and its workers.

import { readFile } from "node:fs/promises";

/** The id of the process that renders a page. @param {import("playwright-core").Page} page */
export async function renderer(page) {
  const session = await page.context().browser().newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  // One page, one renderer of its own; the newest is ours.
  return Math.max(...processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id));
}

/** A figure of /proc in kB; 0 where there is no /proc. @param {number} id @param {string} field */
export async function resident(id, field) {
  const text = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
  return Number(text.match(new RegExp(`${field}:\\s+(\\d+)`))?.[1] ?? 0);
}
