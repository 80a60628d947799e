/* SPDX-License-Identifier: Apache-2.0 */
/* log.h: one line per event, with typed fields: JSON for machines or text for people.
 *
 *      LOG_INFO("import.done", LOG_STR("job", job_id), LOG_U64("rows", ok));
 *
 * The time (UTC), the level and the id of the request or job that this thread works on
 * (obs/trace.h) are added. Never log email addresses, phone numbers, message bodies or secrets: ids
 * and counts only. Lines go to standard error through a bounded queue: when the disk or the reader
 * is slower than we are, lines are dropped and counted, nothing waits.
 *
 * Threads: any. Before log_start and after log_stop lines are written at once. */
#ifndef OBS_LOG_H
#define OBS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "util/str.h"

struct err;

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_field {
	const char *name; /* NULL ends a list */
	enum { LOG_T_STR, LOG_T_U64, LOG_T_I64, LOG_T_F64, LOG_T_BOOL } type;
	union {
		struct str s;
		uint64_t u;
		int64_t i;
		double f;
		bool b;
	} v;
};

#define LOG_STR(n, x)  ((struct log_field){ (n), LOG_T_STR, { .s = (x) } })
#define LOG_Z(n, x)    ((struct log_field){ (n), LOG_T_STR, { .s = str_of(x) } })
#define LOG_U64(n, x)  ((struct log_field){ (n), LOG_T_U64, { .u = (x) } })
#define LOG_I64(n, x)  ((struct log_field){ (n), LOG_T_I64, { .i = (x) } })
#define LOG_F64(n, x)  ((struct log_field){ (n), LOG_T_F64, { .f = (x) } })
#define LOG_BOOL(n, x) ((struct log_field){ (n), LOG_T_BOOL, { .b = (x) } })

#define LOG_AT(level, ...) LOG_AT_(level, __VA_ARGS__, (struct log_field){ 0 })
#define LOG_AT_(level, event, ...) \
	do { \
		if (log_enabled(level)) \
			log_event((level), (event), (const struct log_field[]){ __VA_ARGS__ }); \
	} while (0)
#define LOG_DEBUG(...) LOG_AT(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define LOG_INFO(...)  LOG_AT(LOG_LEVEL_INFO, __VA_ARGS__)
#define LOG_WARN(...)  LOG_AT(LOG_LEVEL_WARN, __VA_ARGS__)
#define LOG_ERROR(...) LOG_AT(LOG_LEVEL_ERROR, __VA_ARGS__)

bool log_enabled(enum log_level level);
void log_event(enum log_level level, const char *event, const struct log_field *fields);
/* log_err(event, e): at ERROR, with the code and the message of ${e}. */
void log_err(const char *event, const struct err *e);

/* log_set(level, format): before log_start. The default is INFO as text. */
void log_set(enum log_level level, enum log_format format);
/* log_start(e): the writing thread; log_stop writes what is queued and ends it. */
int log_start(struct err *e);
void log_stop(void);
uint64_t log_dropped(void); /* lines, since the start */

#endif
