/* SPDX-License-Identifier: Apache-2.0 */
/* sniff.h: what is certainly no table, told by its content, in words for the person who sent it. */
#ifndef UTIL_SNIFF_H
#define UTIL_SNIFF_H

#include <stdbool.h>

#include "util/str.h"

struct err;

/* sniff_zip(head): a zip archive, and so perhaps an .xlsx. */
bool sniff_zip(struct str head);

/* sniff_refuse(head, e): -1 with ERR_INPUT when the first bytes of the file (some 4 KiB) are those
 * of a picture, PDF, old .xls, archive or the like. A zip is not refused here. */
int sniff_refuse(struct str head, struct err *e);

/* sniff_refuse_text(text, e): the same for decoded text: web page, JSON, XML, RTF, binary. */
int sniff_refuse_text(struct str text, struct err *e);

#endif
