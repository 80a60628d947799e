/* SPDX-License-Identifier: Apache-2.0 */
/* failing_malloc.c: preloaded into the server: the allocation that a test names fails, once. Under
 * a sanitizer, which has an allocator of its own, it is linked into the server instead (WRAPPED),
 * and strikes the server's own allocations, not those of libraries.
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

#ifdef WRAPPED
#define REAL(f) __real_##f /* as the linker calls them (--wrap) */
#define OURS(f) __wrap_##f
#else
#define REAL(f) __libc_##f /* the C library's own, under names of its own */
#define OURS(f) f
#endif

void *REAL(malloc)(size_t n);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *p, size_t n);
void *OURS(malloc)(size_t n);
void *OURS(calloc)(size_t n, size_t size);
void *OURS(realloc)(void *p, size_t n);

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

void *OURS(malloc)(size_t n)
{
	return fails() ? NULL : REAL(malloc)(n);
}

void *OURS(calloc)(size_t n, size_t size)
{
	return fails() ? NULL : REAL(calloc)(n, size);
}

void *OURS(realloc)(void *p, size_t n)
{
	return fails() ? NULL : REAL(realloc)(p, n);
}
