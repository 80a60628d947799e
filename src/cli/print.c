/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/print.h"
#include "config/options.h"
#include "util/err.h"
#include "util/width.h"

/* Colours of the terminal's own sixteen, so that light and dark themes both read well. */
static const char *const codes[STYLE_COUNT] = {
	[STYLE_PLAIN] = "\033[0m",
	[STYLE_BOLD] = "\033[1m",
	[STYLE_DIM] = "\033[2m",
	[STYLE_HOT] = "\033[1;31m",
	[STYLE_WARM] = "\033[33m",
	[STYLE_COLD] = "\033[36m",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_BAD] = "\033[31m",
};

static size_t terminal_columns(FILE *f)
{
	const char *env = getenv("COLUMNS");
	struct winsize w;
	long n = 100;

	if (ioctl(fileno(f), TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		n = w.ws_col;
	else if (env != NULL && atol(env) > 0)
		n = atol(env);
	return n < 40 ? 40 : n > 160 ? 160 : (size_t)n;
}

static bool shows_unicode(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < 3; i++) {
		struct str v = str_of(getenv(names[i]));

		if (v.n > 0)
			return str_findi(v, S("utf-8")) >= 0 || str_findi(v, S("utf8")) >= 0;
	}
	return false;
}

void print_init(struct print *p, FILE *f, int color)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	memset(p, 0, sizeof(*p));
	p->columns = terminal_columns(f);
	p->unicode = shows_unicode();
	p->color = color == COLOR_ALWAYS ||
		   (color == COLOR_AUTO && isatty(fileno(f)) && (no == NULL || *no == '\0') &&
			   term != NULL && strcmp(term, "dumb") != 0);
}

int print_flush(struct print *p, FILE *f, struct err *e)
{
	int r = buf_done(&p->b, e);

	if (r == 0 && ((p->b.n > 0 && fwrite(p->b.p, 1, p->b.n, f) != p->b.n) || fflush(f) != 0))
		r = err_set(e, ERR_IO, "cannot write to standard output: %s", strerror(errno));
	buf_reset(&p->b);
	return r;
}

void print_clear(struct print *p)
{
	buf_clear(&p->b);
}

void print_style(struct print *p, enum style s)
{
	if (p->color)
		buf_z(&p->b, codes[s]);
}

static void begin(struct print *p, enum style s)
{
	if (s != STYLE_PLAIN)
		print_style(p, s);
}

static void end(struct print *p, enum style s)
{
	if (s != STYLE_PLAIN)
		print_style(p, STYLE_PLAIN);
}

__attribute__((format(printf, 2, 0))) static void add_va(struct buf *b, const char *fmt, va_list ap)
{
	char *z = NULL;

	if (vasprintf(&z, fmt, ap) == -1) {
		b->failed = true;
		return;
	}
	buf_z(b, z);
	free(z);
}

void print_fmt(struct print *p, enum style s, const char *fmt, ...)
{
	va_list ap;

	begin(p, s);
	va_start(ap, fmt);
	add_va(&p->b, fmt, ap);
	va_end(ap);
	end(p, s);
}

void print_text(struct print *p, enum style s, struct str text)
{
	begin(p, s);
	width_clean(text, 0, "", &p->b);
	end(p, s);
}

void print_heading(struct print *p, const char *text)
{
	print_fmt(p, STYLE_PLAIN, "\n");
	print_fmt(p, STYLE_BOLD, "%s", text);
	print_fmt(p, STYLE_PLAIN, "\n");
}

static void wrapped(struct print *p, size_t at, size_t indent, struct str text)
{
	size_t most = p->columns < 100 ? p->columns : 100;
	struct str left = text, word;
	struct buf shown = { 0 };
	bool first = true;

	while (left.n > 0) {
		size_t width;

		str_split(left, ' ', &word, &left);
		buf_reset(&shown);
		width = width_clean(word, 0, "", &shown);
		if (!first && at + 1 + width > most) {
			buf_fmt(&p->b, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			buf_c(&p->b, ' ');
			at++;
		}
		buf_str(&p->b, buf_view(&shown));
		at += width;
		first = false;
	}
	p->b.failed = p->b.failed || shown.failed;
	buf_clear(&shown);
}

void print_wrapped(struct print *p, size_t at, size_t indent, const char *text)
{
	wrapped(p, at, indent, str_of(text));
	buf_c(&p->b, '\n');
}

void print_sentence(struct print *p, enum style s, struct str text)
{
	begin(p, s);
	wrapped(p, 0, 0, text);
	end(p, s);
	buf_c(&p->b, '\n');
}

static bool shell_safe(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"
			   ":@%+,=",
			    s.p[i]) == NULL ||
			s.p[i] == '\0')
			return false;
	return s.n > 0;
}

void print_shell(struct print *p, struct str text)
{
	struct str head, tail;

	if (shell_safe(text)) {
		buf_str(&p->b, text);
		return;
	}
	buf_c(&p->b, '\'');
	for (bool more = true; more; text = tail) {
		more = str_split(text, '\'', &head, &tail);
		width_clean(head, 0, "", &p->b);
		if (more)
			buf_z(&p->b, "'\\''");
	}
	buf_c(&p->b, '\'');
}

void print_bar(struct print *p, enum style s, double share, size_t width)
{
	static const char *const eighths[] = { "", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b",
		"\u258a", "\u2589" };
	size_t n, used;

	share = share > 0 ? share < 1 ? share : 1 : 0;
	n = (size_t)lround(share * (double)width * (p->unicode ? 8 : 1));
	used = p->unicode ? (n + 7) / 8 : n;
	begin(p, s);
	for (size_t i = 0; i < (p->unicode ? n / 8 : n); i++)
		buf_z(&p->b, p->unicode ? "\u2588" : "#");
	if (p->unicode)
		buf_z(&p->b, eighths[n % 8]);
	end(p, s);
	buf_fmt(&p->b, "%*s", (int)(width - used), "");
}

enum style print_heat_style(const char *heat)
{
	struct str h = str_of(heat);

	if (str_eqi(h, S("hot")))
		return STYLE_HOT;
	if (str_eqi(h, S("warm")))
		return STYLE_WARM;
	return str_eqi(h, S("cold")) ? STYLE_COLD : STYLE_PLAIN;
}

void print_count(struct buf *b, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf_c(b, ',');
		buf_c(b, digits[i]);
	}
}

void print_percent(struct buf *b, double x)
{
	if (isnan(x))
		return;
	x *= 100;
	if (x > 0 && x < 0.05)
		buf_z(b, "<0.1 %");
	else if (x < 9.95 && x > 0)
		buf_fmt(b, "%.1f %%", x);
	else if (x > 99.5 && x < 100)
		buf_z(b, ">99 %");
	else
		buf_fmt(b, "%.0f %%", x);
}

const char *print_ellipsis(const struct print *p)
{
	return p->unicode ? "\u2026" : "...";
}
