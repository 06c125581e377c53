"""Adam on the arrays of one autoencoder, in place (Kingma & Ba 2015, arXiv 1412.6980)."""

from __future__ import annotations

import numpy as np

from analysis.themes.autoencoder import Autoencoder, Gradient, Indices, Vectors

_MEAN_DECAY, _SQUARE_DECAY, _TINY = 0.9, 0.999, 1e-8


class Adam:
    """Changes the weights and biases of `model` where they are; `rate` is the length of a step per number."""

    def __init__(self, model: Autoencoder, *, rate: float) -> None:
        self._model, self._rate, self._steps = model, rate, 0
        self._weights, self._bias = _Moments(model.weights), _Moments(model.bias)

    def step(self, gradient: Gradient, *, slowed: float) -> None:
        """One step against `gradient`, `slowed` times as long as the rate says."""
        self._steps += 1
        levelled = float(np.sqrt(1 - _SQUARE_DECAY**self._steps)) / (1 - _MEAN_DECAY**self._steps)
        length = self._rate * slowed * levelled
        self._weights.step(self._model.weights, gradient.weights, length)
        self._bias.step(self._model.bias, gradient.bias, length)

    def begin_anew(self, features: Indices, weights: Vectors) -> None:
        """Set the rows `features` to `weights`, without bias or history."""
        self._model.weights[features] = weights
        self._model.bias[features] = 0
        self._weights.forget(features)
        self._bias.forget(features)


class _Moments:
    """Running means of a gradient and of its square, with room for one step's arithmetic."""

    def __init__(self, like: Vectors) -> None:
        self._mean, self._square, self._room = np.zeros_like(like), np.zeros_like(like), np.empty_like(like)

    def step(self, values: Vectors, gradient: Vectors, length: float) -> None:
        self._mean *= _MEAN_DECAY
        self._mean += np.multiply(gradient, 1 - _MEAN_DECAY, out=self._room)
        self._square *= _SQUARE_DECAY
        self._square += np.multiply(np.square(gradient, out=self._room), 1 - _SQUARE_DECAY, out=self._room)
        np.sqrt(self._square, out=self._room)
        self._room += _TINY
        np.divide(self._mean, self._room, out=self._room)
        self._room *= length
        values -= self._room

    def forget(self, rows: Indices) -> None:
        self._mean[rows] = 0
        self._square[rows] = 0
