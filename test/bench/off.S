/* SPDX-License-Identifier: Apache-2.0 */
/* start_stop: the first instructions of the guest power it off. */
#include "payload.h"

	.text
	image_header
	power_off
