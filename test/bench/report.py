# SPDX-License-Identifier: Apache-2.0
"""The benchmark's tables, results.csv and plot."""

import csv
import os

import plot
import plot_startup
from metrics import (METRICS, PCI_SUBJECTS, SOC, SOC_SUBJECTS, SUBJECTS,
                     VIRTIO_SUBJECTS, shown, verdict)


FAMILIES = (SUBJECTS, VIRTIO_SUBJECTS, PCI_SUBJECTS, SOC_SUBJECTS)


def table_of(metric, subject):
    """The number of its table: both kinds of devices have GICv3."""
    return next((i for i, known in enumerate(FAMILIES) if subject in known
                 and (known is SOC_SUBJECTS) == (metric in SOC)), None)


def family(metric, subject):
    """The row of a table that holds it."""
    return metric, table_of(metric, subject)


def merge(results, timed):
    """The best of all runs, and by row the widest spread between runs.

    timed are the spreads of what was repeated within one run.
    """
    samples = {}
    for result in results:
        for key, value in result.items():
            if key[0] in METRICS:
                samples.setdefault(key, []).append(value)
    best = {key: min(values) for key, values in samples.items()}
    wide = {key: (max(values) - min(values)) / min(values)
            for key, values in samples.items()
            if len(values) > 1 and min(values)}
    spread = {}
    for (metric, subject), value in {**wide, **timed}.items():
        row = family(metric, subject)
        spread[row] = max(spread.get(row, (0, "")), (value, subject))
    return best, spread


def align(rows, left):
    """Lines of a table; the columns in left are aligned there."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) if i in left else cell.rjust(w)
                       for i, (cell, w) in enumerate(zip(row, widths))).rstrip()
             for row in rows]
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join(lines)


def table(values, spread, number):
    """One row for each metric that one of the table's subjects has."""
    here = {key for key in values if table_of(*key) == number}
    subjects = [s for s in FAMILIES[number] if any(k[1] == s for k in here)]
    rows = [["metric", *subjects, "bedplate must", "repeats within"]]
    for metric, (_, unit, _) in METRICS.items():
        if not any((metric, s) in here for s in subjects):
            continue
        wide = spread.get((metric, number))
        rows.append([metric]
                    + [shown(values.get((metric, s)), unit) for s in subjects]
                    + [verdict(metric, values, subjects),
                       f"{wide[0]:.2%} ({wide[1]})" if wide else "-"])
    return align(rows, (0, len(rows[0]) - 2, len(rows[0]) - 1))


def write_csv(values, path):
    with open(path, "w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["metric", "subject", "value", "unit"])
        for metric, (_, unit, _) in METRICS.items():
            for subject in dict.fromkeys(sum(FAMILIES, [])):
                if (metric, subject) in values:
                    writer.writerow([metric, subject,
                                     values[metric, subject], unit])


def write(results, timed, out, say):
    """Print the tables; write results.csv, results.png and results.svg."""
    values, spread = merge(results, timed)
    paths = [os.path.join(out, f"results.{kind}")
             for kind in ("csv", "png", "svg")]
    write_csv(values, paths[0])
    plot.write(values, paths[1:])
    if ("startup_total", "bedplate") in values:
        stages = [os.path.join(out, f"startup.{kind}")
                  for kind in ("png", "svg")]
        plot_startup.write(values, stages)
        paths += stages
    for number in range(len(FAMILIES)):
        if any(table_of(*key) == number for key in values):
            say("\n" + table(values, spread, number) + "\n")
    say("written: " + ", ".join(paths))
