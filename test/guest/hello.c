/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest guest: one line, then power-off. */
#include "check.h"
#include "say.h"

int main(void)
{
	say("hello from EL1\n");
	return 0;
}
