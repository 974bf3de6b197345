# SPDX-License-Identifier: Apache-2.0
"""Hosts with the devices of board/qemu_virt_soc.h, and a shell that binds them
to VFIO's drivers."""
import os
import subprocess

from lab import BUILD, MACHINES, run_cases

RTC, GPIO, UART1 = "9010000.pl031", "9030000.pl061", "9040000.pl011"
NO_IOMMU = "vfio.enable_unsafe_noiommu_mode=1"
NO_RESET = "vfio_platform.reset_required=0"

# For the scripts of cases. pulse raises the GPIO's line 3 for 100 ms: the
# port leads to the emulator's monitor.
SHELL = rf"""
RTC={RTC} GPIO={GPIO} UART1={UART1}
mkdir -p /dev/vfio
# Not where the host takes interrupts that nobody has steered.
taskset -p 2 $$ >/dev/null
give() {{
	bus=$1
	shift
	for device; do
		at=/sys/bus/$bus/devices/$device
		echo vfio-$bus >$at/driver_override
		[ -e $at/driver ] && echo $device >$at/driver/unbind
		echo $device >/sys/bus/$bus/drivers_probe
	done
}}
take_back() {{
	bus=$1
	shift
	for device; do
		at=/sys/bus/$bus/devices/$device
		echo >$at/driver_override
		[ -e $at/driver ] && echo $device >$at/driver/unbind
		echo $device >/sys/bus/$bus/drivers_probe
	done
}}
exec 4<>/dev/vport0p1
cat <&4 >/dev/null &
pulse() {{
	echo system_powerdown >&4
}}
# VFIO says of each owner who it is, and that nothing was reset.
host_log() {{
	dmesg | sed 's/^\[[^]]*\] //' | grep -v 'hrtimer: int' | grep -vE \
		'vfio-noiommu device opened by user|VFIO: no reset function'
}}
# What a VMM that has ended leaves behind.
left() {{
	echo "@@LEFT" $(grep -E '^(HugePages_Free|Mlocked):' /proc/meminfo) \
		"interrupts $(grep -c vfio- /proc/interrupts)" \
		"users $(ls -l /proc/[0-9]*/fd 2>/dev/null | grep -cE '/dev/(vfio|iommu)|anon_inode:(kvm|\[vfio)')"
}}
# Until a file has a line with that word, at most 100 s.
await() {{
	n=0
	until grep -q "$2" $1 || [ $n -ge 10000 ]; do
		n=$((n + 1))
		usleep 10000
	done
}}
"""

NOTHING = "Mlocked: 0 kB HugePages_Free: 0 interrupts 0 users 0"


def host_tree(path, machine, smp, platform):
    """The emulator's own device tree, in which some primecells are platform
    devices, which no driver of the host wants."""
    kind, cpu = MACHINES[machine]
    subprocess.run(
        ["qemu-system-aarch64", "-M", f"{kind},dumpdtb={path}", "-cpu", cpu,
         "-smp", str(smp), "-m", "1G", "-display", "none", "-serial", "null",
         "-serial", "null"], check=True, capture_output=True)
    for device in platform:
        address, name = device.split(".")
        node = f"/{name}@{address}"
        has = subprocess.run(["fdtget", path, node, "compatible"], check=True,
                             capture_output=True, text=True).stdout.split()
        assert has == [f"arm,{name}", "arm,primecell"], device
        subprocess.run(["fdtput", "-t", "s", path, node, "compatible", has[0]],
                       check=True)


def soc(name, machine, platform=(GPIO, UART1), smp=2):
    """The emulator's options for the board's own devices; uart1's other end
    is a socket in build/system/NAME."""
    where = os.path.join(BUILD, "system", name)
    os.makedirs(where, exist_ok=True)
    tree = os.path.join(where, "host.dtb")
    host_tree(tree, machine, smp, platform)
    uart, monitor = (os.path.join(where, f"{what}.sock")
                     for what in ("uart1", "monitor"))
    return (f"-dtb {tree} -serial mon:stdio "
            f"-chardev socket,id=uart1,path={uart},server=on,wait=off "
            "-serial chardev:uart1 "
            f"-chardev socket,id=hmp,path={monitor},server=on,wait=off "
            "-mon chardev=hmp,mode=readline "
            f"-chardev socket,id=port,path={monitor} "
            "-device virtio-serial-device,bus=virtio-mmio-bus.8 "
            "-device virtserialport,chardev=port")


def run_with_soc(name, machine, cases, platform=(GPIO, UART1), given=True,
                 append=f"{NO_IOMMU} {NO_RESET}", smp=2, **options):
    """As run_cases, on a host with the board's devices, which the first case
    gives to VFIO's drivers; it has SHELL, too."""
    bind = "".join(f"give {'platform' if device in platform else 'amba'} "
                   f"{device}\n" for device in (RTC, GPIO, UART1)) * given
    cases[0].before = SHELL + bind + cases[0].before
    return run_cases(name, machine, cases, append=append, smp=smp,
                     extra=soc(name, machine, platform, smp), **options)
