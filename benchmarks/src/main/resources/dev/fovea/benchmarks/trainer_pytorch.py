"""The network of `fovea train` in PyTorch, trained on one prepared batch: what `fovea bench trainer` is held against.

Reads FOLDER/plan.json and FOLDER/tensors.bin (written by the benchmark), says in one line of JSON how many parameters it
has and what the loss of the batch is, and then answers every line `run STEPS` on its input with one line of JSON. Ends
with its input.
"""

import json
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional


class Scope(nn.Module):
    """Layers under the names that the release has for them."""

    def __init__(self):
        super().__init__()
        self.convolutions = nn.ModuleDict()
        self.norms = nn.ModuleDict()

    def add_convolution(self, name, channels, filters, kernel, stride=1, bias=False):
        self.convolutions[name.replace(".", "/")] = nn.Conv2d(
            channels, filters, kernel, stride, kernel // 2, bias=bias
        )

    def add_norm(self, name, channels):
        self.norms[name.replace(".", "/")] = nn.BatchNorm2d(channels)

    def convolution(self, name, x):
        return self.convolutions[name.replace(".", "/")](x)

    def norm(self, name, x):
        return self.norms[name.replace(".", "/")](x)


class Backbone(Scope):
    """ResNet-18 or -34 of other widths; C3 to C5."""

    def __init__(self, blocks, channels):
        super().__init__()
        self.blocks = blocks
        self.add_convolution("stem", 3, channels[0], 7, 2)
        self.add_norm("stem.norm", channels[0])
        before = channels[0]
        for stage, count in enumerate(blocks):
            for block in range(count):
                name = f"stage{stage + 2}.{block}"
                stride = 2 if stage > 0 and block == 0 else 1
                self.add_convolution(name + ".1", before, channels[stage], 3, stride)
                self.add_norm(name + ".1.norm", channels[stage])
                self.add_convolution(name + ".2", channels[stage], channels[stage], 3)
                self.add_norm(name + ".2.norm", channels[stage])
                if stride != 1 or before != channels[stage]:
                    self.add_convolution(name + ".shortcut", before, channels[stage], 1, stride)
                    self.add_norm(name + ".shortcut.norm", channels[stage])
                before = channels[stage]

    def normalised(self, name, x):
        return self.norm(name + ".norm", self.convolution(name, x))

    def forward(self, x):
        x = functional.relu(self.normalised("stem", x), inplace=True)
        x = functional.max_pool2d(x, 3, 2, 1)
        stages = []
        for stage, count in enumerate(self.blocks):
            for block in range(count):
                name = f"stage{stage + 2}.{block}"
                shortcut = x
                if (name + ".shortcut").replace(".", "/") in self.convolutions:
                    shortcut = self.normalised(name + ".shortcut", x)
                y = functional.relu(self.normalised(name + ".1", x), inplace=True)
                x = functional.relu(self.normalised(name + ".2", y) + shortcut, inplace=True)
            stages.append(x)
        return stages[1:]


class Pyramid(Scope):
    """P3 to P7."""

    def __init__(self, channels, width, p6_from):
        super().__init__()
        self.p6_from = p6_from
        for level in (3, 4, 5):
            self.add_convolution(f"pyramid.lateral{level}", channels[level - 2], width, 1, bias=True)
            self.add_convolution(f"pyramid.p{level}", width, width, 3, bias=True)
        self.add_convolution("pyramid.p6", channels[3] if p6_from == "c5" else width, width, 3, 2, bias=True)
        self.add_convolution("pyramid.p7", width, width, 3, 2, bias=True)

    def forward(self, stages):
        c3, c4, c5 = stages
        top5 = self.convolution("pyramid.lateral5", c5)
        top4 = self.convolution("pyramid.lateral4", c4) + functional.interpolate(top5, scale_factor=2)
        top3 = self.convolution("pyramid.lateral3", c3) + functional.interpolate(top4, scale_factor=2)
        p3 = self.convolution("pyramid.p3", top3)
        p4 = self.convolution("pyramid.p4", top4)
        p5 = self.convolution("pyramid.p5", top5)
        p6 = self.convolution("pyramid.p6", c5 if self.p6_from == "c5" else p5)
        p7 = self.convolution("pyramid.p7", functional.relu(p6))
        return [p3, p4, p5, p6, p7]


class Head(Scope):
    """The same convolutions on every level, with batch statistics over all levels together."""

    def __init__(self, name, width, convolutions, filters):
        super().__init__()
        self.name = name
        self.layers = convolutions
        for i in range(convolutions):
            self.add_convolution(f"{name}.{i}", width, width, 3)
            self.add_norm(f"{name}.{i}.norm", width)
        self.add_convolution(f"{name}.last", width, filters, 3, bias=True)

    def forward(self, levels):
        for i in range(self.layers):
            levels = [self.convolution(f"{self.name}.{i}", x) for x in levels]
            joined = torch.cat([x.flatten(2) for x in levels], 2).unsqueeze(3)
            joined = functional.relu(self.norm(f"{self.name}.{i}.norm", joined), inplace=True)
            parts = joined.squeeze(3).split([x.shape[2] * x.shape[3] for x in levels], 2)
            levels = [part.reshape(x.shape) for part, x in zip(parts, levels)]
        return [self.convolution(f"{self.name}.last", x) for x in levels]


