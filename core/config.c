/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The config's rows, each expanded three times: into a table entry, into
 * _Static_asserts that name the row, and into a case of a switch that nobody
 * calls, where any overlap of windows or reuse of an SPI is a duplicate case
 * value. CONFIG_HEADER is the config that the Makefile builds.
 */
#include "core/config.h"

#include CONFIG_HEADER
#include "payload.h"

#define KIB64 0x10000
#define PL011_SIZE 0x1000
#define PL031_SIZE 0x1000
#define VIRTIO_MMIO_SIZE 0x200
#define GIC_DIST_SIZE 0x10000
#define GIC_REDIST_SIZE 0x20000
#define GICV2_CPU_SIZE 0x2000
#define GIC_ITS_SIZE 0x20000
#define GICV2M_SIZE 0x1000
#define HAS_GICV2M (CFG_GIC_VERSION == GIC_V2 && CFG_GICV2M != 0)
#define FDT_SIZE KIB64
#define CMDLINE_MAX 2048 /* COMMAND_LINE_SIZE of arm64 Linux */

#define U64(x) ((uint64_t)(x))
#define ALIGN_UP(x, a) ((U64(x) + ((a) - 1)) & ~U64((a) - 1))
#define ALIGN_DOWN(x, a) (U64(x) & ~U64((a) - 1))
#define IS_ALIGNED(x, a) ((U64(x) & ((a) - 1)) == 0)
#define IS_POWER_OF_2(x) ((x) != 0 && ((x) & ((x) - 1)) == 0)
#define ROW(part, name) #part "/" #name ": "
#define COUNT(...) +1
#define HAS_PCI ((0 CFG_PCI(COUNT)) != 0)

/* The names of this config; a name used twice is a redeclaration. */
enum partition_id {
#define ENTRY(p, ...) partition_##p,
	CFG_PARTITIONS(ENTRY)
#undef ENTRY
	partition_count,
};

enum row_name {
#define ENTRY(p, n, ...) row_##p##_##n,
	CFG_RAM(ENTRY)
	CFG_PCI(ENTRY)
	CFG_ROM(ENTRY)
	CFG_PL011(ENTRY)
	CFG_PL031(ENTRY)
	CFG_VIRTIO_BLK(ENTRY)
	CFG_VIRTIO_RNG(ENTRY)
	CFG_VIRTIO_NET(ENTRY)
	CFG_VIRTIO_VSOCK(ENTRY)
#undef ENTRY
};

/* Board devices: a config that names another does not compile. */
#define ENTRY(n, path) \
	__attribute__((unused)) static const char board_has_disk_##n[] = path;
BOARD_DISKS(ENTRY)
#undef ENTRY
#define BOARD_DISK(n) board_has_disk_##n
#define HOST_FILE(path) path
/* The address of the host's end of a network, and its prefix's length. */
#define HOST_IPV4(a, b, c, d, prefix) \
	(U64(prefix) << 32 | U64(a) << 24 | U64(b) << 16 | U64(c) << 8 | U64(d))
#define HOST_NO_ADDRESS 0
#define TAP_NAME_MAX 15

/* -- Facts of a partition's layout, as constants ------------------------- */

/*
 * An Image says how much memory it needs: initrd and FDT follow it. A flat
 * binary does not: they go to the end of RAM, out of its way. Firmware finds
 * the FDT at the start of RAM, as on QEMU's virt board.
 */
