"""docs/method.md names what is in the code, and its numbers are those of the code and the paper."""

import ast
import importlib
import inspect
import math
import pkgutil
import re
from itertools import product
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

import partkd
from partkd.configuration import load_config
from partkd.distillation import part_importance, part_weights
from partkd.experiments import Recipe
from partkd.models import PMSCLoss
from partkd.structures import SkeletonFeatures, TeacherFeatures

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / 'configs' / 'partkd'
PAGE = (ROOT / 'docs' / 'method.md').read_text()
PROSE = re.sub(r'```.*?```', '', PAGE, flags=re.S)
ONE_LINE = ' '.join(PAGE.split())
SETTING = re.compile(r'^\| .* \| `([\w.]+)` \| `(.+)` \|$', re.M)
CODE = sorted(set(re.findall(r'`([^`]+)`', SETTING.sub('', PROSE))))


def is_public(name: str, value: object) -> bool:
    ours = getattr(value, '__module__', '').startswith('partkd')
    return not name.startswith('_') and (ours or name.isupper())


MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(partkd.__path__, 'partkd.')
]
NAMES = {n: value for m in MODULES for n, value in vars(m).items() if is_public(n, value)}


def options_of(thing: type) -> dict[str, object]:
    """Options of a class or its bases, with their defaults."""
    found = {}
    for base in reversed(thing.__mro__):
        if '__init__' in vars(base):
            parameters = inspect.signature(base.__init__).parameters.values()
            found.update({p.name: p.default for p in parameters if p.kind is not p.VAR_KEYWORD})
    return found


def attributes_of(thing: type) -> set[str]:
    annotated = (vars(base).get('__annotations__', {}) for base in thing.__mro__)
    return set(dir(thing)).union(options_of(thing), *annotated)


def setting(cfg: Config, key: str) -> object:
    for part in key.split('.'):
        cfg = cfg[int(part) if part.isdigit() else part]
    return cfg


def is_there(code: str) -> bool:
    """Whether code has what the page says."""
    if '/' in code or code.endswith('.py'):
        return (ROOT / code).is_file() or (CONFIGS / code).is_file()
    if '(' in code:  # Class(option=default)
        call = ast.parse(code, mode='eval').body
        options = options_of(NAMES[call.func.id])
        given = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
        return bool(given) and all(options[name] == value for name, value in given.items())
    if '=' in code:  # Class.option=value
        name, value = code.split('=')
        return is_there(name) and f'``{value}``' in NAMES[name.split('.')[0]].__doc__
    thing, *rest = code.split('.')
    if thing == 'distill':
        return f'``{rest[0]}``' in Recipe.__doc__
    return thing in NAMES and (not rest or rest[0] in attributes_of(NAMES[thing]))


@pytest.mark.parametrize('code', CODE)
def test_what_stands_in_code_font_is_there(code):
    assert is_there(code)


@pytest.mark.parametrize(
    'code',
    [
        'PMSCLoss(loss_weight=1.0)',
        "FeatureBank.contrast='epoch'",
        'FeatureBank.size',
        'PartMatrices',
        'distill.parts',
        'stgcn.py',
        'Path',
    ],
)
def test_what_is_not_there_would_be_found(code):
    assert not is_there(code)


@pytest.mark.parametrize(
    ('config', 'first', 'last'),
    [
        ('stgcn_ntu60_xsub_hetero.py', "## The paper's settings", 'The *recommended form*'),
        ('stgcn_utdmhad_recommended.py', 'The *recommended form*', "## The paper's numbers"),
    ],
)
def test_settings_are_those_of_the_config(config, first, last):
    section = PAGE.split(first)[1].split(last)[0]
    cfg = load_config(CONFIGS / config)
    stated = SETTING.findall(section)
    assert len(stated) == len(re.findall('^\\| (?!what|the paper)', section, re.M)) > 5
    assert stated == [(key, repr(setting(cfg, key))) for key, _ in stated]


def rows(title: str, until: str = '\n\n') -> list[list[str]]:
    """The cells of the first table behind a title, without its head."""
    table = PAGE.split(title)[1].split('|---', 1)[1].split(until)[0]
    lines = [line for line in table.splitlines() if line.startswith('| ')]
    return [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]


