# SPDX-License-Identifier: Apache-2.0
"""Runs the hosted unit tests; each cmocka test function is a test here."""
import glob
import os
import re
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def programs():
    text = subprocess.run(
        ["make", "-s", "--no-print-directory", "READY=1", "unit-list"],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return text.split()


def functions(program):
    """Names of the test functions, as the source lists them."""
    source = os.path.join(ROOT, "test/unit",
                          os.path.basename(program).split("-")[0] + ".c")
    with open(source, encoding="utf-8") as text:
        names = re.findall(r"\bTEST\((\w+)\)", text.read())
    assert names, f"{source}: no TEST() rows"
    return names


CASES = [pytest.param(program, function,
                      id=f"{os.path.basename(program)}-{function}")
         for program in programs() for function in functions(program)]


@pytest.fixture(scope="module")
def outputs():
    ran = {}

    def of(program):
        if program not in ran:
            run = subprocess.run(
                [os.path.join(ROOT, program)], capture_output=True, text=True,
                timeout=300, cwd=ROOT, errors="replace",
                env=dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP"))
            ran[program] = run
        return ran[program]

    return of


@pytest.mark.parametrize("program,function", CASES)
def test_unit(outputs, program, function):
    run = outputs(program)
    assert re.search(rf"^ok \d+ - {function}$", run.stdout, re.M), \
        run.stdout[-3000:] + run.stderr[-5000:]


def test_every_source_is_built():
    built = {os.path.basename(program).split("-")[0]
             for program in programs()}
    there = {os.path.basename(path)[:-2] for path in
             glob.glob(os.path.join(ROOT, "test/unit/test_*.c"))}
    assert there == built
