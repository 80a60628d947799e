/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "model/model_store.h"
#include "model/registry.h"
#include "ops/doctor.h"
#include "ops/folder.h"
#include "record/id.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/when.h"

enum { MIB = 1 << 20, SYNCS = 9, DAYS_OLD = 7, HOUR_MS = 3600000, STALE_S = 86400 };

static const int64_t NO_EARLIER_MS = 1764547200000; /* 2025-12-01: this program is younger */

const char *doctor_state_name(enum doctor_state s)
{
	static const char *const names[] = { "fine", "look", "wrong" };

	return names[s];
}

enum doctor_state doctor_worst(const struct doctor *d)
{
	enum doctor_state worst = DOCTOR_FINE;

	for (size_t i = 0; i < d->n; i++)
		if (d->found[i].state > worst)
			worst = d->found[i].state;
	return worst;
}

static struct doctor_finding *find(struct doctor *d, const char *name)
{
	struct doctor_finding *f;

	ASSERT(d->n < DOCTOR_MAX);
	f = &d->found[d->n++];
	*f = (struct doctor_finding){ .name = name };
	return f;
}

static void __attribute__((format(printf, 3, 4)))
say(struct doctor_finding *f, enum doctor_state s, const char *fmt, ...)
{
	va_list ap;

	f->state = s;
	va_start(ap, fmt);
	vsnprintf(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
}

static void __attribute__((format(printf, 2, 3)))
mend(struct doctor_finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->fix, sizeof(f->fix), fmt, ap);
	va_end(ap);
}

/* --- the machine --- */

static bool look_at_folder(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = find(d, "data folder");
	struct stat sb;

	if (stat(o->data, &sb) == -1) {
		say(f, DOCTOR_WRONG, "%s: %s", o->data, strerror(errno));
		mend(f,
			"heatscore serve --data '%s' makes it; heatscore restore FILE --data '%s' "
			"brings a backup back",
			o->data, o->data);
		return false;
	}
	if (!S_ISDIR(sb.st_mode)) {
		say(f, DOCTOR_WRONG, "%s is no folder", o->data);
		return false;
	}
	if (access(o->data, R_OK | W_OK | X_OK) == -1) {
		say(f, DOCTOR_WRONG,
			"%s cannot be read and written by this user (uid %u, it belongs "
			"to %u)",
			o->data, (unsigned)getuid(), (unsigned)sb.st_uid);
		mend(f, "sudo chown -R $(id -u) '%s', or run this as the user that the server has",
			o->data);
		return false;
	}
	if (sb.st_uid != getuid()) {
		say(f, DOCTOR_LOOK,
			"%s belongs to uid %u, you are uid %u: files you make in it are "
			"not the server's",
			o->data, (unsigned)sb.st_uid, (unsigned)getuid());
		mend(f, "run it as the server's user: sudo -u '#%u' heatscore doctor --data '%s'",
			(unsigned)sb.st_uid, o->data);
	} else if ((sb.st_mode & 077) != 0) {
		say(f, DOCTOR_WRONG,
			"%s can be read by others (mode %03o): it holds people and "
			"secrets",
			o->data, (unsigned)(sb.st_mode & 0777));
		mend(f, "chmod -R go= '%s'", o->data);
	} else {
		say(f, DOCTOR_FINE, "%s, only for its owner", o->data);
	}
	return true;
}

