/* SPDX-License-Identifier: Apache-2.0 */
/* What an upload that somebody wants to learn from can be asked before a job is made of it. */
#include <stdio.h>

#include "leads/retrain.h"
#include "record/id.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/json.h"

enum { ARENA = 16 << 20 };

struct asked {
	const struct json *columns; /* of the upload; NULL: not read yet */
	void (*fault)(void *ctx, const char *pointer, const char *detail);
	void *ctx;
	struct err *e;
	size_t faults;
};

static void fault(struct asked *x, const char *pointer, const char *detail)
{
	if (x->faults++ == 0)
		err_set(x->e, ERR_INPUT, "%s", detail);
	if (x->fault != NULL)
		x->fault(x->ctx, pointer, detail);
}

static void check_name(struct asked *x, const char *pointer, struct str name)
{
	char detail[160];

	for (size_t i = 0; i < json_len(x->columns); i++)
		if (str_eq(json_str(json_get(json_at(x->columns, i), "name"), S("")), name))
			return;
	snprintf(detail, sizeof(detail), "the file has no column \"" STR_FMT "\"",
		STR_ARG(str_sub(name, 0, 100)));
	fault(x, pointer, detail);
}

static void check_columns(struct asked *x, const struct json *args)
{
	static const char *const lists[] = { "drop", "keep" };
	struct str target = json_str(json_get(args, "target"), S(""));

	if (target.n != 0)
		check_name(x, "/target", target);
	for (size_t i = 0; i < 2; i++) {
		const struct json *v = json_get(args, lists[i]);

		for (size_t k = 0; k < json_len(v); k++) {
			char pointer[32];

			snprintf(pointer, sizeof(pointer), "/%s/%zu", lists[i], k);
			check_name(x, pointer, json_str(json_at(v, k), S("")));
		}
	}
}

int retrain_check_upload(struct store *s, const struct json *args,
	void (*tell)(void *ctx, const char *pointer, const char *detail), void *ctx, struct err *e)
{
	struct asked x = { .fault = tell, .ctx = ctx, .e = e };
	struct arena mem = { .cap = ARENA };
	struct json *detail = NULL;
	struct err why = { 0 };
	struct upload u;
	struct id id;
	int rc = 0;

	if (id_parse_ulid(json_str(json_get(args, "upload"), S("")), &id) == -1)
		return 0; /* from leads */
	if (s->uploads->get(s, id, &mem, &u, &why) == -1) {
		if (why.code == ERR_NOT_FOUND)
			fault(&x, "/upload", "there is no such upload");
		else
			rc = err_set(e, why.code, "%s", why.msg);
	} else if (u.file.n == 0) {
		fault(&x, "/upload", "its file has been discarded; send it again");
	} else if (u.detail.n != 0 && (detail = json_parse(u.detail, NULL)) != NULL &&
		   (x.columns = json_get(detail, "columns")) != NULL) {
		check_columns(&x, args);
		if (json_get(args, "target") == NULL &&
			json_get(json_get(detail, "outcome"), "column") == NULL)
			fault(&x, "/target", "say which column holds the outcome");
	}
	json_free(detail);
	arena_clear(&mem);
	return x.faults == 0 ? rc : -1;
}
