export { type Bytes, base64, fromBase64, fromHex, hex } from "./bytes.js";
export { verifyByArithmetic, verifyEd25519 } from "./ed25519.js";
export { emptyRoot, leafHash, nodeHash, verifyConsistency, verifyInclusion } from "./merkle.js";
export {
  type Checkpoint, type Note, type SignatureLine, type VerifierKey, VerifyError, type Vouching, openCheckpoint, openNote,
  parseCheckpoint, parseNote, parseVerifierKey, verifierKeyText,
} from "./note.js";
export { type TlogProof, parseTlogProof, verifyTlogProof } from "./proof.js";
