/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What test/guest/shmem.c does, by a program of a Linux guest: BARs and MSI-X
 * vectors of its shared memory's function by VFIO (no-IOMMU mode; the function
 * does no DMA).
 *   doorbell ROUNDS     peer 0 asks so often, peer 1 answers until the end
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define FUNCTION "0000:00:01.0"
#define SYS_PCI "/sys/bus/pci/"
#define MEMORY_BYTES 0x100000
#define PAGE 4096
#define COMMAND 4 /* of configuration space: memory, bus master */
#define IV_POSITION (0x08 / 4)
#define DOORBELL (0x0c / 4)
#define VECTORS 2u
#define WORDS 64u
#define END 0xffffffffull
#define ANSWER_MS 2000
#define PATIENCE_MS 60000
#define TRIES 60

static volatile uint32_t *registers;
static volatile uint8_t *memory;
static int rung[VECTORS];
static unsigned repeated;
static unsigned answered;

static void must(long ret, const char *what)
{
	if (ret < 0) {
		printf("doorbell: %s: %s\n", what, strerror(errno));
		exit(1);
	}
}

static void must_be(int so, const char *what)
{
	if (!so) {
		printf("doorbell: wrong: %s\n", what);
		exit(1);
	}
}

/* -- The function, by VFIO ----------------------------------------------- */

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	must(fd, path);
	must(write(fd, text, strlen(text)), path);
	close(fd);
}

static int open_function(void)
{
	int container;
	int group;
	int device;

	put("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "1");
	put(SYS_PCI "devices/" FUNCTION "/driver_override", "vfio-pci");
	if (access(SYS_PCI "devices/" FUNCTION "/driver", F_OK) < 0) {
		put(SYS_PCI "drivers_probe", FUNCTION);
	}
	container = open("/dev/vfio/vfio", O_RDWR);
	must(container, "/dev/vfio/vfio");
	group = open("/dev/vfio/noiommu-0", O_RDWR);
	must(group, "/dev/vfio/noiommu-0");
	must(ioctl(group, VFIO_GROUP_SET_CONTAINER, &container), "container");
	must(ioctl(container, VFIO_SET_IOMMU, VFIO_NOIOMMU_IOMMU), "no-IOMMU");
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, FUNCTION);
	must(device, FUNCTION);
	return device;
}

static uint64_t region(int device, unsigned index)
{
	struct vfio_region_info info = { .argsz = sizeof(info),
					 .index = index };

	must(ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info), "region");
	return info.offset;
}

static void *map_bar(int device, unsigned bar, size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, device,
			(off_t)region(device, bar));

	must(at == MAP_FAILED ? -1 : 0, "mapping a BAR");
	return at;
}

static void enable_vectors(int device)
{
	char bytes[sizeof(struct vfio_irq_set) + sizeof(rung)];
	struct vfio_irq_set *set = (void *)bytes;
	unsigned i;

	*set = (struct vfio_irq_set){
		.argsz = sizeof(bytes),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD |
			 VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.count = VECTORS,
	};
	for (i = 0; i < VECTORS; i++) {
		rung[i] = eventfd(0, EFD_NONBLOCK);
		must(rung[i], "eventfd");
	}
	memcpy(set->data, rung, sizeof(rung));
	must(ioctl(device, VFIO_DEVICE_SET_IRQS, set), "MSI-X");
}

static void open_memory(void)
{
	int device = open_function();
	uint64_t config = region(device, VFIO_PCI_CONFIG_REGION_INDEX);
	uint16_t command = 6;

	must(pwrite(device, &command, 2, (off_t)config + COMMAND), "command");
	registers = map_bar(device, VFIO_PCI_BAR0_REGION_INDEX, PAGE);
	memory = map_bar(device, VFIO_PCI_BAR2_REGION_INDEX, MEMORY_BYTES);
	enable_vectors(device);
}

/* -- The protocol -------------------------------------------------------- */

static volatile uint64_t *area(unsigned peer)
{
	return (volatile uint64_t *)(memory + 0x1000 * peer);
}

static uint64_t word_of(uint64_t number, unsigned i)
{
	return (number * 0x9e3779b97f4a7c15ull) ^ ((uint64_t)i << 32 | i);
}

static void ring(unsigned peer, unsigned vector)
{
	__sync_synchronize();
	registers[DOORBELL] = peer << 16 | vector;
}

static void publish(unsigned peer, uint64_t number, uint64_t flip)
{
	unsigned i;

	for (i = 0; i < WORDS; i++) {
		area(peer)[1 + i] = word_of(number, i) ^ flip;
	}
	__sync_synchronize();
	area(peer)[0] = number;
}

static void check(unsigned peer, uint64_t number, uint64_t flip)
{
	unsigned i;

	for (i = 0; i < WORDS; i++) {
		must_be(area(peer)[1 + i] == (word_of(number, i) ^ flip),
			"a word");
	}
}

/* True when one of the vectors in the mask has rung. */
static int wait_rung(unsigned mask, int ms)
{
	struct pollfd fds[VECTORS];
	uint64_t count;
	unsigned i;
	int heard = 0;

	for (i = 0; i < VECTORS; i++) {
		fds[i] = (struct pollfd){
			.fd = mask >> i & 1 ? rung[i] : -1,
			.events = POLLIN,
		};
	}
	must(poll(fds, VECTORS, ms), "poll");
	for (i = 0; i < VECTORS; i++) {
		if ((fds[i].revents & POLLIN) != 0) {
			must(read(rung[i], &count, sizeof(count)), "eventfd");
			heard = 1;
		}
	}
	return heard;
}

static void ask(uint64_t number)
{
	unsigned vector = (unsigned)number % VECTORS;
	unsigned tries = TRIES;

	publish(0, number, 0);
	ring(1, vector);
	while (!wait_rung(1u << vector, ANSWER_MS) ||
	       area(1)[0] != number) {
		must_be(tries-- > 0, "no answer");
		repeated++;
		if (area(1)[0] == number) {
			break; /* it answered, and its ring was lost */
		}
		ring(1, vector);
	}
	check(1, number, ~0ull);
}

static void ask_all(unsigned rounds)
{
	uint64_t number = area(0)[0] + 1;
	unsigned i;

	if (number >= END) {
		number = 1;
	}
	/* The first waits for the neighbour to be there. */
	ask(number++);
	repeated = 0;
	for (i = 0; i < rounds; i++) {
		ask(number++);
	}
	publish(0, END, 0);
	ring(1, 0);
	printf("doorbell: asked %u repeated %u\n", rounds, repeated);
}

static void answer(void)
{
	uint64_t number = area(0)[0];

	if (number == 0 || number == END || number == area(1)[0]) {
		return;
	}
	check(0, number, 0);
	publish(1, number, ~0ull);
	ring(0, (unsigned)number % VECTORS);
	answered++;
}

static void answer_all(void)
{
	/* What was rung before we listened. */
	answer();
	while (area(0)[0] != END || answered == 0) {
		must_be(wait_rung(3, PATIENCE_MS), "no question");
		answer();
	}
	printf("doorbell: answered %u\n", answered);
}

int main(int argc, char **argv)
{
	must_be(argc == 2, "usage: doorbell ROUNDS");
	setvbuf(stdout, NULL, _IONBF, 0);
	open_memory();
	if (registers[IV_POSITION] == 0) {
		ask_all((unsigned)atoi(argv[1]));
	} else {
		answer_all();
	}
	return 0;
}
