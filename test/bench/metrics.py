# SPDX-License-Identifier: Apache-2.0
"""What the benchmark measures, on whom, and what Bedplate must keep to."""

SUBJECTS = ["bedplate", "bedplate-hugepages", "qemu", "qemu-hugepages",
            "qemu-iouring", "floor", "floor-plain", "native"]
VIRTIO_SUBJECTS = ["bedplate-mmio", "qemu-mmio", "bedplate-pci", "qemu-pci"]
PCI_SUBJECTS = [f"{kind}-{gic}" for gic in ("gicv3", "gicv4")
                for kind in ("bedplate", "qemu", "native")]
SOC_SUBJECTS = [f"{kind}-{gic}" for gic in ("gicv2", "gicv3")
                for kind in ("bedplate", "qemu", "native")]
JUDGED = ["bedplate", "bedplate-mmio", "bedplate-pci", "bedplate-gicv2",
          "bedplate-gicv3", "bedplate-gicv4"]

# As series.c names them.
DISK = {f"blk_{size}k_{way}_qd{depth}": f"{size} KiB {way}, depth {depth}"
        for size in (4, 128) for way in ("read", "write")
        for depth in (1, 32)}
NETWORK = {"net_stream_to_guest": "TCP to the guest, 1 MiB",
           "net_stream_from_guest": "TCP from the guest, 1 MiB",
           "net_rr_64": "64 bytes there and back"}
# As nvme.c and edu.c name them.
NVME = {f"nvme_{size}k_qd{depth}": f"NVMe {size} KiB read, depth {depth}"
        for size in (4, 128) for depth in (1, 32)}
INTERRUPTS = {"irq_intx": "INTx to the guest's handler",
              "irq_msi": "MSI to the guest's handler"}
# As line.c and trapped.c name them.
LINES = {"line_level": "level, to the handler",
         "line_edge": "edge, to the handler",
         "line_again": "EOI to the handler, level still up"}
ACCESSES = {"trapped_read": "read of a register, forwarded",
            "trapped_write": "write of a register, forwarded"}

# The stages of startup.py, in their order.
STARTUP = {"startup_host": "host kernel", "startup_pid1": "PID 1",
           "startup_vmm": "VMM", "startup_guest": "guest kernel"}

# metric: (title, unit, the most that Bedplate may take: None, a number, one for
# each subject, a subject and a factor, or "faster": less than QEMU's, or as
# little as native; QEMU is the one with the same transport or GIC)
METRICS = {
    "start_stop": ("exec to PSCI off and exit", "instructions", 1200000),
    "start_elapsed": ("the same with the kernel's waits", "nanoseconds", None),
    "mmio_exit": ("MMIO exit to userspace and back", "instructions",
                  ("floor", 1.03)),
    "blk_read_4k": ("virtio-blk 4 KiB O_DIRECT read", "instructions", 22000),
    "to_userspace": ("exec to the guest's init", "instructions", None),
    "private_memory": ("private memory besides guest RAM", "bytes", 320 << 10),
    "peak_rss": ("peak RSS, trivial guest, 256 MiB RAM", "bytes", None),
    "image_size": ("text + rodata + data", "bytes", 116 << 10),
}
METRICS.update({name: (f"power-on to userspace: {title}", "instructions", None)
                for name, title in STARTUP.items()})
METRICS["startup_host"] = (*METRICS["startup_host"][:2], 25000000)
METRICS["startup_host_log"] = ("of it by the host kernel's log",
                               "instructions", 25000000)
METRICS["startup_total"] = ("power-on to the guest's userspace",
                            "instructions", None)
METRICS["startup_own_ratio"] = ("of it the stages of PID 1 and VMM", "ratio",
                                0.02)
METRICS["startup_own_code_ratio"] = ("of it their own instructions", "ratio",
                                     None)
METRICS.update({name: (title, "instructions", None)
                for name, title in DISK.items()})
METRICS.update({name: (title, "instructions", ("qemu", 1))
                for name, title in NETWORK.items()})
METRICS.update({f"exits_{name}": (title, "exits", None)
                for name, title in DISK.items()})
METRICS.update({f"exits_{name}": (title, "exits", 0)
                for name, title in NETWORK.items()})
METRICS.update({name: (title, "nanoseconds", None)
                for name, title in NVME.items()})
METRICS.update({f"{name}_ratio": (f"{title}, by native", "ratio", None)
                for name, title in NVME.items()})
METRICS["nvme_4k_qd1_ratio"] = (*METRICS["nvme_4k_qd1_ratio"][:2],
                                {"bedplate-gicv3": 1.45,
                                 "bedplate-gicv4": 1.06})
METRICS.update({name: (title, "instructions", "faster")
                for name, title in INTERRUPTS.items()})
METRICS.update({f"exits_{name}": (title, "exits", 0)
                for name, title in {**NVME, **INTERRUPTS}.items()})
SOC = {name: (title, "instructions", None)
       for name, title in {**LINES, **ACCESSES}.items()}
SOC.update({f"{name}_ratio": (f"{title}, by native", "ratio", None)
            for name, title in LINES.items()})
SOC.update({f"exits_{name}": (title, "exits", 0)
            for name, title in LINES.items()})
SOC.update({f"kvm_exits_{name}": (f"{title}, all exits", "exits", None)
            for name, title in LINES.items()})
METRICS.update(SOC)


def shown(value, unit):
    if value is None:
        return "-"
    if unit == "ratio":
        return f"{value:.3f}" if value < 100 else f"{value:,.0f}"
    if unit == "exits":
        return f"{value:.2f}" if value else "0"
    if unit == "bytes":
        return (f"{value / (1 << 20):.1f} MiB" if value >= 1 << 20
                else f"{value / 1024:.1f} KiB")
    if value >= 10000000:
        return f"{value / 1000000:.1f} M"
    return (f"{value / 1000000:.3f} M" if value >= 1000000
            else f"{round(value):,}")


def target(metric, values, subject="bedplate"):
    """The most that this subject may take, or None."""
    limit = METRICS[metric][2]
    if isinstance(limit, dict):
        return limit.get(subject)
    if limit == "faster":
        peers = [values.get((metric, subject.replace("bedplate", kind)))
                 for kind in ("qemu", "native")]
        return None if None in peers else max(peers[0] - 1, peers[1])
    if not isinstance(limit, tuple):
        return limit
    peer = (subject.replace("bedplate", "qemu") if limit[0] == "qemu"
            else limit[0])
    base = values.get((metric, peer))
    return None if base is None else int(base * limit[1])


def verdict(metric, values, subjects):
    """"<= LIMIT ok" or MISSED, for those of the subjects that are judged."""
    unit, limit = METRICS[metric][1:]
    if limit is None:
        return ""
    judged = [(values[metric, s], target(metric, values, s))
              for s in subjects
              if s in JUDGED and (metric, s) in values]
    if isinstance(limit, tuple) and limit[0] == "qemu":
        text = "<= QEMU's"
    elif limit == "faster":
        text = "< QEMU's or native"
    elif isinstance(limit, dict):
        text = "<= " + ", ".join(f"{most:.2f}" for most in limit.values())
    else:
        text = f"<= {shown(target(metric, values), unit)}"
    judged = [(value, most) for value, most in judged if most is not None]
    if not judged:
        return text
    return text + (" ok" if all(value <= most for value, most in judged)
                   else " MISSED")
