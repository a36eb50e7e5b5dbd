// Two languages side by side: whoever writes a sentence writes it twice, in the place where it is used, and the compiler
// misses neither. Chinese comes first.
import { ref } from "vue";

export type Language = "zh" | "en";

const kept = "zhanqiao.language";

function initial(): Language {
  const wanted = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(kept) ?? "zh";
  return wanted === "en" ? "en" : "zh";
}

export const language = ref<Language>(initial());

export function setLanguage(wanted: Language) {
  language.value = wanted;
  localStorage.setItem(kept, wanted);
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}
setLanguage(language.value);

/** The sentence in the language of the page; reactive where it is rendered. */
export function say(zh: string, en: string): string {
  return language.value === "zh" ? zh : en;
}
