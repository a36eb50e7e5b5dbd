// The portal's own API, as everybody may use it: CKAN's Action API, version 3.
export interface Party { id: string; name: string; title?: string; display_name?: string; package_count?: number }
export interface File { id: string; name?: string; format?: string; url?: string; size?: number | null; mimetype?: string; datastore_active?: boolean; description?: string; last_modified?: string; rows?: number }
export interface Package {
  id: string; name: string; title: string; notes?: string; license_title?: string; license_url?: string; isopen?: boolean; organization?: Party; groups?: Party[];
  tags?: { name: string; display_name?: string }[]; resources?: File[]; extras?: { key: string; value: string }[]; metadata_created?: string; metadata_modified?: string; maintainer?: string; maintainer_email?: string;
}
export interface Found { count: number; results: Package[]; search_facets?: Record<string, { title: string; items: { name: string; display_name: string; count: number }[] }> }
export interface Records { fields: { id: string; type: string; info?: { label?: string; notes?: string } }[]; records: Record<string, unknown>[]; total?: number }

export class PortalError extends Error {
  constructor(readonly type: string, message: string) {
    super(message);
  }
}

export function actionUrl(action: string, params: Record<string, string | number | undefined> = {}): string {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== undefined && value !== "").map(([key, value]) => [key, String(value)]));
  return `/api/3/action/${action}${query.size ? `?${query}` : ""}`;
}

export async function ask<T>(action: string, params: Record<string, string | number | undefined> = {}, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(actionUrl(action, params), { headers: { accept: "application/json" }, signal: signal ?? null });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new PortalError("Unreachable", "");
  }
  const body = (await answer.json().catch(() => null)) as { success?: boolean; result?: T; error?: { __type?: string; message?: string } } | null;
  if (body?.success) return body.result as T;
  throw new PortalError(body?.error?.__type ?? String(answer.status), body?.error?.message ?? "");
}

export const extra = (one: Package | null, key: string) => one?.extras?.find((pair) => pair.key === key)?.value ?? "";
/** The formats of a dataset, each once. */
export const formatsOf = (one: Package) => [...new Set((one.resources ?? []).map((file) => file.format ?? "").filter(Boolean))];
