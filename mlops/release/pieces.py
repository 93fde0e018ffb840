"""Pieces: answers to parts of a file, kept until all of it is answered, so that a killed batch goes on where it was.

A piece is named by a hash of all that its answers depend on: the model, this code and its software, and the very values
that the model was asked about. Neither the file nor its name is among them: whatever became of it meanwhile, a part
that asks the same gets the same, and any other part is asked anew. So nothing needs to be remembered of the batch that
was killed, and the file is read, checked and refused as if it came for the first time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mlops.base import cache, provenance
from mlops.base.artifacts import Artifacts
from mlops.base.records import sha256_of
from mlops.data import tables
from mlops.models import scoring
from mlops.release.registry import LoadedModel


class Pieces:
    """The answers of one model to the parts of one file."""

    def __init__(self, artifacts: Artifacts, model: LoadedModel) -> None:
        self._artifacts, self._model = artifacts, model
        code = [provenance.source_sha256(), provenance.software()]
        self._answers_by = sha256_of([model.version.sha256, model.signature.as_dict(), *code])
        self._files: list[Path] = []
        self.resumed = 0
        """Rows whose answers were there already."""

    def place(self, taken: pa.Table, unusable: Mapping[int, Any]) -> Path:
        """Return where the answers to a part are kept: its name is all that they depend on."""
        asked = [self._answers_by, tables.content_sha256(taken), [*unusable]]
        return cache.path(self._artifacts, sha256_of(asked), "answers")

    def answers(self, place: Path, taken: pa.Table, unusable: Mapping[int, Any]) -> scoring.Answers:
        """Return the answers to a part, as `scoring.asked` does: those that are kept, else new ones, which are kept."""
        self._files.append(place)
        if (kept := _unpacked(cache.read(place))) is not None:
            self.resumed += len(kept[0])
            return kept
        scores, beyond = scoring.asked(self._model.pipeline, taken, unusable, self._model.signature)
        cache.keep(self._artifacts, place, _packed(scores, beyond))
        return scores, beyond

    def clear(self) -> None:
        """Remove them: the file is answered."""
        for file in self._files:
            with suppress(OSError):
                file.unlink()


def _packed(scores: np.ndarray, beyond: Mapping[int, str]) -> list[bytes]:
    """Return answers as bytes that begin with their hash: a power cut may leave a file that is not what was written."""
    told = json.dumps([*scores.shape, beyond]).encode() + b"\n"
    numbers = scores.astype("<f8").tobytes()
    return [hashlib.sha256(told + numbers).digest(), told, numbers]


def _unpacked(data: bytes | None) -> scoring.Answers | None:
    """Return the answers in bytes that are what was written; else None."""
    if data is None or hashlib.sha256(data[32:]).digest() != data[:32]:
        return None
    told, _, numbers = data[32:].partition(b"\n")
    *shape, beyond = json.loads(told)
    return np.frombuffer(numbers, "<f8").reshape(shape).copy(), {int(row): name for row, name in beyond.items()}