class RetinaNet(nn.Module):
    def __init__(self, plan):
        super().__init__()
        self.backbone = Backbone(plan["blocks"], plan["channels"])
        self.pyramid = Pyramid(plan["channels"], plan["pyramidChannels"], plan["p6From"])
        width, convolutions = plan["pyramidChannels"], plan["headConvolutions"]
        self.classes = Head("class", width, convolutions, plan["anchors"] * plan["classes"])
        self.boxes = Head("box", width, convolutions, plan["anchors"] * 4)

    def forward(self, images):
        levels = self.pyramid(self.backbone(images))
        rows = lambda outputs: torch.cat([x.flatten(1) for x in outputs], 1)
        return rows(self.classes(levels)), rows(self.boxes(levels))

    def load(self, tensors):
        """Takes the weights of the other side, by name."""
        with torch.no_grad():
            for scope in (self.backbone, self.pyramid, self.classes, self.boxes):
                for name, layer in scope.convolutions.items():
                    name = name.replace("/", ".")
                    layer.weight.copy_(tensors[f"weight:{name}.weight"])
                    if layer.bias is not None:
                        layer.bias.copy_(tensors[f"weight:{name}.bias"])
                for name, layer in scope.norms.items():
                    name = name.replace("/", ".")
                    layer.weight.copy_(tensors[f"weight:{name}.gamma"])
                    layer.bias.copy_(tensors[f"weight:{name}.beta"])


def focal_loss(logits, targets, alpha, gamma):
    """As torchvision.ops.sigmoid_focal_loss, unreduced."""
    p = torch.sigmoid(logits)
    cross_entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    p_t = p * targets + (1 - p) * (1 - targets)
    return (alpha * targets + (1 - alpha) * (1 - targets)) * cross_entropy * (1 - p_t) ** gamma


def read_tensors(folder, index):
    values = numpy.fromfile(folder + "/tensors.bin", dtype="<f4")
    tensors, at = {}, 0
    for name, shape in index:
        size = int(numpy.prod(shape))
        tensors[name] = torch.from_numpy(values[at : at + size].copy()).reshape(shape)
        at += size
    return tensors


class Run:
    def __init__(self, folder, tuned):
        with open(folder + "/plan.json", encoding="utf-8") as file:
            self.plan = json.load(file)
        torch.set_num_threads(self.plan["threads"])
        tensors = read_tensors(folder, self.plan["tensors"])
        self.images = tensors["images"]
        self.class_target = tensors["classTarget"]
        self.class_weight = tensors["classWeight"]
        self.box_index = tensors["boxIndex"].long()
        self.deltas = tensors["deltas"]
        self.model = RetinaNet(self.plan)
        self.model.load(tensors)
        if tuned:
            self.model = self.model.to(memory_format=torch.channels_last)
            self.images = self.images.contiguous(memory_format=torch.channels_last)
        decayed = [p for p in self.model.parameters() if p.dim() > 1]
        others = [p for p in self.model.parameters() if p.dim() <= 1]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": self.plan["weightDecay"]},
                {"params": others, "weight_decay": 0},
            ],
            lr=self.plan["learningRate"],
            fused=True if tuned else None,
        )
        self.learned = list(self.model.parameters())
        self.state = [t for t in self.model.state_dict().values() if t.is_floating_point()]
        self.average = [t.clone() for t in self.state]

    def loss(self):
        logits, deltas = self.model(self.images)
        normaliser = max(1, len(self.deltas))
        classes = focal_loss(logits, self.class_target, self.plan["alpha"], self.plan["gamma"])
        classes = (classes * self.class_weight).sum() / normaliser
        found = deltas.flatten()[self.box_index].reshape(-1, 4)
        boxes = functional.smooth_l1_loss(found, self.deltas, reduction="sum", beta=self.plan["beta"])
        return classes + self.plan["boxWeight"] * boxes / normaliser

    def step(self):
        self.optimizer.zero_grad()
        loss = self.loss()
        loss.backward()
        nn.utils.clip_grad_norm_(self.learned, self.plan["gradientNorm"])
        self.optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(self.average, self.state, 1 - self.plan["averageDecay"])
        return loss.item()


def say(**values):
    print(json.dumps(values), flush=True)


def main():
    run = Run(sys.argv[1], sys.argv[2] == "tuned")
    with torch.no_grad():
        first = run.loss().item()
    say(
        version=torch.__version__,
        threads=torch.get_num_threads(),
        parameters=sum(p.numel() for p in run.learned),
        loss=first,
    )
    for line in sys.stdin:
        steps = int(line.split()[1])
        started = time.perf_counter()
        for _ in range(steps):
            loss = run.step()
        say(seconds=time.perf_counter() - started, loss=loss)


main()
