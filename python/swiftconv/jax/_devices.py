"""The devices that JAX counts: one CPU."""

from __future__ import annotations

from typing import Any

from .tree_util import tree_map


class CpuDevice:
    """The CPU."""

    id = 0
    platform = "cpu"
    device_kind = "cpu"
    process_index = 0

    def __repr__(self) -> str:
        return "CpuDevice(id=0)"

    def __str__(self) -> str:
        return "TFRT_CPU_0"


CPU = CpuDevice()


def devices(backend: str | None = None) -> list[CpuDevice]:
    """Return the devices: the CPU.

    Example
    -------
    >>> import swiftconv.jax as jax
    >>> jax.devices()
    [CpuDevice(id=0)]
    """
    if backend not in (None, "cpu"):
        raise RuntimeError(
            f"Unknown backend: '{backend}' requested, but no platforms that are instances of {backend} "
            "are present. Platforms present are: cpu"
        )
    return [CPU]


local_devices = devices


def device_count(backend: str | None = None) -> int:
    """Return the number of devices."""
    return len(devices(backend))


local_device_count = device_count


def default_backend() -> str:
    """Return "cpu"."""
    return "cpu"


def device_put(x: Any, device: Any = None) -> Any:
    """Return arrays in the places of numbers and NumPy arrays."""
    from ._array import as_array

    return tree_map(as_array, x)


def device_get(x: Any) -> Any:
    """Return NumPy arrays in the places of arrays."""
    import numpy

    return tree_map(numpy.asarray, x)


def block_until_ready(x: Any) -> Any:
    """Return `x`, which is ready."""
    return x
