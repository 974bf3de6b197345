/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts without KVM, without permission, without what Bedplate needs. */
#include <linux/errno.h>
#include <linux/kvm.h>

#include "core/config.h"
#include "core/kvm.h"
#include "core/log.h"
#include "test/unit/fake.h"

static void fails_to_open(long error)
{
	fake_reset();
	fake.fail_at = 1;
	fake.fail_with = error;
	assert_int_equal(EXITS(kvm_init()), EXIT_NO_KVM);
}

/* F01 */
static void no_kvm(void)
{
	fails_to_open(-ENOENT);
	fake_one_line("/dev/kvm: cannot be opened (-2)");
}

static void no_permission(void)
{
	fails_to_open(-EACCES);
	fake_one_line("/dev/kvm: no permission");
}

static void not_permitted(void)
{
	fails_to_open(-EPERM);
	fake_one_line("/dev/kvm: ");
}

static void no_virtualisation(void)
{
	fails_to_open(-ENODEV);
	fake_one_line("/dev/kvm: cannot be opened (-19)");
}

/* F02 */
static void other_api(void)
{
	fake_reset();
	fake.api_version = 11;
	assert_int_equal(EXITS(kvm_init()), EXIT_KVM_FEATURE);
	fake_one_line("API version 11, need 12");
}

static void small_address_space(void)
{
	fake_reset();
	fake.ipa_limit = config_board.ipa_bits - 1;
	assert_int_equal(EXITS(kvm_init()), EXIT_KVM_FEATURE);
	fake_one_line("40 IPA bits, the host has 39; lower BOARD_IPA_BITS");
}

static void exact_address_space(void)
{
	fake_reset();
	fake.ipa_limit = config_board.ipa_bits;
	kvm_init();
	assert_int_equal(fake.log_lines, 0);
}

static void lacks(unsigned capability, const char *name)
{
	fake_reset();
	fake.no_caps[0] = capability;
	assert_int_equal(EXITS(kvm_init()), EXIT_KVM_FEATURE);
	fake_one_line(name);
}

#define LACKS(capability)                                                   \
	static void no_##capability(void)                                   \
	{                                                                   \
		lacks(KVM_CAP_##capability, "no KVM_CAP_" #capability ";"); \
	}
LACKS(ONE_REG)
LACKS(ARM_PSCI_0_2)
LACKS(READONLY_MEM)
LACKS(IMMEDIATE_EXIT)
LACKS(DEVICE_CTRL)
LACKS(ARM_NISV_TO_USER)
LACKS(ARM_INJECT_EXT_DABT)

static void vm_refused(void)
{
	fake_reset();
	fake.fail_at = 4; /* open, API, IPA size, VM */
	fake.fail_with = -ENOMEM;
	assert_int_equal(EXITS(kvm_init()), EXIT_KVM_FEATURE);
	fake_one_line("KVM_CREATE_VM with 40 IPA bits: error -12");
}

static const struct CMUnitTest tests[] = {
	TEST(no_kvm),
	TEST(no_permission),
	TEST(not_permitted),
	TEST(no_virtualisation),
	TEST(other_api),
	TEST(small_address_space),
	TEST(exact_address_space),
	TEST(no_ONE_REG),
	TEST(no_ARM_PSCI_0_2),
	TEST(no_READONLY_MEM),
	TEST(no_IMMEDIATE_EXIT),
	TEST(no_DEVICE_CTRL),
	TEST(no_ARM_NISV_TO_USER),
	TEST(no_ARM_INJECT_EXT_DABT),
	TEST(vm_refused),
};

UNIT_MAIN("kvm", tests)
