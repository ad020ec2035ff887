"""Annotation files of generated motions, for the demo and for tests."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np

from partkd.arguments import Bounds, Count, Whole, checked
from partkd.files import make_folder, write_atomically
from partkd.layouts import get_layout

from .actions import ACTIONS
from .body import joint_indices
from .camera import NUM_CAMERAS, Camera
from .estimator import estimate
from .scene import perform
from .subjects import Subject

TEACHER_FILE = 'kinect25_3d.pkl'
STUDENT_FILE = 'coco17_2d.pkl'
_STAMP_FILE = 'synthetic.json'
_SUBJECTS = Bounds('an integer that is at least 2, as each split needs somebody', 2)


@checked
def make_synthetic(
    out_dir: str | os.PathLike,
    num_subjects: Annotated[int, _SUBJECTS] = 10,
    repeats: Whole = 2,
    seed: Count = 0,
    num_frames: tuple[int, int] = (40, 90),
) -> dict[str, Path]:
    """Generate motions of people and write them as two annotation files.

    Every performance of one of twelve actions is seen by three cameras at a time. The clips of
    both files share their ``frame_dir``, label, split and frames. Nobody is in both splits. The
    content is a function of the arguments; files that the same call wrote are left as they are.

    Args:
        out_dir (str | os.PathLike): Folder for the files; made where it is missing.
        num_subjects (int): People, the last three in ten of whom are for validation. Defaults
            to 10.
        repeats (int): How often a person does each action. Defaults to 2.
        seed (int): Seed of everything. Defaults to 0.
        num_frames (tuple[int, int]): Shortest and longest clip, at 30 frames per second. Defaults
            to (40, 90).

    Returns:
        dict[str, Path]: ``teacher``, the file with 25 Kinect joints in 3D, in metres and the
        camera's axes (layout ``nturgb+d``), and ``student``, the file with 17 COCO joints in 2D,
        in pixels and with scores, as a poor estimator would see them (layout ``coco``).

    Raises:
        ValueError: If there are fewer than two subjects, no repeats or clips of less than two
            frames.
    """
    if not 2 <= num_frames[0] <= num_frames[1]:
        raise ValueError(f'num_frames={num_frames}: give (shortest, longest), of 2 frames or more')
    folder = Path(out_dir)
    paths = dict(teacher=folder / TEACHER_FILE, student=folder / STUDENT_FILE)
    arguments = dict(
        num_subjects=num_subjects,
        repeats=repeats,
        seed=seed,
        num_frames=list(num_frames),
        generator=_source_digest(),
    )
    stamp = folder / _STAMP_FILE
    if _is_current(stamp, arguments) and all(path.is_file() for path in paths.values()):
        return paths
    make_folder(folder)
    # Until both files are there, nothing vouches for them.
    stamp.unlink(missing_ok=True)
    teacher, student = _generate(num_subjects, repeats, seed, num_frames)
    write_atomically(paths['teacher'], pickle.dumps(teacher, protocol=4))
    write_atomically(paths['student'], pickle.dumps(student, protocol=4))
    write_atomically(stamp, json.dumps(arguments, indent=2).encode())
    return paths


def _generate(
    num_subjects: int, repeats: int, seed: int, num_frames: tuple[int, int]
) -> tuple[dict, dict]:
    """Both files' content."""
    subjects = [Subject.draw(_rng(seed, i)) for i in range(num_subjects)]
    num_train = num_subjects - max(1, round(0.3 * num_subjects))
    split: dict[str, list[str]] = dict(xsub_train=[], xsub_val=[])
    clips: list[tuple[dict, dict]] = []
    for index, subject in enumerate(subjects):
        # A partner comes from the same split.
        group = subjects[:num_train] if index < num_train else subjects[num_train:]
        others = [other for other in group if other is not subject] or [subject]
        names = split['xsub_train' if index < num_train else 'xsub_val']
        for label in range(len(ACTIONS)):
            for clip in _clips(seed, index, subject, others, label, repeats, num_frames):
                names.append(clip[0]['frame_dir'])
                clips.append(clip)
    teacher, student = (list(side) for side in zip(*clips, strict=True))
    shared = dict(split=split, classes=[action.name for action in ACTIONS])
    return dict(shared, annotations=teacher), dict(shared, annotations=student)


def _clips(
    seed: int,
    index: int,
    subject: Subject,
    others: list[Subject],
    label: int,
    repeats: int,
    num_frames: tuple[int, int],
) -> Iterator[tuple[dict, dict]]:
    """All clips of one person and one action, as pairs of annotations."""
    action = ACTIONS[label]
    habit = subject.style(_rng(seed, index, label), action, None)
    for repeat in range(repeats):
        rng = _rng(seed, index, label, repeat)
        partner = others[rng.integers(len(others))]
        people = perform(rng, action, subject, habit, partner, num_frames)
        for number in range(NUM_CAMERAS):
            rng = _rng(seed, index, label, repeat, number)
            name = f'S001C{number + 1:03d}P{index + 1:03d}R{repeat + 1:03d}A{label + 1:03d}'
            yield _film(rng, people, Camera.draw(rng, number), name, label)


def _film(
    rng: np.random.Generator, people: np.ndarray, camera: Camera, name: str, label: int
) -> tuple[dict, dict]:
    """One clip as both sides see it."""
    seen = camera.view(people)
    kinect, coco = get_layout('nturgb+d'), get_layout('coco')
    shared = dict(frame_dir=name, label=label, total_frames=seen.shape[1])
    keypoint = seen[:, :, joint_indices(kinect.joints)].astype(np.float32)
    teacher = dict(shared, keypoint=keypoint)
    keypoint, score = estimate(seen[:, :, joint_indices(coco.joints)], camera, coco, rng)
    student = dict(shared, keypoint=keypoint, keypoint_score=score, img_shape=camera.image_shape)
    return teacher, student


def _source_digest() -> str:
    """A digest of the generator's own code: other code makes other motions."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob('*.py')):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_current(stamp: Path, arguments: dict) -> bool:
    try:
        return json.loads(stamp.read_text()) == arguments
    except (OSError, ValueError):
        return False


def _rng(seed: int, *numbers: int) -> np.random.Generator:
    """A stream of its own for every tuple of numbers; numpy takes (1,) and (1, 0) for the same."""
    return np.random.default_rng([seed, len(numbers), *numbers])