#define BY_KIND(p, flat, firmware, image) \
	(PAYLOAD_##p##_FLAT ? (flat) :    \
	 PAYLOAD_##p##_FIRMWARE ? (firmware) : (image))
#define ROM_GPA(p, n, gpa, size) + U64(gpa)
#define ROM_BYTES(p, n, gpa, size) + U64(size)

enum layout {
#define ENTRY(p, n, gpa, size, policy)             \
	layout_##p##_##n##_gpa = U64(gpa),         \
	layout_##p##_##n##_end = U64(gpa) + U64(size),
	CFG_RAM(ENTRY)
#undef ENTRY
#define ENTRY(p, ...)                                                         \
	layout_##p##_rom_gpa = U64(0) CFG_ROM(ROM_GPA),                       \
	layout_##p##_rom_size = U64(0) CFG_ROM(ROM_BYTES),                    \
	layout_##p##_image = BY_KIND(p, U64(PAYLOAD_##p##_OFFSET),            \
				     layout_##p##_rom_gpa,                    \
				     layout_##p##_ram_gpa +                   \
					     U64(PAYLOAD_##p##_OFFSET)),      \
	layout_##p##_image_end =                                              \
		layout_##p##_image + U64(PAYLOAD_##p##_MEMORY_BYTES),         \
	layout_##p##_after = ALIGN_UP(layout_##p##_image_end,                 \
				      BOARD_PAGE_SIZE),                       \
	layout_##p##_fdt = BY_KIND(p, layout_##p##_ram_end - FDT_SIZE,        \
				   layout_##p##_ram_gpa,                      \
				   ALIGN_UP(layout_##p##_after +              \
					    PAYLOAD_##p##_INITRD_BYTES,       \
					    KIB64)),                          \
	layout_##p##_initrd = BY_KIND(p,                                      \
				      ALIGN_DOWN(layout_##p##_fdt -           \
						 PAYLOAD_##p##_INITRD_BYTES,  \
						 BOARD_PAGE_SIZE),            \
				      layout_##p##_ram_gpa + FDT_SIZE,        \
				      layout_##p##_after),
	CFG_PARTITIONS(ENTRY)
#undef ENTRY
};

/* -- Row checks ---------------------------------------------------------- */

_Static_assert(partition_count == 1,
	       "CFG_PARTITIONS: exactly one partition is supported");
_Static_assert(sizeof(CFG_NAME) > 1, "CFG_NAME: empty");
_Static_assert(CFG_GIC_VERSION == BOARD_GIC_VERSION,
	       "CFG_GIC_VERSION: the board has another GIC");
_Static_assert(CFG_GIC_SPIS % 32 == 0 && CFG_GIC_SPIS >= 32 &&
		       CFG_GIC_SPIS <= 960,
	       "CFG_GIC_SPIS: not a multiple of 32 in 32..960");
_Static_assert(BOARD_IPA_BITS >= 32 && BOARD_IPA_BITS <= 48,
	       "BOARD_IPA_BITS: not in 32..48");
_Static_assert(IS_POWER_OF_2(BOARD_PAGE_SIZE) &&
		       IS_POWER_OF_2(BOARD_HUGEPAGE_SIZE),
	       "BOARD_PAGE_SIZE, BOARD_HUGEPAGE_SIZE: not a power of two");
_Static_assert((CFG_RESTARTS) >= 0, "CFG_RESTARTS: negative");
_Static_assert((CFG_BACKOFF_MS) >= 0 && (CFG_BACKOFF_MS) <= 10000,
	       "CFG_BACKOFF_MS: not in 0..10000");
_Static_assert(CFG_QUIT_KEY >= 0 && CFG_QUIT_KEY < 32,
	       "CFG_QUIT_KEY: not a control character");

/* Frames lie on 64 KiB, whatever the guest's page size. */
#define CHECK_FRAME(name, gpa, size)                                          \
	_Static_assert(IS_ALIGNED(gpa, KIB64),                                \
		       name ": not aligned to 64 KiB");                       \
	_Static_assert(U64(gpa) <= (1ull << BOARD_IPA_BITS) - (size),         \
		       name ": outside of the board's IPA space");
CHECK_FRAME("CFG_GIC_DIST", CFG_GIC_DIST, GIC_DIST_SIZE)
CHECK_FRAME("CFG_GIC_CPU", CFG_GIC_CPU, GICV2_CPU_SIZE)
CHECK_FRAME("CFG_GIC_REDIST", CFG_GIC_REDIST, GIC_REDIST_SIZE)
CHECK_FRAME("CFG_GIC_ITS", CFG_GIC_ITS, GIC_ITS_SIZE)
CHECK_FRAME("CFG_GICV2M", CFG_GICV2M, GICV2M_SIZE)
_Static_assert((CFG_GICV2M == 0) == ((CFG_GICV2M_SPIS) == 0),
	       "CFG_GICV2M, CFG_GICV2M_SPIS: one is 0, the other is not");
