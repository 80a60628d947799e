/* SPDX-License-Identifier: Apache-2.0 */
/* params.h: query parameters, checked against the table of the route before the handler runs.
 * Pure: knows no request and no thread. */
#ifndef HTTP_PARAMS_H
#define HTTP_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/request.h"
#include "http/route.h"
#include "util/str.h"

struct arena;
struct err;

enum param_kind { P_INT, P_NUM, P_BOOL, P_STR, P_DATE, P_WORD, P_WORDS, P_FILTER, P_UNKNOWN };

struct param_value {
	bool sent;    /* by the client */
	bool present; /* sent or by default */
	struct str text;
	union {
		int64_t i; /* P_INT, P_BOOL, index of P_WORD */
		double d;  /* P_NUM, P_DATE */
		uint64_t words;
	} v;
};

enum param_kind params_kind(const struct param *p);
bool params_type_known(const struct param *p); /* type, range and default fit together */

/* What is wrong with one parameter: said for each, so that a client mends all at once. */
struct params_out {
	struct arena *mem;
	struct param_value *values; /* one per entry of the table, zeroed by the caller */
	struct req_filter *filters;
	size_t n_filters;
	void (*fault)(void *ctx, const char *pointer, const char *detail);
	void *ctx;
	size_t faults;
};

/* params_read(table, query, out, e): 0, or -1 with ERR_REQUEST (the query cannot be read, an
 * unknown or repeated parameter) or ERR_INPUT (values that do not fit, each told to ${fault}). */
int params_read(const struct param *table, struct str query, struct params_out *out, struct err *e);

/* params_defaults(table, mem, out): ${*out} is what params_read makes of an address without a
 * query, one per entry and in ${mem}; NULL where that lacks something required, or the table is
 * empty. -1: no memory. */
int params_defaults(const struct param *table, struct arena *mem, const struct param_value **out);

/* params_nth_word(list, i): word ${i} of "hot|warm|cold"; empty past the end. */
struct str params_nth_word(const char *list, size_t i);

#endif
