// What was sent from this browser: kept here and nowhere else.
import { ref } from "vue";
import type { Said } from "./ckan";

const place = "zhanqiao.submissions";
export interface Sent { id: string; title: string }
export const sent = ref<Sent[]>(JSON.parse(localStorage.getItem(place) ?? "[]") as Sent[]);

export function keepSubmission(one: Sent) {
  sent.value = [one, ...sent.value].slice(0, 50);
  localStorage.setItem(place, JSON.stringify(sent.value));
}
export function forgetSubmissions() {
  sent.value = [];
  localStorage.removeItem(place);
}

export const stateWords: Record<Said["state"], [string, string]> = { received: ["已收到", "Received"], accepted: ["处理中", "Being dealt with"], answered: ["已答复", "Answered"], declined: ["不予受理", "Declined"] };
export const stateTones: Record<Said["state"], string> = { received: "", accepted: "warn", answered: "ok", declined: "bad" };
export const kindWords: Record<Said["kind"], [string, string]> = { feedback: ["意见反馈", "Feedback"], correction: ["数据纠错", "Correction"], request: ["数据需求", "Request"] };
