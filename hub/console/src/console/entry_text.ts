// A ledger entry in one sentence.
import { say } from "../shared/language";
import { type Decoded, eventOf } from "../shared/wire";
import { eventWord, verbWord, word } from "../shared/words";
import { reasonText } from "../shared/errors";
import type { useNames } from "./names";

export function bodyOf(entry: Decoded): Decoded {
  return (entry[eventOf(entry)] ?? {}) as Decoded;
}

export function sentence(entry: Decoded, names: ReturnType<typeof useNames>): string {
  const event = eventOf(entry);
  const body = bodyOf(entry) as Record<string, string & string[]>;
  const resource = body.resource ? names.resource(body.resource) : "";
  switch (event) {
    case "exchange":
      return say(`向 ${names.subject(body.consumer)} 放行《${resource}》${body.rows ?? 0} 行`, `Released ${body.rows ?? 0} rows of ${resource} to ${names.subject(body.consumer)}`) + (body.matter ? ` · ${body.matter}` : "");
    case "denial":
      if (!body.consumer && !body.identity && entry.actor === "hub") return say(`拒绝未表明身份者：${reasonText(body.reason ?? "")}`, `Refused somebody unidentified: ${body.reason}`) + (Number(body.count ?? 1) > 1 ? ` ×${body.count}` : "");
      return say(`拒绝 ${names.subject(body.consumer || body.identity || (entry.actor as string))}${resource ? ` 调取《${resource}》` : ""}：${reasonText(body.reason ?? "")}`, `Refused ${names.subject(body.consumer || body.identity || (entry.actor as string))} ${resource}: ${body.reason}`) + (Number(body.count ?? 1) > 1 ? ` ×${body.count}` : "");
    case "grant_event":
      return `${eventWord(event)} · ${verbWord(body.verb)} · ${names.subject(body.consumer)} ← ${resource}`;
    case "document_change":
      return `${eventWord(event)} · ${(body.type ?? "").split(".").pop()} · ${body.name}` + (body.deleted ? say("（删除）", " (deleted)") : "") + (body.reason ? ` · ${body.reason}` : "");
    case "objection_event":
      return `${eventWord(event)} · ${verbWord(body.verb)} · ${resource} · ${body.field}` + (body.verdict ? ` · ${word(body.verdict)}` : "");
    case "demand_event":
      return `${eventWord(event)} · ${verbWord(body.verb)} · ${names.organization(body.consumer)}`;
    case "question":
      return `${eventWord(event)} · ${body.purpose ?? ""}`;
    case "sign_in":
      return `${eventWord(event)}${body.refused ? say("被拒", " refused") : ""} · ${names.subject(body.person)} · ${body.method ?? ""} · ${body.address ?? ""}` + (body.reason ? ` · ${reasonText(body.reason)}` : "");
    case "account_event":
    case "break_glass_event":
      return `${eventWord(event)} · ${verbWord(body.verb)} · ${names.subject(body.person)}`;
    case "role_event":
      return `${eventWord(event)} · ${names.subject(body.person)} · ${(body.before ?? []).join(",") || "—"} → ${(body.after ?? []).join(",") || "—"}`;
    case "connector_event":
      return `${eventWord(event)} · ${names.subject(body.connector)} ${verbWord(body.verb)}`;
    case "certificate_event":
      return `${eventWord(event)} · ${names.subject(body.subject)} ${verbWord(body.verb)} · ${body.reason ?? ""}`;
    case "key_event":
      return `${eventWord(event)} · ${verbWord(body.verb)} · ${body.purpose} ${body.key_id ?? ""}`;
    case "acknowledgement":
      return say(`${names.subject(body.consumer)} 确认收讫 ${(body.indexes ?? []).length} 次放行`, `${names.subject(body.consumer)} acknowledged ${(body.indexes ?? []).length} releases`);
    default:
      return `${eventWord(event)}${body.verb ? ` · ${verbWord(body.verb)}` : ""}${resource ? ` · ${resource}` : ""}`;
  }
}
