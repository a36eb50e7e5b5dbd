// The places of oversight and open data.
import type { Role } from "@contract";
import type { RouteRecordRaw } from "vue-router";

type Page = NonNullable<RouteRecordRaw["component"]>;
const body: Role[] = ["ROLE_ORG_CLERK", "ROLE_ORG_APPROVER"];
const office: Role[] = ["ROLE_OFFICE"];
const watchers: Role[] = ["ROLE_OFFICE", "ROLE_AUDITOR"];
const all: Role[] = [...watchers, ...body];

const place = (path: string, name: string, title: [string, string], roles: Role[], icon: string, component: Page): RouteRecordRaw => ({ path, name, component, meta: { title, roles, group: "progress", icon } });
const inner = (path: string, name: string, title: [string, string], roles: Role[], component: Page): RouteRecordRaw => ({ path, name, component, meta: { title, roles } });

export const officeRoutes: RouteRecordRaw[] = [
  place("/progress", "progress", ["方案进展", "Progress"], all, "TrendCharts", () => import("./Progress.vue")),
  inner("/progress/items", "figure-items", ["指标明细", "Items"], all, () => import("./FigureItems.vue")),
  inner("/progress/datasets", "dataset-count", ["数据集计数", "Counting datasets"], all, () => import("./DatasetCount.vue")),
  inner("/progress/sharing", "sharing", ["共享统计", "Sharing"], all, () => import("./Sharing.vue")),
  { path: "/cockpit", name: "cockpit", component: () => import("./Cockpit.vue"), meta: { title: ["驾驶舱", "Cockpit"], roles: watchers, bare: true } },
  place("/tasks", "tasks", ["任务台账", "Task ledger"], all, "List", () => import("./Tasks.vue")),
  inner("/tasks/:id", "task", ["任务", "Duty"], all, () => import("./Task.vue")),
  inner("/criticisms", "criticisms", ["通报", "Notices of criticism"], office, () => import("./Criticisms.vue")),
  inner("/criticisms/:id", "criticism", ["通报", "Notice"], all, () => import("./Criticism.vue")),
  place("/reports", "reports", ["月报", "Reports"], all, "Document", () => import("./Reports.vue")),
  inner("/reports/:month/:code", "report", ["月报", "Report"], all, () => import("./Report.vue")),
  place("/evaluation", "evaluation", ["年度评估", "Evaluation"], all, "Trophy", () => import("./Evaluation.vue")),
  place("/inventory", "inventory", ["清理整合", "Inventory"], all, "Collection", () => import("./Inventory.vue")),
  place("/open-datasets", "open-datasets", ["开放数据", "Open data"], all, "Upload", () => import("./OpenDatasets.vue")),
  inner("/open-datasets/new", "open-dataset-new", ["新建数据集", "New dataset"], body, () => import("./OpenDatasetForm.vue")),
  inner("/open-datasets/:code/:id", "open-dataset", ["开放数据集", "Dataset"], all, () => import("./OpenDatasetPage.vue")),
  inner("/open-datasets/:code/:id/edit", "open-dataset-edit", ["修改数据集", "Edit dataset"], body, () => import("./OpenDatasetForm.vue")),
  place("/submissions", "submissions", ["公众反馈", "The public"], all, "Postcard", () => import("./Submissions.vue")),
  place("/alarms", "alarms", ["告警", "Alarms"], [...watchers, "ROLE_SECURITY_ADMIN", ...body], "Warning", () => import("./Alarms.vue")),
  inner("/alarms/:id", "alarm", ["告警", "Alarm"], [...watchers, "ROLE_SECURITY_ADMIN", ...body], () => import("./AlarmPage.vue")),
  place("/projects", "projects", ["项目备案", "Filing gate"], all, "Flag", () => import("./Projects.vue")),
  inner("/projects/new", "project-new", ["新建备案", "New filing"], body, () => import("./ProjectForm.vue")),
  inner("/projects/:id/edit", "project-edit", ["修改备案", "Edit filing"], body, () => import("./ProjectForm.vue")),
  inner("/projects/:id", "project", ["项目", "Project"], all, () => import("./ProjectPage.vue")),
];
