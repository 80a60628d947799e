/* SPDX-License-Identifier: Apache-2.0 */
/* empty.h: a store in memory without leads and a store of models without any, in a temporary
 * folder. */
#ifndef TESTS_EMPTY_H
#define TESTS_EMPTY_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/live.h"
#include "model/model_store.h"
#include "store/memory.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"

struct empty {
	char dir[64];
	struct model_store models;
	struct store *s;
	struct live *live;
	struct arena mem;
};

static inline void empty_open(struct empty *x)
{
	char models[96];
	struct err e = { 0 };

	strcpy(x->dir, "/tmp/heatscore-test-XXXXXX");
	assert_non_null(mkdtemp(x->dir));
	snprintf(models, sizeof(models), "%s/models", x->dir);
	assert_int_equal(model_store_folder(models, &x->models, &e), 0);
	assert_non_null(x->s = store_memory_open(&e));
	assert_non_null(x->live = live_new(&x->models, &e));
}

/* Removes the folder: 0, or -1. The clock is let go. */
static inline int empty_close(struct empty *x)
{
	char command[96];

	clock_set_ms(-1);
	live_free(x->live);
	model_store_close(&x->models);
	x->s->close(x->s);
	arena_clear(&x->mem);
	snprintf(command, sizeof(command), "rm -rf %s", x->dir);
	return system(command) == 0 ? 0 : -1;
}

#endif