_Static_assert((CFG_GICV2M_SPI) >= 0 && (CFG_GICV2M_SPIS) >= 0 &&
		       (CFG_GICV2M_SPI) + (CFG_GICV2M_SPIS) <= CFG_GIC_SPIS,
	       "CFG_GICV2M_SPI: SPI out of range");

#define RAM_BYTES(p) (layout_##p##_ram_end - layout_##p##_ram_gpa)

/* Mapped from this binary, whose segments lie on pages of 4 KiB. */
#define CHECK_FIRMWARE(p)                                                     \
	_Static_assert(PAYLOAD_##p##_FIRMWARE == (0 CFG_ROM(COUNT) != 0),     \
		       #p ": firmware and CFG_ROM need each other");          \
	_Static_assert(!PAYLOAD_##p##_FIRMWARE ||                             \
			       U64(PAYLOAD_##p##_MEMORY_BYTES) <=             \
				       layout_##p##_rom_size,                 \
		       #p ": the firmware does not fit in its ROM");          \
	_Static_assert(!PAYLOAD_##p##_FIRMWARE || FDT_SIZE <= RAM_BYTES(p),   \
		       #p ": the firmware's FDT does not fit in RAM");        \
	_Static_assert(!PAYLOAD_##p##_FIRMWARE ||                             \
			       PAYLOAD_##p##_INITRD_BYTES == 0,               \
		       #p ": firmware takes no initrd");                      \
	_Static_assert(!PAYLOAD_##p##_FIRMWARE || (BOARD_PAGE_SIZE) <= 4096,  \
		       #p ": firmware needs host pages of 4 KiB");

#define CHECK_PARTITION(p, host_cpu, fifo, features)                          \
	_Static_assert((host_cpu) >= 0 && (host_cpu) < BOARD_CPUS,            \
		       #p ": the board does not have that CPU");              \
	_Static_assert((fifo) >= 0 && (fifo) <= 99,                           \
		       #p ": SCHED_FIFO priority is not in 0..99");           \
	_Static_assert(((features) & ~(CPU_PMU | CPU_PTRAUTH | CPU_SVE)) ==   \
			       0,                                             \
		       #p ": unknown CPU feature");                           \
	_Static_assert(PAYLOAD_##p##_FIRMWARE ||                              \
			       (U64(layout_##p##_image) >=                    \
					layout_##p##_ram_gpa &&               \
				layout_##p##_image <= layout_##p##_ram_end && \
				U64(PAYLOAD_##p##_MEMORY_BYTES) <=            \
					RAM_BYTES(p) &&                       \
				U64(PAYLOAD_##p##_INITRD_BYTES) <=            \
					RAM_BYTES(p) &&                       \
				layout_##p##_image_end <=                     \
					layout_##p##_initrd &&                \
				U64(layout_##p##_fdt) + FDT_SIZE <=           \
					layout_##p##_ram_end),                \
		       #p ": payload, initrd and FDT do not fit in RAM");     \
	_Static_assert(BY_KIND(p, 1, 1,                                       \
			       IS_ALIGNED(layout_##p##_ram_gpa, 0x200000)),   \
		       #p ": a Linux Image needs RAM aligned to 2 MiB");      \
	CHECK_FIRMWARE(p)                                                     \
	_Static_assert(sizeof(PAYLOAD_##p##_CMDLINE) <= CMDLINE_MAX,          \
		       #p ": guest command line is too long");
CFG_PARTITIONS(CHECK_PARTITION)

#define CHECK_PAYLOAD(p, kind, ...)                                          \
	_Static_assert((kind) == PAYLOAD_IMAGE || (kind) == PAYLOAD_FLAT ||  \
			       (kind) == PAYLOAD_FIRMWARE,                   \
		       #p ": unknown payload kind");                         \
	_Static_assert(((kind) == PAYLOAD_FIRMWARE) ==                       \
			       PAYLOAD_##p##_FIRMWARE,                       \
		       #p ": the payload was not built as CFG_PAYLOAD says");
CFG_PAYLOAD(CHECK_PAYLOAD)

#define CHECK_RAM(p, n, gpa, size, policy)                                    \
	_Static_assert(U64(size) > 0, ROW(p, n) "RAM of no size");            \
	_Static_assert(IS_ALIGNED(gpa, BOARD_PAGE_SIZE) &&                    \
			       IS_ALIGNED(size, BOARD_PAGE_SIZE),             \
		       ROW(p, n) "RAM is not page-aligned");                  \
	_Static_assert((policy) == RAM_LAZY || (policy) == RAM_HUGE,          \
		       ROW(p, n) "unknown RAM policy");                       \
	_Static_assert((policy) != RAM_HUGE ||                                \
			       (IS_ALIGNED(gpa, BOARD_HUGEPAGE_SIZE) &&       \
				IS_ALIGNED(size, BOARD_HUGEPAGE_SIZE)),       \
		       ROW(p, n) "RAM is not aligned to hugepages");          \
	CHECK_IN_IPA(p, n, gpa, size)

#define CHECK_ROM(p, n, gpa, size)                                            \
	_Static_assert(U64(size) > 0, ROW(p, n) "ROM of no size");            \
	_Static_assert(IS_ALIGNED(gpa, BOARD_PAGE_SIZE) &&                    \
			       IS_ALIGNED(size, BOARD_PAGE_SIZE),             \
		       ROW(p, n) "ROM is not page-aligned");                  \
	CHECK_IN_IPA(p, n, gpa, size)

#define CHECK_IN_IPA(p, n, gpa, size)                                         \
	_Static_assert(U64(gpa) < (1ull << BOARD_IPA_BITS) &&                 \
			       U64(size) <= (1ull << BOARD_IPA_BITS) -        \
						    U64(gpa),                 \
		       ROW(p, n) "outside of the board's IPA space");

#define CHECK_SPI(p, n, spi)                                                  \
	_Static_assert((spi) >= 0 && (spi) < CFG_GIC_SPIS,                    \
		       ROW(p, n) "SPI out of range");

#define CHECK_PL011(p, n, gpa, spi)                                           \
	_Static_assert(IS_ALIGNED(gpa, BOARD_PAGE_SIZE),                      \
		       ROW(p, n) "window is not page-aligned");               \
	CHECK_IN_IPA(p, n, gpa, PL011_SIZE)                                   \
	CHECK_SPI(p, n, spi)

/* The whole span of each window, for the buses together. */
#define PCI_SPAN(part) (PCI_BUSES * U64(PCI_##part##_SIZE))

#define CHECK_PCI_WINDOW(p, n, gpa, part)                                     \
	_Static_assert(IS_ALIGNED(gpa, PCI_##part##_SIZE),                    \
		       ROW(p, n) #part " window is not aligned to a bus's "   \
				 "share");                                    \
	CHECK_IN_IPA(p, n, gpa, PCI_SPAN(part))

#define CHECK_PCI(p, n, ecam, io, mem32, mem64, intx)                         \
	CHECK_PCI_WINDOW(p, n, ecam, ECAM)                                    \
	CHECK_PCI_WINDOW(p, n, io, IO)                                        \
	CHECK_PCI_WINDOW(p, n, mem32, MEM32)                                  \
	CHECK_PCI_WINDOW(p, n, mem64, MEM64)                                  \
	_Static_assert(U64(mem32) + PCI_SPAN(MEM32) <= (1ull << 32),          \
		       ROW(p, n) "MEM32 window is not below 4 GiB");          \
	CHECK_SPI(p, n, intx)                                                 \
	CHECK_SPI(p, n, (intx) + PCI_BUSES * PCI_INTX - 1)

#define IS_PCI(transport)                                                     \
	((transport) == VIRTIO_PCI || (transport) == VIRTIO_PCI_TRANSITIONAL)

/* On PCI, gpa is the slot, and the bus decides the SPI. */
#define CHECK_VIRTIO(p, n, gpa, spi, transport)                               \
	_Static_assert((transport) == VIRTIO_MMIO ||                          \
			       (transport) == VIRTIO_MMIO_LEGACY ||           \
			       IS_PCI(transport),                             \
		       ROW(p, n) "unknown transport");                        \
	_Static_assert(IS_PCI(transport) ||                                   \
			       IS_ALIGNED(gpa, VIRTIO_MMIO_SIZE),             \
		       ROW(p, n) "window is not aligned to its size");        \
	_Static_assert(!IS_PCI(transport) ||                                  \
			       ((gpa) >= 1 && (gpa) < PCI_SLOTS),             \
		       ROW(p, n) "PCI slot is not in 1..31");                 \
	_Static_assert(!IS_PCI(transport) || (spi) == 0,                      \
		       ROW(p, n) "on PCI the bus decides the SPI: write 0");  \
	_Static_assert(!IS_PCI(transport) || HAS_PCI,                         \
		       ROW(p, n) "the partition has no row in CFG_PCI");      \
	CHECK_IN_IPA(p, n, gpa, VIRTIO_MMIO_SIZE)                             \
	CHECK_SPI(p, n, spi)

#define CHECK_BLK(p, n, gpa, spi, transport, path, access, queue)             \
	CHECK_VIRTIO(p, n, gpa, spi, transport)                               \
	_Static_assert((access) == BLK_RW || (access) == BLK_RO,              \
		       ROW(p, n) "access is neither BLK_RW nor BLK_RO");      \
	_Static_assert(IS_POWER_OF_2(queue) && (queue) >= 4 &&               \
			       (queue) <= CONFIG_MAX_QUEUE,                   \
		       ROW(p, n) "queue size is not a power of two from 4 "   \
				 "to 128");

#define CHECK_RNG(p, n, gpa, spi, transport) \
	CHECK_VIRTIO(p, n, gpa, spi, transport)

#define CHECK_NET(p, n, gpa, spi, transport, tap, mac, mtu, host)             \
	CHECK_VIRTIO(p, n, gpa, spi, transport)                               \
	_Static_assert(sizeof(tap) > 1 && sizeof(tap) - 1 <= TAP_NAME_MAX,    \
		       ROW(p, n) "tap name is not of 1 to 15 characters");    \
	_Static_assert(U64(mac) != 0 && U64(mac) >> 48 == 0 &&                \
			       (U64(mac) >> 40 & 1) == 0,                     \
		       ROW(p, n) "MAC is no unicast address of 48 bits");     \
	_Static_assert((mtu) >= 68 && (mtu) <= 65521,                         \
		       ROW(p, n) "MTU is not in 68..65521");                  \
	_Static_assert(U64(host) >> 32 <= 30,                                 \
		       ROW(p, n) "host address has no prefix of 0..30 bits");

#define CHECK_VSOCK(p, n, gpa, spi, transport, cid)                           \
	CHECK_VIRTIO(p, n, gpa, spi, transport)                               \
	_Static_assert((cid) >= 3 && U64(cid) < 0xffffffff,                   \
		       ROW(p, n) "cid is not in 3..0xfffffffe");

CFG_RAM(CHECK_RAM)
CFG_PCI(CHECK_PCI)
CFG_ROM(CHECK_ROM)
CFG_PL011(CHECK_PL011)
CFG_PL031(CHECK_PL011)
CFG_VIRTIO_BLK(CHECK_BLK)
CFG_VIRTIO_RNG(CHECK_RNG)
CFG_VIRTIO_NET(CHECK_NET)
CFG_VIRTIO_VSOCK(CHECK_VSOCK)

/* -- Overlaps ------------------------------------------------------------ */

/* Partitions have address spaces and SPIs of their own: key by both. */
#define KEY(p, x) ((U64(partition_##p) << 56) | U64(x))
#define WINDOW_CASE(p, gpa, size) \
	case KEY(p, gpa) ... KEY(p, U64(gpa) + U64(size) - 1):
#define CASE_RAM(p, n, gpa, size, policy) WINDOW_CASE(p, gpa, size)
#define CASE_ROM(p, n, gpa, size) WINDOW_CASE(p, gpa, size)
/* Whole pages: a register page of virtio-mmio would hide what is beside it. */
#define PAGES(size) ALIGN_UP(size, BOARD_PAGE_SIZE)
#define CASE_PL011(p, n, gpa, ...) WINDOW_CASE(p, gpa, PAGES(PL011_SIZE))
#define CASE_PL031(p, n, gpa, ...) WINDOW_CASE(p, gpa, PAGES(PL031_SIZE))
#define CASE_PCI(p, n, ecam, io, mem32, mem64, spi) \
	WINDOW_CASE(p, ecam, PCI_SPAN(ECAM))        \
	WINDOW_CASE(p, io, PCI_SPAN(IO))            \
	WINDOW_CASE(p, mem32, PCI_SPAN(MEM32))      \
	WINDOW_CASE(p, mem64, PCI_SPAN(MEM64))
/* What is not in the address space has a place of its own above it. */
#define ELSEWHERE(x) ((1ull << 52) + 0x1000 * U64(x))
#define CASE_VIRTIO(p, n, gpa, spi, transport, ...)                   \
	WINDOW_CASE(p, IS_PCI(transport) ? ELSEWHERE(gpa) : U64(gpa), \
		    VIRTIO_MMIO_SIZE)

#define CASE_GICV2(p, ...)                                                  \
	WINDOW_CASE(p, CFG_GIC_DIST, GIC_DIST_SIZE)                         \
	WINDOW_CASE(p, CFG_GIC_CPU, GICV2_CPU_SIZE)                         \
	WINDOW_CASE(p, HAS_GICV2M ? U64(CFG_GICV2M) : ELSEWHERE(PCI_SLOTS), \
		    GICV2M_SIZE)
#define CASE_GICV3(p, ...)                                \
	WINDOW_CASE(p, CFG_GIC_DIST, GIC_DIST_SIZE)       \
	WINDOW_CASE(p, CFG_GIC_REDIST, GIC_REDIST_SIZE)   \
	WINDOW_CASE(p, CFG_GIC_ITS, GIC_ITS_SIZE)
#define GLUE(a, b) a##b
#define CASE_GIC_OF(version) GLUE(CASE_GICV, version)

__attribute__((unused)) static void windows_do_not_overlap(uint64_t key)
{
	switch (key) {
		CFG_PARTITIONS(CASE_GIC_OF(CFG_GIC_VERSION))
		CFG_RAM(CASE_RAM)
		CFG_PCI(CASE_PCI)
		CFG_ROM(CASE_ROM)
		CFG_PL011(CASE_PL011)
		CFG_PL031(CASE_PL031)
		CFG_VIRTIO_BLK(CASE_VIRTIO)
		CFG_VIRTIO_RNG(CASE_VIRTIO)
		CFG_VIRTIO_NET(CASE_VIRTIO)
		CFG_VIRTIO_VSOCK(CASE_VIRTIO)
	default:
		break;
	}
}

#define CASE_SPI(p, n, gpa, spi, ...) case KEY(p, spi):
#define CASE_PCI_SPIS(p, n, ecam, io, mem32, mem64, spi) \
	case KEY(p, spi) ... KEY(p, (spi) + PCI_BUSES * PCI_INTX - 1):
#define CASE_VIRTIO_SPI(p, n, gpa, spi, transport, ...) \
	case KEY(p, IS_PCI(transport) ? ELSEWHERE(gpa) : U64(spi)):
#define GICV2M_FIRST (HAS_GICV2M ? U64(CFG_GICV2M_SPI) : ELSEWHERE(0))
#define GICV2M_MORE (HAS_GICV2M ? U64(CFG_GICV2M_SPIS) - 1 : 0)
#define CASE_GICV2M_SPIS(p, ...) \
	case KEY(p, GICV2M_FIRST) ... KEY(p, GICV2M_FIRST + GICV2M_MORE):

__attribute__((unused)) static void spis_are_used_once(uint64_t key)
{
	switch (key) {
		CFG_PARTITIONS(CASE_GICV2M_SPIS)
		CFG_PCI(CASE_PCI_SPIS)
		CFG_PL011(CASE_SPI)
		CFG_PL031(CASE_SPI)
		CFG_VIRTIO_BLK(CASE_VIRTIO_SPI)
		CFG_VIRTIO_RNG(CASE_VIRTIO_SPI)
		CFG_VIRTIO_NET(CASE_VIRTIO_SPI)
		CFG_VIRTIO_VSOCK(CASE_VIRTIO_SPI)
	default:
		break;
	}
}

/* -- Tables -------------------------------------------------------------- */

const char config_name[] = CFG_NAME;

const struct config_board config_board = {
	.name = BOARD_NAME,
	.ipa_bits = BOARD_IPA_BITS,
	.page_size = BOARD_PAGE_SIZE,
	.hugepage_size = BOARD_HUGEPAGE_SIZE,
	.console = BOARD_CONSOLE,
	.failure_action = CFG_FAILURE_ACTION,
	.quit_key = CFG_QUIT_KEY,
};

#define RAM_ROW(p, n, base, bytes, how) \
	{ .gpa = (base), .size = (bytes), .policy = (how) },
#define PCI_ROW(p, n, ecam, io, mem32, mem64, spi) \
	(ecam), (io), (mem32), (mem64), (spi),
#define QUEUE_SUM(p, n, gpa, spi, transport, path, access, queue) +(queue)

_Static_assert(0 CFG_RAM(COUNT) <= CONFIG_MAX_RAM, "CFG_RAM: too many rows");
_Static_assert(0 CFG_PCI(COUNT) <= 1, "CFG_PCI: more than one row");
_Static_assert(0 CFG_ROM(COUNT) <= 1, "CFG_ROM: more than one row");
_Static_assert(0 CFG_PL011(COUNT) <= CONFIG_MAX_PL011,
	       "CFG_PL011: too many rows");
_Static_assert(0 CFG_PL031(COUNT) <= 1, "CFG_PL031: more than one row");
_Static_assert(0 CFG_VIRTIO_BLK(COUNT) <= CONFIG_MAX_BLK,
	       "CFG_VIRTIO_BLK: too many rows");
_Static_assert(0 CFG_VIRTIO_BLK(QUEUE_SUM) <= CONFIG_MAX_INFLIGHT,
	       "CFG_VIRTIO_BLK: the sum of queue sizes is too large");
_Static_assert(0 CFG_VIRTIO_RNG(COUNT) <= 1,
	       "CFG_VIRTIO_RNG: more than one row");
_Static_assert(0 CFG_VIRTIO_NET(COUNT) <= CONFIG_MAX_NET,
	       "CFG_VIRTIO_NET: too many rows");
_Static_assert(0 CFG_VIRTIO_VSOCK(COUNT) <= 1,
	       "CFG_VIRTIO_VSOCK: more than one row");
_Static_assert(0 CFG_VIRTIO_BLK(COUNT) CFG_VIRTIO_RNG(COUNT)
			       CFG_VIRTIO_NET(COUNT) CFG_VIRTIO_VSOCK(COUNT) <=
		       CONFIG_MAX_VIRTIO,
	       "CFG_VIRTIO_*: too many rows together");

#define PARTITION_ROW(p, host_cpu, fifo, features)                  \
	{                                                           \
		.name = #p,                                         \
		.cpu = (host_cpu),                                  \
		.fifo_priority = (fifo),                            \
		.cpu_features = (features),                         \
		.max_restarts = CFG_RESTARTS,                       \
		.backoff_ms = CFG_BACKOFF_MS,                       \
		.gic = {                                            \
			.version = CFG_GIC_VERSION,                 \
			.spis = CFG_GIC_SPIS,                       \
			.dist_gpa = CFG_GIC_DIST,                   \
			.redist_gpa = CFG_GIC_VERSION == GIC_V3 ?   \
					      CFG_GIC_REDIST :      \
					      CFG_GIC_CPU,          \
			.its_gpa = BOARD_HAS_ITS ? CFG_GIC_ITS : 0, \
			.v2m_gpa = HAS_GICV2M ? CFG_GICV2M : 0,     \
			.v2m_spi = CFG_GICV2M_SPI,                  \
			.v2m_spis = CFG_GICV2M_SPIS,                \
		},                                                  \
		.pci = { CFG_PCI(PCI_ROW) },                        \
		.ram = { CFG_RAM(RAM_ROW) },                        \
		.ram_count = 0 CFG_RAM(COUNT),                      \
		.rom = {                                            \
			.gpa = layout_##p##_rom_gpa,                \
			.size = layout_##p##_rom_size,              \
		},                                                  \
		.image = {                                          \
			.data = payload_##p##_image,                \
			.size = PAYLOAD_##p##_IMAGE_BYTES,          \
			.gpa = layout_##p##_image,                  \
		},                                                  \
		.initrd = {                                         \
			.data = payload_##p##_initrd,               \
			.size = PAYLOAD_##p##_INITRD_BYTES,         \
			.gpa = layout_##p##_initrd,                 \
		},                                                  \
		.cmdline = PAYLOAD_##p##_CMDLINE,                   \
		.entry_gpa = layout_##p##_image,                    \
		.fdt_gpa = layout_##p##_fdt,                        \
		.fdt_size = FDT_SIZE,                               \
	},

const struct config_partition config_partitions[] = {
	CFG_PARTITIONS(PARTITION_ROW)
};
const unsigned config_partition_count = partition_count;

#define DEVICE_COMMON(p, n, base, bytes, irq, k)                              \
	.name = #n, .gpa = (base), .size = (bytes),                           \
	.partition = partition_##p, .spi = (irq), .kind = (k)
#define PL011_ROW(p, n, gpa, spi) \
	{ DEVICE_COMMON(p, n, gpa, PL011_SIZE, spi, DEVICE_PL011) },
#define PL031_ROW(p, n, gpa, spi) \
	{ DEVICE_COMMON(p, n, gpa, PL031_SIZE, spi, DEVICE_PL031) },
#define BLK_ROW(p, n, gpa, spi, trans, file, acc, queue)                      \
	{ DEVICE_COMMON(p, n, gpa, VIRTIO_MMIO_SIZE, spi, DEVICE_VIRTIO_BLK), \
	  .transport = (trans), .path = (file), .access = (acc),              \
	  .queue_size = (queue) },
#define RNG_ROW(p, n, gpa, spi, trans)                                        \
	{ DEVICE_COMMON(p, n, gpa, VIRTIO_MMIO_SIZE, spi, DEVICE_VIRTIO_RNG), \
	  .transport = (trans), .queue_size = 16 },

#define NET_ROW(p, n, gpa, spi, trans, tap, address, bytes, host)             \
	{ DEVICE_COMMON(p, n, gpa, VIRTIO_MMIO_SIZE, spi, DEVICE_VIRTIO_NET), \
	  .transport = (trans), .path = (tap), .mac = (address),              \
	  .mtu = (bytes), .host_ipv4 = (uint32_t)(host),                      \
	  .host_prefix = U64(host) >> 32 },
#define VSOCK_ROW(p, n, gpa, spi, trans, id)                                  \
	{ DEVICE_COMMON(p, n, gpa, VIRTIO_MMIO_SIZE, spi,                     \
			DEVICE_VIRTIO_VSOCK),                                 \
	  .transport = (trans), .cid = (id) },

const struct config_device config_devices[] = {
	CFG_PL011(PL011_ROW)
	CFG_PL031(PL031_ROW)
	CFG_VIRTIO_BLK(BLK_ROW)
	CFG_VIRTIO_RNG(RNG_ROW)
	CFG_VIRTIO_NET(NET_ROW)
	CFG_VIRTIO_VSOCK(VSOCK_ROW)
};
const unsigned config_device_count =
	sizeof(config_devices) / sizeof(config_devices[0]);
