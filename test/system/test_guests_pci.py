# SPDX-License-Identifier: Apache-2.0
"""The bare-metal guests for PCI and virtio over PCI, on GICv3 and GICv2."""
import pytest

from lab import Case, assert_passes, boot_on_demand, run_cases

QUICK = """pci_config pci_bars pci_msix pci_msix_bad pci_intx virtio_pci
virtio_pci_window virtio_pci_legacy virtio_ring_reset virtio_ring_pci
virtio_desc_pci virtio_indirect_pci virtio_notify_pci virtio_blk_pci
virtio_blk_bad_pci virtio_rng_pci virtio_setup_pci virtio_notify_msix""".split()
# A minute or more: once, on the default host.
LONG = """virtio_reset_io_pci virtio_reset_io_msix virtio_wrap_pci
notify_flood_pci mmio_window_pci mmio_window_msix""".split()
GUESTS = {"gicv3": QUICK + LONG, "gicv2": QUICK}


def board(machine):
    cases = [Case(name, f"test_pci_{machine}/{name}", limit=300)
             for name in GUESTS[machine]]
    return run_cases(f"guests-pci-{machine}", machine, cases, limit=1500)


@pytest.fixture(scope="module")
def results():
    return boot_on_demand({machine: lambda machine=machine: board(machine)
                           for machine in GUESTS})


@pytest.mark.parametrize("machine,name", [
    (machine, name) for machine in GUESTS for name in GUESTS[machine]])
def test_guest(results, machine, name):
    assert_passes(results(machine, name), name)
