"""The two networks: where the beats are, and of which class each is."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from signals.beats import FEATURES

CLASSES = 5


def _block(inside: int, outside: int, width: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    pad = (width - 1) // 2 * dilation
    return nn.Sequential(
        nn.Conv1d(inside, outside, width, stride, pad, dilation, bias=False), nn.BatchNorm1d(outside), nn.ReLU()
    )


class Detector(nn.Module):
    """[B, 2, T] at 125 Hz, T a multiple of 16 -> logits [B, T] that an R peak lies at each sample: a small U-Net."""

    def __init__(self) -> None:
        super().__init__()
        self.d1 = _block(2, 16, 9, 2)
        self.d2 = _block(16, 24, 5, 2)
        self.d3 = _block(24, 40, 5, 2)
        self.d4 = _block(40, 56, 5, 2)
        self.m1 = _block(56, 56, 5, 1, 2)
        self.m2 = _block(56, 56, 5, 1, 4)
        self.u3 = _block(56 + 40, 40, 5)
        self.u2 = _block(40 + 24, 24, 5)
        self.u1 = _block(24 + 16, 24, 5)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.out = nn.Conv1d(24, 2, 5, 1, 2)  # the two samples of each 16 ms

    def forward(self, x: Tensor) -> Tensor:
        a = self.d1(x)
        b = self.d2(a)
        c = self.d3(b)
        d = self.d4(c)
        d = d + self.m1(d)
        d = d + self.m2(d)
        c = self.u3(torch.cat([self.up(d), c], dim=1))
        b = self.u2(torch.cat([self.up(c), b], dim=1))
        a = self.u1(torch.cat([self.up(b), a], dim=1))
        y = self.out(a)  # [B, 2, T / 2]
        out: Tensor = y.transpose(1, 2).flatten(1)
        return out


class Classifier(nn.Module):
    """Consecutive beats [B, K, 4, L] with features [B, K, F] -> logits [B, K, 5]; each beat is read in its row."""

    def __init__(self, width: int = 64, dropout: float = 0.3) -> None:
        super().__init__()
        self.shape = nn.Sequential(
            _block(4, 24, 9, 2), _block(24, 32, 5, 2), _block(32, 48, 5, 2), _block(48, 32, 3), nn.Flatten(),
            nn.Dropout(dropout), nn.Linear(32 * 17, 48), nn.ReLU(),
        )  # fmt: skip
        self.numbers = nn.Sequential(nn.Linear(FEATURES, 48), nn.ReLU(), nn.Dropout(dropout / 2))
        self.join = nn.Sequential(nn.Linear(96, width), nn.ReLU())
        self.near = nn.Conv1d(width, width, 5, padding=2)
        self.far = nn.Conv1d(width, width, 5, padding=6, dilation=3)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(2 * width, CLASSES)

    def forward(self, windows: Tensor, features: Tensor, there: Tensor | None = None) -> Tensor:
        """`there` [B, K]: 1 where a beat is, 0 where the row is only filled up."""
        b, k = features.shape[0], features.shape[1]
        shape = self.shape(windows.reshape(b * k, windows.shape[2], windows.shape[3])).reshape(b, k, 48)
        own = self.join(torch.cat([shape, self.numbers(features)], dim=2))  # [B, K, width]
        if there is not None:
            own = own * there.unsqueeze(2)
        row = own.transpose(1, 2)
        row = row + torch.relu(self.near(row))
        if there is not None:
            row = row * there.unsqueeze(1)
        row = row + torch.relu(self.far(row))
        out: Tensor = self.out(self.drop(torch.cat([own, row.transpose(1, 2)], dim=2)))
        return out


class DetectorGraph(nn.Module):
    """What is exported: probabilities, the mean over the members."""

    def __init__(self, members: list[Detector]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, signal: Tensor) -> Tensor:
        return torch.stack([torch.sigmoid(member(signal)) for member in self.members]).mean(dim=0)


class ClassifierGraph(nn.Module):
    """What is exported: windows [n, 4, L], features [n, F] -> probabilities [n, 5], the mean over the members."""

    def __init__(self, members: list[Classifier]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, windows: Tensor, features: Tensor) -> Tensor:
        each = [torch.softmax(member(windows.unsqueeze(0), features.unsqueeze(0))[0], 1) for member in self.members]
        return torch.stack(each).mean(dim=0)
