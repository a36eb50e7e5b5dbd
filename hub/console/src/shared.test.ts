import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { toCsv } from "./shared/csv";
import { HubError } from "./shared/errors";
import { decodeEntry, eventOf } from "./shared/wire";
import { crc32, zip } from "./console/zip";

describe("CSV for spreadsheets", () => {
  it("takes the sting out of formulas and leaves numbers alone", () => {
    expect(toCsv([["=1+1", "+x", "@y", "-5", "-a", "a,b", 'say "x"']])).toBe(`'=1+1,'+x,'@y,-5,'-a,"a,b","say ""x"""\r\n`);
  });
});

describe("a refusal", () => {
  const body = { code: "invalid_argument", message: "The request is malformed.", details: [
    { type: "google.rpc.ErrorInfo", debug: { reason: "FIELD_INVALID", metadata: { ledger_index: "42" } } },
    { type: "google.rpc.BadRequest", debug: { fieldViolations: [{ field: "resource.abstract", reason: "TEXT_REQUIRED", description: "Required." }] } } ] };
  it("keeps reason, ledger index and wrong fields", () => {
    const error = HubError.fromJson(body);
    expect([error.reason, error.ledgerIndex, error.fields]).toEqual(["FIELD_INVALID", "42", [{ field: "resource.abstract", reason: "TEXT_REQUIRED", description: "Required." }]]);
  });
  it("has a reason even when the answer has none", () => expect(HubError.fromJson(null).reason).toBe("UNKNOWN"));
});

describe("a ledger entry", () => {
  // LedgerEntry { time_us: 1, version: 1, actor: "hub", genesis { origin: "o" }, sequence: 3 }
  const bytes = Uint8Array.from([0x09, 1, 0, 0, 0, 0, 0, 0, 0, 0x10, 1, 0x1a, 3, 0x68, 0x75, 0x62, 0x52, 3, 0x0a, 1, 0x6f, 0xa0, 0x06, 3]);
  it("is read from its bytes", () => {
    const entry = decodeEntry(bytes);
    expect(entry).toEqual({ time_us: "1", version: 1, actor: "hub", genesis: { origin: "o" }, sequence: "3" });
    expect(eventOf(entry)).toBe("genesis");
  });
  it("is refused when something in it is unknown or cut off", () => {
    expect(() => decodeEntry(bytes.slice(0, -2))).toThrow();
    expect(() => decodeEntry(Uint8Array.from([0xfa, 0x7f, 1]))).toThrow();
  });
});

describe("an evidence bundle", () => {
  it("has the checksum every unpacker computes", () => expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926));
  it("is the same bytes for the same files", async () => {
    const made = async () => new Uint8Array(await zip([{ path: "说明.txt", content: "甲" }, { path: "a/b", content: new Uint8Array(300) }]).arrayBuffer());
    expect(await made()).toEqual(await made());
    expect((await made()).slice(0, 4)).toEqual(Uint8Array.of(0x50, 0x4b, 3, 4));
  });
});

describe("reasons", () => {
  it("are Chinese, and every one the pages name has one", () => {
    const text = readFileSync(new URL("./shared/reasons.ts", import.meta.url), "utf8");
    for (const [, reason, sentence] of text.matchAll(/^ {2}([A-Z0-9_]+): "(.*)",$/gm)) expect(sentence, reason).toMatch(/[\u4e00-\u9fff]/);
  });
});
