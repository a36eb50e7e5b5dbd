// Ed25519 verification (RFC 8032 5.1.7): by WebCrypto where it knows the algorithm, else by the arithmetic below.
//
// Intranet browsers of the Chromium 87 kind have SHA-512 but no Ed25519. Verification handles public values only, so
// BigInt arithmetic that is not constant-time gives nothing away. Never use it to sign.

import { type Bytes, concat, equal } from "./bytes.js";

const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

function mod(a: bigint): bigint {
  const rest = a % p;
  return rest < 0n ? rest + p : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = mod(base); exponent > 0n; exponent >>= 1n, square = mod(square * square)) {
    if ((exponent & 1n) === 1n) result = mod(result * square);
  }
  return result;
}

const d = mod(-121665n * power(121666n, p - 2n));
const rootOfMinusOne = power(2n, (p - 1n) / 4n);

/** Extended coordinates: x = X/Z, y = Y/Z, xy = T/Z. */
type Point = readonly [X: bigint, Y: bigint, Z: bigint, T: bigint];
const neutral: Point = [0n, 1n, 1n, 0n];

function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * t2 * d);
  const e = mod(2n * z1 * z2);
  const [f, g, h, i] = [b - a, e - c, e + c, b + a];
  return [mod(f * g), mod(h * i), mod(g * h), mod(f * i)];
}

function multiply(scalar: bigint, point: Point): Point {
  let result = neutral;
  for (let doubled = point; scalar > 0n; scalar >>= 1n, doubled = add(doubled, doubled)) {
    if ((scalar & 1n) === 1n) result = add(result, doubled);
  }
  return result;
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** RFC 8032 5.1.3; null for bytes that are no point. */
function decode(bytes: Uint8Array): Point | null {
  const number = littleEndian(bytes);
  const sign = number >> 255n;
  const y = number & (2n ** 255n - 1n);
  if (y >= p) return null;
  const u = mod(y * y - 1n);
  const v = mod(d * y * y + 1n);
  let x = mod(u * v ** 3n * power(u * v ** 7n, (p - 5n) / 8n));
  if (mod(v * x * x) === mod(-u)) x = mod(x * rootOfMinusOne);
  if (mod(v * x * x) !== u || (x === 0n && sign === 1n)) return null;
  if ((x & 1n) !== sign) x = p - x;
  return [x, y, 1n, mod(x * y)];
}

function encode([x, y, z]: Point): Bytes {
  const inverse = power(z, p - 2n);
  let number = mod(y * inverse) | ((mod(x * inverse) & 1n) << 255n);
  const bytes = new Uint8Array(32);
  for (let at = 0; at < 32; ++at, number >>= 8n) bytes[at] = Number(number & 0xffn);
  return bytes;
}

const base = decode(Uint8Array.from([0x58, ...new Array<number>(31).fill(0x66)]))!;

/** The arithmetic itself; needs SHA-512 of WebCrypto only. */
export async function verifyByArithmetic(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  const a = decode(key);
  const r = signature.slice(0, 32);
  const s = littleEndian(signature.slice(32));
  if (a === null || s >= order) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", concat(r, key, message)));
  const k = littleEndian(digest) % order;
  const minusA: Point = [mod(-a[0]), a[1], a[2], mod(-a[3])];
  return equal(encode(add(multiply(s, base), multiply(k, minusA))), r);
}

/** Whether `signature` (64 bytes) is of `message` by the holder of `key` (32 bytes). */
export async function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  let imported: CryptoKey;
  try {
    imported = await crypto.subtle.importKey("raw", Uint8Array.from(key), "Ed25519", false, ["verify"]);
  } catch {
    return verifyByArithmetic(key, message, signature);
  }
  return crypto.subtle.verify("Ed25519", imported, Uint8Array.from(signature), Uint8Array.from(message));
}
