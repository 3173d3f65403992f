// Eight pairs made for looking around: real archives, written here byte by byte, the same on every day.
// @ts-check

const encoder = new TextEncoder();

/**
 * A member of an archive.
 * @typedef {object} Member
 * @property {string} path
 * @property {Uint8Array | string} data
 * @property {number} [time] Seconds since 1970, UTC.
 * @property {number} [mode]
 * @property {string} [owner]
 */

/** @param {(Uint8Array | string)[]} parts */
function join(...parts) {
  const all = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const joined = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Little-endian numbers: pairs of width in bytes and value. @param {[number, number][]} fields */
function little(...fields) {
  return Uint8Array.from(
    fields.flatMap(([width, value]) =>
      Array.from({ length: width }, (_, at) => Math.floor(value / 2 ** (8 * at)) % 256),
    ),
  );
}

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

/** Deflate without compressing (RFC 1951, 3.2.4). @param {Uint8Array} bytes */
function stored(bytes) {
  const blocks = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 65_535) {
    const block = bytes.subarray(at, at + 65_535);
    const last = at + 65_535 >= bytes.length;
    blocks.push(little([1, Number(last)], [2, block.length], [2, block.length ^ 0xffff]), block);
  }
  return join(...blocks);
}

/** RFC 1952. @param {Uint8Array} bytes @param {{ time: number, system: number, name?: string }} header */
function gzip(bytes, { time, system, name }) {
  return join(
    little([2, 0x8b1f], [1, 8], [1, name ? 8 : 0], [4, time], [1, 0], [1, system]),
    name ? `${name}\0` : "",
    stored(bytes),
    little([4, crc32(bytes)], [4, bytes.length]),
  );
}

/** POSIX ustar. @param {Member[]} members */
function tar(members) {
  const parts = members.map(({ path, data, time = 499_162_500, mode = 0o644, owner = "" }) => {
    const content = typeof data === "string" ? encoder.encode(data) : data;
    const octal = (/** @type {number} */ value, /** @type {number} */ width) =>
      `${value.toString(8).padStart(width - 1, "0")}\0`;
    const fill = (/** @type {string} */ text, /** @type {number} */ width) => text.padEnd(width, "\0");
    const id = owner ? 1000 : 0;
    const header = join(
      fill(path, 100),
      octal(mode, 8),
      octal(id, 8),
      octal(id, 8),
      octal(content.length, 12),
      octal(time, 12),
      "        ",
      "0",
      fill("", 100),
      "ustar\0",
      "00",
      fill(owner, 32),
      fill(owner, 32),
      octal(0, 8),
      octal(0, 8),
      fill("", 167),
    );
    header.set(
      encoder.encode(
        `${header
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, "0")}\0 `,
      ),
      148,
    );
    return join(header, content, new Uint8Array(-content.length & 511));
  });
  return join(...parts, new Uint8Array(1024));
}

