/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One stream over vsock, on either side:
 *   vsock listen PORT             takes one connection and sends all back
 *   vsock connect CID PORT BYTES  sends so many, and checks what comes back
 * Each says how many bytes it had from the other, and their FNV-1a sum.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/vm_sockets.h>
#include <unistd.h>

#define CHUNK 20000
#define PATIENCE 60 /* seconds that a connection is tried again */

static uint64_t sum = 0xcbf29ce484222325;
static unsigned long long total;

static void count(const uint8_t *bytes, size_t n)
{
	total += n;
	for (size_t i = 0; i < n; i++) {
		sum = (sum ^ bytes[i]) * 0x100000001b3;
	}
}

static int fail(const char *what)
{
	printf("vsock: %s: %s\n", what, strerror(errno));
	return 1;
}

static int report(const char *who)
{
	printf("vsock: %s %llu bytes, sum %016llx\n", who, total,
	       (unsigned long long)sum);
	return 0;
}

static int send_all(int fd, const uint8_t *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done <= 0) {
			return -1;
		}
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

static int run_listen(unsigned port)
{
	static uint8_t bytes[CHUNK];
	struct sockaddr_vm address = { .svm_family = AF_VSOCK,
				       .svm_cid = VMADDR_CID_ANY,
				       .svm_port = port };
	int s = socket(AF_VSOCK, SOCK_STREAM, 0);
	int fd;

	if (s < 0 ||
	    bind(s, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(s, 1) < 0) {
		return fail("listen");
	}
	fd = accept(s, NULL, NULL);
	if (fd < 0) {
		return fail("accept");
	}
	for (;;) {
		ssize_t n = read(fd, bytes, sizeof(bytes));

		if (n < 0) {
			return fail("read");
		}
		if (n == 0) {
			return report("listener");
		}
		count(bytes, (size_t)n);
		if (send_all(fd, bytes, (size_t)n) < 0) {
			return fail("write");
		}
	}
}

static int connect_to(unsigned cid, unsigned port)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK,
				       .svm_cid = cid,
				       .svm_port = port };

	for (int i = 0; i < PATIENCE; i++) {
		int fd = socket(AF_VSOCK, SOCK_STREAM, 0);

		if (fd < 0) {
			return -1;
		}
		if (connect(fd, (struct sockaddr *)&address,
			    sizeof(address)) == 0) {
			return fd;
		}
		close(fd);
		sleep(1);
	}
	return -1;
}

static int exchange(int fd, size_t n)
{
	static uint32_t state = 1;
	static uint8_t out[CHUNK], in[CHUNK];
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		state = state * 1664525 + 1013904223;
		out[i] = (uint8_t)(state >> 24);
	}
	if (send_all(fd, out, n) < 0) {
		return fail("write");
	}
	while (done < n) {
		ssize_t part = read(fd, in + done, n - done);

		if (part <= 0) {
			return fail("read");
		}
		done += (size_t)part;
	}
	if (memcmp(in, out, n) != 0) {
		printf("vsock: other bytes came back, near %llu\n", total);
		return 1;
	}
	count(in, n);
	return 0;
}

static int run_connect(unsigned cid, unsigned port, unsigned long long bytes)
{
	int fd = connect_to(cid, port);
	size_t n = 1;

	if (fd < 0) {
		return fail("connect");
	}
	while (bytes > 0) {
		n = n * 3 % CHUNK + 1;
		n = n < bytes ? n : (size_t)bytes;
		if (exchange(fd, n) != 0) {
			return 1;
		}
		bytes -= n;
	}
	close(fd);
	return report("connector");
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "listen") == 0) {
		return run_listen((unsigned)atoi(argv[2]));
	}
	if (argc == 5 && strcmp(argv[1], "connect") == 0) {
		return run_connect((unsigned)atoi(argv[2]),
				   (unsigned)atoi(argv[3]),
				   strtoull(argv[4], NULL, 0));
	}
	printf("vsock: listen PORT, or connect CID PORT BYTES\n");
	return 2;
}
