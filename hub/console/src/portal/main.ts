import "../shared/base.css";
import "./portal.css";
import "../shared/theme";
import { createApp } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import { say } from "../shared/language";
import App from "./App.vue";

const router = createRouter({
  history: createWebHistory("/"),
  routes: [
    { path: "/", name: "home", component: () => import("./pages/Home.vue"), meta: { title: ["首页", "Home"] } },
    { path: "/dataset", name: "datasets", component: () => import("./pages/Datasets.vue"), meta: { title: ["数据目录", "Datasets"] } },
    { path: "/dataset/:name", name: "dataset", component: () => import("./pages/Dataset.vue"), meta: { title: ["数据集", "Dataset"] } },
    { path: "/request", name: "request", component: () => import("./pages/Request.vue"), meta: { title: ["提需求", "Request data"] } },
    { path: "/submission/:id", name: "submission", component: () => import("./pages/Submission.vue"), meta: { title: ["办理情况", "Status"] } },
    { path: "/developers", name: "developers", component: () => import("./pages/Developers.vue"), meta: { title: ["开发者", "Developers"] } },
    { path: "/:rest(.*)*", name: "nowhere", component: () => import("./pages/Nowhere.vue"), meta: { title: ["没有这一页", "No such page"] } },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
});
router.afterEach((to) => {
  const title = to.meta.title as [string, string] | undefined;
  document.title = (title ? `${say(...title)} · ` : "") + say("公共数据开放平台", "Open data portal");
});
createApp(App).use(router).mount("#app");
