// Every way out that a script has, to be tried from inside: as a part of the page's own script and of its workers', so
// that the page's policy binds it whatever drives the browser.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { fromRoot } from "./harness.js";

/**
 * Tries every way to each address; true for those that let something through. Runs in pages and workers: knows nothing
 * from around it.
 * @param {string[]} urls @returns {Promise<Record<string, boolean>>}
 */
export const attempts = async (urls) => {
  const out = {};
  for (const url of urls) {
    // What hangs has not come through.
    const late = () => new Promise((resolve) => setTimeout(resolve, 500, false));
    const asked = async (request) =>
      Promise.race([
        request.then(
          () => true,
          () => false,
        ),
        late(),
      ]);
    out[`fetch ${url}`] = await asked(fetch(url, { mode: "no-cors" }));
    out[`xhr ${url}`] = await asked(
      new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.onload = resolve;
        request.onerror = reject;
        request.open("GET", url);
        request.send();
      }),
    );
    if (typeof EventSource === "function") {
      out[`events ${url}`] = await asked(
        new Promise((resolve, reject) => {
          const source = new EventSource(url);
          source.onopen = resolve;
          source.onerror = () => {
            source.close();
            reject();
          };
        }),
      );
    }
    out[`socket ${url}`] = await asked(
      new Promise((resolve, reject) => {
        const socket = new WebSocket(url.replace("http", "ws"));
        socket.onopen = resolve;
        socket.onerror = reject;
      }),
    );
    if (typeof document === "object") {
      navigator.sendBeacon(url, "beacon");
      if (!url.startsWith(location.origin)) {
        // Trusted Types know nothing of this one: the sources of scripts must refuse it.
        out[`import ${url}`] = await asked(import(url));
        out[`image ${url}`] = await asked(
          new Promise((resolve, reject) => {
            const image = new Image();
            image.onload = resolve;
            image.onerror = reject;
            image.src = url;
          }),
        );
      }
    }
  }
  return out;
};

/** The same in a worker, with what only workers have; its answer has an id that the page does not know. */
const inWorker = `
{
  const attempts = ${attempts};
  addEventListener("message", async ({ data }) => {
    if (!data.probe) return;
    const out = await attempts(data.probe).catch((error) => ({ [String(error)]: true }));
    for (const [name, act] of [["importScripts", () => importScripts(data.probe[0])], ["eval", () => (0, eval)("1")]]) {
      try { act(); out[name] = true; } catch { out[name] = false; }
    }
    postMessage({ id: "probe", value: out });
  });
}
`;

/** What the page does when the document's element is asked by an event; what it finds lies there as JSON. */
const inPage = `
{
  const attempts = ${attempts};
  const root = document.documentElement;
  const workers = new Set();
  const violated = new Set();
  addEventListener("securitypolicyviolation", ({ effectiveDirective }) => violated.add(effectiveDirective));
  const complaints = [];
  const complain = (...what) => complaints.push(what.map((part) => part?.message ?? String(part)).join(" "));
  // A size that is told a frame later is no error, and has none.
  addEventListener("error", ({ error }) => error && complain(error));
  addEventListener("unhandledrejection", ({ reason }) => complain(reason));
  for (const level of ["error", "warn"]) console[level] = complain;
  globalThis.Worker = class extends Worker {
    constructor(...parts) {
      super(...parts);
      workers.add(this);
    }
    terminate() {
      workers.delete(this);
      super.terminate();
    }
  };
  const acts = {
    eval: () => (0, eval)("1"),
    Function: () => new Function("return 1")(),
    innerHTML: () => void (document.createElement("p").innerHTML = "<b>x</b>"),
    "foreign worker": () => new Worker(URL.createObjectURL(new Blob(["1"]))),
    "inline script": () => {
      const script = document.createElement("script");
      script.textContent = "document.documentElement.dataset.ran = 'script'";
      document.head.append(script);
      if (!root.dataset.ran) throw new Error("refused");
    },
    "inline handler": () => {
      const button = document.createElement("button");
      button.setAttribute("onclick", "document.documentElement.dataset.ran = 'handler'");
      document.body.append(button);
      button.click();
      button.remove();
      if (!root.dataset.ran) throw new Error("refused");
    },
    "inline style": () => {
      const style = document.createElement("style");
      style.textContent = "body { --probe: 1 }";
      document.head.append(style);
      if (!getComputedStyle(document.body).getPropertyValue("--probe")) throw new Error("refused");
    },
  };
  root.addEventListener("probe", async () => {
    const urls = JSON.parse(root.dataset.probe);
    // Later, for what a driver itself runs is allowed more.
    await new Promise((resolve) => setTimeout(resolve));
    const seen = [...complaints];
    const asked = [...workers].map((worker) => Promise.race([
      new Promise((resolve) => {
        worker.addEventListener("message", ({ data }) => data.id === "probe" && resolve(data.value));
        worker.postMessage({ probe: urls });
      }),
      // A worker of WebKit is silent now and then; the canary hears what it does.
      new Promise((resolve) => setTimeout(resolve, 6000, null)),
    ]));
    const acted = {};
    for (const [name, act] of Object.entries(acts)) {
      try { act(); acted[name] = true; } catch { acted[name] = false; }
    }
    const page = await attempts(urls);
    const answers = await Promise.all(asked);
    root.dataset.probed = JSON.stringify({
      page,
      acted,
      workers: answers.filter(Boolean),
      violated: [...violated].sort(),
      complaints: seen,
      trusted: typeof trustedTypes === "object",
      rtc: typeof RTCPeerConnection,
    });
  });
}
`;

const digest = (/** @type {string} */ text) => createHash("sha256").update(text).digest("base64");

/** The published page with the probe in its two scripts, as changes of its host. @param {Map<string, string>} change */
export async function probed(change) {
  // The service worker knows every file by its digest.
  let worker = await readFile(fromRoot("dist", "sw.js"), "utf8");
  for (const [name, probe] of /** @type {const} */ ([
    ["twinspect.js", inPage],
    ["worker.js", inWorker],
  ])) {
    const text = await readFile(fromRoot("dist", name), "utf8");
    change.set(name, `${text}\n${probe}`);
    worker = worker.replace(digest(text), digest(`${text}\n${probe}`));
  }
  change.set("sw.js", worker);
}

/** The single file with the probe in it; its policy names the digest of the script that is in it. */
export async function probedFile() {
  const text = await readFile(fromRoot("dist", "download", "twinspect.html"), "utf8");
  const [, script = ""] = /<script type="module">([\s\S]*)<\/script>/.exec(text) ?? [];
  const [shim = "", packed = ""] = /<script type="application\/gzip" id="shim">([^<]*)/.exec(text) ?? [];
  const worker = gzipSync(`${gunzipSync(Buffer.from(packed, "base64"))}\n${inWorker}`).toString("base64");
  const replacements = [
    [digest(script), digest(`${script}\n${inPage}`)],
    [`${script}</script>`, `${script}\n${inPage}</script>`],
    [shim, shim.replace(packed, worker)],
  ];
  return replacements.reduce((text, [old = "", next = ""]) => {
    if (!text.includes(old)) throw new Error(`the single file is not built as expected: ${old.slice(0, 80)}`);
    return text.replace(old, () => next);
  }, text);
}
