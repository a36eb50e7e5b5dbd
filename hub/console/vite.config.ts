import vue from "@vitejs/plugin-vue";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { "@contract": at("./generated/contract.ts") } },
  define: { __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false" },
  test: { include: ["src/**/*.test.ts"], setupFiles: [at("./src/test_browser.ts")] },
  build: {
    target: "chrome87",
    outDir: process.env.CONSOLE_OUT ?? "../../build/console",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rollupOptions: { input: [at("./index.html"), at("./console/index.html")] },
  },
});
