"""Which clips of two files are pairs, and which clips are chosen at random."""

import numpy as np

from partkd.datasets.annotations import Clips, decode_names


def label_conflicts(clips: Clips, theirs: Clips, source: str) -> dict[str, str]:
    """Finds clips that have another label on the other side: nobody knows which one is right.

    A side that has none does not contradict the other.

    Args:
        clips (Clips): One side.
        theirs (Clips): The other.
        source (str): What the other is called in messages.

    Returns:
        dict[str, str]: Name of each such clip and what is wrong with it.
    """
    rows = theirs.index.rows(clips.names)
    labels = theirs.labels[rows]
    differs = np.flatnonzero(
        (rows >= 0) & (labels != clips.labels) & (labels >= 0) & (clips.labels >= 0)
    )
    return {
        name: f'label {clips.labels[place]} here, {theirs.labels[rows[place]]} in {source}: '
        'correct one of them'
        for place, name in zip(differs, decode_names(clips.names[differs]))
    }


def choose_pairs(names: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """Chooses at random which of the joined clips stay pairs.

    Args:
        names (np.ndarray): (N,) names as :func:`encode_names` makes them. Their order does not
            count.
        fraction (float): Share of them, in (0, 1]. At least one is chosen.
        seed (int): With one seed a smaller share is a subset of a larger one.

    Returns:
        np.ndarray: (N,) bool.
    """
    count = max(1, round(fraction * len(names)))
    order = np.random.default_rng(seed).permutation(len(names))
    return np.isin(names, np.sort(names)[order[:count]])


def choose_labelled(
    names: np.ndarray, labels: np.ndarray, fraction: float, seed: int
) -> np.ndarray:
    """Chooses at random the same share of the clips of each class.

    Args:
        names (np.ndarray): (N,) names as :func:`encode_names` makes them. Their order does not
            count.
        labels (np.ndarray): (N,) int64. Of the clips without one, -1, none is chosen.
        fraction (float): Share of each class, in (0, 1]. At least one clip is chosen.
        seed (int): With one seed a smaller share is a subset of a larger one.

    Returns:
        np.ndarray: (N,) bool.
    """
    chosen = np.zeros(len(names), bool)
    generator = np.random.default_rng(seed)
    for label in np.unique(labels[labels >= 0]):
        own = np.flatnonzero(labels == label)
        order = generator.permutation(own[np.argsort(names[own])])
        chosen[order[: max(1, round(fraction * len(own)))]] = True
    return chosen
