/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "net/guard.h"
#include "util/err.h"

/* As the resolver reads it, so in every form in which an address can be written. */
static bool resolved(const char *host, struct sockaddr_storage *out)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *found;

	if (getaddrinfo(host, "443", &hints, &found) != 0)
		return false;
	memcpy(out, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

static void test_no_form_of_an_inner_address_gets_past(void **state)
{
	static const char *const inner[] = { "127.0.0.1", "127.1", "127.255.255.254", "2130706433",
		"0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "0", "0.0.0.0", "10.0.0.1",
		"10.255.255.255", "0xa000001", "100.64.0.1", "100.127.255.255", "169.254.169.254",
		"0xa9fea9fe", "2852039166", "169.254.0.1", "172.16.0.1", "172.31.255.255",
		"192.168.0.1", "192.168.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1",
		"198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
		"239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "0:0:0:0:0:0:0:1",
		"::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
		"::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe",
		"64:ff9b:1::1", "fe80::1", "fec0::1", "fc00::1", "fd00::1", "fd00:ec2::254",
		"ff02::1", "100::1", "2001::1", "2001:10::1", "2001:20::1", "2001:db8::1",
		"2002:7f00:1::1", "2002:a00:1::1", "2002:a9fe:a9fe::1" };
	static const char *const outer[] = { "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0",
		"100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "172.15.255.255",
		"172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255",
		"2606:4700::1111", "2a00::1", "::ffff:8.8.8.8", "64:ff9b::808:808",
		"2002:808:808::1" };
	struct sockaddr_storage a;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		if (!resolved(inner[i], &a)) /* a form that this resolver does not read at all */
			continue;
		if (guard_address((struct sockaddr *)&a))
			fail_msg("%s may be connected to", inner[i]);
		n++;
	}
	assert_true(n > 50);
	for (size_t i = 0; i < sizeof(outer) / sizeof(outer[0]); i++) {
		assert_true(resolved(outer[i], &a));
		if (!guard_address((struct sockaddr *)&a))
			fail_msg("%s may not be connected to", outer[i]);
	}
	a.ss_family = AF_UNIX;
	assert_false(guard_address((struct sockaddr *)&a));
}

static void test_loopback_is_told_from_the_rest(void **state)
{
	static const struct {
		const char *address;
		bool is;
	} t[] = { { "127.0.0.1", true }, { "127.9.9.9", true }, { "::1", true },
		{ "::ffff:127.0.0.1", true }, { "128.0.0.1", false }, { "::2", false },
		{ "::ffff:10.0.0.1", false }, { "10.0.0.1", false } };
	struct sockaddr_storage a;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_true(resolved(t[i].address, &a));
		assert_int_equal(guard_loopback((struct sockaddr *)&a), t[i].is);
	}
}

static void test_urls_are_https_or_loopback(void **state)
{
	static const char *const good[] = { "https://id.acme.example",
		"https://id.acme.example/realms/x", "https://id.acme.example:8443/",
		"http://127.0.0.1:9000", "http://localhost:9000/x", "http://[::1]:9000/" };
	static const char *const bad[] = { "", "id.acme.example", "http://id.acme.example",
		"http://10.0.0.1/", "ftp://id.acme.example/", "file:///etc/passwd",
		"gopher://id.acme.example/", "https://", "https:///x",
		"https://user@id.acme.example/", "https://user:pw@id.acme.example/",
		"http://127.0.0.1@evil.example/", "http://localhost.evil.example/",
		"http://127.0.0.1.evil.example/", "https://id acme.example/", "javascript:alert(1)",
		"//id.acme.example/" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct err e = { 0 };

		if (guard_url(str_of(good[i]), &e) == -1)
			fail_msg("%s: %s", good[i], e.msg);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };

		if (guard_url(str_of(bad[i]), &e) == 0 || e.code != ERR_INPUT)
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_form_of_an_inner_address_gets_past),
		cmocka_unit_test(test_loopback_is_told_from_the_rest),
		cmocka_unit_test(test_urls_are_https_or_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
