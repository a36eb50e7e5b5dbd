// How much the portal is used, and how the exchange behind it is: as the hub counts them, no persons, whole days and months.
import { ref } from "vue";
import { document } from "./ckan";

export interface DatasetUse { dataset: string; title?: string; views: number; downloads: number; queries: number }
export interface Usage { views: number; downloads: number; queries: number; searches: number; datasets: DatasetUse[] }
export interface Exchange { months: { month: string; released: number; refused: number }[]; sample: boolean }
export const usage = ref<Usage | null>(null);
export const exchange = ref<Exchange | null>(null);

function once(work: () => Promise<void>): () => Promise<void> {
  let asked: Promise<void> | null = null;
  return () => (asked ??= work().catch(() => void (asked = null)));
}
export const loadUsage = once(async () => void (usage.value = await document<Usage>("/statistics/usage.json")));
export const loadExchange = once(async () => void (exchange.value = await document<Exchange>("/statistics/exchange.json")));
