/* SPDX-License-Identifier: Apache-2.0 */
/* The data themselves: the store, the models, the last backup. */
#include <stdlib.h>

#include "model/model_store.h"
#include "model/registry.h"
#include "ops/doctor_internal.h"
#include "ops/folder.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/when.h"

enum { MIB = 1 << 20, DAYS_OLD = 7 };

static void mend_by_backup(struct doctor_finding *f, const char *data)
{
	doctor_mend(f,
		"with the server stopped: mv '%s' '%s.broken' && heatscore restore BACKUP.tar "
		"--data '%s' && chown -R --reference='%s.broken' '%s'",
		data, data, data, data, data);
}

static void look_inside(struct doctor_finding *f, const char *data, const char *db)
{
	struct store_sqlite_opts so = { .path = db, .must_exist = true, .read_only = true };
	struct err e = { 0 };
	struct store *s = store_sqlite_open(&so, &e);

	if (s == NULL || s->check(s, &e) == -1) {
		doctor_say(f, DOCTOR_WRONG, "%s", e.msg);
		mend_by_backup(f, data);
	} else {
		doctor_say(f, DOCTOR_FINE, "every page read and sound, %lld leads",
			(long long)s->leads->count(s, NULL));
	}
	if (s != NULL)
		s->close(s);
}

void doctor_look_at_store(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *schema = doctor_find(d, "schema"), *f;
	char *db = folder_path(o->data, FOLDER_DB, NULL);
	struct err e = { 0 };
	uint32_t from = 0, to = 0;

	if (db == NULL || store_sqlite_migrations(db, &from, &to, &e) == -1) {
		doctor_say(schema, DOCTOR_WRONG, "%s", e.msg);
		mend_by_backup(schema, o->data);
	} else if (from == 0) {
		doctor_say(schema, DOCTOR_LOOK, "there is no %s yet", FOLDER_DB);
		doctor_mend(schema, "heatscore serve --data '%s' makes it", o->data);
	} else if (from > to) {
		doctor_say(schema, DOCTOR_WRONG,
			"the data is of schema %u, this program knows up to %u", from, to);
		doctor_mend(schema,
			"install the newer heatscore again, or restore the backup made before "
			"its upgrade: heatscore restore FILE --data NEW_FOLDER");
	} else if (from < to) {
		doctor_say(
			schema, DOCTOR_LOOK, "version %u, this program brings it to %u", from, to);
		doctor_mend(schema,
			"heatscore migrate --data '%s' (the server does it when it starts)",
			o->data);
	} else {
		doctor_say(schema, DOCTOR_FINE, "version %u", from);
	}
	if (from != 0 && from <= to) {
		f = doctor_find(d, "store");
		look_inside(f, o->data, db);
	}
	free(db);
}

/* The first live version that cannot be used, whether or not its folder is there. */
static bool live_is_whole(struct model_store *st, size_t *live, uint32_t *bad, struct err *e)
{
	struct registry_slot *slots = NULL;
	bool whole = registry_live(st, &slots, live, e) == 0;

	*bad = 0;
	for (size_t i = 0; whole && i < *live; i++)
		if (registry_verify(st, slots[i].live, e) == -1) {
			*bad = slots[i].live;
			whole = false;
		}
	registry_live_free(slots, *live);
	return whole;
}

static void look_at_versions(
	struct doctor_finding *f, struct model_store *st, const char *data, struct err *e)
{
	struct version_info *v = NULL;
	size_t n = 0, live = 0;
	uint32_t bad = 0;

	if (!live_is_whole(st, &live, &bad, e)) {
		doctor_say(f, DOCTOR_WRONG, "%s", e->msg);
		if (bad != 0)
			doctor_mend(f,
				"heatscore models rollback --data '%s'; or from a backup: tar -xf "
				"BACKUP.tar -C '%s' models/v%u",
				data, data, bad);
		else
			doctor_mend(f, "from the newest backup: tar -xf BACKUP.tar -C '%s' models",
				data);
		return;
	}
	if (registry_list(st, &v, &n, e) == -1) {
		doctor_say(f, DOCTOR_WRONG, "%s", e->msg);
		doctor_mend(f, "from the newest backup: tar -xf BACKUP.tar -C '%s' models", data);
		return;
	}
	doctor_say(f, DOCTOR_FINE, "%zu version%s, all whole", n, n == 1 ? "" : "s");
	if (n != 0 && live == 0) {
		doctor_say(f, DOCTOR_LOOK, "%zu draft%s, none published: the rule score is used", n,
			n == 1 ? "" : "s");
		doctor_mend(f, "heatscore models publish v%u --data '%s'", v[n - 1].number, data);
	}
	for (size_t i = 0; i < n; i++)
		if (registry_verify(st, v[i].number, e) == -1) {
			doctor_say(f, DOCTOR_LOOK, "%s", e->msg);
			doctor_mend(f,
				"train again, or from a backup: tar -xf BACKUP.tar -C '%s' "
				"models/v%u",
				data, v[i].number);
			break;
		}
	free(v);
}

void doctor_look_at_models(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = doctor_find(d, "models");
	char *path = folder_path(o->data, "models", NULL);
	struct model_store st = { 0 };
	struct err e = { 0 };

	if (path == NULL || model_store_folder(path, &st, &e) == -1) {
		doctor_say(f, DOCTOR_WRONG, "%s", e.msg);
		doctor_mend(
			f, "from the newest backup: tar -xf BACKUP.tar -C '%s' models", o->data);
	} else {
		look_at_versions(f, &st, o->data, &e);
		model_store_close(&st);
	}
	free(path);
}

void doctor_look_at_backups(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = doctor_find(d, "backup");
	char *path = folder_path(o->data, "last-backup.json", NULL);
	struct buf b = { 0 };
	struct json *v = NULL;
	int64_t at = MS_NONE;
	double days;

	if (path != NULL && file_read(path, MIB, &b, NULL) == 0)
		v = json_parse(buf_view(&b), NULL);
	if (when_read(json_str(json_get(v, "at"), S("")), &at, NULL) == -1) {
		doctor_say(f, DOCTOR_LOOK, "none was made of this folder yet");
		doctor_mend(f,
			"heatscore backup --data '%s' -o heatscore-$(date +%%F).tar --verify",
			o->data);
	} else {
		days = (double)(o->now_ms - at) / (double)WHEN_DAY_MS;
		doctor_say(f, days > DAYS_OLD ? DOCTOR_LOOK : DOCTOR_FINE,
			"the last is %.1f days old: " STR_FMT, days,
			STR_ARG(str_sub(json_str(json_get(v, "file"), S("?")), 0, 300)));
		if (days > DAYS_OLD)
			doctor_mend(f,
				"heatscore backup --data '%s' -o heatscore-$(date +%%F).tar "
				"--verify",
				o->data);
	}
	json_free(v);
	buf_clear(&b);
	free(path);
}
