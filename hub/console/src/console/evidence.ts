// An evidence bundle: entries, their proofs and the log's key, for somebody who has neither this page nor the hub. Every file is
// of a public format (C2SP tlog-proof, signed-note), README.txt says how to check it.
import { call } from "../shared/api";
import { decodeEntry } from "../shared/wire";
import { lookAtLog } from "./ledger";
import { zip, type ZipFile } from "./zip";

const readme = (question: string, count: number, vkey: string) => `存证证据包 / Evidence bundle

问题 Question: ${question || "（全部 all）"}
条数 Entries: ${count}

entries/N.bin         存证原文（被散列的字节）/ the entry exactly as hashed
entries/N.json        由浏览器从原文解出，供人阅读 / read from those bytes, for people
entries/N.tlog-proof  C2SP tlog-proof：从 SHA-256(0x00 || N.bin) 到已签名的根 / from the leaf to the signed root
log.vkey              账本公钥；请与另外途径取得的核对 / the log's key: compare it with one that came another way
                      ${vkey}

验证 To verify: leaf = SHA-256(0x00 || N.bin); RFC 9162 2.1.3.2 with the hashes of N.tlog-proof gives the root in its
checkpoint; its Ed25519 signature verifies with log.vkey. 或用任何支持 C2SP tlog-proof 的工具 / or any tool that knows C2SP tlog-proof.
`;

export async function evidence(entries: { index: string; entry: Uint8Array }[], question: string): Promise<Blob> {
  const highest = entries.reduce((most, one) => (BigInt(one.index) > most ? BigInt(one.index) : most), 0n);
  const seen = await lookAtLog(highest + 1n);
  const size = String(seen.checkpoint.size);
  const vkey = seen.answer.verifier_key ?? "";
  const files: ZipFile[] = [{ path: "README.txt", content: readme(question, entries.length, vkey) }, { path: "log.vkey", content: `${vkey}\n` }, { path: "checkpoint", content: seen.note }];
  for (const { index, entry } of entries) {
    const proof = await call("LedgerService", "GetInclusionProof", { index, tree_size: size });
    files.push({ path: `entries/${index}.bin`, content: entry });
    files.push({ path: `entries/${index}.json`, content: JSON.stringify(decodeEntry(entry), null, 2) });
    files.push({ path: `entries/${index}.tlog-proof`, content: ["c2sp.org/tlog-proof@v1", `index ${index}`, ...(proof.hashes ?? []), "", seen.note].join("\n") });
  }
  return zip(files);
}
