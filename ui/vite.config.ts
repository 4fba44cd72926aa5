import { svelte } from "@sveltejs/vite-plugin-svelte";
import { fileURLToPath } from "node:url";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// Mode `fake` (`npm run dev`, the tests) plays scenarios in any browser; every other mode is the real app.
export default defineConfig(({ mode }) => {
  const backend = mode === "fake" || mode === "test" ? "fake" : "tauri";
  return {
    plugins: [svelte()],
    resolve: { alias: { "#backend": here(`src/backend/${backend}.ts`) } },
    build: {
      outDir: backend === "fake" ? "node_modules/.fake" : "dist",
      emptyOutDir: true,
      // The oldest engines that Tauri's targets bring: Safari's of macOS 13, WebKitGTK 2.40.
      target: ["es2022", "safari16.4"],
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      rolldownOptions: {
        // Time is what a build may take; it is no warning.
        checks: { bundlerTimings: false },
        input: { panel: here("panel.html"), prompt: here("prompt.html") },
      },
    },
    // The pages of errors stand beside the UI.
    server: { host: "127.0.0.1", port: 5173, strictPort: true, fs: { allow: [here("."), here("../docs/errors")] } },
    test: {
      projects: [
        {
          extends: true,
          plugins: [svelteTesting()],
          test: {
            name: "components",
            environment: "jsdom",
            include: ["src/**/*.test.ts"],
            setupFiles: ["tests/layout.ts"],
          },
        },
        {
          test: {
            name: "browser",
            environment: "node",
            include: ["tests/browser/**/*.test.ts"],
            globalSetup: ["tests/browser/serve.ts"],
            testTimeout: 60_000,
            hookTimeout: 60_000,
            fileParallelism: false,
          },
        },
      ],
    },
  };
});
