"""Layouts and mmpose's metainfos with one field that is wrong."""

import copy
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from partkd.layouts import PoseLayout, get_layout
from partkd.layouts.data.coco import layout as COCO

from .corpus import HARMLESS, MISSING, TAKEN, WRONG, Input, bomb, deep, replaced, shown, variants

ODD = (None, True, -1, 1.5, 'text', [], {}, [None], [[]], bomb(), deep())
NO_LISTS = (None, -1, 1.5)


def _take(given: Any, folder: Path) -> PoseLayout:
    return get_layout(given)


def _named(given: dict, folder: Path) -> PoseLayout:
    """As the data set of a config reads it."""
    layout = get_layout(given)
    layout.part_averaging()
    layout.graph_cfg()
    return layout


def layouts(base: Path) -> Iterator[Input]:
    """Layout dicts."""
    joints = list(COCO['joints'])
    whole = get_layout('coco')
    valid = dict(
        COCO,
        swap=list(whole.swap),
        parts=[list(part) for part in whole.parts],
        links=[list(link) for link in whole.links],
        centre='nose',
        hips=['left_hip', 'right_hip'],
        shoulders=['left_shoulder', 'right_shoulder'],
        dims=[2],
        bones={},
    )
    yield Input('every field', partial(_named, valid), expected=TAKEN)
    empty_is_none = {'hips': [[]], 'shoulders': [[]], 'bones': [[], {}]}
    fields: dict[str, list] = {
        'name': [MISSING, *(one for one in ODD if one != 'text'), ''],
        'joints': [
            MISSING,
            *ODD,
            joints[:-1],
            ['nose', *joints],
            [*joints[::-1], 'tail'],
            joints[0],
        ],
        'links': [MISSING, *ODD, [[0]], [[0, 0]], [[0, 1, 2]], [[0, 99]], [[0, -1]], [['a', 'b']]],
        'centre': [MISSING, *ODD, 99, 'tail', [0], 2**64],
        'swap': [*ODD, list(range(16)), [0] * 17, [99] * 17, [['nose', 'tail']], [['nose']]],
        'parts': [*ODD, [[0]] * 5, [[]] * 5, {'head': ['nose']}, [[0], [1], [2], [3], [99]]],
        'hips': [*ODD, [99], ['tail'], 'left_hip', [0, 'tail']],
        'shoulders': [*ODD, [99], ['tail'], [2**64]],
        'dims': [*ODD, [0], [-1], ['2'], [2, 2.5], 2],
        'bones': [*ODD, {'nose': 'left_eye'}, {'left_eye': 'tail'}, {99: 0}, {'left_eye': None}],
    }
    wrong = {
        key: [one for one in values if not (key == 'centre' and one is True)]
        for key, values in fields.items()
    }
    for key, values in wrong.items():
        for value in values:
            is_empty = key in empty_is_none and type(value) in (list, dict, set) and not value
            is_harmless = is_empty or (value is True) or (key == 'centre' and value == -1)
            yield Input(
                f'{key} {shown(value)}',
                partial(_named, replaced(valid, key, value)),
                (key,) if value in NO_LISTS else ('layout',),
                HARMLESS if is_harmless else 'refused',
            )
    yield from variants(valid, {'links.3': ODD, 'parts.2': ODD}, _named, ())
    yield Input('an unknown key', partial(_named, dict(valid, edges=[])), ('edges',))
    yield Input('a key that is no text', partial(_named, valid | {1: 2}), ('1',))
    for value in (None, 1, 'cocoa', '', 'gone.py', [], {}, (), b'coco', True, 1.5, bomb(), deep()):
        yield Input(f'layout {shown(value)}', partial(_take, value), ('layout',), HARMLESS)
    for name in ('coco', COCO, get_layout('coco')):
        yield Input(f'a {type(name).__name__}', partial(_take, name), expected=TAKEN)


