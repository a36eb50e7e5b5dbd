// The portal reads what everybody else may read: the CKAN Action API of the same address.
import { ref } from "vue";
import { type FieldViolation, HubError } from "../shared/errors";

export interface Named { id: string; name: string; title: string; display_name?: string; package_count?: number }
export interface File {
  id: string;
  name: string;
  format: string;
  mimetype: string;
  url: string;
  url_type: string | null;
  size: number | null;
  hash: string;
  datastore_active: boolean;
  last_modified: string;
}
export interface Package {
  id: string;
  name: string;
  title: string;
  notes: string;
  version: string;
  license_id: string;
  license_title: string;
  license_url: string;
  isopen: boolean;
  maintainer: string;
  maintainer_email: string;
  organization: Named | null;
  groups: Named[];
  tags: { name: string; display_name: string }[];
  resources: File[];
  extras: { key: string; value: string }[];
  metadata_created: string;
  metadata_modified: string;
  tracking_summary?: { total: number; recent: number };
}
export interface FacetItem { name: string; display_name: string; count: number }
export interface SearchAnswer { count: number; results: Package[]; search_facets: Record<string, { title: string; items: FacetItem[] }> }
export interface Field { id: string; type: string; info?: { label?: string; notes?: string } }
export type Row = Record<string, string | number | boolean | null>;
export interface Rows { fields: Field[]; records: Row[]; total: number; limit: number; offset: number }

/** The address of an action, as anybody may call it. */
export function actionPath(name: string, params: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined || value === "" || value === null) continue;
    query.set(key, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  const text = query.toString();
  return `/api/3/action/${name}${text ? `?${text}` : ""}`;
}

async function answerOf(path: string, signal?: AbortSignal, post?: object): Promise<Response> {
  try {
    return await fetch(path, {
      method: post ? "POST" : "GET", headers: { accept: "application/json", ...(post ? { "content-type": "application/json" } : {}) },
      body: post ? JSON.stringify(post) : null, credentials: "omit", signal: signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new HubError("unavailable", "HUB_UNREACHABLE", "The portal does not answer; check the network and try again.");
  }
}

export async function action<T>(name: string, params: Record<string, unknown> = {}, signal?: AbortSignal): Promise<T> {
  const response = await answerOf(actionPath(name, params), signal);
  const body = (await response.json().catch(() => null)) as { success?: boolean; result?: T; error?: { __type?: string; message?: string } } | null;
  if (body?.success) return body.result as T;
  if (response.status === 404) throw new HubError("not_found", "NOT_ON_THE_PORTAL", body?.error?.message ?? "Not found.");
  throw new HubError("unknown", "PORTAL_REFUSED", body?.error?.message ?? `The portal answered HTTP ${response.status}.`);
}

/** A JSON document of the portal that is no action. A dataset that is gone is thrown as GoneError. */
export async function open<T>(path: string, post?: object): Promise<T> {
  const response = await answerOf(path, undefined, post);
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  if (response.status === 410) throw new GoneError(body as Gone);
  if (response.status === 404) throw new HubError("not_found", "NOT_ON_THE_PORTAL", "Not found.");
  const { reason = "PORTAL_REFUSED", message = `The portal answered HTTP ${response.status}.`, fields = [] } = (body as { error?: Refusal } | null)?.error ?? {};
  throw new HubError("unknown", fields[0]?.reason || reason, fields[0]?.description || message, {}, fields);
}
interface Refusal { reason?: string; message?: string; fields?: FieldViolation[] }
export const portal = <T>(path: string, post?: object) => open<T>(`/api/portal/${path}`, post);

export class GoneError extends Error {
  constructor(readonly gone: Gone) {
    super(gone.reason);
  }
}

export const extra = (one: Package, key: string) => one.extras.find((entry) => entry.key === key)?.value ?? "";
export const isSample = (one: Package) => extra(one, "sample") === "true";
/** UTC without a zone, as CKAN writes times. */
export const utc = (text: string) => (/Z|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
/** A path of this portal without its host, so that a download stays on it behind any proxy. */
export function local(url: string): string {
  try {
    const at = new URL(url, location.href);
    return at.pathname.startsWith("/download/") ? at.pathname + at.search : url;
  } catch {
    return url;
  }
}

const cycleDays: Record<string, number> = { 实时: 1, 每日: 1, 每周: 7, 每月: 31, 每季度: 92, 每半年: 184, 每年: 366 };
/** Days over its update cycle; 0 within it; null when it has none. */
export function daysStale(one: Package): number | null {
  const days = cycleDays[extra(one, "update_cycle")];
  const last = extra(one, "data_update_date");
  if (days === undefined || !last) return null;
  return Math.max(0, Math.floor((Date.now() - Date.parse(last)) / 86_400_000) - days);
}

/** What the whole portal holds. Asked once. */
export interface Counted { name: string; title: string; count: number }
export interface Overview {
  datasets: number; // published
  counted: number; // of them toward the plan's target
  target: number;
  as_of: string;
  organizations: Counted[];
  themes: Counted[];
  formats: Counted[];
  downloads: number;
  searches: number;
}
export const overview = ref<Overview | null>(null);
let asked: Promise<void> | null = null;
export function loadOverview(): Promise<void> {
  asked ??= portal<Overview>("summary").then((answer) => void (overview.value = answer), (error: unknown) => {
    asked = null;
    throw error;
  });
  return asked;
}

/** One dataset as the portal's own page needs it. */
export interface Column { field: string; display_name: string; data_type: string; type: string; note: string }
export interface Said { id: string; kind: "feedback" | "correction" | "request"; dataset: string; state: "received" | "accepted" | "answered" | "declined"; shown: boolean; title: string; text: string; answer: string; create_time: string; answer_time: string | null }
export interface Detail {
  dataset: string;
  state: string;
  sample: boolean;
  access: "public" | "restricted";
  package: Package;
  distributions: { id: string; title: string; rows: number; bytes: number; sha256: string; columns: Column[]; files: { id: string; format: string; url: string }[] }[];
  freshness: { update_cycle: string; data_update_date: string; due: string | null; overdue: boolean };
  probe: { working: boolean | null; date: string };
  usage: { views: number; downloads: number; queries: number };
  submissions: Said[];
}
/** A dataset that was on the portal. */
export interface Gone { title: string; state: "withdrawn" | "recalled"; reason: string; time: string }
export interface ExchangeRow { month: string; provider: string; provider_name: string; exchanges: number; rows: number }
