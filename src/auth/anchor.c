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

static int read_head(const char *data, struct buf *b, struct err *e)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/audit.head", data);
	return file_read(path, LINE_MAX_BYTES, b, e);
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

/* What audit.head says. */
struct head {
	uint64_t sequence, first; /* newest entry, oldest that is kept */
	char hash[65];
};

static int write_head(
	const char *data, const uint8_t secret[SECRET_KEY], const struct head *h, struct err *e)
{
	char line[LINE_MAX_BYTES], mac[65], path[4096], temp[4200];
	int fd, rc = 0;

	snprintf(line, sizeof(line), "%llu %s %llu", (unsigned long long)h->sequence, h->hash,
		(unsigned long long)h->first);
	sign(secret, line, mac);
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

/* False: it is not one of ours. */
static bool parse_head(struct str text, const uint8_t secret[SECRET_KEY], struct head *h)
{
	struct str all = str_trim(text), number, hash, first, rest, signature;
	char line[LINE_MAX_BYTES], mac[65];

	if (!str_split(all, ' ', &number, &rest) || !str_split(rest, ' ', &hash, &rest) ||
		!str_split(rest, ' ', &first, &signature) || hash.n != 64 || signature.n != 64 ||
		number.n > 19 || first.n > 19)
		return false;
	snprintf(line, sizeof(line), STR_FMT, STR_ARG(str_sub(all, 0, all.n - 65)));
	sign(secret, line, mac);
	if (!crypto_equal(mac, signature.p, 64))
		return false;
	h->sequence = strtoull(line, NULL, 10);
	h->first = strtoull(first.p, NULL, 10);
	snprintf(h->hash, sizeof(h->hash), STR_FMT, STR_ARG(hash));
	return true;
}

static void bad(struct anchor_report *out, uint64_t at, const char *why)
{
	out->first_bad = at;
	snprintf(out->why, sizeof(out->why), "%s", why);
}

/* The signed end against what the store has there. */
static int check_head(struct store *s, const struct head *h, uint64_t last,
	struct anchor_report *out, struct err *e)
{
	char hex[65];

	if (h->sequence > last) {
		bad(out, last + 1, "the newest entries are missing: audit.head has seen more");
		return 0;
	}
	if (out->checked != last - h->first + 1) {
		bad(out, h->first, "the oldest entries are missing: audit.head has seen more");
		return 0;
	}
	if (h->sequence == 0)
		return 0;
	if (entry_hash(s, h->sequence, hex, e) == -1)
		return -1;
	if (strcmp(hex, h->hash) != 0)
		bad(out, h->sequence,
			"the chain was made anew: audit.head has seen another entry here");
	return 0;
}

int anchor_verify(struct store *s, const char *data, const uint8_t secret[SECRET_KEY],
	struct anchor_report *out, struct err *e)
{
	struct arena mem = { .cap = 4 << 20 };
	struct buf text = { 0 };
	struct audit a = { 0 };
	struct head h;
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
	rc = read_head(data, &text, e);
	if (rc == -1 && e->code != ERR_NOT_FOUND)
		goto done;
	if (rc == -1 || !parse_head(buf_view(&text), secret, &h)) {
		bad(out, a.sequence + 1,
			rc == -1 ? "audit.head, which signs the end of the log, is missing"
				 : "audit.head is not one that this server signed");
		rc = 0;
		goto done;
	}
	rc = check_head(s, &h, a.sequence, out, e);
done:
	buf_clear(&text);
	arena_clear(&mem);
	return rc;
}

/* The head must go on from what the last one signed: else somebody changed the past, and a new
 * signature would hide it. */
static int goes_on(struct store *s, const struct head *old, uint64_t last, struct err *e)
{
	char hex[65];

	if (old->sequence == 0)
		return 0;
	if (old->sequence <= last && entry_hash(s, old->sequence, hex, e) == -1)
		return -1;
	if (old->sequence > last || strcmp(hex, old->hash) != 0)
		return err_set(e, ERR_CONFLICT, "the audit log was changed behind entry %llu",
			(unsigned long long)(old->sequence > last ? last : old->sequence - 1));
	return 0;
}

int anchor_write(struct store *s, const char *data, const uint8_t secret[SECRET_KEY],
	uint64_t purged, struct err *e)
{
	struct arena mem = { .cap = 4 << 20 };
	struct head old = { .first = 1 }, now;
	struct buf text = { 0 };
	struct audit a = { 0 };
	size_t n = 0;
	int rc = newest(s, &mem, &a, &n, e);

	if (rc == -1)
		goto done;
	if (read_head(data, &text, e) == -1) {
		/* It is there from the moment the log is empty. */
		if (e->code == ERR_NOT_FOUND && a.sequence > 0)
			err_set(e, ERR_CONFLICT,
				"audit.head, which signs the end of the log, is missing");
		rc = e->code == ERR_NOT_FOUND ? 0 : -1;
	} else if (!parse_head(buf_view(&text), secret, &old)) {
		rc = err_set(e, ERR_CONFLICT, "audit.head is not one that this server signed");
	} else {
		rc = goes_on(s, &old, a.sequence, e);
	}
	if (rc == -1 || (text.n > 0 && old.sequence == a.sequence && purged == 0))
		goto done;
	now = (struct head){ .sequence = a.sequence, .first = old.first + purged };
	radix16_write(a.hash, sizeof(a.hash), now.hash);
	rc = write_head(data, secret, &now, e);
done:
	buf_clear(&text);
	arena_clear(&mem);
	return rc;
}
