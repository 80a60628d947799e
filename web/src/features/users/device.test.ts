// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { device } from "./device";

it("names browser and system, and leaves alone what it does not know", () => {
  expect(device("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36")).toBe("Chrome, Linux");
  expect(device("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0")).toBe("Edge, Windows");
  expect(device("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1")).toBe("Safari, iPhone");
  expect(device("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:150.0) Gecko/20100101 Firefox/150.0")).toBe("Firefox, macOS");
  expect(device("curl/8.5.0")).toBe("curl/8.5.0");
  expect(device("Mozilla/5.0")).toBe("Mozilla/5.0");
  expect(device(undefined)).toBeUndefined();
});
