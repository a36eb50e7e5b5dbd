// Who is signed in, and what they may see.
import type { CallerIdentity, Role } from "@contract";
import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { call } from "../shared/api";
import { HubError } from "../shared/errors";
import { organizationOf } from "../shared/format";

export const useSession = defineStore("session", () => {
  const caller = ref<CallerIdentity | null>(null);
  const displayName = ref("");
  const known = ref(false); // the hub has been asked

  const roles = computed<Role[]>(() => caller.value?.roles ?? []);
  const organization = computed(() => caller.value?.organization ?? organizationOf(caller.value?.subject));
  const has = (...wanted: Role[]) => roles.value.some((role) => wanted.includes(role));

  // Whether somebody signed in here: an unneeded question would be a refusal in the ledger.
  const hint = "zhanqiao.signed-in";

  /** Asks the hub; nobody signed in is no error. */
  async function load() {
    if (localStorage.getItem(hint) === null) {
      known.value = true;
      return;
    }
    try {
      caller.value = await call("AccessService", "GetCaller", {});
      const name = caller.value.subject ?? "";
      displayName.value = name;
      if (name.includes("/persons/")) {
        call("AccessService", "GetPerson", { name }).then((person) => (displayName.value = person.display_name ?? name), () => {});
      }
    } catch (error) {
      caller.value = null;
      if (!(error instanceof HubError) || error.code !== "unauthenticated") throw error;
    } finally {
      known.value = true;
    }
  }

  /** After a sign-in: who it is. */
  async function entered() {
    localStorage.setItem(hint, "1");
    await load();
  }

  async function signOut() {
    try {
      await call("AccountService", "SignOut", {});
    } finally {
      over();
    }
  }

  function over() {
    caller.value = null;
    localStorage.removeItem(hint);
  }

  return { caller, displayName, known, roles, organization, has, load, entered, signOut, over };
});
