"""What torchvision makes of weights and a picture that both sides compute by a formula.

    /usr/bin/python3 torchvision_golden.py golden ../resources/golden/torchvision-import.json
    /usr/bin/python3 torchvision_golden.py small ../resources/golden     # needs safetensors too
    /usr/bin/python3 torchvision_golden.py save DIR CASE...              # for the live test

Needs torchvision (Debian: python3-torchvision 0.14.1); the Java side is FormulaWeights.
"""

import json
import os
import sys
import zlib
from collections import OrderedDict

import numpy as np
import torch
import torchvision
from torchvision.models.detection import retinanet_resnet50_fpn, retinanet_resnet50_fpn_v2
from torchvision.models.detection._utils import overwrite_eps
from torchvision.ops.misc import FrozenBatchNorm2d

WIDTH, HEIGHT = 192, 128
SAMPLES = 150


def uniform(name, count):
    """Numbers from 0 to below 1, by a hash of name and index (lowbias32)."""
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(zlib.crc32(name.encode()))
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x7FEB352D)
        x ^= x >> np.uint32(15)
        x *= np.uint32(0x846CA68B)
        x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float64) / (1 << 24)


def values(key, shape, scales):
    """A parameter's values: activations neither vanish nor explode, and some scores pass the threshold.

    scales: of what goes into class logits, into box deltas, and of the activations before BatchNorm.
    """
    u = uniform(key, int(np.prod(shape)))
    before_norm = scales["before_norm"] if "fpn" not in key and "head" not in key else 1.0
    if key.endswith("running_var"):
        v = (0.5 + u) * before_norm * before_norm
    elif key.endswith("running_mean"):
        v = 0.2 * (u - 0.5) * before_norm
    elif len(shape) == 4:
        scale = scales["logits"] if "cls_logits" in key else scales["deltas"] if "bbox_reg" in key else before_norm
        v = (2 * u - 1) * np.sqrt(6.0 / (shape[1] * shape[2] * shape[3])) * scale
    elif key.endswith("cls_logits.bias"):
        v = 0.2 * (u - 0.5) - 5
    elif key.endswith("weight"):
        v = 0.4 + 0.6 * u
    else:
        v = 0.2 * (u - 0.5)
    return torch.from_numpy(v.astype(np.float32).reshape(shape))


def picture():
    """(3, H, W) bytes."""
    c, y, x = np.mgrid[0:3, 0:HEIGHT, 0:WIDTH].astype(np.int64)
    noise = (uniform("picture", 3 * HEIGHT * WIDTH) * 32).astype(np.int64).reshape(3, HEIGHT, WIDTH)
    return (((x * (3 + c) + y * (5 - c)) % 256) ^ noise).astype(np.uint8)


def fill(model, scales):
    state = model.state_dict()
    for key, tensor in state.items():
        if not key.endswith("num_batches_tracked"):
            tensor.copy_(values(key, tuple(tensor.shape), scales))
    return model.eval()


def shapes(model):
    return {k: list(v.shape) for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}


