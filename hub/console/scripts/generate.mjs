// Writes generated/wire.ts: how the messages of a ledger entry lie in its bytes, so that a browser reads what was proved and not
// what it was told. And generated/contract.ts: the contract of proto/ as TypeScript, in the JSON form the hub speaks (names of the contract,
// 64-bit integers and bytes as strings, enumerations by name, whatever is at its default left out).
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type as T, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const here = dirname(fileURLToPath(import.meta.url));
const protos = join(here, "../../../proto");
const out = join(here, "../generated/contract.ts");

function descriptors() {
  const folder = mkdtempSync(join(tmpdir(), "contract-"));
  try {
    const file = join(folder, "set");
    const names = readdirSync(join(protos, "zhanqiao/v1")).filter((name) => name.endsWith(".proto") && !name.endsWith("_row.proto"));
    execFileSync(process.env.PROTOC ?? "protoc", ["-I", protos, "--include_imports", "--include_source_info",
      `--descriptor_set_out=${file}`, ...names.sort().map((name) => `zhanqiao/v1/${name}`)], { stdio: "inherit" });
    return fromBinary(FileDescriptorSetSchema, readFileSync(file)).file;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const wellKnown = {
  ".google.protobuf.Timestamp": "string",
  ".google.protobuf.Duration": "string",
  ".google.protobuf.FieldMask": "string",
  ".google.protobuf.Empty": "Record<string, never>",
  ".google.protobuf.Any": 'Record<string, unknown>',
};
const scalars = {
  [T.DOUBLE]: "number", [T.FLOAT]: "number", [T.INT32]: "number", [T.UINT32]: "number", [T.SINT32]: "number",
  [T.FIXED32]: "number", [T.SFIXED32]: "number", [T.BOOL]: "boolean", [T.STRING]: "string", [T.BYTES]: "string",
  [T.INT64]: "string", [T.UINT64]: "string", [T.SINT64]: "string", [T.FIXED64]: "string", [T.SFIXED64]: "string",
};
const short = (name) => (name.startsWith(".google.rpc.") ? "Rpc" : "") + name.slice(name.lastIndexOf(".") + 1);
const typeOf = (field) =>
  wellKnown[field.typeName] ?? (field.type === T.MESSAGE || field.type === T.ENUM ? short(field.typeName) : scalars[field.type]);

function comment(file, path, indent) {
  const place = file.sourceCodeInfo?.location.find((one) => one.path.join() === path.join());
  const text = `${place?.leadingComments ?? ""}${place?.trailingComments ?? ""}`.trim().replace(/\s+/g, " ").replaceAll("*/", "* /");
  return text === "" ? "" : `${indent}/** ${text} */\n`;
}

function message(file, one, path, name) {
  const maps = new Map(one.nestedType.filter((nested) => nested.options?.mapEntry).map((nested) => [nested.name, nested]));
  const fields = one.field.map((field, at) => {
    const map = maps.get((field.typeName ?? "").split(".").pop());
    const repeated = field.label === FieldDescriptorProto_Label.REPEATED;
    const type = map ? `Record<string, ${typeOf(map.field[1])}>` : typeOf(field) + (repeated ? "[]" : "");
    return `${comment(file, [...path, 2, at], "  ")}  ${field.name}?: ${type};\n`;
  });
  const nested = one.nestedType.flatMap((inner, at) =>
    inner.options?.mapEntry ? [] : [message(file, inner, [...path, 3, at], short(`.${file.package}.${inner.name}`))]);
  return `${comment(file, path, "")}export interface ${name} {\n${fields.join("")}}\n\n${nested.join("")}`;
}

// The messages a ledger entry is made of, by field number.
function wire(files) {
  const all = new Map(files.flatMap((file) => file.messageType.map((one) => [`.${file.package}.${one.name}`, one])));
  const values = new Map(files.flatMap((file) => file.enumType.map((one) => [`.${file.package}.${one.name}`, one])));
  const kinds = { [T.DOUBLE]: "double", [T.BOOL]: "bool", [T.STRING]: "string", [T.BYTES]: "bytes", [T.INT32]: "int", [T.UINT32]: "int",
    [T.INT64]: "long", [T.UINT64]: "long", [T.FIXED64]: "fixed64", [T.SINT64]: "zigzag", [T.ENUM]: "enum", [T.MESSAGE]: "message" };
  const tables = {};
  const enumerations = {};
  const visit = (name) => {
    if (name in tables) return;
    tables[short(name)] ??= Object.fromEntries(all.get(name).field.map((field) => {
      if (field.type === T.MESSAGE) queue.push(field.typeName);
      if (field.type === T.ENUM) enumerations[short(field.typeName)] = Object.fromEntries(values.get(field.typeName).value.map((one) => [one.number, one.name]));
      if (!(field.type in kinds)) throw new Error(`${name}.${field.name}: no wire form known`);
      return [field.number, [field.name, kinds[field.type], field.typeName ? short(field.typeName) : "", field.label === FieldDescriptorProto_Label.REPEATED]];
    }));
  };
  const queue = [".zhanqiao.v1.LedgerEntry"];
  for (let at = 0; at < queue.length; ++at) if (!(short(queue[at]) in tables)) visit(queue[at]);
  return `// Made by scripts/generate.mjs from proto/; not to be edited.\n\nexport type WireField = readonly [name: string, kind: string, type: string, repeated: boolean];\n` +
    `export const messages: Record<string, Record<number, WireField>> = ${JSON.stringify(tables, null, 1)};\n` +
    `export const enumerations: Record<string, Record<number, string>> = ${JSON.stringify(enumerations, null, 1)};\n`;
}

let text = "// Made by scripts/generate.mjs from proto/; not to be edited.\n\n";
let services = "/** Every unary method: [request, response]. */\nexport interface Services {\n";
let streams = "/** Methods that stream and may be called whole: [request message, answer message]. */\nexport interface Streams {\n";
let values = "/** The names of every enumeration, without the unspecified one. */\nexport const enums = {\n";
const files = descriptors();
for (const file of files) {
  if (file.package.startsWith("google.protobuf")) continue;
  file.enumType.forEach((one, at) => {
    const names = one.value.map((value) => JSON.stringify(value.name));
    text += `${comment(file, [5, at], "")}export type ${one.name} =\n  | ${names.join("\n  | ")};\n\n`;
    values += `  ${one.name}: [${names.slice(1).join(", ")}],\n`;
  });
  file.messageType.forEach((one, at) => {
    text += message(file, one, [4, at], short(`.${file.package}.${one.name}`));
  });
  file.service.forEach((one, at) => {
    const block = (chosen) => chosen.map((method) =>
      `${comment(file, [6, at, 2, one.method.indexOf(method)], "    ")}    ${method.name}: [${typeOf({ type: T.MESSAGE, typeName: method.inputType })}, ` +
      `${typeOf({ type: T.MESSAGE, typeName: method.outputType })}];\n`).join("");
    const isUnary = (method) => !method.clientStreaming && !method.serverStreaming;
    services += `  ${one.name}: {\n${block(one.method.filter(isUnary))}  };\n`;
    streams += `  ${one.name}: {\n${block(one.method.filter((method) => !isUnary(method)))}  };\n`;
  });
}
mkdirSync(dirname(out), { recursive: true });
writeFileSync(join(dirname(out), "wire.ts"), wire(files));
writeFileSync(out, `${text}${services}}\n\n${streams}}\n\n${values}} as const;\n`);
