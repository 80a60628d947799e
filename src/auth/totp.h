/* SPDX-License-Identifier: Apache-2.0 */
/* totp.h: the six digits of an authenticator app (RFC 6238: SHA-1, 30 seconds), and the recovery
 * codes for the day the telephone is lost. Pure functions; any thread. */
#ifndef AUTH_TOTP_H
#define AUTH_TOTP_H

#include <stdbool.h>
#include <stdint.h>

#include "util/secret.h"
#include "util/str.h"

struct buf;
struct err;

enum {
	TOTP_SECRET = 20,
	TOTP_STEP_MS = 30000,
	TOTP_WINDOW = 1, /* steps before and after that are taken too: clocks differ */
	RECOVERY_CODES = 10,
	RECOVERY_SIZE = 28 /* "ABCDEF-GHIJKL-MNOPQR-STUVWX" and a NUL: 120 bits */
};

uint32_t totp_code(struct str secret, uint64_t step, unsigned digits);
/* totp_step(secret, code, now_ms, used): the step that ${code} (six digits; blanks are skipped) is
 * of, if that is within the window and after ${used}; else 0. */
uint64_t totp_step(struct str secret, struct str code, int64_t now_ms, uint64_t used);
/* totp_uri(b, account, secret): otpauth:// for a QR code. */
void totp_uri(struct buf *b, struct str account, struct str secret);

/* recovery_make(codes, json): ten new codes; ${json} gets the array of their hashes to store.
 * Their 120 bits make one plain hash enough. */
void recovery_make(char codes[RECOVERY_CODES][RECOVERY_SIZE], struct buf *json);
/* recovery_use(json, code, left): true when ${code} (in any case, with or without dashes) is one of
 * them; ${left} gets the array without it. */
bool recovery_use(struct str json, struct str code, struct buf *left);

#endif
