// Tables as CSV for spreadsheets: a cell that a spreadsheet would take for a formula begins with an apostrophe.
export function toCsv(rows: string[][]): string {
  const cell = (text: string) => {
    const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** Gives `content` to the person as a file; what a file system would not take is left out of the name. */
export function download(name: string, content: BlobPart, type = "application/octet-stream") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name.replace(/[\\/:*?"<>|\u0000-\u001f\u202a-\u202e]/g, "_").slice(0, 120);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function downloadCsv(name: string, rows: string[][]) {
  download(`${name}.csv`, `\ufeff${toCsv(rows)}`, "text/csv;charset=utf-8");
}