def sampled(tensor):
    flat = tensor.detach().reshape(-1)
    at = [i * (flat.numel() - 1) // (SAMPLES - 1) for i in range(SAMPLES)]
    return {
        "count": flat.numel(),
        "mean_magnitude": flat.double().abs().mean().item(),
        "values": [[i, float("%.7g" % flat[i].item())] for i in at],
    }


def detector(name, build, outputs, scales, change=lambda model: model):
    model = build(weights=None, weights_backbone=None, num_classes=outputs, min_size=HEIGHT, max_size=WIDTH)
    model = change(fill(model, scales))
    captured = {}
    model.head.register_forward_hook(lambda module, inputs, result: captured.update(result))
    with torch.no_grad():
        (found,) = model([torch.from_numpy(picture()).float() / 255])
    return model, {
        "name": name,
        "outputs": outputs,
        "scales": scales,
        "cls_logits": sampled(captured["cls_logits"]),
        "bbox_regression": sampled(captured["bbox_regression"]),
        "detections": [
            [int(label)] + [float("%.7g" % number) for number in [score] + box]
            for box, score, label in zip(found["boxes"].tolist(), found["scores"].tolist(), found["labels"])
        ],
        "state": shapes(model),
    }


def frozen(model):
    """The model with frozen BatchNorm of epsilon 0, as torchvision makes of its published weights."""

    def convert(module):
        for name, child in module.named_children():
            if isinstance(child, torch.nn.BatchNorm2d):
                norm = FrozenBatchNorm2d(child.num_features)
                norm.load_state_dict(child.state_dict())
                setattr(module, name, norm)
            else:
                convert(child)

    convert(model)
    overwrite_eps(model, 0.0)
    return model


def features(name, build):
    scales = {"logits": 0, "deltas": 0, "before_norm": 1}
    model = fill(build(weights=None), scales)
    body = torchvision.models._utils.IntermediateLayerGetter(model, {"layer2": "c3", "layer3": "c4", "layer4": "c5"})
    image = torch.from_numpy(picture()).float() / 255
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.no_grad():
        out = body(((image - mean[:, None, None]) / std[:, None, None])[None])
    return model, {"name": name, "scales": scales, "state": shapes(model), **{k: sampled(v) for k, v in out.items()}}


V1 = {"logits": 0.06, "deltas": 0.05, "before_norm": 1}
V2 = {"logits": 1.1, "deltas": 0.4, "before_norm": 1}
CASES = {
    "retinanet_resnet50_fpn": lambda name: detector(name, retinanet_resnet50_fpn, 91, V1),
    "retinanet_resnet50_fpn_epsilon_0": lambda name: detector(
        name, retinanet_resnet50_fpn, 91, {**V1, "before_norm": 0.01}, frozen
    ),
    "retinanet_resnet50_fpn_v2": lambda name: detector(name, retinanet_resnet50_fpn_v2, 6, V2),
    "resnet18": lambda name: features(name, torchvision.models.resnet18),
    "resnet50": lambda name: features(name, torchvision.models.resnet50),
}


def write(answers, file):
    with open(file, "w") as out:
        json.dump({"torchvision": torchvision.__version__, "width": WIDTH, "height": HEIGHT, "cases": answers}, out)
        out.write("\n")


def golden(file):
    answers = {name: case(name)[1] for name, case in CASES.items()}
    answers["retinanet_resnet50_fpn_epsilon_0"].pop("state")  # as the first one's
    write(answers, file)


def save(folder, *names):
    """Models as their users save them; .safetensors too where that module is there."""
    answers = {}
    for name in names:
        model, answers[name] = CASES[name](name)
        torch.save(model.state_dict(), os.path.join(folder, name + ".pth"))
        if safetensors is not None:
            safetensors.save_file(model.state_dict(), os.path.join(folder, name + ".safetensors"))
    write(answers, os.path.join(folder, "answers.json"))


def small(folder):
    """Files of a few bytes with every type, views and shared storages, and two that must be refused."""
    whole = torch.arange(12.0).reshape(3, 4)
    tensors = {
        "float": torch.arange(6.0).reshape(2, 3) / 3,
        "double": torch.arange(6).double().reshape(2, 3) / 3,
        "half": torch.tensor([0.25, -1.5, 65504.0, 6e-8, 1e-5, -0.0]).half(),
        "bfloat16": torch.tensor([0.25, -1.5, 3e38, 1e-38]).bfloat16(),
        "counter": torch.tensor(5),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
    }
    views = {
        "whole": whole,
        "rows": whole[1:],
        "column": whole[:, 2],
        "transposed": whole.t(),
        "expanded": torch.tensor([7.0]).expand(2, 3),
        "parameter": torch.nn.Parameter(torch.ones(2)),
    }
    state = OrderedDict({**tensors, **views})
    state._metadata = OrderedDict({"": {"version": 1}})
    torch.save(state, os.path.join(folder, "torch-small.pth"))
    torch.save(
        {"epoch": 3, "lr": 0.1, "done": True, "note": None, "model": {"module." + k: v for k, v in tensors.items()}},
        os.path.join(folder, "torch-training.pth"),
    )
    torch.save({**tensors, "device": torch.device("cpu")}, os.path.join(folder, "torch-device.pth"))
    torch.save(tensors, os.path.join(folder, "torch-legacy.pth"), _use_new_zipfile_serialization=False)
    safetensors.save_file(tensors, os.path.join(folder, "small.safetensors"), {"format": "pt"})


try:
    import safetensors.torch as safetensors
except ImportError:
    safetensors = None

if __name__ == "__main__":
    torch.set_num_threads(2)
    {"golden": golden, "save": save, "small": small}[sys.argv[1]](*sys.argv[2:])
