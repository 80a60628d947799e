/* SPDX-License-Identifier: Apache-2.0 */
/* backup, restore and migrate: the data folder as a whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/console.h"
#include "ops/backup.h"
#include "ops/folder.h"
#include "ops/restore.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/when.h"

enum { BACKUP_NICE = 10 };

static void put_time(struct jw *w, int64_t ms)
{
	char text[WHEN_TEXT];

	when_write(ms, text);
	jw_kz(w, "at", text);
}

/* The store of the data folder, to read: the server may have it open meanwhile. */
static struct store *open_store(struct cli *c, struct err *e)
{
	char *db = folder_path(c->o->data, FOLDER_DB, e);
	struct store_sqlite_opts o = { .path = db, .must_exist = true, .read_only = true };
	struct store *s = db == NULL ? NULL : store_sqlite_open(&o, e);

	free(db);
	return s;
}

/* --- backup --- */

static void say_backup(struct cli *c, const struct backup_result *r)
{
	struct jw w = { .b = &c->out.b, .indent = 1 };
	char at[WHEN_TEXT];

	when_write(r->at_ms, at);
	if (!c->o->json) {
		print_fmt(&c->out, STYLE_BOLD, "%s", c->o->output);
		print_fmt(&c->out, STYLE_PLAIN, "\n%llu leads as of %s, %llu files, %llu bytes%s\n",
			(unsigned long long)r->leads, at, (unsigned long long)r->files,
			(unsigned long long)r->bytes, c->o->verify ? ", read back and sound" : "");
		print_fmt(&c->out, STYLE_DIM, "sha256 %s\n", r->digest);
		return;
	}
	jw_obj(&w);
	jw_kz(&w, "file", c->o->output);
	put_time(&w, r->at_ms);
	jw_kint(&w, "bytes", (int64_t)r->bytes);
	jw_kint(&w, "leads", (int64_t)r->leads);
	jw_kint(&w, "files", (int64_t)r->files);
	jw_kint(&w, "schema", r->schema);
	jw_kz(&w, "sha256", r->digest);
	jw_kbool(&w, "verified", c->o->verify);
	jw_end_obj(&w);
	buf_c(&c->out.b, '\n');
}

static void note_backup(struct cli *c, const struct backup_result *r)
{
	char detail[160];

	snprintf(detail, sizeof(detail), "{\"leads\":%llu,\"sha256\":\"%s\"}",
		(unsigned long long)r->leads, r->digest);
	console_note(c->o->data, "backup.made", "", str_of(detail));
}

int cmd_backup(struct cli *c, struct err *e)
{
	struct backup_opts o = { .data = c->o->data,
		.out = c->o->output,
		.verify = c->o->verify,
		.stop = cli_cancelled,
		.arg = c };
	struct backup_result r;
	int rc;

	if (c->o->output == NULL)
		return err_set(e, ERR_USAGE, "say where the backup goes, with -o FILE");
	if ((o.store = open_store(c, e)) == NULL)
		return -1;
	cli_progress(c, "backing up", 0);
	/* Whoever is served goes first. */
	(void)setpriority(PRIO_PROCESS, 0, BACKUP_NICE);
	rc = backup_run(&o, &r, e);
	o.store->close(o.store);
	if (rc == 0) {
		note_backup(c, &r);
		say_backup(c, &r);
	}
	return rc;
}

/* --- restore --- */

int cmd_restore(struct cli *c, struct err *e)
{
	struct restore_opts o = { c->o->args[0], c->o->data, c->o->erased };
	struct jw w = { .b = &c->out.b, .indent = 1 };
	struct restore_result r;
	char at[WHEN_TEXT];

	cli_notef(c, "restoring into %s", c->o->data);
	if (restore_run(&o, &r, e) == -1)
		return -1;
	when_write(r.at_ms, at);
	if (c->o->json) {
		jw_obj(&w);
		jw_kz(&w, "data", c->o->data);
		put_time(&w, r.at_ms);
		jw_kint(&w, "leads", (int64_t)r.leads);
		jw_kint(&w, "files", (int64_t)r.files);
		jw_kint(&w, "erased_again", (int64_t)r.erased);
		jw_end_obj(&w);
		buf_c(&c->out.b, '\n');
		return 0;
	}
	print_fmt(&c->out, STYLE_BOLD, "%s", c->o->data);
	print_fmt(&c->out, STYLE_PLAIN,
		"\n%llu leads as of %s. All sessions are ended: everybody signs in again.\n",
		(unsigned long long)r.leads, at);
	if (r.erased != 0)
		print_fmt(&c->out, STYLE_PLAIN, "%llu persons that were erased are erased again.\n",
			(unsigned long long)r.erased);
	if (c->o->erased == NULL)
		print_fmt(&c->out, STYLE_DIM,
			"Persons erased after this backup was made are in it again; if a newer "
			"backup or the old folder is there, restore with --erased-in to erase "
			"them.\n");
	return 0;
}

/* --- migrate --- */

static int say_migration(struct cli *c, uint32_t from, uint32_t to)
{
	struct jw w = { .b = &c->out.b, .indent = 1 };

	if (c->o->json) {
		jw_obj(&w);
		jw_kint(&w, "schema", from);
		jw_kint(&w, "program", to);
		jw_kbool(&w, "pending", from < to);
		jw_end_obj(&w);
		buf_c(&c->out.b, '\n');
	} else if (from == to) {
		print_fmt(&c->out, STYLE_PLAIN, "The data is of schema %u, as this program.\n", to);
	} else {
		print_fmt(&c->out, STYLE_PLAIN,
			"The data is of schema %u, this program brings it to %u.\n", from, to);
	}
	return from < to;
}

int cmd_migrate(struct cli *c, struct err *e)
{
	char *db = folder_path(c->o->data, FOLDER_DB, e);
	struct store_sqlite_opts o = { .path = db, .must_exist = true };
	uint32_t from, to;
	struct store *s;
	int rc = -1;

	if (db == NULL || store_sqlite_migrations(db, &from, &to, e) == -1)
		goto done;
	if (from == 0)
		err_set(e, ERR_NOT_FOUND, "there is no %s in %s", FOLDER_DB, c->o->data);
	else if (c->o->check && from <= to)
		rc = say_migration(c, from, to);
	else if ((s = store_sqlite_open(&o, e)) != NULL) { /* refuses newer data */
		s->close(s);
		rc = 0;
		print_fmt(&c->out, STYLE_PLAIN,
			from == to ? "Nothing to do: schema %u.\n"
				   : "Brought from schema %u up to date; the file as it was is "
				     "beside it.\n",
			from);
	}
done:
	free(db);
	return rc;
}
