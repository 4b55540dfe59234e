"""Everything that a training needs in order to go on as if it had never stopped."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy

from ..random import default_generator
from ..serialization import load, save

if TYPE_CHECKING:
    from .loop import Training

_FORMAT = "swiftconv.train.fit 1"
_ENTRIES = ("model", "optimizer", "scheduler", "history", "epoch", "step", "sums", "seconds", "random")


def random_states(training: Training) -> list[dict[str, Any]]:
    """The states of all generators of random numbers that a training draws from."""
    return [generator.bit_generator.state for generator in _generators(training)]


def set_random_states(training: Training, states: list[dict[str, Any]]) -> None:
    """Set all generators to states that they once had."""
    generators = _generators(training)
    if len(generators) != len(states):
        raise ValueError(
            f"fit: the checkpoint has {len(states)} generators of random numbers, the loaders have {len(generators)}"
        )
    for generator, state in zip(generators, states, strict=True):
        generator.bit_generator.state = state


def _generators(training: Training) -> list[numpy.random.Generator]:
    """The common generator, and those that belong to the loaders."""
    found = [default_generator()]
    for loader in (training.loader, training.validation):
        batches = getattr(loader, "batch_sampler", None)
        for owner in (loader, getattr(loader, "sampler", None), batches, getattr(batches, "sampler", None)):
            generator = getattr(owner, "generator", None)
            if isinstance(generator, numpy.random.Generator) and all(generator is not each for each in found):
                found.append(generator)
    return found


def write(training: Training, path: str | os.PathLike[str]) -> None:
    """Save a training after its last finished step."""
    scheduler = training.scheduler
    save(
        {
            "format": _FORMAT,
            "model": dict(training.model.state_dict()),
            "optimizer": training.optimizer.state_dict(),
            "scheduler": None if scheduler is None else scheduler.state_dict(),
            "history": training.history.rows,
            "epoch": training.epoch,
            "step": training.steps,
            "sums": training.sums.state(),
            "seconds": training.seconds,
            "random": {"now": training.random_now, "epoch": training.random_at_start},
        },
        path,
    )


def read(training: Training, path: str | os.PathLike[str]) -> None:
    """Set a training to where it was when a checkpoint was saved.

    Raises
    ------
    ValueError
        When the file is no checkpoint.
    RuntimeError
        When it belongs to another model.
    """
    state = load(path)
    if not isinstance(state, dict) or state.get("format") != _FORMAT:
        raise ValueError(f"fit: {os.fspath(path)} is not a checkpoint of fit; give another path, or resume=False")
    missing = [name for name in _ENTRIES if name not in state]
    if missing:
        raise ValueError(f"fit: the checkpoint {os.fspath(path)} is damaged, it has no {', '.join(missing)}")
    try:
        training.model.load_state_dict(state["model"])
        training.optimizer.load_state_dict(state["optimizer"])
        if training.scheduler is not None and state["scheduler"] is not None:
            training.scheduler.load_state_dict(state["scheduler"])
        training.history.rows = [dict(row) for row in state["history"]]
        training.epoch, training.steps = int(state["epoch"]), int(state["step"])
        training.sums.restore(state["sums"])
        training.seconds = float(state["seconds"])
        training.random_now, training.random_at_start = state["random"]["now"], state["random"]["epoch"]
        set_random_states(training, training.random_now)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"fit: the checkpoint {os.fspath(path)} is damaged ({error!r})") from error
    except (ValueError, RuntimeError) as error:
        error.add_note(f"fit: while resuming from {os.fspath(path)}; resume=False starts anew")
        raise
