"""Simulates circuits that keep few basis states alive, however many qubits they have.

The states start as superpositions of a few random basis states: arithmetic circuits keep them few.
Amplitudes below PRUNED are dropped and their weight added up, as a bound on the error that this
makes.
"""

from __future__ import annotations

import cmath
import dataclasses
import math
import random
from collections.abc import Sequence

import numpy as np

PRUNED = 1e-8
MOST_BRANCHES = 1 << 17
STARTS = 4          # basis states in a start state


class TooManyBranches(ValueError):
    """The state does not stay sparse."""


@dataclasses.dataclass
class State:
    keys: np.ndarray         # basis indices, each once
    amplitudes: np.ndarray
    dropped: float = 0.0     # bound on the norm lost


def start(num_qubits: int, seed: int) -> dict[int, complex]:
    generator = random.Random(seed)
    keys = {generator.getrandbits(num_qubits) for _ in range(STARTS)}
    return {key: cmath.exp(1j * generator.uniform(0, 6)) / math.sqrt(len(keys)) for key in keys}


def of_dict(amplitudes: dict[int, complex]) -> State:
    return State(np.array(list(amplitudes), dtype=np.int64),
                 np.array(list(amplitudes.values()), dtype=complex))


def apply(state: State, matrix: np.ndarray, wires: Sequence[int]) -> State:
    """The matrix's highest bit is wires[0]."""
    k = len(wires)
    mask = sum(1 << wire for wire in wires)
    local = sum((state.keys >> wire & 1) << (k - 1 - i) for i, wire in enumerate(wires))
    groups, group = np.unique(state.keys & ~mask, return_inverse=True)
    grid = np.zeros((len(groups), 1 << k), dtype=complex)
    grid[group.reshape(-1), local] = state.amplitudes
    grid = grid @ matrix.T
    spread = np.array([sum((i >> (k - 1 - j) & 1) << wire for j, wire in enumerate(wires))
                       for i in range(1 << k)], dtype=np.int64)
    kept = np.abs(grid) > PRUNED
    if np.count_nonzero(kept) > MOST_BRANCHES:
        raise TooManyBranches
    dropped = state.dropped + float(np.linalg.norm(grid[~kept]))
    return State((groups[:, None] | spread[None, :])[kept], grid[kept], dropped)


def distance(expected: State, found: State, num_qubits: int) -> float:
    """Up to a phase for each value of the bits above num_qubits."""
    sectors: dict[int, list[tuple[complex, complex]]] = {}
    a = dict(zip(expected.keys.tolist(), expected.amplitudes.tolist()))
    b = dict(zip(found.keys.tolist(), found.amplitudes.tolist()))
    for key in a.keys() | b.keys():
        sectors.setdefault(key >> num_qubits, []).append((a.get(key, 0j), b.get(key, 0j)))
    total = 0.0
    for pairs in sectors.values():
        overlap = sum(e.conjugate() * f for e, f in pairs)
        phase = overlap / abs(overlap) if abs(overlap) > 0 else 1
        total += sum(abs(phase * e - f) ** 2 for e, f in pairs)
    return math.sqrt(total)
