// SPDX-License-Identifier: Apache-2.0
// Every word the pages say, in one typed catalogue: a missing or misspelled entry does not compile.
// What every page needs is here. The rest comes with the pages that say it: each part's file gives
// out the same `t` with its own texts in it, and only files that import it from there see them.
import { common } from "./common";
import { jobs } from "./jobs";
import { leads } from "./leads";

export type Base = typeof common & typeof jobs & typeof leads;

export const t: Base = { ...common, ...jobs, ...leads };

/** The catalogue with a part more. */
export const withPart = <P extends object>(part: P) => Object.assign(t, part);
