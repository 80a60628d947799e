/* SPDX-License-Identifier: Apache-2.0 */
/* An archive that somebody gives to restore: whatever is in it, names stay inside and reading ends.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/err.h"
#include "util/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64], room[4096];
	struct tar_entry x;
	struct err e = { 0 };
	struct tar *t;
	size_t got, files = 0;
	int fd = memfd_create("fuzz", MFD_CLOEXEC), rc;

	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if ((t = tar_open(path, &e)) == NULL)
		abort();
	while ((rc = tar_next(t, &x, &e)) == 1) {
		uint64_t sum = 0;

		if (x.name[0] == '/' || x.name[0] == '.' || strstr(x.name, "/.") != NULL ||
			strstr(x.name, "//") != NULL ||
			memchr(x.name, '\0', sizeof(x.name)) == NULL)
			abort();
		/* Every other file is read whole, the others are passed over. */
		while (files % 2 == 0 && tar_read(t, room, sizeof(room), &got, &e) == 0 && got != 0)
			sum += got;
		if (sum > size || ++files > size / 512)
			abort();
	}
	if (rc == -1 && e.code == ERR_OK)
		abort();
	tar_close(t);
	close(fd);
	return 0;
}
