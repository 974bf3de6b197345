/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The config's rows, each expanded three times: into a table entry here; into
 * _Static_asserts that name the row, and into a case of a switch that nobody
 * calls, in config_rules.inc. CONFIG_HEADER is the config that the Makefile
 * builds.
 */
#include "core/config.h"

#include CONFIG_HEADER
#include "payload.h"

#define KIB64 0x10000
#define PL011_SIZE 0x1000
#define PL031_SIZE 0x1000
#define VIRTIO_MMIO_SIZE 0x200
#define STATUS_SIZE 0x1000
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
#define GLUE(a, b) a##b
#define GLUED(a, b) GLUE(a, b)
/* Of a partition, which "self" says: see CHECK_OWN(). */
#define IS_OWN(p) ((int)partition_##p == (int)self)
#define OWN(p, ...) +IS_OWN(p)

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
	CFG_PCI_HOST(ENTRY)
	CFG_ROM(ENTRY)
	CFG_PL011(ENTRY)
	CFG_PL031(ENTRY)
	CFG_VIRTIO_BLK(ENTRY)
	CFG_VIRTIO_RNG(ENTRY)
	CFG_VIRTIO_NET(ENTRY)
	CFG_VIRTIO_VSOCK(ENTRY)
	CFG_VIRTIO_CONSOLE(ENTRY)
	CFG_SHMEM(ENTRY)
	CFG_SHARED(ENTRY)
	CFG_VFIO_PCI(ENTRY)
	CFG_VFIO_PLATFORM(ENTRY)
	CFG_STATUS(ENTRY)
#undef ENTRY
};

enum memory_id {
#define ENTRY(m, ...) memory_##m,
	CFG_MEMORY(ENTRY)
#undef ENTRY
	memory_count,
};

/*
 * A disk is one partition's, a terminal one row's, and a partition has one row
 * that says how it is restarted. Here the name of each makes a declaration; a
 * second one is in conflict with it.
 */
#define BOARD_DISK(n) the_disk_##n
#define HOST_FILE(path) GLUED(host_file_, __COUNTER__)
#define ENTRY(p, n, gpa, spi, transport, path, ...) \
	extern const char path[1 + partition_##p];
CFG_VIRTIO_BLK(ENTRY)
#undef ENTRY
#undef BOARD_DISK
#undef HOST_FILE
#define BOARD_TTY(n) the_terminal_##n,
#define CONSOLE the_console,
#define NO_TERMINAL
#define HOST_FILE(path)
enum given_once {
#define ENTRY(p, n, gpa, spi, transport, path) path
	CFG_VIRTIO_CONSOLE(ENTRY)
#undef ENTRY
#define ENTRY(p, n, gpa, spi, terminal) terminal
	CFG_PL011(ENTRY)
#undef ENTRY
#define ENTRY(p, ...) the_policy_of_##p,
	CFG_POLICY(ENTRY)
#undef ENTRY
#define ENTRY(p, ...) how_critical_##p,
	CFG_CRITICAL(ENTRY)
#undef ENTRY
	given_once_end
};
#undef BOARD_TTY
#undef CONSOLE
#undef NO_TERMINAL
#undef HOST_FILE

/* Board devices: a config that names another does not compile. */
#define ENTRY(n, path) \
	__attribute__((unused)) static const char board_has_disk_##n[] = path;
BOARD_DISKS(ENTRY)
#undef ENTRY
#define ENTRY(n, path) \
	__attribute__((unused)) static const char board_has_tty_##n[] = path;
BOARD_TTYS(ENTRY)
#undef ENTRY
/* Each is one partition's at most: its name is a case value, too. */
#define ENTRY(n, ...) board_pci_id_##n,
enum board_pci_id { BOARD_PCI_FUNCTIONS(ENTRY) board_pci_count };
#undef ENTRY
#define ENTRY(n, address, vendor_id, device_id, b0, b1, b2, b3, b4, b5, msix)  \
	__attribute__((unused)) static const struct config_pci_function        \
		board_pci_##n = { (address), (vendor_id), (device_id),         \
				  { (b0), (b1), (b2), (b3), (b4), (b5) },      \
				  (msix) };
