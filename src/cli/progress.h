/* SPDX-License-Identifier: Apache-2.0 */
/* progress.h: one line on standard error that says what is going on, after the first second.
 * Shown on a terminal only. Threads: any, at the same time. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>

struct err;
struct progress;

struct progress *progress_new(bool wanted, struct err *e);
void progress_free(struct progress *p); /* takes the line away */
/* progress_set(p, step, done): ${done} 0 to 1, negative when not known. Cheap to call often. */
void progress_set(struct progress *p, const char *step, double done);
/* Around other text on the terminal: takes the line away, and nothing is drawn until resumed. */
void progress_pause(struct progress *p);
void progress_resume(struct progress *p);

#endif
