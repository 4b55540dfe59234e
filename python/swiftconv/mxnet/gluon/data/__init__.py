"""``mxnet.gluon.data``: datasets and loaders."""

from ....dialects.switch import missing as _missing
from . import vision
from .dataset import ArrayDataset, Dataset, SimpleDataset
from .loader import BatchSampler, DataLoader, RandomSampler, Sampler, SequentialSampler

__all__ = ["ArrayDataset", "BatchSampler", "DataLoader", "Dataset", "RandomSampler", "Sampler", "SequentialSampler"]
__all__ += ["SimpleDataset", "vision"]

__getattr__ = _missing("mxnet", "mxnet.gluon.data", globals())
