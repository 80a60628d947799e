/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "util/crypto.h"

enum { MOST = 100 };

/* At every length, each byte counts and none behind the end does. */
static void test_equal_looks_at_every_byte_and_no_other(void **state)
{
	char a[MOST + 1], b[MOST + 1];

	for (size_t n = 0; n <= MOST; n++) {
		crypto_random(a, sizeof(a));
		memcpy(b, a, sizeof(b));
		b[n] ^= 1;
		assert_true(crypto_equal(a, b, n));
		b[n] ^= 1;
		for (size_t i = 0; i < n; i++)
			for (unsigned bit = 0; bit < 8; bit++) {
				b[i] ^= (char)(1u << bit);
				assert_false(crypto_equal(a, b, n));
				b[i] ^= (char)(1u << bit);
			}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_looks_at_every_byte_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
