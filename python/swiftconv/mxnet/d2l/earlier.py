"""The functions of the book's editions before 1.0, which the translations use."""

from __future__ import annotations

from typing import Any

from swiftconv.dialects.board import Accumulator, Animator, Timer
from swiftconv.dialects.plots import show_images
from swiftconv.mxnet import autograd, gluon, init, np

from .datasets import get_fashion_mnist_labels

__all__ = [
    "accuracy",
    "evaluate_accuracy",
    "evaluate_accuracy_gpu",
    "evaluate_loss",
    "linreg",
    "predict_ch3",
    "sgd",
    "squared_loss",
    "train_ch3",
    "train_ch6",
    "train_epoch_ch3",
]

_CURVES = ["train loss", "train acc", "test acc"]


def linreg(X: Any, w: Any, b: Any) -> Any:
    """Return ``X w + b``."""
    return np.dot(X, w) + b


def squared_loss(y_hat: Any, y: Any) -> Any:
    """Return half the squared error of each sample."""
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params: Any, lr: float, batch_size: int) -> None:
    """Take a step against the gradients of a summed loss."""
    for param in params:
        param[:] = param - lr * param.grad / batch_size


def accuracy(y_hat: Any, y: Any) -> float:
    """Return the number of right predictions, from scores or from classes.

    Example
    -------
    >>> from swiftconv.mxnet import d2l, np
    >>> d2l.accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    1.0
    """
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    return float((y_hat.astype(y.dtype) == y).astype(y.dtype).sum())


def evaluate_loss(net: Any, data_iter: Any, loss: Any) -> float:
    """Return a model's mean loss on a dataset."""
    sums = Accumulator(2)
    for X, y in data_iter:
        each = loss(net(X), y)
        sums.add(each.sum(), each.size)
    return sums[0] / sums[1]


def evaluate_accuracy(net: Any, data_iter: Any) -> float:
    """Return a model's share of right predictions on a dataset."""
    sums = Accumulator(2)
    for X, y in data_iter:
        sums.add(accuracy(net(X), y), y.size)
    return sums[0] / sums[1]


def evaluate_accuracy_gpu(net: Any, data_iter: Any, device: Any = None) -> float:
    """Return `evaluate_accuracy`; the device is where the model is, the CPU."""
    return evaluate_accuracy(net, data_iter)


def train_epoch_ch3(net: Any, train_iter: Any, loss: Any, updater: Any) -> tuple[float, float]:
    """Go once through the training data, and return the mean loss and accuracy.

    Parameters
    ----------
    net : callable
        The model.
    train_iter
        Batches of inputs and labels.
    loss : callable
        The loss of each sample.
    updater : gluon.Trainer or callable
        A trainer, or a function of the batch's size that takes a step.
    """
    sums = Accumulator(3)
    step = updater.step if isinstance(updater, gluon.Trainer) else updater
    for X, y in train_iter:
        with autograd.record():
            y_hat = net(X)
            each = loss(y_hat, y)
        each.backward()
        step(X.shape[0])
        sums.add(each.sum(), accuracy(y_hat, y), y.size)
    return sums[0] / sums[2], sums[1] / sums[2]


def train_ch3(net: Any, train_iter: Any, test_iter: Any, loss: Any, num_epochs: int, updater: Any) -> None:
    """Train a classifier, and show loss and accuracy after each epoch; see `train_epoch_ch3`."""
    animator = Animator(xlabel="epoch", xlim=[1, num_epochs], ylim=[0.3, 0.9], legend=_CURVES)
    for epoch in range(num_epochs):
        trained = train_epoch_ch3(net, train_iter, loss, updater)
        animator.add(epoch + 1, (*trained, evaluate_accuracy(net, test_iter)))


def predict_ch3(net: Any, test_iter: Any, n: int = 6) -> None:
    """Show pictures with their names, and below them the predicted ones."""
    X, y = next(iter(test_iter))
    names, predicted = get_fashion_mnist_labels(y), get_fashion_mnist_labels(net(X).argmax(axis=1))
    titles = [f"{name}\n{guess}" for name, guess in zip(names, predicted, strict=True)]
    show_images(X[0:n].reshape((n, *X.shape[-2:])), 1, n, titles=titles[0:n])


def train_ch6(net: Any, train_iter: Any, test_iter: Any, num_epochs: int, lr: float, device: Any) -> None:
    """Train a classifier by gradient descent, show its progress, and print what it has come to.

    Parameters
    ----------
    net : Block
        The model; its weights are drawn anew.
    train_iter, test_iter
        Batches of inputs and labels.
    num_epochs : int
        How many times to go through the training data.
    lr : float
        The learning rate.
    device : Context
        The CPU.
    """
    net.initialize(force_reinit=True, ctx=device, init=init.Xavier())
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr})
    animator = Animator(xlabel="epoch", xlim=[1, num_epochs], legend=_CURVES)
    timer, batches = Timer(), len(train_iter)
    timer.times.clear()
    often = max(1, batches // 5)
    for epoch in range(num_epochs):
        sums = Accumulator(3)
        for number, (X, y) in enumerate(train_iter, 1):
            timer.start()
            with autograd.record():
                y_hat = net(X)
                each = loss(y_hat, y)
            each.backward()
            trainer.step(X.shape[0])
            sums.add(each.sum(), accuracy(y_hat, y), X.shape[0])
            timer.stop()
            train_loss, train_accuracy = sums[0] / sums[2], sums[1] / sums[2]
            if number % often == 0 or number == batches:
                animator.add(epoch + number / batches, (train_loss, train_accuracy, None))
        test_accuracy = evaluate_accuracy_gpu(net, test_iter)
        animator.add(epoch + 1, (None, None, test_accuracy))
    print(f"loss {train_loss:.3f}, train acc {train_accuracy:.3f}, test acc {test_accuracy:.3f}")
    print(f"{sums[2] * num_epochs / timer.sum():.1f} examples/sec on {device}")
