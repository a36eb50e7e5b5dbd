// Signed notes, verifier keys, checkpoints and cosignatures of C2SP (signed-note, tlog-checkpoint, tlog-cosignature).

import { type Bytes, concat, equal, fromBase64, fromBigEndian, fromHex, hex, sha256, utf8 } from "./bytes.js";
import { verifyEd25519 } from "./ed25519.js";

/** Something is not what it must be; `reason` is stable, as everywhere in the hub. */
export class VerifyError extends Error {
  constructor(readonly reason: string, message: string) {
    super(message);
  }
}

/** Type bytes of keys. */
export const kEd25519 = 0x01;
export const kCosignature = 0x04;

export interface VerifierKey {
  name: string;
  type: number;
  publicKey: Bytes;
  /** First four bytes of SHA-256(name || 0x0A || type || public key). */
  id: Bytes;
}

const keyName = /^[^\s+\p{Z}\p{C}]+$/u;

export async function keyId(name: string, type: number, publicKey: Uint8Array): Promise<Bytes> {
  return (await sha256(concat(utf8(name), Uint8Array.of(0x0a, type), publicKey))).slice(0, 4);
}

/** `name+hash+base64`; throws VERIFIER_KEY_INVALID. */
export async function parseVerifierKey(text: string): Promise<VerifierKey> {
  const invalid = () => new VerifyError("VERIFIER_KEY_INVALID", "Not a verifier key: name+hash+key.");
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? [];
  if (name === undefined || id === undefined || encoded === undefined || !keyName.test(name)) throw invalid();
  let bytes: Bytes;
  try {
    bytes = fromBase64(encoded);
  } catch {
    throw invalid();
  }
  const type = bytes[0];
  const publicKey = bytes.slice(1);
  if ((type !== kEd25519 && type !== kCosignature) || publicKey.length !== 32) throw invalid();
  const key: VerifierKey = { name, type, publicKey, id: fromHex(id) };
  if (!equal(await keyId(name, type, publicKey), key.id)) throw invalid();
  return key;
}

export interface SignatureLine {
  name: string;
  id: Bytes;
  /** Without the key id. */
  signature: Bytes;
}

export interface Note {
  /** Ends in a line break; what signatures are over. */
  text: string;
  signatures: SignatureLine[];
}

/** Splits a note at its last empty line; throws NOTE_MALFORMED. Verifies nothing. */
export function parseNote(note: string): Note {
  const malformed = () => new VerifyError("NOTE_MALFORMED", "Not a signed note.");
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n") || /[\x00-\x09\x0b-\x1f\x7f\ufffd]/.test(note)) throw malformed();
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > 100) throw malformed();
  const signatures = lines.map((line) => {
    const [, name, encoded] = /^\u2014 (\S+) (\S+)$/u.exec(line) ?? [];
    if (name === undefined || encoded === undefined || !keyName.test(name)) throw malformed();
    let blob: Bytes;
    try {
      blob = fromBase64(encoded);
    } catch {
      throw malformed();
    }
    if (blob.length < 5) throw malformed();
    return { name, id: blob.slice(0, 4), signature: blob.slice(4) };
  });
  return { text: note.slice(0, split + 1), signatures };
}

/** What one signature line proves of a note. */
export interface Vouching {
  key: VerifierKey;
  /** POSIX seconds at which a witness had seen this as the largest consistent tree; null for the log's own key. */
  time: bigint | null;
}

async function vouching(note: Note, line: SignatureLine, key: VerifierKey): Promise<Vouching> {
  const failed = () => new VerifyError("NOTE_SIGNATURE", `The signature of ${key.name} does not verify.`);
  if (key.type === kEd25519) {
    if (!(await verifyEd25519(key.publicKey, utf8(note.text), line.signature))) throw failed();
    return { key, time: null };
  }
  if (line.signature.length !== 72) throw failed();
  const time = fromBigEndian(line.signature.slice(0, 8));
  const message = utf8(`cosignature/v1\ntime ${time}\n${note.text}`);
  if (!(await verifyEd25519(key.publicKey, message, line.signature.slice(8)))) throw failed();
  return { key, time };
}

/**
 * The text of `note` and who of `keys` vouches for it. Lines of unknown keys are ignored; a line of a known key that
 * does not verify refuses the note, as does a note nobody known signed (NOTE_SIGNATURE).
 */
export async function openNote(note: string, keys: VerifierKey[]): Promise<{ text: string; by: Vouching[] }> {
  const parsed = parseNote(note);
  const by: Vouching[] = [];
  for (const line of parsed.signatures) {
    const key = keys.find((known) => known.name === line.name && equal(known.id, line.id));
    if (key !== undefined) by.push(await vouching(parsed, line, key));
  }
  if (by.length === 0) throw new VerifyError("NOTE_SIGNATURE", "No known key signed the note.");
  return { text: parsed.text, by };
}

export interface Checkpoint {
  origin: string;
  size: bigint;
  root: Bytes;
}

/** Throws CHECKPOINT_MALFORMED unless the text is origin, decimal size, base64 root; further lines are ignored. */
export function parseCheckpoint(text: string): Checkpoint {
  const malformed = () => new VerifyError("CHECKPOINT_MALFORMED", "Not a checkpoint.");
  const [, origin, size, root] = /^([^\n]+)\n(0|[1-9][0-9]{0,19})\n([A-Za-z0-9+/]{43}=)\n([^\n]+\n)*$/.exec(text) ?? [];
  if (origin === undefined || size === undefined || root === undefined) throw malformed();
  try {
    const checkpoint = { origin, size: BigInt(size), root: fromBase64(root) };
    if (checkpoint.size < 2n ** 64n) return checkpoint;
  } catch {
    // Falls through to the refusal.
  }
  throw malformed();
}

/**
 * Opens a checkpoint signed by the log's `key`; `witnesses` are keys of type 0x04 whose cosignatures are told.
 * Throws NOTE_SIGNATURE when the log's own signature is not among them, CHECKPOINT_ORIGIN for another log's.
 */
export async function openCheckpoint(
  note: string, key: VerifierKey, witnesses: VerifierKey[] = [],
): Promise<Checkpoint & { witnessed: Vouching[] }> {
  const { text, by } = await openNote(note, [key, ...witnesses]);
  if (!by.some((one) => one.key === key)) throw new VerifyError("NOTE_SIGNATURE", "The log's key did not sign.");
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== key.name) throw new VerifyError("CHECKPOINT_ORIGIN", "The checkpoint is of another log.");
  return { ...checkpoint, witnessed: by.filter((one) => one.time !== null) };
}

/** For tests and tools: the text form of a key. */
export function verifierKeyText(key: VerifierKey): string {
  return `${key.name}+${hex(key.id)}+${btoa(String.fromCharCode(key.type, ...key.publicKey))}`;
}
