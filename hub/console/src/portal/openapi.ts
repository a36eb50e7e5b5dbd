// /openapi.json as pages need it.
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  title?: string;
  description?: string;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}
interface Content { content?: Record<string, { schema?: Schema }>; description?: string; required?: boolean; $ref?: string }
export interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: Content;
  responses?: Record<string, Content>;
}
export interface OpenApi {
  openapi: string;
  info: { title: string; version: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}
export interface Entry { method: string; path: string; tag: string; operation: Operation }

const methods = ["get", "post", "put", "patch", "delete"];
export function entriesOf(api: OpenApi): Entry[] {
  return Object.entries(api.paths).flatMap(([path, verbs]) => Object.entries(verbs)
    .filter(([method]) => methods.includes(method))
    .map(([method, operation]) => ({ method: method.toUpperCase(), path, tag: operation.tags?.[0] ?? "", operation })));
}

export function resolved(api: OpenApi, schema: Schema | undefined): { schema: Schema; name: string } {
  const name = schema?.$ref?.split("/").pop() ?? "";
  return { schema: name ? (api.components?.schemas?.[name] ?? {}) : (schema ?? {}), name };
}
export function schemaOf(content: Content | undefined): Schema | undefined {
  return content?.content?.["application/json"]?.schema ?? Object.values(content?.content ?? {})[0]?.schema;
}
/** string (date-time), Dataset[], … */
export function typeOf(api: OpenApi, schema: Schema): string {
  if (schema.$ref) return resolved(api, schema).name;
  if (schema.items) return `${typeOf(api, schema.items)}[]`;
  if (typeof schema.additionalProperties === "object") return `{ [key]: ${typeOf(api, schema.additionalProperties)} }`;
  const several = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (several) return several.map((one) => typeOf(api, one)).join(" | ");
  return [Array.isArray(schema.type) ? schema.type.join(" | ") : (schema.type ?? "any"), schema.format ? `(${schema.format})` : ""].join(" ").trim();
}
