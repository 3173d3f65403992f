// The address of a view: which two artifacts, by digest, and what of them is on screen. Pure.
// @ts-check

import { STATUSES } from "./state.js";
import { S } from "./strings.js";

/**
 * @typedef {object} Link
 * @property {string} a SHA-256 of A, hex.
 * @property {string} b
 * @property {string | null} path An entry, by `Tree.key`; empty for the archive itself, null for none.
 * @property {string | null} line A line of B, from 1; with an `a` in front one of A.
 * @property {import("./report.js").Status[] | null} statuses What the list shows.
 * @property {string} text The filter by path.
 * @property {string | null} profile
 */

/** Longer ones are not ours. */
const MOST = 16_384;
const OPEN = "different,only-left,only-right,unread";
/** Filters that have a name of their own. @type {[string, string][]} */
const NAMES = [
  ["unexplained", OPEN],
  ["explained", "equivalent"],
  ["all", `identical,equivalent,${OPEN}`],
];

/** The part after `#`. @param {Link} link */
export function written({ a, b, path, line, statuses, text, profile }) {
  const set = statuses && STATUSES.filter((status) => statuses.includes(status)).join(",");
  /** @type {[string, string | null][]} */
  const parts = [
    ["a", `sha256:${a}`],
    ["b", `sha256:${b}`],
    ["p", path],
    ["l", line],
    ["f", NAMES.find(([, listed]) => listed === set)?.[0] ?? set],
    ["q", text || null],
    ["r", profile],
  ];
  const kept = parts.filter(([, value]) => value !== null);
  return kept.map(([name, value]) => `${name}=${encodeURIComponent(value ?? "").replace("%3A", ":")}`).join("&");
}

/** What the part after `#` says; null if that is not such a link. @param {string} hash @returns {Link | null} */
export function parsed(hash) {
  /** @type {Map<string, string>} */
  const parts = new Map();
  try {
    for (const part of hash.slice(0, MOST + 1).split("&")) {
      const [name = "", ...value] = part.split("=");
      if (hash.length > MOST || !/^[abplfqr]$/.test(name) || !value.length || parts.has(name)) return null;
      parts.set(name, decodeURIComponent(value.join("=")));
    }
  } catch {
    return null;
  }
  const digest = (/** @type {string} */ name) => /^sha256:([0-9a-f]{64})$/.exec(parts.get(name) ?? "")?.[1];
  const [a, b, line, profile, set] = [digest("a"), digest("b"), parts.get("l"), parts.get("r"), parts.get("f")];
  const named = NAMES.find(([name]) => name === set)?.[1] ?? set;
  const statuses = named === undefined ? null : STATUSES.filter((status) => named.split(",").includes(status));
  if (!a || !b || (line !== undefined && !/^a?[1-9]\d{0,8}$/.test(line))) return null;
  if (profile !== undefined && !Object.hasOwn(S.profiles, profile)) return null;
  if (statuses && (!statuses.length || statuses.length !== named?.split(",").length)) return null;
  return {
    a,
    b,
    path: parts.get("p") ?? null,
    line: line ?? null,
    statuses,
    text: parts.get("q") ?? "",
    profile: profile ?? null,
  };
}
