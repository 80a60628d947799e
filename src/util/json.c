/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

/* jansson has an enum json_type of its own. */
#define json_type jansson_type
#include <jansson.h>
#undef json_type

#include "util/buf.h"
#include "util/bytes.h"
#include "util/err.h"
#include "util/json.h"

/* struct json is jansson's json_t under another name; only this file knows. */
static const json_t *in(const struct json *v)
{
	return (const json_t *)v;
}

struct json *json_parse(struct str text, struct err *e)
{
	json_error_t je;
	json_t *doc;
	int depth = 0;
	bool quoted = false;

	/* jansson's own depth limit is 2048; ours is checked before it builds anything. */
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\0') { /* which jansson passes over behind a word */
			err_set(e, ERR_INPUT, "not JSON: a zero byte at byte %zu", i + 1);
			return NULL;
		}
		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			if (++depth > 32) {
				err_set(e, ERR_INPUT, "JSON is nested more than 32 deep");
				return NULL;
			}
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	doc = json_loadb(text.p != NULL ? text.p : "", text.n,
		JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &je);
	if (doc == NULL)
		err_set(e, ERR_INPUT, "not JSON: %s at line %d, column %d", je.text, je.line,
			je.column);
	return (struct json *)doc;
}

void json_free(struct json *doc)
{
	json_decref((json_t *)doc);
}

enum json_type json_type(const struct json *v)
{
	if (v == NULL)
		return J_NULL;
	switch (json_typeof(in(v))) {
	case JSON_OBJECT:
		return J_OBJ;
	case JSON_ARRAY:
		return J_ARR;
	case JSON_STRING:
		return J_STR;
	case JSON_INTEGER:
	case JSON_REAL:
		return J_NUM;
	case JSON_TRUE:
	case JSON_FALSE:
		return J_BOOL;
	case JSON_NULL:
		break;
	}
	return J_NULL;
}

const struct json *json_get(const struct json *obj, const char *key)
{
	return (const struct json *)json_object_get(in(obj), key);
}

size_t json_len(const struct json *v)
{
	return json_is_array(in(v)) ? json_array_size(in(v)) : json_object_size(in(v));
}

const struct json *json_at(const struct json *arr, size_t i)
{
	return (const struct json *)json_array_get(in(arr), i);
}

const struct json *json_member(const struct json *obj, size_t i, struct str *key)
{
	json_t *o = (json_t *)(uintptr_t)obj;
	void *it = json_object_iter(o);

	while (i-- != 0 && it != NULL)
		it = json_object_iter_next(o, it);
	if (it == NULL)
		return NULL;
	*key = str_of(json_object_iter_key(it));
	return (const struct json *)json_object_iter_value(it);
}

struct str json_str(const struct json *v, struct str otherwise)
{
	if (!json_is_string(in(v)))
		return otherwise;
	return (struct str){ json_string_value(in(v)), json_string_length(in(v)) };
}

double json_num(const struct json *v, double otherwise)
{
	return json_is_number(in(v)) ? json_number_value(in(v)) : otherwise;
}

int64_t json_int(const struct json *v, int64_t otherwise)
{
	double x;

	if (json_is_integer(in(v)))
		return json_integer_value(in(v));
	if (!json_is_real(in(v)))
		return otherwise;
	x = json_real_value(in(v));
	return x == floor(x) && fabs(x) < 9e15 ? (int64_t)x : otherwise;
}

bool json_bool(const struct json *v, bool otherwise)
{
	return json_is_boolean(in(v)) ? json_is_true(in(v)) : otherwise;
}

const struct json *json_need(
	const struct json *obj, const char *key, enum json_type type, struct err *e)
{
	static const char *const names[] = { "null", "true or false", "a number", "text", "a list",
		"an object" };
	const struct json *v = json_get(obj, key);

	if (v == NULL)
		err_set(e, ERR_INPUT, "\"%s\" is missing", key);
	else if (json_type(v) == type)
		return v;
	else
		err_set(e, ERR_INPUT, "\"%s\" must be %s", key, names[type]);
	return NULL;
}

