/* SPDX-License-Identifier: Apache-2.0 */
/* retrain_internal.h: reading what a training is asked for. */
#ifndef LEADS_RETRAIN_INTERNAL_H
#define LEADS_RETRAIN_INTERNAL_H

#include "leads/retrain.h"

/* retrain_rate(s, per_day): "30/day", "100/week", "30"; false when it is none. */
bool retrain_rate(struct str s, double *per_day);
/* retrain_mended(detail, from, to, as, e): where cells of the upload of this detail were mended in
 * its check, writes its file ${from} with them to ${to}, tells how that is laid out, and returns 1;
 * 0 where there is nothing to mend. */
struct table_reading;
int retrain_mended(const struct json *detail, const char *from, const char *to,
	struct table_reading *as, struct err *e);
/* retrain_query(v, out): a text, or an object of filters, as a query string; false when it is
 * neither. */
bool retrain_query(const struct json *v, struct buf *out);

#endif
