/* SPDX-License-Identifier: Apache-2.0 */
/* restore.h: a backup back into a data folder.
 *
 * The folder must be empty or not there: nothing is ever overwritten. The files are unpacked and
 * checked beside their places and moved into them at the end, the store last, so that a restore
 * that was cut short does not look like a data folder; doing it again starts anew. Then all
 * sessions are ended, and whoever was erased since the backup was made is erased again. */
#ifndef OPS_RESTORE_H
#define OPS_RESTORE_H

#include <stdint.h>

struct err;

struct restore_opts {
	const char *from; /* the backup */
	const char *data; /* the folder to make */
	const char
		*erased; /* NULL, or a data folder or a newer backup, whose erasures are done again
			  */
};

struct restore_result {
	uint64_t leads, files;
	int64_t at_ms;   /* the moment the backup is of */
	uint64_t erased; /* ids that were erased again */
};

/* ERR_CONFLICT when ${data} is not empty; ERR_CONFIG when the backup is of a newer schema;
 * ERR_INPUT when it is damaged. */
int restore_run(const struct restore_opts *o, struct restore_result *r, struct err *e);

#endif