BOARD_PCI_FUNCTIONS(ENTRY)
#undef ENTRY
/* Platform devices, their regions and lines, by name and index. */
#define ENTRY(n, ...) board_soc_id_##n,
enum board_soc_id { BOARD_SOC_DEVICES(ENTRY) board_soc_count };
#undef ENTRY
#define ENTRY(n, bus_name, host_name, region_count, line_count, has_dma)     \
	__attribute__((unused)) static const struct config_soc_device        \
		board_soc_##n = { (bus_name), (host_name), board_soc_id_##n, \
				  (region_count), (line_count), (has_dma) };
BOARD_SOC_DEVICES(ENTRY)
#undef ENTRY
enum board_soc_facts {
#define ENTRY(n, i, address, size) board_soc_size_##n##_##i = U64(size),
	BOARD_SOC_REGIONS(ENTRY)
#undef ENTRY
#define ENTRY(n, i, spi, trigger) board_soc_trigger_##n##_##i = (trigger),
	BOARD_SOC_LINES(ENTRY)
#undef ENTRY
#define ENTRY(n, bus, host, regions, lines, dma)                 \
	board_soc_regions_##n = (regions),                       \
	board_soc_lines_##n = (lines), board_soc_dma_##n = (dma),
	BOARD_SOC_DEVICES(ENTRY)
#undef ENTRY
	board_soc_facts_end
};
#define SOC_SIZE(n, i) U64(board_soc_size_##n##_##i)
#define BOARD_TTY(n) board_has_tty_##n
#define BOARD_DISK(n) board_has_disk_##n
#define HOST_FILE(path) path
/* Of a UART: PID 1's, or standard input and output; nobody listens. */
#define CONSOLE ""
#define NO_TERMINAL NULL
/* The address of the host's end of a network, and its prefix's length. */
#define HOST_IPV4(a, b, c, d, prefix) \
	(U64(prefix) << 32 | U64(a) << 24 | U64(b) << 16 | U64(c) << 8 | U64(d))
#define HOST_NO_ADDRESS 0
#define TAP_NAME_MAX 15

/* -- Facts of a partition's layout, as constants ------------------------- */

/*
 * An Image says how much memory it needs: initrd and FDT follow it. A flat
 * binary does not: they go to the end of RAM, out of its way. Firmware finds
 * the FDT at the start of RAM, as on QEMU's virt board; where it lies itself
 * its ROM says.
 */
