"""What the functions of the book's editions before 1.0 have in every dialect.

The ``d2l`` of each dialect has `train_ch3`, `predict_ch3` and `train_ch6` with the book's parameters, and hands what
its framework decides to these functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .board import Accumulator, Animator, Timer
from .datasets import text_labels
from .plots import show_images

__all__ = ["CURVES", "fit_epochs", "fit_batches", "show_predictions"]

CURVES = ["train loss", "train acc", "test acc"]


def fit_epochs(train: Callable[[], tuple[float, float]], evaluate: Callable[[], float], num_epochs: int) -> None:
    """Call `train` for every epoch, and show the loss and accuracy that it returns beside those of `evaluate`."""
    animator = Animator(xlabel="epoch", xlim=[1, num_epochs], ylim=[0.3, 0.9], legend=CURVES)
    for epoch in range(num_epochs):
        animator.add(epoch + 1, (*train(), evaluate()))


def fit_batches(
    step: Callable[[Any, Any], tuple[Any, float]],
    evaluate: Callable[[], float],
    train_iter: Any,
    num_epochs: int,
    device: Any,
) -> None:
    """Train batch by batch, show the progress, and print what it has come to.

    Parameters
    ----------
    step : callable
        Trains on a batch ``(X, y)``; returns the sum of its losses and the number of right predictions.
    evaluate : callable
        Returns the accuracy on the test data, after each epoch.
    train_iter
        Batches of inputs and labels.
    num_epochs : int
        How many times to go through them.
    device
        What is printed as the place of the computation.
    """
    animator = Animator(xlabel="epoch", xlim=[1, num_epochs], legend=CURVES)
    timer, batches = Timer(), len(train_iter)
    often = max(1, batches // 5)
    for epoch in range(num_epochs):
        sums = Accumulator(3)
        for number, (X, y) in enumerate(train_iter, 1):
            timer.start()
            sums.add(*step(X, y), X.shape[0])
            timer.stop()
            train_loss, train_accuracy = sums[0] / sums[2], sums[1] / sums[2]
            if number % often == 0 or number == batches:
                animator.add(epoch + number / batches, (train_loss, train_accuracy, None))
        test_accuracy = evaluate()
        animator.add(epoch + 1, (None, None, test_accuracy))
    print(f"loss {train_loss:.3f}, train acc {train_accuracy:.3f}, test acc {test_accuracy:.3f}")
    print(f"{sums[2] * num_epochs / timer.sum():.1f} examples/sec on {device}")


def show_predictions(pictures: Any, labels: Any, predicted: Any, n: int) -> None:
    """Show the first pictures of ``(N, H, W)`` with their names, and below them the predicted ones."""
    names = zip(text_labels(labels[:n]), text_labels(predicted[:n]), strict=True)
    show_images(pictures[:n], 1, n, titles=[f"{name}\n{guess}" for name, guess in names])
