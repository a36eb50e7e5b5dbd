// RFC 8032 7.1, by WebCrypto and by the arithmetic for browsers whose WebCrypto does not know Ed25519.
import { describe, expect, it, vi } from "vitest";
import { fromHex, verifyByArithmetic, verifyEd25519 } from "../src/index.js";

const vectors = [
  {
    key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", message: "",
    signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", message: "72",
    signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    key: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", message: "af82",
    signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
].map(({ key, message, signature }) => ({ key: fromHex(key), message: fromHex(message), signature: fromHex(signature) }));

const order = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The same signature with S + L, which only a careless verifier accepts. */
function malleable(signature: Uint8Array): Uint8Array {
  let s = signature.slice(32).reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n) + order;
  const changed = signature.slice();
  for (let at = 32; at < 64; ++at, s >>= 8n) changed[at] = Number(s & 0xffn);
  return changed;
}

describe.each([["WebCrypto", verifyEd25519], ["arithmetic", verifyByArithmetic]])("Ed25519 by %s", (_, verify) => {
  it("accepts the published signatures", async () => {
    for (const { key, message, signature } of vectors) expect(await verify(key, message, signature)).toBe(true);
  });
  it("refuses every altered byte of key, message and signature", async () => {
    const { key, message, signature } = vectors[2]!;
    const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    for (let at = 0; at < 32; at += 3) expect(await verify(flip(key, at), message, signature), `key ${at}`).toBe(false);
    for (let at = 0; at < 2; ++at) expect(await verify(key, flip(message, at), signature)).toBe(false);
    for (let at = 0; at < 64; at += 3) expect(await verify(key, message, flip(signature, at)), `byte ${at}`).toBe(false);
  });
  it("refuses other lengths, a scalar beyond the order, and what is no point", async () => {
    const { key, message, signature } = vectors[0]!;
    expect(await verify(key.slice(1), message, signature)).toBe(false);
    expect(await verify(key, message, signature.slice(1))).toBe(false);
    expect(await verify(key, message, malleable(signature))).toBe(false);
    expect(await verify(new Uint8Array(32).fill(0xff), message, signature)).toBe(false);
  });
});

it("an old browser's WebCrypto is not asked for what it does not know", async () => {
  const refuse = vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(new Error("NotSupportedError"));
  const { key, message, signature } = vectors[1]!;
  expect(await verifyEd25519(key, message, signature)).toBe(true);
  expect(await verifyEd25519(key, fromHex("73"), signature)).toBe(false);
  expect(refuse).toHaveBeenCalledTimes(2);
  refuse.mockRestore();
});
