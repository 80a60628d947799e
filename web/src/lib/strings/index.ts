// SPDX-License-Identifier: Apache-2.0
// Every word the pages say, in one typed catalogue: a missing or misspelled entry does not compile.
// `t` is read when a component renders, so tests can put another catalogue in its place.
import { common } from "./common";
import { jobs } from "./jobs";
import { leads } from "./leads";
import { model } from "./model";
import { overview } from "./overview";
import { session } from "./session";
import { settings } from "./settings";
import { upload } from "./upload";

export const en = { ...common, ...leads, ...overview, ...session, ...jobs, ...settings, ...upload, ...model };

export type Catalogue = typeof en;

export let t: Catalogue = en;

export function setCatalogue(next: Catalogue) {
  t = next;
}
