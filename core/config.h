/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was fixed when this binary was compiled: the board's facts (board/) and
 * the config's decisions (configs/), as const tables. Only core/config.c
 * includes those headers, so every other object is the same for all configs.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Limits of the tables; core/config.c asserts that a config keeps them. */
#define CONFIG_MAX_PARTITIONS 8
#define CONFIG_MAX_IDENTITY_PAGES 512 /* hugepages that are looked at */
#define CONFIG_MAX_RAM 2
#define CONFIG_MAX_PL011 2
#define CONFIG_MAX_BLK 4
#define CONFIG_MAX_NET 2
#define CONFIG_MAX_CONSOLE 2
#define CONFIG_MAX_SHMEM 2
#define CONFIG_MAX_PEERS 4 /* that share one memory */
#define CONFIG_MAX_MEMORIES 4 /* that PID 1 makes for that */
/* Of all kinds, with an rng and a vsock. */
#define CONFIG_MAX_VIRTIO \
	(CONFIG_MAX_BLK + CONFIG_MAX_NET + CONFIG_MAX_CONSOLE + 2)
#define CONFIG_MAX_VECTORS 4 /* MSI-X, of one emulated function */
#define CONFIG_MAX_VFIO_PCI 4 /* functions of the host */
#define CONFIG_MAX_VFIO_VECTORS 32 /* MSI or MSI-X, of each of them */
#define CONFIG_MAX_VFIO_AREAS 16 /* of registers that it has mapped */
#define CONFIG_MAX_VFIO_PLATFORM 8 /* platform devices of the host, */
#define CONFIG_MAX_VFIO_REGIONS 16 /* with registers, of all of them, */
#define CONFIG_MAX_VFIO_LINES 16 /* and wired interrupts */
/* Eventfds that raise interrupts. */
#define CONFIG_MAX_BINDINGS                                   \
	(32 + CONFIG_MAX_VFIO_PCI * CONFIG_MAX_VFIO_VECTORS + \
	 CONFIG_MAX_VFIO_LINES)
/* Memory that is shown to the guest, and hidden again. */
#define CONFIG_MAX_MEM_WINDOWS                                            \
	(CONFIG_MAX_SHMEM + CONFIG_MAX_VFIO_PCI * CONFIG_MAX_VFIO_AREAS + \
	 CONFIG_MAX_VFIO_REGIONS)
#define CONFIG_MAX_QUEUE 128
/* Of all disks together; the event loop relies on it (core/loop.c). */
#define CONFIG_MAX_INFLIGHT 240

/* The first SPI's intid; configs count SPIs from 0, as device trees do. */
#define GIC_SPI_BASE 32

enum gic_version {
	GIC_V2 = 2,
	GIC_V3 = 3,
};

/* Guest CPU features, given to the guest where the host has them. */
#define CPU_PMU 0x1u
#define CPU_PTRAUTH 0x2u
#define CPU_SVE 0x4u

enum ram_policy {
	/* Pages on first touch, transparent hugepages if the host has them. */
	RAM_LAZY,
	/* The board's hugepages, all present and locked before the first
	 * guest instruction; start-up fails if the host is one short. */
	RAM_HUGE,
	/* The same, where the host has it: guest physical addresses are the
	 * host's, found at start-up. The config's count from the gpa that it
	 * names. */
	RAM_IDENTITY,
	/* The same, but at the host's addresses that the config names. */
	RAM_CARVEOUT,
};

enum payload_kind {
	PAYLOAD_IMAGE, /* Linux (Documentation/arch/arm64/booting.rst) */
	PAYLOAD_FLAT, /* bytes loaded and entered at one address */
	PAYLOAD_FIRMWARE, /* bytes entered where they lie, in ROM */
};

/* What follows a partition's last restart, for the board or for it alone. */
enum failure_action {
	FAIL_HALT,
	FAIL_REBOOT,
	FAIL_POWEROFF,
	FAIL_STOP, /* the partition stays down, the others run on */
};

enum device_kind {
	DEVICE_PL011,
	DEVICE_PL031,
	DEVICE_VIRTIO_BLK,
	DEVICE_VIRTIO_RNG,
	DEVICE_VIRTIO_NET,
	DEVICE_VIRTIO_VSOCK,
	DEVICE_VIRTIO_CONSOLE,
	DEVICE_SHMEM,
	DEVICE_VFIO_PCI,
	DEVICE_VFIO_PLATFORM,
	DEVICE_STATUS,
};

