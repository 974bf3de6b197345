# SPDX-License-Identifier: Apache-2.0
"""The plot of the start-up: its stages, stacked."""

from plot import INK, MUTED, pyplot, style_frame, tick_text
from metrics import METRICS, STARTUP, shown, target

COLOURS = {"startup_host": "#6b7280", "startup_pid1": "#c8553d",
           "startup_vmm": "#0b6e4f", "startup_guest": "#b0b5bd"}
SUBJECT = "bedplate"
WIDTH, HEIGHT = 11, 2.6
UNIT = "instructions"


def draw_stages(axes, values):
    """One bar; those that are too narrow for their names have a line."""
    total = values["startup_total", SUBJECT]
    begin, narrow = 0, 0
    for metric, title in STARTUP.items():
        count = values[metric, SUBJECT]
        axes.barh(0, count, left=begin, color=COLOURS[metric], height=0.6)
        text = f"{title}\n{shown(count, UNIT)}, {count / total:.1%}"
        middle = begin + count / 2
        if count / total > 0.15:
            axes.text(middle, 0, text, ha="center", va="center", fontsize=9,
                      color="white" if metric == "startup_host" else INK,
                      fontweight="bold")
        else:
            axes.annotate(text, (middle, 0.3),
                          (16 - 100 * (narrow == 0), 16),
                          textcoords="offset points", fontsize=9,
                          color=COLOURS[metric], fontweight="bold",
                          arrowprops={"arrowstyle": "-",
                                      "color": COLOURS[metric]})
            narrow += 1
        begin += count


def write(values, paths):
    total = values["startup_total", SUBJECT]
    figure, axes = pyplot.subplots(figsize=(WIDTH, HEIGHT))
    figure.subplots_adjust(left=0.02, right=0.98, top=0.78, bottom=0.2)
    style_frame(axes)
    axes.set_yticks([])
    axes.set_ylim(-0.4, 0.75)
    axes.set_xlim(0, total)
    marks = range(0, total, 10000000)
    axes.set_xticks(marks, [tick_text(m, UNIT) for m in marks], fontsize=7,
                    color=MUTED)
    draw_stages(axes, values)
    limit = METRICS["startup_host"][2]
    axes.axvline(limit, color=INK, linewidth=1, linestyle=(0, (3, 2)))
    axes.text(limit, -0.39, f" host kernel must: {shown(limit, UNIT)}",
              fontsize=7, color=INK, va="bottom")
    share = values["startup_own_ratio", SUBJECT]
    figure.text(0.012, 0.96, "Power-on to the guest's userspace: "
                f"{shown(total, UNIT)} instructions", va="top", fontsize=13,
                fontweight="bold", color=INK)
    figure.text(0.012, 0.02, "qemu_virt as it is flashed, two processors, "
                f"under -icount shift=0. PID 1 and VMM: {share:.1%}, must: "
                f"{target('startup_own_ratio', values):.0%}.", fontsize=7.5,
                color=MUTED)
    for path in paths:
        figure.savefig(path, dpi=150)
    pyplot.close(figure)
