// Words for what the reader brings or leaves: expected digests, marks, notes, links, the palette, folders and pastes.
// A part of the table in strings.js.
// @ts-check

export const W = {
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
};
