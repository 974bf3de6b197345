// SPDX-License-Identifier: Apache-2.0
/*
 * What the host has for its guests: a network interface, to which each subject
 * attaches in turn, and a terminal.
 */
#include "runner.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_ipv4(int fd, struct ifreq *request, unsigned long number,
		    const char *address)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, address, &ipv4.sin_addr) != 1) {
		return -1;
	}
	memcpy(&request->ifr_addr, &ipv4, sizeof(ipv4));
	return ioctl(fd, number, request);
}

int tap_make(const char *name, const char *address)
{
	struct ifreq request = { 0 };
	int tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int failed;

	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	failed = ioctl(tap, TUNSETIFF, &request) ||
		 ioctl(tap, TUNSETPERSIST, 1) ||
		 set_ipv4(fd, &request, SIOCSIFADDR, address) ||
		 set_ipv4(fd, &request, SIOCSIFNETMASK, "255.255.255.0");
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	failed = failed || ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
	close(tap);
	return failed ? -1 : 0;
}

int terminal_make(const char *path)
{
	const char *name;
	int fd;

	mkdir("/dev/pts", 0755);
	mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=0666");
	fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	name = fd < 0 || unlockpt(fd) ? NULL : ptsname(fd);
	/* The other end stays open, for as long as there are subjects. */
	return name ? symlink(name, path) : -1;
}
