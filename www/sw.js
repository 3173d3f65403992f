// Lets the page start without a network. It answers for the files that the build lists, and for nothing else: no request
// that the page was not made of passes through here. The build puts two lines in front: VERSION, and FILES with the
// SHA-256 of each in base64.
//
// A version is one set of files. A new one waits until the user takes it: files of two are never mixed, and nothing
// changes under an open comparison.
// @ts-check

/// <reference lib="webworker" />

/** @type {ServiceWorkerGlobalScope} */
const scope = /** @type {any} */ (self);
const home = new URL(scope.registration.scope);
/** @param {string} version */
const nameOf = (version) => `twinspect ${home.pathname} ${version}`;
const listed = new Map(FILES.map(([path, digest]) => [new URL(path, home).href, digest]));

/** How long the copies of the page are waited for, and how often they are looked for, in ms. */
const PATIENCE = 120_000;
const PAUSE = 100;

/** @param {Response} response */
async function digestOf(response) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await response.arrayBuffer()));
  return btoa(String.fromCharCode(...digest));
}

/** From the host, and only if it is what the build made. @param {string} url @param {string} digest */
const load = (url, digest) =>
  fetch(url, { cache: "no-cache", credentials: "omit", integrity: `sha256-${digest}` }).then((response) => {
    if (!response.ok || response.redirected) throw new Error(`${url}: ${response.status}`);
    return response;
  });

/**
 * The copy that the page keeps of what it is loading. For the first version a page is there that makes them all; it may be
 * sealed by now, and what is asked of the host here would be a second time.
 * @param {Cache} cache @param {string} url @param {string} digest @param {number} until
 */
async function copy(cache, url, digest, until) {
  for (;;) {
    const kept = await cache.match(url);
    if (kept) return (await digestOf(kept)) === digest;
    if (scope.registration.active || Date.now() >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function install() {
  const until = Date.now() + PATIENCE;
  const cache = await caches.open(nameOf(VERSION));
  for (const [url, digest] of listed) {
    if (!(await copy(cache, url, digest, until))) await cache.put(url, await load(url, digest));
  }
}

async function activate() {
  const prefix = nameOf("");
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && name !== nameOf(VERSION)) await caches.delete(name);
  }
}

async function complete() {
  const cache = await caches.open(nameOf(VERSION));
  const kept = await Promise.all([...listed.keys()].map((url) => cache.match(url)));
  return kept.every((response) => response !== undefined);
}

/** @param {string} url @param {string} digest */
async function answer(url, digest) {
  const cache = await caches.open(nameOf(VERSION));
  return (await cache.match(url)) ?? load(url, digest);
}

/** Files shared with the installed page: put aside for it. @param {Request} request */
async function take(request) {
  const cache = await caches.open(nameOf("shared"));
  const files = (await request.formData()).getAll("files").filter((file) => file instanceof File);
  for (const [at, file] of files.entries()) {
    const headers = { "x-name": encodeURIComponent(file.name) };
    await cache.put(new URL(`shared/${at}`, home), new Response(file, { headers }));
  }
  return Response.redirect(`${home.href}?shared`, 303);
}

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("message", (event) => {
  if (event.data === "take over") scope.skipWaiting();
  if (event.data === "complete?") event.waitUntil(complete().then((all) => event.ports[0]?.postMessage(all)));
});
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  url.search = url.hash = "";
  if (url.href === new URL("index.html", home).href) url.href = home.href;
  const digest = listed.get(url.href);
  if (request.method === "POST" && url.href === new URL("share", home).href) event.respondWith(take(request));
  // Copies to take home are large and wanted rarely: those come from the host.
  else if (request.mode === "navigate" && url.href.startsWith(new URL("download/", home).href)) return;
  else if (request.method === "GET" && digest) event.respondWith(answer(url.href, digest));
  else event.respondWith(new Response("This is not a part of the page.", { status: 404 }));
});
