/* SPDX-License-Identifier: Apache-2.0 */
/* uploads.h: files that were sent, from their arrival to the leads in the store, and back.
 *
 *	received -> profiling -> review -> importing -> done -> undoing -> undone
 *	                      \-----------/   (or failed, or cancelled, from any of the first four)
 *
 * Reading, checking, importing and undoing are jobs of the queue ("import", "undo"), so they go on
 * after a restart. The raw file lies in DATA/uploads and is removed when it is discarded or some
 * days after the upload has ended. Threads: any. */
#ifndef LEADS_UPLOADS_H
#define LEADS_UPLOADS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "record/id.h"
#include "record/upload.h"
#include "util/buf.h"

struct arena;
struct err;
struct json;
struct jw;
struct live;
struct runner;
struct store;

struct uploads { /* all borrowed */
	struct store *store;
	struct live *live;
	struct runner *runner; /* runs the jobs; NULL: some other process does */
	const char *data;
	unsigned threads; /* of an import; 0: as many as suit the machine */
	/* A job could not be queued for an upload that waits for it: uploads_recover does it. */
	atomic_bool owed;
};

/* uploads_path(u, name, out, e): DATA/uploads/NAME, ended with NUL; the folder is made. */
int uploads_path(const struct uploads *u, struct str name, struct buf *out, struct err *e);

/* uploads_receive(u, up, auto_commit, e): an upload whose file lies at its path already: id,
 * filename, file, sha256, bytes and created_by are filled. Kept, and its reading is queued. One
 * with this id that is there already is left as it is, and is what ${up} then says (in ${a}). -1:
 * nothing is kept. */
int uploads_receive(
	struct uploads *u, struct upload *up, bool auto_commit, struct arena *a, struct err *e);

/* What a person asks for. ${body}: "mapping", "outcome", "mode", as POST .../commit takes them; may
 * be NULL. ERR_INPUT with a pointer to what is wrong; ERR_CONFLICT in another state. ${out} is as
 * it then is. */
struct uploads_ask {
	struct id id;
	const struct json *body;
	char pointer[200]; /* set on ERR_INPUT; may be empty */
};
int uploads_commit(struct uploads *u, struct uploads_ask *ask, struct arena *a, struct upload *out,
	struct err *e);
int uploads_check(struct uploads *u, struct uploads_ask *ask, struct arena *a, struct upload *out,
	struct err *e);
/* ${body}: how the file is to be read, as reading_parse takes it; what is left out is found out. */
int uploads_profile(struct uploads *u, struct uploads_ask *ask, struct arena *a, struct upload *out,
	struct err *e);
int uploads_cancel(
	struct uploads *u, struct id id, struct arena *a, struct upload *out, struct err *e);
int uploads_undo(
	struct uploads *u, struct id id, struct arena *a, struct upload *out, struct err *e);
/* uploads_discard(u, id, e): its raw file and what was shown of it; cancelled if it still runs. */
int uploads_discard(struct uploads *u, struct id id, struct err *e);

/* uploads_get(u, id, a, out, e): with what has become of its job, should that have died. */
int uploads_get(
	struct uploads *u, struct id id, struct arena *a, struct upload *out, struct err *e);
/* uploads_json(up, w): one object, as the API writes it. ${brief}: without columns and preview. */
void uploads_json(const struct upload *up, bool brief, struct jw *w);

/* uploads_recover(u, e): queue what is under way and has no job. At the start, and when ${owed}. */
int uploads_recover(struct uploads *u, struct err *e);
/* uploads_tidy(u, e): remove raw files that no upload knows, left by a process that was killed
 * before it had written down what it received. At the start, before anything is received. */
int uploads_tidy(struct uploads *u, struct err *e);
/* uploads_sweep(u, before, e): remove raw files of uploads that ended before. */
int uploads_sweep(struct uploads *u, int64_t before_ms, struct err *e);

/* uploads_add_jobs(r, u): the functions of its jobs; borrows ${u} for the runner's life. */
void uploads_add_jobs(struct runner *r, struct uploads *u);

#endif
