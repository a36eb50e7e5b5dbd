// What duties say to people.
import type { Task } from "@contract";
import { percent } from "../../../shared/format";
import { say } from "../../../shared/language";
import type { useNames } from "../../names";

export function bodyName(name: string, names: ReturnType<typeof useNames>): string {
  if (name === "ALL_DEPTS") return say("各部门", "all departments");
  if (name === "ALL_DISTRICTS") return say("各区（市）", "all districts");
  return names.organization(name);
}

/** 68.2 % / 70.0 %, 903 / 1400, 60 % */
export function progressText(one: Task): string {
  const progress = one.progress;
  if (!progress?.source) return progress?.done ? say("完成", "done") : "—";
  if (progress.source === "PROGRESS_SOURCE_ATTESTED") return `${Math.round(progress.value ?? 0)} %`;
  const ratio = one.unit === "ratio" || (progress.target ?? 2) <= 1;
  const text = (value: number | undefined) => (ratio ? percent(value) : String(Math.round(value ?? 0)));
  return text(progress.value) + (progress.target !== undefined ? ` / ${text(progress.target)}` : "");
}

export function shareOf(one: Task): number {
  const progress = one.progress;
  if (progress?.done) return 1;
  if (!progress?.source) return 0;
  if (progress.source === "PROGRESS_SOURCE_ATTESTED") return (progress.value ?? 0) / 100;
  return progress.target ? Math.min(1, (progress.value ?? 0) / progress.target) : (progress.value ?? 0);
}
