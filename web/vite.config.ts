// SPDX-License-Identifier: Apache-2.0
import path from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// In development the pages come from here and everything else from a running server:
// HEATSCORE_URL=http://127.0.0.1:8000 script/web npm run dev
const server = process.env.HEATSCORE_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": path.resolve(import.meta.dirname, "src") } },
  server: { proxy: { "/api": server, "/health": server, "/openapi.json": server } },
  build: {
    // The polyfill and inlined assets would need inline script or data: sources that the
    // content policy forbids.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    target: "es2022",
    reportCompressedSize: false,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}", "eslint/**/*.test.mjs"],
    setupFiles: ["./vitest.setup.ts"],
    restoreMocks: true,
    testTimeout: 15_000,
  },
});