def loss_of(clip: str, similarities: tuple[float, float, float]) -> float:
    """The loss of a clip whose parts have these cosines with its pair, a class-mate and another."""
    is_paired = 'pair' in clip
    there = (is_paired, 'without' not in clip, True)
    cosines = [c for c, taken in zip(similarities, there, strict=True) if taken]
    parts = torch.tensor([[c, math.sqrt(1 - c * c)] for c in cosines])[:, None].expand(-1, 5, 2)
    teacher = TeacherFeatures(
        parts=parts,
        labels=torch.tensor([0] * (len(cosines) - 1) + [1]),
        pair=torch.tensor([0 if is_paired else -1]),
    )
    student = SkeletonFeatures(parts=torch.tensor([[[1.0, 0.0]] * 5]))
    out = PMSCLoss(loss_weight=1.0)(student, teacher, torch.tensor([0]))
    assert float(out['pmsc_ratio']) == 1
    return float(out['loss_pmsc'])


@pytest.mark.parametrize(('clip', 'any_features', 'not_negative', 'equal'), rows('### Bounds'))
def test_bounds_of_the_loss(clip, any_features, not_negative, equal):
    for stated, lowest in ((any_features, -1.0), (not_negative, 0.0)):
        losses = [loss_of(clip, trio) for trio in product((lowest, 0.5, 1.0), repeat=3)]
        assert min(losses) == pytest.approx(float(stated), abs=6e-4)
    for similarity in (-0.5, 0.0, 1.0):
        assert loss_of(clip, (similarity,) * 3) == pytest.approx(float(equal), abs=6e-4)


def test_bounds_of_similarity_and_weights():
    assert 'C in [1/e, e]' in ONE_LINE
    parts = torch.tensor([1.0, -1.0]).view(2, 1, 1).expand(2, 5, 3)
    teacher = TeacherFeatures(parts=parts, labels=torch.tensor([0, 1]), pair=torch.tensor([0]))
    phi = PMSCLoss().similarity(SkeletonFeatures(parts=parts[:1]), teacher, torch.tensor([0]))
    torch.testing.assert_close(phi.exp(), torch.tensor([[math.e, 1 / math.e]]))

    (stated,) = re.findall(r'A weight of E lies between (\S+) and (\S+),', ONE_LINE)
    errors = torch.tensor(list(product([0.0, 1.0], repeat=5)))
    weights = part_weights(part_importance(errors, torch.arange(32), 32))
    torch.testing.assert_close(weights.sum(1), torch.ones(32))
    extremes = float(weights.min()), float(weights.max())
    assert extremes == pytest.approx(tuple(map(float, stated)), abs=6e-4)


def test_how_often_there_are_no_class_mates():
    text = r'with probability ([.\d /]+) in batches of ([\d /]+)\.'
    ((stated, sizes),) = re.findall(text, ONE_LINE)
    generator = torch.Generator().manual_seed(0)
    for probability, size in zip(stated.split(' / '), map(int, sizes.split(' / ')), strict=True):
        own = torch.arange(size)
        alone = total = 0
        while total < 30_000:
            labels = torch.randint(60, (size,), generator=generator)
            positives = TeacherFeatures(labels=labels, pair=own).positives(labels)
            alone, total = alone + int((~positives.any(1)).sum()), total + size
        assert alone / total == pytest.approx(float(probability), abs=0.02)


def test_share_of_the_gap():
    text = r'NTU60 CS (\d+) %, CV (\d+) %, Penn (\d+) %, SYSU (\d+) % and (\d+) %'
    (stated,) = re.findall(text, ONE_LINE)
    shares = []
    for data, teacher, clean, *_ in rows('**Table 1'):
        without, distilled = map(float, clean.split(' / '))
        if data != 'Penn top-5':
            shares.append(f'{100 * (distilled - without) / (float(teacher) - without):.0f}')
    assert tuple(shares) == stated


@pytest.mark.parametrize(('split', 'name'), [('xsub', 'NTU60 CS'), ('xview', 'NTU60 CV')])
@pytest.mark.parametrize(('pair', 'title'), [('hetero', '**Table 1'), ('homo', '**Table 2')])
def test_configs_have_the_papers_figures(pair, title, split, name):
    paper = Config.fromfile(CONFIGS / f'stgcn_ntu60_{split}_{pair}.py').distill.paper
    (row,) = [row for row in rows(title) if row[0].startswith(name)]
    teacher, *students = row[1:]
    stated = [(teacher, *student.split(' / ')) for student in students]
    assert [tuple(map(float, three)) for three in stated] == [tuple(v) for v in paper.values()]
