/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-console on a terminal that is a FIFO, so that what is sent comes back
 * (configs/test_console.h). M36: while nobody takes it, output waits and the
 * machine runs on; nothing of it is lost.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "tick.h"
#include "vblk.h"

#define SLOT_CONSOLE 5
#define VIRTIO_ID_CONSOLE 3
#define RX 0
#define TX 1
#define NUM 8
#define PIECE 4096u
#define BYTES (KIB * 1024u)

static struct vdev blk;
static struct vdev queues[2];
static uint8_t buf[2][NUM][PIECE] __attribute__((aligned(4096)));
static unsigned int sent, received;

static uint8_t byte_at(unsigned int at)
{
	return (uint8_t)(at * 7 >> 3 ^ at >> 11);
}

static int start(void)
{
	struct vdev *rx = &queues[RX];

	vdev_reset(rx);
	MUST(vdev_accept(rx, VIRTIO_F_VERSION_1));
	vdev_place(rx, NUM);
	MUST(vdev_queue(rx));
	MUST(vdev_queue1(&queues[TX], rx));
	vdev_go(rx);
	return 0;
}

/* A request on queue q, with buffer i. */
static void request(unsigned int q, unsigned int i, uint32_t len)
{
	vq_desc(&queues[q], i, buf[q][i], len,
		q == RX ? VIRTQ_DESC_F_WRITE : 0, 0);
	vq_push(&queues[q], i);
	vq_kick(&queues[q]);
}

/* Sends as much as the ring and limit allow. */
static void send(uint16_t *offered, unsigned int limit)
{
	while ((uint16_t)(*offered - vq_used_idx(&queues[TX])) < NUM &&
	       sent < limit) {
		uint8_t *to = buf[TX][*offered % NUM];

		for (unsigned int i = 0; i < PIECE; i++) {
			to[i] = byte_at(sent++);
		}
		request(TX, (*offered)++ % NUM, PIECE);
	}
}

/* Checks what came and gives the buffers back. */
static int receive(uint16_t *seen)
{
	const struct vq *q = &queues[RX].q;

	while (*seen != vq_used_idx(&queues[RX])) {
		uint32_t id = q->used->ring[*seen % NUM].id;
		uint32_t len = q->used->ring[*seen % NUM].len;

		MUST(id < NUM && len >= 1 && len <= PIECE);
		for (uint32_t i = 0; i < len; i++) {
			MUST(buf[RX][id][i] == byte_at(received + i));
		}
		received += len;
		(*seen)++;
		request(RX, id, PIECE);
	}
	return 0;
}

/* Nobody reads: a FIFO's 64 KiB, then the device holds requests back. */
static int output_waits(void)
{
	volatile bool never = false;
	uint16_t offered = 0;
	uint16_t used;

	sent = 0;
	received = 0;
	MUST_PASS(start());
	send(&offered, BYTES);
	used = vq_used_idx(&queues[TX]);
	MUST((uint16_t)(offered - used) == NUM);
	say("  the host took %u requests of %u bytes\n", used, PIECE);
	for (unsigned int i = 0; i < 20; i++) {
		MUST(!tick_wait(&never, 5));
		MUST(tick_fired());
		vq_kick(&queues[TX]);
		MUST(vq_used_idx(&queues[TX]) == used);
	}
	return blk_after_case();
}

/* The rest of what output_waits began, which is all there again. */
static int all_of_it_arrives(void)
{
	uint16_t offered = queues[TX].q.avail->idx;
	uint16_t seen = 0;
	uint64_t end = counter() + counter_ms(60000);

	for (unsigned int i = 0; i < NUM; i++) {
		request(RX, i, PIECE);
	}
	while (received < BYTES && counter() < end) {
		MUST_PASS(receive(&seen));
		send(&offered, BYTES);
	}
	MUST(received == BYTES && sent == BYTES);
	MUST(vq_used_idx(&queues[TX]) == offered);
	return 0;
}

/* A reset with output under way: what the host has, and nothing else. */
static int reset_in_the_middle(void)
{
	volatile bool never = false;
	uint16_t offered = 0;
	uint16_t seen = 0;

	sent = 0;
	received = 0;
	MUST_PASS(start());
	send(&offered, BYTES);
	MUST_PASS(start());
	memset(buf, 0x55, sizeof(buf));
	for (unsigned int i = 0; i < NUM; i++) {
		request(RX, i, PIECE);
	}
	for (unsigned int i = 0; i < 2000 && received < sent; i++) {
		MUST_PASS(receive(&seen));
		MUST(!tick_wait(&never, 1));
		MUST(vq_used_idx(&queues[TX]) == 0);
	}
	say("  %u of %u bytes were sent\n", received, sent);
	MUST(received >= PIECE && received < sent);
	return 0;
}

static int wrong_directions(void)
{
	for (unsigned int q = RX; q <= TX; q++) {
		MUST_PASS(start());
		vq_desc(&queues[q], 0, buf[q][0], 64,
			q == TX ? VIRTQ_DESC_F_WRITE : 0, 0);
		vq_push(&queues[q], 0);
		vq_kick(&queues[q]);
		MUST(vdev_broken(&queues[q]));
		MUST(vq_used_idx(&queues[q]) == 0);
	}
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "m36_output_waits", output_waits },
		{ "m36_all_of_it_arrives", all_of_it_arrives },
		{ "console_reset_in_the_middle", reset_in_the_middle },
		{ "console_wrong_directions", wrong_directions },
	};

	MUST_PASS(blk_setup(&blk));
	MUST(vdev_find(&queues[RX], SLOT_CONSOLE, VIRTIO_ID_CONSOLE));
	return run_cases(cases, NELEM(cases), blk_after_case);
}
