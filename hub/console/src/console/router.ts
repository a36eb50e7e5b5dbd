// Every place of the console has an address. `roles` are those who find it in their menu; the hub decides who may do what.
import type { Role } from "@contract";
import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";
import { say } from "../shared/language";
import { officeRoutes } from "./pages/office/routes";
import { useSession } from "./session";

declare module "vue-router" {
  interface RouteMeta {
    title?: [string, string];
    roles?: Role[];
    icon?: string;
    group?: string;
    open?: boolean; // without sign-in
    bare?: boolean; // without the frame
  }
}

const body: Role[] = ["ROLE_ORG_CLERK", "ROLE_ORG_APPROVER"];
const office: Role[] = ["ROLE_OFFICE"];
const auditor: Role[] = ["ROLE_AUDITOR"];
const system: Role[] = ["ROLE_SYSTEM_ADMIN"];
const security: Role[] = ["ROLE_SECURITY_ADMIN"];
const everybody: Role[] = [...body, ...office, ...auditor, ...system, ...security];

const place = (
  path: string, name: string, title: [string, string], roles: Role[], group: string, icon: string, component: RouteRecordRaw["component"],
): RouteRecordRaw => ({ path, name, component: component!, meta: { title, roles, group, icon } });
const inner = (path: string, name: string, title: [string, string], roles: Role[], component: RouteRecordRaw["component"]): RouteRecordRaw => ({
  path, name, component: component!, meta: { title, roles },
});

