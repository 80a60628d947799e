/* SPDX-License-Identifier: Apache-2.0 */
/* folder.h: what lies in a data folder, and what of it belongs into a backup.
 *
 *   heatscore.db      the store (with -wal and -shm while it is open)
 *   models/           versions, their notes, which is live
 *   *.key             secrets of this folder, as the one that seals second factors
 *   audit.head        how far the audit log is signed: never further than the log itself
 *   uploads/, tmp/    files as they were sent; work in progress: not in a backup
 *
 * Uploaded files are left out because they hold people as they were sent: a person erased later
 * would come back with them. What was imported from them is in the store. */
#ifndef OPS_FOLDER_H
#define OPS_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define FOLDER_DB   "heatscore.db"
#define FOLDER_HEAD "audit.head"

struct folder_file {
	char *name; /* below the folder, as "models/v1/model.json"; owned */
	uint64_t bytes;
};

/* folder_list(data, out, n, e): the files of a backup apart from the store, in order of name. Made
 * anew while this runs or not in it. *out from malloc, freed by folder_free. */
int folder_list(const char *data, struct folder_file **out, size_t *n, struct err *e);
void folder_free(struct folder_file *v, size_t n);

/* folder_path(data, name, e): "${data}/${name}", for free(). */
char *folder_path(const char *data, const char *name, struct err *e);
/* folder_is_empty(data, yes, e): not there, or nothing in it but what file systems put there and a
 * restore that was cut short (FOLDER_RESTORING). */
#define FOLDER_RESTORING ".restoring"
int folder_is_empty(const char *data, bool *yes, struct err *e);
/* folder_remove(path): with all in it. */
void folder_remove(const char *path);

#endif
