/* SPDX-License-Identifier: Apache-2.0 */
/* json.h: reading (over jansson, which no other file sees) and writing (ours, straight into a buf).
 * Reading refuses duplicate keys, depth over 32, and text after the value. */
#ifndef UTIL_JSON_H
#define UTIL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;
struct err;
struct json; /* a value inside a document; borrowed from it */

/* json_parse(text, e): the document's value, freed by json_free. ERR_INPUT with line and column. */
struct json *json_parse(struct str text, struct err *e);
void json_free(struct json *doc);

enum json_type { J_NULL, J_BOOL, J_NUM, J_STR, J_ARR, J_OBJ };
enum json_type json_type(const struct json *v);                       /* J_NULL for NULL */
const struct json *json_get(const struct json *obj, const char *key); /* NULL if absent */
size_t json_len(const struct json *v);                                /* items or members */
const struct json *json_at(const struct json *arr, size_t i);
/* json_member(obj, i, key): member ${i} in file order. */
const struct json *json_member(const struct json *obj, size_t i, struct str *key);

struct str json_str(const struct json *v, struct str otherwise);
double json_num(const struct json *v, double otherwise);
int64_t json_int(const struct json *v, int64_t otherwise); /* of a whole number only */
bool json_bool(const struct json *v, bool otherwise);

/* Must-have members, for files of ours: a clear ERR_INPUT that names the key. */
int json_need_str(const struct json *obj, const char *key, struct str *out, struct err *e);
int json_need_num(const struct json *obj, const char *key, double *out, struct err *e);
int json_need_int(const struct json *obj, const char *key, int64_t lo, int64_t hi, int64_t *out,
	struct err *e);
const struct json *json_need(
	const struct json *obj, const char *key, enum json_type type, struct err *e);

/* The writer puts commas and quotes by itself. ${indent} 0: one line. Zero-initialise, set b. */
struct jw {
	struct buf *b;
	int indent;
	int depth;
	bool has_items; /* the innermost open value has members already */
	bool after_key;
};
void jw_obj(struct jw *w);
void jw_arr(struct jw *w);
void jw_end_obj(struct jw *w);
void jw_end_arr(struct jw *w);
void jw_key_str(struct jw *w, struct str key);
void jw_str(struct jw *w, struct str s); /* invalid UTF-8 becomes U+FFFD */
void jw_z(struct jw *w, const char *z);  /* NULL writes null */
void jw_num(struct jw *w, double x);     /* NaN and infinities write null */
void jw_int(struct jw *w, int64_t x);
void jw_bool(struct jw *w, bool x);
void jw_null(struct jw *w);
void jw_raw(struct jw *w, struct str value); /* JSON already; an empty one writes null */
/* jw_members(w, s): some members of the open object, with commas between them; without indent. */
void jw_members(struct jw *w, struct str s);
void jw_put(struct jw *w, const struct json *v); /* a value that was read; NULL writes null */
static inline void jw_key(struct jw *w, const char *key)
{
	jw_key_str(w, str_of(key));
}

/* Key and value together. */
static inline void jw_kstr(struct jw *w, const char *key, struct str s)
{
	jw_key(w, key);
	jw_str(w, s);
}

static inline void jw_kz(struct jw *w, const char *key, const char *z)
{
	jw_key(w, key);
	jw_z(w, z);
}

static inline void jw_knum(struct jw *w, const char *key, double x)
{
	jw_key(w, key);
	jw_num(w, x);
}

static inline void jw_kint(struct jw *w, const char *key, int64_t x)
{
	jw_key(w, key);
	jw_int(w, x);
}

static inline void jw_kbool(struct jw *w, const char *key, bool x)
{
	jw_key(w, key);
	jw_bool(w, x);
}

#endif
