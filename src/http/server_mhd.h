/* SPDX-License-Identifier: Apache-2.0 */
/* server_mhd.h: the HTTP library, loaded when a server starts: it brings the TLS library along, and
 * loading both takes longer than scoring a lead. Its functions are called as libmhd.MHD_...
 * Threads: mhd_load before any other; then any. */
#ifndef HTTP_SERVER_MHD_H
#define HTTP_SERVER_MHD_H

#include <microhttpd.h>

#include "util/lazy.h"

/* clang-format off */
#define MHD_FUNCTIONS(F) F(MHD_add_response_header) F(MHD_create_response_from_buffer_static) \
	F(MHD_create_response_from_buffer_with_free_callback) F(MHD_create_response_from_callback) \
	F(MHD_create_response_from_fd64) F(MHD_destroy_response) F(MHD_get_connection_info) \
	F(MHD_get_connection_values_n) F(MHD_get_response_header) F(MHD_queue_response) F(MHD_quiesce_daemon) \
	F(MHD_resume_connection) F(MHD_start_daemon) F(MHD_stop_daemon) F(MHD_suspend_connection)
/* clang-format on */

struct mhd_functions {
	MHD_FUNCTIONS(LAZY_POINTER)
};
extern struct mhd_functions libmhd;

struct err;
int mhd_load(struct err *e);

#endif
