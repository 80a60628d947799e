/* SPDX-License-Identifier: Apache-2.0 */
/* upload.h: a file that was sent, and how far its import is. Plain data. */
#ifndef RECORD_UPLOAD_H
#define RECORD_UPLOAD_H

#include <stdint.h>

#include "record/id.h"
#include "util/str.h"

enum upload_state {
	UPLOAD_RECEIVED,
	UPLOAD_PROFILING,
	UPLOAD_REVIEW,
	UPLOAD_IMPORTING,
	UPLOAD_DONE,
	UPLOAD_FAILED,
	UPLOAD_CANCELLED,
	UPLOAD_UNDOING,
	UPLOAD_UNDONE,
	UPLOAD_STATES
};
const char *upload_state_name(enum upload_state s); /* "received" */
int upload_state_parse(struct str name);            /* or -1 */

struct upload_rows {
	uint64_t read, created, updated, unchanged, rejected;
};

/* How far the import is; kept in the same commit as the leads of a batch. */
struct upload_progress {
	struct upload_rows rows;
	uint64_t position;   /* rows of the file that are done with: where to resume */
	double fraction;     /* 0 to 1 */
	uint64_t seconds_ms; /* time spent importing, over restarts */
};

struct upload {
	struct id id;
	uint64_t version; /* counted by the store */
	struct str filename;
	struct str file;   /* name under the data folder's uploads; empty: discarded */
	struct str sha256; /* hex */
	uint64_t bytes;
	enum upload_state state;
	struct upload_progress progress;
	struct id job;        /* that works on it */
	struct id created_by; /* user or key */
	struct str headers;   /* key of the header set, by which its mapping is remembered */
	/* JSON that the store does not look into: dialect, columns, outcome rule, preview, check,
	 * undo. It may hold cells: whoever wrote it drops them when the upload is done. */
	struct str detail;
	struct str error; /* a sentence; empty: none */
	int64_t created_ms, updated_ms, finished_ms;
};

#endif