#define BY_KIND(p, flat, firmware, image) \
	(PAYLOAD_##p##_FLAT ? (flat) :    \
	 PAYLOAD_##p##_FIRMWARE ? (firmware) : (image))

enum layout {
#define ENTRY(p, n, gpa, size, policy)             \
	layout_##p##_##n##_gpa = U64(gpa),         \
	layout_##p##_##n##_end = U64(gpa) + U64(size),
	CFG_RAM(ENTRY)
#undef ENTRY
#define ENTRY(p, ...)                                                         \
	layout_##p##_image = BY_KIND(p, U64(PAYLOAD_##p##_OFFSET), U64(0),    \
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

#include "core/config_rules.inc"

/* -- Tables -------------------------------------------------------------- */

const char config_name[] = CFG_NAME;

const struct config_board config_board = {
	.name = BOARD_NAME,
	.ipa_bits = BOARD_IPA_BITS,
	.page_size = BOARD_PAGE_SIZE,
	.hugepage_size = BOARD_HUGEPAGE_SIZE,
	.ram_gpa = BOARD_RAM_GPA,
	.ram_bytes = BOARD_RAM_BYTES,
	.payload_gpa = BOARD_PAYLOAD_GPA,
	.log_bytes = BOARD_LOG_BYTES,
	.console = BOARD_CONSOLE,
	.flash_disk = BOARD_FLASH_DISK,
	.quit_key = CFG_QUIT_KEY,
	.status_key = CFG_STATUS_KEY,
	.watchdog_seconds = CFG_WATCHDOG_SECONDS,
	.reset_ms = CFG_RESET_MS,
	.iommufd = BOARD_IOMMUFD,
	.unsafe_dma = BOARD_UNSAFE_DMA,
};

/* The bank with the name "ram" is the first. */
#define RAM_ROW(p, n, base, bytes, how)                                  \
	[partition_##p].ram[U64(base) != layout_##p##_ram_gpa] = {       \
		.gpa = (base), .size = (bytes), .policy = (how)          \
	},
#define PCI_WINDOWS(ecam, io, mem32, mem64, spi) \
	{ (ecam), (io), (mem32), (mem64), (spi) }
#define PCI_ROW(p, n, ...) [partition_##p].pci = PCI_WINDOWS(__VA_ARGS__),
#define PCI_HOST_ROW(p, n, ...) \
	[partition_##p].pci_host = PCI_WINDOWS(__VA_ARGS__),
/* Firmware is where its ROM is. */
#define ROM_ROW(p, n, base, bytes)                                       \
	[partition_##p].rom = { .gpa = (base), .size = (bytes) },        \
	[partition_##p].image.gpa = (base),                              \
	[partition_##p].entry_gpa = (base),
#define POLICY_ROW(p, restarts, backoff, action)                         \
	[partition_##p].max_restarts = (restarts),                       \
	[partition_##p].backoff_ms = (backoff),                          \
	[partition_##p].failure_action = (action),
#define CRITICAL_ROW(p, milliseconds) \
	[partition_##p].answer_ms = (milliseconds),
#define PARTITION_ROW(p, host_cpu, fifo, features)                  \
	[partition_##p] = {                                         \
		.name = #p,                                         \
		.cpu = (host_cpu),                                  \
		.fifo_priority = (fifo),                            \
		.cpu_features = (features),                         \
		.max_restarts = CFG_RESTARTS,                       \
		.backoff_ms = CFG_BACKOFF_MS,                       \
		.failure_action = CFG_FAILURE_ACTION,               \
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
		.soc_dt = {                                         \
			.data = payload_##p##_dt,                   \
			.size = PAYLOAD_##p##_DT_BYTES,             \
		},                                                  \
		.cmdline = PAYLOAD_##p##_CMDLINE,                   \
		.entry_gpa = layout_##p##_image,                    \
		.fdt_gpa = layout_##p##_fdt,                        \
		.fdt_size = FDT_SIZE,                               \
	},

/* Rows of other tables say more of a partition, or something else. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
const struct config_partition config_partitions[] = {
	CFG_PARTITIONS(PARTITION_ROW)
	CFG_RAM(RAM_ROW)
	CFG_PCI(PCI_ROW)
	CFG_PCI_HOST(PCI_HOST_ROW)
	CFG_ROM(ROM_ROW)
	CFG_POLICY(POLICY_ROW)
	CFG_CRITICAL(CRITICAL_ROW)
};
#pragma GCC diagnostic pop
const unsigned config_partition_count = partition_count;

#define DEVICE_COMMON(p, n, base, bytes, irq, k)                              \
	.name = #n, .gpa = (base), .size = (bytes),                           \
	.partition = partition_##p, .spi = (irq), .kind = (k)
#define PL011_ROW(p, n, gpa, spi, terminal)                      \
	{ DEVICE_COMMON(p, n, gpa, PL011_SIZE, spi, DEVICE_PL011), \
	  .path = (terminal) },
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
#define CONSOLE_ROW(p, n, gpa, spi, trans, terminal)                          \
	{ DEVICE_COMMON(p, n, gpa, VIRTIO_MMIO_SIZE, spi,                     \
			DEVICE_VIRTIO_CONSOLE),                               \
	  .transport = (trans), .path = (terminal) },

#define SHMEM_ROW(p, n, slot, file, bytes, number, all, bells)         \
	{ DEVICE_COMMON(p, n, slot, bytes, 0, DEVICE_SHMEM),           \
	  .path = (file), .peer = (number), .peers = (all),            \
	  .vectors = (bells) },
/* shmem.c counts the peers. */
#define SHARED_ROW(p, n, slot, which, number)                               \
	{ DEVICE_COMMON(p, n, slot, memory_bytes_##which, 0, DEVICE_SHMEM), \
	  .path = #which, .memory = 1 + memory_##which, .peer = (number),   \
	  .vectors = memory_vectors_##which },
#define VFIO_PCI_ROW(p, n, slot, which)                     \
	{ DEVICE_COMMON(p, n, slot, 0, 0, DEVICE_VFIO_PCI), \
	  .function = &GLUE(board_pci_, which) },
#define VFIO_PLATFORM_ROW(p, n, node)                            \
	{ DEVICE_COMMON(p, n, 0, 0, 0, DEVICE_VFIO_PLATFORM),    \
	  .soc = &board_soc_##n },

#define STATUS_ROW(p, n, gpa) \
	{ DEVICE_COMMON(p, n, gpa, STATUS_SIZE, 0, DEVICE_STATUS) },

const struct config_device config_devices[] = {
	CFG_PL011(PL011_ROW)
	CFG_PL031(PL031_ROW)
	CFG_VIRTIO_BLK(BLK_ROW)
	CFG_VIRTIO_RNG(RNG_ROW)
	CFG_VIRTIO_NET(NET_ROW)
	CFG_VIRTIO_VSOCK(VSOCK_ROW)
	CFG_VIRTIO_CONSOLE(CONSOLE_ROW)
	CFG_SHMEM(SHMEM_ROW)
	CFG_SHARED(SHARED_ROW)
	CFG_VFIO_PCI(VFIO_PCI_ROW)
	CFG_VFIO_PLATFORM(VFIO_PLATFORM_ROW)
	CFG_STATUS(STATUS_ROW)
};
const unsigned config_device_count =
	sizeof(config_devices) / sizeof(config_devices[0]);

#define BRIDGE_ROW(p, n, name) \
	{ .partition = partition_##p, .device = #n, .bridge = (name) },
const struct config_bridge config_bridges[] = { CFG_BRIDGE(BRIDGE_ROW) };
const unsigned config_bridge_count =
	sizeof(config_bridges) / sizeof(config_bridges[0]);

#define MEMORY_ROW(m, bytes, vectors) [memory_##m] = (bytes),
const uint64_t config_memories[] = { CFG_MEMORY(MEMORY_ROW) };
const unsigned config_memory_count = memory_count;

#define REGION_ROW(p, n, i, base) \
	{ .gpa = (base), .size = SOC_SIZE(n, i), \
	  .soc = board_soc_id_##n, .index = (i) },
#define LINE_ROW(p, n, i, irq)                                  \
	{ .spi = (irq), .soc = board_soc_id_##n, .index = (i),  \
	  .trigger = board_soc_trigger_##n##_##i },
#define QUIESCE_ROW(n, i, at, bytes, what)                      \
	{ .offset = (at), .value = (what),                      \
	  .soc = board_soc_id_##n, .region = (i), .size = (bytes) },

const struct config_soc_region config_soc_regions[] = {
	CFG_VFIO_REGION(REGION_ROW)
};
const unsigned config_soc_region_count =
	sizeof(config_soc_regions) / sizeof(config_soc_regions[0]);
const struct config_soc_line config_soc_lines[] = {
	CFG_VFIO_LINE(LINE_ROW)
};
const unsigned config_soc_line_count =
	sizeof(config_soc_lines) / sizeof(config_soc_lines[0]);
const struct config_soc_write config_soc_quiesce[] = {
	BOARD_SOC_QUIESCE(QUIESCE_ROW)
};
const unsigned config_soc_quiesce_count =
	sizeof(config_soc_quiesce) / sizeof(config_soc_quiesce[0]);
