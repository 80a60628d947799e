// SPDX-License-Identifier: Apache-2.0
import path from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// In development the pages come from here and everything else from a running server:
// HEATSCORE_URL=http://127.0.0.1:8000 script/web npm run dev
const server = process.env.HEATSCORE_URL ?? "http://127.0.0.1:8000";

// Axios asks with XMLHttpRequest, which tells how much of a file is sent; its other way to ask, by
// fetch, would be a twentieth of all that is loaded before the list of leads is usable.
const oneWayToAsk: Plugin = {
  name: "one-way-to-ask",
  enforce: "pre",
  apply: "build",
  load: (id) => (/axios\/lib\/adapters\/fetch\.js$/.test(id) ? "export const getFetch = () => null; export default null;" : null),
};

// Tells public/theme.js in which files the code of the pages is that are mostly opened first.
const pageCode: Plugin = {
  name: "page-code",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (_, { bundle }) => {
      const chunks = Object.values(bundle ?? {}).filter((c) => c.type === "chunk");
      // What a file needs, and what that needs.
      const needs = (name: string, all = new Set<string>()): Set<string> => {
        if (all.has(name)) return all;
        all.add(name);
        for (const i of chunks.find((c) => c.fileName === name)?.imports ?? []) needs(i, all);
        return all;
      };
      const entry = new Set(chunks.filter((c) => c.isEntry).flatMap((c) => [...needs(c.fileName)]));
      const files = (page: string) => {
        const chunk = chunks.find((c) => c.facadeModuleId?.endsWith(`/src/pages/${page}.tsx`));
        if (!chunk) throw new Error(`${page} has no file of its own`);
        return [...needs(chunk.fileName)].filter((f) => !entry.has(f)).map((f) => `/${f}`).join();
      };
      const content = `/=${files("Overview")} /leads=${files("Leads")}`;
      return [{ tag: "meta", attrs: { name: "page-code", content }, injectTo: "head-prepend" }];
    },
  },
};

export default defineConfig({
  plugins: [oneWayToAsk, pageCode, react(), tailwindcss()],
  resolve: { alias: { "@": path.resolve(import.meta.dirname, "src") } },
  server: { proxy: { "/api": server, "/health": server, "/openapi.json": server } },
  build: {
    // The polyfill and inlined assets would need inline script or data: sources that the
    // content policy forbids.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    target: "es2022",
    reportCompressedSize: false,
    rollupOptions: {
      output: {
        // What most pages share comes in one file, not in dozens of some hundred bytes that each wait
        // for their turn. What is fetched on demand stays on its own.
        codeSplitting: {
          groups: [{ name: "shared", test: /\/src\/(ui|lib)\/(?!.*(Impl|Chart|chart|strings))|lucide-react\/dist/, minShareCount: 3 }],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}", "eslint/**/*.test.mjs"],
    setupFiles: ["./vitest.setup.ts"],
    restoreMocks: true,
    // No test leaves anything behind in a module (setup cleans up), so that files may share one.
    isolate: false,
    // Generous: a busy machine is no failure.
    testTimeout: 60_000,
  },
});
