// SPDX-License-Identifier: Apache-2.0
/*
 * TCP between the guest and its host. The guest asks for each workload with a
 * request on the one connection and ends it by having all bytes, so that what
 * is measured starts and ends with nothing under way.
 */
#include "bare.h"
#include "work.h"

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define HOST		0xc0a80701 /* 192.168.7.1 */
#define GUEST		0xc0a80702
#define NETMASK		0xffffff00
#define PORT		7007
#define MIB		(1ULL << 20)
#define MESSAGE		64

enum kind { TO_GUEST, FROM_GUEST, ROUND_TRIPS };

struct request {
	uint64_t kind;
	uint64_t bytes;
};

static char buffer[64 * 1024];
static int peer;

static struct sockaddr_in ipv4(uint32_t address, uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = __builtin_bswap16(port),
		.sin_addr.s_addr = __builtin_bswap32(address),
	};
}

/* Send or receive so many bytes through the buffer. 0, or -1. */
static int move(int fd, long call, uint64_t bytes)
{
	while (bytes > 0) {
		uint64_t part = bytes < sizeof(buffer) ? bytes : sizeof(buffer);
		long moved = bare_syscall(call, fd, (long)buffer, (long)part,
					  0, 0, 0);

		if (moved <= 0) {
			return -1;
		}
		bytes -= (uint64_t)moved;
	}
	return 0;
}

/* The buffers' own system calls take no flags and no address. */
static int put(int fd, uint64_t bytes)
{
	return move(fd, __NR_sendto, bytes);
}

static int get(int fd, uint64_t bytes)
{
	return move(fd, __NR_recvfrom, bytes);
}

static int tcp_socket(void)
{
	int fd = (int)bare_call3(__NR_socket, AF_INET, SOCK_STREAM, 0);
	int one = 1;

	bare_syscall(__NR_setsockopt, fd, IPPROTO_TCP, TCP_NODELAY, (long)&one,
		     sizeof(one), 0);
	return fd;
}

/* -- The guest ------------------------------------------------------------- */

static long set_address(int fd, unsigned long number, uint32_t address)
{
	struct ifreq request = { .ifr_name = "eth0" };

	*(struct sockaddr_in *)&request.ifr_addr = ipv4(address, 0);
	return bare_call3(__NR_ioctl, fd, (long)number, (long)&request);
}

static long set_up(void)
{
	struct ifreq request = { .ifr_name = "eth0" };
	int fd = (int)bare_call3(__NR_socket, AF_INET, SOCK_DGRAM, 0);
	long ret = set_address(fd, SIOCSIFADDR, GUEST);

	if (ret >= 0) {
		ret = set_address(fd, SIOCSIFNETMASK, NETMASK);
	}
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	return ret < 0 ? ret :
			 bare_call3(__NR_ioctl, fd, SIOCSIFFLAGS,
				    (long)&request);
}

int tcp_open(void)
{
	struct sockaddr_in host = ipv4(HOST, PORT);

	if (set_up() < 0) {
		return -1;
	}
	peer = tcp_socket();
	return (int)bare_call3(__NR_connect, peer, (long)&host, sizeof(host));
}

static int ask(enum kind kind, uint64_t bytes)
{
	struct request request = { kind, bytes };

	return bare_write(peer, &request, sizeof(request)) ==
			       (long)sizeof(request) ?
		       0 :
		       -1;
}

int tcp_to_guest(uint64_t count)
{
	return ask(TO_GUEST, count * MIB) || get(peer, count * MIB);
}

int tcp_from_guest(uint64_t count)
{
	return ask(FROM_GUEST, count * MIB) || put(peer, count * MIB) ||
	       get(peer, 1);
}

int tcp_round_trips(uint64_t count)
{
	int ret = ask(ROUND_TRIPS, count);

	while (!ret && count--) {
		ret = put(peer, MESSAGE) || get(peer, MESSAGE);
	}
	return ret;
}

/* -- The host -------------------------------------------------------------- */

static int answer(int fd, const struct request *request)
{
	uint64_t count = request->bytes;

	switch (request->kind) {
	case TO_GUEST:
		return put(fd, count);
	case FROM_GUEST:
		return get(fd, count) || put(fd, 1);
	default:
		while (count--) {
			if (get(fd, MESSAGE) || put(fd, MESSAGE)) {
				return -1;
			}
		}
		return 0;
	}
}

static void serve(int fd)
{
	struct request request;
	int one = 1;

	bare_syscall(__NR_setsockopt, fd, IPPROTO_TCP, TCP_NODELAY, (long)&one,
		     sizeof(one), 0);
	while (bare_syscall(__NR_recvfrom, fd, (long)&request, sizeof(request),
			    MSG_WAITALL, 0, 0) == (long)sizeof(request) &&
	       !answer(fd, &request)) {
	}
	bare_call3(__NR_close, fd, 0, 0);
}

void tcp_serve(void)
{
	struct sockaddr_in any = ipv4(0, PORT);
	int listener = tcp_socket();
	int one = 1;

	bare_syscall(__NR_setsockopt, listener, SOL_SOCKET, SO_REUSEADDR,
		     (long)&one, sizeof(one), 0);
	if (bare_call3(__NR_bind, listener, (long)&any, sizeof(any)) < 0 ||
	    bare_call3(__NR_listen, listener, 1, 0) < 0) {
		say("WARNING no peer", NULL, NULL, 0);
		return;
	}
	for (;;) {
		int fd = (int)bare_call3(__NR_accept, listener, 0, 0);

		if (fd >= 0) {
			serve(fd);
		}
	}
}
