/* SPDX-License-Identifier: Apache-2.0 */
/* The host's cards and devices in sysfs: drivers, groups, parameters. */
#include <linux/errno.h>
#include <stdio.h>
#include <string.h>

#include "test/unit/fake_vfio.h"

#define GROUPS "/sys/kernel/iommu_groups/"

/* VFIO makes a group for what has none, and takes it away again. */
static const char *group_of(const struct fake_card *card)
{
	return card->no_iommu && !fake_card_has_vfio(card) ? NULL : card->group;
}

/* -- sysfs --------------------------------------------------------------- */

/* Splits /sys/bus/<bus>/devices/<host>/<rest>; NULL: no such card. */
static struct fake_card *split(const char *path, const char **rest)
{
	struct fake_card *card;
	char bus[16];
	char name[64];
	int at = 0;

	if (sscanf(path, "/sys/bus/%15[^/]/devices/%63[^/]/%n", bus, name,
		   &at) != 2 ||
	    at == 0) {
		return NULL;
	}
	*rest = path + at;
	card = fake_card_of(name);
	return card && strcmp(card->bus, bus) == 0 ? card : NULL;
}

static const char *link_of(const struct fake_card *card, const char *name,
			   char *text, size_t size)
{
	const char *last = NULL;
	char where[64] = "";

	if (strcmp(name, "subsystem") == 0) {
		snprintf(where, sizeof(where), "../../../bus/");
		last = card->bus;
	} else if (strcmp(name, "driver") == 0) {
		snprintf(where, sizeof(where), "../../../bus/%s/drivers/",
			 card->bus);
		last = card->driver;
	} else if (strcmp(name, "iommu_group") == 0) {
		snprintf(where, sizeof(where), "../../../kernel/iommu_groups/");
		last = group_of(card);
	} else {
		fail_msg("link %s is not known", name);
	}
	if (!last) {
		return NULL;
	}
	snprintf(text, size, "%s%s", where, last);
	return text;
}

long sys_readlink(const char *path, char *buf, size_t len)
{
	long fault = fake_fault(__func__, 0);
	const char *name = "";
	const struct fake_card *card = split(path, &name);
	char text[128];
	size_t n;

	if (fault != 0) {
		snprintf(fake.failed_detail, sizeof(fake.failed_detail), "%s",
			 name);
		return fault;
	}
	if (fake.bridge_port != 0 &&
	    strncmp(path, "/sys/class/net/", 15) == 0) {
		snprintf(text, sizeof(text), "../%s", fake.bridge);
	} else if (!card || !link_of(card, name, text, sizeof(text))) {
		return -ENOENT;
	}
	n = strlen(text);
	n = n < len ? n : len;
	memcpy(buf, text, n);
	return (long)n;
}

/* Which file of sysfs an fd is; the card's index besides. */
enum sysfs_file {
	NODE,
	OVERRIDE,
	UNBIND,
	PROBE,
	PROBE_PLATFORM,
	PROBE_AMBA,
	GROUP_NAME,
	NOIOMMU_MODE,
	RESET_REQUIRED,
};

static const char *const sysfs_names[] = {
	[NODE] = "dev",
	[OVERRIDE] = "driver_override",
	[UNBIND] = "driver/unbind",
	[PROBE] = "drivers_probe",
	[PROBE_PLATFORM] = "drivers_probe",
	[PROBE_AMBA] = "drivers_probe",
};

static const char *const sysfs_paths[] = {
	[PROBE] = "/sys/bus/pci/drivers_probe",
	[PROBE_PLATFORM] = "/sys/bus/platform/drivers_probe",
	[PROBE_AMBA] = "/sys/bus/amba/drivers_probe",
	[NOIOMMU_MODE] = "/sys/module/vfio/parameters/"
			 "enable_unsafe_noiommu_mode",
	[RESET_REQUIRED] = "/sys/module/vfio_platform/parameters/"
			   "reset_required",
};

static char parameter(unsigned type)
{
	return type == NOIOMMU_MODE ? fake_vfio.noiommu_mode :
				      fake_vfio.reset_required;
}

/* Files that are not of one device. */
static long open_common(const char *path)
{
	unsigned type;

	for (type = PROBE; type <= RESET_REQUIRED; type++) {
		if (sysfs_paths[type] && strcmp(path, sysfs_paths[type]) == 0) {
			return type >= NOIOMMU_MODE && !parameter(type) ?
				       -ENOENT :
				       fake_card_fd(FAKE_SYSFS, fake_vfio.cards,
						    type);
		}
	}
	return -ENOENT;
}

