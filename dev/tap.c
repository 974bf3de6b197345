/* SPDX-License-Identifier: Apache-2.0 */
/* The host's end of a guest's network: a tap interface. */
#include "dev/tap.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/if_tun.h>
#include <linux/ioctl.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"

#define NAME_BYTES 16
#define INTERFACE_UP 0x1 /* IFF_UP */
#define UDP_SOCKET 2, 2 | O_CLOEXEC, 0 /* AF_INET, SOCK_DGRAM */
#define IPV4_FAMILY 2

/* struct ifreq; linux/if.h needs a libc's struct sockaddr. */
struct interface_request {
	char name[NAME_BYTES];
	union {
		int16_t flags;
		int32_t mtu;
		int32_t index;
		struct {
			uint16_t family;
			uint16_t port;
			uint8_t address[4]; /* network order */
		} ipv4;
		uint8_t bytes[24];
	};
};

static long request_of(int fd, const char *name, unsigned long number,
		       struct interface_request *ifr)
{
	strncpy(ifr->name, name, NAME_BYTES - 1);
	return sys_ioctl(fd, number, ifr);
}

static long request(int fd, const struct config_device *row,
		    unsigned long number, struct interface_request *ifr)
{
	return request_of(fd, row->path, number, ifr);
}

static void must(long ret, const struct config_device *row, const char *what)
{
	if (ret < 0) {
		log_fatal(EXIT_NET,
			  "%s: interface %s: %s refused (%ld); make it "
			  "beforehand and up, or run as root",
			  row->name, row->path, what, ret);
	}
}

static void set_ipv4(int fd, const struct config_device *row,
		     unsigned long number, uint32_t address, const char *what)
{
	struct interface_request ifr = { .ipv4.family = IPV4_FAMILY };
	unsigned i;

	for (i = 0; i < 4; i++) {
		ifr.ipv4.address[i] = (uint8_t)(address >> (24 - 8 * i));
	}
	must(request(fd, row, number, &ifr), row, what);
}

static void set_up(int fd, const struct config_device *row, const char *name)
{
	struct interface_request ifr = { .flags = 0 };

	must(request_of(fd, name, SIOCGIFFLAGS, &ifr), row, "SIOCGIFFLAGS");
	if ((ifr.flags & INTERFACE_UP) == 0) {
		ifr.flags |= INTERFACE_UP;
		must(request_of(fd, name, SIOCSIFFLAGS, &ifr), row,
		     "setting it up");
	}
}

/* True if the tap is a port of that bridge: somebody made it one. */
static int is_port(const char *tap, const char *bridge)
{
	char path[48];
	char master[64];
	long n;

	snprintf(path, sizeof(path), "/sys/class/net/%s/master", tap);
	n = sys_readlink(path, master, sizeof(master) - 1);
	if (n < 0) {
		return 0;
	}
	master[n] = '\0';
	return strcmp(strrchr(master, '/') ? strrchr(master, '/') + 1 : master,
		      bridge) == 0;
}

/* Makes the row's tap a port of its bridge, which may be there already. */
static void join_bridge(int fd, const struct config_device *row,
			const char *bridge)
{
	struct interface_request ifr = { .index = 0 };
	char name[NAME_BYTES] = { 0 };
	long ret;

	strncpy(name, bridge, NAME_BYTES - 1);
	ret = sys_ioctl(fd, SIOCBRADDBR, name);
	must(ret == -EEXIST ? 0 : ret, row, "making its bridge");
	must(request(fd, row, SIOCGIFINDEX, &ifr), row, "SIOCGIFINDEX");
	ret = request_of(fd, bridge, SIOCBRADDIF, &ifr);
	must(ret == -EBUSY && is_port(row->path, bridge) ? 0 : ret, row,
	     "joining its bridge");
	set_up(fd, row, bridge);
}

static void join_bridges(int fd, const struct config_device *row)
{
	unsigned i;

	for (i = 0; i < config_bridge_count; i++) {
		if (config_bridges[i].partition == row->partition &&
		    strcmp(config_bridges[i].device, row->name) == 0) {
			join_bridge(fd, row, config_bridges[i].bridge);
		}
	}
}

/* MTU, address and IFF_UP, each only where it is not so already. */
static void configure(const struct config_device *row)
{
	struct interface_request ifr = { .mtu = 0 };
	long fd = sys_socket(UDP_SOCKET);

	must(fd, row, "a socket");
	must(request((int)fd, row, SIOCGIFMTU, &ifr), row, "SIOCGIFMTU");
	if (ifr.mtu != row->mtu) {
		ifr.mtu = row->mtu;
		must(request((int)fd, row, SIOCSIFMTU, &ifr), row, "its MTU");
	}
	if (row->host_ipv4 != 0) {
		set_ipv4((int)fd, row, SIOCSIFADDR, row->host_ipv4,
			 "its address");
		set_ipv4((int)fd, row, SIOCSIFNETMASK,
			 ~(uint32_t)(0xffffffffull >> row->host_prefix),
			 "its netmask");
	}
	set_up((int)fd, row, row->path);
	join_bridges((int)fd, row);
	sys_close((int)fd);
}

int tap_open(const struct config_device *row)
{
	struct interface_request ifr = {
		.flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR,
	};
	long fd = sys_open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	if (fd < 0) {
		log_fatal(EXIT_NET,
			  "%s: /dev/net/tun: error %ld; build the host kernel "
			  "with CONFIG_TUN, or allow access",
			  row->name, fd);
	}
	must(request((int)fd, row, TUNSETIFF, &ifr), row, "TUNSETIFF");
	configure(row);
	return (int)fd;
}

long tap_set_header(int fd, int bytes)
{
	return sys_ioctl(fd, TUNSETVNETHDRSZ, &bytes);
}

long tap_set_offload(int fd, unsigned flags)
{
	return sys_ioctl(fd, TUNSETOFFLOAD, (void *)(uintptr_t)flags);
}
