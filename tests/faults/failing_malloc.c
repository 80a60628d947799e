/* SPDX-License-Identifier: Apache-2.0 */
/* failing_malloc.c: preloaded into the server: the allocation that a test names fails, once.
 *
 * FAILING_MALLOC names a file of two numbers that the test and this share: how many allocations
 * there were, and which one fails next (0: none). All threads count together. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The C library's own, under names of its own. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

struct shared {
	_Atomic uint64_t count, fails;
};

static struct shared *_Atomic shared;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAILING_MALLOC");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p = MAP_FAILED;

	if (fd != -1) {
		p = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (p == MAP_FAILED)
		_exit(3); /* a test without it would test nothing */
	atomic_store(&shared, p);
}

static int fails(void)
{
	struct shared *s = atomic_load(&shared);

	if (s == NULL || atomic_fetch_add(&s->count, 1) + 1 != atomic_load(&s->fails))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}
