"""The dialect's names: what ``import torch`` and the modules below it resolve to."""

from __future__ import annotations

from swiftconv import nn as _native_nn
from swiftconv.dialects.switch import Dialect

_MODULES = {
    "torch": "swiftconv.torch",
    "torch.autograd": "swiftconv.torch.autograd",
    "torch.cuda": "swiftconv.torch.cuda",
    "torch.distributions": "swiftconv.torch.distributions",
    "torch.distributions.multinomial": "swiftconv.torch.distributions",
    "torch.nn": "swiftconv.torch.nn",
    "torch.nn.functional": "swiftconv.torch.nn.functional",
    "torch.nn.init": "swiftconv.torch.nn.init",
    "torch.nn.modules": "swiftconv.torch.nn",
    "torch.nn.parameter": "swiftconv.torch.nn.parameter",
    "torch.nn.utils": "swiftconv.torch.nn.utils",
    "torch.optim": "swiftconv.torch.optim",
    "torch.optim.lr_scheduler": "swiftconv.optim.lr_scheduler",
    "torch.utils": "swiftconv.torch.utils",
    "torch.utils.data": "swiftconv.torch.utils.data",
    "torchvision": "swiftconv.torch.torchvision",
    "torchvision.datasets": "swiftconv.torch.torchvision.datasets",
    "torchvision.transforms": "swiftconv.torch.torchvision.transforms",
    "d2l.torch": "swiftconv.torch.d2l",
}

# Classes of data and optimisers, by the module that PyTorch keeps them in.
_PLACES = {
    "swiftconv.data.dataset": ("torch.utils.data.dataset", "ConcatDataset Dataset Subset TensorDataset"),
    "swiftconv.data.loader": ("torch.utils.data.dataloader", "DataLoader"),
    "swiftconv.data.sampler": ("torch.utils.data.sampler", "BatchSampler RandomSampler SequentialSampler"),
    "swiftconv.data.transforms": (
        "torchvision.transforms.transforms",
        "CenterCrop Compose Lambda Normalize RandomCrop RandomHorizontalFlip Resize ToTensor",
    ),
    "swiftconv.optim.adam": ("torch.optim.adam", "Adam"),
    "swiftconv.optim.rmsprop": ("torch.optim.rmsprop", "RMSprop"),
    "swiftconv.optim.sgd": ("torch.optim.sgd", "SGD"),
}

# Where PyTorch keeps the layers that swiftconv keeps in files of other names.
_FILES = {"containers": "container", "conv_transpose": "conv", "resampling": "upsampling"}


def _layer_classes() -> dict[str, str]:
    shown = {}
    for name in _native_nn.__all__:
        cls = getattr(_native_nn, name)
        file = getattr(cls, "__module__", "").rpartition(".")[2]
        if isinstance(cls, type) and file != "parameter":
            shown[f"{cls.__module__}:{cls.__qualname__}"] = f"torch.nn.modules.{_FILES.get(file, file)}:{name}"
    return shown


def _placed_classes() -> dict[str, str]:
    return {f"{ours}:{name}": f"{shown}:{name}" for ours, (shown, names) in _PLACES.items() for name in names.split()}


def _layer_modules() -> dict[str, str]:
    """The modules that the layers' classes name, so that what is shown can be imported, and pickled."""
    return {shown.partition(":")[0]: "swiftconv.torch.nn" for shown in _layer_classes().values()}


DIALECT = Dialect(
    name="torch",
    tab="pytorch",
    modules={**_MODULES, **_layer_modules()},
    classes={
        "swiftconv.tensor:Tensor": "torch:Tensor",
        "swiftconv.ops.reduction:_Max": "torch.return_types:max",
        "swiftconv.ops.reduction:_Min": "torch.return_types:min",
        "swiftconv.ops.sorting:_Sort": "torch.return_types:sort",
        "swiftconv.ops.sorting:_Topk": "torch.return_types:topk",
        "swiftconv.torch._random:Generator": "torch._C:Generator",
        "swiftconv._size:Size": "torch:Size",
        "swiftconv._dtype:dtype": "torch:dtype",
        "swiftconv._device:device": "torch:device",
        "swiftconv.nn.parameter:Parameter": "torch.nn.parameter:Parameter",
        "swiftconv.nn.parameter:UninitializedParameter": "torch.nn.parameter:UninitializedParameter",
        "swiftconv.nn.parameter:UninitializedBuffer": "torch.nn.parameter:UninitializedBuffer",
        **_layer_classes(),
        **_placed_classes(),
    },
)
