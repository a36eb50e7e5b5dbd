// Calls to the hub: the Connect protocol's unary JSON, and streams called whole. The session comes as a cookie scripts cannot
// read; the header zhanqiao-csrf is what another site cannot send.
import type { Services, Streams } from "@contract";
import { HubError } from "./errors";

type Request<S extends keyof Services, M extends keyof Services[S]> = Services[S][M] extends [infer Req, unknown] ? Req : never;
type Response<S extends keyof Services, M extends keyof Services[S]> = Services[S][M] extends [unknown, infer Res] ? Res : never;
type StreamRequest<S extends keyof Streams, M extends keyof Streams[S]> = Streams[S][M] extends [infer Req, unknown] ? Req : never;
type StreamResponse<S extends keyof Streams, M extends keyof Streams[S]> = Streams[S][M] extends [unknown, infer Res] ? Res : never;

const timeoutMs = 30_000;
let onSessionOver: () => void = () => {};
/** Told when an answer says that nobody is signed in (any more). */
export function whenSessionIsOver(tell: () => void) {
  onSessionOver = tell;
}

async function post(path: string, type: string, body: BodyInit, signal?: AbortSignal): Promise<globalThis.Response> {
  try {
    return await fetch(path, {
      method: "POST",
      headers: { "content-type": type, "zhanqiao-csrf": "1", "connect-timeout-ms": String(timeoutMs) },
      body,
      credentials: "same-origin",
      signal: signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new HubError("unavailable", "HUB_UNREACHABLE", "The hub does not answer; check the network and try again.");
  }
}

function refused(body: unknown): HubError {
  const error = HubError.fromJson(body);
  if (error.reason === "SESSION_UNKNOWN" || error.reason === "CALLER_UNIDENTIFIED") onSessionOver();
  return error;
}

async function jsonOf(response: globalThis.Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new HubError("unknown", "ANSWER_UNREADABLE", `The hub answered HTTP ${response.status} without a readable body.`);
  }
}

/** `await call("CatalogService", "GetResource", { name })`; throws HubError. */
export async function call<S extends keyof Services, M extends keyof Services[S] & string>(
  service: S, method: M, request: Request<S, M>, signal?: AbortSignal,
): Promise<Response<S, M>> {
  const response = await post(`/zhanqiao.v1.${service}/${method}`, "application/json", JSON.stringify(request), signal);
  const body = await jsonOf(response);
  if (!response.ok) throw refused(body);
  return body as Response<S, M>;
}

function envelopes(messages: unknown[]): Uint8Array<ArrayBuffer> {
  const parts = messages.map((message) => new TextEncoder().encode(JSON.stringify(message)));
  const body = new Uint8Array(parts.reduce((size, part) => size + 5 + part.length, 0));
  let at = 0;
  for (const part of parts) {
    new DataView(body.buffer).setUint32(at + 1, part.length);
    body.set(part, at + 5);
    at += 5 + part.length;
  }
  return body;
}

/** Every answer of a stream to `messages`, once it has ended; throws HubError. Bodies above 4 MB are refused. */
export async function callWhole<S extends keyof Streams, M extends keyof Streams[S] & string>(
  service: S, method: M, messages: StreamRequest<S, M>[],
): Promise<StreamResponse<S, M>[]> {
  const response = await post(`/zhanqiao.v1.${service}/${method}`, "application/connect+json", envelopes(messages));
  if (response.status !== 200) throw refused(await jsonOf(response));
  const body = new Uint8Array(await response.arrayBuffer());
  const answers: StreamResponse<S, M>[] = [];
  for (let at = 0; at + 5 <= body.length;) {
    const size = new DataView(body.buffer).getUint32(at + 1);
    const message = JSON.parse(new TextDecoder().decode(body.subarray(at + 5, at + 5 + size))) as { error?: unknown };
    if (body[at] === 2) {
      if (message.error !== undefined) throw refused(message.error);
      return answers;
    }
    answers.push(message as StreamResponse<S, M>);
    at += 5 + size;
  }
  throw new HubError("unknown", "ANSWER_UNREADABLE", "The answer ended before its end.");
}

/** A new id that makes a retry of the same writing safe. */
export function requestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
