// Reports as files.
import type { ReportFormat } from "@contract";
import { call } from "../../../shared/api";
import { download } from "../../../shared/csv";

export async function saveExport(name: string, format: ReportFormat) {
  const answer = await call("ReportService", "ExportReport", { name, format });
  const bytes = Uint8Array.from(atob(answer.content ?? ""), (one) => one.charCodeAt(0));
  download(answer.file_name ?? "report", bytes, answer.media_type);
}
