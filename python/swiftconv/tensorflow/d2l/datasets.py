"""Fashion-MNIST as the book's editions before 1.0 load it."""

from __future__ import annotations

from typing import Any

from ...dialects.datasets import text_labels as get_fashion_mnist_labels
from .. import _create, data, image, keras
from .. import _math as _m

__all__ = ["get_fashion_mnist_labels", "load_array", "load_data_fashion_mnist"]


def load_array(data_arrays: Any, batch_size: int, is_train: bool = True) -> Any:
    """Return batches of tensors, in random order in training."""
    dataset = data.Dataset.from_tensor_slices(tuple(data_arrays))
    return (dataset.shuffle(1000) if is_train else dataset).batch(batch_size)


def load_data_fashion_mnist(batch_size: int, resize: int | None = None) -> tuple[Any, Any]:
    """Return batches of Fashion-MNIST for training and for testing."""

    def prepared(X: Any, y: Any) -> tuple[Any, Any]:
        X = _m.expand_dims(X, 3) / 255
        return (image.resize_with_pad(X, resize, resize) if resize else X), _create.cast(y, "int32")

    train, test = keras.datasets.fashion_mnist.load_data()
    train_set = data.Dataset.from_tensor_slices(train)
    return (
        train_set.shuffle(len(train[0])).batch(batch_size).map(prepared),
        data.Dataset.from_tensor_slices(test).batch(batch_size).map(prepared),
    )
