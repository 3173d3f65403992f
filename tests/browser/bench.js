// Measures the built page on pairs of files: NAME A B FLOOR-SECONDS, four arguments each. Called by `cargo xtask bench`.
//
// Time is from the drop to the tree on screen, taken by the page itself: handing files to a driven browser is slow. A long task is one of the page's main thread. Memory is the highest
// resident size of the renderer process, which holds the page and its workers, over that of the empty page.

import { dropFiles, start } from "./harness.js";
import { renderer, resident } from "./memory.js";

const RUNS = 3;

const pairs = [];
for (let at = 2; at + 3 < process.argv.length; at += 4) {
  const [name, left, right, floor] = process.argv.slice(at, at + 4);
  pairs.push({ name, left, right, floor: Number(floor) });
}

const site = await start();
console.log(
  `${"page".padEnd(22)}${"floor s".padStart(9)}${"tree s".padStart(10)}${"ratio".padStart(8)}${"long ms".padStart(10)}${"nodes".padStart(8)}${"peak MB".padStart(9)}`,
);
for (const pair of pairs) {
  const results = [];
  for (let run = 0; run < RUNS; run += 1) results.push(await measure(pair));
  results.sort((a, b) => a.seconds - b.seconds);
  const { seconds } = results[Math.floor(RUNS / 2)];
  const worst = (/** @type {(result: any) => number} */ of) => Math.max(...results.map(of));
  console.log(
    pair.name.padEnd(22) +
      pair.floor.toFixed(3).padStart(9) +
      seconds.toFixed(3).padStart(10) +
      (seconds / pair.floor).toFixed(2).padStart(8) +
      worst((result) => result.longest)
        .toFixed(0)
        .padStart(10) +
      String(worst((result) => result.nodes)).padStart(8) +
      worst((result) => result.memory)
        .toFixed(0)
        .padStart(9),
  );
}
await site.close();

/** @param {{left: string, right: string}} pair */
async function measure({ left, right }) {
  const { page, close } = await site.openPage();
  await page.locator("body[data-state='ready']").waitFor();
  await page.evaluate(() => {
    const record = { tasks: /** @type {number[]} */ ([]), dropped: 0, shown: 0 };
    Object.assign(window, { record });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) record.tasks.push(entry.duration);
    }).observe({ entryTypes: ["longtask"] });
    addEventListener("drop", () => (record.dropped = performance.now()), { capture: true });
    const watch = () => {
      if (document.querySelector("[role='treegrid'] [role='row'][aria-level]")) record.shown = performance.now();
      else requestAnimationFrame(watch);
    };
    watch();
  });
  const process_ = await renderer(page);
  const before = await resident(process_, "VmRSS");
  await dropFiles(page, [left, right]);
  await page.locator("[role='treegrid'] [role='row'][aria-level]").first().waitFor({ timeout: 120_000 });
  await page.waitForTimeout(1500);
  const peak = await resident(process_, "VmHWM");
  const { longest, nodes, seconds } = await page.evaluate(() => {
    const { record } = /** @type {any} */ (window);
    return {
      longest: Math.max(0, ...record.tasks),
      nodes: document.getElementsByTagName("*").length,
      seconds: (record.shown - record.dropped) / 1000,
    };
  });
  await close();
  return { seconds, longest, nodes, memory: (peak - before) / 1000 };
}
