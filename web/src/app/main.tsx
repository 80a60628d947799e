// SPDX-License-Identifier: Apache-2.0
import { setNonce } from "get-nonce";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "@/lib/query";
import { watchSystemTheme } from "@/lib/theme";
import { begin } from "./begin";
import { Providers } from "./Providers";
import { AppRoutes } from "./Routes";
import "./styles.css";

// The overlays add one <style> that locks scrolling; the content policy lets it in by the nonce that
// the server put into this copy of the page.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;
if (nonce) setNonce(nonce);
watchSystemTheme();

const queries = makeQueryClient();
begin(queries, window.location.pathname);

createRoot(document.getElementById("root")!).render(
  <Providers queries={queries}>
    <AppRoutes />
  </Providers>,
);
