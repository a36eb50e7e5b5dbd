// Verifies a receipt with the log's verifier key alone: public formats only (C2SP tlog-proof, signed-note; RFC 9162).
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);
const ED25519_DER = Buffer.from('302a300506032b6570032100', 'hex');

// The index (a BigInt) at which `entry` is in the log that `vkey` signs; throws otherwise.
export function verify(entry, proof, vkey) {
  const split = proof.indexOf('\n\n');
  const [version, index, ...hashes] = proof.slice(0, split).split('\n');
  if (version !== 'c2sp.org/tlog-proof@v1' || !index.startsWith('index ')) throw new Error('not a tlog-proof');
  const { size, root } = openCheckpoint(proof.slice(split + 2), vkey);
  const number = BigInt(index.slice('index '.length));
  const computed = rootOf(entry, number, size, hashes.map((line) => Buffer.from(line, 'base64')));
  if (!computed.equals(root)) throw new Error('the entry is not in this tree');
  return number;
}

// Size and root of a checkpoint, once its signature by `vkey` (name+id+key) holds.
export function openCheckpoint(checkpoint, vkey) {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey);
  const key = Buffer.from(encoded, 'base64');
  if (key[0] !== 1) throw new Error('not an Ed25519 verifier key');
  const split = checkpoint.indexOf('\n\n');
  const body = checkpoint.slice(0, split + 1);
  for (const line of checkpoint.slice(split + 2).split('\n')) {
    const [dash, signer, text = ''] = line.split(' ');
    const signature = Buffer.from(text, 'base64');
    if (dash !== '\u2014' || signer !== name || signature.subarray(0, 4).toString('hex') !== id) continue;
    const publicKey = createPublicKey({ key: Buffer.concat([ED25519_DER, key.subarray(1)]), format: 'der', type: 'spki' });
    if (!verifySignature(null, Buffer.from(body), publicKey, signature.subarray(4))) throw new Error('wrong signature');
    const [, size, root] = body.split('\n');
    return { size: BigInt(size), root: Buffer.from(root, 'base64') };
  }
  throw new Error('the checkpoint is not signed by this key');
}

// RFC 9162, 2.1.3.2.
function rootOf(entry, index, size, hashes) {
  let node = index;
  let last = size - 1n;
  let result = sha256(LEAF, entry);
  for (const sibling of hashes) {
    if (last === 0n) throw new Error('the proof is too long');
    if (node & 1n || node === last) {
      result = sha256(NODE, sibling, result);
      while (!(node & 1n) && node) [node, last] = [node >> 1n, last >> 1n];
    } else {
      result = sha256(NODE, result, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  if (last !== 0n) throw new Error('the proof is too short');
  return result;
}
