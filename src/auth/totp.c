/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/totp.h"

#include <string.h>

#include "util/buf.h"
#include "util/crypto.h"
#include "util/json.h"
#include "util/radix.h"

uint32_t totp_code(struct str secret, uint64_t step, unsigned digits)
{
	uint8_t count[8], mac[SECRET_SHA1];
	uint32_t code, modulus = 1;
	unsigned at;

	for (int i = 0; i < 8; i++)
		count[i] = (uint8_t)(step >> (56 - 8 * i));
	secret_hmac1(secret, (struct str){ (const char *)count, 8 }, mac);
	at = mac[SECRET_SHA1 - 1] & 15;
	code = (uint32_t)(mac[at] & 0x7F) << 24 | (uint32_t)mac[at + 1] << 16 |
	       (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	while (digits-- > 0)
		modulus *= 10;
	return code % modulus;
}

/* Six digits as a number; -1 when it is anything else. */
static int64_t digits6(struct str code)
{
	int64_t v = 0;
	int n = 0;

	for (size_t i = 0; i < code.n; i++) {
		if (code.p[i] == ' ')
			continue;
		if (code.p[i] < '0' || code.p[i] > '9' || ++n > 6)
			return -1;
		v = v * 10 + (code.p[i] - '0');
	}
	return n == 6 ? v : -1;
}

uint64_t totp_step(struct str secret, struct str code, int64_t now_ms, uint64_t used)
{
	uint64_t now = (uint64_t)(now_ms / TOTP_STEP_MS), found = 0;
	int64_t given = digits6(code);

	/* All steps are looked at, so that the time does not tell which one it was. */
	for (uint64_t s = now - TOTP_WINDOW; s <= now + TOTP_WINDOW; s++)
		if (given == (int64_t)totp_code(secret, s, 6) && s > used)
			found = s;
	return found;
}

void totp_uri(struct buf *b, struct str account, struct str secret)
{
	char key[RADIX32_SIZE(64)];

	radix32_write(secret.p, secret.n <= 64 ? secret.n : 64, key);
	buf_z(b, "otpauth://totp/Lead%20HeatScore:");
	for (size_t i = 0; i < account.n; i++) {
		char c = account.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			c == '.' || c == '-' || c == '_')
			buf_c(b, c);
		else
			buf_fmt(b, "%%%02X", (unsigned char)c);
	}
	buf_fmt(b, "?secret=%s&issuer=Lead%%20HeatScore", key);
}

/* The hash of the code without dashes, in capitals, as hex. False: it cannot be one. */
static bool recovery_hash(struct str code, char hex[65])
{
	char plain[RECOVERY_SIZE];
	uint8_t hash[32];
	size_t n = 0;

	for (size_t i = 0; i < code.n; i++) {
		char c = code.p[i];

		if (c == '-' || c == ' ')
			continue;
		if (n == 24)
			return false;
		plain[n++] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
	}
	crypto_sha256((struct str){ plain, n }, hash);
	crypto_wipe(plain, sizeof(plain));
	radix16_write(hash, sizeof(hash), hex);
	return n == 24;
}

void recovery_make(char codes[RECOVERY_CODES][RECOVERY_SIZE], struct buf *json)
{
	struct jw w = { .b = json };
	char text[RADIX32_SIZE(15)], hex[65];
	uint8_t raw[15];

	jw_arr(&w);
	for (int i = 0; i < RECOVERY_CODES; i++) {
		size_t n = 0;

		crypto_random(raw, sizeof(raw));
		radix32_write(raw, sizeof(raw), text);
		for (size_t k = 0; k < 24; k++) {
			if (k > 0 && k % 6 == 0)
				codes[i][n++] = '-';
			codes[i][n++] = text[k];
		}
		codes[i][n] = '\0';
		recovery_hash(str_of(codes[i]), hex);
		jw_z(&w, hex);
	}
	jw_end_arr(&w);
	crypto_wipe(text, sizeof(text));
	crypto_wipe(raw, sizeof(raw));
}

bool recovery_use(struct str json, struct str code, struct buf *left)
{
	struct jw w = { .b = left };
	struct json *doc = json.n > 0 ? json_parse(json, NULL) : NULL;
	char hex[65];
	bool used = false;

	if (recovery_hash(code, hex)) {
		jw_arr(&w);
		for (size_t i = 0; i < json_len(doc); i++) {
			struct str one = json_str(json_at(doc, i), S(""));

			if (!used && one.n == 64 && crypto_equal(one.p, hex, 64))
				used = true;
			else
				jw_str(&w, one);
		}
		jw_end_arr(&w);
	}
	json_free(doc);
	return used;
}
