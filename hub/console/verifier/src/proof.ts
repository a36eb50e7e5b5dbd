// `.tlog-proof` files (C2SP tlog-proof): what a third party needs beside the entry and the log's key.

import { type Bytes, fromBase64 } from "./bytes.js";
import { leafHash, verifyInclusion } from "./merkle.js";
import { type Checkpoint, type VerifierKey, VerifyError, type Vouching, openCheckpoint } from "./note.js";

export interface TlogProof {
  /** What the log adds beside the proof; not covered by it. */
  extra: Bytes | null;
  index: bigint;
  hashes: Bytes[];
  /** The checkpoint as signed. */
  checkpoint: string;
}

/** Throws PROOF_MALFORMED. Verifies nothing. */
export function parseTlogProof(text: string): TlogProof {
  const malformed = () => new VerifyError("PROOF_MALFORMED", "Not a tlog-proof.");
  const split = text.indexOf("\n\n");
  if (split < 0) throw malformed();
  const lines = text.slice(0, split).split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") throw malformed();
  try {
    const extra = lines[0]?.startsWith("extra ") ? fromBase64(lines.shift()!.slice(6)) : null;
    const [, index] = /^index (0|[1-9][0-9]{0,19})$/.exec(lines.shift() ?? "") ?? [];
    const hashes = lines.map(fromBase64);
    if (index === undefined || hashes.length > 63 || hashes.some((hash) => hash.length !== 32)) throw malformed();
    return { extra, index: BigInt(index), hashes, checkpoint: text.slice(split + 2) };
  } catch {
    throw malformed();
  }
}

/**
 * The checkpoint under which `entry` is proved to stand at `index`. Throws what parsing and opening throw, and
 * PROOF_INVALID when the proof does not lead to the signed root.
 */
export async function verifyTlogProof(
  text: string, entry: Uint8Array, key: VerifierKey, witnesses: VerifierKey[] = [],
): Promise<Checkpoint & { index: bigint; witnessed: Vouching[] }> {
  const proof = parseTlogProof(text);
  const checkpoint = await openCheckpoint(proof.checkpoint, key, witnesses);
  const leaf = await leafHash(entry);
  if (!(await verifyInclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root))) {
    throw new VerifyError("PROOF_INVALID", "The proof does not lead from this entry to the signed root.");
  }
  return { ...checkpoint, index: proof.index };
}
