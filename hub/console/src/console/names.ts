// What resource names are called: organisations are fetched once, entries as they are met.
import type { Organization, Resource } from "@contract";
import { defineStore } from "pinia";
import { computed, reactive, ref } from "vue";
import { call } from "../shared/api";
import { codeOf, organizationOf } from "../shared/format";

export const useNames = defineStore("names", () => {
  const organizations = ref<Organization[]>([]);
  const byName = computed(() => new Map(organizations.value.map((one) => [one.name ?? "", one])));
  const resources = reactive(new Map<string, string>());
  let loading: Promise<void> | null = null;

  function load(): Promise<void> {
    loading ??= call("CatalogService", "ListOrganizations", { page_size: 1000 }).then(
      (answer) => void (organizations.value = answer.organizations ?? []), () => void (loading = null));
    return loading;
  }

  /** 市公安局; the code while it is not known. */
  function organization(name: string | undefined): string {
    const found = byName.value.get(organizationOf(name));
    return found?.short_name || found?.display_name || codeOf(organizationOf(name));
  }

  /** An organisation with the part behind it: 市公安局 / clerk. */
  function subject(name: string | undefined): string {
    if (!name) return "";
    if (!name.startsWith("organizations/")) return name;
    const rest = name.split("/").slice(3).join("/");
    return organization(name) + (rest ? ` / ${rest}` : "");
  }

  function resource(name: string | undefined): string {
    if (!name) return "";
    const known = resources.get(name);
    if (known !== undefined) return known;
    resources.set(name, codeOf(name));
    call("CatalogService", "GetResource", { name }).then((found) => resources.set(name, found.display_name ?? codeOf(name)), () => {});
    return codeOf(name);
  }

  /** What the code table calls a classification: 308 → 计划单列市…; empty while it is not known. */
  const classes = reactive(new Map<string, string>());
  let classesAsked = false;
  function classification(code: string | undefined): string {
    if (!classesAsked) {
      classesAsked = true;
      call("CodeTableService", "GetCodeTable", { name: "codeTables/classification" }).then((table) => {
        for (const row of table.rows ?? []) classes.set(row.code ?? "", row.display_name ?? "");
      }, () => {});
    }
    return classes.get(code ?? "") ?? "";
  }

  function learn(found: Resource) {
    if (found.name && found.display_name) resources.set(found.name, found.display_name);
  }

  return { organizations, load, organization, subject, resource, classification, learn };
});
