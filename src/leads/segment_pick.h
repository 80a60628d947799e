/* SPDX-License-Identifier: Apache-2.0 */
/* segment_pick.h: which of the live versions scores a lead that is sent and not kept.
 *
 * As for kept leads, the first live version whose segment the lead is in, else the version of all
 * leads. Fields are known by name and by the headers that mean them ("Lead Source"); all else is an
 * attribute. Threads: one pick, one thread. */
#ifndef LEADS_SEGMENT_PICK_H
#define LEADS_SEGMENT_PICK_H

#include "util/str.h"

struct err;
struct live_model;
struct segment_pick;

/* segment_pick_new(m, e): for the segments of ${m} as they are now, times in them counted from
 * now. Borrows ${m}. */
struct segment_pick *segment_pick_new(struct live_model *m, struct err *e);
void segment_pick_free(struct segment_pick *p); /* NULL is fine */

/* segment_pick(p, text, out, e): ${text} is the lead as flat JSON; what is wrong with it is for the
 * scorer to say: such members are not known here. -1 without memory. */
int segment_pick(struct segment_pick *p, struct str text, struct live_model **out, struct err *e);

#endif
