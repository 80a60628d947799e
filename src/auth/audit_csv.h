/* SPDX-License-Identifier: Apache-2.0 */
/* audit_csv.h: the audit log as a table that spreadsheets open without running anything in it.
 * Threads: any. */
#ifndef AUTH_AUDIT_CSV_H
#define AUTH_AUDIT_CSV_H

struct audit_filter;
struct buf;
struct err;
struct store;

enum { AUDIT_CSV_MAX = 256 << 20 };

/* audit_csv(s, f, out, e): appends a header line and every entry that passes, newest first.
 * ERR_LIMIT past AUDIT_CSV_MAX bytes: narrow the filter. */
int audit_csv(struct store *s, const struct audit_filter *f, struct buf *out, struct err *e);

#endif
