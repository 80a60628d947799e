// SPDX-License-Identifier: Apache-2.0
import { cleanup, configure } from "@testing-library/react";
import axios from "axios";
import { afterEach } from "vitest";
import { setFormat } from "@/lib/format";
import { adapter } from "@/testing/adapter";
import { toastStore } from "@/ui/toast";

afterEach(() => {
  cleanup();
  // What a test has told of in passing is not told of in the next.
  for (const { id } of toastStore.snapshot()) toastStore.drop(id);
  localStorage.clear();
});

// What is waited for comes when it comes; only what never comes fails.
configure({ asyncUtilTimeout: 15_000 });

// One way to the network, which testing/server.ts stands in for; figures as one locale writes them.
axios.defaults.adapter = adapter;
setFormat({ locale: "en-GB", timeZone: "UTC" });

// What jsdom lacks and the pages ask of a browser.
window.matchMedia ??= (query: string) =>
  ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;
window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
Element.prototype.scrollIntoView ??= () => {};
Element.prototype.hasPointerCapture ??= () => false;
window.scrollTo = () => {};
