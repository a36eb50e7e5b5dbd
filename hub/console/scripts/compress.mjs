// Writes a.js.gz and a.js.br beside every text file of the build: the hub picks by Accept-Encoding and compresses nothing itself.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const out = process.env.CONSOLE_OUT;
if (!out) throw new Error("CONSOLE_OUT names the directory of the build");
for (const name of readdirSync(out, { recursive: true })) {
  const path = join(out, name);
  if (!statSync(path).isFile() || !/\.(html|js|css|svg|json|webmanifest)$/.test(path)) continue;
  const body = readFileSync(path);
  if (body.length < 512) continue;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(body, { params }));
}
