/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's PCI cards, platform and AMBA devices behind sysfs, VFIO and
 * iommufd, as Linux 6.12 has them (drivers/vfio). What that kernel refuses a
 * correct program never asks for, so it fails the test; what a host may refuse
 * is set up by the test.
 */
#pragma once

#include <linux/vfio.h>

#include "test/unit/fake.h"

#define FAKE_CARDS 8
#define FAKE_LINES 4 /* wired interrupts of a device */
#define FAKE_REGIONS VFIO_PCI_NUM_REGIONS
#define FAKE_CONFIG 4096
#define FAKE_CARD_VECTORS 2048
#define FAKE_DMA_MAPS 8
#define FAKE_ACCESSES 4096
#define FAKE_SYSFS_TEXT 1024
#define FAKE_NO_FD (-1)
#define FAKE_SHUT_FD (-2) /* an eventfd that VFIO has and we have closed */
#define FAKE_SILENT (-1) /* no kind of interrupt */
/* Where region n begins in a device's fd. */
#define FAKE_REGION_SHIFT 40
#define FAKE_REGION_AT(n) ((uint64_t)(n) << FAKE_REGION_SHIFT)

struct fake_area {
	uint64_t offset, size;
};

struct fake_region {
	uint64_t size;
	uint32_t flags; /* VFIO_REGION_INFO_FLAG_* */
	uint8_t *data; /* whole pages */
	int io; /* decoded by COMMAND.IO */
	const struct fake_area *areas; /* that can be mapped; NULL: all */
	unsigned area_count;
	long info_error, map_error; /* -errno of each */
	long io_error; /* of reads and writes; of platform devices */
	unsigned maps;
};

/* A wired interrupt of a platform device. */
struct fake_line {
	uint32_t flags; /* VFIO_IRQ_INFO_* */
	unsigned count; /* 1, if the kernel says what it should */
	long request_error; /* of request_irq() */
	int trigger, unmask; /* eventfds */
	int asserted; /* a level: at the device */
	int latched; /* an edge: in the host's GIC, while it is disabled */
	int masked; /* by VFIO's handler */
	unsigned fired; /* how often that has run */
};

struct fake_card {
	const char *bus; /* "pci", "platform", "amba" */
	const char *host; /* its name there */
	int no_iommu; /* its group is one that VFIO makes */
	const char *driver; /* NULL: none has it */
	const char *group; /* of its IOMMU; NULL: none */
	int cdev; /* the number of its node; -1: none */
	char override[64]; /* driver_override */
	struct fake_region regions[FAKE_REGIONS]; /* with config's */
	/* Changes what VFIO_DEVICE_GET_REGION_INFO says of a region. */
	void (*describe)(struct vfio_region_info *info);
	unsigned region_count, index_count; /* of VFIO_DEVICE_GET_INFO */
	int is_open, bound, attached; /* the last two: iommufd */

	/* Interrupts, by VFIO's index. */
	unsigned irqs[VFIO_PCI_NUM_IRQS]; /* that it says it has */
	unsigned vectors; /* that the host has left; 0: all */
	long irq_error[VFIO_PCI_NUM_IRQS]; /* of new eventfds */
	long unmask_error, silence_error;
	int kind; /* that is enabled: an index, or FAKE_SILENT */
	unsigned enabled; /* vectors */
	int fds[FAKE_CARD_VECTORS];
	int trouble[2]; /* ERR, REQ */
	int unmask_fd;
	int line, masked; /* INTx */
	struct fake_line lines[FAKE_LINES]; /* of platform devices */
	uint8_t *pba; /* where it keeps MSI-X vectors pending; NULL: nowhere */
	uint64_t table, table_bytes; /* MSI-X, in table_bar */
	unsigned table_bar;
	unsigned set_irqs; /* calls */

	int can_reset; /* alone */
	int dead; /* it reads as ones, and forgets what is written */
	long reset_error, hot_reset_error;
	unsigned resets, hot_resets;
};

/* A write of any region, or a read of one that is not config's. */
struct fake_access {
	const struct fake_card *card;
	unsigned region;
	uint64_t offset;
	unsigned size;
	int write;
	uint64_t value;
};

