"""Fits one contender's models to a file of vectors, in a process of its own, and says per size what it took.

Run by `bench.themes` with the contender's own Python; it imports nothing but numpy and the contender. Each line of its
output is the JSON of one size.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np

K = 2
BATCH = 512
Rebuild = Callable[[np.ndarray], np.ndarray]
"""Rows in, what two features rebuild of them out."""


def lendanear(path: Path, *, features: int, passes: float) -> tuple[Rebuild, dict[str, float]]:
    """Our grid's step: training, codes and both silhouettes, on a memory-mapped file."""
    from analysis.themes.autoencoder import decode, encode
    from analysis.themes.grid import fit

    vectors = np.load(path, mmap_mode="r")
    fitted = fit(vectors, features=features, seed=1, steps=round(passes * len(vectors) / BATCH))
    quality = fitted.quality
    told = {"live": quality.live, "silhouette": quality.silhouette or float("nan")}
    return lambda rows: decode(fitted.model, encode(fitted.model, rows)), told


def hypothesaes(path: Path, *, features: int, passes: float) -> tuple[Rebuild, dict[str, float]]:
    """Its autoencoder with its own batch size and learning rate."""
    import torch
    from hypothesaes.sae import SparseAutoencoder

    torch.manual_seed(1)
    rows = torch.from_numpy(np.load(path))
    model = SparseAutoencoder(rows.shape[1], features, K, device="cpu")
    model.fit(rows, n_epochs=max(1, round(passes)), batch_size=BATCH, show_progress=False)

    def rebuild(block: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return model(torch.from_numpy(block))[0].numpy()

    return rebuild, {}


def dictionary(path: Path, *, features: int, passes: float) -> tuple[Rebuild, dict[str, float]]:
    """scikit-learn's MiniBatchDictionaryLearning; two atoms per row by orthogonal matching pursuit."""
    from sklearn.decomposition import MiniBatchDictionaryLearning

    vectors = np.load(path)
    centre = vectors.mean(axis=0)
    vectors -= centre
    model = MiniBatchDictionaryLearning(
        n_components=features,
        alpha=0.2,
        batch_size=BATCH,
        max_iter=max(1, round(passes)),
        fit_algorithm="cd",
        transform_algorithm="omp",
        transform_n_nonzero_coefs=K,
        random_state=1,
    ).fit(vectors)
    return lambda rows: model.transform(rows - centre) @ model.components_ + centre, {}


CONTENDERS = {
    "lendanear": (lendanear, "analysis.themes.grid", ("numpy", "scipy")),
    "hypothesaes": (hypothesaes, "hypothesaes.sae", ("hypothesaes", "torch")),
    "dictionary": (dictionary, "sklearn.decomposition", ("scikit-learn",)),
}
"""What fits, the module whose import is not timed, and the packages whose versions count."""


def explained(path: Path, rebuild: Rebuild) -> float:
    """The share of the variance of the file's rows that is rebuilt."""
    vectors = np.load(path, mmap_mode="r")
    centre = vectors.mean(axis=0, dtype=np.float64).astype(vectors.dtype)
    left = total = 0.0
    for start in range(0, len(vectors), 4096):
        rows = np.array(vectors[start : start + 4096])
        left += float(np.square(rows - rebuild(rows)).sum(dtype=np.float64))
        total += float(np.square(rows - centre).sum(dtype=np.float64))
    return 1 - left / total


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("contender", choices=CONTENDERS)
    options.add_argument("path", type=Path)
    options.add_argument("--sizes", type=int, nargs="+", required=True)
    options.add_argument("--passes", type=float, required=True)
    asked = options.parse_args()
    warnings.simplefilter("ignore")
    fit, module, packages = CONTENDERS[asked.contender]
    import_module(module)
    for features in asked.sizes:
        began, cpu = time.perf_counter(), time.process_time()
        rebuild, told = fit(asked.path, features=features, passes=asked.passes)
        line = {
            "features": features,
            "seconds": time.perf_counter() - began,
            "cpu_s": time.process_time() - cpu,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "explained": explained(asked.path, rebuild),
            "versions": {package: version(package) for package in packages},
            **told,
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
