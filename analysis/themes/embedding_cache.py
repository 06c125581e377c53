"""Embeddings kept by model and text, so that a sentence is asked for once, and a stopped run goes on where it was."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analysis.themes.autoencoder import Vectors
from core.errors import Unusable


class EmbeddingCache:
    """Vectors of one model, with its decoding, in an SQLite file. Raises `Unusable` when the file cannot be used."""

    def __init__(self, path: Path, *, model: str) -> None:
        self._path, self._model = path, model
        try:
            self._file = sqlite3.connect(path)
            self._file.execute("CREATE TABLE IF NOT EXISTS embeddings (key TEXT PRIMARY KEY, vector BLOB NOT NULL)")
            self._file.commit()
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    def close(self) -> None:
        self._file.close()

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Those of `texts` that are not kept, in their order."""
        return [text for text in texts if self._vector(text) is None]

    def keep(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep a row of `vectors` (n, d) for each text, all or none."""
        rows = [(self._key(text), vector.astype("<f4").tobytes()) for text, vector in zip(texts, vectors, strict=True)]
        try:
            with self._file:
                self._file.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """The rows of `texts`, all of which are kept, as float32 (n, d). Raises `Unusable` when lengths differ."""
        rows: Vectors | None = None
        for place, text in enumerate(texts):
            vector = self._vector(text)
            if rows is None and vector is not None:
                rows = np.empty((len(texts), len(vector)), dtype=np.float32)
            if rows is None or vector is None or len(vector) != rows.shape[1]:
                raise Unusable(f"{self._path}: embeddings of different lengths under one model; remove the file")
            rows[place] = vector
        return np.empty((0, 0), dtype=np.float32) if rows is None else rows

    def _vector(self, text: str) -> Vectors | None:
        row = self._file.execute("SELECT vector FROM embeddings WHERE key = ?", (self._key(text),)).fetchone()
        return None if row is None else np.frombuffer(row[0], dtype="<f4")

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self._model}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()

    def _unusable(self, error: sqlite3.Error) -> Unusable:
        return Unusable(f"{self._path}: no file of kept embeddings ({error}); remove it and run the command again")
