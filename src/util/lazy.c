/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "util/err.h"
#include "util/lazy.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int load_locked(struct lazy *l, void **to, struct err *e)
{
	void *handle = dlopen(l->soname, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL)
		return err_set(e, ERR_INTERNAL, "%s cannot be loaded: %s", l->soname, dlerror());
	for (size_t i = 0; i < l->n; i++) {
		if ((to[i] = dlsym(handle, l->names[i])) == NULL) {
			dlclose(handle);
			return err_set(
				e, ERR_INTERNAL, "%s has no function %s", l->soname, l->names[i]);
		}
	}
	__atomic_store_n(&l->loaded, true, __ATOMIC_RELEASE);
	return 0;
}

int lazy_load(struct lazy *l, void *to, struct err *e)
{
	int rc = 0;

	if (__atomic_load_n(&l->loaded, __ATOMIC_ACQUIRE))
		return 0;
	pthread_mutex_lock(&lock);
	if (!l->loaded)
		rc = load_locked(l, to, e);
	pthread_mutex_unlock(&lock);
	return rc;
}
