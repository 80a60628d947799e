/* SPDX-License-Identifier: Apache-2.0 */
/* tar.h: archives of regular files (POSIX ustar, with GNU's form of sizes from 8 GiB on), written
 * and read as a stream. Owner and times are fixed, so the same files give the same bytes.
 *
 * Reading is hostile-safe: regular files only, names without "..", without a leading "/", of at
 * most 99 bytes, no hidden ones. What is in them is not looked at. Threads: one per reader or
 * writer. */
#ifndef UTIL_TAR_H
#define UTIL_TAR_H

#include <stdbool.h>
#include <stdint.h>

#include "util/str.h"

struct err;
struct file_out;

/* --- writing --- */

int tar_put_bytes(struct file_out *f, const char *name, struct str bytes, struct err *e);
/* tar_put_file(f, name, path, bytes, e): exactly ${bytes} of the file; ERR_IO when it is shorter.
 */
int tar_put_file(
	struct file_out *f, const char *name, const char *path, uint64_t bytes, struct err *e);
int tar_end(struct file_out *f, struct err *e); /* the end mark; committing is the caller's */

/* --- reading --- */

struct tar;
struct tar_entry {
	char name[100];
	uint64_t bytes;
};

struct tar *tar_open(const char *path, struct err *e);
void tar_close(struct tar *t); /* NULL is fine */
/* tar_next(t, out, e): 1 with the next file, 0 at the end mark. ERR_INPUT: cut, damaged or of a
 * kind that is not taken. */
int tar_next(struct tar *t, struct tar_entry *out, struct err *e);
/* tar_read(t, room, n, got, e): up to ${n} bytes of the file at hand; *got 0: no more. */
int tar_read(struct tar *t, char *room, size_t n, size_t *got, struct err *e);
double tar_progress(const struct tar *t); /* 0 to 1 */

#endif
