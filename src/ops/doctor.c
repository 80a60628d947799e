/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "ops/doctor_internal.h"
#include "util/err.h"

const char *doctor_state_name(enum doctor_state s)
{
	static const char *const names[] = { "fine", "look", "wrong" };

	return names[s];
}

enum doctor_state doctor_worst(const struct doctor *d)
{
	enum doctor_state worst = DOCTOR_FINE;

	for (size_t i = 0; i < d->n; i++)
		if (d->found[i].state > worst)
			worst = d->found[i].state;
	return worst;
}

struct doctor_finding *doctor_find(struct doctor *d, const char *name)
{
	struct doctor_finding *f;

	ASSERT(d->n < DOCTOR_MAX);
	f = &d->found[d->n++];
	*f = (struct doctor_finding){ .name = name };
	return f;
}

void doctor_say(struct doctor_finding *f, enum doctor_state s, const char *fmt, ...)
{
	va_list ap;

	f->state = s;
	va_start(ap, fmt);
	vsnprintf(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
}

void doctor_mend(struct doctor_finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->fix, sizeof(f->fix), fmt, ap);
	va_end(ap);
}

void doctor_run(const struct doctor_opts *o, struct doctor *out)
{
	out->n = 0;
	if (doctor_look_at_folder(out, o)) {
		doctor_look_at_files(out, o);
		doctor_look_at_space(out, o);
		doctor_look_at_disk(out, o);
		doctor_look_at_clock(out, o);
		doctor_look_at_store(out, o);
		doctor_look_at_models(out, o);
		doctor_look_at_backups(out, o);
		doctor_look_at_leftovers(out, o);
	}
	doctor_look_at_address(out, o);
	doctor_look_at_certificate(out, o);
}
