/* SPDX-License-Identifier: Apache-2.0 */
/* card.h: the model card: what a version is for, how far it can be trusted and where not, on one
 * page that a manager can read and print.
 *
 * Made from what is stored with a version (report.json and the summary), so that any version can
 * show its card at any time. A part the report does not have is left out. The HTML stands alone: no
 * script, nothing from outside, light and dark, and for paper. Every text from the data (names of
 * files, columns and values are hostile) is escaped.
 * Threads: no state; any number at once. Same input, same bytes. */
#ifndef MODEL_CARD_H
#define MODEL_CARD_H

#include <stdint.h>

struct buf;
struct err;
struct json;
struct summary;

struct card_about {
	const char *version;           /* "v3"; NULL: not stored */
	const char *state;             /* "draft", "published", "archived"; NULL: not said */
	int64_t created;               /* seconds since 1970; 0: not said */
	const struct summary *summary; /* the version's; NULL: no effects of fields are drawn */
	const struct json *live; /* figures of later outcomes, as eval --json prints; NULL: none */
};

enum card_format { CARD_HTML, CARD_MARKDOWN, CARD_JSON };

/* card_format_of(path): by the ending .html or .htm, .md, .json; CARD_HTML for any other. */
enum card_format card_format_of(const char *path);
/* card_write(report, about, format, out, e): append the card. ERR_INPUT when ${report} is no report
 * of a training. */
int card_write(const struct json *report, const struct card_about *about, enum card_format format,
	struct buf *out, struct err *e);

#endif
