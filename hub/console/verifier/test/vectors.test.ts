// The vectors that the C++ verifier computes (tests/vectors/ledger), and everything near them that must be refused.
import { describe, expect, it } from "vitest";
import vectors from "../../../../tests/vectors/ledger/ledger.json";
import {
  VerifyError, fromBase64, leafHash, openCheckpoint, parseVerifierKey, verifierKeyText, verifyConsistency, verifyInclusion,
  verifyTlogProof,
} from "../src/index.js";

const utf8 = (text: string) => new TextEncoder().encode(text);
const roots = vectors.roots.map(fromBase64);

/** The reason something is refused with; empty if it is not. */
async function reasonOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "";
  } catch (error) {
    return error instanceof VerifyError ? error.reason : String(error);
  }
}

/** The proof with a bit turned, a hash too few, and one too many. */
function tampered(proof: Uint8Array[]): Uint8Array[][] {
  const all = proof.flatMap((_, at) => {
    const turned = proof.map((hash) => hash.slice());
    turned[at]![(at * 7) % 32]! ^= 0x10;
    return [turned, proof.filter((_hash, other) => other !== at)];
  });
  return [...all, [...proof, roots[0]!], proof.map((hash) => hash.slice(1)).concat(proof.length ? [] : [new Uint8Array(31)])];
}

describe("inclusion", () => {
  it("verifies what the log proves, and nothing near it", async () => {
    for (const { index, size, proof: texts } of vectors.inclusion) {
      const proof = texts.map(fromBase64);
      const leaf = await leafHash(utf8(`entry ${index}`));
      const check = (by: Uint8Array[], at = index, of = size, root = roots[size]!, entry: Uint8Array = leaf) =>
        verifyInclusion(entry, BigInt(at), BigInt(of), by, root);
      expect(await check(proof), `${index} of ${size}`).toBe(true);
      for (const wrong of tampered(proof)) expect(await check(wrong)).toBe(false);
      expect(await check(proof, index + 1)).toBe(false);
      expect(await check(proof, -1)).toBe(false);
      expect(await check(proof, index, size + 1, roots[size + 1] ?? roots[0]!)).toBe(false);
      expect(await check(proof, index, size, roots[size - 1]!)).toBe(false);
      expect(await check(proof, index, size, roots[size]!, await leafHash(utf8("other")))).toBe(false);
    }
  });
});

describe("consistency", () => {
  it("verifies what the log proves, and nothing near it", async () => {
    for (const { old, size, proof: texts } of vectors.consistency) {
      const proof = texts.map(fromBase64);
      const check = (by: Uint8Array[], before = roots[old]!, after = roots[size]!) =>
        verifyConsistency(BigInt(old), BigInt(size), by, before, after);
      expect(await check(proof), `${old} to ${size}`).toBe(true);
      for (const wrong of tampered(proof)) expect(await check(wrong)).toBe(false);
      expect(await check(proof, roots[old + 1] ?? roots[0]!)).toBe(false);
      if (old > 0) expect(await check(proof, roots[old]!, roots[size - 1]!)).toBe(false);
    }
  });
});

describe("notes", async () => {
  const key = await parseVerifierKey(vectors.key);
  const witness = await parseVerifierKey(vectors.witness);
  it.each(vectors.notes)("$what", async ({ note, reason, witnessed }) => {
    expect(await reasonOf(openCheckpoint(note, key, [witness]))).toBe(reason);
    if (reason !== "") return;
    const checkpoint = await openCheckpoint(note, key, [witness]);
    expect(checkpoint.root).toEqual(roots[Number(checkpoint.size)]);
    expect(checkpoint.witnessed.map(({ key: by, time }) => [by.name, time])).toEqual(
      witnessed ? [[witness.name, 1795000000n]] : []);
  });
  it("any altered character of a note is noticed", async () => {
    const good = vectors.notes[0]!.note;
    for (let at = 0; at < good.length; ++at) {
      const altered = good.slice(0, at) + (good[at] === "A" ? "B" : "A") + good.slice(at + 1);
      expect(await reasonOf(openCheckpoint(altered, key)), `character ${at}`).not.toBe("");
    }
  });
  it("keys are written as they are read, and altered ones are refused", async () => {
    expect(verifierKeyText(key)).toBe(vectors.key);
    for (const bad of ["", "a+b", vectors.key.replace("7c0eb78b", "7c0eb78c"), vectors.key + "A", " +" + vectors.key]) {
      expect(await reasonOf(parseVerifierKey(bad)), bad).toBe("VERIFIER_KEY_INVALID");
    }
  });
});

describe("proof files", async () => {
  const key = await parseVerifierKey(vectors.key);
  it.each(vectors.proofs)("$what", async ({ proof, entry, reason }) => {
    expect(await reasonOf(verifyTlogProof(proof, utf8(entry), key))).toBe(reason);
  });
});
