/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/file.h"
#include "util/radix.h"

enum { LINE_MAX_BYTES = 256 };

static void sign(const uint8_t secret[SECRET_KEY], const char *line, char hex[65])
{
	uint8_t key[SECRET_KEY], mac[SECRET_HASH];

	secret_hmac256(secret, S("audit head"), key);
	secret_hmac256(key, str_of(line), mac);
	radix16_write(mac, sizeof(mac), hex);
}

static int newest(struct store *s, struct arena *mem, struct audit *out, size_t *n, struct err *e)
{
	struct audit_filter all = { .since_ms = MS_NONE, .until_ms = MS_NONE };
	struct audit *list;
	struct str next;

	if (s->audit->list(s, &all, 1, S(""), mem, &list, n, &next, e) == -1)
		return -1;
	if (*n > 0)
		*out = list[0];
	return 0;
}

/* "SEQUENCE HASH", the sequence 0 and an empty hash when nothing was written yet. */
static int head_line(struct store *s, char line[LINE_MAX_BYTES], struct err *e)
{
	struct arena mem = { .cap = 4 << 20 };
	struct audit a = { 0 };
	char hex[65] = "";
	size_t n = 0;
	int rc = newest(s, &mem, &a, &n, e);

	if (n > 0)
		radix16_write(a.hash, sizeof(a.hash), hex);
	snprintf(line, LINE_MAX_BYTES, "%llu %s", (unsigned long long)a.sequence, hex);
	arena_clear(&mem);
	return rc;
}

static int read_head(const char *data, struct buf *b, struct err *e)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/audit.head", data);
	return file_read(path, LINE_MAX_BYTES, b, e);
}

int anchor_write(struct store *s, const char *data, const uint8_t secret[SECRET_KEY], struct err *e)
{
	char line[LINE_MAX_BYTES], mac[65], path[4096], temp[4200];
	struct buf old = { 0 };
	int fd, rc = 0;

	if (head_line(s, line, e) == -1)
		return -1;
	if (line[0] == '0')
		return 0;
	sign(secret, line, mac);
	if (read_head(data, &old, NULL) == 0 && str_starts(buf_view(&old), str_of(line))) {
		buf_clear(&old);
		return 0;
	}
	buf_clear(&old);
	/* No wait for the disk: after a power cut an older head is as true as the newest. */
	snprintf(path, sizeof(path), "%s/audit.head", data);
	snprintf(temp, sizeof(temp), "%s.new", path);
	if ((fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)) == -1)
		return err_set(e, ERR_CREATE, "%s: %s", temp, strerror(errno));
	if (dprintf(fd, "%s %s\n", line, mac) < 0)
		rc = err_set(e, ERR_IO, "%s: %s", temp, strerror(errno));
	close(fd);
	if (rc == 0 && rename(temp, path) == -1)
		rc = err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	return rc;
}

/* The entry with this sequence, by walking from the newest. */
static int entry_hash(struct store *s, uint64_t sequence, char hex[65], struct err *e)
{
	struct audit_filter all = { .since_ms = MS_NONE, .until_ms = MS_NONE };
	struct arena mem = { .cap = 64 << 20 };
	struct str cursor = S("");
	char held[256];
	int rc = 0;

	hex[0] = '\0';
	do {
		struct audit *list;
		size_t n;

		if ((rc = s->audit->list(s, &all, 500, cursor, &mem, &list, &n, &cursor, e)) == -1)
			break;
		for (size_t i = 0; i < n; i++)
			if (list[i].sequence == sequence)
				radix16_write(list[i].hash, 32, hex);
		if (hex[0] != '\0' || n == 0 || list[n - 1].sequence < sequence)
			break;
		if (cursor.n >= sizeof(held))
			break;
		memcpy(held, cursor.p, cursor.n);
		cursor.p = held;
		arena_reset(&mem);
	} while (cursor.n > 0);
	arena_clear(&mem);
	return rc;
}

static void bad(struct anchor_report *out, uint64_t at, const char *why)
{
	out->first_bad = at;
	snprintf(out->why, sizeof(out->why), "%s", why);
}

/* The signed end against what the store has there. */
static int check_head(struct store *s, const uint8_t secret[SECRET_KEY], struct str text,
	uint64_t last, struct anchor_report *out, struct err *e)
{
	char line[LINE_MAX_BYTES], mac[65], hex[65];
	struct str number, rest, hash, signature;
	uint64_t sequence;

	text = str_trim(text);
	if (!str_split(text, ' ', &number, &rest) || !str_split(rest, ' ', &hash, &signature) ||
		hash.n != 64 || signature.n != 64 || number.n > 19) {
		bad(out, last + 1, "audit.head is not one");
		return 0;
	}
	snprintf(line, sizeof(line), STR_FMT " " STR_FMT, STR_ARG(number), STR_ARG(hash));
	sign(secret, line, mac);
	if (!crypto_equal(mac, signature.p, 64)) {
		bad(out, last + 1, "the signature in audit.head is wrong");
		return 0;
	}
	sequence = strtoull(line, NULL, 10);
	if (sequence > last) {
		bad(out, last + 1, "the newest entries are missing: audit.head has seen more");
		return 0;
	}
	if (entry_hash(s, sequence, hex, e) == -1)
		return -1;
	if (!str_eq(str_of(hex), hash))
		bad(out, sequence,
			"the chain was made anew: audit.head has seen another entry here");
	return 0;
}

int anchor_verify(struct store *s, const char *data, const uint8_t secret[SECRET_KEY],
	struct anchor_report *out, struct err *e)
{
	struct arena mem = { .cap = 4 << 20 };
	struct buf head = { 0 };
	struct audit a = { 0 };
	size_t n = 0;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	if (s->audit->verify(s, &out->checked, &out->first_bad, e) == -1)
		goto done;
	if (out->first_bad != 0) {
		bad(out, out->first_bad, "this entry was changed, moved or removed");
		rc = 0;
		goto done;
	}
	if (newest(s, &mem, &a, &n, e) == -1)
		goto done;
	if (read_head(data, &head, e) == -1) {
		if (e->code != ERR_NOT_FOUND)
			goto done;
		/* Entries and no head: somebody removed it, unless they are younger than a second.
		 */
		if (a.sequence > 0)
			bad(out, 1, "audit.head, which signs the end of the log, is missing");
		rc = 0;
		goto done;
	}
	rc = check_head(s, secret, buf_view(&head), a.sequence, out, e);
done:
	buf_clear(&head);
	arena_clear(&mem);
	return rc;
}
