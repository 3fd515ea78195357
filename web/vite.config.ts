import { defineConfig } from "vite";

// `npm run dev` serves the sources and asks a Vega on its usual port.
const vega = "http://127.0.0.1:8000";

export default defineConfig({
  build: {
    outDir: "../src/vega/web",
    emptyOutDir: true,
    // The page's policy forbids what would be put inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: { proxy: { "/api": vega, "/chat": vega, "/history": vega, "/metrics": vega } },
});
