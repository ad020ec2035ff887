"""What a conversion made, in a few lines."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from partkd.datasets.annotations import visible_joints

from .converter import Clip, Converter, Rule

_COUNTED = ('subject', 'camera', 'setup')


@dataclass
class ConversionSummary:
    """What a conversion made, and what it left out.

    Args:
        out_file (Path): The annotation file.
        layout (str): Of its clips.
        classes (int): How many there should be; 0 where nobody has said.
        rules (Mapping[str, Rule]): Which splits a clip is in.
        asked_out (set[str]): Names of clips that were to be left out.
    """

    out_file: Path
    layout: str
    classes: int
    rules: Mapping[str, Rule]
    asked_out: set[str]
    clips: int = 0
    frames: int = 0
    shortest: int = 0
    longest: int = 0
    joints: int = 0
    missing: int = 0
    labels: Counter = field(default_factory=Counter)
    persons: Counter = field(default_factory=Counter)
    origins: dict[str, set] = field(default_factory=dict)
    split: dict[str, list[str]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, converter: Converter, out_file: Path, asked_out: set[str]) -> 'ConversionSummary':
        """One of nothing yet."""
        rules = converter.split_rules()
        split: dict[str, list[str]] = {name: [] for name in rules}
        classes = len(converter.classes)
        return cls(out_file, converter.layout, classes, rules, asked_out, split=split)

    def add(self, clip: Clip) -> None:
        """Count a clip that is written."""
        annotation = clip.annotation
        persons, frames = annotation['keypoint'].shape[:2]
        visible = visible_joints(annotation)
        self.shortest = min(self.shortest, frames) if self.clips else frames
        self.longest = max(self.longest, frames)
        self.clips += 1
        self.frames += frames
        self.joints += visible.size
        self.missing += int(visible.size - visible.sum())
        if 'label' in annotation:
            self.labels[annotation['label']] += 1
        self.persons[persons] += 1
        for key in _COUNTED:
            if key in clip.origin:
                self.origins.setdefault(key, set()).add(clip.origin[key])
        for name, rule in self.rules.items():
            if rule(clip.origin):
                self.split[name].append(annotation['frame_dir'])

    def drop_empty_splits(self) -> None:
        """A split without a clip is none; in place, as the dict is written."""
        for name in [name for name, members in self.split.items() if not members]:
            del self.split[name]

    def __str__(self) -> str:
        origins = ''.join(f', {len(found)} {key}s' for key, found in self.origins.items())
        of = f' of {self.classes}' if self.classes else ''
        persons = ', '.join(f'{n} of {m} persons' for m, n in sorted(self.persons.items()))
        lines = [
            f'{self.out_file}: {self.clips} clips in layout {self.layout!r}',
            f'  {len(self.labels)}{of} classes{origins}',
            f'  {persons}',
            f'  {self.frames} frames, {self.shortest} to {self.longest} a clip',
            f'  {self.missing} of {self.joints} joints missing ({self.missing / self.joints:.1%})',
            *(f'  split {name}: {len(names)}' for name, names in self.split.items()),
        ]
        if self.asked_out:
            lines.append(
                f'  {len(self.ignored)} left out on request, of {len(self.asked_out)} names'
            )
        if self.faults:
            lines.append(f'  {len(self.faults)} left out as bad:')
            lines += [f'    {where}: {fault}' for where, fault in self.faults]
        return '\n'.join(lines)
