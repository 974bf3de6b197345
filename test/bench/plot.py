# SPDX-License-Identifier: Apache-2.0
"""The benchmark's plot."""

import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  (after the backend is chosen)
from matplotlib.ticker import NullLocator  # noqa: E402

from metrics import (  # noqa: E402
    ACCESSES, DISK, INTERRUPTS, LINES, METRICS, NETWORK, NVME, PCI_SUBJECTS,
    SOC_SUBJECTS, SUBJECTS, VIRTIO_SUBJECTS, shown, target)

COLOURS = {"bedplate": "#0b6e4f", "bedplate-hugepages": "#5fb49c",
           "bedplate-mmio": "#0b6e4f", "bedplate-pci": "#5fb49c",
           "qemu": "#c8553d", "qemu-hugepages": "#e39a8a",
           "qemu-mmio": "#c8553d", "qemu-pci": "#e39a8a",
           "qemu-iouring": "#e39a8a", "floor": "#6b7280",
           "floor-plain": "#9aa1ab", "native": "#b0b5bd",
           "bedplate-gicv3": "#0b6e4f", "bedplate-gicv4": "#5fb49c",
           "qemu-gicv3": "#c8553d", "qemu-gicv4": "#e39a8a",
           "native-gicv3": "#6b7280", "native-gicv4": "#b0b5bd",
           "bedplate-gicv2": "#5fb49c", "qemu-gicv2": "#e39a8a",
           "native-gicv2": "#b0b5bd"}
PLOTTED = ["start_stop", "mmio_exit", "blk_read_4k", "to_userspace",
           "private_memory", "image_size"]
INK, MUTED = "#1f2933", "#6b7280"
# Inches.
ROW, WIDTH, TITLE, FOOT = 2.35, 11, 0.55, 0.35
VIRTIO_HEIGHT = 7.6
PAIR_HEIGHT = 4.6
# Two panels each with the same subjects: title, metrics, what is below it.
PAIRS = [(PCI_SUBJECTS,
          [("NVMe passed through, a read", NVME,
            "nanoseconds of the wall's clock"),
           ("edu passed through, an interrupt", INTERRUPTS, "instructions")]),
         (SOC_SUBJECTS,
          [("RTC passed through, an interrupt", LINES, "instructions"),
           ("virtio-mmio's registers", ACCESSES, "instructions")])]


def ticks(unit, low, high):
    """Round numbers inside a log axis: decades, or 16-folds of 1 KiB."""
    base, step = (1024, 16) if unit == "bytes" else (1, 10)
    found = []
    while base <= high:
        if base >= low:
            found.append(base)
        base *= step
    return found


def tick_text(value, unit):
    if unit == "bytes":
        return (f"{value / (1 << 20):g} MiB" if value >= 1 << 20
                else f"{value / 1024:g} KiB")
    return (f"{value / 1000000:g} M" if value >= 1000000
            else f"{value / 1000:g} k" if value >= 1000 else f"{value:g}")


def scale_axis(axes, everything, unit):
    """Linear from zero while the values are close, else logarithmic."""
    low, high = min(everything), max(everything)
    if high / low < 8:
        axes.set_xlim(0, high * 1.25)
        step = 10 ** (len(str(int(high))) - 1)
        marks = [n * step for n in range(int(high * 1.25 / step) + 1)]
        if len(marks) > 6:
            marks = marks[::2]
    else:
        axes.set_xscale("log")
        axes.set_xlim(low / 2.2, high * (high / low) ** 0.24)
        marks = ticks(unit, low / 2.2, high * 2)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(marks, [tick_text(m, unit) for m in marks], fontsize=7,
                    color=MUTED)