export const routes: RouteRecordRaw[] = [
  { path: "/sign-in", name: "sign-in", component: () => import("./pages/SignIn.vue"), meta: { title: ["登录", "Sign in"], open: true, bare: true } },
  place("/", "home", ["工作台", "Home"], everybody, "", "HomeFilled", () => import("./pages/Home.vue")),

  place("/entries", "entries", ["我的目录", "My entries"], body, "catalogue", "Memo", () => import("./pages/clerk/Entries.vue")),
  inner("/entries/new", "entry-new", ["新建条目", "New entry"], [...body, ...office], () => import("./pages/clerk/EntryForm.vue")),
  inner("/entries/:code/edit", "entry-edit", ["修改条目", "Edit entry"], [...body, ...office], () => import("./pages/clerk/EntryForm.vue")),
  inner("/entries/:code", "entry", ["目录条目", "Entry"], everybody, () => import("./pages/clerk/Entry.vue")),
  place("/reviews", "reviews", ["目录审核", "Reviews"], office, "catalogue", "Stamp", () => import("./pages/office/Reviews.vue")),
  place("/catalogue", "catalogue", ["检索目录", "Search catalogue"], everybody, "catalogue", "Search", () => import("./pages/clerk/Catalogue.vue")),
  place("/sheets", "sheets", ["表格导入导出", "Spreadsheets"], [...body, ...office], "catalogue", "Grid", () => import("./pages/clerk/Sheets.vue")),
  place("/findings", "findings", ["待改进项", "Findings"], [...body, ...office], "catalogue", "WarningFilled", () => import("./pages/clerk/Findings.vue")),
  place("/systems", "systems", ["信息系统", "Systems"], [...body, ...office], "catalogue", "Monitor", () => import("./pages/clerk/Systems.vue")),

  place("/requests", "requests", ["我方申请", "Requests we make"], body, "sharing", "Promotion", () => import("./pages/clerk/Requests.vue")),
  place("/answers", "answers", ["待我方办理", "Requests to answer"], body, "sharing", "Checked", () => import("./pages/clerk/Answers.vue")),
  place("/grants", "grants", ["授权总览", "All grants"], [...office, ...auditor, ...security], "sharing", "Connection", () => import("./pages/clerk/AllGrants.vue")),
  inner("/grants/new", "grant-new", ["申请数据", "Apply for data"], body, () => import("./pages/clerk/GrantForm.vue")),
  inner("/grants/:id", "grant", ["授权", "Grant"], everybody, () => import("./pages/clerk/Grant.vue")),
  place("/objections", "objections", ["异议校核", "Objections"], [...body, ...office, ...auditor], "sharing", "ChatLineSquare", () => import("./pages/clerk/Objections.vue")),
  inner("/objections/:id", "objection", ["异议", "Objection"], everybody, () => import("./pages/clerk/Objection.vue")),
  place("/demands", "demands", ["数据需求", "Demands"], [...body, ...office, ...auditor], "sharing", "QuestionFilled", () => import("./pages/clerk/Demands.vue")),
  inner("/demands/:id", "demand", ["数据需求", "Demand"], everybody, () => import("./pages/clerk/Demand.vue")),
  place("/notices", "notices", ["通知", "Notices"], [...body, ...office], "sharing", "Bell", () => import("./pages/clerk/Notices.vue")),

  place("/ledger", "ledger", ["存证查询", "Query the ledger"], [...auditor, ...office, ...body], "ledger", "Tickets", () => import("./pages/auditor/Ledger.vue")),
  inner("/ledger/:index", "ledger-entry", ["存证", "Ledger entry"], everybody, () => import("./pages/auditor/LedgerEntry.vue")),
  place("/person", "person", ["谁查过此人", "Who looked at a person"], [...auditor, ...office], "ledger", "User", () => import("./pages/auditor/Person.vue")),
  place("/checkpoint", "checkpoint", ["账本一致性", "Consistency"], everybody, "ledger", "Finished", () => import("./pages/auditor/Checkpoint.vue")),
  place("/rollup", "rollup", ["共享统计", "Figures"], [...auditor, ...office], "ledger", "Histogram", () => import("./pages/auditor/Rollup.vue")),

  ...officeRoutes,

  place("/persons", "persons", ["人员与账号", "People and accounts"], security, "admin", "UserFilled", () => import("./pages/admin/Persons.vue")),
  place("/sessions", "sessions", ["会话", "Sessions"], security, "admin", "Timer", () => import("./pages/admin/Sessions.vue")),
  place("/certificates", "certificates", ["证书", "Certificates"], [...security, ...system, ...body], "admin", "Postcard", () => import("./pages/admin/Certificates.vue")),
  place("/keys", "keys", ["账本密钥", "Ledger keys"], security, "admin", "Key", () => import("./pages/admin/Keys.vue")),
  place("/connectors", "connectors", ["前置机", "Connectors"], [...system, ...security, ...body], "admin", "Cpu", () => import("./pages/admin/Connectors.vue")),
  place("/rules", "rules", ["规则与节假日", "Rules and holidays"], [...security, ...system, ...office, ...auditor], "admin", "Calendar", () => import("./pages/admin/Rules.vue")),
  place("/health", "health", ["系统健康", "Health"], system, "admin", "FirstAidKit", () => import("./pages/admin/Health.vue")),
  place("/code-tables", "code-tables", ["代码表", "Code tables"], office, "admin", "Collection", () => import("./pages/office/CodeTables.vue")),
  place("/break-glass", "break-glass", ["应急授权", "Break-glass"], everybody, "admin", "Lightning", () => import("./pages/admin/BreakGlass.vue")),
  inner("/account", "account", ["我的账号", "My account"], everybody, () => import("./pages/Account.vue")),
  { path: "/:rest(.*)*", name: "nowhere", component: () => import("./pages/Nowhere.vue"), meta: { title: ["没有这一页", "No such page"] } },
];

export const router = createRouter({
  history: createWebHistory("/console/"),
  routes,
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
});

router.beforeEach(async (to) => {
  const session = useSession();
  if (!session.known) {
    try {
      await session.load();
    } catch {
      return to.meta.open ? true : { name: "sign-in", query: { to: to.fullPath } };
    }
  }
  if (session.caller === null && !to.meta.open) return { name: "sign-in", query: { to: to.fullPath } };
  return true;
});

router.afterEach((to) => {
  const title = to.meta.title;
  document.title = (title ? `${say(...title)} · ` : "") + say("栈桥", "Zhanqiao");
});
