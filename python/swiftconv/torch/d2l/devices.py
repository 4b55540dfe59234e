"""Devices. There are no graphics cards, so that every notebook takes the way of the CPU."""

from __future__ import annotations

from swiftconv import cuda, device

__all__ = ["cpu", "gpu", "num_gpus", "try_all_gpus", "try_gpu"]


def cpu() -> device:
    """Return the CPU."""
    return device("cpu")


def gpu(i: int = 0) -> device:
    """Return the name of graphics card number `i`, where no tensor can live."""
    return device(f"cuda:{i}")


def num_gpus() -> int:
    """Return 0."""
    return cuda.device_count()


def try_gpu(i: int = 0) -> device:
    """Return the CPU, as there is no graphics card number `i`."""
    return gpu(i) if num_gpus() > i else cpu()


def try_all_gpus() -> list[device]:
    """Return an empty list, as there are no graphics cards."""
    return [gpu(i) for i in range(num_gpus())]
