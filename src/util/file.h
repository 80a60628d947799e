/* SPDX-License-Identifier: Apache-2.0 */
/* file.h: whole files, and writing so that a reader sees the old file or the new one, never half.
 * Messages name the path and the system's reason. */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;
struct err;

/* file_read(path, max, out, e): append the whole file to ${out}. ERR_NOT_FOUND, ERR_PERM, ERR_IO,
 * or ERR_LIMIT past ${max} bytes. */
int file_read(const char *path, size_t max, struct buf *out, struct err *e);

/* A file being written beside its final name. Commit: flush, fsync, rename, fsync the folder.
 * Abort (or a crash) leaves the old file untouched; abort also removes the temporary one. A path
 * that is there and no regular file (/dev/null, a pipe) is never replaced: it is written to. So is
 * standard output under another name (/dev/stdout). Links are followed. */
struct file_out;
struct file_out *file_out_open(const char *path, struct err *e); /* mode 0666 less umask */
/* file_out_stdout(e): the same calls onto standard output, written as it comes: commit flushes. */
struct file_out *file_out_stdout(struct err *e);
int file_out_write(struct file_out *f, struct str bytes, struct err *e);
/* file_out_finish(f, e): as commit, without waiting for the disk: readers see all or nothing, but
 * after a power cut it may be nothing. For what can be made again, such as scored rows. */
int file_out_finish(struct file_out *f, struct err *e);
int file_out_commit(struct file_out *f, struct err *e); /* frees ${f} in every case */
void file_out_abort(struct file_out *f);                /* frees ${f}; NULL is fine */

/* file_out_abort_all(): remove the temporary file of every file_out still open. For a signal
 * handler on its way out: async-signal-safe. */
void file_out_abort_all(void);

int file_write(const char *path, struct str bytes, struct err *e); /* open, write, commit */
int file_mkdir_p(const char *path, bool *made, struct err *e); /* 0700 folders; made may be NULL */
int file_sync_dir(const char *path, struct err *e);
/* file_move(from, to, e): both on one file system; ${to} is replaced. When this returns 0 the file
 * and its new name are on the disk. -1 with errno as it was. */
int file_move(const char *from, const char *to, struct err *e);
bool file_exists(const char *path);

/* file_sha256(path, hex, e): 64 hex digits and a NUL. */
int file_sha256(const char *path, char hex[65], struct err *e);
void sha256_hex(struct str bytes, char hex[65]);
/* blake2b_hex(bytes, hex): 32 bytes of BLAKE2b (RFC 7693): as hard to forge, three times as fast.
 */
void blake2b_hex(struct str bytes, char hex[65]);

#endif
