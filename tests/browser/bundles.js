// Attestation bundles for the specs, signed here with keys made here: OSS Rebuild's two statements in DSSE envelopes.

import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

/** @param {Uint8Array | string} data */
export const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** A key of our own: the PEM to be dropped, and what signs with it. */
export function key() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { privateKey, pem: publicKey.export({ type: "spki", format: "pem" }).toString() };
}

const TYPE = "application/vnd.in-toto+json";

/** DSSE's envelope, signed over its pre-authentication encoding. @param {unknown} statement @param {import("node:crypto").KeyObject} privateKey */
function envelope(statement, privateKey) {
  const body = Buffer.from(JSON.stringify(statement));
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} ${body.length} `), body]);
  const sig = sign("sha256", signed, privateKey).toString("base64");
  return { payloadType: TYPE, payload: body.toString("base64"), signatures: [{ keyid: "", sig }] };
}

/**
 * What OSS Rebuild publishes about a package: equivalence, then rebuild.
 *
 * @param {object} about
 * @param {string} about.published path of the published file
 * @param {string} about.rebuilt path of the rebuild
 * @param {string} about.stabilized digest of the stabilized archive
 * @param {string} about.ecosystem
 * @param {import("node:crypto").KeyObject} about.privateKey
 * @param {string} [about.name] another name than the file's
 * @param {unknown[]} [about.rules] `custom_stabilizers`, as Go writes them
 */
export async function bundle({ published, rebuilt, stabilized, ecosystem, privateKey, name, rules }) {
  const artifact = name ?? basename(published);
  const digest = { sha256: sha256(await readFile(published)) };
  const again = { name: `rebuild/${artifact}`, digest: { sha256: sha256(await readFile(rebuilt)) } };
  const target = `https://files.example.org/${artifact}`;
  const b64 = (/** @type {string} */ text) => Buffer.from(text).toString("base64");
  const statement = (
    /** @type {string} */ kind,
    /** @type {unknown} */ subject,
    /** @type {object} */ definition,
    /** @type {unknown[]} */ byproducts,
  ) => ({
    _type: "https://in-toto.io/Statement/v1",
    predicateType: "https://slsa.dev/provenance/v1",
    subject: [subject],
    predicate: {
      buildDefinition: { buildType: `https://docs.oss-rebuild.dev/builds/${kind}@v0.1`, ...definition },
      runDetails: {
        builder: { id: "https://docs.oss-rebuild.dev/hosts/Google" },
        metadata: { invocationId: "6f2c" },
        byproducts,
      },
    },
  });
  const equivalence = statement(
    "ArtifactEquivalence",
    { name: artifact, digest },
    {
      externalParameters: { candidate: again.name, target },
      internalParameters: { serviceSource: { repository: "https://github.com/google/oss-rebuild", ref: "v1" } },
      resolvedDependencies: [again, { name: target, digest }],
    },
    [{ name: `stabilized/${artifact}`, digest: { sha256: stabilized } }],
  );
  const definition = rules
    ? [{ name: "build.fix.json", content: b64(JSON.stringify({ custom_stabilizers: rules })) }]
    : [];
  const rebuild = statement(
    "Rebuild",
    again,
    {
      externalParameters: { ecosystem, package: "demo", version: "1.0", artifact },
      internalParameters: {},
      resolvedDependencies: [
        { name: "git+https://github.com/example/demo", digest: { sha1: "57b7ed9b0d4d7a9a2d5c1a5f6b7c8d9e0f102132" } },
        { name: "docker.io/library/alpine:3.19", digest: { sha256: sha256("alpine") } },
        ...definition,
      ],
    },
    [
      { name: "build.json", content: b64('{"pypi_wheel_build":{}}') },
      { name: "Dockerfile", content: b64("FROM alpine:3.19\nRUN echo '<b>build</b>'\n") },
      { name: "steps.json", content: b64("[]") },
    ],
  );
  return [envelope(equivalence, privateKey), envelope(rebuild, privateKey)];
}

/** One envelope to a line. @param {unknown[]} envelopes */
export const lines = (envelopes) => envelopes.map((each) => `${JSON.stringify(each)}\n`).join("");
