"""The book's classes of models, data and training."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import numpy

from ...dialects.board import ProgressBoard
from ...dialects.training import DataModuleBase, ProgressBase, TrainerBase, print_output_shapes
from .. import numpy as jnp
from .. import optax, random
from .._transforms import jit, value_and_grad
from ..flax import linen as nn
from ..flax.training import train_state
from ..tree_util import tree_leaves, tree_map
from .aliases import get_key

__all__ = ["Classifier", "DataModule", "Module", "Trainer"]


class Module(ProgressBase, nn.Module):
    """A model that knows its loss and its optimizer, and plots its progress.

    Its parameters are no part of it: the trainer keeps them in a state.
    """

    plot_train_per_epoch: int = dataclasses.field(default=2, init=False)
    plot_valid_per_epoch: int = dataclasses.field(default=1, init=False)
    board: ProgressBoard = dataclasses.field(default_factory=ProgressBoard, init=False, repr=False)

    @staticmethod
    def _plain(value: Any) -> Any:
        return numpy.asarray(value)

    def forward(self, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the output of ``self.net``."""
        return self._run_net(X, *args, **kwargs)

    def __call__(self, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the output of `forward`."""
        return self.forward(X, *args, **kwargs)

    def training_step(self, params: Any, batch: Any, state: Any) -> tuple[Any, Any]:
        """Return the loss of a batch and the gradients, and plot the loss."""
        loss, grads = value_and_grad(self.loss)(params, batch[:-1], batch[-1], state)
        self.plot("loss", loss, train=True)
        return loss, grads

    def validation_step(self, params: Any, batch: Any, state: Any) -> None:
        """Plot the loss of a batch."""
        self.plot("loss", self.loss(params, batch[:-1], batch[-1], state), train=False)

    def apply_init(self, dummy_input: Any, key: Any) -> Any:
        """Return new variables, in shapes that fit an input."""
        return self.init(key, *dummy_input)

    def configure_optimizers(self) -> Any:
        """Return the optimizer: gradient descent with the rate ``self.lr``."""
        return optax.sgd(self.lr)


class Classifier(Module):
    """A model whose output is a score for each class."""

    def training_step(self, params: Any, batch: Any, state: Any) -> tuple[Any, Any]:
        """Return the loss of a batch with the changed statistics, and the gradients; plot the loss."""
        value, grads = value_and_grad(self.loss, has_aux=True)(params, batch[:-1], batch[-1], state)
        self.plot("loss", value[0], train=True)
        return value, grads

    def validation_step(self, params: Any, batch: Any, state: Any) -> None:
        """Plot the loss and the accuracy of a batch."""
        loss, _ = self.loss(params, batch[:-1], batch[-1], state)
        self.plot("loss", loss, train=False)
        self.plot("acc", self.accuracy(params, batch[:-1], batch[-1], state), train=False)

    @partial(jit, static_argnums=(0, 5))
    def accuracy(self, params: Any, X: Any, Y: Any, state: Any, averaged: bool = True) -> Any:
        """Return the share of right predictions, or for each whether it is right."""
        Y_hat = state.apply_fn({"params": params, "batch_stats": state.batch_stats}, *X)
        right = Y_hat.reshape((-1, Y_hat.shape[-1])).argmax(axis=1).astype(Y.dtype) == Y.reshape(-1)
        right = right.astype(jnp.float32)
        return right.mean() if averaged else right

    @partial(jit, static_argnums=(0, 5))
    def loss(self, params: Any, X: Any, Y: Any, state: Any, averaged: bool = True) -> Any:
        """Return the cross-entropy, and the statistics that the layers changed."""
        variables = {"params": params, "batch_stats": state.batch_stats}
        Y_hat, changed = state.apply_fn(variables, *X, mutable=["batch_stats"], rngs={"dropout": state.dropout_rng})
        losses = optax.softmax_cross_entropy_with_integer_labels(Y_hat.reshape((-1, Y_hat.shape[-1])), Y.reshape(-1))
        return (losses.mean() if averaged else losses), changed

    def layer_summary(self, X_shape: Any, key: Any = None) -> None:
        """Print the class and the output shape of every layer, for an input of zeros."""
        X = jnp.zeros(X_shape)
        variables = self.init(get_key() if key is None else key, X)
        model = self.clone().bind(variables, mutable=["batch_stats"])
        print_output_shapes(X, model.net.layers)


class DataModule(DataModuleBase):
    def get_tensorloader(self, tensors: Any, train: bool, indices: Any = slice(0, None)) -> Any:
        """Return a loader of arrays, of the samples that `indices` picks."""
        from .datasets import ArrayLoader

        return ArrayLoader([each[indices] for each in tensors], self.batch_size, train)


class TrainState(train_state.TrainState):
    """The state of learning, with the statistics of `BatchNorm` and the key of `Dropout`."""

    batch_stats: Any
    dropout_rng: Any


class Trainer(TrainerBase):
    def prepare_batch(self, batch: Any) -> Any:
        """Return a batch of arrays."""
        return tree_map(jnp.array, tuple(batch))

    def fit(self, model: Any, data: Any, key: Any = None) -> None:
        """Make parameters, and train them on data."""
        self.prepare_data(data)
        self.prepare_model(model)
        self.optim = model.configure_optimizers()
        params_key, dropout_key = random.split(get_key() if key is None else key)
        sample = self.prepare_batch(next(iter(self.train_dataloader)))[:-1]
        variables = model.apply_init(sample, key={"params": params_key, "dropout": dropout_key})
        self.state = TrainState.create(
            apply_fn=model.apply,
            params=variables["params"],
            batch_stats=variables.get("batch_stats", {}),
            dropout_rng=dropout_key,
            tx=self.optim,
        )
        self._fit_epochs()

    def fit_epoch(self) -> None:
        """Train on all batches once, then validate."""
        self.model.training = True
        for batch in self.train_dataloader:
            value, grads = self.model.training_step(self.state.params, self.prepare_batch(batch), self.state)
            if self.gradient_clip_val > 0:
                grads = self.clip_gradients(self.gradient_clip_val, grads)
            state = self.state.apply_gradients(grads=grads)
            state = state.replace(dropout_rng=random.split(state.dropout_rng)[0])
            if tree_leaves(state.batch_stats):
                state = state.replace(batch_stats=value[1]["batch_stats"])
            self.state = state
            self.train_batch_idx += 1
        if self.val_dataloader is None:
            return
        self.model.training = False
        for batch in self.val_dataloader:
            self.model.validation_step(self.state.params, self.prepare_batch(batch), self.state)
            self.val_batch_idx += 1

    def clip_gradients(self, grad_clip_val: float, grads: Any) -> Any:
        """Return gradients whose norm together is at most a number."""
        transformation = optax.clip_by_global_norm(grad_clip_val)
        return transformation.update(grads, transformation.init(grads))[0]