int json_need_str(const struct json *obj, const char *key, struct str *out, struct err *e)
{
	const struct json *v = json_need(obj, key, J_STR, e);

	if (v == NULL)
		return -1;
	*out = json_str(v, S(""));
	return 0;
}

int json_need_num(const struct json *obj, const char *key, double *out, struct err *e)
{
	const struct json *v = json_need(obj, key, J_NUM, e);

	if (v == NULL)
		return -1;
	*out = json_num(v, 0);
	return 0;
}

int json_need_int(const struct json *obj, const char *key, int64_t lo, int64_t hi, int64_t *out,
	struct err *e)
{
	const struct json *v = json_need(obj, key, J_NUM, e);
	double x = json_num(v, 0);

	if (v == NULL)
		return -1;
	if (x != floor(x) || x < (double)lo || x > (double)hi)
		return err_set(e, ERR_INPUT, "\"%s\" must be a whole number from %lld to %lld", key,
			(long long)lo, (long long)hi);
	*out = json_int(v, 0);
	return 0;
}

static void newline(struct jw *w)
{
	if (w->indent == 0)
		return;
	buf_c(w->b, '\n');
	for (int i = 0; i < w->depth * w->indent; i++)
		buf_c(w->b, ' ');
}

static void before_value(struct jw *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->has_items)
		buf_c(w->b, ',');
	if (w->depth != 0)
		newline(w);
	w->has_items = true;
}

static void open_value(struct jw *w, char c)
{
	before_value(w);
	buf_c(w->b, c);
	w->depth++;
	w->has_items = false;
}

static void end_value(struct jw *w, char c)
{
	w->depth--;
	if (w->has_items)
		newline(w);
	buf_c(w->b, c);
	w->has_items = true;
}

void jw_obj(struct jw *w)
{
	open_value(w, '{');
}

void jw_arr(struct jw *w)
{
	open_value(w, '[');
}

void jw_end_obj(struct jw *w)
{
	end_value(w, '}');
}

void jw_end_arr(struct jw *w)
{
	end_value(w, ']');
}

