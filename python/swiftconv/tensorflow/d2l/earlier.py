"""The functions of the book's editions before 1.0, which the translations use."""

from __future__ import annotations

from typing import Any

from ...dialects.board import Accumulator, Animator, Timer
from .. import _create, keras
from .. import _elementwise as _e
from .. import _math as _m
from .._tape import GradientTape

__all__ = [
    "accuracy",
    "evaluate_accuracy",
    "linreg",
    "sgd",
    "squared_loss",
    "train_ch3",
    "train_ch6",
    "train_epoch_ch3",
]

_CURVES = ["train loss", "train acc", "test acc"]


def linreg(X: Any, w: Any, b: Any) -> Any:
    """Return ``X w + b``."""
    return _m.matmul(X, w) + b


def squared_loss(y_hat: Any, y: Any) -> Any:
    """Return half the squared error of each sample."""
    return (y_hat - _m.reshape(y, y_hat.shape)) ** 2 / 2


def sgd(params: Any, grads: Any, lr: float, batch_size: int) -> None:
    """Take a step against the gradients of a summed loss."""
    for param, grad in zip(params, grads, strict=True):
        param.assign_sub(lr * grad / batch_size)


def accuracy(y_hat: Any, y: Any) -> float:
    """Return the number of right predictions, from scores or from classes."""
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = _m.argmax(y_hat, 1)
    right = _e.equal(_create.cast(y_hat, y.dtype), y)
    return float(_m.reduce_sum(_create.cast(right, y.dtype)))


def evaluate_accuracy(net: Any, data_iter: Any) -> float:
    """Return a model's share of right predictions on a dataset."""
    sums = Accumulator(2)
    for X, y in data_iter:
        sums.add(accuracy(net(X), y), len(y))
    return sums[0] / sums[1]


def train_epoch_ch3(net: Any, train_iter: Any, loss: Any, updater: Any) -> tuple[float, float]:
    """Go once through the training data, and return the mean loss and accuracy.

    Parameters
    ----------
    net : Layer or callable
        The model.
    train_iter : Dataset
        Batches of inputs and labels.
    loss : callable
        The loss: one of Keras, or a function of prediction and truth.
    updater : Optimizer or object
        An optimizer, or something with `params`, called with a batch's size and gradients.
    """
    sums = Accumulator(3)
    for X, y in train_iter:
        with GradientTape() as tape:
            y_hat = net(X)
            each = loss(y, y_hat) if isinstance(loss, keras.losses.Loss) else loss(y_hat, y)
        if isinstance(updater, keras.optimizers.Optimizer):
            params = net.trainable_variables
            updater.apply_gradients(zip(tape.gradient(each, params), params, strict=True))
        else:
            updater(len(y), tape.gradient(each, updater.params))
        total = float(_m.reduce_sum(each)) * (1 if each.shape.rank else len(y))
        sums.add(total, accuracy(y_hat, y), len(y))
    return sums[0] / sums[2], sums[1] / sums[2]


def train_ch3(net: Any, train_iter: Any, test_iter: Any, loss: Any, num_epochs: int, updater: Any) -> None:
    """Train a classifier, and show loss and accuracy after each epoch; see `train_epoch_ch3`."""
    animator = Animator(xlabel="epoch", xlim=[1, num_epochs], ylim=[0.3, 0.9], legend=_CURVES)
    for epoch in range(num_epochs):
        trained = train_epoch_ch3(net, train_iter, loss, updater)
        animator.add(epoch + 1, (*trained, evaluate_accuracy(net, test_iter)))


def train_ch6(net_fn: Any, train_iter: Any, test_iter: Any, num_epochs: int, lr: float, device: Any) -> Any:
    """Train a classifier by gradient descent, show its progress, print what it has come to, and return it.

    Parameters
    ----------
    net_fn : callable
        Makes the model.
    train_iter, test_iter : Dataset
        Batches of inputs and labels.
    num_epochs : int
        How many times to go through the training data.
    lr : float
        The learning rate.
    device : device
        The CPU.
    """
    net = net_fn()
    updater = keras.optimizers.SGD(learning_rate=lr)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    animator, timer = Animator(xlabel="epoch", xlim=[1, num_epochs], legend=_CURVES), Timer()
    for epoch in range(num_epochs):
        timer.start()
        trained = train_epoch_ch3(net, train_iter, loss, updater)
        timer.stop()
        test_acc = evaluate_accuracy(net, test_iter)
        animator.add(epoch + 1, (*trained, test_acc))
    seen = len(train_iter) * len(next(iter(train_iter))[1])
    print(f"loss {trained[0]:.3f}, train acc {trained[1]:.3f}, test acc {test_acc:.3f}")
    print(f"{num_epochs * seen / timer.sum():.1f} examples/sec on {getattr(device, '_device_name', device)}")
    return net
