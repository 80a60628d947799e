/* SPDX-License-Identifier: Apache-2.0 */
/* password.h: which passwords are taken. Long enough, and not one that is guessed first: no rules
 * about digits and signs, which only teach people to write "Password1!".
 *
 * A password is cut into the cheapest pieces (common words of common_words.def also in leet, runs,
 * repetitions, walks on the keyboard, years, the person's own name and address) and each piece
 * costs the bits it takes to guess it; what stays under PASSWORD_BITS is refused, and so is what is
 * seen in leaks but looks like none of this (leaked.def). docs/adr/0010 has the figures. Any
 * thread. */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <stdbool.h>

#include "util/str.h"

struct err;

enum {
	PASSWORD_MIN = 15,      /* characters, for accounts with nothing else */
	PASSWORD_MIN_TOTP = 12, /* with a second factor */
	PASSWORD_MAX = 128,
	PASSWORD_BITS = 34
};

/* password_check(pw, second_factor, email, name, e): 0, or -1 with ERR_INPUT and what to do. ${pw}
 * is taken as typed: nothing is trimmed or folded. */
int password_check(
	struct str pw, bool second_factor, struct str email, struct str name, struct err *e);

/* password_bits(pw, email, name): the estimate, for tests. */
double password_bits(struct str pw, struct str email, struct str name);

#endif
