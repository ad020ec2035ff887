"""PKU-MMD (Liu et al., ICME 2017 workshops): long videos, cut into the actions in them."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from .converter import CONVERTERS, Clip, Converter, Rule, is_in, make_annotation, require_found
from .readers import parse_numbers, read_lines, require_finite

_PERSONS, _JOINTS = 2, 25


class _PKUMMD(Converter):
    """Skeletons and labels of a video in two files of one name, in folders apart."""

    layout = 'nturgb+d'
    classes = (
        'bow',
        'brushing hair',
        'brushing teeth',
        'check time (from watch)',
        'cheer up',
        'clapping',
        'cross hands in front (say stop)',
        'drink water',
        'drop',
        'eat meal/snack',
        'falling',
        'giving something to other person',
        'hand waving',
        'handshaking',
        'hopping (one foot jumping)',
        'hugging other person',
        'jump up',
        'kicking other person',
        'kicking something',
        'make a phone call/answer phone',
        'pat on back of other person',
        'pickup',
        'playing with phone/tablet',
        'point finger at the other person',
        'pointing to something with finger',
        'punching/slapping other person',
        'pushing other person',
        'put on a hat/cap',
        'put something inside pocket',
        'reading',
        'rub two hands together',
        'salute',
        'sitting down',
        'standing up',
        'take off a hat/cap',
        'take off glasses',
        'take off jacket',
        'take out something from pocket',
        'taking a selfie',
        'tear up paper',
        'throw',
        'touch back (backache)',
        'touch chest (stomachache/heart pain)',
        'touch head (headache)',
        'touch neck (neckache)',
        'typing on a keyboard',
        'use a fan (with hand or paper)/feeling warm',
        'wear jacket',
        'wear on glasses',
        'wipe face',
        'writing',
    )
    video: re.Pattern
    version: str  # at the end of the names of split files

    def sources(self) -> list[Path]:
        """Skeletons of videos: text files with the name of one outside folders of labels."""
        return require_found([file for file in super().sources() if not self._is_label(file)], self)

    @cached_property
    def labels(self) -> dict[str, Path]:
        """Label files by the name of the video."""
        return {file.stem: file for file in self.src.rglob(self.pattern) if self._is_label(file)}

    def inputs(self, source: Path) -> list[Path]:
        labels = self.labels.get(source.stem)
        return [source] if labels is None else [source, labels]

    def read(self, source: Path) -> Iterator[Clip]:
        video = self.video.fullmatch(source.stem)
        if video is None:
            raise ValueError(f'no name of a video like {self.pattern}: rename or remove it')
        if source.stem not in self.labels:
            raise ValueError(f'no label file {source.name}: unpack the labels below {self.src}')
        values = require_finite(
            parse_numbers(read_lines(source), _PERSONS * _JOINTS * 3), 'a joint'
        )
        skeletons = values.reshape(-1, _PERSONS, _JOINTS, 3).transpose(1, 0, 2, 3)
        file = self.labels[source.stem]
        try:
            actions = parse_numbers(read_lines(file), 4, 1, ',').astype(int)
        except ValueError as error:
            raise ValueError(f'{file}: {error}') from error
        origin = dict(video=source.stem, camera=video['camera'])
        if 'subject' in video.groupdict():
            origin['subject'] = video['subject']
        for number, (action, first, last, _) in enumerate(actions, 1):
            # A few are written the wrong way round.
            first, last = sorted((int(first), int(last)))
            keypoint = skeletons[:, max(first, 0) : last]
            seen = keypoint.any(axis=(1, 2, 3))
            name = f'{source.stem}_{number:02d}'
            yield Clip(make_annotation(name, int(action) - 1, keypoint[seen]), origin)

    def split_rules(self) -> Mapping[str, Rule]:
        rules: dict[str, Rule] = {}
        for name, protocol in (('xsub', 'subject'), ('xview', 'view')):
            for file in sorted(self.src.rglob(f'cross[-_]{protocol}{self.version}.txt'))[:1]:
                train, val = _read_lists(file)
                rules |= {
                    f'{name}_train': is_in('video', train),
                    f'{name}_val': is_in('video', val),
                }
        return rules

    def _is_label(self, file: Path) -> bool:
        return 'label' in str(file.parent.relative_to(self.src)).lower()


@CONVERTERS.register_module('pku_mmd')
class PKUMMD1(_PKUMMD):
    """PKU-MMD I, Kinect v2: ``0001-L.txt`` and the others, skeletons and labels.

    1076 videos, cut into their 21,545 actions, ``0002-L_01`` and so on; a person who is not in an
    action is left out. Splits: ``xsub`` and ``xview`` from ``cross-subject.txt`` and
    ``cross-view.txt``, where these are there.
    """

    pattern = '[0-9][0-9][0-9][0-9]-[LMR].txt'
    download = 'PKU-MMD\'s skeletons, labels ("Train_Label_PKU_final") and split files'
    video = re.compile(r'\d{4}-(?P<camera>[LMR])')
    version = ''


@CONVERTERS.register_module('pku_mmd_2')
class PKUMMD2(_PKUMMD):
    """PKU-MMD II, Kinect v2: ``A01N01-L.txt`` and the others, skeletons and labels.

    As :class:`PKUMMD1`, with the numbers of its 51 classes, of which it has 41. Splits from
    ``cross_subject_v2.txt`` and ``cross_view_v2.txt``.
    """

    pattern = 'A[0-9][0-9]N[0-9][0-9]-[LMR].txt'
    download = "PKU-MMD II's skeletons, labels and split files"
    video = re.compile(r'A\d{2}(?P<subject>N\d{2})-(?P<camera>[LMR])')
    version = '[-_]v2'


def _read_lists(file: Path) -> list[set[str]]:
    """Two titles, each before a line of names with commas between."""
    lines = read_lines(file)
    if len(lines) < 4:
        raise ValueError(
            f'{file} has {len(lines)} lines, it should have a title, names, a title, names'
        )
    return [{name.strip() for name in line.split(',')} - {''} for line in (lines[1], lines[3])]
