// SPDX-License-Identifier: Apache-2.0
// Every word the pages say, in one typed catalogue: a missing or misspelled entry does not compile.
// `t` is read when a component renders, so tests can put another catalogue in its place.
import { common } from "./common";
import { leads } from "./leads";
import { overview } from "./overview";

export const en = { ...common, ...leads, ...overview };

export type Catalogue = typeof en;

export let t: Catalogue = en;

export function setCatalogue(next: Catalogue) {
  t = next;
}
