/* SPDX-License-Identifier: Apache-2.0 */
/* bundle.h: all files of a version as one, to hand from one data folder to another: a plain tar
 * archive (POSIX ustar) with fixed owner and times, so that the same version gives the same bytes.
 */
#ifndef MODEL_BUNDLE_H
#define MODEL_BUNDLE_H

#include "model/model_store.h"
#include "util/str.h"

struct buf;
struct err;

int bundle_write(const struct model_files *fs, struct buf *out, struct err *e);
/* bundle_read(bytes, fs, e): from hostile bytes; regular files with plain names only. What is in
 * them is not looked at. */
int bundle_read(struct str bytes, struct model_files *fs, struct err *e);

#endif
