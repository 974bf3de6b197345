/* SPDX-License-Identifier: Apache-2.0 */
/* A test guest with a console whose terminal is a FIFO: it reads what it wrote. */
#define CFG_NAME "test_console"

/*        partition  name    gpa         spi  transport    terminal */
#define CFG_VIRTIO_CONSOLE(X) \
	X(guest,     con0,   0x0a000a00, 21,  VIRTIO_MMIO, HOST_FILE("/tmp/tty"))

#include "board/qemu_virt_gicv3.h"
#include "configs/test_guest.h"