/* The length of the valid UTF-8 sequence at the start of ${s}, or 0. */
static size_t utf8_len(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = p[0] < 0x80   ? 1
		   : p[0] < 0xC2 ? 0
		   : p[0] < 0xE0 ? 2
		   : p[0] < 0xF0 ? 3
		   : p[0] < 0xF5 ? 4
				 : 0;

	if (n == 0 || n > s.n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
		(p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
		return 0;
	return n;
}

/* Bytes of ${v} that do not stand in JSON as they are have their high bit set, and perhaps some
 * behind the first of them. */
static uint64_t marked(uint64_t v)
{
	return (((v ^ BYTES_EACH('"')) - BYTES_EACH(1)) | ((v ^ BYTES_EACH('\\')) - BYTES_EACH(1)) |
		       (v - BYTES_EACH(0x20)) | (v + BYTES_EACH(1)) | v) &
	       BYTES_EACH(0x80);
}

/* 4 to 7 bytes: the halves overlap. */
static bool plain_word(const char *p, size_t n)
{
	uint32_t a, b;

	memcpy(&a, p, 4);
	memcpy(&b, p + n - 4, 4);
	return marked((uint64_t)a << 32 | b) == 0;
}

/* How many bytes at the start of ${s} stand in JSON as they are. */
static size_t plain_len(struct str s)
{
	size_t i = 0;

	for (; s.n - i >= 8; i += 8) {
		uint64_t v;

		memcpy(&v, s.p + i, 8);
		if (marked(v) != 0)
			break;
	}
	if (s.n - i >= 4 && s.n - i < 8 && plain_word(s.p + i, s.n - i))
		return s.n;
	while (i < s.n && s.p[i] >= 0x20 && s.p[i] < 0x7F && s.p[i] != '"' && s.p[i] != '\\')
		i++;
	return i;
}

/* All of it between quotes, in one go. */
static void quoted_plain(struct buf *b, struct str s)
{
	char *to = buf_reserve(b, s.n + 2);

	if (to == NULL)
		return;
	to[0] = '"';
	memcpy(to + 1, s.p, s.n);
	to[s.n + 1] = '"';
	b->n += s.n + 2;
}

static void quoted(struct buf *b, struct str s)
{
	size_t n = plain_len(s);

	if (n == s.n && n != 0) {
		quoted_plain(b, s);
		return;
	}
	buf_c(b, '"');
	buf_bytes(b, s.p, n);
	for (s = str_sub(s, n, s.n); s.n != 0; s = str_sub(s, n, s.n)) {
		unsigned char c = (unsigned char)s.p[0];

		if ((n = plain_len(s)) != 0) {
			buf_bytes(b, s.p, n);
		} else if ((n = utf8_len(s)) == 0) {
			buf_z(b, "\xEF\xBF\xBD");
			n = 1;
		} else if (c == '"' || c == '\\') {
			buf_c(b, '\\');
			buf_c(b, (char)c);
		} else if (c == '\n') {
			buf_z(b, "\\n");
		} else if (c < 0x20 || c == 0x7F) {
			buf_fmt(b, "\\u%04x", c);
		} else {
			buf_bytes(b, s.p, n);
		}
	}
	buf_c(b, '"');
}

/* A key on a line with all the others, as the API writes them: comma, quotes and colon in one go.
 */
static bool plain_key(struct jw *w, struct str key)
{
	char *to;

	if (w->indent != 0 || w->after_key || key.n == 0 || plain_len(key) != key.n ||
		(to = buf_reserve(w->b, key.n + 4)) == NULL)
		return false;
	w->b->n += key.n + 3 + w->has_items;
	if (w->has_items)
		*to++ = ',';
	*to = '"';
	memcpy(to + 1, key.p, key.n);
	memcpy(to + 1 + key.n, "\":", 2);
	w->has_items = w->after_key = true;
	return true;
}

void jw_key_str(struct jw *w, struct str key)
{
	if (plain_key(w, key))
		return;
	before_value(w);
	quoted(w->b, key);
	buf_c(w->b, ':');
	if (w->indent != 0)
		buf_c(w->b, ' ');
	w->after_key = true;
}

void jw_str(struct jw *w, struct str s)
{
	before_value(w);
	quoted(w->b, s);
}

void jw_z(struct jw *w, const char *z)
{
	if (z == NULL)
		jw_null(w);
	else
		jw_str(w, str_of(z));
}

void jw_num(struct jw *w, double x)
{
	before_value(w);
	buf_num(w->b, x);
}

void jw_int(struct jw *w, int64_t x)
{
	before_value(w);
	buf_int(w->b, x);
}

void jw_bool(struct jw *w, bool x)
{
	before_value(w);
	buf_z(w->b, x ? "true" : "false");
}

void jw_null(struct jw *w)
{
	before_value(w);
	buf_z(w->b, "null");
}

void jw_raw(struct jw *w, struct str value)
{
	before_value(w);
	buf_str(w->b, value.n != 0 ? value : S("null"));
}

void jw_members(struct jw *w, struct str s)
{
	if (w->has_items)
		buf_c(w->b, ',');
	buf_str(w->b, s);
	w->has_items = true;
}

void jw_put(struct jw *w, const struct json *v)
{
	struct str key;

	switch (json_type(v)) {
	case J_NULL:
		jw_null(w);
		break;
	case J_BOOL:
		jw_bool(w, json_bool(v, false));
		break;
	case J_NUM:
		jw_num(w, json_num(v, NAN));
		break;
	case J_STR:
		jw_str(w, json_str(v, S("")));
		break;
	case J_ARR:
		jw_arr(w);
		for (size_t i = 0; i < json_len(v); i++)
			jw_put(w, json_at(v, i));
		jw_end_arr(w);
		break;
	case J_OBJ:
		jw_obj(w);
		for (size_t i = 0; i < json_len(v); i++) {
			const struct json *m = json_member(v, i, &key);

			jw_key_str(w, key);
			jw_put(w, m);
		}
		jw_end_obj(w);
		break;
	}
}
