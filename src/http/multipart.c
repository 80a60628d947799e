/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "http/multipart.h"
#include "util/err.h"
#include "util/utf8.h"

#define BOUNDARY_MAX ((size_t)70)
#define HEAD_MAX     ((size_t)8192) /* headers of one part */
#define PARTS_MAX    32

enum state { PREAMBLE, AFTER_BOUNDARY, HEAD, BODY, EPILOGUE };

/* What may be the start of a delimiter is held back until it is clear; so are part headers. */
struct multipart {
	struct multipart_hooks hooks;
	enum state state;
	char delim[BOUNDARY_MAX + 4]; /* CR LF -- boundary */
	size_t delim_n;
	size_t matched; /* bytes of delim seen at the end of what came; the first part needs no CRLF
			 */
	char tail[2];   /* what follows a delimiter: CRLF or "--" */
	size_t tail_n;
	char head[HEAD_MAX];
	size_t head_n;
	int parts;
};

static int bad(struct err *e, const char *why)
{
	return err_set(e, ERR_REQUEST, "the multipart body is malformed: %s", why);
}

/* The value of parameter ${name} of a header such as 'form-data; name="a"; filename="b"'. Quoted
 * pairs are left as they are except \" and \\, which browsers do not send; %22 stays. */
static bool header_param(struct str h, struct str name, struct str *out)
{
	size_t i = 0;

	while (i < h.n && h.p[i] != ';')
		i++;
	while (i < h.n) {
		size_t key, key_end, v, v_end;

		i++;
		while (i < h.n && (h.p[i] == ' ' || h.p[i] == '\t'))
			i++;
		for (key = i; i < h.n && h.p[i] != '=' && h.p[i] != ';'; i++)
			;
		key_end = i;
		if (i == h.n || h.p[i] == ';')
			continue;
		if (++i < h.n && h.p[i] == '"') {
			for (v = ++i; i < h.n && h.p[i] != '"'; i++)
				if (h.p[i] == '\\' && i + 1 < h.n)
					i++;
			if (i >= h.n)
				return false;
			v_end = i++;
		} else {
			for (v = i; i < h.n && h.p[i] != ';'; i++)
				;
			v_end = i;
		}
		if (str_eqi(str_trim(str_sub(h, key, key_end)), name)) {
			*out = str_trim(str_sub(h, v, v_end));
			return true;
		}
		while (i < h.n && h.p[i] != ';')
			i++;
	}
	return false;
}

int multipart_boundary(struct str type, struct str *out, struct err *e)
{
	static const char extra[] = "'()+_,-./:=? "; /* RFC 2046, 5.1.1 */

	if (!header_param(type, S("boundary"), out) || out->n == 0 || out->n > BOUNDARY_MAX)
		return err_set(
			e, ERR_REQUEST, "Content-Type names no boundary of 1 to 70 characters");
	for (size_t i = 0; i < out->n; i++) {
		char c = out->p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c != '\0' && strchr(extra, c) != NULL)))
			return err_set(e, ERR_REQUEST, "the boundary has a wrong character");
	}
	return 0;
}

struct multipart *multipart_new(
	struct str boundary, const struct multipart_hooks *hooks, struct err *e)
{
	struct multipart *m = calloc(1, sizeof(*m));

	ASSERT(boundary.n != 0 && boundary.n <= BOUNDARY_MAX);
	if (m == NULL) {
		err_nomem(e);
		return NULL;
	}
	m->hooks = *hooks;
	memcpy(m->delim, "\r\n--", 4);
	memcpy(m->delim + 4, boundary.p, boundary.n);
	m->delim_n = boundary.n + 4;
	m->matched = 2; /* the body may start with the boundary itself */
	return m;
}

void multipart_free(struct multipart *m)
{
	free(m);
}

static int head_line(struct str line, struct part *p, bool *disposition, struct err *e)
{
	struct str name, value;

	if (!str_split(line, ':', &name, &value) || name.n == 0)
		return bad(e, "a part has a header line without a colon");
	for (size_t i = 0; i < line.n; i++)
		if ((unsigned char)line.p[i] < ' ' && line.p[i] != '\t')
			return bad(e, "a part has a control character in its headers");
	value = str_trim(value);
	if (str_eqi(name, S("Content-Type"))) {
		p->type = value;
	} else if (str_eqi(name, S("Content-Disposition"))) {
		struct str kind, rest;

		str_split(value, ';', &kind, &rest);
		if (*disposition || !str_eqi(str_trim(kind), S("form-data")) ||
			!header_param(value, S("name"), &p->name))
			return bad(e, "a part is not form-data with a name");
		*disposition = true;
		p->has_filename = header_param(value, S("filename"), &p->filename);
	} else if (str_eqi(name, S("Content-Transfer-Encoding")) && !str_eqi(value, S("binary")) &&
		   !str_eqi(value, S("8bit")) && !str_eqi(value, S("7bit"))) {
		return bad(e, "a part has a transfer encoding");
	}
	return 0;
}

