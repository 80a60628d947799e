/* SPDX-License-Identifier: Apache-2.0 */
/* model_store.h: where model versions are kept, behind one small interface. Today the data folder
 * (model_store_folder); a database record later, with the same behaviour.
 *
 * A version is a set of named files, put in one step: readers see all of it or nothing, however
 * the writer ends. Besides the versions there is one small state document (which version is live,
 * and the history of that). Threads: any number may read; puts are serialised by the store. */
#ifndef MODEL_MODEL_STORE_H
#define MODEL_MODEL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;
struct err;

struct model_file {
	char name[32];    /* "model.json" */
	struct str bytes; /* from malloc */
};

enum { MODEL_FILES_MAX = 16 };
struct model_files {
	struct model_file f[MODEL_FILES_MAX];
	size_t n;
};

/* model_files_add(fs, name, b, e): takes what is in ${b}, which is then empty. */
int model_files_add(struct model_files *fs, const char *name, struct buf *b, struct err *e);
const struct model_file *model_files_get(const struct model_files *fs, const char *name);
void model_files_remove(struct model_files *fs, const char *name);
void model_files_clear(struct model_files *fs);

struct model_store {
	void *self;
	/* A name for messages: the folder's path. Borrowed. */
	const char *(*where)(void *self);
	/* list: numbers of the versions there are, ascending; *n of them in *numbers (malloc). */
	int (*list)(void *self, uint32_t **numbers, size_t *n, struct err *e);
	/* get: one file of a version. ERR_NOT_FOUND when the version or the file is not there. */
	int (*get)(void *self, uint32_t version, const char *name, struct model_file *out,
		struct err *e);
	/* put: a new version with the next free number, in one step. ${finish} is called with the
	 * number before anything is visible and may add files (the manifest names the version). */
	int (*put)(void *self, struct model_files *fs,
		int (*finish)(void *arg, uint32_t version, struct model_files *fs, struct err *e),
		void *arg, uint32_t *version, struct err *e);
	/* remove: the version is gone in one step, and its number is never given again. */
	int (*remove)(void *self, uint32_t version, struct err *e);
	/* One small document per version that may change while the version itself never does
	 * (model/notes.h); as with the state document. */
	int (*get_notes)(void *self, uint32_t version, struct buf *out, struct err *e);
	int (*change_notes)(void *self, uint32_t version,
		int (*change)(void *arg, struct str old, struct buf *now, struct err *e), void *arg,
		struct err *e);
	/* The state document; get of a store without one gives nothing and succeeds. */
	int (*get_state)(void *self, struct buf *out, struct err *e);
	/* change_state: read, change, write back while no other process does. ${change} gets the
	 * old document (empty if none) and fills the new one; -1 from it leaves the old one. */
	int (*change_state)(void *self,
		int (*change)(void *arg, struct str old, struct buf *now, struct err *e), void *arg,
		struct err *e);
	void (*free)(void *self);
};

/* model_store_folder(path, s, e): versions as folders ${path}/v1, ${path}/v2, ..., their documents
 * as ${path}/v1.json, ... The folder is made by the first put. */
int model_store_folder(const char *path, struct model_store *s, struct err *e);
void model_store_close(struct model_store *s);

#endif
