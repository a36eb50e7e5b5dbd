// What was sent from this browser: kept here and nowhere else.
import { ref } from "vue";

const place = "zhanqiao.submissions";
export interface Sent { name: string; title: string }
export const sent = ref<Sent[]>(JSON.parse(localStorage.getItem(place) ?? "[]") as Sent[]);

export function keepSubmission(one: Sent) {
  sent.value = [one, ...sent.value].slice(0, 50);
  localStorage.setItem(place, JSON.stringify(sent.value));
}
export function forgetSubmissions() {
  sent.value = [];
  localStorage.removeItem(place);
}

export const stateWords: Record<string, [string, string, string]> = {
  SUBMISSION_STATE_RECEIVED: ["已收到", "Received", ""],
  SUBMISSION_STATE_ACCEPTED: ["处理中", "Being dealt with", "warn"],
  SUBMISSION_STATE_ANSWERED: ["已答复", "Answered", "ok"],
  SUBMISSION_STATE_DECLINED: ["不予受理", "Declined", "bad"],
};
