// The rules of a catalogue entry as far as they can be told while it is being written. The hub checks everything once more:
// these only spare people the wait (catalog/model/resource.cc, 发改高技〔2017〕1272号).
import type { Resource } from "@contract";
import { say } from "../shared/language";

export const formatTypes: Record<string, string[]> = {
  FORMAT_CATEGORY_DOCUMENT: ["ofd", "wps", "xml", "txt", "doc", "docx", "html", "pdf", "ppt", "pptx", "json"],
  FORMAT_CATEGORY_SPREADSHEET: ["xlsx", "csv", "xls", "et"],
  FORMAT_CATEGORY_DATABASE: ["postgresql", "mysql", "dm", "kingbasees", "gaussdb", "oracle", "sql server", "db2", "sybase", "access", "dbf", "mdb"],
  FORMAT_CATEGORY_IMAGE: ["jpg", "png", "tif", "gif", "bmp"],
  FORMAT_CATEGORY_STREAM: ["mp4", "mpg", "rm", "swf"],
  FORMAT_CATEGORY_SELF_DESCRIBED: [],
};

const needLength = /^DATA_TYPE_(CHARACTER|NUMERIC|DOUBLE|INTEGER|FLOAT)$/;

/** What is wrong, by path of the element; empty when all is well. */
export function checkEntry(entry: Resource): Record<string, string> {
  const wrong: Record<string, string> = {};
  const require = (ok: unknown, path: string, zh: string, en: string) => {
    if (!ok && !(path in wrong)) wrong[path] = say(zh, en);
  };
  const length = (text: string | undefined) => [...(text ?? "").trim()].length;
  require(/^[123]\d{2}\d{3}\d{0,12}(\/\d{1,12})?$/.test(entry.resource_code ?? ""), "resource_code",
    "选择分类，或填 类(1)项(2)目(3)细目(0-12)，可加 / 顺序码", "Choose a classification, or give class(1) item(2) catalogue(3) detail(0-12), optionally / sequence");
  require(length(entry.display_name) > 0, "display_name", "必填", "Required");
  require(length(entry.display_name) <= 100, "display_name", "最多 100 个字", "At most 100 characters");
  require(!/系统$/.test((entry.display_name ?? "").trim()), "display_name", "填信息资源的名称，不要填系统的名称", "The name of the data, not of a system");
  require(length(entry.abstract) > 0, "abstract", "必填：概述内容或关键字段", "Required: what it holds");
  require(length(entry.abstract) <= 1000, "abstract", "最多 1000 个字", "At most 1000 characters");
  require(!entry.provider_code || /^[0-9A-HJ-NP-RT-UW-Y]{18}$/.test(entry.provider_code), "provider_code", "18 位统一社会信用代码", "18 characters of the credit code");
  require(entry.format_category, "format_category", "必选", "Required");
  require((entry.format_types?.length ?? 0) > 0, "format_types", "至少一个，例如 csv", "At least one, for example csv");
  const others = Object.entries(formatTypes).filter(([category]) => category !== entry.format_category).flatMap(([, types]) => types);
  if (entry.format_category && entry.format_category !== "FORMAT_CATEGORY_SELF_DESCRIBED") {
    const foreign = entry.format_types?.find((type) => !formatTypes[entry.format_category!]?.includes(type.toLowerCase()) && others.includes(type.toLowerCase()));
    require(!foreign, "format_types", `${foreign} 属于别的格式分类`, `${foreign} is of another category`);
  }
  require(entry.share_type, "share_type", "必选", "Required");
  if (entry.share_type === "SHARE_TYPE_CONDITIONAL") require(length(entry.share_condition) > 0, "share_condition", "必填：使用要求、共享条件和共享范围", "Required: requirements, conditions and scope");
  if (entry.share_type === "SHARE_TYPE_NOT_SHARED") require(length(entry.share_condition) > 0, "share_condition", "必填：不予共享须有法律、行政法规或党中央、国务院政策依据", "Required: the legal basis for not sharing");
  if (entry.share_type && entry.share_type !== "SHARE_TYPE_NOT_SHARED") {
    require(entry.share_mode_category, "share_mode_category", "必选", "Required");
    if (entry.share_mode_category === "SHARE_MODE_CATEGORY_PLATFORM") {
      const database = entry.format_category === "FORMAT_CATEGORY_DATABASE";
      require(database ? /DATABASE|INTERFACE/.test(entry.share_mode_type ?? "") : entry.share_mode_type === "SHARE_MODE_TYPE_FILE", "share_mode_type",
        database ? "数据库类资源：选“数据库”或“接口”" : "文件类资源：选“文件”", database ? "A database is shared as database or interface" : "Files are shared as file");
    }
  }
  require(entry.open_type, "open_type", "必选", "Required");
  if (entry.open_type === "OPEN_TYPE_CONDITIONAL") require(length(entry.open_condition) > 0, "open_condition", "有条件开放须写开放条件", "Required: the conditions");
  require(entry.update_cycle, "update_cycle", "必选", "Required");
  if (/SPREADSHEET|DATABASE/.test(entry.format_category ?? "")) require((entry.fields?.length ?? 0) > 0, "fields", "电子表格和数据库至少要有一个信息项", "Spreadsheets and databases need at least one item");
  const seen = new Set<string>();
  entry.fields?.forEach((field, at) => {
    const path = `fields[${at}]`;
    require(/^[a-z][a-z0-9_]{0,62}$/.test(field.field ?? ""), `${path}.field`, "小写字母开头，只含小写字母、数字、下划线", "Lower-case letter first; letters, digits, underscore");
    require(!seen.has(field.field ?? ""), `${path}.field`, "代号重复", "Repeated");
    seen.add(field.field ?? "");
    require(length(field.display_name) > 0, `${path}.display_name`, "必填", "Required");
    require(field.data_type, `${path}.data_type`, "必选", "Required");
    require(!needLength.test(field.data_type ?? "") || (field.length ?? 0) > 0, `${path}.length`, "这种类型要填长度", "This type needs a length");
    require(field.data_type !== "DATA_TYPE_MEMO" || length(field.note) > 0, `${path}.note`, "备注型要填说明", "A memo needs a note");
  });
  return wrong;
}
