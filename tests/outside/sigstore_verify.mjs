// The inclusion proofs of the shared vectors, as @sigstore/verify sees them.
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { verifyMerkleInclusion } = createRequire(import.meta.url)("@sigstore/verify/dist/tlog/merkle.js");
const vectors = JSON.parse(readFileSync(process.argv[2], "utf8"));

function verify({ index, size, proof }, root, entry) {
  verifyMerkleInclusion(
    { canonicalizedBody: Buffer.from(entry), inclusionProof: { logIndex: String(index), treeSize: String(size),
      hashes: proof.map((hash) => Buffer.from(hash, "base64")) } },
    { logSize: BigInt(size), logHash: Buffer.from(root, "base64") });
}

for (const one of vectors.inclusion) {
  const entry = `entry ${one.index}`;
  verify(one, vectors.roots[one.size], entry);
  assert.throws(() => verify(one, vectors.roots[one.size - 1], entry));
  assert.throws(() => verify(one, vectors.roots[one.size], "another entry"));
  assert.throws(() => verify({ ...one, proof: [...one.proof, vectors.roots[0]] }, vectors.roots[one.size], entry));
}
console.log(`@sigstore/verify: ${vectors.inclusion.length} inclusion proofs`);
