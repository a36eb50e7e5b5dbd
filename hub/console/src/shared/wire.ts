// Reads a ledger entry from its bytes by the tables of the contract: what is shown as proved is what was hashed.
import { base64 } from "../../verifier/src/index";
import { enumerations, messages } from "../../generated/wire";

export type Decoded = { [field: string]: unknown };

class Reader {
  private at = 0;
  constructor(private readonly bytes: Uint8Array) {}
  get done() {
    return this.at >= this.bytes.length;
  }
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Error("not a number");
  }
  take(size: number): Uint8Array {
    if (this.at + size > this.bytes.length) throw new Error("too short");
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
}

function value(kind: string, type: string, wire: number, reader: Reader): unknown {
  if (wire === 0) {
    const number = reader.varint();
    if (kind === "bool") return number !== 0n;
    if (kind === "enum") return enumerations[type]?.[Number(number)] ?? String(number);
    if (kind === "int") return Number(BigInt.asIntN(64, number));
    if (kind === "zigzag") return String(number & 1n ? -((number + 1n) >> 1n) : number >> 1n);
    return String(number);
  }
  if (wire === 1) {
    const part = reader.take(8);
    const view = new DataView(part.buffer, part.byteOffset, 8);
    return kind === "double" ? view.getFloat64(0, true) : String(view.getBigUint64(0, true));
  }
  if (wire !== 2) throw new Error("a form the ledger does not use");
  const part = reader.take(Number(reader.varint()));
  if (kind === "string") return new TextDecoder("utf-8", { fatal: true }).decode(part);
  if (kind === "message") return decodeMessage(type, part);
  return base64(part);
}

export function decodeMessage(type: string, bytes: Uint8Array): Decoded {
  const fields = messages[type];
  if (fields === undefined) throw new Error(`no message ${type}`);
  const reader = new Reader(bytes);
  const decoded: Decoded = {};
  while (!reader.done) {
    const tag = Number(reader.varint());
    const field = fields[tag >>> 3];
    if (field === undefined) throw new Error(`field ${tag >>> 3} of ${type} is unknown to this page`);
    const [name, kind, of, repeated] = field;
    if (repeated && (tag & 7) === 2 && !["string", "bytes", "message"].includes(kind)) {
      const packed = new Reader(reader.take(Number(reader.varint())));
      const list = (decoded[name] ??= []) as unknown[];
      while (!packed.done) list.push(value(kind, of, kind === "fixed64" || kind === "double" ? 1 : 0, packed));
    } else if (repeated) {
      ((decoded[name] ??= []) as unknown[]).push(value(kind, of, tag & 7, reader));
    } else {
      decoded[name] = value(kind, of, tag & 7, reader);
    }
  }
  return decoded;
}

export const decodeEntry = (bytes: Uint8Array) => decodeMessage("LedgerEntry", bytes);

const envelope = new Set(["time_us", "version", "actor", "trace", "sequence"]);
/** Which event an entry is of: "exchange", "denial", … */
export function eventOf(entry: Decoded): string {
  return Object.keys(entry).find((name) => !envelope.has(name)) ?? "";
}
