// Verification on this machine: proofs and signatures are checked by the code of the verifier, what was seen before is kept in
// this browser, and nothing the hub says of itself counts as proof.
import type { GetCheckpointResponse, StoredEntry } from "@contract";
import { call } from "../shared/api";
import { HubError } from "../shared/errors";
import { say } from "../shared/language";
import { decodeEntry, type Decoded } from "../shared/wire";
import { base64, type Checkpoint, fromBase64, leafHash, openCheckpoint, parseVerifierKey, type VerifierKey, VerifyError, verifyConsistency, verifyInclusion, type Vouching } from "../../verifier/src/index";

/** What this browser keeps of the log: whom it trusts and what it saw last. */
export interface Kept {
  vkey: string;
  checkpoint: string;
  size: string;
  root: string;
  seen: string; // ISO time
}
const place = "zhanqiao.log";

export function kept(): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(place) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}
export function keep(value: Kept) {
  localStorage.setItem(place, JSON.stringify(value));
}
export function forget() {
  localStorage.removeItem(place);
}

/** Replaces the key this browser trusts by one that came another way; throws VerifyError. */
export async function trust(vkey: string) {
  await parseVerifierKey(vkey);
  const before = kept();
  if (before) keep({ ...before, vkey: vkey.trim() });
  else localStorage.setItem(place, JSON.stringify({ vkey: vkey.trim(), checkpoint: "", size: "0", root: "", seen: "" }));
}

export interface Step {
  ok: boolean;
  title: string;
  detail: string;
}

export interface Seen {
  checkpoint: Checkpoint & { witnessed: Vouching[] };
  note: string;
  key: VerifierKey;
  firstVisit: boolean;
  steps: Step[];
  answer: GetCheckpointResponse;
}

const proofText = (error: unknown) => (error instanceof VerifyError || error instanceof HubError ? error.reason : String(error));

/**
 * Opens the newest checkpoint with the key this browser trusts and proves that what was seen before is its beginning. Keeps it.
 * Throws VerifyError or HubError.
 */
export async function lookAtLog(sizeMin = 0n): Promise<Seen> {
  const before = kept();
  const answer = await call("LedgerService", "GetCheckpoint", { size_min: String(sizeMin) });
  const note = answer.checkpoint ?? "";
  const firstVisit = before === null;
  const vkey = before?.vkey ?? answer.verifier_key ?? "";
  const key = await parseVerifierKey(vkey);
  const steps: Step[] = [];
  const witnesses = await Promise.all((answer.witnesses ?? []).map((one) => parseVerifierKey(one.verifier_key ?? "").catch(() => null)));
  const checkpoint = await openCheckpoint(note, key, witnesses.filter((one): one is VerifierKey => one !== null));
  steps.push({
    ok: true, title: say("检查点的签名有效", "The checkpoint is signed"),
    detail: say(`用${firstVisit ? "首次取得并从此保存" : "本浏览器保存"}的公钥 ${vkey.split("+").slice(0, 2).join("+")} 验证 Ed25519 签名通过：账本共 ${checkpoint.size} 条，根散列 ${base64(checkpoint.root).slice(0, 16)}…`,
      `Ed25519 by the key ${vkey.split("+").slice(0, 2).join("+")} ${firstVisit ? "seen for the first time and kept from now on" : "kept in this browser"}: ${checkpoint.size} entries, root ${base64(checkpoint.root).slice(0, 16)}…`),
  });
  if (before && before.checkpoint) {
    const oldSize = BigInt(before.size);
    if (checkpoint.size < oldSize) throw new VerifyError("LOG_SHRANK", "The log is shorter than what was seen before.");
    let hashes: Uint8Array[] = [];
    if (oldSize > 0n && oldSize < checkpoint.size) {
      const proof = await call("LedgerService", "GetConsistencyProof", { old_size: before.size, new_size: String(checkpoint.size) });
      hashes = (proof.hashes ?? []).map(fromBase64);
    }
    if (!(await verifyConsistency(oldSize, checkpoint.size, hashes, fromBase64(before.root), checkpoint.root))) {
      throw new VerifyError("CONSISTENCY_BROKEN", "What was seen before is not the beginning of this log.");
    }
    steps.push({
      ok: true, title: say("与您上次所见一致", "Consistent with your last visit"),
      detail: say(`您上次看到的前 ${before.size} 条原样仍在（一致性证明含 ${hashes.length} 个散列，逐级算到已签名的根）。其间没有删改。`,
        `The first ${before.size} entries you saw are still there unchanged (${hashes.length} hashes lead to the signed root).`),
    });
  }
  keep({ vkey, checkpoint: note, size: String(checkpoint.size), root: base64(checkpoint.root), seen: new Date().toISOString() });
  return { checkpoint, note, key, firstVisit, steps, answer };
}

export interface Verified {
  ok: boolean;
  steps: Step[];
  decoded: Decoded | null;
  leaf: string;
  size: string;
}

/** Proves one entry: its bytes hash to a leaf, the leaf lies under the signed root, and what is shown was read from the bytes. */
export async function verifyEntry(stored: StoredEntry, seen?: Seen): Promise<Verified> {
  const index = BigInt(stored.index ?? "0");
  const steps: Step[] = [];
  let decoded: Decoded | null = null;
  let leaf = "";
  let size = "";
  try {
    const bytes = fromBase64(stored.entry ?? "");
    const hash = await leafHash(bytes);
    leaf = base64(hash);
    decoded = decodeEntry(bytes);
    steps.push({ ok: true, title: say("内容取自存证原文", "Read from the entry itself"), detail: say(`页面所示由本浏览器从 ${bytes.length} 字节原文解出；SHA-256 叶散列 ${leaf.slice(0, 16)}…`, `Decoded here from its ${bytes.length} bytes; SHA-256 leaf ${leaf.slice(0, 16)}…`) });
    const log = seen && seen.checkpoint.size > index ? seen : await lookAtLog(index + 1n);
    size = String(log.checkpoint.size);
    const proof = await call("LedgerService", "GetInclusionProof", { index: String(index), tree_size: size });
    const hashes = (proof.hashes ?? []).map(fromBase64);
    if (!(await verifyInclusion(hash, index, log.checkpoint.size, hashes, log.checkpoint.root))) throw new VerifyError("PROOF_INVALID", "The proof does not lead to the signed root.");
    steps.push({ ok: true, title: say("确在账本之中", "It is in the log"), detail: say(`从这条的叶散列出发，经 ${hashes.length} 个兄弟散列，算出的正是 ${size} 条账本的根。改动任何一个字节都对不上。`, `From its leaf over ${hashes.length} sibling hashes the root of the ${size} entries comes out; one altered byte would not.`) });
    steps.push(...log.steps);
    return { ok: true, steps, decoded, leaf, size };
  } catch (error) {
    steps.push({ ok: false, title: say("验证不成立", "Not proved"), detail: proofText(error) });
    return { ok: false, steps, decoded, leaf, size };
  }
}