static int begin_part(struct multipart *m, struct err *e)
{
	struct str rest = { m->head, m->head_n - 4 };
	struct part p = { 0 };
	bool disposition = false;

	if (++m->parts > PARTS_MAX)
		return bad(e, "there are more than 32 parts");
	if (!utf8_valid(rest))
		return bad(e, "the headers of a part are not UTF-8");
	while (rest.n != 0) {
		ptrdiff_t end = str_find(rest, S("\r\n"));
		struct str line = str_sub(rest, 0, end == -1 ? rest.n : (size_t)end);

		rest = str_sub(rest, end == -1 ? rest.n : (size_t)end + 2, rest.n);
		if (head_line(line, &p, &disposition, e) == -1)
			return -1;
	}
	if (!disposition)
		return bad(e, "a part is not form-data with a name");
	return m->hooks.begin(m->hooks.ctx, &p, e);
}

/* Headers end with an empty line; a part without any starts with it. */
static int take_head(struct multipart *m, char c, struct err *e)
{
	if (m->head_n == HEAD_MAX)
		return bad(e, "the headers of a part are longer than 8 KiB");
	m->head[m->head_n++] = c;
	if (m->head_n < 4 || memcmp(m->head + m->head_n - 4, "\r\n\r\n", 4) != 0)
		return 0;
	m->state = BODY;
	m->matched = 0;
	return begin_part(m, e);
}

static int take_tail(struct multipart *m, char c, struct err *e)
{
	/* RFC 2046 allows blanks behind a boundary; nobody sends them, proxies differ: refused. */
	m->tail[m->tail_n++] = c;
	if (m->tail_n < 2)
		return c == '\r' || c == '-' ? 0 : bad(e, "text follows a boundary");
	if (memcmp(m->tail, "\r\n", 2) == 0) {
		m->state = HEAD;
		m->head_n = 0;
		return 0;
	}
	if (memcmp(m->tail, "--", 2) != 0)
		return bad(e, "text follows a boundary");
	m->state = EPILOGUE;
	return 0;
}

static int found_delimiter(struct multipart *m, struct err *e)
{
	bool first = m->state == PREAMBLE;

	m->state = AFTER_BOUNDARY;
	m->tail_n = 0;
	m->matched = 0;
	return first ? 0 : m->hooks.end(m->hooks.ctx, e);
}

static int emit(struct multipart *m, struct str bytes, struct err *e)
{
	if (bytes.n == 0)
		return 0;
	if (m->state == PREAMBLE)
		return bad(e, "it does not start with its boundary");
	return m->hooks.data(m->hooks.ctx, bytes, e);
}

/* Looks for the delimiter in ${s}; *used: bytes taken. Bytes that matched at the end of the last
 * piece and turn out to be data are emitted from the delimiter itself: they are the same. The
 * delimiter has CR only at its start, so after a mismatch nothing but a new CR can begin a match.
 */
static int take_body(struct multipart *m, struct str s, size_t *used, struct err *e)
{
	size_t start = 0, i = 0, held = m->state == PREAMBLE ? 0 : m->matched;

	while (i < s.n) {
		if (m->matched != 0) {
			if (s.p[i] == m->delim[m->matched]) {
				i++;
				if (++m->matched < m->delim_n)
					continue;
				*used = i;
				if (i > start + m->delim_n - held &&
					emit(m, str_sub(s, start, i - (m->delim_n - held)), e) ==
						-1)
					return -1;
				return found_delimiter(m, e);
			}
			if (m->state == PREAMBLE)
				return bad(e, "it does not start with its boundary");
			if (held != 0) {
				if (emit(m, (struct str){ m->delim, held }, e) == -1)
					return -1;
				held = 0;
			}
			m->matched = 0;
			continue; /* the same byte again: it may be a CR */
		}
		{
			const char *cr = memchr(s.p + i, '\r', s.n - i);

			if (cr == NULL) {
				i = s.n;
				break;
			}
			i = (size_t)(cr - s.p) + 1;
			m->matched = 1;
		}
	}
	*used = s.n;
	/* What is held of this piece stays out. */
	return emit(
		m, str_sub(s, start, s.n - (m->matched - held < s.n ? m->matched - held : s.n)), e);
}

int multipart_feed(struct multipart *m, struct str bytes, struct err *e)
{
	while (bytes.n != 0) {
		size_t used = 1;
		int rc = 0;

		switch (m->state) {
		case PREAMBLE:
		case BODY:
			rc = take_body(m, bytes, &used, e);
			break;
		case AFTER_BOUNDARY:
			rc = take_tail(m, bytes.p[0], e);
			break;
		case HEAD:
			rc = take_head(m, bytes.p[0], e);
			break;
		case EPILOGUE:
			if (bytes.p[0] != '\r' && bytes.p[0] != '\n')
				rc = bad(e, "text follows the last boundary");
			break;
		}
		if (rc == -1)
			return -1;
		bytes = str_sub(bytes, used, bytes.n);
	}
	return 0;
}

int multipart_end(struct multipart *m, struct err *e)
{
	return m->state == EPILOGUE ? 0 : bad(e, "it ends before its last boundary");
}
