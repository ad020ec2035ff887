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
    build_teacher_files,
    check_fingerprint,
    part_importance,
    part_weights,
    teacher_fingerprint,
)
from partkd.distillation.stored_rows import StoredRows
from partkd.layouts import get_layout
from partkd.structures import CLIP_FEATURES, SkeletonBatch


@pytest.fixture
def files(teacher, dataset_cfg, tmp_path):
    dataset = DATASETS.build(dataset_cfg)
    paths = str(tmp_path / 'bank.npz'), str(tmp_path / 'matrix.npz')
    build_teacher_files(teacher, dataset.teacher, *paths, batch_size=4)
    return dataset, *paths


@pytest.fixture(params=['small', 'large'])
def size(request, monkeypatch):
    """Whether a bank counts as large, of which only the rows asked for are read."""
    if request.param == 'large':
        monkeypatch.setattr('partkd.distillation.feature_bank.LARGE', 0)
    return request.param


def test_bank_gives_what_the_teacher_in_the_loop_gives(
    size, files, teacher, teacher_cfg, load_batch
):
    dataset, bank_file, _ = files
    bank = FeatureBank(bank_file, teacher_cfg)
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
    dataset, bank_file, _ = files
    paired = [i for i, name in enumerate(dataset.frame_dirs) if dataset.is_paired(name)]
    bank = FeatureBank(bank_file, teacher_cfg)
    bank.init_weights()
    batch = load_batch(teacher.model, [paired[0], paired[1], paired[0]])
    features = bank(batch['data_samples'])
    assert len(features.labels) == 2
    assert features.pair[0] == features.pair[2]


def test_a_batch_of_solitary_clips_has_no_rows(size, files, teacher_cfg, teacher, load_batch):
    dataset, bank_file, _ = files
    bank = FeatureBank(bank_file, teacher_cfg)
    bank.init_weights()
    solitary = [i for i, name in enumerate(dataset.frame_dirs) if not dataset.is_paired(name)]
    features = bank(load_batch(teacher.model, solitary)['data_samples'])
    assert features.pair.tolist() == [-1] * 3
    assert features.parts.shape == (0, 5, 8) and features.segments.shape == (0, 2, 5, 8)


def test_only_rows_asked_for_are_read(files, teacher_cfg, teacher, load_batch, monkeypatch):
    monkeypatch.setattr('partkd.distillation.feature_bank.LARGE', 0)
    dataset, bank_file, _ = files
    bank = copy.deepcopy(FeatureBank(bank_file, teacher_cfg))
    bank.init_weights()
    read, rows = StoredRows.read, []
    monkeypatch.setattr(StoredRows, 'read', lambda s, r: rows.append(r.tolist()) or read(s, r))
    samples = load_batch(teacher.model, [0, 3, 5])['data_samples']
    names = [sample.frame_dir for sample in samples if sample.paired]
    wanted = sorted(dataset.teacher.frame_dirs.index(name) for name in names)
    bank(samples)
    assert rows == [wanted] * len(CLIP_FEATURES)


def test_all_of_a_large_bank_is_loaded_where_it_is_held_against_all(files, teacher_cfg, size):
    bank = FeatureBank(files[1], teacher_cfg, contrast='bank')
    bank.init_weights()
    assert len(bank.parts) == len(bank.segments) == 9


def test_a_file_that_is_replaced_meanwhile_is_noticed(
    files, teacher, teacher_cfg, load_batch, monkeypatch
):
    monkeypatch.setattr('partkd.distillation.feature_bank.LARGE', 0)
    dataset, bank_file, _ = files
    bank = FeatureBank(bank_file, teacher_cfg)
    bank.init_weights()
    build_teacher_files(teacher, dataset.teacher, bank_file=bank_file)
    with pytest.raises(RuntimeError, match='was changed while it was in use'):
        bank(load_batch(teacher.model, range(12))['data_samples'])


@pytest.mark.parametrize('fault', ['compressed', 'column by column', 'too long', 'pickle'])
def test_a_large_bank_whose_rows_cannot_be_found_is_refused(fault, files, teacher_cfg, monkeypatch):
    monkeypatch.setattr('partkd.distillation.feature_bank.LARGE', 0)
    _, bank_file, _ = files
    with np.load(bank_file) as file:
        arrays = {name: file[name] for name in file}
    if fault == 'column by column':
        arrays['parts'] = np.asfortranarray(arrays['parts'])
    if fault == 'pickle':
        arrays['parts'] = np.array([None, {}], dtype=object)
    (np.savez_compressed if fault == 'compressed' else np.savez)(bank_file, **arrays)
    if fault == 'too long':  # the array says that it has more rows than the archive holds
        content = Path(bank_file).read_bytes()
        changed = content.replace(b"'shape': (9, 5, 8), }", b"'shape': (99,5, 8), }")
        assert changed != content
        Path(bank_file).write_bytes(changed)
    with pytest.raises(ValueError, match='is no feature bank'):
        FeatureBank(bank_file, teacher_cfg).init_weights()


