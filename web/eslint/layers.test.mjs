// SPDX-License-Identifier: Apache-2.0
import { RuleTester } from "eslint";
import { describe, it } from "vitest";
import rule from "./layers.mjs";

RuleTester.describe = describe;
RuleTester.it = it;

const at = (filename, code) => ({ filename: `/w/src/${filename}`, code });
const bad = (filename, code) => ({ ...at(filename, code), errors: 1 });

new RuleTester().run("imports follow the layers", rule, {
  valid: [
    at("pages/Leads.tsx", 'import { LeadsTable } from "@/features/leads/LeadsTable"'),
    at("features/leads/LeadsTable.tsx", 'import { api } from "./api"'),
    at("features/leads/LeadsTable.tsx", 'import { Button } from "@/ui/Button"'),
    at("features/leads/LeadsTable.test.tsx", 'import { render } from "@/testing/render"'),
    at("ui/Button.tsx", 'import { t } from "@/lib/strings"'),
    at("ui/Button.tsx", 'import React from "react"'),
  ],
  invalid: [
    bad("features/leads/api.ts", 'import { jobs } from "@/features/jobs/api"'),
    bad("features/leads/api.ts", 'import { jobs } from "../jobs/api"'),
    bad("ui/Button.tsx", 'import { paths } from "@/app/paths"'),
    bad("lib/client.ts", 'import { Button } from "@/ui/Button"'),
    bad("lib/client.ts", 'const b = import("@/ui/Button")'),
    bad("pages/Leads.tsx", 'export { App } from "@/app/App"'),
    bad("pages/Leads.tsx", 'import { render } from "@/testing/render"'),
  ],
});
