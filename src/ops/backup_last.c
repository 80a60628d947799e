/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "ops/backup.h"
#include "ops/folder.h"
#include "record/id.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/when.h"

int64_t backup_last(const char *data)
{
	char *path = folder_path(data, "last-backup.json", NULL);
	struct buf b = { 0 };
	struct json *v = NULL;
	int64_t at = MS_NONE;

	if (path != NULL && file_read(path, 1 << 20, &b, NULL) == 0)
		v = json_parse(buf_view(&b), NULL);
	if (when_read(json_str(json_get(v, "at"), S("")), &at, NULL) == -1)
		at = MS_NONE;
	json_free(v);
	buf_clear(&b);
	free(path);
	return at;
}
