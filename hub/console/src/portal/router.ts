// Every place of the portal has an address that can be passed on.
import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";
import { say } from "../shared/language";

declare module "vue-router" {
  interface RouteMeta {
    title?: [string, string];
    menu?: boolean;
  }
}

export const routes: RouteRecordRaw[] = [
  { path: "/", name: "home", component: () => import("./pages/Home.vue"), meta: { title: ["首页", "Home"], menu: true } },
  { path: "/dataset", name: "datasets", component: () => import("./pages/Datasets.vue"), meta: { title: ["数据集", "Datasets"], menu: true } },
  { path: "/dataset/:name", name: "dataset", component: () => import("./pages/Dataset.vue"), meta: { title: ["数据集", "Dataset"] } },
  { path: "/dataset/:name/api", name: "dataset-api", component: () => import("./pages/DatasetApi.vue"), meta: { title: ["数据接口", "API"] } },
  { path: "/organization/:name", redirect: (to) => ({ name: "datasets", query: { body: String(to.params.name) } }) },
  { path: "/group/:name", redirect: (to) => ({ name: "datasets", query: { theme: String(to.params.name) } }) },
  { path: "/requests", name: "requests", component: () => import("./pages/Requests.vue"), meta: { title: ["互动", "Have your say"], menu: true } },
  { path: "/submission/:id", name: "submission", component: () => import("./pages/SubmissionPage.vue"), meta: { title: ["办理情况", "Status"] } },
  { path: "/statistics", name: "statistics", component: () => import("./pages/Statistics.vue"), meta: { title: ["统计", "Figures"], menu: true } },
  { path: "/developers", name: "developers", component: () => import("./pages/Developers.vue"), meta: { title: ["开发者", "Developers"], menu: true } },
  { path: "/developers/api", name: "reference", component: () => import("./pages/Reference.vue"), meta: { title: ["接口文档", "API reference"] } },
  { path: "/about", name: "about", component: () => import("./pages/About.vue"), meta: { title: ["关于", "About"], menu: true } },
  { path: "/:rest(.*)", name: "nowhere", component: () => import("./pages/Nowhere.vue"), meta: { title: ["没有这一页", "No such page"] } },
];

export const router = createRouter({
  history: createWebHistory("/"),
  routes,
  scrollBehavior: (to, from, saved) => saved ?? (to.hash ? { el: to.hash, top: 76 } : to.path === from.path ? false : { top: 0 }),
});

export function entitle(title: string) {
  document.title = `${title} · ${say("公共数据开放平台", "Open data portal")}`;
}
router.afterEach((to) => {
  if (to.meta.title) entitle(say(...to.meta.title));
});
