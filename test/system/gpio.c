/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpio LINE COUNT: says each edge of a line of /dev/gpiochip0, by the kernel's
 * GPIO character device, until there were COUNT.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int chip = open("/dev/gpiochip0", O_RDONLY);
	struct gpio_v2_line_request request = {
		.num_lines = 1,
		.consumer = "gpio",
		.config = { .flags = GPIO_V2_LINE_FLAG_INPUT |
				     GPIO_V2_LINE_FLAG_EDGE_RISING |
				     GPIO_V2_LINE_FLAG_EDGE_FALLING },
	};
	struct gpio_v2_line_event event;
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;

	request.offsets[0] = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 0;
	if (chip < 0 || ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request)) {
		printf("gpio: %s\n", strerror(errno));
		return 1;
	}
	printf("gpio: watching line %u\n", request.offsets[0]);
	fflush(stdout);
	while (count-- > 0) {
		if (read(request.fd, &event, sizeof(event)) != sizeof(event)) {
			printf("gpio: %s\n", strerror(errno));
			return 1;
		}
		printf("gpio: line %u %s, event %u\n", event.offset,
		       event.id == GPIO_V2_LINE_EVENT_RISING_EDGE ? "rose" :
								    "fell",
		       event.line_seqno);
		fflush(stdout);
	}
	return 0;
}