/* Groups of IOMMUs have no name. */
static long open_group_name(const char *path)
{
	char expected[64];
	unsigned i;

	for (i = 0; i < fake_vfio.card_count; i++) {
		const struct fake_card *card = &fake_vfio.cards[i];

		if (!card->no_iommu || !group_of(card)) {
			continue;
		}
		snprintf(expected, sizeof(expected), GROUPS "%s/name",
			 card->group);
		if (strcmp(path, expected) == 0) {
			return fake_card_fd(FAKE_SYSFS, card, GROUP_NAME);
		}
	}
	return -ENOENT;
}

long fake_sysfs_read(const struct fake_fd *fd, char *text, size_t len)
{
	char what[16];
	size_t n;

	if (fd->type == GROUP_NAME) {
		snprintf(what, sizeof(what), "vfio-noiommu\n");
	} else {
		assert_true(fd->type >= NOIOMMU_MODE);
		snprintf(what, sizeof(what), "%c\n", parameter(fd->type));
	}
	n = strlen(what);
	n = n < len ? n : len;
	memcpy(text, what, n);
	return (long)n;
}

long fake_sysfs_open(const char *path)
{
	const char *name = "";
	const struct fake_card *card = split(path, &name);
	char node[32];

	if (strncmp(path, GROUPS, strlen(GROUPS)) == 0) {
		return open_group_name(path);
	}
	if (strncmp(path, "/sys/module/", 12) == 0 ||
	    strstr(path, "/drivers_probe")) {
		return open_common(path);
	}
	if (!card) {
		return -ENOENT;
	}
	if (strcmp(name, sysfs_names[OVERRIDE]) == 0) {
		return fake_card_fd(FAKE_SYSFS, card, OVERRIDE);
	}
	if (strcmp(name, sysfs_names[UNBIND]) == 0) {
		return card->driver ? fake_card_fd(FAKE_SYSFS, card, UNBIND) :
				      -ENOENT;
	}
	snprintf(node, sizeof(node), "vfio-dev/vfio%d/dev", card->cdev);
	/* vfio_device_add(): no cdev without an IOMMU */
	return strcmp(name, node) == 0 && fake_card_has_vfio(card) &&
			       !card->no_iommu ?
		       fake_card_fd(FAKE_SYSFS, card, NODE) :
		       -ENOENT;
}

/* What VFIO's drivers do not take: vfio_group_find_or_alloc(), and
 * vfio_platform_init_common(), with AMBA's reset_required being false. */
static int is_taken(const struct fake_card *card)
{
	if (strncmp(card->override, "vfio-", 5) != 0) {
		return 1;
	}
	return (!card->no_iommu || fake_vfio.noiommu_mode == 'Y') &&
	       (strcmp(card->bus, "platform") != 0 || card->can_reset ||
		fake_vfio.reset_required != 'Y');
}

/* As bus_rescan_devices_helper(): a driver that is named takes the device, and
 * what its probe function says is nobody's. */
static long probe(const char *bus, struct fake_card *card)
{
	if (!card || strcmp(card->bus, bus) != 0) {
		return -ENODEV;
	}
	if (!card->driver && card->override[0] != '\0' && is_taken(card)) {
		card->driver = card->override;
	}
	return 0;
}

long fake_sysfs_write(const struct fake_fd *fd, const char *text, size_t len)
{
	struct fake_card *card = &fake_vfio.cards[fd->file];
	static const char *const buses[] = { "pci", "platform", "amba" };
	size_t used = strlen(fake_vfio.sysfs);
	const char *where = card->host;
	char what[64];
	long ret = 0;

	assert_in_range(len, 1, sizeof(what) - 1);
	memcpy(what, text, len);
	what[len] = '\0';
	if (fd->type >= PROBE && fd->type <= PROBE_AMBA) {
		where = fd->type == PROBE ? "" : buses[fd->type - PROBE];
	}
	snprintf(fake_vfio.sysfs + used, sizeof(fake_vfio.sysfs) - used,
		 "%s/%s=%s;", where, sysfs_names[fd->type], what);
	if (fake_vfio.sysfs_refuses &&
	    strcmp(sysfs_names[fd->type], fake_vfio.sysfs_refuses) == 0) {
		return fake_vfio.sysfs_error;
	}
	switch ((enum sysfs_file)fd->type) {
	case OVERRIDE:
		snprintf(card->override, sizeof(card->override), "%s", what);
		break;
	case UNBIND:
		assert_string_equal(what, card->host);
		card->driver = NULL;
		break;
	case PROBE:
	case PROBE_PLATFORM:
	case PROBE_AMBA:
		ret = probe(buses[fd->type - PROBE], fake_card_of(what));
		break;
	default:
		fail_msg("a file that only says something is written");
	}
	return ret < 0 ? ret : (long)len;
}
