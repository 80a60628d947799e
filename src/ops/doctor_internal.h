/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_internal.h: what the parts of the doctor share: a finding, and what is said in it. */
#ifndef OPS_DOCTOR_INTERNAL_H
#define OPS_DOCTOR_INTERNAL_H

#include <stdbool.h>

#include "ops/doctor.h"

struct doctor_finding *doctor_find(struct doctor *d, const char *name);
void doctor_say(struct doctor_finding *f, enum doctor_state s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void doctor_mend(struct doctor_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* doctor_machine.c */
bool doctor_look_at_folder(struct doctor *d, const struct doctor_opts *o); /* false: not there */
void doctor_look_at_space(struct doctor *d, const struct doctor_opts *o);
void doctor_look_at_disk(struct doctor *d, const struct doctor_opts *o);
void doctor_look_at_clock(struct doctor *d, const struct doctor_opts *o);
void doctor_look_at_address(struct doctor *d, const struct doctor_opts *o);
void doctor_look_at_certificate(struct doctor *d, const struct doctor_opts *o);

/* doctor_files.c */
void doctor_look_at_files(struct doctor *d, const struct doctor_opts *o);
void doctor_look_at_leftovers(struct doctor *d, const struct doctor_opts *o);

/* doctor_data.c */
void doctor_look_at_store(struct doctor *d, const struct doctor_opts *o);
void doctor_look_at_models(struct doctor *d, const struct doctor_opts *o);
void doctor_look_at_backups(struct doctor *d, const struct doctor_opts *o);

#endif
