# SPDX-License-Identifier: Apache-2.0
"""The benchmark's table, results.csv and plot."""

import csv
import os

import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  (after the backend is chosen)
from matplotlib.ticker import NullLocator  # noqa: E402

# metric: (title, unit, the most that Bedplate may take or None)
METRICS = {
    "start_stop": ("exec to PSCI off and exit", "instructions", 1200000),
    "start_elapsed": ("the same with the kernel's waits", "nanoseconds", None),
    "mmio_exit": ("MMIO exit to userspace and back", "instructions",
                  ("floor", 1.03)),
    "blk_read_4k": ("virtio-blk 4 KiB O_DIRECT read", "instructions", 24000),
    "to_userspace": ("exec to the guest's init", "instructions", None),
    "private_memory": ("private memory besides guest RAM", "bytes", 256 << 10),
    "peak_rss": ("peak RSS, trivial guest, 256 MiB RAM", "bytes", None),
    "image_size": ("text + rodata + data", "bytes", 48 << 10),
}
SUBJECTS = ["bedplate", "bedplate-hugepages", "qemu", "qemu-hugepages",
            "qemu-iouring", "floor", "floor-plain", "native"]
COLOURS = {"bedplate": "#0b6e4f", "bedplate-hugepages": "#5fb49c",
           "qemu": "#c8553d", "qemu-hugepages": "#e39a8a",
           "qemu-iouring": "#e39a8a", "floor": "#6b7280",
           "floor-plain": "#9aa1ab", "native": "#b0b5bd"}
PLOTTED = ["start_stop", "mmio_exit", "blk_read_4k", "to_userspace",
           "private_memory", "image_size"]
INK, MUTED = "#1f2933", "#6b7280"


def merge(results):
    """The best of all runs, and by metric the widest spread between runs."""
    samples = {}
    for result in results:
        for key, value in result.items():
            samples.setdefault(key, []).append(value)
    best = {key: min(values) for key, values in samples.items()}
    spread = {}
    for (metric, subject), values in samples.items():
        if len(values) > 1 and min(values):
            wide = (max(values) - min(values)) / min(values)
            spread[metric] = max(spread.get(metric, (0, "")), (wide, subject))
    return best, spread


def shown(value, unit):
    if value is None:
        return "-"
    if unit == "bytes":
        return (f"{value / (1 << 20):.1f} MiB" if value >= 1 << 20
                else f"{value / 1024:.1f} KiB")
    if value >= 10000000:
        return f"{value / 1000000:.1f} M"
    return f"{value / 1000000:.3f} M" if value >= 1000000 else f"{value:,}"


def target(metric, values):
    limit = METRICS[metric][2]
    if isinstance(limit, tuple):
        base = values.get((metric, limit[0]))
        return None if base is None else int(base * limit[1])
    return limit


def verdict(metric, values):
    limit = target(metric, values)
    value = values.get((metric, "bedplate"))
    if limit is None:
        return ""
    text = f"<= {shown(limit, METRICS[metric][1])}"
    if value is None:
        return text
    return text + (" ok" if value <= limit else " MISSED")


def table(values, spread):
    subjects = [s for s in SUBJECTS if any(k[1] == s for k in values)]
    rows = [["metric", *subjects, "bedplate must", "repeats within"]]
    for metric, (_, unit, _) in METRICS.items():
        if not any(key[0] == metric for key in values):
            continue
        wide = spread.get(metric)
        rows.append([metric]
                    + [shown(values.get((metric, s)), unit) for s in subjects]
                    + [verdict(metric, values),
                       f"{wide[0]:.2%} ({wide[1]})" if wide else "-"])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) if i in (0, len(row) - 2, len(row) - 1)
                       else cell.rjust(w)
                       for i, (cell, w) in enumerate(zip(row, widths))).rstrip()
             for row in rows]
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join(lines)


def write_csv(values, path):
    with open(path, "w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["metric", "subject", "value", "unit"])
        for metric, (_, unit, _) in METRICS.items():
            for subject in SUBJECTS:
                if (metric, subject) in values:
                    writer.writerow([metric, subject,
                                     values[metric, subject], unit])


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
    axes.set_title(title, loc="left", fontsize=10, color=INK,
                   fontweight="bold", pad=23)
    axes.annotate(f"{unit}{scale}", (0, 1), (0, 11), fontsize=7, color=MUTED,
                  xycoords="axes fraction", textcoords="offset points",
                  ha="left", va="bottom")
    draw_target(axes, limit, unit)


def write_plot(values, paths):
    metrics = [m for m in PLOTTED if any(key[0] == m for key in values)]
    rows = (len(metrics) + 1) // 2
    height = 1.0 + 2.35 * rows
    figure, grid = pyplot.subplots(rows, 2, figsize=(11, height),
                                   squeeze=False)
    most = max(sum((m, s) in values for s in SUBJECTS) for m in metrics)
    for axes, metric in zip(grid.flat, metrics):
        draw_metric(axes, metric, values, most)
    for axes in list(grid.flat)[len(metrics):]:
        axes.set_visible(False)
    figure.text(0.012, 1 - 0.12 / height, "Bedplate and its peers: less is "
                "better", va="top", fontsize=14, fontweight="bold", color=INK)
    figure.text(0.012, 0.08 / height, "One emulated arm64 host, one processor, "
                "256 MiB guests, lazy RAM unless hugepages are named. "
                "Instructions: processor time under -icount shift=0.",
                fontsize=7.5, color=MUTED)
    figure.tight_layout(rect=(0, 0.25 / height, 1, 1 - 0.45 / height),
                        h_pad=1.2, w_pad=2.5)
    for path in paths:
        figure.savefig(path, dpi=150)
    pyplot.close(figure)


def write(results, out, say):
    """Print the table; write results.csv, results.png and results.svg."""
    values, spread = merge(results)
    paths = [os.path.join(out, f"results.{kind}")
             for kind in ("csv", "png", "svg")]
    write_csv(values, paths[0])
    write_plot(values, paths[1:])
    say("\n" + table(values, spread) + "\n")
    say("written: " + ", ".join(paths))