static void look_at_space(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = find(d, "disk space");
	struct statvfs v;
	double free_mib;

	if (statvfs(o->data, &v) == -1) {
		say(f, DOCTOR_LOOK, "cannot tell: %s", strerror(errno));
		return;
	}
	free_mib = (double)v.f_bavail * (double)v.f_frsize / MIB;
	if (free_mib < 256) {
		say(f, DOCTOR_WRONG, "%.0f MiB free: below 256 MiB nothing is taken any more",
			free_mib);
		mend(f,
			"du -sh '%s'/* shows what takes it; uploads/ may be emptied by deleting "
			"uploads in the dashboard",
			o->data);
	} else if (free_mib < 2048 || v.f_favail < 1000) {
		say(f, DOCTOR_LOOK, "%.0f MiB and %llu files free", free_mib,
			(unsigned long long)v.f_favail);
		mend(f, "make room before the next large upload: du -sh '%s'/*", o->data);
	} else {
		say(f, DOCTOR_FINE, "%.1f GiB free", free_mib / 1024);
	}
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static bool time_syncs(const char *data, double *median_ms)
{
	char page[4096] = { 0 }, id[ID_ULID], *path;
	int64_t took[SYNCS];
	int fd, i = 0;

	id_ulid(id_new(), id);
	if (asprintf(&path, "%s/.doctor-%s", data, id) == -1)
		return false;
	if ((fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) != -1) {
		for (; i < SYNCS; i++) {
			int64_t from = clock_mono_ns();

			if (write(fd, page, sizeof(page)) != (ssize_t)sizeof(page) ||
				fdatasync(fd) == -1)
				break;
			took[i] = clock_mono_ns() - from;
		}
		close(fd);
		unlink(path);
	}
	free(path);
	if (i != SYNCS)
		return false;
	qsort(took, SYNCS, sizeof(*took), by_time);
	*median_ms = (double)took[SYNCS / 2] / 1e6;
	return true;
}

static void look_at_disk(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = find(d, "disk speed");
	double ms;

	if (!time_syncs(o->data, &ms)) {
		say(f, DOCTOR_WRONG, "cannot write and sync a file in %s: %s", o->data,
			strerror(errno));
		mend(f, "dmesg | tail; df -h '%s'; mount | grep ' ro[,)]'", o->data);
	} else if (ms > 50) {
		say(f, DOCTOR_LOOK, "a sync takes %.1f ms: every change waits for one", ms);
		mend(f, "use a local SSD for the data folder, no network file system");
	} else {
		say(f, DOCTOR_FINE, "a sync takes %.2f ms", ms);
	}
}

static void look_at_clock(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = find(d, "clock");
	char *db = folder_path(o->data, FOLDER_DB, NULL);
	struct stat sb;
	bool known = db != NULL && stat(db, &sb) == 0;
	int64_t ahead = known ? (int64_t)sb.st_mtime * 1000 - o->now_ms : 0;
	char now[WHEN_TEXT];

	when_write(o->now_ms, now);
	if (o->now_ms < NO_EARLIER_MS || ahead > HOUR_MS) {
		say(f, DOCTOR_WRONG, "it says %s, which is %s", now,
			ahead > HOUR_MS ? "before the last change of the data"
					: "before this program was made");
		mend(f, "timedatectl set-ntp true");
	} else {
		say(f, DOCTOR_FINE, "%s", now);
	}
	free(db);
}

/* --- the data --- */

static void look_inside(struct doctor_finding *f, const char *db)
{
	struct store_sqlite_opts so = { .path = db, .must_exist = true, .read_only = true };
	struct err e = { 0 };
	struct store *s = store_sqlite_open(&so, &e);

	if (s == NULL || s->check(s, &e) == -1) {
		say(f, DOCTOR_WRONG, "%s", e.msg);
		mend(f, "stop the server, move the folder away and restore the newest backup: "
			"heatscore restore FILE --data FOLDER");
	} else {
		say(f, DOCTOR_FINE, "every page read and sound, %lld leads",
			(long long)s->leads->count(s, NULL));
	}
	if (s != NULL)
		s->close(s);
}

static void look_at_store(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *schema = find(d, "schema"), *f;
	char *db = folder_path(o->data, FOLDER_DB, NULL);
	struct err e = { 0 };
	uint32_t from = 0, to = 0;

	if (db == NULL || store_sqlite_migrations(db, &from, &to, &e) == -1) {
		say(schema, DOCTOR_WRONG, "%s", e.msg);
	} else if (from == 0) {
		say(schema, DOCTOR_LOOK, "there is no %s yet", FOLDER_DB);
		mend(schema, "heatscore serve --data '%s' makes it", o->data);
	} else if (from > to) {
		say(schema, DOCTOR_WRONG, "the data is of schema %u, this program knows up to %u",
			from, to);
		mend(schema, "install the newer heatscore again, or restore the backup made before "
			     "its upgrade: heatscore restore FILE --data NEW_FOLDER");
	} else if (from < to) {
		say(schema, DOCTOR_LOOK, "version %u, this program brings it to %u", from, to);
		mend(schema, "heatscore migrate --data '%s' (the server does it when it starts)",
			o->data);
	} else {
		say(schema, DOCTOR_FINE, "version %u", from);
	}
	if (from != 0 && from <= to) {
		f = find(d, "store");
		look_inside(f, db);
	}
	free(db);
}

static void look_at_models(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = find(d, "models");
	char *path = folder_path(o->data, "models", NULL);
	struct model_store st = { 0 };
	struct version_info *v = NULL;
	struct err e = { 0 };
	size_t n = 0, bad = 0, live = 0;

	if (path == NULL || model_store_folder(path, &st, &e) == -1 ||
		registry_list(&st, &v, &n, &e) == -1) {
		say(f, DOCTOR_WRONG, "%s", e.msg);
		mend(f, "restore models/ from the newest backup");
	} else {
		say(f, DOCTOR_FINE, "%zu version%s, all whole", n, n == 1 ? "" : "s");
		for (size_t i = 0; i < n; i++) {
			live += v[i].state == VERSION_PUBLISHED;
			if (registry_verify(&st, v[i].number, &e) == 0 || bad++ != 0)
				continue;
			say(f, v[i].state == VERSION_PUBLISHED ? DOCTOR_WRONG : DOCTOR_LOOK, "%s",
				e.msg);
			mend(f,
				v[i].state == VERSION_PUBLISHED
					? "heatscore models rollback --data '%s', or restore "
					  "models/ from a backup"
					: "heatscore models list --data '%s' shows which; train "
					  "again "
					  "or restore it",
				o->data);
		}
		if (bad == 0 && n != 0 && live == 0) {
			say(f, DOCTOR_LOOK, "%zu draft%s, none published: the rule score is used",
				n, n == 1 ? "" : "s");
			mend(f, "heatscore models publish v%u --data '%s'", v[n - 1].number,
				o->data);
		}
	}
	free(v);
	model_store_close(&st);
	free(path);
}

static void look_at_backups(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = find(d, "backup");
	char *path = folder_path(o->data, "last-backup.json", NULL);
	struct buf b = { 0 };
	struct json *v = NULL;
	int64_t at = MS_NONE;
	double days;

	if (path != NULL && file_read(path, MIB, &b, NULL) == 0)
		v = json_parse(buf_view(&b), NULL);
	if (when_read(json_str(json_get(v, "at"), S("")), &at, NULL) == -1) {
		say(f, DOCTOR_LOOK, "none was made of this folder yet");
		mend(f, "heatscore backup --data '%s' -o heatscore-$(date +%%F).tar --verify",
			o->data);
	} else {
		days = (double)(o->now_ms - at) / (double)WHEN_DAY_MS;
		say(f, days > DAYS_OLD ? DOCTOR_LOOK : DOCTOR_FINE,
			"the last is %.1f days old: " STR_FMT, days,
			STR_ARG(str_sub(json_str(json_get(v, "file"), S("?")), 0, 300)));
		if (days > DAYS_OLD)
			mend(f,
				"heatscore backup --data '%s' -o heatscore-$(date +%%F).tar "
				"--verify",
				o->data);
	}
	json_free(v);
	buf_clear(&b);
	free(path);
}

/* --- how it is served, and what was left lying --- */

static bool is_loopback(const char *listen)
{
	return strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]", 5) == 0 ||
	       strncmp(listen, "localhost", 9) == 0;
}

