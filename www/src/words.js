// Words for what the reader brings or leaves: expected digests, marks, notes, links, the palette, folders and pastes.
// A part of the table in strings.js.
// @ts-check

import { count, plain, plural, visible } from "./strings.js";

export const W = {
  reading: {
    strip: "Where the two lines first differ",
    spaces: "Spaces",
    spacesKey: "show spaces, tabs and line ends",
    digestKey: "copy the SHA-256 of the entry",
    pathKey: "copy the path of the entry",
    nextKey: "next change, read aloud",
    previousKey: "previous change, read aloud",
    digests: "SHA-256 copied.",
    path: "Path copied.",
    left: (/** @type {number} */ line, /** @type {string} */ text) => `A, line ${line}, removed: ${plain(text)}`,
    right: (/** @type {number} */ line, /** @type {string} */ text) => `B, line ${line}, added: ${plain(text)}`,
    /** @param {number} at @param {number} of @param {string[]} lines @param {number} more */
    change: (at, of, lines, more) =>
      [`Change ${at} of ${of}.`, ...lines.map((line) => `${line}.`), more ? `${plural(more, "more line")}.` : ""].join(
        " ",
      ),
  },
  expected: {
    add: "expected SHA-256…",
    addFor: { left: "expected SHA-256… of A", right: "expected SHA-256… of B" },
    label: { left: "Expected SHA-256 of A", right: "Expected SHA-256 of B" },
    fact: "Expected",
    hint: "64 hex digits, or a line of a checksum list",
    invalid: "This is no SHA-256: 64 hex digits are needed, alone or as a line of a checksum list.",
    several: "There is more than one digest in this: give the one of this file.",
    holds: { glyph: "✓", words: "matches the expected digest" },
    fails: { glyph: "✗", words: "does not match the expected digest" },
    other: (/** @type {string} */ side) => `; it is the one expected of ${side}`,
  },
  marks: {
    column: "Viewed",
    viewed: "Viewed",
    viewedAbout: "Viewed; the key also goes to the next one that is not explained",
    key: "viewed; go to the next that is not",
    note: "Note",
    noteKey: "note on the entry",
    noteFor: "Note on this entry",
    noted: (/** @type {string} */ note) => `, note: ${note}`,
    /** @param {number} seen @param {number} due @param {number} notes */
    progress: (seen, due, notes) =>
      [due ? `${count(seen)} of ${count(due)} viewed` : "", notes ? plural(notes, "note") : ""]
        .filter(Boolean)
        .join(" · "),
    unkept: "This browser refuses to keep marks and notes: they last until this tab is closed.",
    copy: (/** @type {number} */ n) => `Copy ${plural(n, "note")} as Markdown`,
    copyAbout: "Yours: none of the files above has them.",
    kept: "Viewed marks and notes stay in this browser’s own storage, under the digests of the pair, until you forget them.",
    forget: "Forget all marks and notes",
    forgot: "Nothing is kept any more.",
  },
  palette: {
    title: "Commands and entries",
    key: "commands, and entries by path",
    label: "What to do, or a part of a path",
    hint: "Type a part of a path to find entries, too.",
    /** @param {number} commands @param {number} entries @param {number} most */
    found: (commands, entries, most) =>
      `${plural(commands, "command")}, ${plural(entries, "entry", "entries")}${entries > most ? `: the first ${count(most)} are listed` : ""}.`,
  },
  chooseKey: "choose files",
  chooseFolder: "a folder…",
  chooseFolderFor: { left: "a folder… for A", right: "a folder… for B" },
  folder: {
    none: (/** @type {string} */ name) => `There are no files in ${plain(name)}.`,
    many: (/** @type {string} */ name, /** @type {number} */ most) =>
      `${plain(name)} has more than ${count(most)} files. Pack it first: that is more than this page takes from a folder.`,
    failed: (/** @type {string} */ name, /** @type {string} */ why) => `${plain(name)} could not be read: ${why}`,
    looking: (/** @type {string} */ name, /** @type {number} */ files) =>
      `Looking through ${plain(name)}: ${plural(files, "file")}…`,
    packed: (/** @type {string} */ name, /** @type {number} */ files) =>
      `${plain(name)} is a folder, packed here with ${plural(files, "file")}: names, contents and times. A browser knows no modes, owners, links and empty folders: they are not compared.`,
  },
  pasted: "What was pasted is pasted.txt.",
  link: {
    about: "This link is about",
    and: "and",
    drop: "Drop them to continue.",
    forget: "Forget the link",
    key: "copy link to this view",
    copy: "Copy link to this view",
    copyAbout: "Digests and what is on screen: no contents. It opens for whoever has the two files.",
    copied: "The link is copied: digests, path and view, no contents.",
    without: "Passes switched off and custom rules are not in it.",
    same: "Both files are those of the link.",
    turned: "Both files are those of the link, which has them the other way round: they were swapped.",
    other: "These are not the files of the link: its view is not shown.",
    nonsense: "The address has a link in it that cannot be understood: it is ignored.",
    noLine: (/** @type {number} */ line) => `The link leads to line ${count(line)}, which is not there.`,
    gone: (/** @type {string} */ path) =>
      `The link leads to an entry that is not here: ${visible(path.length > 120 ? `…${path.slice(-110)}` : path)}`,
  },
};