/* Whether a device of the host reaches memory by itself. */
enum soc_dma {
	SOC_NO_DMA,
	SOC_DMA,
};

/* In the place of a stream id: what no IOMMU isolates. */
enum soc_stream {
	SOC_NO_IOMMU = -1,
};

/* How a wired interrupt signals. */
enum soc_trigger {
	SOC_EDGE_RISING,
	SOC_LEVEL_HIGH,
};

enum virtio_transport {
	VIRTIO_MMIO, /* version 2 of virtio 1.2 section 4.2 */
	VIRTIO_MMIO_LEGACY, /* version 1 of section 4.2.4 */
	VIRTIO_PCI, /* section 4.1 */
	VIRTIO_PCI_TRANSITIONAL, /* the same, and section 4.1.4.10 */
};

enum blk_access {
	BLK_RW,
	BLK_RO,
};

/* A contiguous range of guest RAM, in guest physical bytes. */
struct config_ram {
	uint64_t gpa;
	uint64_t size;
	enum ram_policy policy;
};

/* What the guest cannot write: its firmware, and zeros behind it. */
struct config_rom {
	uint64_t gpa;
	uint64_t size; /* 0: none */
};

/*
 * Bytes of this binary that are at gpa when the guest starts: a copy in RAM,
 * or, on pages of their own, the firmware itself in ROM.
 */
struct config_blob {
	const void *data;
	uint64_t size;
	uint64_t gpa;
};

/* What the board says of a PCI function of the host. */
struct config_pci_function {
	const char *host; /* its address there: domain:bus:device.function */
	uint16_t vendor;
	uint16_t device;
	uint64_t bars[6]; /* bytes; 0: none, or the upper half of the last */
	uint16_t vectors; /* of MSI-X */
};

/* What the board says of a platform or AMBA device of the host. */
struct config_soc_device {
	const char *bus; /* "platform" or "amba" */
	const char *host; /* its name there */
	uint8_t id; /* in the tables below */
	uint8_t regions;
	uint8_t lines;
	uint8_t dma; /* enum soc_dma */
};

/* One row of a device table; fields that a kind does not have are 0. */
struct config_device {
	const char *name;
	uint64_t gpa; /* on a PCI bus: the slot */
	uint64_t size;
	uint16_t partition;
	uint16_t spi;
	uint16_t queue_size;
	uint8_t kind;
	uint8_t transport;
	uint8_t access;
	uint8_t peer; /* our number among the peers of a shared memory */
	uint8_t peers;
	uint8_t vectors; /* doorbells of each peer; 0: none */
	uint8_t memory; /* of CFG_MEMORY, from 1; 0: the file at path */
	uint8_t host_prefix; /* bits of the network's part of host_ipv4 */
	uint16_t mtu; /* bytes */
	uint32_t host_ipv4; /* of the host's end; 0: not set */
	uint32_t cid; /* of the guest, as its vsock has it */
	uint64_t mac; /* of the guest; 48 bits */
	/*
	 * Of the host file, disk or terminal, or the tap; "" is the console,
	 * NULL nothing.
	 */
	const char *path;
	const struct config_pci_function *function;
	const struct config_soc_device *soc;
};

/* Registers of a platform device, and where its guest has them. */
struct config_soc_region {
	uint64_t gpa;
	uint64_t size;
	uint8_t soc;
	uint8_t index;
};

/* A wired interrupt of a platform device, and the guest's SPI. */
struct config_soc_line {
	uint16_t spi;
	uint8_t soc;
	uint8_t index;
	uint8_t trigger; /* enum soc_trigger */
};

/* What makes a platform device quiet: no interrupt, no DMA. */
struct config_soc_write {
	uint64_t offset;
	uint64_t value;
	uint8_t soc;
	uint8_t region;
	uint8_t size; /* 1, 2, 4 or 8 bytes */
};

struct config_gic {
	uint8_t version;
	uint16_t spis; /* how many the guest has, a multiple of 32 */
	uint64_t dist_gpa;
	uint64_t redist_gpa; /* GICv3 redistributor, GICv2 cpu interface */
	uint64_t its_gpa; /* 0: none */
	uint64_t v2m_gpa; /* GICv2m frame; 0: none */
	uint16_t v2m_spi; /* the first that messages can raise, */
	uint16_t v2m_spis; /* and how many */
};

