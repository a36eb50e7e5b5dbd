// The Merkle tree of RFC 6962 with SHA-256: verification of inclusion and consistency by RFC 9162 2.1.3.2 and 2.1.4.2.
// Sizes and indexes are bigint: a log may outgrow what a number holds exactly.

import { type Bytes, concat, equal, sha256 } from "./bytes.js";

/** SHA-256(0x00 || entry). */
export function leafHash(entry: Uint8Array): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(0), entry));
}

/** SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(1), left, right));
}

/** The root of the empty tree. */
export function emptyRoot(): Promise<Bytes> {
  return sha256(new Uint8Array());
}

function wellFormed(hashes: Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === 32);
}

/** Whether `leaf` is entry `index` of the tree of `size` entries that has `root`. */
export async function verifyInclusion(
  leaf: Uint8Array, index: bigint, size: bigint, proof: Uint8Array[], root: Uint8Array,
): Promise<boolean> {
  if (index < 0n || index >= size || !wellFormed([leaf, root, ...proof])) return false;
  let fn = index;
  let sn = size - 1n;
  let hash = leaf;
  for (const step of proof) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      hash = await nodeHash(step, hash);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      hash = await nodeHash(hash, step);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equal(hash, root);
}

/** Whether the tree of `oldSize` entries with `oldRoot` is the beginning of the tree of `size` entries with `root`. */
export async function verifyConsistency(
  oldSize: bigint, size: bigint, proof: Uint8Array[], oldRoot: Uint8Array, root: Uint8Array,
): Promise<boolean> {
  if (oldSize < 0n || oldSize > size || !wellFormed([oldRoot, root, ...proof])) return false;
  if (oldSize === 0n) return proof.length === 0 && equal(oldRoot, await emptyRoot());
  if (oldSize === size) return proof.length === 0 && equal(oldRoot, root);
  if (proof.length === 0) return false;
  const isPower = (oldSize & (oldSize - 1n)) === 0n;
  const path = isPower ? [oldRoot, ...proof] : proof;
  let fn = oldSize - 1n;
  let sn = size - 1n;
  while ((fn & 1n) === 1n) {
    fn >>= 1n;
    sn >>= 1n;
  }
  let fr = path[0]!;
  let sr = path[0]!;
  for (const step of path.slice(1)) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      fr = await nodeHash(step, fr);
      sr = await nodeHash(step, sr);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      sr = await nodeHash(sr, step);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equal(fr, oldRoot) && equal(sr, root);
}
