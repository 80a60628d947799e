/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h: what time it is, and a time that tests can set. Any thread. */
#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

#include <stdint.h>

/* clock_ms(): milliseconds since 1970 in UTC, or what a test has set. It may jump, as the machine's
 * does: for dates, never for measuring. */
int64_t clock_ms(void);
/* clock_mono_ms(): milliseconds of a clock that only moves forward, at an unknown zero; tests do
 * not set it. For waiting and measuring within this process. */
int64_t clock_mono_ms(void);
int64_t clock_mono_ns(void);

/* clock_lately_ms(), clock_lately_mono_ms(): the same two as of the kernel's last tick, up to 10 ms
 * ago, for a fifth of the price. For deadlines and time-outs of many milliseconds, and for moments
 * of which only the day counts. */
int64_t clock_lately_ms(void);
int64_t clock_lately_mono_ms(void);

/* clock_set_ms(t): from now on clock_ms() says ${t} and stands still; a negative one lets the real
 * time through again. clock_step_ms(d): move a time that was set. */
void clock_set_ms(int64_t t);
void clock_step_ms(int64_t d);

#endif
