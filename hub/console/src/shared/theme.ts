// Light or dark, ordinary or large letters: kept in the browser, the system's wish unless chosen.
import { ref } from "vue";

export type Theme = "light" | "dark" | "system";
export const theme = ref<Theme>((localStorage.getItem("zhanqiao.theme") as Theme | null) ?? "system");
export const dark = ref(false);
export const large = ref(localStorage.getItem("zhanqiao.large") === "1");

const system = matchMedia("(prefers-color-scheme: dark)");

function apply() {
  dark.value = theme.value === "dark" || (theme.value === "system" && system.matches);
  document.documentElement.classList.toggle("dark", dark.value);
  document.documentElement.classList.toggle("large", large.value);
}
system.addEventListener("change", apply);
apply();

export function toggleDark() {
  theme.value = dark.value ? "light" : "dark";
  localStorage.setItem("zhanqiao.theme", theme.value);
  apply();
}

export function toggleLarge() {
  large.value = !large.value;
  localStorage.setItem("zhanqiao.large", large.value ? "1" : "0");
  apply();
}