def fields(base: Path) -> Iterator[Input]:
    """Fields of a layout that is built of numbers."""
    layout = get_layout('coco')
    valid = {key: getattr(layout, key) for key in layout.__dataclass_fields__ if key != 'trunk'}
    values = [one for one in ODD if one not in ('text', [], {}, set(), True)]
    for key in ('links', 'swap', 'parts', 'parents', 'dims', 'hips', 'shoulders', 'centre'):
        for value in values:
            expected = HARMLESS if key == 'centre' and value in (1, -1) else 'refused'
            take = partial(_build, replaced(valid, key, value))
            words = (key,) if value in NO_LISTS else ('layout',)
            yield Input(f'{key} {shown(value)}', take, words, expected)


def _build(given: dict, folder: Path) -> PoseLayout:
    return PoseLayout(**given)


def _metainfo() -> dict:
    """COCO's, as mmpose has it."""
    layout = get_layout('coco')
    names = layout.joints
    sides = ['upper' if number < 11 else 'lower' for number in range(17)]
    return dict(
        dataset_name='coco',
        keypoint_info={
            number: dict(
                name=name,
                id=number,
                color=[0, 0, 0],
                type=sides[number],
                swap='' if layout.swap[number] == number else names[layout.swap[number]],
            )
            for number, name in enumerate(names)
        },
        skeleton_info={
            number: dict(link=(names[a], names[b]), id=number)
            for number, (a, b) in enumerate(layout.links)
        },
    )


def metainfos(base: Path) -> Iterator[Input]:
    """Metainfos as dicts and as files."""
    valid = _metainfo()
    yield Input('whole', partial(_take, valid), expected=TAKEN)
    yield Input('as dataset_info', partial(_take, dict(dataset_info=valid)), expected=TAKEN)
    for key in ('keypoint_info', 'skeleton_info'):
        for value in (MISSING, *ODD):
            take = partial(_take, replaced(valid, key, value))
            words = (key,) if value in NO_LISTS else ()
            yield Input(f'{key} {shown(value)}', take, words)
        for number in (0, 5):
            for value in ODD:
                given = copy.deepcopy(valid)
                given[key][number] = value
                take = partial(_take, given)
                yield Input(f'{key} {number} {shown(value)}', take, ('metainfo',))
    parts = {'keypoint_info': ('name', 'swap'), 'skeleton_info': ('link',)}
    for key, names in parts.items():
        for name in names:
            for value in (MISSING, *ODD, 'tail', ['nose', 'tail'], ['nose'], 99):
                given = copy.deepcopy(valid)
                if value is MISSING:
                    del given[key][5][name]
                else:
                    given[key][5][name] = value
                # no mirror image is that of a joint on the midline, which a shoulder is not
                is_none = name == 'swap' and (value is MISSING or not value)
                yield Input(
                    f'{key}.{name} {shown(value)}',
                    partial(_take, given),
                    ('metainfo',),
                    HARMLESS if is_none else 'refused',
                )
    for value in (None, 1, 'gone.py', '', [], {}, True, bomb()):
        take = partial(_take, dict(from_file=value))
        yield Input(f'from_file {shown(value)}', take, ('metainfo',))
        take = partial(_take, dict(dataset_info=value))
        yield Input(f'dataset_info {shown(value)}', take, ('metainfo',))
    files = {
        'empty': b'',
        'no metainfo': b'a = 1\n',
        'of wrong grammar': b'dataset_info = dict(\n',
        'of bytes': b'\x00\xff\xfe',
        'that ends': b'dataset_info = 1 / 0\n',
        'of another type': b'dataset_info = [1]\n',
        'of a text': b'dataset_info = "coco"\n',
        'of itself': b'dataset_info = dict(from_file="metainfo.py")\n',
    }
    for name, raw in files.items():
        yield Input(f'file {name}', partial(_read_file, raw), ('metainfo',))
    yield from variants(valid, {'dataset_name': WRONG['text']}, _take, expected=HARMLESS)


def _read_file(raw: bytes, folder: Path) -> PoseLayout:
    (folder / 'metainfo.py').write_bytes(raw)
    return get_layout(str(folder / 'metainfo.py'))


KINDS = {'layouts': layouts, 'layouts of numbers': fields, 'metainfos': metainfos}
