/* SPDX-License-Identifier: Apache-2.0 */
/* stop.h: Ctrl-C and its kin. The first INT, TERM or HUP asks the command to stop, the second ends
 * the program at once; a reader that went away (PIPE) ends it at once too, without a word. In every
 * case temporary files are removed. */
#ifndef CLI_STOP_H
#define CLI_STOP_H

void stop_install(void);
int stop_signal(void); /* the signal that asked, or 0 */

#endif
