/* SPDX-License-Identifier: Apache-2.0 */
#include "net/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "util/err.h"

static bool in4(uint32_t a, uint32_t net, int bits)
{
	return (a ^ net) >> (32 - bits) == 0;
}

/* The special-purpose registry (RFC 6890 and later), without what is open to all. */
static bool public4(uint32_t a)
{
	static const struct {
		uint32_t net;
		int bits;
	} closed[] = { { 0x00000000, 8 }, { 0x0A000000, 8 }, { 0x64400000, 10 }, { 0x7F000000, 8 },
		{ 0xA9FE0000, 16 }, { 0xAC100000, 12 }, { 0xC0000000, 24 }, { 0xC0000200, 24 },
		{ 0xC0586300, 24 }, { 0xC0A80000, 16 }, { 0xC6120000, 15 }, { 0xC6336400, 24 },
		{ 0xCB007100, 24 }, { 0xE0000000, 4 }, { 0xF0000000, 4 } };

	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (in4(a, closed[i].net, closed[i].bits))
			return false;
	return true;
}

static uint32_t last4(const uint8_t b[16])
{
	return (uint32_t)b[12] << 24 | (uint32_t)b[13] << 16 | (uint32_t)b[14] << 8 | b[15];
}

static bool is_mapped(const uint8_t b[16])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };

	return memcmp(b, mapped, 12) == 0;
}

/* Only 2000::/3 is given out; what carries a version 4 address in it is judged by that. */
static bool public6(const uint8_t b[16])
{
	static const uint8_t nat64[12] = { 0, 0x64, 0xFF, 0x9B };

	if (is_mapped(b) || memcmp(b, nat64, 12) == 0)
		return public4(last4(b));
	if ((b[0] & 0xE0) != 0x20)
		return false;
	if (b[0] == 0x20 && b[1] == 0x02) /* 6to4 */
		return public4(
			(uint32_t)b[2] << 24 | (uint32_t)b[3] << 16 | (uint32_t)b[4] << 8 | b[5]);
	/* Teredo, documentation, benchmarks, identifiers. */
	if (b[0] == 0x20 && b[1] == 0x01 && (b[2] < 0x02 || (b[2] == 0x0D && b[3] == 0xB8)))
		return false;
	return true;
}

bool guard_address(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return public4(
			ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr));
	if (sa->sa_family == AF_INET6)
		return public6(((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr.s6_addr);
	return false;
}

bool guard_loopback(const struct sockaddr *sa)
{
	const uint8_t *b;

	if (sa->sa_family == AF_INET)
		return in4(ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr),
			0x7F000000, 8);
	if (sa->sa_family != AF_INET6)
		return false;
	b = ((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr.s6_addr;
	if (is_mapped(b))
		return in4(last4(b), 0x7F000000, 8);
	return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
}

static bool is_local_host(struct str host)
{
	struct in_addr a;
	char z[64];

	if (str_eqi(host, S("localhost")) || str_eq(host, S("[::1]")))
		return true;
	if (host.n >= sizeof(z))
		return false;
	memcpy(z, host.p, host.n);
	z[host.n] = '\0';
	return inet_pton(AF_INET, z, &a) == 1 && in4(ntohl(a.s_addr), 0x7F000000, 8);
}

int guard_url(struct str url, struct err *e)
{
	bool https = str_startsi(url, S("https://"));
	struct str host = str_sub(url, https ? 8 : 7, url.n);
	size_t end = 0;

	if (!https && !str_startsi(url, S("http://")))
		return err_set(e, ERR_INPUT, "the address must begin with https://");
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] <= 0x20 || (unsigned char)url.p[i] >= 0x7F ||
			url.p[i] == '\\')
			return err_set(
				e, ERR_INPUT, "the address has a character that belongs into none");
	while (end < host.n && host.p[end] != '/' && host.p[end] != '?' && host.p[end] != '#')
		end++;
	host = str_sub(host, 0, end);
	if (host.n == 0 || host.n > 255 || str_chr(host, '@') >= 0)
		return err_set(e, ERR_INPUT, "the address needs a host and no user name");
	if (str_chr(host, ':') >= 0 && host.p[0] != '[')
		host = str_sub(host, 0, (size_t)str_chr(host, ':'));
	else if (host.p[0] == '[' && str_chr(host, ']') > 0)
		host = str_sub(host, 0, (size_t)str_chr(host, ']') + 1);
	if (!https && !is_local_host(host))
		return err_set(
			e, ERR_INPUT, "http:// is taken for this machine only; use https://");
	return 0;
}
