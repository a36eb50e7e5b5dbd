// A CSV file to the candidate release, in parts, with its digest; the heading is read here to propose the columns.
import type { Dataset, DatasetColumn, Resource } from "@contract";
import { call } from "../../../shared/api";

const partBytes = 1 << 20;

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** The first record of a CSV text (RFC 4180). */
export function headingOf(text: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  const clean = text.replace(/^\ufeff/, "");
  for (let at = 0; at < clean.length; ++at) {
    const one = clean[at]!;
    if (quoted) {
      if (one === '"' && clean[at + 1] === '"') {
        cell += '"';
        ++at;
      } else if (one === '"') quoted = false;
      else cell += one;
    } else if (one === '"') quoted = true;
    else if (one === ",") {
      cells.push(cell);
      cell = "";
    } else if (one === "\n") break;
    else if (one !== "\r") cell += one;
  }
  return [...cells, cell];
}

/** Columns for a heading: as the entry's 信息项 or the release before describe them, else as text to be described. */
export function columnsFor(heading: string[], known: DatasetColumn[], entry: Resource | null): DatasetColumn[] {
  return heading.map((title, at) => {
    const before = known.find((one) => one.display_name === title);
    if (before) return { ...before };
    const item = entry?.fields?.find((one) => one.display_name === title);
    return { field: item?.field ?? `column_${at + 1}`, display_name: title, data_type: item?.data_type ?? "DATA_TYPE_CHARACTER", note: item?.note ?? "", role: "COLUMN_ROLE_ORDINARY" };
  });
}

export async function upload(name: string, distribution: string, title: string, file: File, columns: DatasetColumn[], updated: string, progress: (share: number) => void): Promise<Dataset> {
  const content = new Uint8Array(await file.arrayBuffer());
  const digest = base64(new Uint8Array(await crypto.subtle.digest("SHA-256", content)));
  let dataset: Dataset = {};
  let offset = 0;
  do {
    const part = content.subarray(offset, offset + partBytes);
    const last = offset + part.length >= content.length;
    const answer = await call("DatasetService", "UploadData", {
      name, distribution, title, offset: String(offset), part: base64(part),
      ...(last ? { last: true, sha256: digest, columns, data_update_date: updated } : {}),
    });
    offset += part.length;
    progress(content.length ? offset / content.length : 1);
    if (answer.dataset) dataset = answer.dataset;
  } while (offset < content.length);
  return dataset;
}
