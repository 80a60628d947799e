/* SPDX-License-Identifier: Apache-2.0 */
/* workroom.h: a folder of its own for the files of one piece of work, gone with it. What a killed
 * process left is cleared away by workroom_sweep, when the next one starts. */
#ifndef LEADS_WORKROOM_H
#define LEADS_WORKROOM_H

#include "util/str.h"

struct err;

struct workroom {
	char *dir; /* owned */
};

/* workroom_open(w, data, e): DATA/tmp/<ulid>, mode 0700. */
int workroom_open(struct workroom *w, const char *data, struct err *e);
/* workroom_path(w, name, e): a path in it, for free(); ${name} is made harmless: no folders. */
char *workroom_path(const struct workroom *w, struct str name, struct err *e);
void workroom_close(struct workroom *w); /* removes it and the files in it */

/* workroom_sweep(data): every such folder. Only while no other process works on ${data}. */
void workroom_sweep(const char *data);

#endif
