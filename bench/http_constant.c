/* SPDX-License-Identifier: Apache-2.0 */
/* The limit that the web server is held against: libmicrohttpd reads a small POST and answers a
 * constant, with as many threads as there are processors. */
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum MHD_Result answer(void *ctx, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *data, size_t *n, void **state)
{
	static const char body[] = "{\"members\":3}";
	static int begun;
	struct MHD_Response *r;
	enum MHD_Result rc;

	if (*state == NULL) {
		*state = &begun;
		return MHD_YES;
	}
	if (*n != 0) {
		*n = 0;
		return MHD_YES;
	}
	r = MHD_create_response_from_buffer_static(sizeof(body) - 1, body);
	MHD_add_response_header(r, "Content-Type", "application/json");
	rc = MHD_queue_response(c, 200, r);
	MHD_destroy_response(r);
	return rc;
}

int main(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	struct MHD_Daemon *d =
		MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, NULL,
			MHD_OPTION_THREAD_POOL_SIZE, n > 1 ? (unsigned)n : 0u, MHD_OPTION_END);
	const union MHD_DaemonInfo *i;
	sigset_t set;
	int sig;

	if (d == NULL)
		return 1;
	i = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT);
	fprintf(stderr, "listening on http://127.0.0.1:%u\n", (unsigned)i->port);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigwait(&set, &sig);
	MHD_stop_daemon(d);
	return 0;
}
