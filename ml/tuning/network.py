"""The encoder in PyTorch: layers as they come, layers to train, and a linear head for each category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ml.conversion.minilm import EPSILON, HEADS, small

Weights = Mapping[str, NDArray[np.float32]]

DROPOUT = 0.1
BATCH = 64
"""The number of texts to run at a time through the layers that stay. No result depends on it."""
PARTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "joined": "attention.output.dense",
    "read": "attention.output.LayerNorm",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "left": "output.LayerNorm",
}
"""Our names of a layer's parts, and those of the file."""


class Layer(nn.Module):  # type: ignore[misc]  # PyTorch is not installed where types are checked
    def __init__(self, weights: Weights, number: int) -> None:
        super().__init__()
        self.prefix = f"encoder.layer.{number}."
        for part, name in PARTS.items():
            at = f"{self.prefix}{name}"
            weight, bias = (torch.from_numpy(weights[f"{at}.{kind}"].copy()) for kind in ("weight", "bias"))
            module = (
                nn.Linear(weight.shape[1], weight.shape[0])
                if weight.dim() == 2
                else nn.LayerNorm(len(bias), EPSILON)
            )
            module.weight.data, module.bias.data = weight, bias
            setattr(self, part, module)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        texts, length, width = states.shape
        query, key, value = (
            getattr(self, part)(states).view(texts, length, HEADS, -1).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        joined = self.joined(mixed.transpose(1, 2).reshape(texts, length, width))
        states = self.read(states + self.dropout(joined))
        return self.left(states + self.dropout(self.narrow(functional.gelu(self.wide(states)))))

    def stored(self) -> dict[str, NDArray[np.generic]]:
        """The layer in small integers, as `ml/conversion` reads it."""
        arrays: dict[str, NDArray[np.generic]] = {}
        for part, name in PARTS.items():
            for kind in ("weight", "bias"):
                array = getattr(getattr(self, part), kind).detach().numpy()
                key = f"{self.prefix}{name}.{kind}"
                if array.ndim == 2:
                    arrays[key], arrays[f"{key}.unit"] = small(array, axis=1)
                else:
                    arrays[key] = array
        return arrays


class Below:
    """The layers that stay as they are."""

    def __init__(self, weights: Weights, layers: int) -> None:
        self._words = torch.from_numpy(weights["embeddings.word_embeddings.weight"].copy())
        self._places = torch.from_numpy(
            weights["embeddings.position_embeddings.weight"]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = [
            torch.from_numpy(weights[f"embeddings.LayerNorm.{kind}"].copy()) for kind in ("weight", "bias")
        ]
        self._layers = [Layer(weights, number).eval() for number in range(layers)]

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def states(self, texts: Sequence[tuple[int, ...]]) -> list[Tensor]:
        """What the layers make of the pieces of each text. A batch has texts of about one length, which need little padding."""
        found: dict[int, Tensor] = {}
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            with torch.autocast("cpu", torch.bfloat16):
                states = self._run([texts[number] for number in batch])
            found |= {
                number: row[: len(texts[number])] for number, row in zip(batch, states.half(), strict=True)
            }
        return [found[number] for number in range(len(texts))]

    def _run(self, batch: Sequence[tuple[int, ...]]) -> Tensor:
        length = max(map(len, batch))
        pieces = torch.tensor([[*row, *[0] * (length - len(row))] for row in batch])
        mask = torch.tensor([[place < len(row) for place in range(length)] for row in batch])
        states = self._words[pieces] + self._places[:length]
        states = functional.layer_norm(states, states.shape[-1:], *self._norm, eps=EPSILON)
        for layer in self._layers:
            states = layer(states, mask)
        return states


class Above(nn.Module):  # type: ignore[misc]
    """The layers to train, and a linear head on the mean and the maximum of the last one's states."""

    def __init__(self, weights: Weights, numbers: range, heads: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(weights, number) for number in numbers)
        self.dropout = nn.Dropout(DROPOUT)
        self.heads = nn.Linear(2 * len(weights["embeddings.LayerNorm.weight"]), heads)
        nn.init.zeros_(self.heads.weight)

    def forward(self, states: Sequence[Tensor]) -> Tensor:
        padded = nn.utils.rnn.pad_sequence([some.float() for some in states], batch_first=True)
        mask = torch.arange(padded.shape[1])[None] < torch.tensor([len(some) for some in states])[:, None]
        for layer in self.layers:
            padded = layer(padded, mask)
        real = mask[..., None].float()
        mean = (padded * real).sum(1) / real.sum(1)
        most = (padded - 1e4 * (1 - real)).amax(1)
        return self.heads(self.dropout(torch.cat([mean, most], 1)))

    def stored(self) -> dict[str, NDArray[np.generic]]:
        return {name: array for layer in self.layers for name, array in layer.stored().items()}