def style_frame(axes):
    for side in ("top", "right", "bottom", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.grid(axis="x", color="#e4e7eb", linewidth=0.8, zorder=0)
    axes.set_axisbelow(True)


def draw_target(axes, limit, unit):
    if limit is None:
        return
    axes.axvline(limit, color=INK, linewidth=1, linestyle=(0, (3, 2)), zorder=1)
    axes.annotate(f"must: {shown(limit, unit)}", (limit, 1), (0, 1),
                  xycoords=("data", "axes fraction"), ha="center", va="bottom",
                  textcoords="offset points", fontsize=7, color=INK,
                  annotation_clip=False)


def name_axes(axes, title, below):
    axes.set_title(title, loc="left", fontsize=10, color=INK,
                   fontweight="bold", pad=23)
    axes.annotate(below, (0, 1), (0, 11), fontsize=7, color=MUTED,
                  xycoords="axes fraction", textcoords="offset points",
                  ha="left", va="bottom")


def draw_subject(axes, row, subject, number, unit):
    bold = "bold" if subject == "bedplate" else "normal"
    axes.hlines(row, axes.get_xlim()[0], number, color=COLOURS[subject],
                linewidth=2.5, zorder=2)
    axes.plot([number], [row], "o", color=COLOURS[subject], markersize=8,
              zorder=3)
    axes.annotate(shown(number, unit), (number, row), (9, 0),
                  textcoords="offset points", va="center", fontsize=8,
                  color=INK, fontweight=bold, zorder=4,
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})


def draw_metric(axes, metric, values, row_count):
    title, unit, _ = METRICS[metric]
    subjects = [s for s in SUBJECTS if (metric, s) in values]
    numbers = [values[metric, s] for s in subjects]
    limit = target(metric, values)
    style_frame(axes)
    scale_axis(axes, numbers + ([limit] if limit else []), unit)
    for row, (subject, number) in enumerate(zip(subjects, numbers)):
        draw_subject(axes, row, subject, number, unit)
    axes.set_ylim(row_count - 0.5, -0.5)
    axes.set_yticks(range(len(subjects)), subjects, fontsize=8, color=INK)
    scale = ", logarithmic" if axes.get_xscale() == "log" else ""
    name_axes(axes, title, f"{unit}{scale}")
    draw_target(axes, limit, unit)


def draw_group(axes, title, metrics, values, subjects, below):
    """Several metrics in one panel, a line for each subject."""
    metrics = {m: text for m, text in metrics.items()
               if any((m, s) in values for s in subjects)}
    numbers = [values[m, s] for m in metrics for s in subjects
               if (m, s) in values]
    style_frame(axes)
    if not numbers:
        axes.set_visible(False)
        return
    axes.set_xscale("log")
    axes.set_xlim(min(numbers) / 1.5, max(numbers) * 2.4)
    axes.xaxis.set_minor_locator(NullLocator())
    marks = ticks("instructions", min(numbers) / 1.5, max(numbers) * 2.4)
    axes.set_xticks(marks, [tick_text(m, "instructions") for m in marks],
                    fontsize=7, color=MUTED)
    step = len(subjects) + 1.2
    for group, metric in enumerate(metrics):
        for row, subject in enumerate(subjects):
            if (metric, subject) in values:
                draw_line(axes, group * step + row, subject,
                          values[metric, subject])
    axes.set_ylim(len(metrics) * step - 1, -1)
    middle = (len(subjects) - 1) / 2
    axes.set_yticks([group * step + middle for group in range(len(metrics))],
                    [text.replace(", ", "\n") for text in metrics.values()],
                    fontsize=8, color=INK)
    name_axes(axes, title, f"{below}, logarithmic")


def draw_line(axes, row, subject, number):
    bold = "bold" if subject.startswith("bedplate") else "normal"
    axes.hlines(row, axes.get_xlim()[0], number, color=COLOURS[subject],
                linewidth=4.5, zorder=2)
    axes.annotate(f"{shown(number, 'instructions')}", (number, row), (4, 0),
                  textcoords="offset points", va="center", fontsize=6.5,
                  color=INK, fontweight=bold, zorder=4)


