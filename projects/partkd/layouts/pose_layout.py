"""`PoseLayout`: everything there is to know about one pose graph."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from operator import index
from typing import Any, get_type_hints

import numpy as np

from partkd.arguments import require
from partkd.messages import shown

from .config import fields_from_config
from .graph import spanning_tree
from .metainfo import config_from_metainfo
from .naming import PART_NAMES, find_pair
from .validation import check_layout, check_parents


@dataclass(frozen=True)
class PoseLayout:
    """A pose graph: joints, links, mirror images and the five body parts.

    A layout is immutable, hashable and can be pickled. Joints are given by index here;
    :meth:`from_dict` takes names too, and fills in what the names already say.

    Args:
        name (str): Name of the layout.
        joints (tuple[str, ...]): The V joint names, in the order of the data.
        links (tuple[tuple[int, int], ...]): Pairs (outer joint, inner joint), the inner one
            nearer to the centre: the ``inward`` links of mmaction2's ``Graph``.
        centre (int): The joint at the centre of the graph.
        swap (tuple[int, ...]): For every joint its mirror image; joints on the midline map to
            themselves. ``x[..., swap, :]`` is the pose with left and right exchanged.
        parts (tuple[tuple[int, ...], ...]): The joints of head, left arm, right arm, left leg
            and right leg, in the order of ``PART_NAMES``. Disjoint, none empty.
        dims (tuple[int, ...]): Numbers of coordinates that data in this layout may have.
            Defaults to (2, 3).
        parents (tuple[int, ...]): For every joint the joint its bone starts from; the centre is
            its own parent. Defaults to (), which stands for the spanning tree of the links.
        hips (tuple[int, ...]): Left and right hip. Defaults to (), which has them found from the
            joint names; the centre alone where there are none.
        shoulders (tuple[int, ...]): Left and right shoulder. Defaults to (), likewise.

    Attributes:
        trunk (tuple[int, ...]): The joints that belong to no part.

    Raises:
        ValueError: If the graph is not connected, an index is out of range, a name occurs twice,
            ``swap`` is not an involution, a part is empty or shares a joint with another, or the
            bones do not lead to the centre.
    """

    name: str
    joints: tuple[str, ...]
    links: tuple[tuple[int, int], ...]
    centre: int
    swap: tuple[int, ...]
    parts: tuple[tuple[int, ...], ...]
    dims: tuple[int, ...] = (2, 3)
    parents: tuple[int, ...] = ()
    hips: tuple[int, ...] = ()
    shoulders: tuple[int, ...] = ()
    trunk: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Turn lists into tuples, check everything, and fill in what was not given."""
        for key, hint in get_type_hints(type(self)).items():
            if hasattr(self, key):
                require(getattr(self, key), hint, f'layout {shown(self.name)}: {key}')
        self._set('joints', tuple(self.joints))
        self._set('centre', index(self.centre))
        for key in ('links', 'parts'):
            self._set(key, tuple(_indices(group) for group in getattr(self, key)))
        for key in ('swap', 'dims', 'parents', 'hips', 'shoulders'):
            self._set(key, _indices(getattr(self, key)))
        check_layout(self)
        part_of = [self.part_of(joint) for joint in range(self.num_joints)]
        self._set('trunk', tuple(j for j, part in enumerate(part_of) if part is None))
        if not self.parents:
            tree = spanning_tree(self.num_joints, self.links, self.centre, part_of)
            self._set('parents', tuple(tree))
        check_parents(self)
        for key, bare in (('hips', 'hip'), ('shoulders', 'shoulder')):
            if not getattr(self, key):
                self._set(key, find_pair(self.joints, bare) or (self.centre,))

    @classmethod
    def from_dict(cls, cfg: Mapping[str, Any]) -> 'PoseLayout':
        """Build a layout from a config dict, in which a joint stands by name or by index.

        Args:
            cfg (Mapping[str, Any]): ``name``, ``joints``, ``links`` and ``centre`` as above, and
                where wanted ``dims``, ``hips`` and ``shoulders``. ``swap`` is a permutation or a
                list of (left, right) pairs; left out, it is found from the joint names.
                ``parts`` is a dict with the keys ``PART_NAMES`` or a list of five; left out,
                likewise. ``bones`` names, for single joints, the joint their bone starts from,
                where that is not the one of the spanning tree.

        Returns:
            PoseLayout: The layout.

        Raises:
            ValueError: If a key or a joint is missing or unknown, or the layout is not valid.
        """
        fields = fields_from_config(cfg)
        bones = fields.pop('bones')
        layout = cls(**fields)
        if not bones:
            return layout
        if beyond := bones.keys() - set(range(layout.num_joints)):
            raise ValueError(
                f'layout {layout.name!r}: joint indices {sorted(beyond)} of bones are out of range'
            )
        return replace(
            layout, parents=tuple(bones.get(j, parent) for j, parent in enumerate(layout.parents))
        )

    def to_dict(self) -> dict[str, Any]:
        """Describe the layout as :meth:`from_dict` takes it, in lists, texts and numbers.

        Returns:
            dict[str, Any]: Joints by their names, ``swap`` by index.
        """
        name_all = partial(map, self.joints.__getitem__)
        return dict(
            name=self.name,
            joints=list(self.joints),
            links=[list(name_all(link)) for link in self.links],
            centre=self.joints[self.centre],
            swap=list(self.swap),
            parts=[list(name_all(part)) for part in self.parts],
            dims=list(self.dims),
            bones={
                self.joints[joint]: self.joints[parent]
                for joint, parent in enumerate(self.parents)
                if parent != joint
            },
            hips=list(name_all(self.hips)),
            shoulders=list(name_all(self.shoulders)),
        )

    @classmethod
    def from_metainfo(cls, metainfo: str | Mapping[str, Any]) -> 'PoseLayout':
        """Read the metainfo of an mmpose dataset; see :mod:`.metainfo` for what is filled in.

        Args:
            metainfo (str | Mapping[str, Any]): The ``dataset_info`` dict, a Python file that
                holds it, or the name of one that an installed mmpose ships, as ``'halpe26'``.

        Returns:
            PoseLayout: The layout, its parts found from the keypoint names.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If some joints can't be placed, or it is not a full-body human pose.
        """
        return cls.from_dict(config_from_metainfo(metainfo))

    @property
    def num_joints(self) -> int:
        """Number of joints V."""
        return len(self.joints)

    def part_of(self, joint: int) -> int | None:
        """Tell which part a joint belongs to.

        Args:
            joint (int): Index of the joint.

        Returns:
            int | None: Index into ``PART_NAMES``; None for a joint of the trunk.
        """
        return next((p for p, part in enumerate(self.parts) if joint in part), None)

    def steps_out(self, joint: int) -> int:
        """Count the bones between a joint and where its part hangs on.

        Args:
            joint (int): Index of the joint.

        Returns:
            int: 0 for the first joint of a part.
        """
        steps, part, parent = 0, self.part_of(joint), self.parents[joint]
        while self.part_of(parent) == part and parent != joint:
            steps, joint, parent = steps + 1, parent, self.parents[parent]
        return steps

    def graph_cfg(self) -> dict[str, Any]:
        """Describe the graph as mmaction2's ``Graph`` takes it.

        Returns:
            dict[str, Any]: ``num_node``, ``inward`` and ``center``, and what ``Graph`` does not
            read, for backbones that know of parts: ``parts``, with the trunk in the first one.
        """
        return dict(
            num_node=self.num_joints,
            inward=list(self.links),
            center=self.centre,
            parts=self.part_joints('head'),
        )

    def bones(self) -> tuple[int, ...]:
        """Give the joint that each joint's bone starts from.

        For ``nturgb+d`` and ``coco`` these are the bones of mmaction2's ``JointToBone``; for
        ``openpose`` too, but for the bone between nose and neck, which here ends in the centre
        of the graph (the neck) and there in the nose.

        Returns:
            tuple[int, ...]: Parent of every joint; the centre is its own, its bone is zero.
        """
        return self.parents

    def part_joints(self, trunk: str = 'ignore') -> tuple[tuple[int, ...], ...]:
        """List the joints of each part.

        Args:
            trunk (str): ``'ignore'`` leaves the joints of the trunk out, ``'head'`` counts them to
                the head (the fifth part of PA-ResGCN). Defaults to ``'ignore'``.

        Returns:
            tuple[tuple[int, ...], ...]: Five tuples of joints, in the order of ``PART_NAMES``.

        Raises:
            ValueError: If ``trunk`` is neither.
        """
        if trunk == 'ignore':
            return self.parts
        if trunk == 'head':
            return (tuple(sorted(self.parts[0] + self.trunk)), *self.parts[1:])
        raise ValueError(f"trunk must be 'ignore' or 'head', not {trunk!r}")

    def part_averaging(self, trunk: str = 'ignore') -> np.ndarray:
        """Build the matrix that averages joints into parts (Sec. 3.3.1 of the paper).

        Args:
            trunk (str): See :meth:`part_joints`. Defaults to ``'ignore'``.

        Returns:
            np.ndarray: Shape (5, V), float32; every row sums to 1.
        """
        matrix = np.zeros((len(PART_NAMES), self.num_joints), dtype=np.float32)
        for row, part in zip(matrix, self.part_joints(trunk), strict=True):
            row[list(part)] = 1 / len(part)
        return matrix

    def __deepcopy__(self, memo: dict) -> 'PoseLayout':
        """Return the layout itself: it is immutable, and every clip of a dataset carries it."""
        return self

    def _set(self, key: str, value: Any) -> None:
        object.__setattr__(self, key, value)


def _indices(values: Any) -> tuple[int, ...]:
    return tuple(index(value) for value in values)
