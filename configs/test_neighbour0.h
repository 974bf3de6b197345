/* SPDX-License-Identifier: Apache-2.0 */
/* The first of two guests that share memory. */
#define CFG_NAME "test_neighbour0"
#define TEST_PEER 0

#include "configs/test_neighbours.h"
