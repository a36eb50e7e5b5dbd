import { language, say } from "../shared/language";
import { PortalError } from "./ckan";

export function wrong(error: unknown): string {
  if (error instanceof PortalError) {
    if (error.type === "Unreachable") return say("连不上平台，请检查网络后重试。", "The portal does not answer; check the network.");
    if (error.type === "Not Found Error" || error.type === "404") return say("没有找到，可能已下架。", "Not found; it may have been withdrawn.");
    if (error.type === "Authorization Error") return say("有条件开放，请按页面说明申请。", "Given on request only.");
    return error.message || error.type;
  }
  return String(error);
}

/** Names of bodies and themes are Chinese in both languages. */
export const numbers = (value: number | undefined) => new Intl.NumberFormat(language.value === "zh" ? "zh-CN" : "en").format(value ?? 0);
export const day = (text: string | undefined) => (text ?? "").slice(0, 10);
