import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  build: {
    target: "safari16",
    // An inlined asset would be a data: address, which the window's CSP does not load.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
  test: { environment: "jsdom", include: ["src/**/*.test.ts"] },
});
