// The little of a browser that modules touch when they are loaded.
import "vue"; // before there is a document: it then leaves it alone

const kept = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) },
  location: { search: "" },
  document: { documentElement: { lang: "" } },
});
