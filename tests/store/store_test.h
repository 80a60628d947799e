/* SPDX-License-Identifier: Apache-2.0 */
/* store_test.h: what the behaviour suite is given: a fresh store of the backend under test. Every
 * backend runs the same tests; one more is one more line in open_backend. */
#ifndef TESTS_STORE_STORE_TEST_H
#define TESTS_STORE_STORE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/fold.h"
#include "store/memory.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/rng.h"

struct fixture {
	struct store *s;
	struct arena a;
	struct err e;
	char dir[64]; /* of the file; empty: in memory */
};

static inline void open_backend(struct fixture *f, const char *backend)
{
	memset(f, 0, sizeof(*f));
	if (strcmp(backend, "memory") == 0) {
		f->s = store_memory_open(&f->e);
	} else {
		char path[128];
		struct store_sqlite_opts o = { .path = path };

		if (strcmp(backend, "sqlite, short log") == 0)
			o.log_pages = 20;
		strcpy(f->dir, "/tmp/heatscore-store-XXXXXX");
		assert_non_null(mkdtemp(f->dir));
		snprintf(path, sizeof(path), "%s/heatscore.db", f->dir);
		f->s = store_sqlite_open(&o, &f->e);
	}
	if (f->s == NULL)
		fail_msg("%s", f->e.msg);
}

static inline void close_backend(struct fixture *f)
{
	char cmd[128];

	f->s->close(f->s);
	arena_clear(&f->a);
	if (f->dir[0] != '\0') {
		snprintf(cmd, sizeof(cmd), "rm -rf '%s'", f->dir);
		assert_int_equal(system(cmd), 0);
	}
}

/* For tests that are about a store in a file: made before each of them, and gone after it. */
static inline int store_in_file(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	open_backend(f, "sqlite");
	*state = f;
	return 0;
}

static inline int store_gone(void **state)
{
	close_backend(*state);
	free(*state);
	return 0;
}

/* ok(f, call): the call must work. refused(f, code, call): it must fail so. */
#define ok(f, call) \
	do { \
		(f)->e.msg[0] = '\0'; \
		if ((call) != 0) \
			fail_msg("%s: %s", #call, (f)->e.msg); \
	} while (0)
#define refused(f, want, call) \
	do { \
		assert_int_equal((call), -1); \
		assert_int_equal((f)->e.code, (want)); \
		assert_true((f)->e.msg[0] != '\0'); \
	} while (0)
#define same_text(s, z) \
	do { \
		struct str same_ = (s); \
		assert_int_equal(same_.n, strlen(z)); \
		assert_memory_equal(same_.n ? same_.p : "", z, same_.n); \
	} while (0)

/* Leads number ${from} and behind, all of one name. */
static inline void put_leads(struct fixture *f, unsigned from, unsigned n, const char *name)
{
	struct lead_put *rows = calloc(n, sizeof(*rows));
	struct lead_put_opts o = { .now_ms = 1 };
	unsigned i;

	for (i = 0; i < n; i++) {
		lead_values_none(&rows[i].values);
		rows[i].values.text[LF_NAME] = str_of(name);
		rows[i].mapped = ~(uint64_t)0;
		rows[i].id = (struct id){ { (uint8_t)((from + i) >> 8), (uint8_t)(from + i), 1 } };
		rows[i].digest[0] = (uint8_t)(name[0] + (char)strlen(name));
	}
	ok(f, f->s->leads->put(f->s, rows, n, &o, &f->e));
	free(rows);
}

#endif
