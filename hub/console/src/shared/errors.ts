// What the hub refused, as it says it: a stable reason, one sentence, facts, wrong fields, and where the refusal is written.
import { language } from "./language";
import { reasons } from "./reasons";

interface Detail {
  type?: string;
  debug?: {
    reason?: string;
    metadata?: Record<string, string>;
    fieldViolations?: { field?: string; description?: string; reason?: string }[];
  };
}

export interface FieldViolation {
  field: string;
  reason: string;
  description: string;
}

export class HubError extends Error {
  constructor(
    readonly code: string, readonly reason: string, message: string,
    readonly facts: Record<string, string> = {}, readonly fields: FieldViolation[] = [],
  ) {
    super(message);
  }

  static fromJson(body: unknown): HubError {
    const { code = "unknown", message = "", details = [] } = (body ?? {}) as { code?: string; message?: string; details?: Detail[] };
    let reason = "";
    let facts: Record<string, string> = {};
    const fields: FieldViolation[] = [];
    for (const { type, debug } of details) {
      if (type === "google.rpc.ErrorInfo") {
        reason = debug?.reason ?? "";
        facts = debug?.metadata ?? {};
      }
      for (const one of debug?.fieldViolations ?? []) fields.push({ field: one.field ?? "", reason: one.reason ?? "", description: one.description ?? "" });
    }
    return new HubError(code, reason || code.toUpperCase(), message, facts, fields);
  }

  /** Where the refusal is written in the ledger; empty when it is not. */
  get ledgerIndex(): string {
    return this.facts.ledger_index ?? "";
  }
}

/** The sentence for people in the language of the page: the Chinese of the reason, or the hub's own English. */
export function sentenceOf(error: unknown): string {
  if (error instanceof HubError) {
    const known = language.value === "zh" ? reasons[error.reason] : undefined;
    return known ?? error.message;
  }
  return error instanceof Error ? error.message : String(error);
}

export function reasonText(reason: string): string {
  return language.value === "zh" ? (reasons[reason] ?? reason) : reason;
}
