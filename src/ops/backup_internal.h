/* SPDX-License-Identifier: Apache-2.0 */
/* backup_internal.h: reading an archive, for verifying and restoring. */
#ifndef OPS_BACKUP_INTERNAL_H
#define OPS_BACKUP_INTERNAL_H

#include "ops/backup.h"

enum { BACKUP_FORMAT = 1, BACKUP_MANIFEST_MAX = 64 << 20 };
#define BACKUP_MANIFEST "manifest.json"

struct json;

/* backup_unpack(path, dir, manifest, e): all files of the archive into the folder ${dir} (made),
 * each synced and checked against the manifest. *manifest for json_free. ERR_INPUT when it is no
 * whole backup; ERR_CONFIG when it is of a newer program. */
int backup_unpack(const char *path, const char *dir, struct json **manifest, struct err *e);

#endif