def draw_exits(axes, values):
    """The exits for each operation, as numbers."""
    style_frame(axes)
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    metrics = [m for m in (*DISK, *NETWORK)
               if any((f"exits_{m}", s) in values for s in VIRTIO_SUBJECTS)]
    axes.set_xlim(0, 1)
    axes.set_ylim(len(metrics), -1)
    for column, subject in enumerate(VIRTIO_SUBJECTS):
        right = 0.55 + 0.15 * column
        axes.text(right, -0.6, subject.replace("-", "\n"), ha="right",
                  va="center", fontsize=7.5, color=COLOURS[subject],
                  fontweight="bold")
        for row, metric in enumerate(metrics):
            number = values.get((f"exits_{metric}", subject))
            axes.text(right, row + 0.3, shown(number, "exits"), ha="right",
                      va="center", fontsize=8, color=INK)
    for row, metric in enumerate(metrics):
        axes.text(0, row + 0.3, METRICS[metric][0], va="center", fontsize=8,
                  color=INK)
    name_axes(axes, "Exits of the vCPU to userspace",
              "for each operation; QEMU's other threads are not in it")


def draw_legend(figure, x, y, subjects):
    for column, subject in enumerate(subjects):
        figure.text(x + 0.115 * column, y, "\u25a0 " + subject, fontsize=8,
                    color=COLOURS[subject], fontweight="bold")


def draw_virtio(figure, grid, values):
    below = "instructions of the whole system"
    draw_group(figure.add_subplot(grid[:, 0]), "virtio-blk, a request", DISK,
               values, VIRTIO_SUBJECTS, below)
    draw_group(figure.add_subplot(grid[0, 1]), "virtio-net over vhost",
               NETWORK, values, VIRTIO_SUBJECTS, below)
    draw_exits(figure.add_subplot(grid[1, 1]), values)


def draw_pairs(figure, height, tail, pairs, values):
    for subjects, panels in pairs:
        grid = figure.add_gridspec(
            1, 2, left=0.135, right=0.985, top=(tail - 0.85) / height,
            bottom=(tail - PAIR_HEIGHT + 0.3) / height, wspace=0.42)
        for at, (title, metrics, below) in enumerate(panels):
            draw_group(figure.add_subplot(grid[at]), title, metrics, values,
                       subjects, below)
        draw_legend(figure, 0.012, (tail - 0.3) / height, subjects)
        tail -= PAIR_HEIGHT


def write(values, paths):
    metrics = [m for m in PLOTTED
               if any((m, s) in values for s in SUBJECTS)]
    rows = (len(metrics) + 1) // 2
    virtio = any(key[0] in DISK or key[0] in NETWORK for key in values)
    pairs = [pair for pair in PAIRS
             if any(key[0] in metrics for key in values
                    for _, metrics, _ in pair[1])]
    tail = FOOT + PAIR_HEIGHT * len(pairs)
    height = TITLE + tail + ROW * rows + VIRTIO_HEIGHT * virtio
    figure = pyplot.figure(figsize=(WIDTH, height))
    most = max((sum((m, s) in values for s in SUBJECTS) for m in metrics),
               default=0)
    top, foot = 1 - (TITLE + 0.45) / height, (tail + 0.3) / height
    split = 1 - (TITLE + ROW * rows) / height
    panels = figure.add_gridspec(
        max(rows, 1), 2, left=0.135, right=0.985, top=top, hspace=0.85,
        bottom=split + 0.2 / height if virtio else foot, wspace=0.42)
    for at, metric in enumerate(metrics):
        draw_metric(figure.add_subplot(panels[at // 2, at % 2]), metric, values,
                    most)
    if virtio:
        below = figure.add_gridspec(
            2, 2, left=0.135, right=0.985, top=split - 0.85 / height,
            bottom=foot, wspace=0.42, hspace=0.3, height_ratios=(1, 1.3))
        draw_virtio(figure, below, values)
        draw_legend(figure, 0.012, split - 0.3 / height, VIRTIO_SUBJECTS)
    draw_pairs(figure, height, tail, pairs, values)
    figure.text(0.012, 1 - 0.12 / height, "Bedplate and its peers: less is "
                "better", va="top", fontsize=14, fontweight="bold", color=INK)
    figure.text(0.012, 0.08 / height, "One emulated arm64 host, one processor, "
                "256 MiB guests, lazy RAM unless hugepages are named. "
                "Instructions: processor time under -icount shift=0.",
                fontsize=7.5, color=MUTED)
    for path in paths:
        figure.savefig(path, dpi=150)
    pyplot.close(figure)
