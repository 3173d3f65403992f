// Custom rules as text. Pure.
// @ts-check

/** @import { RuleLine } from "./report.js" */

/** What could be misread, or ends a line in YAML. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A text in YAML: JSON's strings are YAML's. @param {string} text */
const quoted = (text) =>
  JSON.stringify(text).replace(HIDDEN, (hidden) => {
    const code = (hidden.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });

/** @param {RuleLine} rule */
function rule({ reason, paths, pattern, replace }) {
  const lines = [
    `  - reason: ${quoted(reason)}`,
    pattern === null ? "    exclude_path:" : "    replace_pattern:",
    "      paths:",
    ...paths.map((path) => `        - ${quoted(path)}`),
  ];
  if (pattern !== null) lines.push(`      pattern: ${quoted(pattern)}`, `      replace: ${quoted(replace ?? "")}`);
  return lines.join("\n");
}

/** Rules in the shape of OSS Rebuild's build definitions. @param {RuleLine[]} rules */
export const written = (rules) => `custom_stabilizers:\n${rules.map(rule).join("\n")}\n`;
