"""Finds the edges of an image on disk that may be larger than memory, in blocks, on several threads.

    python python/examples/large_image.py --height 30000 --width 20000 --workers 2 --most-memory 0.5

An image of 2.4 GB, for which the process takes half a gigabyte of memory at most. Needs Dask:
pip install "swiftconv[dask]"
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import dask
import dask.array as da
import numpy as np

import swiftconv as sc
from swiftconv.dask import corr2d
from swiftconv.filters import sobel


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--height", type=int, default=12_000)
    parser.add_argument("--width", type=int, default=10_000)
    parser.add_argument("--block", type=int, default=1_000, help="rows and columns of a block (default 1000)")
    parser.add_argument("--workers", type=int, default=2, help="threads of Dask (default 2)")
    parser.add_argument("--most-memory", type=float, metavar="GB", help="end with a MemoryError rather than take more")
    options = parser.parse_args()
    for name in ("height", "width", "block", "workers"):
        least = 3 if name in ("height", "width") else 1
        if getattr(options, name) < least:
            parser.error(f"--{name} must be at least {least}")
    return options


def draw(path, height, width, rows=256):
    """Writes an image of stripes on a slope, float32, a few rows at a time."""
    image = np.lib.format.open_memmap(path, "w+", np.float32, (height, width))
    columns = np.arange(width, dtype=np.float32)
    for first in range(0, height, rows):
        piece = image[first : first + rows]
        row = np.arange(first, first + len(piece), dtype=np.float32)[:, None]
        piece[:] = np.floor((columns + row) / 100) % 2
    image.flush()


class OnDisk:
    """The array of a .npy file, read where it is asked for; Dask would copy a whole `numpy.memmap` first."""

    def __init__(self, path):
        self.array = np.lib.format.open_memmap(path, "r")
        self.shape, self.dtype, self.ndim = self.array.shape, self.array.dtype, self.array.ndim

    def __getitem__(self, where):
        return np.array(self.array[where])


def edges(source, destination, block):
    """Writes the strength of the edges of one .npy file to another."""
    X = da.from_array(OnDisk(source), chunks=block)
    dx, dy = corr2d(X, sobel(1)), corr2d(X, sobel(0))
    strength = da.sqrt(dx**2 + dy**2)
    result = np.lib.format.open_memmap(destination, "w+", strength.dtype, strength.shape)
    da.store(strength, result, lock=False)
    result.flush()
    return result


def main():
    options = arguments()
    if options.most_memory is not None:
        # What the process itself has written; the pages of the two files are the system's.
        resource.setrlimit(resource.RLIMIT_DATA, (int(options.most_memory * 1e9),) * 2)
    sc.set_num_threads(1)  # The blocks are computed side by side.
    dask.config.set(scheduler="threads", num_workers=options.workers)
    with tempfile.TemporaryDirectory() as folder:
        source, destination = Path(folder, "image.npy"), Path(folder, "edges.npy")
        draw(source, options.height, options.width)
        start = time.perf_counter()
        result = edges(source, destination, options.block)
        seconds = time.perf_counter() - start
        print(f"image {options.height} x {options.width}, {source.stat().st_size / 1e9:.2f} GB, {seconds:.1f} s")
        print(f"edges {result.shape[0]} x {result.shape[1]}, strongest {float(result[:1000].max()):.3f}")


if __name__ == "__main__":
    main()
