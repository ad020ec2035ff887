"""What docs/design.md names as stable: which names there are, and that they say what they take."""

import inspect
import re
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

import partkd
from partkd import apis, inference

NAMES = {
    partkd: [
        'AtomicCheckpointHook',
        'CheckedRunner',
        'PART_NAMES',
        'BFloat16OptimWrapper',
        'EpochSeedHook',
        'FeatureBank',
        'FrozenTeacher',
        'GlobalMSCLoss',
        'GroupedLoss',
        'GroupedLossModel',
        'KDRecognizer',
        'KLLoss',
        'KeepMemoryHook',
        'LengthGroupedBatchSampler',
        'PMSCLoss',
        'PairedPoseDataset',
        'PartAdapter',
        'PartMatrix',
        'PartPooling',
        'PoseLayout',
        'SkeletonBatch',
        'SkeletonDataPreprocessor',
        'SkeletonEncoder',
        'SkeletonFeatures',
        'SkeletonHead',
        'SkeletonRecognizer',
        'TeacherFeatures',
        '__version__',
        'get_layout',
        'layout_names',
    ],
    apis: [
        'ReproduceError',
        'SweepError',
        'build_teacher_files',
        'demo',
        'distill',
        'export',
        'extract_poses',
        'fuse',
        'load_config',
        'pictures',
        'predict',
        'publish',
        'reproduce',
        'retrieve',
        'robustness',
        'set_occlusion',
        'student_config',
        'sweep',
        'test',
        'train',
        'web',
    ],
    inference: [
        'ClipReader',
        'SkeletonInferencer',
        'Span',
        'StreamingRecognizer',
        'TrainedModel',
        'joints_by_name',
        'label_over_time',
        'load_model',
        'numbered_name',
        'spans_of',
        'write_spans',
    ],
}


@pytest.mark.parametrize('module', NAMES, ids=lambda module: module.__name__)
def test_names_stay(module: ModuleType):
    gone, new = set(NAMES[module]) - set(module.__all__), set(module.__all__) - set(NAMES[module])
    assert not gone, (
        f'{module.__name__} has lost {sorted(gone)}, which docs/design.md calls stable: announce '
        'it in CHANGELOG.md one minor version ahead, then take it out of this list'
    )
    assert not new, f'{module.__name__} has {sorted(new)}: name it in CHANGELOG.md and in this list'
    missing = [name for name in module.__all__ if not hasattr(module, name)]
    assert not missing


def public_callables() -> Iterator:
    """Functions, classes and their own public methods, each with its docstrings."""
    for module, names in NAMES.items():
        for name in names:
            thing = getattr(module, name, None)
            if inspect.isclass(thing):
                bases = thing.__mro__
                yield pytest.param(thing, docstrings(bases, '__doc__', '__init__'), id=name)
                for method, function in vars(thing).items():
                    plain = inspect.unwrap(getattr(function, '__func__', function))
                    if inspect.isfunction(plain) and not method.startswith('_'):
                        documented = docstrings(bases, method)
                        yield pytest.param(plain, documented, id=f'{name}.{method}')
            elif inspect.isfunction(thing):
                yield pytest.param(thing, inspect.getdoc(thing) or '', id=name)


def docstrings(bases: tuple[type, ...], *attributes: str) -> str:
    """What a class and its bases say of something; a parameter may be told where it is from."""
    found = (vars(base)[name] for base in bases for name in attributes if name in vars(base))
    texts = (text if isinstance(text, str) else text.__doc__ for text in found)
    return '\n'.join(inspect.cleandoc(text) for text in texts if text)


@pytest.mark.parametrize(('thing', 'documented'), list(public_callables()))
def test_every_parameter_is_told(thing: Callable, documented: str):
    assert thing.__doc__, 'say what it is for'
    made_by = getattr(thing, '__init__', None)
    if inspect.isfunction(made_by) and not made_by.__module__.startswith('partkd'):
        return  # told where it is from
    try:
        parameters = list(inspect.signature(thing).parameters)
    except ValueError:  # built in, as what a tensor is made from
        return
    told = set(re.findall(r'^ +\**(\w+)(?: \(.*?\))?: ', documented, re.MULTILINE))
    missing = set(parameters) - told - {'self', 'cls', 'args'}
    assert not missing, f'Args lacks {sorted(missing)}'


NO_VERBS = {'ReproduceError', 'SweepError', 'set_occlusion'}


@pytest.mark.parametrize('name', sorted(set(NAMES[apis]) - NO_VERBS))
def test_a_verb_says_what_it_returns(name: str):
    assert re.search(r'^Returns:\n    \S', inspect.getdoc(getattr(apis, name)), re.MULTILINE)
