/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offline PID: soft-offlines each hugepage of a partition's identity RAM, as
 * the kernel does with pages whose memory has begun to fail: it moves what is
 * in them. Says how many had moved.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE (2ul << 20)
#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif
#define NAME "/memfd:guest RAM (deleted)"

static uint64_t physical(int pagemap, volatile char *page)
{
	uint64_t entry = 0;

	*page; /* has a page-table entry */
	pread(pagemap, &entry, 8, (off_t)((uintptr_t)page / 4096 * 8));
	return entry & ((1ull << 55) - 1);
}

/* The memfd, by what the links of a process's descriptors say. */
static int open_memfd(const char *pid)
{
	char path[300];
	char target[64];
	struct dirent *entry;
	int fd = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	while (dir && fd < 0 && (entry = readdir(dir))) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid,
			 entry->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n > 0) {
			target[n] = '\0';
			if (strcmp(target, NAME) == 0) {
				fd = open(path, O_RDWR);
			}
		}
	}
	return fd;
}

int main(int argc, char **argv)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	unsigned long first, end, offset;
	unsigned pages = 0;
	unsigned moved = 0;
	char line[300];
	FILE *maps;
	int fd;

	snprintf(line, sizeof(line), "/proc/%s/maps", argc > 1 ? argv[1] : "");
	maps = fopen(line, "r");
	fd = open_memfd(argc > 1 ? argv[1] : "");
	while (maps && fgets(line, sizeof(line), maps)) {
		if (!strstr(line, NAME) || sscanf(line, "%lx-%lx %*s %lx",
						  &first, &end, &offset) != 3) {
			continue;
		}
		for (; first < end; first += HUGE, offset += HUGE) {
			char *page = mmap(NULL, HUGE, PROT_READ | PROT_WRITE,
					  MAP_SHARED, fd, (off_t)offset);
			uint64_t before;

			if (page == MAP_FAILED) {
				printf("@@OFFLINE cannot map\n");
				return 1;
			}
			before = physical(pagemap, page);
			madvise(page, HUGE, MADV_SOFT_OFFLINE);
			pages++;
			moved += physical(pagemap, page) != before;
			munmap(page, HUGE);
		}
	}
	printf("@@OFFLINE %u of %u moved\n", moved, pages);
	return 0;
}