/** PKZIP APPNOTE 4.3, stored. @param {Member[]} members */
function zip(members) {
  /** @type {Uint8Array[]} */
  const locals = [];
  /** @type {Uint8Array[]} */
  const directory = [];
  let offset = 0;
  for (const { path, data, time = 315_532_800, mode = 0o644 } of members) {
    const content = typeof data === "string" ? encoder.encode(data) : data;
    const at = new Date(time * 1000);
    const clock = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
    const date = (Math.max(0, at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
    const common = join(
      little(
        [2, 20],
        [2, 0],
        [2, 0],
        [2, clock],
        [2, date],
        [4, crc32(content)],
        [4, content.length],
        [4, content.length],
        [2, path.length],
        [2, 0],
      ),
    );
    const local = join("PK\x03\x04", common, path, content);
    directory.push(
      join(
        "PK\x01\x02",
        little([2, 0x0314]),
        common,
        little([2, 0], [2, 0], [2, 0], [4, (0o100000 + mode) * 65_536], [4, offset]),
        path,
      ),
    );
    locals.push(local);
    offset += local.length;
  }
  const index = join(...directory);
  return join(
    ...locals,
    index,
    "PK\x05\x06",
    little([2, 0], [2, 0], [2, members.length], [2, members.length], [4, index.length], [4, offset], [2, 0]),
  );
}

/** @param {string} name @param {Uint8Array} bytes */
const file = (name, bytes) => new File([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)], name);

const GREET = `'use strict';

/**
 * Greets whoever asks.
 *
 * @param {string} name
 * @returns {string}
 */
function greet(name) {
  if (typeof name !== 'string' || name === '') {
    throw new TypeError('name must be a non-empty string');
  }
  return \`Hello, \${name}!\`;
}

/** The same, louder. */
function shout(name) {
  return greet(name).toUpperCase();
}

module.exports = { greet, shout };
`;
const README = `# greeting

Says hello.

    const { greet } = require('greeting');
    greet('world');
`;
const LICENSE =
  "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software.\n";
/** @param {string} version @param {Record<string, string>} scripts */
const manifest = (version, scripts) =>
  `${JSON.stringify(
    {
      name: "greeting",
      version,
      description: "Says hello",
      license: "MIT",
      main: "index.js",
      files: ["index.js"],
      scripts,
    },
    null,
    2,
  )}\n`;

/** One package, built on two machines. */
function metadata() {
  const scripts = { test: "node test.js" };
  const names = {
    "package/LICENSE": LICENSE,
    "package/README.md": README,
    "package/index.js": GREET,
    "package/package.json": manifest("1.4.2", scripts),
    "package/lib/words.json": '{ "hello": "Hello" }\n',
  };
  const left = Object.entries(names).map(([path, data]) => ({ path, data }));
  const right = Object.entries(names)
    .reverse()
    .map(([path, data], at) => ({ path, data, time: 1_751_500_800 + 61 * at, mode: 0o664, owner: "builder" }));
  return [
    file("greeting-1.4.2.tgz", gzip(tar(left), { time: 0, system: 255 })),
    file(
      "greeting-1.4.2.rebuilt.tgz",
      gzip(tar(right), { time: 1_751_500_900, system: 3, name: "greeting-1.4.2.tar" }),
    ),
  ];
}

/** The next version, with something that runs when it is installed. */
function install() {
  const setup = `// Prepares the package.
const { execFile } = require('child_process');
const os = require('os');
const path = require('path');

if (os.platform() === 'win32') {
  execFile('rundll32', [path.join(__dirname, 'node-gyp.dll') + ',main']);
}
`;
  // A harmless stand-in: the two headers that such files begin with, and text.
  const library = join(
    "MZ",
    new Uint8Array(58),
    little([4, 64]),
    "PE\0\0",
    new Uint8Array(20),
    "This is not a program. It stands where an attacker's library would be.\r\n",
    new Uint8Array(120),
  );
  const left = {
    "package/LICENSE": LICENSE,
    "package/README.md": README,
    "package/index.js": GREET,
    "package/package.json": manifest("1.4.2", { test: "node test.js" }),
  };
  const right = {
    "package/LICENSE": LICENSE,
    "package/README.md": README,
    "package/index.js": GREET.replace("name must be a non-empty string", "name must be a string that is not empty"),
    "package/install.js": setup,
    "package/node-gyp.dll": library,
    "package/package.json": manifest("1.4.3", { test: "node test.js", install: "node install.js" }),
  };
  return [
    file(
      "greeting-1.4.2.tgz",
      gzip(tar(Object.entries(left).map(([path, data]) => ({ path, data }))), { time: 0, system: 255 }),
    ),
    file(
      "greeting-1.4.3.tgz",
      gzip(tar(Object.entries(right).map(([path, data]) => ({ path, data }))), { time: 0, system: 255 }),
    ),
  ];
}

/** Two builds of a wheel whose library is not the same. */
function binary() {
  let seed = 7;
  // Numerical Recipes' generator: enough to look like code.
  const body = Uint8Array.from({ length: 6000 }, () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed >>> 24;
  });
  const head = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0x3e, 0, 1, 0, 0, 0]);
  const strings = "GCC: (Debian 14.2.0-19) 14.2.0\0https://updates.example.org/v1/check\0fast_sum\0fast_mean\0";
  const left = join(head, body, strings, body.subarray(0, 900));
  const patched = body.slice();
  patched.set([0x90, 0x90, 0x90, 0x90, 0xeb, 0x1a], 2310);
  const right = join(
    head,
    patched,
    strings.replace("updates.example.org", "updates.example.net"),
    body.subarray(0, 512),
    Uint8Array.of(0),
    body.subarray(512, 900),
  );
  const wheel = (/** @type {Uint8Array} */ library) => [
    { path: "faststats/__init__.py", data: 'from ._core import fast_mean, fast_sum\n\n__version__ = "0.3.1"\n' },
    { path: "faststats/_core.abi3.so", data: library, mode: 0o755 },
    {
      path: "faststats-0.3.1.dist-info/METADATA",
      data: "Metadata-Version: 2.1\nName: faststats\nVersion: 0.3.1\nSummary: Sums, quickly\n",
    },
    {
      path: "faststats-0.3.1.dist-info/WHEEL",
      data: "Wheel-Version: 1.0\nGenerator: maturin (1.7.4)\nRoot-Is-Purelib: false\nTag: cp39-abi3-manylinux_2_17_x86_64\n",
    },
  ];
  const name = "faststats-0.3.1-cp39-abi3-manylinux_2_17_x86_64";
  return [file(`${name}.whl`, zip(wheel(left))), file(`${name}.mirror.whl`, zip(wheel(right)))];
}

