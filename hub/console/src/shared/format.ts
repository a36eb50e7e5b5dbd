// Dates, numbers and names as people read them. Times are Asia/Shanghai, whatever the machine is set to.
import { language, say } from "./language";

const zone = "Asia/Shanghai";
const locale = () => (language.value === "zh" ? "zh-CN" : "en-GB");

export function time(text: string | undefined): string {
  if (!text) return "";
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(new Date(text)); // 2018-06-30 09:00:00
}

/** Microseconds since 1970 as the ledger has them. */
export function timeOfMicros(micros: string | undefined): string {
  return micros ? time(new Date(Number(BigInt(micros) / 1000n)).toISOString()) : "";
}

/** Today in Shanghai: YYYY-MM-DD. */
export function today(days = 0): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(Date.now() + days * 86_400_000));
}

/** 12,345; in Chinese large ones in 万 and 亿. */
export function amount(value: number | string | undefined): string {
  const number = Number(value ?? 0);
  if (language.value === "zh" && number >= 1e8) return `${(number / 1e8).toFixed(2)} 亿`;
  if (language.value === "zh" && number >= 1e5) return `${(number / 1e4).toFixed(1)} 万`;
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 2 }).format(number);
}

export function percent(share: number | undefined): string {
  return `${((share ?? 0) * 100).toFixed(1)} %`;
}

export function bytes(value: number | string | undefined): string {
  let number = Number(value ?? 0);
  for (const unit of ["B", "KB", "MB", "GB"]) {
    if (number < 1024) return `${unit === "B" ? number : number.toFixed(1)} ${unit}`;
    number /= 1024;
  }
  return `${number.toFixed(1)} TB`;
}

/** The last part of a resource name, with the code's slash: 308001370200/000001. */
export function codeOf(name: string | undefined): string {
  return (name ?? "").slice((name ?? "").lastIndexOf("/") + 1).replace("~", "/");
}

/** organizations/370200-GAJ/persons/clerk → organizations/370200-GAJ */
export function organizationOf(name: string | undefined): string {
  return (name ?? "").split("/").slice(0, 2).join("/");
}

/** Days from today to `date`, and what they mean. */
export function daysLeft(date: string | undefined): number | null {
  return date ? Math.round((Date.parse(date) - Date.parse(today())) / 86_400_000) : null;
}

export function dayClock(due: string | undefined, overdue: number | undefined): string {
  if (overdue) return say(`逾期 ${overdue} 个工作日`, `${overdue} working days late`);
  const left = daysLeft(due);
  if (left === null) return "";
  if (left < 0) return say("已过期限", "past its day");
  if (left === 0) return say("今天到期", "due today");
  return say(`还有 ${left} 天`, `${left} days left`);
}
