/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.h: what is wrong with a data folder and the machine below it, and what to type next.
 * Changes nothing that matters: it writes a few kilobytes to see how long the disk takes. */
#ifndef OPS_DOCTOR_H
#define OPS_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum doctor_state { DOCTOR_FINE, DOCTOR_LOOK, DOCTOR_WRONG };
const char *doctor_state_name(enum doctor_state s); /* "fine", "look", "wrong" */

struct doctor_finding {
	const char *name; /* "disk space" */
	enum doctor_state state;
	char detail[512];
	char fix[512]; /* a command, or what to do; empty: nothing */
};

struct doctor_opts {
	const char *data;
	const char *listen;             /* HOST:PORT as set; NULL: not known */
	const char *tls_cert, *tls_key; /* NULL: none */
	bool plain_http;                /* as set: TLS is somebody else's */
	int64_t now_ms;
};

enum { DOCTOR_MAX = 16 };
struct doctor {
	struct doctor_finding found[DOCTOR_MAX];
	size_t n;
};

/* doctor_run(o, out): every check, each whether the ones before went well or not. */
void doctor_run(const struct doctor_opts *o, struct doctor *out);
enum doctor_state doctor_worst(const struct doctor *d);

#endif