struct fake_dma_map {
	uint64_t iova, size, host;
};

struct fake_vfio {
	struct fake_card cards[FAKE_CARDS];
	unsigned card_count;
	struct fake_access accesses[FAKE_ACCESSES];
	unsigned access_count;
	struct fake_dma_map maps[FAKE_DMA_MAPS];
	unsigned map_count;
	unsigned containers, iommufds; /* opened */
	unsigned group_opens;
	unsigned kvm_files; /* that KVM was told of */
	int not_viable; /* of each group: a host driver has another device */
	int no_type1, no_noiommu; /* kinds of IOMMU that it lacks */
	/* Parameters, 'Y' or 'N'; 0: the kernel does not have them. */
	char noiommu_mode, reset_required;
	/* Called after each access, and with NULL after each reset. */
	void (*watch)(const struct fake_card *card,
		      const struct fake_access *access);
	unsigned long refuses; /* an ioctl, */
	unsigned refuses_after; /* after so many that it takes, */
	long refusal; /* with this */
	/* Files of sysfs that were written, "path=text;" each; drivers_probe
	 * with its bus, if that is not PCI. */
	char sysfs[FAKE_SYSFS_TEXT];
	const char *sysfs_refuses; /* writes of paths with this at the end, */
	long sysfs_error; /* with this */
};

extern struct fake_vfio fake_vfio;

struct fake_card *fake_card_of(const char *host);
uint8_t *fake_card_config(struct fake_card *card);
int fake_card_is_pci(const struct fake_card *card);
/* The container that its group is in; 0: none. */
int fake_card_container(const struct fake_card *card);
/* The card sends a vector: VFIO signals its eventfd, or it stays pending. */
void fake_card_fire(struct fake_card *card, unsigned vector);
/* It sets its INTx line, level-triggered. */
void fake_card_line(struct fake_card *card, int level);
/* Linux reports an error (0), or wants the card back (1). */
void fake_card_trouble(struct fake_card *card, unsigned which);
/* A platform device sets a level, or has an edge. */
void fake_soc_level(struct fake_card *card, unsigned line, int level);
void fake_soc_edge(struct fake_card *card, unsigned line);

/* -- Between the files of the fake ---------------------------------------- */

void fake_vfio_reset(void);
/* An fd, or -errno; -ENOENT: none of ours. */
long fake_vfio_open(const char *path);
long fake_vfio_ioctl(int fd, unsigned long request, void *arg);
long fake_vfio_io(struct fake_fd *fd, const struct sys_iovec *iov, int n,
		  uint64_t offset, int write);
void *fake_vfio_mmap(struct fake_fd *fd, size_t len, int prot, int flags,
		     uint64_t offset);
long fake_sysfs_write(const struct fake_fd *fd, const char *text, size_t len);
long fake_card_ioctl(struct fake_card *card, int group, unsigned long request,
		     void *arg);
long fake_card_set_irqs(struct fake_card *card, const struct vfio_irq_set *set);
long fake_kvm_vfio_file(int fd);
/* VFIO's driver of its bus has it. */
int fake_card_has_vfio(const struct fake_card *card);
long fake_card_fd(enum fake_kind kind, const struct fake_card *card,
		  unsigned type);
long fake_sysfs_open(const char *path);
long fake_sysfs_read(const struct fake_fd *fd, char *text, size_t len);
void fake_note_access(const struct fake_card *card, unsigned region,
		      uint64_t offset, size_t size, int write,
		      const void *value);
long fake_soc_ioctl(struct fake_card *card, unsigned long request, void *arg);
long fake_soc_io(struct fake_card *card, unsigned region,
		 const struct sys_iovec *iov, uint64_t offset, int write);
void *fake_soc_mmap(struct fake_card *card, unsigned region, size_t len,
		    uint64_t offset);
int fake_soc_signalled(int fd);
void fake_soc_shut(int fd);
/* An eventfd was signalled: true if VFIO waits for it. */
int fake_vfio_signalled(int fd);
/* It was closed. */
void fake_vfio_shut(int fd);
