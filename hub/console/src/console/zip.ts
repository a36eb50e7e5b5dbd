// A ZIP archive without compression (APPNOTE 6.3.9, UTF-8 names): evidence bundles that any system opens.
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; ++bit) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});
export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ table[(value ^ byte) & 0xff]!;
  return (value ^ 0xffffffff) >>> 0;
}

export interface ZipFile {
  path: string;
  content: Uint8Array | string;
}

export function zip(files: ZipFile[]): Blob {
  const encoder = new TextEncoder();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const { path, content } of files) {
    const name = encoder.encode(path);
    const body = Uint8Array.from(typeof content === "string" ? encoder.encode(content) : content);
    const common = new DataView(new ArrayBuffer(26)); // version … name length, extra length
    common.setUint16(0, 20, true);
    common.setUint16(2, 0x0800, true); // UTF-8
    common.setUint16(8, 0x21, true); // 1980-01-01: the same bundle is the same bytes
    common.setUint32(10, crc32(body), true);
    common.setUint32(14, body.length, true);
    common.setUint32(18, body.length, true);
    common.setUint16(22, name.length, true);
    const shared = new Uint8Array(common.buffer);
    // Local header: signature, common fields; the central one has its own version first and more behind.
    parts.push(Uint8Array.of(0x50, 0x4b, 3, 4), shared, name, body);
    const tail = new DataView(new ArrayBuffer(14));
    tail.setUint32(10, offset, true);
    directory.push(Uint8Array.of(0x50, 0x4b, 1, 2, 20, 3), shared, new Uint8Array(tail.buffer), name);
    offset += 30 + name.length + body.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(12, size, true);
  end.setUint32(16, offset, true);
  return new Blob([...parts, ...directory, new Uint8Array(end.buffer)], { type: "application/zip" });
}
