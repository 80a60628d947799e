/* SPDX-License-Identifier: Apache-2.0 */
/* What is below the data: folder, disk, clock; and how it is reached. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "http/tls.h"
#include "ops/doctor_internal.h"
#include "ops/folder.h"
#include "record/id.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/when.h"

enum { MIB = 1 << 20, SYNCS = 9, HOUR_MS = 3600000, DAYS_TO_RENEW = 14 };

static const int64_t NO_EARLIER_MS = 1764547200000; /* 2025-12-01: this program is younger */

bool doctor_look_at_folder(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = doctor_find(d, "data folder");
	struct stat sb;

	if (stat(o->data, &sb) == -1) {
		doctor_say(f, DOCTOR_WRONG, "%s: %s", o->data, strerror(errno));
		doctor_mend(f,
			"heatscore serve --data '%s' makes it; heatscore restore FILE --data '%s' "
			"brings a backup back",
			o->data, o->data);
		return false;
	}
	if (!S_ISDIR(sb.st_mode)) {
		doctor_say(f, DOCTOR_WRONG, "%s is no folder", o->data);
		return false;
	}
	if (access(o->data, R_OK | W_OK | X_OK) == -1) {
		doctor_say(f, DOCTOR_WRONG,
			"%s cannot be read and written by this user (uid %u, it belongs "
			"to %u)",
			o->data, (unsigned)getuid(), (unsigned)sb.st_uid);
		doctor_mend(f,
			"sudo chown -R $(id -u) '%s', or run this as the user that the server has",
			o->data);
		return false;
	}
	if ((sb.st_mode & 077) != 0) {
		doctor_say(f, DOCTOR_WRONG,
			"%s can be read by others (mode %03o): it holds people and secrets",
			o->data, (unsigned)(sb.st_mode & 0777));
		doctor_mend(f, "chmod -R go= '%s'", o->data);
	} else if (sb.st_uid != getuid()) {
		doctor_say(f, DOCTOR_LOOK,
			"%s belongs to uid %u, you are uid %u: files you make in it are not the "
			"server's",
			o->data, (unsigned)sb.st_uid, (unsigned)getuid());
		doctor_mend(f,
			"run it as the server's user: sudo -u '#%u' heatscore doctor --data '%s'",
			(unsigned)sb.st_uid, o->data);
	} else {
		doctor_say(f, DOCTOR_FINE, "%s, only for its owner", o->data);
	}
	return true;
}

void doctor_look_at_space(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = doctor_find(d, "disk space");
	struct statvfs v;
	double free_mib;

	if (statvfs(o->data, &v) == -1) {
		doctor_say(f, DOCTOR_LOOK, "cannot tell: %s", strerror(errno));
		return;
	}
	free_mib = (double)v.f_bavail * (double)v.f_frsize / MIB;
	if (free_mib < 256) {
		doctor_say(f, DOCTOR_WRONG,
			"%.0f MiB free: below 256 MiB nothing is taken any more", free_mib);
		doctor_mend(f,
			"du -sh '%s'/* shows what takes it; uploads/ may be emptied by deleting "
			"uploads in the dashboard",
			o->data);
	} else if (free_mib < 2048 || v.f_favail < 1000) {
		doctor_say(f, DOCTOR_LOOK, "%.0f MiB and %llu files free", free_mib,
			(unsigned long long)v.f_favail);
		doctor_mend(f, "make room before the next large upload: du -sh '%s'/*", o->data);
	} else {
		doctor_say(f, DOCTOR_FINE, "%.1f GiB free", free_mib / 1024);
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

void doctor_look_at_disk(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = doctor_find(d, "disk speed");
	double ms;

	if (!time_syncs(o->data, &ms)) {
		doctor_say(f, DOCTOR_WRONG, "cannot write and sync a file in %s: %s", o->data,
			strerror(errno));
		doctor_mend(f, "dmesg | tail; df -h '%s'; mount | grep ' ro[,)]'", o->data);
	} else if (ms > 50) {
		doctor_say(f, DOCTOR_LOOK, "a sync takes %.1f ms: every change waits for one", ms);
		doctor_mend(f, "use a local SSD for the data folder, no network file system");
	} else {
		doctor_say(f, DOCTOR_FINE, "a sync takes %.2f ms", ms);
	}
}

void doctor_look_at_clock(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = doctor_find(d, "clock");
	char *db = folder_path(o->data, FOLDER_DB, NULL);
	struct stat sb;
	bool known = db != NULL && stat(db, &sb) == 0;
	int64_t ahead = known ? (int64_t)sb.st_mtime * 1000 - o->now_ms : 0;
	char now[WHEN_TEXT];

	when_write(o->now_ms, now);
	if (o->now_ms < NO_EARLIER_MS || ahead > HOUR_MS) {
		doctor_say(f, DOCTOR_WRONG, "it says %s, which is %s", now,
			ahead > HOUR_MS ? "before the last change of the data"
					: "before this program was made");
		doctor_mend(f, "timedatectl set-ntp true");
	} else {
		doctor_say(f, DOCTOR_FINE, "%s", now);
	}
	free(db);
}

static bool is_loopback(const char *listen)
{
	return strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]", 5) == 0 ||
	       strncmp(listen, "localhost", 9) == 0;
}

void doctor_look_at_address(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f;

	if (o->listen == NULL)
		return;
	f = doctor_find(d, "address");
	if (is_loopback(o->listen)) {
		doctor_say(f, DOCTOR_FINE, "%s: this machine only", o->listen);
	} else if (o->tls_cert != NULL) {
		doctor_say(f, DOCTOR_FINE, "%s, with TLS", o->listen);
	} else if (o->plain_http) {
		doctor_say(f, DOCTOR_LOOK,
			"%s can be reached from other machines without TLS, as allow-plain-http "
			"says",
			o->listen);
		doctor_mend(f,
			"see that only the proxy in front reaches it: ss -ltn; nft list ruleset");
	} else {
		doctor_say(f, DOCTOR_WRONG,
			"%s can be reached from other machines without TLS: passwords and leads go "
			"over the wire as they are",
			o->listen);
		doctor_mend(f,
			"set tls-cert and tls-key, or listen on 127.0.0.1 behind nginx or Caddy "
			"(packaging/)");
	}
}

void doctor_look_at_certificate(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f;
	struct err e = { 0 };
	int64_t until;
	double days;

	if (o->tls_cert == NULL)
		return;
	f = doctor_find(d, "certificate");
	if (tls_inspect(o->tls_cert, o->tls_key, &until, &e) == -1) {
		doctor_say(f, DOCTOR_WRONG, "%s", e.msg);
		doctor_mend(f, "mend tls-cert and tls-key, then systemctl reload heatscore");
		return;
	}
	days = (double)(until - o->now_ms) / (double)WHEN_DAY_MS;
	if (days <= 0)
		doctor_say(f, DOCTOR_WRONG, "%s is out of date for %.1f days", o->tls_cert, -days);
	else
		doctor_say(f, days < DAYS_TO_RENEW ? DOCTOR_LOOK : DOCTOR_FINE,
			"%s is good for %.0f days more", o->tls_cert, days);
	if (days < DAYS_TO_RENEW)
		doctor_mend(f, "put the new one in its place, then systemctl reload heatscore");
}
