/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI and SMCCC calls over HVC (ARM DEN 0022, DEN 0028). */
#pragma once

#include <stdint.h>

#define PSCI_VERSION		0x84000000u
#define PSCI_CPU_SUSPEND	0xc4000001u
#define PSCI_CPU_OFF		0x84000002u
#define PSCI_CPU_ON		0xc4000003u
#define PSCI_AFFINITY_INFO	0xc4000004u
#define PSCI_MIGRATE_INFO_TYPE	0x84000006u
#define PSCI_SYSTEM_OFF		0x84000008u
#define PSCI_SYSTEM_RESET	0x84000009u
#define PSCI_FEATURES		0x8400000au
#define PSCI_SYSTEM_SUSPEND	0xc400000eu
#define PSCI_SYSTEM_RESET2	0xc4000012u
#define SMCCC_VERSION		0x80000000u

#define PSCI_SUCCESS		0
#define PSCI_NOT_SUPPORTED	(-1)
#define PSCI_INVALID_PARAMETERS	(-2)
#define PSCI_DENIED		(-3)
#define PSCI_ALREADY_ON		(-4)
#define PSCI_INVALID_ADDRESS	(-9)

/* The result as the caller of a 32-bit function sees it: sign-extended w0. */
int64_t psci_call(uint32_t function, uint64_t a, uint64_t b, uint64_t c);
