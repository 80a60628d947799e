/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "util/err.h"
#include "util/sniff.h"

struct magic {
	size_t at, n;
	const char *bytes;
	const char *is, *advice;
};

static const char unpack[] = "unpack it and give the table inside";
static const char wrong[] = "check that the right file was chosen";
static const char save_as[] = "open it and save it as CSV (UTF-8) or .xlsx";

static const struct magic magics[] = {
	{ 0, 5, "%PDF-", "a PDF document", "export the table itself as CSV or .xlsx" },
	{ 0, 8, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel or Office file (.xls)", save_as },
	{ 0, 8, "\x89PNG\r\n\x1A\n", "a picture (PNG)", wrong },
	{ 0, 3, "\xFF\xD8\xFF", "a picture (JPEG)", wrong },
	{ 0, 6, "GIF87a", "a picture (GIF)", wrong },
	{ 0, 6, "GIF89a", "a picture (GIF)", wrong },
	{ 0, 4, "II*\0", "a picture (TIFF)", wrong },
	{ 0, 4, "MM\0*", "a picture (TIFF)", wrong },
	{ 4, 8, "ftypheic", "a picture (HEIC)", wrong },
	{ 4, 8, "ftypmif1", "a picture (HEIF)", wrong },
	{ 4, 8, "ftypavif", "a picture (AVIF)", wrong },
	{ 0, 5, "OggS\0", "a sound or video file", wrong },
	{ 0, 6, "7z\xBC\xAF\x27\x1C", "a 7-Zip archive", unpack },
	{ 0, 6, "Rar!\x1A\x07", "a RAR archive", unpack },
	{ 0, 6,
		"\xFD"
		"7zXZ\0",
		"an xz archive", unpack },
	{ 0, 4, "\x28\xB5\x2F\xFD", "a Zstandard archive", unpack },
	{ 4, 6, "1AY&SY", "a bzip2 archive", unpack },
	{ 0, 2, "\x1F\x9D", "a compressed (.Z) file", unpack },
	{ 257, 5, "ustar", "a tar archive", unpack },
	{ 0, 5, "PAR1\x15", "a Parquet file", "export it as CSV" },
	{ 0, 16, "SQLite format 3\0", "an SQLite database", "export the table as CSV" },
	{ 0, 4,
		"\x7F"
		"ELF",
		"a program", wrong },
	{ 0, 5, "%!PS-", "a PostScript document", "export the table itself as CSV or .xlsx" },
	{ 0, 5, "{\\rtf", "a rich-text document", "export the table itself as CSV or .xlsx" },
};

static int refuse(struct err *e, const char *is, const char *advice)
{
	return err_set(e, ERR_INPUT, "is %s, not a table: %s", is, advice);
}

bool sniff_zip(struct str head)
{
	return str_starts(head, S("PK\3\4")) || str_starts(head, S("PK\5\6")) ||
	       str_starts(head, S("PK\7\x8"));
}

int sniff_refuse(struct str head, struct err *e)
{
	if (str_starts(head, S("RIFF")) && str_eq(str_sub(head, 8, 12), S("WEBP")))
		return refuse(e, "a picture (WebP)", wrong);
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		const struct magic *m = &magics[i];

		if (head.n >= m->at + m->n && memcmp(head.p + m->at, m->bytes, m->n) == 0)
			return refuse(e, m->is, m->advice);
	}
	return 0;
}

static bool starts_tag(struct str s, const char *name)
{
	struct str tag = str_of(name);
	char c;

	if (!str_startsi(s, tag))
		return false;
	c = s.n > tag.n ? s.p[tag.n] : '>';
	return c == '>' || c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '/' || c == '-';
}

static bool is_html(struct str s)
{
	static const char *const tags[] = { "<!doctype html", "<html", "<head", "<body", "<table",
		"<script", "<style", "<meta", "<title", "<div", "<!--" };

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (starts_tag(s, tags[i]))
			return true;
	}
	return false;
}

/* "[{", "{}" or an object whose first key is followed by a colon. */
static bool is_json(struct str s)
{
	struct str in = str_trim(str_sub(s, 1, s.n));
	ptrdiff_t quote;

	if (s.n < 2 || in.n == 0)
		return false;
	if (s.p[0] == '[')
		return in.p[0] == '{';
	if (s.p[0] != '{' || in.p[0] != '"')
		return false;
	in = str_sub(in, 1, in.n);
	if ((quote = str_chr(in, '"')) < 0)
		return false;
	in = str_trim(str_sub(in, (size_t)quote + 1, in.n));
	return in.n != 0 && in.p[0] == ':';
}

/* Text has next to no control characters; some zero bytes are faults of rows. */
static bool is_binary(struct str s)
{
	size_t odd = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		odd += (c < 0x20 && !(c >= '\t' && c <= '\r') && c != 0x1A && c != 0x1B) ||
		       c == 0x7F || c == 0xFF;
	}
	return odd > 8 && odd * 20 > s.n;
}

int sniff_refuse_text(struct str text, struct err *e)
{
	struct str s = str_trim(text);

	if (is_html(s))
		return refuse(e, "a web page (HTML)",
			"a log-in or error page is often saved this way; log in and export again");
	if (str_startsi(s, S("<?xml")))
		return refuse(e, "an XML document", save_as);
	if (is_json(s))
		return refuse(e, "a JSON document", "export the table as CSV or .xlsx");
	if (is_binary(text))
		return refuse(e, "a binary file", wrong);
	return 0;
}
