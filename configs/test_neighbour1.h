/* SPDX-License-Identifier: Apache-2.0 */
/* The second of two guests that share memory. */
#define CFG_NAME "test_neighbour1"
#define TEST_PEER 1

#include "configs/test_neighbours.h"
