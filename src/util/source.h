/* SPDX-License-Identifier: Apache-2.0 */
/* source.h: the bytes of a file, of standard input ("-"), or of memory, as often as wanted.
 *
 * What cannot be read twice (a pipe) is first copied to a temporary file that has no name. gzip,
 * also of several members, is undone on the way. Threads: one source, one thread. */
#ifndef UTIL_SOURCE_H
#define UTIL_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct err;
struct source;

struct source *source_open(const char *path, struct err *e);
struct source *source_bytes(struct str bytes, struct err *e); /* borrows ${bytes} */
/* source_again(s, e): another reader of the same bytes, at their start. */
struct source *source_again(const struct source *s, struct err *e);
void source_free(struct source *s);

/* source_read(s, to, n, e): some of the next bytes, at most ${n}; 0 at the end; -1 on failure
 * (ERR_INPUT for a gzip that is cut or damaged). */
ptrdiff_t source_read(struct source *s, char *to, size_t n, struct err *e);
int source_rewind(struct source *s, struct err *e);
/* source_at(s, at, to, n, e): as source_read of the file as it is, gzip or not, from byte ${at};
 * the place of source_read does not move. */
ptrdiff_t source_at(const struct source *s, uint64_t at, char *to, size_t n, struct err *e);

uint64_t source_size(const struct source *s); /* as it is, gzip or not */
bool source_gzip(const struct source *s);
double source_progress(const struct source *s); /* fraction of source_size read */
/* source_chunk(s, n): reads give at most ${n} bytes. For tests of what stands on buffer ends. */
void source_chunk(struct source *s, size_t n);

#endif
