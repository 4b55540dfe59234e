"""The book's data: Fashion-MNIST, and points along a noisy line."""

from __future__ import annotations

from typing import Any

from swiftconv.dialects.datasets import FashionMNISTBase, SyntheticRegressionBase
from swiftconv.dialects.datasets import text_labels as get_fashion_mnist_labels
from swiftconv.mxnet import gluon, np
from swiftconv.mxnet.gluon.data.vision import transforms

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
        The size that pictures are scaled to.
    """

    def __init__(self, batch_size: int = 64, resize: tuple[int, int] = (28, 28)) -> None:
        super().__init__()
        self.save_hyperparameters()
        change = transforms.Compose([transforms.Resize(resize), transforms.ToTensor()])
        self.train = gluon.data.vision.FashionMNIST(train=True).transform_first(change)
        self.val = gluon.data.vision.FashionMNIST(train=False).transform_first(change)

    def get_dataloader(self, train: bool) -> Any:
        """Return a loader of float32 pictures ``(N, 1, H, W)`` and their labels."""
        data = self.train if train else self.val
        return gluon.data.DataLoader(data, self.batch_size, shuffle=train, num_workers=self.num_workers)


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
        self.X = np.random.randn(count, len(w))
        disturbance = np.random.randn(count, 1) * noise
        self.y = np.dot(self.X, w.reshape((-1, 1))) + b + disturbance


def get_dataloader_workers() -> int:
    """Return how many workers the book asks for."""
    return 4


def load_data_fashion_mnist(batch_size: int, resize: Any = None) -> tuple[Any, Any]:
    """Return loaders of the training and test pictures of Fashion-MNIST.

    Parameters
    ----------
    batch_size : int
        How many pictures a batch has.
    resize : int or (int, int), optional
        The size that pictures are scaled to.
    """
    steps: list[Any] = [transforms.Resize(resize)] if resize else []
    change = transforms.Compose([*steps, transforms.ToTensor()])
    train, test = (
        gluon.data.DataLoader(
            gluon.data.vision.FashionMNIST(train=which).transform_first(change),
            batch_size,
            shuffle=which,
            num_workers=get_dataloader_workers(),
        )
        for which in (True, False)
    )
    return train, test


def synthetic_data(w: Any, b: Any, num_examples: int) -> tuple[Any, Any]:
    """Return points ``X`` and values ``y = X w + b`` with some noise."""
    X = np.random.normal(0, 1, (num_examples, len(w)))
    y = np.dot(X, w) + b
    y += np.random.normal(0, 0.01, y.shape)
    return X, y.reshape((-1, 1))


def load_array(data_arrays: Any, batch_size: int, is_train: bool = True) -> Any:
    """Return a loader of arrays."""
    return gluon.data.DataLoader(gluon.data.ArrayDataset(*data_arrays), batch_size, shuffle=is_train)
