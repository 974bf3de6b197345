/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A station on the Ethernet between partitions: it answers ARP and ICMP echo
 * requests (RFC 826, RFC 792) for its address, and nothing else. Its driver
 * looks at the rings and wants no interrupts.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "vio.h"
#include "viopci.h"

#define SLOT 1
#define RX 0
#define TX 1
#define NUM 16
#define BYTES 2048u

#define VIRTIO_NET_F_MAC (1ull << 5)
#define NET_HEADER 12u	/* struct virtio_net_hdr_v1 */

#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV4 0x0800

struct ethernet {
	uint8_t to[6];
	uint8_t from[6];
	uint8_t type[2];
};

struct arp {
	uint8_t kinds[6];	/* Ethernet, IPv4, and their lengths */
	uint8_t operation[2];	/* 1: who has, 2: is at */
	uint8_t from_mac[6];
	uint8_t from_ip[4];
	uint8_t to_mac[6];
	uint8_t to_ip[4];
};

struct echo {
	uint8_t version;	/* and length of the header, in words */
	uint8_t other[8];
	uint8_t protocol;
	uint8_t checksum[2];
	uint8_t from_ip[4];
	uint8_t to_ip[4];
	uint8_t type;		/* of ICMP: 8 asks, 0 answers */
	uint8_t code;
	uint8_t icmp_checksum[2];
};

static const uint8_t my_ip[4] = { 192, 168, 7, 2 };
static uint8_t my_mac[6];
static struct vdev queues[2];
static uint8_t rx[NUM][BYTES] __attribute__((aligned(4096)));
static uint8_t tx[NUM][BYTES] __attribute__((aligned(4096)));
static unsigned int echoes;

static bool is_mine(const uint8_t *ip)
{
	return memcmp(ip, my_ip, sizeof(my_ip)) == 0;
}

static unsigned int number(const uint8_t *big_endian)
{
	return big_endian[0] << 8 | big_endian[1];
}

/* Makes it the answer; false if there is none. */
static bool answer_arp(struct arp *a, uint32_t len)
{
	if (len < sizeof(*a) || number(a->operation) != 1 ||
	    !is_mine(a->to_ip)) {
		return false;
	}
	a->operation[1] = 2;
	memcpy(a->to_mac, a->from_mac, sizeof(a->to_mac));
	memcpy(a->to_ip, a->from_ip, sizeof(a->to_ip));
	memcpy(a->from_mac, my_mac, sizeof(a->from_mac));
	memcpy(a->from_ip, my_ip, sizeof(a->from_ip));
	return true;
}

/* The header's sum stays, that of ICMP has 8 << 8 less in its data. */
static bool answer_echo(struct echo *e, uint32_t len)
{
	unsigned int sum = number(e->icmp_checksum) + 0x800;

	if (len < sizeof(*e) || e->version != 0x45 || e->protocol != 1 ||
	    e->type != 8 || !is_mine(e->to_ip)) {
		return false;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	e->type = 0;
	e->icmp_checksum[0] = (uint8_t)(sum >> 8);
	e->icmp_checksum[1] = (uint8_t)sum;
	memcpy(e->to_ip, e->from_ip, sizeof(e->to_ip));
	memcpy(e->from_ip, my_ip, sizeof(e->from_ip));
	if (++echoes % 100 == 0) {
		say("answered %u\n", echoes);
	}
	return true;
}

static bool answer(uint8_t *frame, uint32_t len)
{
	struct ethernet *e = (struct ethernet *)frame;
	bool known = false;

	if (number(e->type) == ETHERTYPE_ARP) {
		known = answer_arp((struct arp *)(e + 1), len - sizeof(*e));
	} else if (number(e->type) == ETHERTYPE_IPV4) {
		known = answer_echo((struct echo *)(e + 1), len - sizeof(*e));
	}
	memcpy(e->to, e->from, sizeof(e->to));
	memcpy(e->from, my_mac, sizeof(e->from));
	return known;
}

static void give(unsigned int i)
{
	vq_desc(&queues[RX], (uint16_t)i, rx[i], BYTES, VIRTQ_DESC_F_WRITE, 0);
	vq_push(&queues[RX], (uint16_t)i);
}

static int start(void)
{
	MUST(vdev_find_pci(&queues[RX], SLOT, VIRTIO_ID_NET));
	vdev_reset(&queues[RX]);
	vdev_place(&queues[RX], NUM);
	MUST(vdev_accept(&queues[RX], VIRTIO_F_VERSION_1 | VIRTIO_NET_F_MAC));
	for (unsigned int i = 0; i < sizeof(my_mac); i++) {
		my_mac[i] = mmio_read8(queues[RX].config + i);
	}
	MUST(vdev_queue(&queues[RX]));
	MUST(vdev_queue1(&queues[TX], &queues[RX]));
	queues[RX].q.avail->flags = VIRTQ_AVAIL_F_NO_INTERRUPT;
	queues[TX].q.avail->flags = VIRTQ_AVAIL_F_NO_INTERRUPT;
	vdev_go(&queues[RX]);
	for (unsigned int i = 0; i < NUM; i++) {
		give(i);
	}
	vq_kick(&queues[RX]);
	return 0;
}

static void send(const uint8_t *frame, uint32_t len)
{
	static uint16_t sent;
	uint16_t i = sent % NUM;

	while ((uint16_t)(sent - vq_used_idx(&queues[TX])) == NUM) {
	}
	memset(tx[i], 0, NET_HEADER);
	memcpy(tx[i] + NET_HEADER, frame, len);
	vq_desc(&queues[TX], i, tx[i], NET_HEADER + len, 0, 0);
	vq_push(&queues[TX], i);
	vq_kick(&queues[TX]);
	sent++;
}

static int take(uint32_t id, uint32_t len)
{
	MUST(id < NUM && len >= NET_HEADER + sizeof(struct ethernet) &&
	     len <= BYTES);
	if (answer(rx[id] + NET_HEADER, len - NET_HEADER)) {
		send(rx[id] + NET_HEADER, len - NET_HEADER);
	}
	give(id);
	vq_kick(&queues[RX]);
	return 0;
}

int main(void)
{
	const struct vq *q = &queues[RX].q;
	uint16_t seen = 0;

	MUST_PASS(start());
	say("listens\n");
	for (;;) {
		while (seen != vq_used_idx(&queues[RX])) {
			MUST_PASS(take(q->used->ring[seen % NUM].id,
				       q->used->ring[seen % NUM].len));
			seen++;
		}
	}
}
