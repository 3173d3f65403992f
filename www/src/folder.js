// A folder as one artifact: an uncompressed tar of which no content is loaded. Pure.
// @ts-check

/** @typedef {{ path: string, file: File }} Member */

/** Files of a folder that are taken. */
export const MOST_FILES = 100_000;
const BLOCK = 512;
/** The largest size that eleven octal digits hold. */
const MOST_OCTAL = 8 ** 11 - 1;
const encoder = new TextEncoder();

/** A header block (POSIX.1-2017, pax, "ustar Interchange Format"). @param {string} path @param {number} size @param {number} time @param {"0" | "x"} type */
function header(path, size, time, type) {
  const block = new Uint8Array(BLOCK);
  const put = (/** @type {string} */ text, /** @type {number} */ at) => encoder.encodeInto(text, block.subarray(at));
  const octal = (/** @type {number} */ value, /** @type {number} */ digits) => value.toString(8).padStart(digits, "0");
  block.set(encoder.encode(path).subarray(0, 100));
  put(octal(0o644, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  put(octal(Math.min(size, MOST_OCTAL), 11), 124);
  put(octal(Math.min(time, MOST_OCTAL), 11), 136);
  put("        ", 148);
  put(type, 156);
  put("ustar", 257);
  put("00", 263);
  put(
    octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  );
  block[154] = 0;
  return block;
}

/** One pax record: its length counts itself. @param {string} name @param {string} value */
function record(name, value) {
  const rest = ` ${name}=${value}\n`;
  const bytes = encoder.encode(rest).length;
  let length = bytes + 1;
  while (`${length}`.length + bytes !== length) length = `${length}`.length + bytes;
  return `${length}${rest}`;
}

/** Zeros up to the next block. @param {number} size */
const padding = (size) => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

/**
 * Packs files in the order of their paths. Names that are long or not ASCII, and sizes beyond 8 GiB, have a pax record.
 * @param {string} name The folder's. @param {Member[]} members Paths within it.
 */
export function packed(name, members) {
  const sorted = [...members].sort((one, other) => (one.path < other.path ? -1 : Number(one.path > other.path)));
  /** @type {BlobPart[]} */
  const parts = [];
  for (const { path, file } of sorted) {
    const records =
      (/^[\x20-\x7e]{1,100}$/.test(path) ? "" : record("path", path)) +
      (file.size > MOST_OCTAL ? record("size", `${file.size}`) : "");
    if (records) {
      const bytes = encoder.encode(records);
      parts.push(header("PaxHeaders/0", bytes.length, 0, "x"), bytes, padding(bytes.length));
    }
    const time = Math.max(0, Math.floor(file.lastModified / 1000));
    parts.push(header(path, file.size, time, "0"), file, padding(file.size));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return new File(parts, `${name}.tar`);
}
