"""The book's classes of models, data and training."""

from __future__ import annotations

from typing import Any

import swiftconv as sc
from swiftconv import nn
from swiftconv.data import DataLoader, TensorDataset
from swiftconv.dialects.training import (
    ClassifierBase,
    DataModuleBase,
    ModuleBase,
    TrainerBase,
    print_output_shapes,
)
from swiftconv.nn import functional as F

__all__ = ["Classifier", "DataModule", "Module", "Trainer"]


class Module(ModuleBase, nn.Module):
    @staticmethod
    def _plain(value: Any) -> Any:
        return value.detach().numpy() if isinstance(value, sc.Tensor) else value

    def configure_optimizers(self) -> Any:
        """Return the optimizer: gradient descent with the rate ``self.lr``."""
        return sc.optim.SGD(self.parameters(), lr=self.lr)

    def apply_init(self, inputs: Any, init: Any = None) -> None:
        """Let lazy layers see an input, then apply `init` to every layer."""
        self.forward(*inputs)
        if init is not None:
            self.net.apply(init)


class DataModule(DataModuleBase):
    def get_tensorloader(self, tensors: Any, train: bool, indices: Any = slice(0, None)) -> DataLoader:
        """Return a loader of tensors, of the samples that `indices` picks."""
        dataset = TensorDataset(*(tensor[indices] for tensor in tensors))
        return DataLoader(dataset, self.batch_size, shuffle=train)


class Trainer(TrainerBase):
    def fit_epoch(self) -> None:
        """Go once through the training data, then through the validation data."""
        self.model.train()
        for batch in self.train_dataloader:
            loss = self.model.training_step(self.prepare_batch(batch))
            self.optim.zero_grad()
            with sc.no_grad():
                loss.backward()
                if self.gradient_clip_val > 0:
                    self.clip_gradients(self.gradient_clip_val, self.model)
                self.optim.step()
            self.train_batch_idx += 1
        if self.val_dataloader is None:
            return
        self.model.eval()
        for batch in self.val_dataloader:
            with sc.no_grad():
                self.model.validation_step(self.prepare_batch(batch))
            self.val_batch_idx += 1

    def clip_gradients(self, grad_clip_val: float, model: Any) -> None:
        """Scale all gradients down when their common norm is above a value."""
        nn.utils.clip_grad_norm_(model.parameters(), grad_clip_val)


class Classifier(ClassifierBase, Module):
    """A model whose output has one score per class."""

    def accuracy(self, Y_hat: Any, Y: Any, averaged: bool = True) -> Any:
        """Return the share of right predictions, or one number for each."""
        predicted = Y_hat.reshape((-1, Y_hat.shape[-1])).argmax(axis=1).type(Y.dtype)
        right = (predicted == Y.reshape(-1)).type(sc.float32)
        return right.mean() if averaged else right

    def loss(self, Y_hat: Any, Y: Any, averaged: bool = True) -> Any:
        """Return the cross-entropy, its mean or one number for each sample."""
        scores = Y_hat.reshape((-1, Y_hat.shape[-1]))
        return F.cross_entropy(scores, Y.reshape((-1,)), reduction="mean" if averaged else "none")

    def layer_summary(self, X_shape: Any) -> None:
        """Print the shape of each layer's output for a random input of a shape."""
        print_output_shapes(sc.randn(*X_shape), self.net)
