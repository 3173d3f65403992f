// Archives for the specs, written here byte by byte, and the folder of this machine that they lie in.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, gzipSync } from "node:zlib";

/**
 * A member of an archive.
 * @typedef {{path: string | Buffer, data?: string | Buffer, size?: number, mode?: number, time?: number}} Member
 *   `size` without `data` writes the header alone
 */

/** A folder that goes away with the spec. */
export async function folder() {
  const path = await mkdtemp(join(tmpdir(), "twinspect-"));
  return {
    path,
    /** @param {string} name @param {string | Uint8Array} data */
    async file(name, data) {
      const file = join(path, name);
      await writeFile(file, data);
      return file;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** POSIX ustar, with every detail that differs between packers at a fixed value. @param {Member[]} members */
export function tar(members) {
  const parts = members.flatMap(({ path, data = "", size, mode = 0o644, time = 499_162_500 }) => {
    const content = Buffer.from(data);
    const header = Buffer.alloc(512);
    Buffer.from(path).copy(header, 0, 0, 100);
    header.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(`${(size ?? content.length).toString(8).padStart(11, "0")}\0`, 124);
    header.write(`${time.toString(8).padStart(11, "0")}\0`, 136);
    header.write("        ", 148);
    header.write("0", 156);
    header.write("ustar\0", 257);
    header.write("00", 263);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return size === undefined ? [header, content, Buffer.alloc(-content.length & 511)] : [header];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** @param {Member[]} members */
export const tgz = (members) => gzipSync(tar(members));

/** PKZIP APPNOTE 4.3, stored; `time` is the DOS date and time. @param {Member[]} members @param {{damage?: boolean}} [options] */
export function zip(members, { damage = false } = {}) {
  const locals = [];
  const directory = [];
  let offset = 0;
  for (const { path, data = "", time = 0x0021_0000, mode = 0o644 } of members) {
    const content = Buffer.from(data);
    const name = Buffer.from(path);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt32LE(time, 6);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, name, content]);
    const after = Buffer.alloc(14);
    after.writeUInt32LE(mode * 65_536, 6);
    after.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, after, name]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(damage ? offset + 0xfffff : offset, 16);
  return Buffer.concat([...locals, central, end]);
}

/** Two versions of a package, as they are published: one change in code, one in the manifest, one file more. */
export function published() {
  const code = Array.from({ length: 60 }, (_, line) => `  step(${line}, "value ${line}");`);
  const changed = code.with(30, '  step(30, "another value");').toSpliced(45, 1);
  const manifest = (/** @type {string} */ version, /** @type {string} */ scripts) =>
    `{\n  "name": "left-right",\n  "version": "${version}",\n  "scripts": {${scripts}\n  }\n}\n`;
  const module = (/** @type {string[]} */ lines) => `export function run(step) {\n${lines.join("\n")}\n}\n`;
  const same = { path: "package/LICENSE", data: "MIT\n" };
  return [
    tgz([
      { path: "package/package.json", data: manifest("1.0.0", '\n    "test": "node test.js"') },
      { path: "package/index.js", data: module(code) },
      same,
    ]),
    tgz([
      {
        path: "package/package.json",
        data: manifest("1.1.0", '\n    "test": "node test.js",\n    "postinstall": "node setup.js"'),
      },
      { path: "package/index.js", data: module(changed) },
      same,
      { path: "package/setup.js", data: 'require("node:child_process").exec("id");\n' },
    ]),
  ];
}
