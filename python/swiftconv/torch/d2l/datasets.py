"""The book's data: Fashion-MNIST, and points along a noisy line."""

from __future__ import annotations

from typing import Any

import swiftconv as sc
from swiftconv.data import DataLoader, TensorDataset, transforms
from swiftconv.dialects.datasets import FashionMNISTBase, SyntheticRegressionBase
from swiftconv.dialects.datasets import text_labels as get_fashion_mnist_labels
from swiftconv.torch.torchvision.datasets import FashionMNIST as _Images

from .training import DataModule

__all__ = [
    "FashionMNIST",
    "SyntheticRegressionData",
    "get_dataloader_workers",
    "get_fashion_mnist_labels",
    "load_array",
    "load_data_fashion_mnist",
    "synthetic_data",
]


class FashionMNIST(FashionMNISTBase, DataModule):
    """Pictures of clothes in ten classes.

    Parameters
    ----------
    batch_size : int
        How many pictures a batch has.
    resize : (int, int)
        The height and width that pictures are scaled to.
    """

    def __init__(self, batch_size: int = 64, resize: tuple[int, int] = (28, 28)) -> None:
        super().__init__()
        self.save_hyperparameters()
        change = transforms.Compose([transforms.Resize(resize), transforms.ToTensor()])
        self.train = _Images(root=self.root, train=True, transform=change, download=True)
        self.val = _Images(root=self.root, train=False, transform=change, download=True)

    def get_dataloader(self, train: bool) -> DataLoader:
        """Return a loader of float32 pictures ``(N, 1, H, W)`` and their labels."""
        data = self.train if train else self.val
        return DataLoader(data, self.batch_size, shuffle=train, num_workers=self.num_workers)


class SyntheticRegressionData(SyntheticRegressionBase, DataModule):
    """Points along a line or plane, with noise.

    Parameters
    ----------
    w, b
        The slope ``(n,)`` or ``(n, 1)`` and the height.
    noise : float
        The standard deviation of the noise.
    num_train, num_val, batch_size : int
        How many samples there are, and in a batch.
    """

    def __init__(
        self, w: Any, b: Any, noise: float = 0.01, num_train: int = 1000, num_val: int = 1000, batch_size: int = 32
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        count = num_train + num_val
        self.X = sc.randn(count, len(w))
        disturbance = sc.randn(count, 1) * noise
        self.y = sc.matmul(self.X, w.reshape((-1, 1))) + b + disturbance


def get_dataloader_workers() -> int:
    """Return how many threads prepare batches."""
    return 4


def load_data_fashion_mnist(batch_size: int, resize: Any = None) -> tuple[DataLoader, DataLoader]:
    """Return loaders of the training and test pictures of Fashion-MNIST, in ``../data``.

    Parameters
    ----------
    batch_size : int
        How many pictures a batch has.
    resize : int or (int, int), optional
        The size that pictures are scaled to.
    """
    steps: list[Any] = [transforms.Resize(resize)] if resize else []
    change = transforms.Compose([*steps, transforms.ToTensor()])
    parts = [_Images(root="../data", train=train, transform=change, download=True) for train in (True, False)]
    workers = get_dataloader_workers()
    train, test = (DataLoader(part, batch_size, shuffle=part.train, num_workers=workers) for part in parts)
    return train, test


def synthetic_data(w: Any, b: Any, num_examples: int) -> tuple[Any, Any]:
    """Return points ``X`` and values ``y = X w + b`` with some noise."""
    X = sc.normal(0, 1, (num_examples, len(w)))
    y = sc.matmul(X, w) + b
    y += sc.normal(0, 0.01, y.shape)
    return X, y.reshape((-1, 1))


def load_array(data_arrays: Any, batch_size: int, is_train: bool = True) -> DataLoader:
    """Return a loader of tensors."""
    return DataLoader(TensorDataset(*data_arrays), batch_size, shuffle=is_train)
