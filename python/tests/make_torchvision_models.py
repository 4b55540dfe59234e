"""Writes torchvision_models.json: what torchvision's networks are, for test_models.py.

    python python/tests/make_torchvision_models.py

Needs torch and torchvision. For each network the file has the names and shapes of its state, and the scores that it
gives for one image, with weights that `torchvision_weights` makes from the names.
"""

import json
from pathlib import Path

import numpy
import torch
import torchvision

from torchvision_weights import NETWORKS, OPTIONS, image, state_like

COMMAND = "python python/tests/make_torchvision_models.py"


def described(name):
    network = getattr(torchvision.models, name)(**OPTIONS.get(name, {})).eval()
    state = network.state_dict()
    listing = {path: list(tensor.shape) for path, tensor in state.items()}
    small = getattr(torchvision.models, name)(num_classes=10, **OPTIONS.get(name, {})).eval()
    shapes = {path: tuple(tensor.shape) for path, tensor in small.state_dict().items()}
    small.load_state_dict({path: torch.from_numpy(array) for path, array in state_like(shapes).items()})
    with torch.no_grad():
        scores = small(torch.from_numpy(image(NETWORKS[name])))
    return {"state": listing, "scores": numpy.round(scores[0].double().numpy(), 6).tolist()}


def main():
    torch.manual_seed(0)
    networks = {}
    for name in NETWORKS:
        networks[name] = described(name)
        print(name, networks[name]["scores"][:3])
    lines = []
    for name, network in networks.items():
        entries = ",\n".join(f"   {json.dumps(path)}: {shape}" for path, shape in network["state"].items())
        lines.append(f' "{name}": {{\n  "scores": {network["scores"]},\n  "state": {{\n{entries}\n  }}\n }}')
    text = ",\n".join([f' "made by": "{COMMAND}"', *lines])
    Path(__file__).with_name("torchvision_models.json").write_text(f"{{\n{text}\n}}\n")


if __name__ == "__main__":
    main()
