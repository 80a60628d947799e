/* SPDX-License-Identifier: Apache-2.0 */
/* json_flat.h: the members of one JSON object, one after the other, without building anything: for
 * the hot path of an API that takes flat objects. util/json is the reference: the same texts are
 * accepted (no duplicate keys, depth up to 32, valid UTF-8, nothing behind the value), except that
 * whole numbers may be of any length, an object has at most JSON_FLAT_KEYS members, and equal keys
 * inside a nested object are left for whoever opens that. Numbers stay the text they are.
 *
 *	json_flat_open(&f, text, room, NULL, e);	// room: text.n bytes, for strings with
 *escapes while ((rc = json_flat_next(&f, &m, e)) == 1) ...
 *
 * Keys and values point into text or room. Threads: no state but the struct's. */
#ifndef UTIL_JSON_FLAT_H
#define UTIL_JSON_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct err;

enum { JSON_FLAT_KEYS = 1000 };

enum json_flat_type {
	FLAT_NULL,
	FLAT_TRUE,
	FLAT_FALSE,
	FLAT_NUM, /* value: as written */
	FLAT_STR, /* value: decoded */
	FLAT_ARR, /* value: its text, checked; see json_flat_item */
	FLAT_OBJ
};

struct json_flat_member {
	struct str key;   /* decoded */
	uint64_t hash;    /* str_hash(key, 0) */
	struct str value; /* empty for null, true and false */
	enum json_flat_type type;
	/* Where the caller may keep what the key means to it, until another key stands in this
	 * place of an object: 0 at first. NULL: nowhere. */
	uint64_t *note;
};

/* The keys of the object before, which the next one mostly has again, in the same order: then a
 * key is one comparison. All zero: none. */
struct json_flat_keys {
	uint16_t n;
	struct {
		uint64_t note;
		uint64_t hash;
		uint8_t n;
		char text[47]; /* with its quotes and the colon */
	} key[32];
};

struct json_flat {
	const char *start, *at, *end;
	char *room; /* free part of it */
	size_t n;   /* members so far */
	struct json_flat_keys *last;
	bool same; /* so far the keys are those of ${last} */
	/* Of the keys, unless ${same}: */
	uint64_t seen[16];
	struct str keys[JSON_FLAT_KEYS];
};

/* json_flat_open(f, text, room, last, e): ERR_INPUT unless ${text} begins with an object. last:
 * kept by the caller from one object to the next, by one thread at a time; NULL: none. */
int json_flat_open(struct json_flat *f, struct str text, char *room, struct json_flat_keys *last,
	struct err *e);
/* json_flat_next(f, m, e): 1 with a member, 0 behind the last, -1 with ERR_INPUT (line and column)
 * or ERR_LIMIT (too many members). */
int json_flat_next(struct json_flat *f, struct json_flat_member *m, struct err *e);

/* json_flat_item(arr, item): the text of the next item of an array that json_flat_next gave;
 * advances ${arr}. false behind the last. */
bool json_flat_item(struct str *arr, struct str *item);

#endif
