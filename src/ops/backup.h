/* SPDX-License-Identifier: Apache-2.0 */
/* backup.h: everything of a data folder as one file, while the server runs.
 *
 * The file is a tar archive: manifest.json (format, program, schema, time, size and SHA-256 of
 * every file), heatscore.db (the store as of one moment), then models and secrets (ops/folder.h).
 * It is written under another name, synced and renamed: a backup that was cut short never looks
 * like one. It holds secrets and people: it is made for its owner alone (mode 0600). */
#ifndef OPS_BACKUP_H
#define OPS_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct store;

struct backup_opts {
	const char *data;    /* the data folder */
	const char *out;     /* the file; replaced when it is there */
	struct store *store; /* of that folder, opened to read or to write; borrowed */
	bool verify;         /* read it back: every checksum, and the store in it holds together */
	bool (*stop)(void *arg); /* NULL: never */
	void *arg;
};

struct backup_result {
	uint64_t bytes, leads, files;
	int64_t at_ms;   /* the moment it is of */
	char digest[65]; /* SHA-256 of the file */
	uint32_t schema;
};

int backup_run(const struct backup_opts *o, struct backup_result *r, struct err *e);

/* backup_verify(path, room, e): every file in it is as its manifest says, and the store in it can
 * be opened and holds together. ${room}: a folder that is there, for unpacking; left as it was. */
int backup_verify(const char *path, const char *room, struct err *e);

/* backup_last(data): the moment of the last backup that was made of this folder, as it remembers;
 * MS_NONE: none. */
int64_t backup_last(const char *data);

#endif
