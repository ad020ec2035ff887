"""Feature bank and part matrix: what is in them, and what they are refused for."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.device import get_device

from partkd.distillation import (
    FeatureBank,
    FingerprintError,
    PartMatrix,
    check_fingerprint,
    compute_teacher_files,
    part_importance,
    part_weights,
    teacher_fingerprint,
)
from partkd.files import ChangedError, MadeOnce, MappedRows, read_record
from partkd.layouts import get_layout
from partkd.structures import CLIP_FEATURES, SkeletonBatch, tensors_of


@pytest.fixture
def files(teacher, dataset_cfg, tmp_path):
    dataset, folder = DATASETS.build(dataset_cfg), str(tmp_path / 'files')
    compute_teacher_files(teacher, dataset.teacher, folder, part_matrix={}, batch_size=4)
    return dataset, folder


@pytest.fixture(params=['small', 'large'])
def size(request, monkeypatch):
    """Whether a bank counts as large, of which only the rows asked for are read."""
    if request.param == 'large':
        monkeypatch.setattr('partkd.distillation.feature_bank.LARGE', 0)
    return request.param


def test_bank_gives_what_the_teacher_in_the_loop_gives(
    size, files, teacher, teacher_cfg, load_batch
):
    dataset, folder = files
    bank = FeatureBank(folder, teacher_cfg)
    bank.init_weights()
    bank.to(get_device())
    batch = load_batch(teacher.model, [0, 3, 5, 3, 8, 11], load_teacher=True)
    looked_up = bank(batch['data_samples'])
    computed = teacher(batch['data_samples'], batch['teacher_inputs'])

    assert -1 in looked_up.pair and (looked_up.pair >= 0).any()
    assert len(looked_up.labels) == len({s.frame_dir for s in batch['data_samples'] if s.paired})
    assert all((getattr(bank, name) is None) == (size == 'large') for name in CLIP_FEATURES)
    for name in (*CLIP_FEATURES, 'labels'):
        mine, theirs = getattr(looked_up, name), getattr(computed, name)
        assert mine.dtype == theirs.dtype
        torch.testing.assert_close(looked_up.own(mine), computed.own(theirs))
    assert torch.equal(looked_up.is_paired, computed.is_paired)


def test_a_clip_that_comes_twice_is_one_teacher_clip(files, teacher_cfg, teacher, load_batch):
    dataset, folder = files
    paired = [i for i, name in enumerate(dataset.frame_dirs) if dataset.is_paired(name)]
    bank = FeatureBank(folder, teacher_cfg)
    bank.init_weights()
    batch = load_batch(teacher.model, [paired[0], paired[1], paired[0]])
    features = bank(batch['data_samples'])
    assert len(features.labels) == 2
    assert features.pair[0] == features.pair[2]


def test_a_batch_of_solitary_clips_has_no_rows(size, files, teacher_cfg, teacher, load_batch):
    dataset, folder = files
    bank = FeatureBank(folder, teacher_cfg)
    bank.init_weights()
    solitary = [i for i, name in enumerate(dataset.frame_dirs) if not dataset.is_paired(name)]
    features = bank(load_batch(teacher.model, solitary)['data_samples'])
    assert features.pair.tolist() == [-1] * 3
    assert features.parts.shape == (0, 5, 8) and features.segments.shape == (0, 2, 5, 8)


def test_only_rows_asked_for_are_read(files, teacher_cfg, teacher, load_batch, monkeypatch):
    monkeypatch.setattr('partkd.distillation.feature_bank.LARGE', 0)
    dataset, folder = files
    bank = copy.deepcopy(FeatureBank(folder, teacher_cfg))
    bank.init_weights()
    take, rows = MappedRows.take, []
    monkeypatch.setattr(MappedRows, 'take', lambda s, r: rows.append(r.tolist()) or take(s, r))
    samples = load_batch(teacher.model, [0, 3, 5])['data_samples']
    names = [sample.frame_dir for sample in samples if sample.paired]
    wanted = sorted(dataset.teacher.frame_dirs.index(name) for name in names)
    bank(samples)
    assert rows == [wanted] * len(tensors_of(CLIP_FEATURES))


def test_all_of_a_large_bank_is_loaded_where_it_is_held_against_all(files, teacher_cfg, size):
    bank = FeatureBank(files[1], teacher_cfg, contrast='bank')
    bank.init_weights()
    assert len(bank.parts) == len(bank.segments) == 9


@pytest.mark.parametrize('name', ['parts', 'frame_dirs', 'importance'])
def test_files_that_were_changed_are_refused(size, name, files, teacher_cfg):
    _, folder = files
    file = Path(folder, f'{name}.npy')
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    for component in (FeatureBank(folder, teacher_cfg), PartMatrix(folder)):
        with pytest.raises(ChangedError, match=rf'{name}\.npy was changed .*delete'):
            component.init_weights()


def forge(folder, fingerprint=None, **arrays):
    """Files whose record vouches for arrays that no teacher has made."""

    def write(folder):
        for name, array in arrays.items():
            np.save(folder / f'{name}.npy', array, allow_pickle=True)
        return dict(outputs=[f'{name}.npy' for name in arrays])

    MadeOnce(folder, fingerprint or {}).make(write)
    return str(folder)


@pytest.mark.parametrize(
    ('name', 'spoil', 'message'),
    [
        ('parts', lambda array: array.astype(float), r'parts\.npy .*, it is float64'),
        ('logits', lambda array: array.astype(complex), r'logits\.npy .*, it is complex128'),
        ('pooled', lambda array: array.astype(str), r'pooled\.npy .*, it is <U32'),
        ('labels', lambda array: array.astype('f4'), r'labels\.npy .*, it is float32'),
        ('frame_dirs', lambda array: array.astype('S'), r'frame_dirs\.npy .*, it is \|S6'),
        (
            'parts',
            lambda array: array[:, :4],
            r'parts\.npy .*, it has shape \(9, 4, 8\), .* 5 parts',
        ),
        ('logits', lambda array: array[:, :, None], r'logits\.npy .*, it has 3 axes'),
        ('frame_dirs', lambda array: array[:, None], r'frame_dirs\.npy .*, it has 2 axes'),
        ('segments', lambda array: array * np.nan, r'segments\.npy .*, it holds infinite .* NaN'),
    ],
)
def test_arrays_of_other_kinds_are_refused(name, spoil, message, files, teacher_cfg, tmp_path):
    """Though a record vouches for them."""
    arrays = {file.stem: np.load(file) for file in Path(files[1]).glob('*.npy')}
    arrays[name] = spoil(arrays[name])
    forged = forge(tmp_path / 'forged', read_record(files[1])['fingerprint'], **arrays)
    with pytest.raises(ValueError, match=rf'is no feature bank: {message}'):
        FeatureBank(forged, teacher_cfg).init_weights()


@pytest.mark.parametrize('fault', ['column by column', 'pickle', 'short'])
def test_arrays_without_rows_are_refused(size, fault, files, teacher_cfg, tmp_path):
    _, folder = files
    arrays = {file.stem: np.load(file) for file in Path(folder).glob('*.npy')}
    if fault == 'column by column' and size == 'small':
        pytest.skip('read whole, it is as good')
    arrays['parts'] = {
        'column by column': np.asfortranarray(arrays['parts']),
        'pickle': np.array([None, {}], dtype=object),
        'short': arrays['parts'][:-1],
    }[fault]
    forged = forge(tmp_path / 'forged', **arrays)
    with pytest.raises(ValueError, match='is no feature bank'):
        FeatureBank(forged, teacher_cfg).init_weights()


def test_contrast_bank_holds_against_all_paired_clips(files, teacher_cfg, teacher, load_batch):
    dataset, folder = files
    bank = FeatureBank(folder, teacher_cfg, contrast='bank')
    bank.init_weights()
    features = bank(load_batch(teacher.model, range(12))['data_samples'])
    assert len(features.labels) == len(dataset.teacher) == 9
    own = [s for s in range(12) if dataset.is_paired(dataset.frame_dirs[s])]
    assert torch.equal(features.own(features.labels), torch.tensor(dataset.labels[own]))


def test_bank_without_a_clip_names_it(size, files, teacher_cfg, teacher, load_batch):
    _, folder = files
    bank = FeatureBank(folder, teacher_cfg)
    bank.init_weights()
    samples = load_batch(teacher.model, range(12), paired_fraction=1.0)['data_samples']
    with pytest.raises(KeyError, match='has no clip clip'):
        bank(samples)


def test_a_bank_of_another_teacher_is_refused_where_it_is_read(files, teacher_cfg, tmp_path):
    """Whoever trains with it."""
    state = torch.load(teacher_cfg['checkpoint'])['state_dict']
    state['cls_head.fc.bias'] += 1
    torch.save(dict(state_dict=state), tmp_path / 'other.pth')
    other = dict(teacher_cfg, checkpoint=str(tmp_path / 'other.pth'))
    with pytest.raises(FingerprintError, match='made from another teacher weights than'):
        FeatureBank(files[1], other).init_weights()


def test_rows_of_other_clips_are_refused(size, files, teacher_cfg, teacher, load_batch, tmp_path):
    """Names in another order than the features."""
    arrays = {file.stem: np.load(file) for file in Path(files[1]).glob('*.npy')}
    arrays['frame_dirs'] = arrays['frame_dirs'][[1, 0, *range(2, 9)]]
    fingerprint = read_record(files[1])['fingerprint']
    bank = FeatureBank(forge(tmp_path / 'forged', fingerprint, **arrays), teacher_cfg)
    bank.init_weights()
    bank.to(get_device())
    names = files[0].teacher.frame_dirs
    places = [files[0].frame_dirs.index(names[row]) for row in (2, 3, 0)]
    bank(load_batch(teacher.model, places[:2])['data_samples'])
    samples = load_batch(teacher.model, places)['data_samples']
    message = f'clip {names[0]} has class {int(samples[2].gt_label)}, and .* in the feature bank'
    with pytest.raises(FingerprintError, match=message):
        bank(samples)


def test_logits_of_other_classes_are_refused(size, files, teacher_cfg):
    bank = FeatureBank(files[1], teacher_cfg)
    bank.init_weights()
    bank.require_classes(3)
    with pytest.raises(FingerprintError, match='has logits of 3 classes, and the student has 4'):
        bank.require_classes(4)


def test_files_of_other_classes_are_refused(files, teacher_cfg, student_cfg):
    matrix = dict(type='PartMatrix', folder=files[1])
    bank = dict(type='FeatureBank', folder=files[1], teacher=teacher_cfg)
    for losses, message in (
        ([dict(type='PMSCLoss', part_matrix=matrix)], r'part matrix .* is of 3 classes, .* has 4'),
        ([dict(type='PMSCLoss')], r'feature bank .* has clips of class 2, and the student 2'),
    ):
        student_cfg['cls_head']['num_classes'] = 4 if 'matrix' in message else 2
        model = dict(type='KDRecognizer', student=student_cfg, teacher=bank, losses=losses)
        with pytest.raises(FingerprintError, match=message):
            MODELS.build(model).init_weights()


def test_part_matrix_is_the_naive_error_rate(files, teacher):
    """Eq. 12-13 clip by clip."""
    dataset, folder = files
    layout = teacher.model.layout
    errors, counts = np.zeros((3, 5)), np.zeros(3)
    for item in dataset.teacher:
        label = int(item['data_samples'].gt_label)
        counts[label] += 1
        for part, joints in enumerate(layout.parts):
            occluded = item['inputs'].to(get_device(), copy=True)
            occluded[:, :, list(joints)] = 0
            logits = teacher.extract(SkeletonBatch(occluded[None])).logits
            errors[label, part] += int(logits.argmax()) != label
    rates = errors / counts[:, None]
    expected = np.exp(rates) / np.exp(rates).sum(1, keepdims=True)

    matrix = PartMatrix(folder)
    matrix.init_weights()
    weights = matrix(torch.tensor([2, 0, 1]))
    np.testing.assert_allclose(weights.numpy(), expected[[2, 0, 1]], rtol=1e-5)


@pytest.mark.parametrize('fill', ['zero', 'mean'])
def test_rise_of_the_cross_entropy(fill, teacher, dataset_cfg, tmp_path):
    # The untrained teacher's logits are in the thousands, where a processor's rounding is as large
    # as the tolerance below.
    teacher.model.cls_head.fc.weight.data /= 1000
    dataset = DATASETS.build(dataset_cfg).teacher
    settings = dict(fill=fill, score='cross_entropy')
    compute_teacher_files(teacher, dataset, tmp_path / 'matrix', False, settings, batch_size=3)
    assert read_record(tmp_path / 'matrix')['outputs'] == ['importance.npy']
    items = list(dataset)
    poses = torch.cat([item['inputs'].flatten(0, 1) for item in items])
    filling = poses.mean(0) if fill == 'mean' else torch.zeros(25, 3)
    expected, counts = torch.zeros(3, 5), torch.zeros(3)
    for item in items:
        label = item['data_samples'].gt_label
        counts[label] += 1
        for part, joints in enumerate(teacher.model.layout.parts):
            occluded = item['inputs'].clone()
            occluded[:, :, list(joints)] = filling[list(joints)]
            pair = [x[None].to(get_device()) for x in (occluded, item['inputs'])]
            logits = [teacher.extract(SkeletonBatch(x)).logits.cpu() for x in pair]
            after, before = (F.cross_entropy(x, label) for x in logits)
            expected[label, part] += after - before
    importance = torch.from_numpy(np.load(tmp_path / 'matrix' / 'importance.npy'))
    torch.testing.assert_close(importance, expected / counts[:, None], rtol=1e-4, atol=1e-5)


def test_hand_computed_part_matrix():
    """Class 0: two clips, misclassified 1/2 and 2/2 of the time without parts 1 and 2."""
    harm = torch.tensor([[0.0, 1, 1, 0, 0], [0, 0, 1, 0, 0], [1, 1, 1, 1, 1]])
    importance = part_importance(harm, torch.tensor([0, 0, 2]), num_classes=3)
    expected = torch.tensor([[0, 0.5, 1, 0, 0], [0.0] * 5, [1.0] * 5])
    torch.testing.assert_close(importance, expected)
    weights = part_weights(importance)
    assert float(weights[0, 2]) == pytest.approx(2.71828 / (2.71828 + 1.64872 + 3), abs=1e-4)
    torch.testing.assert_close(weights[1:], torch.full((2, 5), 0.2))
    assert float(part_weights(importance, temperature=0.1)[0, 2]) > 0.99
    # The range that softmax at temperature 1 leaves, method.md decision 9.
    extremes = part_weights(torch.tensor([[1.0, 0, 0, 0, 0], [0.0, 1, 1, 1, 1]]))
    assert float(extremes.max()) == pytest.approx(0.405, abs=1e-3)
    assert float(extremes.min()) == pytest.approx(0.084, abs=1e-3)


@pytest.mark.parametrize(
    ('change', 'named'),
    [
        (dict(layout=get_layout('coco')), 'layout'),
        (dict(split='val'), 'split'),
        (dict(frame_dirs=['a']), 'clips'),
        (dict(pipeline_cfg=['flip']), 'pipeline'),
        (dict(dtype='float16'), 'pipeline'),
        (dict(ann_file='other'), 'annotation file'),
        (dict(checkpoint='other'), 'teacher weights'),
        (dict(config='other'), 'teacher model'),
        (dict(code='other'), 'teacher model'),
    ],
    ids=lambda value: value if isinstance(value, str) else '',
)
def test_fingerprint_names_what_changed(change, named, files, teacher_cfg, tmp_path, monkeypatch):
    dataset, folder = files
    bank = FeatureBank(folder, teacher_cfg)
    bank.init_weights()
    same = teacher_fingerprint(teacher_cfg, dataset.teacher)
    check_fingerprint(folder, bank.fingerprint, same)

    class Changed:
        ann_file = dataset.teacher.ann_file
        split = dataset.teacher.split
        pipeline_cfg = dataset.teacher.pipeline_cfg
        dtype = dataset.teacher.dtype
        layout = dataset.teacher.layout
        frame_dirs = dataset.teacher.frame_dirs

    teacher = dict(teacher_cfg)
    if 'checkpoint' in change:
        state = torch.load(teacher['checkpoint'])['state_dict']
        state['cls_head.fc.bias'] += 1
        teacher['checkpoint'] = str(tmp_path / 'other.pth')
        torch.save(dict(state_dict=state), teacher['checkpoint'])
    elif 'config' in change:
        cfg = Config.fromfile(teacher['config'])
        cfg.model.neck = dict(type='PartPooling', trunk='head')
        teacher['config'] = str(tmp_path / 'other.py')
        cfg.dump(teacher['config'])
    elif 'code' in change:
        (tmp_path / 'own_layer.py').write_text('')
        cfg = Config.fromfile(teacher['config'])
        cfg.custom_imports = dict(imports=['own_layer'], allow_failed_imports=False)
        monkeypatch.syspath_prepend(tmp_path)
        teacher['config'] = str(tmp_path / 'own.py')
        cfg.dump(teacher['config'])
    elif 'ann_file' in change:
        Changed.ann_file = str(tmp_path / 'low.pkl')
    else:
        for key, value in change.items():
            setattr(Changed, key, value)
    with pytest.raises(FingerprintError, match=f'another {named} than'):
        check_fingerprint(folder, bank.fingerprint, teacher_fingerprint(teacher, Changed))


def test_missing_files_say_which_command_makes_them(tmp_path, teacher_cfg):
    missing = str(tmp_path / 'none')
    trained = FeatureBank(missing, teacher_cfg), PartMatrix(missing)
    for component in trained:
        with pytest.raises(FileNotFoundError, match=r'tools/build_part_matrix\.py'):
            component.init_weights()
    untrained = dict(teacher_cfg, checkpoint=str(tmp_path / 'none.pth'))
    for component in (FeatureBank(missing, untrained), MODELS.build(untrained)):
        with pytest.raises(FileNotFoundError, match=r'tools/train\.py .*teacher\.py'):
            component.init_weights()


def test_a_foreign_file_is_refused_and_not_run(tmp_path, teacher_cfg):
    class Malicious:
        def __reduce__(self):
            return open, (str(tmp_path / 'written'), 'w')

    array = np.array([Malicious()], dtype=object)
    folder = forge(tmp_path / 'forged', frame_dirs=array, labels=array, importance=array)
    for component in (FeatureBank(folder, teacher_cfg, reads=()), PartMatrix(folder)):
        with pytest.raises(ValueError, match='is no (feature bank|part matrix)'):
            component.init_weights()
    assert not (tmp_path / 'written').exists()


def test_an_interrupted_write_leaves_no_files(files, teacher, teacher_cfg, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError('disk full')

    folder = str(tmp_path / 'other')
    with monkeypatch.context() as patch, pytest.raises(OSError, match='disk full'):
        patch.setattr('partkd.files.made_once.file_digest', fail)
        compute_teacher_files(teacher, files[0].teacher, folder)
    with pytest.raises(FileNotFoundError, match='does not exist'):
        FeatureBank(folder, teacher_cfg).init_weights()
    compute_teacher_files(teacher, files[0].teacher, folder)
    FeatureBank(folder, teacher_cfg).init_weights()
