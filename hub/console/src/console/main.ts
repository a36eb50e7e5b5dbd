import "element-plus/dist/index.css";
import "element-plus/theme-chalk/dark/css-vars.css";
import "../shared/base.css";
import "./console.css";
import "../shared/theme";
import { createPinia } from "pinia";
import { createApp } from "vue";
import { whenSessionIsOver } from "../shared/api";
import App from "./App.vue";
import { useElements } from "./elements";
import { router } from "./router";
import { useSession } from "./session";

const app = createApp(App);
app.use(createPinia());
useElements(app);
app.use(router);
whenSessionIsOver(() => {
  const session = useSession();
  if (session.caller === null) return;
  session.over();
  const here = router.currentRoute.value;
  if (here.name !== "sign-in") void router.replace({ name: "sign-in", query: { to: here.fullPath, over: "1" } });
});
app.mount("#app");
