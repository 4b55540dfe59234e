"""MNIST and Fashion-MNIST: 60,000 images for training and 10,000 for tests, 28 × 28 shades of grey, 10 classes."""

from __future__ import annotations

import os
from collections.abc import Callable
from os import PathLike, fspath
from typing import Any

import numpy

from .._dtype import int64
from ..conversion import from_numpy
from ._images import pillow
from .dataset import Dataset, position
from .idx import read_idx


class MNIST(Dataset[Any]):
    """Handwritten digits.

    The files are those of the original, in the folder ``root/MNIST/raw``; packed (``.gz``) or not.

    Parameters
    ----------
    root : str or path
        The folder for data.
    train : bool
        The images for training, or those for tests.
    transform, target_transform : callable, optional
        Applied to every image and every label when it is asked for.
    download : bool
        Whether to get files that are not there.

    Attributes
    ----------
    data : Tensor
        All images, uint8 ``(n, 28, 28)``. Fewer images, with their labels, make a smaller dataset.
    targets : Tensor
        All labels, int64 ``(n,)``.
    classes : list of str
        The names of the labels.

    Raises
    ------
    RuntimeError
        When files are missing and `download` is False, or when they cannot be downloaded.
    ValueError
        When a file is damaged or holds something else; the text names the file and the fault.

    Source
    ------
    LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 1998,
    doi:10.1109/5.726791.

    Example
    -------
    >>> sc.data.MNIST("data", train=False, download=True)  # doctest: +SKIP
    MNIST(10000 images, test, root='data')
    >>> sc.data.MNIST.classes[7]
    '7 - seven'
    """

    mirrors: tuple[str, ...] = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    # The files of the original, packed, with their MD5.
    resources: dict[str, str] = {
        "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
        "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
        "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
    }
    classes = [
        "0 - zero",
        "1 - one",
        "2 - two",
        "3 - three",
        "4 - four",
        "5 - five",
        "6 - six",
        "7 - seven",
        "8 - eight",
        "9 - nine",
    ]

    def __init__(
        self,
        root: str | PathLike[str],
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[int], Any] | None = None,
        download: bool = False,
    ) -> None:
        self.root = root
        self.train = train
        self.transform = transform
        self.target_transform = target_transform
        kind = "train" if train else "t10k"
        images_file = self._file(f"{kind}-images-idx3-ubyte", download)
        labels_file = self._file(f"{kind}-labels-idx1-ubyte", download)
        images = _expect(images_file, 3)
        labels = _expect(labels_file, 1)
        if len(labels) != len(images):
            raise ValueError(f"{labels_file}: {len(labels)} labels for {len(images)} images in {images_file}")
        if len(labels) and labels.max() >= len(self.classes):
            raise ValueError(f"{labels_file}: a label is {labels.max()}, expected 0 to {len(self.classes) - 1}")
        self.data = from_numpy(images)
        self.targets = from_numpy(labels).to(int64)

    @property
    def raw_folder(self) -> str:
        """The folder of the files.

        Example
        -------
        >>> import os, tempfile
        >>> root = tempfile.mkdtemp()
        >>> folder = os.path.join(root, "MNIST", "raw")
        >>> os.makedirs(folder)
        >>> sc.data.write_idx(os.path.join(folder, "t10k-images-idx3-ubyte"), np.zeros((2, 28, 28), np.uint8))
        >>> sc.data.write_idx(os.path.join(folder, "t10k-labels-idx1-ubyte"), np.array([7, 2], np.uint8))
        >>> sc.data.MNIST(root, train=False).raw_folder == folder
        True
        """
        return os.path.join(fspath(self.root), type(self).__name__, "raw")

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The labels by their names.

        Example
        -------
        >>> import os, tempfile
        >>> root = tempfile.mkdtemp()
        >>> folder = os.path.join(root, "MNIST", "raw")
        >>> os.makedirs(folder)
        >>> sc.data.write_idx(os.path.join(folder, "t10k-images-idx3-ubyte"), np.zeros((2, 28, 28), np.uint8))
        >>> sc.data.write_idx(os.path.join(folder, "t10k-labels-idx1-ubyte"), np.array([7, 2], np.uint8))
        >>> sc.data.MNIST(root, train=False).class_to_idx["7 - seven"]
        7
        """
        return {name: label for label, name in enumerate(self.classes)}

    def _file(self, name: str, download: bool) -> str:
        plain = os.path.join(self.raw_folder, name)
        packed = f"{plain}.gz"
        for path in (plain, packed):
            if os.path.isfile(path):
                return path
        if not download:
            raise RuntimeError(f"{type(self).__name__}: {packed} is not there; download=True gets it from the internet")
        from .download import download as fetch

        fetch([f"{mirror}{name}.gz" for mirror in self.mirrors], packed, self.resources[name])
        return packed

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        """An image of Pillow and its label, after the transforms."""
        number = position(index, len(self), type(self).__name__)
        image, target = pillow().fromarray(numpy.asarray(self.data[number])), int(self.targets[number])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        kind = "train" if self.train else "test"
        return f"{type(self).__name__}({len(self)} images, {kind}, root={str(self.root)!r})"


class FashionMNIST(MNIST):
    """Pictures of clothes; see `MNIST` for the parameters. The folder is ``root/FashionMNIST/raw``.

    Source
    ------
    Xiao, Rasul, Vollgraf, arXiv:1708.07747. Dive into Deep Learning, section 4.2.

    Example
    -------
    >>> sc.data.FashionMNIST.classes[9]
    'Ankle boot'
    """

    mirrors = (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    )
    resources = {
        "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
        "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
    }
    classes = [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ]


def _expect(path: str, rank: int) -> numpy.ndarray:
    """The bytes of an IDX file that must be images or labels."""
    values = read_idx(path)
    if values.dtype != numpy.uint8 or values.ndim != rank:
        what = "images (n, height, width)" if rank == 3 else "labels (n,)"
        raise ValueError(f"{path}: holds {values.dtype} of shape {values.shape}, expected uint8 {what}")
    return values
