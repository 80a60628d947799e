/* SPDX-License-Identifier: Apache-2.0 */
#include "util/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t fixed_ms = -1;

static int64_t now_ns(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_ms(void)
{
	int64_t t = atomic_load(&fixed_ms);

	return t >= 0 ? t : now_ns(CLOCK_REALTIME) / 1000000;
}

int64_t clock_mono_ns(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
	return clock_mono_ns() / 1000000;
}

int64_t clock_lately_ms(void)
{
	int64_t t = atomic_load(&fixed_ms);

	return t >= 0 ? t : now_ns(CLOCK_REALTIME_COARSE) / 1000000;
}

int64_t clock_lately_mono_ms(void)
{
	return now_ns(CLOCK_MONOTONIC_COARSE) / 1000000;
}

void clock_set_ms(int64_t t)
{
	atomic_store(&fixed_ms, t);
}

void clock_step_ms(int64_t d)
{
	atomic_fetch_add(&fixed_ms, d);
}