def test_a_bank_of_an_older_version_is_read_row_by_row_as_well(
    files, teacher_cfg, teacher, load_batch, monkeypatch
):
    """As ``np.savez`` wrote it, with one segment beside the parts."""
    _, bank_file, _ = files
    with np.load(bank_file) as file:
        arrays = {name: file[name] for name in file}
    np.savez(bank_file, **arrays | dict(segments=arrays['parts'][:, None]))
    samples = load_batch(teacher.model, range(12))['data_samples']
    small = FeatureBank(bank_file, teacher_cfg)
    small.init_weights()
    monkeypatch.setattr('partkd.distillation.feature_bank.LARGE', 0)
    large = FeatureBank(bank_file, teacher_cfg)
    large.init_weights()
    for name in (*CLIP_FEATURES, 'labels', 'pair'):
        assert torch.equal(getattr(small(samples), name), getattr(large(samples), name))


def test_a_bank_of_an_older_version_is_to_be_made_anew(files, teacher_cfg):
    _, bank_file, _ = files
    with np.load(bank_file) as arrays:
        np.savez(bank_file, **{name: arrays[name] for name in arrays if name != 'segments'})
    with pytest.raises(FingerprintError, match=r"has no \['segments'\].*build_part_matrix"):
        FeatureBank(bank_file, teacher_cfg).init_weights()


def test_contrast_bank_holds_against_all_paired_clips(files, teacher_cfg, teacher, load_batch):
    dataset, bank_file, _ = files
    bank = FeatureBank(bank_file, teacher_cfg, contrast='bank')
    bank.init_weights()
    features = bank(load_batch(teacher.model, range(12))['data_samples'])
    assert len(features.labels) == len(dataset.teacher) == 9
    own = [s for s in range(12) if dataset.is_paired(dataset.frame_dirs[s])]
    assert torch.equal(features.own(features.labels), torch.tensor(dataset.labels[own]))


def test_bank_without_a_clip_names_it(size, files, teacher_cfg, teacher, load_batch):
    _, bank_file, _ = files
    bank = FeatureBank(bank_file, teacher_cfg)
    bank.init_weights()
    samples = load_batch(teacher.model, range(12), paired_fraction=1.0)['data_samples']
    with pytest.raises(KeyError, match='has no clip clip'):
        bank(samples)


def test_part_matrix_is_the_naive_error_rate(files, teacher):
    """Eq. 12-13 clip by clip."""
    dataset, _, matrix_file = files
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

    matrix = PartMatrix(matrix_file)
    matrix.init_weights()
    weights = matrix(torch.tensor([2, 0, 1]))
    np.testing.assert_allclose(weights.numpy(), expected[[2, 0, 1]], rtol=1e-5)


@pytest.mark.parametrize('fill', ['zero', 'mean'])
def test_rise_of_the_cross_entropy(fill, teacher, dataset_cfg, tmp_path):
    # The untrained teacher's logits are in the thousands, where a processor's rounding is as large
    # as the tolerance below.
    teacher.model.cls_head.fc.weight.data /= 1000
    dataset = DATASETS.build(dataset_cfg).teacher
    file = str(tmp_path / 'matrix.npz')
    build_teacher_files(
        teacher, dataset, part_matrix_file=file, fill=fill, score='cross_entropy', batch_size=3
    )
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
    importance = torch.from_numpy(np.load(file)['importance'])
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
    ],
    ids=lambda value: value if isinstance(value, str) else '',
)
def test_fingerprint_names_what_changed(change, named, files, teacher_cfg, tmp_path):
    dataset, bank_file, _ = files
    bank = FeatureBank(bank_file, teacher_cfg)
    bank.init_weights()
    same = teacher_fingerprint(teacher_cfg, dataset.teacher)
    check_fingerprint(bank_file, bank.fingerprint, same)

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
    elif 'ann_file' in change:
        Changed.ann_file = str(tmp_path / 'low.pkl')
    else:
        for key, value in change.items():
            setattr(Changed, key, value)
    with pytest.raises(FingerprintError, match=f'another {named} than'):
        check_fingerprint(bank_file, bank.fingerprint, teacher_fingerprint(teacher, Changed))


def test_missing_files_say_which_command_makes_them(tmp_path, teacher_cfg):
    missing = str(tmp_path / 'none.npz')
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

    for name, array in (('pickle', np.array([Malicious()], dtype=object)), ('other', np.ones(2))):
        file = tmp_path / f'{name}.npz'
        np.savez(file, frame_dirs=array, fingerprint=array)
        with pytest.raises(ValueError, match='is no feature bank'):
            FeatureBank(str(file), teacher_cfg).init_weights()
    assert not (tmp_path / 'written').exists()


def test_an_interrupted_write_leaves_the_old_file(files, teacher, monkeypatch):
    dataset, bank_file, _ = files
    before = Path(bank_file).read_bytes()

    def fail(*args, **kwargs):
        raise OSError('disk full')

    monkeypatch.setattr('partkd.files.os.replace', fail)
    with pytest.raises(OSError, match='disk full'):
        build_teacher_files(teacher, dataset.teacher, bank_file=bank_file)
    assert Path(bank_file).read_bytes() == before


def test_a_bank_whose_arrays_differ_in_length(files, teacher_cfg):
    _, bank_file, _ = files
    with np.load(bank_file) as content:
        arrays = dict(content)
    np.savez(bank_file, **dict(arrays, parts=arrays['parts'][:-1]))
    with pytest.raises(ValueError, match=r"is no feature bank: its arrays have .*'parts': "):
        FeatureBank(bank_file, teacher_cfg).init_weights()
