/* SPDX-License-Identifier: Apache-2.0 */
/* explanation_internal.h: the parts of an explanation. */
#ifndef LEADS_EXPLANATION_INTERNAL_H
#define LEADS_EXPLANATION_INTERNAL_H

#include "leads/explanation.h"
#include "leads/lead_seat.h"

struct explaining_lead {
	const struct explanation_opts *o;
	struct lead_seat seat;
	struct score score; /* as of as_of, by the seat's model */
	double as_of;
};

/* Each writes its member: reach, moved. */
int explanation_reach(struct explaining_lead *x, struct jw *w, struct err *e);
int explanation_moved(struct explaining_lead *x, struct jw *w, struct err *e);

#endif
