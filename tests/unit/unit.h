/* SPDX-License-Identifier: Apache-2.0 */
/* unit.h: the headers cmocka wants, in the order it wants them, and helpers every test shares. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* shared_path(buf, n, rel): the path of ${rel} in the shared data folder (HEATSCORE_SHARED, else
 * ../shared), or NULL when it is not there: the test then calls skip(). */
static inline const char *shared_path(char *buf, size_t n, const char *rel)
{
	const char *root = getenv("HEATSCORE_SHARED");
	FILE *f;

	snprintf(buf, n, "%s/%s", root != NULL ? root : "../shared", rel);
	if ((f = fopen(buf, "r")) == NULL) {
		fprintf(stderr, "skipped: %s is not there (set HEATSCORE_SHARED)\n", buf);
		return NULL;
	}
	fclose(f);
	return buf;
}

#endif
