"""The training loop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..autograd import enable_grad, no_grad
from ..nn import Module
from ..nn.modes import evaluating, modes_kept
from ..nn.parameter import is_lazy
from ..optim import Optimizer
from ..tensor import Tensor
from . import checkpoint as checkpoints
from .history import History
from .interrupts import Interrupts
from .metrics import named_metrics
from .progress import reporter

if TYPE_CHECKING:
    from .metrics import Metrics

    Loss = Callable[[Tensor, Tensor], Tensor]


class Means:
    """Means over samples, from means over batches.

    The sums are float64, so that they are the same however often a training was interrupted.
    """

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._count = 0

    def add(self, values: dict[str, float], count: int) -> None:
        """Add the means over `count` samples."""
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value * count
        self._count += count

    def means(self, prefix: str = "") -> dict[str, float]:
        """Return the means so far."""
        return {prefix + name: total / self._count for name, total in self._sums.items() if self._count}

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs."""
        return {"sums": dict(self._sums), "count": self._count}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._sums, self._count = dict(state["sums"]), int(state["count"])


class Training:
    """What `fit` works on: a training, and where it is."""

    def __init__(
        self,
        model: Module,
        loader: Iterable[Any],
        optimizer: Optimizer,
        loss: Loss,
        validation: Iterable[Any] | None,
        metrics: Metrics,
        scheduler: Any,
    ) -> None:
        self.model, self.loader, self.optimizer, self.loss = model, loader, optimizer, loss
        self.validation, self.metrics, self.scheduler = validation, named_metrics(metrics), scheduler
        self.history = History()
        self.epoch = 0
        # Of the running epoch:
        self.steps = 0
        self.sums = Means()
        self.seconds = 0.0
        self.random_at_start = self.random_now = checkpoints.random_states(self)

    def batches(self) -> Iterator[Any]:
        """The batches of the running epoch that are not done yet."""
        if self.steps == 0:
            self.random_at_start = checkpoints.random_states(self)
            yield from self.loader
            return
        # The epoch begins again, with the order that it had, and goes on from where it stopped.
        checkpoints.set_random_states(self, self.random_at_start)
        batches = iter(self.loader)
        for _ in range(self.steps):
            if next(batches, None) is None:
                break
        checkpoints.set_random_states(self, self.random_now)
        yield from batches

    def step(self, batch: Any) -> None:
        """Learn from one batch."""
        began = time.perf_counter()
        self.optimizer.zero_grad()
        with enable_grad():
            scores, target, loss = _losses(self.model, self.loss, batch)
            loss.backward()
        self.optimizer.step()
        self.sums.add(_values(scores, target, loss, self.metrics), _sample_count(target))
        self.steps += 1
        self.seconds += time.perf_counter() - began
        self.random_now = checkpoints.random_states(self)

    def finish_epoch(self, validated: dict[str, float]) -> dict[str, Any]:
        """Take note of the epoch and go on to the next one."""
        row = {
            "epoch": self.epoch + 1,
            **self.sums.means(),
            **validated,
            "learning_rate": float(self.optimizer.param_groups[0]["lr"]),
            "seconds": self.seconds,
        }
        if self.scheduler is not None:
            self.scheduler.step()
        self.history.rows.append(row)
        self.epoch += 1
        self.steps, self.sums, self.seconds = 0, Means(), 0.0
        self.random_at_start = self.random_now = checkpoints.random_states(self)
        return row

    def has_stalled(self, patience: int | None) -> bool:
        """Whether that many epochs have gone by since the best one."""
        best = self.history.best()
        return patience is not None and best is not None and len(self.history) - best["epoch"] >= patience


def _losses(model: Module, loss: Loss, batch: Any) -> tuple[Tensor, Tensor, Tensor]:
    """A model's output for a batch, what it should have been, and the loss."""
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        raise TypeError(f"fit: a batch must be inputs followed by the target, as (X, y); got {type(batch).__name__}")
    *inputs, target = batch
    scores = model(*inputs)
    return scores, target, loss(scores, target)


def _values(scores: Tensor, target: Tensor, loss: Tensor, metrics: dict[str, Any]) -> dict[str, float]:
    values = {"loss": float(loss.detach())}
    with no_grad():
        for name, metric in metrics.items():
            values[name] = float(metric(scores.detach(), target))
    return values


def _sample_count(target: Any) -> int:
    shape = getattr(target, "shape", ())
    return int(shape[0]) if len(shape) else 1


def evaluate(
    model: Module, loader: Iterable[Any], *, loss: Loss, metrics: Metrics = None, prefix: str = ""
) -> dict[str, float]:
    """Return the mean loss, and the means of metrics, over all samples.

    The model is in evaluation mode meanwhile, and nothing is recorded.

    Parameters
    ----------
    model : Module
        What computes scores from inputs.
    loader : iterable of (X, y)
        Batches.
    loss : callable
        Makes of scores and targets their mean loss.
    metrics : names or callables
        As for `fit`.
    prefix : str
        What the names in the result begin with.

    Returns
    -------
    dict of float
        "loss", and each metric by its name.

    Raises
    ------
    ValueError
        When there are no batches.

    Example
    -------
    >>> batches = [(sc.tensor([[1.0, 0.0], [0.0, 1.0]]), sc.tensor([0, 0]))]
    >>> sc.train.evaluate(nn.Identity(), batches, loss=nn.CrossEntropyLoss(), metrics="accuracy")["accuracy"]
    0.5
    """
    named = named_metrics(metrics)
    means = Means()
    with evaluating(model), no_grad():
        for batch in loader:
            scores, target, value = _losses(model, loss, batch)
            means.add(_values(scores, target, value, named), _sample_count(target))
    result = means.means(prefix)
    if not result:
        raise ValueError("evaluate: the loader gave no samples")
    return result


