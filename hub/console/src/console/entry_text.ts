// A ledger entry in one sentence.
import { say } from "../shared/language";
import { type Decoded, eventOf } from "../shared/wire";
import { eventWord, verbWord, word } from "../shared/words";
import { reasonText } from "../shared/errors";
import type { useNames } from "./names";

const types: Record<string, [string, string]> = {
  Resource: ["目录条目", "Entry"], Organization: ["机构", "Organisation"], InformationSystem: ["信息系统", "System"], Person: ["人员", "Person"], Connector: ["前置机", "Connector"], Grant: ["授权", "Grant"],
  Notice: ["通知", "Notice"], CodeTable: ["代码表", "Code table"], Delegation: ["委托", "Delegation"], RevokedCertificate: ["吊销的证书", "Revoked certificate"], BreakGlass: ["应急授权", "Break-glass"], Objection: ["异议", "Objection"],
  Demand: ["需求", "Demand"], Dataset: ["开放数据集", "Open dataset"], RiskReport: ["开放风险报告", "Risk report"], Report: ["月报", "Monthly report"], Task: ["任务", "Duty"], Project: ["备案项目", "Project"], Evaluation: ["年度评价", "Evaluation"],
  Alarm: ["告警", "Alarm"], Facility: ["设施", "Facility"], Submission: ["公众反馈", "Submission"], Feed: ["订阅", "Feed"], FileRecord: ["文件", "File"],
};
const typeWord = (type: string | undefined) => {
  const name = (type ?? "").split(".").pop() ?? "";
  const pair = types[name];
  return pair ? say(pair[0], pair[1]) : name;
};
const methods: Record<string, [string, string]> = { password: ["口令", "password"], "password+totp": ["口令+动态码", "password and code"], certificate: ["证书", "certificate"], oidc: ["市统一身份认证", "identity provider"] };
const methodWord = (method: string | undefined) => {
  const pair = methods[method ?? ""];
  return pair ? say(pair[0], pair[1]) : (method ?? "");
};

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
      return `${eventWord(event)} · ${typeWord(body.type)} · ${(body.name ?? "").replace(/^(resources|organizations)\//, "").replace("~", "/")}` + (body.deleted ? say("（删除）", " (deleted)") : "") + (body.reason ? ` · ${body.reason}` : "");
    case "objection_event":
      return `${eventWord(event)} · ${verbWord(body.verb)} · ${resource} · ${body.field}` + (body.verdict ? ` · ${word(body.verdict)}` : "");
    case "demand_event":
      return `${eventWord(event)} · ${verbWord(body.verb)} · ${names.organization(body.consumer)}`;
    case "question":
      return `${eventWord(event)} · ${body.purpose ?? ""}`;
    case "sign_in":
      return `${eventWord(event)}${body.refused ? say("被拒", " refused") : ""} · ${names.subject(body.person)} · ${methodWord(body.method)} · ${body.address ?? ""}` + (body.reason ? ` · ${reasonText(body.reason)}` : "");
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
