"""Makes src/test/resources/golden/pytorch-training.json: steps of optimizers and norms as PyTorch computes them.

    /usr/bin/python3 src/test/python/pytorch_training.py > src/test/resources/golden/pytorch-training.json

Debian's python3-torch 1.13.1. Inputs follow from formulas, so that the file holds little but results.
"""

import json

import torch

torch.set_default_dtype(torch.float64)


def wave(count, step, scale=1.0):
    return scale * torch.sin(torch.arange(count) * step + 0.3)


def rounded(tensor):
    return [float("%.9g" % v) for v in tensor.detach().flatten()]


def trajectory(make):
    """Weights after each of four steps; the rate changes, the gradients do not depend on the weights."""
    weight = wave(6, 0.7).requires_grad_()
    optimizer = make([weight])
    after = []
    for step in range(4):
        for group in optimizer.param_groups:
            group["lr"] = 0.1 if step < 2 else 0.01
        weight.grad = wave(6, 1.1 + step, 0.5)
        optimizer.step()
        after.append(rounded(weight))
    return after


def norm(layer):
    """A 1x1 convolution of three channels to eight, the norm, and what a weighted sum of its answers teaches."""
    pictures = wave(2 * 3 * 4 * 6, 0.37).reshape(2, 3, 4, 6)
    convolution = torch.nn.Conv2d(3, 8, 1, bias=False)
    convolution.weight.data = wave(24, 0.53).reshape(8, 3, 1, 1)
    layer.weight.data = 1 + wave(8, 0.9, 0.5)
    layer.bias.data = wave(8, 1.3, 0.5)
    answer = layer(convolution(pictures))
    (answer * wave(answer.numel(), 0.11).reshape(answer.shape)).sum().backward()
    result = {
        "output": rounded(answer),
        "convolution_gradient": rounded(convolution.weight.grad),
        "gamma_gradient": rounded(layer.weight.grad),
        "beta_gradient": rounded(layer.bias.grad),
    }
    if hasattr(layer, "running_mean"):
        result["mean"] = rounded(layer.running_mean)
        result["variance"] = rounded(layer.running_var)
    return result


def frozen():
    layer = torch.nn.BatchNorm2d(8)
    layer.running_mean = wave(8, 0.2)
    layer.running_var = 1.5 + wave(8, 0.4)
    return layer.eval()


print(
    json.dumps(
        {
            "made_by": "trainer/src/test/python/pytorch_training.py, torch " + torch.__version__,
            "sgd": trajectory(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01)),
            "adamw": trajectory(lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.05)),
            "group_norm": norm(torch.nn.GroupNorm(4, 8)),
            "batch_norm": norm(torch.nn.BatchNorm2d(8)),
            "frozen_batch_norm": norm(frozen()),
        }
    )
)
