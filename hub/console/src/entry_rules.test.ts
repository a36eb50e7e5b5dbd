import { describe, expect, it } from "vitest";
import type { Resource } from "@contract";
import { checkEntry } from "./console/entry_rules";

const good: Resource = {
  resource_code: "308001370200", display_name: "居住证登记信息", abstract: "摘要", provider: "organizations/370200-GAJ",
  format_category: "FORMAT_CATEGORY_SPREADSHEET", format_types: ["csv"], share_type: "SHARE_TYPE_UNCONDITIONAL", share_mode_category: "SHARE_MODE_CATEGORY_PLATFORM",
  share_mode_type: "SHARE_MODE_TYPE_FILE", open_type: "OPEN_TYPE_NOT_OPEN", update_cycle: "UPDATE_CYCLE_DAILY",
  fields: [{ field: "serial", display_name: "编号", data_type: "DATA_TYPE_CHARACTER", length: 20 }],
};
const wrong = (change: Partial<Resource>) => Object.keys(checkEntry({ ...good, ...change }));

describe("an entry being written", () => {
  it("is well when every rule holds", () => expect(checkEntry(good)).toEqual({}));
  it.each<[string, Partial<Resource>, string[]]>([
    ["needs a name that is no system's", { display_name: "户籍系统" }, ["display_name"]],
    ["needs a code of the guide's form", { resource_code: "4080" }, ["resource_code"]],
    ["needs conditions when it is conditional", { share_type: "SHARE_TYPE_CONDITIONAL" }, ["share_condition"]],
    ["needs a legal basis when it is not shared", { share_type: "SHARE_TYPE_NOT_SHARED" }, ["share_condition"]],
    ["is shared as files when it is files", { share_mode_type: "SHARE_MODE_TYPE_INTERFACE" }, ["share_mode_type"]],
    ["is shared as database or interface when it is a database", { format_category: "FORMAT_CATEGORY_DATABASE", format_types: ["mysql"] }, ["share_mode_type"]],
    ["has no type of another category", { format_types: ["mp4"] }, ["format_types"]],
    ["needs items when it is a table", { fields: [] }, ["fields"]],
    ["needs lengths and unique names of items", { fields: [{ field: "a", display_name: "甲", data_type: "DATA_TYPE_INTEGER" }, { field: "a", display_name: "乙", data_type: "DATA_TYPE_DATE" }] }, ["fields[0].length", "fields[1].field"]],
  ])("%s", (_, change, paths) => expect(wrong(change)).toEqual(paths));
});