def fit(
    model: Module,
    loader: Iterable[Any],
    *,
    optimizer: Optimizer,
    loss: Loss,
    epochs: int,
    validation: Iterable[Any] | None = None,
    metrics: Metrics = None,
    scheduler: Any = None,
    early_stop: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = True,
    progress: bool = True,
) -> History:
    """Train a model.

    Ctrl-C ends the training after the step that is under way: the history so far is returned, the parameters are those
    of the last finished step, and a checkpoint is written. Run again, the training goes on and ends with the same
    numbers as if it had not been interrupted; also in the middle of an epoch, with the same order of the samples.

    Parameters
    ----------
    model : Module
        Afterwards in the mode, training or evaluation, that it was in.
    loader : iterable of (X, y)
        Batches, anew for every epoch; such as a `data.DataLoader`. Before the target there may be several inputs.
    optimizer : Optimizer
        Of the model's parameters.
    loss : callable
        Makes of scores and targets their mean loss; such as ``nn.CrossEntropyLoss()``.
    epochs : int
        How often to go through the loader in total, epochs before a resumption included.
    validation : iterable of (X, y), optional
        Batches that are not learned from, evaluated after every epoch.
    metrics : str or callable, sequence of them, or dict of callables by name, optional
        What to compute besides the loss: "accuracy", or functions of scores and targets that return a number.
    scheduler : learning-rate scheduler, optional
        Its ``step()`` is called after every epoch.
    early_stop : int, optional
        End after so many epochs without a lower loss, of the validation data if there are any.
    checkpoint : path, optional
        A file, ending in ``.safetensors`` or ``.npz``, that is written at first, after every epoch and on Ctrl-C.
    resume : bool
        Go on from the checkpoint if there is one; otherwise it is overwritten.
    progress : bool
        Tell how far the training is: with a bar if tqdm is installed, and a line for every epoch.

    Returns
    -------
    History
        The numbers of every epoch.

    Raises
    ------
    ValueError
        When the loader has no batches, an argument has no meaning, or the checkpoint is damaged.
    RuntimeError
        When the checkpoint belongs to another model.

    Example
    -------
    >>> X = sc.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> y = sc.tensor([0, 0, 0, 1])
    >>> net = nn.Linear(2, 2)
    >>> history = sc.train.fit(
    ...     net, [(X, y)], optimizer=sc.optim.SGD(net.parameters(), lr=1.0), loss=nn.CrossEntropyLoss(), epochs=50,
    ...     metrics="accuracy", progress=False,
    ... )
    >>> history[-1]["accuracy"]
    1.0
    """
    _check(model, optimizer, epochs, early_stop)
    training = Training(model, loader, optimizer, loss, validation, metrics, scheduler)
    report = reporter(progress)
    if checkpoint is not None and resume and Path(checkpoint).exists():
        checkpoints.read(training, checkpoint)
        steps = f" and {training.steps} steps" if training.steps else ""
        report.say(f"resuming from {os.fspath(checkpoint)} after {training.epoch} epochs{steps}")
    elif checkpoint is not None and not any(map(is_lazy, model.parameters())):
        # A path that cannot be written is found before an epoch's work is lost.
        checkpoints.write(training, checkpoint)
    history = training.history
    with modes_kept(model), Interrupts() as interrupts:
        try:
            while training.epoch < epochs and not training.has_stalled(early_stop):
                row = _one_epoch(training, interrupts, report, epochs)
                if checkpoint is not None:
                    checkpoints.write(training, checkpoint)
                report.epoch(row, epochs)
            if training.epoch < epochs:
                history.stopped = "no improvement"
        except KeyboardInterrupt:
            _note_interruption(training)
            if checkpoint is not None:
                with interrupts.held():
                    checkpoints.write(training, checkpoint)
            report.say(f"interrupted in epoch {training.epoch + 1} after {training.steps} steps")
    return history


def _check(model: Any, optimizer: Any, epochs: Any, early_stop: Any) -> None:
    if not isinstance(model, Module):
        raise TypeError(f"fit: model must be a Module, got {type(model).__name__}")
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"fit: optimizer must be an Optimizer, such as optim.SGD(...), got {type(optimizer).__name__}")
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 0:
        raise ValueError(f"fit: epochs must be a whole number from 0, got {epochs!r}")
    if early_stop is not None and (isinstance(early_stop, bool) or not isinstance(early_stop, int) or early_stop < 1):
        raise ValueError(f"fit: early_stop must be a number of epochs from 1, got {early_stop!r}")


def _one_epoch(training: Training, interrupts: Interrupts, report: Any, epochs: int) -> dict[str, Any]:
    """Go through what is left of the running epoch; returns its numbers."""
    training.model.train()
    try:
        total = len(training.loader)  # type: ignore[arg-type]
    except TypeError:
        total = None
    for batch in report.batches(training.batches(), training.epoch + 1, epochs, total, training.steps):
        with interrupts.held():
            training.step(batch)
        report.step(training.sums.means())
    if training.steps == 0:
        raise ValueError("fit: the loader gave no batches")
    validated = {}
    if training.validation is not None:
        validated = evaluate(
            training.model, training.validation, loss=training.loss, metrics=training.metrics, prefix="validation_"
        )
    with interrupts.held():
        return training.finish_epoch(validated)


def _note_interruption(training: Training) -> None:
    training.history.stopped = "interrupted"
    if training.steps:
        training.history.unfinished = {
            "epoch": training.epoch + 1,
            "steps": training.steps,
            **training.sums.means(),
        }