/*
 * The PCI buses of a partition. Each of the first two has its share of each
 * window of CFG_PCI; that of the host's functions has windows of its own.
 */
#define PCI_BUSES 2
#define PCI_BUS_EMULATED 0
#define PCI_BUS_VIRTIO 1
#define PCI_BUS_HOST 2
#define PCI_BUS_COUNT 3
#define PCI_SLOTS 32
#define PCI_HOST_SLOTS 4 /* as many as there are INTx lines */
#define PCI_ECAM_SIZE 0x100000 /* of a bus */
#define PCI_IO_SIZE 0x10000
#define PCI_MEM32_SIZE 0x200000
#define PCI_HOST_MEM32_SIZE 0x10000000
#define PCI_MEM64_SIZE 0x800000000
#define PCI_INTX 4 /* lines, and SPIs, of a bus */

/*
 * PL031, ROM, GICv2m frame, status page; ECAM and three apertures for each PCI
 * bus.
 */
#define CONFIG_MAX_WINDOWS                                              \
	(CONFIG_MAX_VIRTIO + CONFIG_MAX_PL011 + 4 + 4 * PCI_BUS_COUNT + \
	 CONFIG_MAX_VFIO_REGIONS)

struct config_pci {
	uint64_t ecam_gpa; /* 0: no PCI */
	uint64_t io_gpa;
	uint64_t mem32_gpa; /* below 4 GiB */
	uint64_t mem64_gpa;
	uint16_t spi; /* INTA of bus 0 */
};

struct config_partition {
	const char *name;
	unsigned cpu; /* of the host, that its thread is pinned to */
	int fifo_priority; /* SCHED_FIFO; 0: the normal class */
	unsigned cpu_features;
	unsigned max_restarts; /* in a row, before the failure action */
	unsigned backoff_ms; /* before the first restart, then doubled */
	enum failure_action failure_action;
	unsigned answer_ms; /* of a critical one, at most; 0: not critical */
	struct config_gic gic;
	struct config_pci pci;
	struct config_pci pci_host; /* of the host's functions */
	struct config_ram ram[CONFIG_MAX_RAM]; /* of size 0: no such bank */
	struct config_rom rom;
	struct config_blob image;
	struct config_blob initrd;
	struct config_blob soc_dt; /* nodes for the guest's tree; gpa 0 */
	const char *cmdline;
	uint64_t entry_gpa;
	uint64_t fdt_gpa;
	uint64_t fdt_size; /* room for the tree, in bytes */
};

struct config_board {
	const char *name;
	unsigned ipa_bits;
	uint64_t page_size;
	uint64_t hugepage_size;
	uint64_t ram_gpa; /* where the host's RAM is, if a config needs it */
	uint64_t ram_bytes;
	uint64_t payload_gpa; /* in RAM, where this binary has none; or 0 */
	uint64_t log_bytes; /* reserved for the log of before a reset; or 0 */
	const char *console; /* host device of PID 1's console */
	const char *flash_disk; /* host device with slots (boot/slot.h), NULL */
	int quit_key; /* ends an ordinary process from its terminal; 0: none */
	int status_key; /* on the console: a line on each partition; 0: none */
	unsigned watchdog_seconds; /* of the board's watchdog; 0: not used */
	unsigned reset_ms; /* in which a guest's reset is a failure */
	int iommufd; /* VFIO devices by iommufd, not by container and group */
	int unsafe_dma; /* devices that no IOMMU isolates may be given away */
};

extern const char config_name[];
extern const struct config_board config_board;
extern const struct config_partition config_partitions[];
extern const unsigned config_partition_count;
extern const struct config_device config_devices[];
extern const unsigned config_device_count;
/* A network of a partition, and the host's bridge that it is a port of. */
struct config_bridge {
	const char *device;
	const char *bridge;
	unsigned partition;
};

extern const struct config_bridge config_bridges[];
extern const unsigned config_bridge_count;
/* Bytes of the memories that partitions share. */
extern const uint64_t config_memories[];
extern const unsigned config_memory_count;
/* Ordered by config row, or board row; of all partitions. */
extern const struct config_soc_region config_soc_regions[];
extern const unsigned config_soc_region_count;
extern const struct config_soc_line config_soc_lines[];
extern const unsigned config_soc_line_count;
extern const struct config_soc_write config_soc_quiesce[];
extern const unsigned config_soc_quiesce_count;
