/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "obs/trace.h"
#include "util/clock.h"
#include "util/rng.h"

static _Thread_local const struct trace *current;

/* Ids must differ, not be secret: a generator per thread costs no system call per request. */
static struct rng *numbers(void)
{
	static _Thread_local struct rng r;
	static _Thread_local bool seeded;
	static atomic_uint_fast64_t threads;
	uint64_t seed;

	if (!seeded) {
		if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
			seed = (uint64_t)time(NULL);
		rng_seed(&r, rng_fork(seed, atomic_fetch_add(&threads, 1)));
		seeded = true;
	}
	return &r;
}

/* A ULID: 48 bits of milliseconds, 80 random ones, in Crockford's base 32. */
static void ulid(char out[27])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	static _Thread_local char time[10]; /* that of ${last}: most come in the same one */
	static _Thread_local uint64_t last;
	uint64_t ms = (uint64_t)clock_lately_ms(), a = rng_u64(numbers()), b = rng_u64(numbers());

	if (ms != last || last == 0) {
		last = ms;
		for (int i = 9; i >= 0; i--, ms >>= 5)
			time[i] = digits[ms & 31];
	}
	memcpy(out, time, sizeof(time));
	for (int i = 10; i < 18; i++, a >>= 5)
		out[i] = digits[a & 31];
	for (int i = 18; i < 26; i++, b >>= 5)
		out[i] = digits[b & 31];
	out[26] = '\0';
}

static char *put_hex(char *to, uint64_t x)
{
	for (int shift = 60; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[x >> shift & 15];
	return to;
}

/* ${n} digits, up to 16, at ${p}, lower case; false when one is none. */
static bool read_hex(const char *p, size_t n, uint64_t *x)
{
	*x = 0;
	for (size_t i = 0; i < n; i++) {
		bool digit = p[i] >= '0' && p[i] <= '9';

		if (!digit && (p[i] < 'a' || p[i] > 'f'))
			return false;
		*x = *x << 4 | (uint64_t)(digit ? p[i] - '0' : p[i] - 'a' + 10);
	}
	return true;
}

/* "00-" 32 hex "-" 16 hex "-" 2 hex; later versions may be longer (W3C Trace Context, 3.2.2). */
static bool parse(struct str s, struct trace *t)
{
	uint64_t high, low, parent;

	if (s.n < 55 || s.p[2] != '-' || s.p[35] != '-' || s.p[52] != '-' ||
		!read_hex(s.p + 3, 16, &high) || !read_hex(s.p + 19, 16, &low) ||
		!read_hex(s.p + 36, 16, &parent) || (high | low) == 0 || parent == 0)
		return false;
	if (memcmp(s.p, "ff", 2) == 0 || (memcmp(s.p, "00", 2) == 0 && s.n != 55))
		return false;
	if (s.n > 55 && s.p[55] != '-')
		return false;
	t->id[0] = high;
	t->id[1] = low;
	memcpy(t->parent_id, s.p + 36, 16);
	t->parent_id[16] = '\0';
	return true;
}

void trace_begin(struct trace *t, struct str traceparent)
{
	ulid(t->request_id);
	t->id[0] = rng_u64(numbers()) | 1;
	t->id[1] = rng_u64(numbers());
	t->parent_id[0] = '\0';
	trace_adopt(t, traceparent);
}

void trace_adopt(struct trace *t, struct str traceparent)
{
	(void)parse(traceparent, t);
}

void trace_id(const struct trace *t, char out[TRACE_ID])
{
	*put_hex(put_hex(out, t->id[0]), t->id[1]) = '\0';
}

void trace_enter(const struct trace *t)
{
	current = t;
}

void trace_leave(void)
{
	current = NULL;
}

const struct trace *trace_current(void)
{
	return current;
}