static void look_at_address(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f;

	if (o->listen == NULL)
		return;
	f = find(d, "address");
	if (is_loopback(o->listen)) {
		say(f, DOCTOR_FINE, "%s: this machine only", o->listen);
	} else if (o->tls_cert != NULL) {
		say(f, DOCTOR_FINE, "%s, with TLS", o->listen);
	} else {
		say(f, DOCTOR_WRONG,
			"%s can be reached from other machines without TLS: passwords and leads go "
			"over the wire as they are",
			o->listen);
		mend(f, "set tls-cert and tls-key, or listen on 127.0.0.1 behind nginx or Caddy "
			"(packaging/)");
	}
}

/* Seconds since the oldest of what work in progress left in ${dir}; 0: nothing. */
static double oldest_in(const char *dir, int64_t now_s, size_t *n)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	double oldest = 0;
	struct stat sb;
	char *path;

	while (d != NULL && (ent = readdir(d)) != NULL) {
		if (ent->d_name[0] == '.' || asprintf(&path, "%s/%s", dir, ent->d_name) == -1)
			continue;
		if (lstat(path, &sb) == 0) {
			double age = (double)(now_s - (int64_t)sb.st_mtime);

			(*n)++;
			oldest = age > oldest ? age : oldest;
		}
		free(path);
	}
	if (d != NULL)
		closedir(d);
	return oldest;
}

/* A lock is held by a process, never by a file that stayed behind; but a process may hang. */
static bool lock_is_held(const char *data)
{
	char *path = folder_path(data, "models/.lock", NULL);
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	bool held = false;

	for (int i = 0; fd != -1 && i < 20; i++) {
		held = flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK;
		if (!held)
			break;
		usleep(50000);
	}
	if (fd != -1)
		close(fd);
	free(path);
	return held;
}

static void look_at_leftovers(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = find(d, "leftovers");
	char *tmp = folder_path(o->data, "tmp", NULL);
	char *half = folder_path(o->data, FOLDER_RESTORING, NULL);
	size_t n = 0;
	double age = tmp == NULL ? 0 : oldest_in(tmp, o->now_ms / 1000, &n);

	if (half != NULL && file_exists(half)) {
		say(f, DOCTOR_WRONG, "a restore into this folder was cut short");
		mend(f, "run heatscore restore again: it starts anew");
	} else if (lock_is_held(o->data)) {
		say(f, DOCTOR_LOOK, "some process has held the lock of models/ for over a second");
		mend(f, "fuser -v '%s/models/.lock' shows which one; it is let go when it ends",
			o->data);
	} else if (age > STALE_S) {
		say(f, DOCTOR_LOOK, "%zu folder%s of work in tmp/, the oldest %.0f hours old", n,
			n == 1 ? "" : "s", age / 3600);
		mend(f, "with the server stopped: rm -rf '%s'/tmp/*", o->data);
	} else {
		say(f, DOCTOR_FINE, "none");
	}
	free(tmp);
	free(half);
}

void doctor_run(const struct doctor_opts *o, struct doctor *out)
{
	out->n = 0;
	if (look_at_folder(out, o)) {
		look_at_space(out, o);
		look_at_disk(out, o);
		look_at_clock(out, o);
		look_at_store(out, o);
		look_at_models(out, o);
		look_at_backups(out, o);
		look_at_leftovers(out, o);
	}
	look_at_address(out, o);
}
