// SPDX-License-Identifier: Apache-2.0
// All parts of the catalogue together: for tests, which put another language in its place.
import { t as detail } from "./detail";
import { type Base, t } from "./index";
import { t as model } from "./model";
import { t as overview } from "./overview";
import { t as session } from "./session";
import { t as settings } from "./settings";
import { t as upload } from "./upload";

export type Catalogue = Base & typeof detail & typeof model & typeof overview & typeof session & typeof settings & typeof upload;

export const en = { ...t } as Catalogue;

/** Texts are read when a component renders, so what is drawn next is in this language. */
export const setCatalogue = (next: Catalogue) => Object.assign(t, next);
