/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "model/bundle.h"
#include "util/buf.h"
#include "util/err.h"

enum { BLOCK = 512 };

/* Where the fields of a ustar header are. */
enum {
	NAME_AT = 0,
	NAME_MAX_BYTES = 100,
	MODE_AT = 100,
	UID_AT = 108,
	GID_AT = 116,
	SIZE_AT = 124,
	SIZE_BYTES = 12,
	TIME_AT = 136,
	SUM_AT = 148,
	TYPE_AT = 156,
	MAGIC_AT = 257
};

static unsigned sum_of(const char *h)
{
	unsigned sum = 0;

	for (int i = 0; i < BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + 8 ? ' ' : (unsigned char)h[i];
	return sum;
}

int bundle_write(const struct model_files *fs, struct buf *out, struct err *e)
{
	static const char zeros[2 * BLOCK];

	for (size_t i = 0; i < fs->n; i++) {
		const struct model_file *f = &fs->f[i];
		char h[BLOCK] = { 0 };

		snprintf(h + NAME_AT, NAME_MAX_BYTES, "%s", f->name);
		memcpy(h + MODE_AT, "0000644", 8);
		memcpy(h + UID_AT, "0000000", 8);
		memcpy(h + GID_AT, "0000000", 8);
		snprintf(h + SIZE_AT, SIZE_BYTES, "%011llo", (unsigned long long)f->bytes.n);
		memcpy(h + TIME_AT, "00000000000", 12);
		h[TYPE_AT] = '0';
		memcpy(h + MAGIC_AT,
			"ustar\0"
			"00",
			8);
		snprintf(h + SUM_AT, 8, "%06o", sum_of(h));
		h[SUM_AT + 7] = ' ';
		buf_bytes(out, h, BLOCK);
		buf_str(out, f->bytes);
		buf_bytes(out, zeros, (BLOCK - f->bytes.n % BLOCK) % BLOCK);
	}
	buf_bytes(out, zeros, sizeof(zeros));
	return buf_done(out, e);
}

/* A field of octal digits, blanks or zeros around them. */
static bool octal(const char *p, size_t n, uint64_t *out)
{
	bool any = false;

	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] >= '0' && p[i] <= '7') {
			*out = *out * 8 + (uint64_t)(p[i] - '0');
			any = true;
		} else if (p[i] == '\0' || (p[i] == ' ' && any)) {
			break;
		} else if (p[i] != ' ') {
			return false;
		}
	}
	return any;
}

static int read_file(const char *h, struct str content, struct model_files *fs, struct err *e)
{
	struct str name = { h + NAME_AT, strnlen(h + NAME_AT, NAME_MAX_BYTES) };
	struct buf b = { 0 };
	char z[sizeof(fs->f[0].name)];

	if (name.n == 0 || name.n >= sizeof(z) || name.p[0] == '.' || str_chr(name, '/') >= 0)
		return err_set(e, ERR_INPUT, "it has a file \"" STR_FMT "\", which no model has",
			STR_ARG(name));
	snprintf(z, sizeof(z), STR_FMT, STR_ARG(name));
	if (fs->n == MODEL_FILES_MAX || model_files_get(fs, z) != NULL)
		return err_set(e, ERR_INPUT, "it has too many files, or two called %s", z);
	buf_str(&b, content);
	if (model_files_add(fs, z, &b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	return 0;
}

int bundle_read(struct str bytes, struct model_files *fs, struct err *e)
{
	for (size_t at = 0;;) {
		const char *h = bytes.p + at;
		uint64_t size, sum;

		if (bytes.n - at < BLOCK)
			return err_set(e, ERR_INPUT,
				at == 0 ? "it is no model file made by heatscore models export"
					: "it has been cut");
		if (h[0] == '\0')
			break;
		if (memcmp(h + MAGIC_AT, "ustar", 5) != 0 || !octal(h + SUM_AT, 8, &sum) ||
			sum != sum_of(h) || !octal(h + SIZE_AT, SIZE_BYTES, &size) ||
			(h[TYPE_AT] != '0' && h[TYPE_AT] != '\0'))
			return err_set(e, ERR_INPUT,
				at == 0 ? "it is no model file made by heatscore models export"
					: "it is damaged");
		at += BLOCK;
		if (size > bytes.n - at)
			return err_set(e, ERR_INPUT, "it has been cut");
		if (read_file(h, str_sub(bytes, at, at + (size_t)size), fs, e) == -1)
			return -1;
		at += (size_t)size;
		if (bytes.n - at < (BLOCK - size % BLOCK) % BLOCK)
			return err_set(e, ERR_INPUT, "it has been cut");
		at += (BLOCK - size % BLOCK) % BLOCK;
	}
	return 0;
}
