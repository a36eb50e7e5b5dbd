// Notices in words.
import type { Notice } from "@contract";
import { say } from "../shared/language";
import { word } from "../shared/words";
import type { useNames } from "./names";

const kinds: Record<string, [string, string]> = {
  RESOURCE_SCHEMA_CHANGED: ["信息项有变更", "items changed"],
  RESOURCE_WITHDRAWN: ["资源已撤回", "resource withdrawn"],
  RESOURCE_SENT_BACK: ["目录被退回修改", "entry sent back"],
  GRANT_SUBMITTED: ["收到数据申请", "application received"],
  GRANT_ACCEPTED: ["申请已受理", "application taken up"],
  GRANT_APPROVED: ["申请已同意", "application approved"],
  GRANT_REJECTED: ["申请未获同意", "application rejected"],
  GRANT_ESCALATED: ["申请提请裁定", "application escalated"],
  GRANT_SUSPENDED: ["授权已暂停", "grant suspended"],
  GRANT_RESUMED: ["授权已恢复", "grant resumed"],
  GRANT_REVOKED: ["授权已撤销", "grant revoked"],
  GRANT_EXPIRING: ["授权即将到期", "grant about to expire"],
  GRANT_EXPIRED: ["授权已到期", "grant expired"],
  GRANT_ACTIVATED: ["授权已生效", "grant in force"],
  CERTIFICATE_EXPIRING: ["证书即将到期，请续期", "certificate about to expire"],
  OBJECTION_FILED: ["收到异议，请校核", "objection filed"],
  OBJECTION_ANSWERED: ["异议已答复", "objection answered"],
  OBJECTION_EXTENDED: ["异议校核延期", "objection extended"],
  OBJECTION_WITHDRAWN: ["异议已撤回", "objection withdrawn"],
  OBJECTION_OVERDUE: ["异议逾期", "objection overdue"],
  DEMAND_MATCHED: ["有需求请贵单位答复", "a demand is matched to you"],
  DEMAND_ANSWERED: ["需求已答复", "demand answered"],
  DEMAND_CLOSED: ["需求已结束", "demand closed"],
  DEMAND_OVERDUE: ["需求逾期未答复", "demand overdue"],
};

export function noticeKind(kind: string | undefined): string {
  const pair = kinds[kind ?? ""];
  return pair ? say(pair[0], pair[1]) : (kind ?? "");
}

export function noticeText(notice: Notice, names: ReturnType<typeof useNames>): string {
  const facts = notice.facts ?? {};
  const subject = notice.subject ?? "";
  const about = facts.display_name || (facts.resource ? names.resource(facts.resource) : subject.startsWith("resources/") ? names.resource(subject) : (facts.title ?? ""));
  return [noticeKind(notice.kind), about, facts.compatibility ? word(facts.compatibility) : "", facts.expire_date || facts.reason || facts.comment || ""].filter(Boolean).join(" · ");
}

/** Where the document a notice is about is shown; null when nowhere. */
export function noticePlace(notice: Notice) {
  const [kind, id = ""] = (notice.subject ?? "").split("/");
  if (kind === "resources") return { name: "entry", params: { code: id } };
  if (kind === "grants") return { name: "grant", params: { id } };
  if (kind === "objections") return { name: "objection", params: { id } };
  if (kind === "demands") return { name: "demand", params: { id } };
  if (notice.kind === "CERTIFICATE_EXPIRING") return { name: "certificates" };
  return null;
}
