/* SPDX-License-Identifier: Apache-2.0 */
/* docs_files.h: the page that shows the API description, from src/api/docs/, inside the program. */
#ifndef API_DOCS_FILES_H
#define API_DOCS_FILES_H

#include "util/str.h"

extern const struct str docs_html, docs_js, docs_css;

#endif