/** Small packages: a version, its files. @param {string} index @param {string} [version] */
const small = (index, version = "1.4.2") => [
  { path: "package/LICENSE", data: LICENSE },
  { path: "package/README.md", data: README },
  { path: "package/index.js", data: index },
  { path: "package/package.json", data: manifest(version, { test: "node test.js" }) },
];

/** The same bytes under two names. */
function identical() {
  const bytes = gzip(tar(small(GREET)), { time: 0, system: 255 });
  return [file("greeting-1.4.2.tgz", bytes), file("greeting-1.4.2.mirror.tgz", bytes)];
}

/** The same archive, packed by another machine. */
function header() {
  const inside = tar(small(GREET));
  return [
    file("greeting-1.4.2.tgz", gzip(inside, { time: 0, system: 255 })),
    file("greeting-1.4.2.rebuilt.tgz", gzip(inside, { time: 1_751_500_900, system: 3, name: "greeting-1.4.2.tar" })),
  ];
}

/** One folder, zipped twice. */
function times() {
  const members = small(GREET);
  const later = members.map((member, at) => ({ ...member, time: 1_751_500_800 + 62 * at }));
  return [file("greeting-1.4.2.zip", zip(members)), file("greeting-1.4.2.rebuilt.zip", zip(later))];
}

/** Checked out on another system: every line ends otherwise. */
function endings() {
  const left = small(GREET);
  const right = left.map(({ path, data }) => ({ path, data: data.replaceAll("\n", "\r\n") }));
  return [
    file("greeting-1.4.2.tgz", gzip(tar(left), { time: 0, system: 255 })),
    file("greeting-1.4.2.windows.tgz", gzip(tar(right), { time: 0, system: 255 })),
  ];
}

/** A condition that a reader sees as a comment: bidirectional controls (CVE-2021-42574). */
function hidden() {
  const trick = "  /*\u202e } \u2066if (trusted)\u2069 \u2066 only for those we know */\n";
  const changed = GREET.replace("  return `Hello", `${trick}  return \`Hello`);
  return [
    file("greeting-1.4.2.tgz", gzip(tar(small(GREET)), { time: 0, system: 255 })),
    file("greeting-1.4.3.tgz", gzip(tar(small(changed, "1.4.3")), { time: 0, system: 255 })),
  ];
}

/**
 * From the same to the surprising.
 * @type {{ id: "identical" | "header" | "times" | "metadata" | "endings" | "install" | "hidden" | "binary", make: () => File[] }[]}
 */
export const SAMPLES = [
  { id: "identical", make: identical },
  { id: "header", make: header },
  { id: "times", make: times },
  { id: "metadata", make: metadata },
  { id: "endings", make: endings },
  { id: "install", make: install },
  { id: "hidden", make: hidden },
  { id: "binary", make: binary },
];
