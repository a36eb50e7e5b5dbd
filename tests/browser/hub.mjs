// A demonstration hub of its own for each suite: free ports, a temporary directory, the sample catalogue and the story.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHmac } from "node:crypto";

export const root = process.env.ZHANQIAO_ROOT ?? new URL("../..", import.meta.url).pathname;
export const programs = process.env.ZHANQIAO_PROGRAMS ?? join(root, "build/release/bin");
export const data = process.env.ZHANQIAO_DATA ?? join(root, "deploy/demo/data");
export const output = process.env.ZHANQIAO_OUTPUT ?? join(root, "build/release/browser");

export class Hub {
  static async start({ story = true, sample = false } = {}) {
    const hub = new Hub();
    hub.directory = mkdtempSync(join(tmpdir(), "zhanqiao-browser-"));
    hub.processes = [];
    try {
      hub.demo("prepare", "--hub-port", "0", "--metrics-port", "0");
      if (sample) hub.zq("sample", "load", "--year", "2018", "--config", join(hub.directory, "hub.toml"), "--data", join(root, "deploy/demo/data"));
      hub.run("zhanqiao-hub", "hub.toml");
      await hub.until(() => existsSync(join(hub.directory, "ports.json")), "the hub's port file");
      hub.demo("connect");
      hub.url = `https://${JSON.parse(readFileSync(join(hub.directory, "ports.json"), "utf8")).hub}`;
      hub.demo("load");
      for (const connector of ["fgw-main", "gaj-main", "zfbgt-main"]) hub.run("zhanqiao-connector", `${connector}.toml`);
      if (story) hub.demo("story");
    } catch (error) {
      const log = join(hub.directory, "log/hub.toml.log");
      const told = existsSync(log) ? readFileSync(log, "utf8").slice(-2000) : "";
      await hub.stop();
      throw new Error(`${error.message}\n${told}`);
    }
    return hub;
  }

  demo(step, ...more) {
    return this.zq("demo", step, "--dir", this.directory, "--data", data, "--programs", programs, ...more);
  }
  zq(...words) {
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("ZQ_")));
    const run = spawnSync(join(programs, "zq"), words, { encoding: "utf8", env: environment, maxBuffer: 64 << 20 });
    if (run.status !== 0) throw new Error(`zq ${words.join(" ")} ended with ${run.status}\n${run.stdout.slice(-2000)}\n${run.stderr.slice(-4000)}`);
    return run.stdout;
  }
  as(player, ...words) {
    return this.zq("--hub", this.url.slice(8), "--ca", join(this.directory, "ca.crt"), "--cert", join(this.directory, `ids/${player}.crt`), "--key", join(this.directory, `ids/${player}.key`), ...words);
  }
  run(program, config) {
    const log = openSync(join(this.directory, `log/${config}.log`), "a");
    this.processes.push(spawn(join(programs, program), ["--config", join(this.directory, config)], { stdio: ["ignore", log, log] }));
  }
  password(player) {
    return readFileSync(join(this.directory, `ids/${player}.password`), "utf8").trim();
  }
  async until(ready, what) {
    for (let tries = 0; !ready(); ++tries) {
      if (tries > 600 || this.processes.some((one) => one.exitCode !== null)) throw new Error(`waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  async stop() {
    for (const one of [...this.processes].reverse()) {
      if (one.exitCode !== null) continue;
      one.kill("SIGTERM");
      await new Promise((resolve) => one.once("exit", resolve));
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Accounts of the demonstration. */
export const accounts = {
  office: "370200-DZZWXZB/office", security: "370200-DZZWXZB/security", operator: "370200-DZZWXZB/operator", auditor: "370200-SJJ/auditor",
  "zwfwb-clerk": "370200-ZWFWB/clerk", "gaj-clerk": "370200-GAJ/clerk", "gaj-approver": "370200-GAJ/approver",
  "fgw-clerk": "370200-FGW/clerk", "fgw-approver": "370200-FGW/approver",
};

/** The code of RFC 6238 for a base32 secret at `time` (ms). */
export function totp(secret, time = Date.now()) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const letter of secret.replace(/=+$/, "")) bits += alphabet.indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / 30_000)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
