"""Images from IDX files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from ..... import _core, data
from .....data.download import download
from .....data.idx import read_idx
from ...._values import wrap
from ..dataset import Dataset


class MNIST(Dataset):
    """Handwritten digits: uint8 images ``(28, 28, 1)`` and int32 labels.

    Parameters
    ----------
    root : str, optional
        The folder of the files, packed (``.gz``) or not; missing ones are downloaded.
    train : bool
        The images for training, or those for tests.
    transform : callable, optional
        Called with image and label.
    """

    _files: type[data.MNIST] = data.MNIST
    _folder = "mnist"

    def __init__(
        self, root: str | None = None, train: bool = True, transform: Callable[..., Any] | None = None
    ) -> None:
        default = os.path.join(os.environ.get("MXNET_HOME", os.path.join("~", ".mxnet")), "datasets", self._folder)
        self._root = os.path.expanduser(default if root is None else root)
        self._transform = transform
        kind = "train" if train else "t10k"
        images, labels = (read_idx(self._file(f"{kind}-{each}")) for each in ("images-idx3-ubyte", "labels-idx1-ubyte"))
        if images.ndim != 3 or images.dtype != numpy.uint8 or labels.ndim != 1 or len(images) != len(labels):
            raise ValueError(f"{self._root}: images {images.shape} and labels {labels.shape} do not belong together")
        self._images = images[..., None]
        self._label = labels.astype(numpy.int32)
        self._data = wrap(_core.from_buffer(self._images))

    def _file(self, name: str) -> str:
        plain = os.path.join(self._root, name)
        for path in (plain, f"{plain}.gz"):
            if os.path.isfile(path):
                return path
        packed, source = f"{plain}.gz", self._files
        download([f"{mirror}{name}.gz" for mirror in source.mirrors], packed, source.resources[name])
        return packed

    def __getitem__(self, idx: Any) -> Any:
        sample = self._data[idx], wrap(_core.from_buffer(numpy.asarray(self._label[idx])))
        return sample if self._transform is None else self._transform(*sample)

    def __len__(self) -> int:
        return len(self._label)

    @property
    def fetch(self) -> Callable[[Sequence[int]], Any] | None:
        """A function that gives many images and labels at once; None with a transform of single ones."""
        return self._fetched if self._transform is None else None

    def _fetched(self, places: Sequence[int]) -> Any:
        picked = numpy.asarray(places)
        return wrap(_core.from_buffer(self._images[picked])), wrap(_core.from_buffer(self._label[picked]))


class FashionMNIST(MNIST):
    """Pictures of clothes; see `MNIST`. The files are in ``~/.mxnet/datasets/fashion-mnist``."""

    _files = data.FashionMNIST
    _folder = "fashion-mnist"
