// Habits of pages: filters in the address, lists by page, work with its error, drafts.
import { onScopeDispose, reactive, ref, type Ref, shallowRef, watch } from "vue";
import { useRoute, useRouter } from "vue-router";

/** Filters that live in the address, so that a link, a reload and the back button keep them. */
export function useFilters<T extends Record<string, string>>(initial: T): T {
  const route = useRoute();
  const router = useRouter();
  const name = route.name;
  const read = () => Object.fromEntries(Object.entries(initial).map(([key, value]) => {
    const asked = route.query[key];
    return [key, typeof asked === "string" ? asked : value];
  })) as T;
  const filters = reactive(read()) as T;
  watch(() => route.query, () => {
    if (route.name === name) Object.assign(filters, read());
  });
  watch(filters, () => {
    const query = Object.fromEntries(Object.entries(filters).filter(([key, value]) => value && value !== initial[key]));
    void router.replace({ query });
  });
  return filters;
}

/** A list that comes in pages; `restart` asks anew, the answer to an older question is thrown away. */
export function usePages<T>(ask: (token: string) => Promise<{ rows: T[]; next?: string | undefined }>) {
  const rows = shallowRef<T[]>([]) as Ref<T[]>;
  const next = ref("");
  const loading = ref(false);
  const error = ref<unknown>(null);
  let turn = 0;

  async function get(token: string) {
    const mine = ++turn;
    loading.value = true;
    error.value = null;
    try {
      const answer = await ask(token);
      if (mine !== turn) return;
      rows.value = token === "" ? answer.rows : [...rows.value, ...answer.rows];
      next.value = answer.next ?? "";
    } catch (failed) {
      if (mine === turn) error.value = failed;
    } finally {
      if (mine === turn) loading.value = false;
    }
  }
  const restart = () => get("");
  const more = () => get(next.value);
  return reactive({ rows, next, loading, error, restart, more });
}

/** One piece of work at a time, and what it failed with. */
export function useWork() {
  const busy = ref(false);
  const error = ref<unknown>(null);
  async function run<R>(work: () => Promise<R>): Promise<R | undefined> {
    busy.value = true;
    error.value = null;
    try {
      return await work();
    } catch (failed) {
      error.value = failed;
      return undefined;
    } finally {
      busy.value = false;
    }
  }
  return reactive({ busy, error, run });
}

/** Keeps what is being written until it is sent: `value` is watched and put back after a reload. */
export function useDraft<T extends object>(key: string, value: Ref<T>) {
  const place = `zhanqiao.draft.${key}`;
  const text = localStorage.getItem(place);
  const found = ref(false);
  const untouched = JSON.stringify(value.value);
  if (text !== null) {
    try {
      const { at, draft } = JSON.parse(text) as { at: number; draft: T };
      if (Date.now() - at < 14 * 86_400_000) {
        value.value = draft;
        found.value = true;
      }
    } catch {
      localStorage.removeItem(place);
    }
  }
  let timer = 0;
  let done = false;
  watch(value, () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (!done && JSON.stringify(value.value) !== untouched) localStorage.setItem(place, JSON.stringify({ at: Date.now(), draft: value.value }));
    }, 400);
  }, { deep: true });
  function forget() {
    done = true;
    clearTimeout(timer);
    found.value = false;
    localStorage.removeItem(place);
  }
  onScopeDispose(() => clearTimeout(timer));
  return reactive({ found, forget });
}
