/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/shm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static void *map(int fd, size_t size, struct err *err)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (mem == MAP_FAILED) {
		err_set(err, -errno, "cannot map %zu bytes of shared memory: %s", size,
			strerror(errno));
		return NULL;
	}
	return mem;
}

void *shm_new(const char *name, size_t size, int *fd, struct err *err)
{
	int f = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *mem = NULL;

	if (f < 0 || ftruncate(f, (off_t)size) || fcntl(f, F_ADD_SEALS, SEALS))
		err_set(err, -errno, "cannot make shared memory: %s", strerror(errno));
	else
		mem = map(f, size, err);
	if (!mem && f >= 0)
		close(f);
	if (mem)
		*fd = f;
	return mem;
}

void *shm_map(int fd, size_t size, struct err *err)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(fd, &st) || st.st_size < 0 ||
	    (size_t)st.st_size != size) {
		err_set(err, -EINVAL, "not the shared memory that was promised");
		return NULL;
	}
	return map(fd, size, err);
}

void shm_free(void *mem, size_t size, int fd)
{
	if (!mem)
		return;
	munmap(mem, size);
	if (fd >= 0)
		close(fd);
}
