"""``tf.keras.datasets``: images that are fetched once and kept in the user's folder."""

from __future__ import annotations

import os
from typing import Any

from ...data.download import download as _download
from ...data.idx import read_idx as _read_idx
from ...data.mnist import FashionMNIST as _FashionMNIST
from ...dialects import missing as _missing

__all__ = ["fashion_mnist"]


def _home() -> str:
    return os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")


class _FashionImages:
    """``tf.keras.datasets.fashion_mnist``."""

    @staticmethod
    def load_data() -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """Return images and labels for training, and images and labels for testing, as uint8 arrays.

        The files are those of Keras: ``~/.keras/datasets/fashion-mnist`` or below ``KERAS_HOME``.
        """
        folder = os.path.join(_home(), "datasets", "fashion-mnist")
        names = [f"{kind}-{what}-ubyte" for kind in ("train", "t10k") for what in ("images-idx3", "labels-idx1")]
        arrays = []
        for name in names:
            path = os.path.join(folder, f"{name}.gz")
            if not os.path.isfile(path):
                sources = [f"{mirror}{name}.gz" for mirror in _FashionMNIST.mirrors]
                _download(sources, path, _FashionMNIST.resources[name])
            arrays.append(_read_idx(path))
        return (arrays[0], arrays[1]), (arrays[2], arrays[3])


fashion_mnist = _FashionImages

__getattr__ = _missing("tensorflow", "tensorflow.keras.datasets", globals())
