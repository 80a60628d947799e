/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "auth/password.h"
#include "util/err.h"

static int check(const char *pw, bool second)
{
	struct err e = { 0 };
	int rc = password_check(
		str_of(pw), second, S("anna.smith@acme.example"), S("Anna Smith"), &e);

	assert_int_equal(e.code, rc == 0 ? ERR_OK : ERR_INPUT);
	return rc;
}

static void test_what_is_guessed_first_is_refused(void **state)
{
	static const char *const bad[] = { "", "short", "password12345678", "Password123456!",
		"passwordpassword", "p4ssw0rdp4ssw0rd", "qwertyuiopasdfgh", "1qaz2wsx3edc4rfv",
		"aaaaaaaaaaaaaaaa", "abcdefghijklmnop", "123456789987654321", "LeadHeatScore2026",
		"annasmith annasmith", "anna.smith.2024!", "acme.example.acme", "manchesterunited1",
		"Iloveyou12345678", "salesforce123456", "letmeinletmein1", "summer2024summer2024",
		/* seen in leaks, and like nothing */
		"momsanaladventure", "nemvxyheqdd5oqxyxyzi" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (check(bad[i], false) == 0)
			fail_msg("'%s' was taken", bad[i]);
}

static void test_unrelated_words_and_random_text_are_taken(void **state)
{
	static const char *const good[] = { "correct horse battery staple",
		"my horse eats purple clouds", "purple lamp seven river", "tractor-violin-mosquito",
		"xkq93jd01mzpqwo", "\xC3\xBC\xC3\xB6\xC3\xA4 Zw\xC3\xB6lf Boxk\xC3\xA4mpfer jagen",
		"   leading blanks count   " };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (check(good[i], false) == -1)
			fail_msg("'%s' was refused", good[i]);
}

static void test_the_length_counts_characters_and_depends_on_the_second_factor(void **state)
{
	char long_one[200];

	assert_int_equal(check("vq7tlkcz92xm", true), 0);
	assert_int_equal(check("vq7tlkcz92xm", false), -1);   /* 12 */
	assert_int_equal(check("vq7tlkcz92xmbw", false), -1); /* 14 */
	assert_int_equal(check("vq7tlkcz92xmbwn", false), 0); /* 15 */
	assert_int_equal(check("vq7tlkcz92x", true), -1);     /* 11 */
	for (size_t i = 0; i < sizeof(long_one); i++)
		long_one[i] = "vq7tlkcz92xmbwn"[(i * 7 + i / 15) % 15];
	long_one[128] = '\0';
	assert_int_equal(check(long_one, false), 0);
	long_one[128] = 'x';
	long_one[129] = '\0';
	assert_int_equal(check(long_one, false), -1);
	assert_int_equal(check("\xFF\xFEnot valid text at all", false), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_guessed_first_is_refused),
		cmocka_unit_test(test_unrelated_words_and_random_text_are_taken),
		cmocka_unit_test(
			test_the_length_counts_characters_and_depends_on_the_second_factor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
