/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "app/app_internal.h"
#include "config/options.h"
#include "obs/health.h"
#include "util/err.h"

#define DISK_LEAST ((unsigned long long)256 << 20)

/* A full disk makes every write fail; better to be taken out of traffic before. */
static int check_disk(void *ctx, struct err *e)
{
	const struct app *a = ctx;
	struct statvfs fs;
	unsigned long long room;

	if (statvfs(a->o->data, &fs) == -1)
		return err_set(
			e, ERR_IO, "the data folder cannot be looked at: %s", strerror(errno));
	room = (unsigned long long)fs.f_bavail * fs.f_frsize;
	if (room < DISK_LEAST)
		return err_set(e, ERR_UNAVAILABLE, "only %llu MiB are free in the data folder",
			room >> 20);
	return 0;
}

/* The checks are looked at once every part is there: see part_http.c. */
int part_health_start(struct app *a, struct err *e)
{
	if ((a->health = health_new(e)) == NULL)
		return -1;
	a->api.health = a->health;
	health_add(a->health, "disk", true, check_disk, a);
	return 0;
}

void part_health_stop(struct app *a)
{
	health_free(a->health);
}
