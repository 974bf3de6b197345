# SPDX-License-Identifier: Apache-2.0
"""What `make bench` measures that repeats to the permille: the start-up."""
import json
import os
import subprocess

from lab import BUILD, CACHE, PYTHON, ROOT, kernel

# Instructions. What must be kept to by the host kernel's log and, a few percent
# above what was measured, the rest.
MOST = {"startup_host": 38e6, "startup_host_log": 25e6, "startup_pid1": 260e3,
        "startup_vmm": 2.3e6, "startup_guest": 30e6, "startup_total": 70e6,
        "startup_own_code_ratio": 0.013}


def test_start_up(tmp_path):
    done = subprocess.run(
        [PYTHON, "test/bench/startup.py",
         "--files", os.path.join(BUILD, "bench"), "--out", str(tmp_path),
         "--host-kernel", kernel("host-qemu_virt"),
         "--busybox", os.path.join(CACHE, "target/usr/bin/busybox")],
        cwd=ROOT, check=True, timeout=200, stdout=subprocess.PIPE, text=True)
    values = json.loads(done.stdout.splitlines()[-1])
    above = {metric: values[metric] for metric, most in MOST.items()
             if not 0 < values[metric] <= most}
    assert not above, above
