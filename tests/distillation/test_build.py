"""One pass over the clips: what it computes, in what batches, and how it goes on."""

import errno
import json

import numpy as np
import pytest
import torch
from filelock import FileLock
from mmaction.registry import DATASETS, MODELS
from mmengine.device import get_device

from partkd.distillation import (
    FeatureBank,
    FingerprintError,
    FrozenTeacher,
    compute_teacher_files,
)
from partkd.distillation.batch_plan import by_length, load_batches, most_frames, plan_passes
from partkd.distillation.part_occlusion import joint_means, occlude_parts, part_harm
from partkd.distillation.resumable_rows import ResumableRows
from partkd.files import BusyError, read_record
from partkd.structures import CLIP_FEATURES, SkeletonBatch, tensors_of

DEVICE = get_device()


@pytest.fixture
def dataset(dataset_cfg):
    """Nine high-quality clips of 6 to 8 frames and one or two persons."""
    return DATASETS.build(dataset_cfg).teacher


@pytest.fixture
def folder(tmp_path):
    return tmp_path / 'files'


def read(folder):
    """The arrays of a folder by name."""
    names = [name.removesuffix('.npy') for name in read_record(folder)['outputs']]
    return {name: np.load(folder / f'{name}.npy') for name in names}


@pytest.fixture
def ragged():
    """Three clips of unlike lengths and persons, with an unseen frame and padding."""
    torch.manual_seed(0)
    keypoint = torch.randn(3, 2, 7, 25, 3)
    frames, persons = torch.tensor([7, 4, 5]), torch.tensor([1, 2, 2])
    frame_mask = torch.arange(7)[None] < frames[:, None]
    person_mask = torch.arange(2)[None] < persons[:, None]
    keypoint = keypoint * frame_mask[:, None, :, None, None] * person_mask[..., None, None, None]
    keypoint[0, 0, 2] = 0
    return SkeletonBatch(*(x.to(DEVICE) for x in (keypoint, frame_mask, person_mask)))


def occluded_by_hand(batch, layout, filling):
    """One copy for each part."""
    for joints in layout.parts:
        keypoint = batch.keypoint.clone()
        for place in np.ndindex(*keypoint.shape[:3]):
            if keypoint[place].any():
                keypoint[(*place, list(joints))] = filling[list(joints)]
        yield SkeletonBatch(keypoint, batch.frame_mask, batch.person_mask)


@pytest.mark.parametrize('score', ['error_rate', 'cross_entropy'])
def test_one_pass_gives_what_five_passes_give(ragged, teacher, score):
    filling = torch.randn(25, 3, device=DEVICE)
    labels = torch.tensor([2, 0, 1], device=DEVICE)
    clean = teacher.extract(ragged).logits
    expected, all_logits = [], []
    for copy in occluded_by_hand(ragged, teacher.model.layout, filling):
        logits = teacher.extract(copy).logits
        all_logits.append(logits)
        rise = [
            torch.logsumexp(after, 0) - after[label] - torch.logsumexp(before, 0) + before[label]
            for after, before, label in zip(logits, clean, labels)
        ]
        wrong = (logits.argmax(1) != labels).float()
        expected.append(wrong if score == 'error_rate' else torch.stack(rise))
    given = clean if score == 'cross_entropy' else None
    harm = part_harm(teacher, ragged, labels, filling, given)
    torch.testing.assert_close(harm, torch.stack(expected, 1), rtol=1e-4, atol=1e-4)
    member = teacher.model.neck.averaging > 0
    together = teacher.extract(occlude_parts(ragged, member, filling)).logits
    torch.testing.assert_close(together, torch.cat(all_logits))


def test_copies_hide_their_joints_alone(ragged, teacher):
    filling = torch.randn(25, 3, device=DEVICE)
    member = teacher.model.neck.averaging > 0
    copies = occlude_parts(ragged, member, filling)
    by_hand = list(occluded_by_hand(ragged, teacher.model.layout, filling))
    for name in ('keypoint', 'frame_mask', 'person_mask'):
        wanted = torch.cat([getattr(copy, name) for copy in by_hand])
        assert torch.equal(getattr(copies, name), wanted)
    whole = occlude_parts(SkeletonBatch(ragged.keypoint), member, torch.zeros((), device=DEVICE))
    assert whole.frame_mask is None and whole.person_mask is None
    assert not whole.keypoint[:3, :, :, list(teacher.model.layout.parts[0])].any()


def test_a_trunk_that_counts_to_the_head_is_hidden_with_it(ragged):
    model = dict(type='PartPooling', layout='nturgb+d')
    plain, with_trunk = (
        MODELS.build(dict(model, trunk=trunk)).to(DEVICE).averaging > 0
        for trunk in ('ignore', 'head')
    )
    hidden = occlude_parts(ragged, with_trunk, torch.zeros((), device=DEVICE)).keypoint[:3].eq(0)
    assert torch.equal(hidden.all(2).all(1).all(0).all(-1), with_trunk[0])
    assert (with_trunk[0] & ~plain[0]).any()


def test_joint_means_leave_out_what_was_not_seen():
    keypoint = torch.zeros(1, 1, 4, 2, 2)
    keypoint[0, 0, :, 0] = torch.tensor([[1.0, 2], [3, 4], [0, 0], [5, 0]])
    means = joint_means([SkeletonBatch(keypoint), SkeletonBatch(keypoint[:, :, :1])])
    torch.testing.assert_close(means, torch.tensor([[10 / 4, 8 / 4], [0, 0]]))
    assert means.dtype == torch.float32


# ---------------------------------------------------------------- batches


def test_clips_of_one_batch_are_of_like_length_and_within_bounds(dataset):
    order = by_length(dataset)
    frames = np.array([item['inputs'].shape[1] for item in dataset])[order]
    assert (np.diff(frames) <= 0).all() and len(set(frames)) == 3
    for most_clips, most in ((4, 1e9), (64, 20), (1, 1e9), (64, 1)):
        batches = plan_passes(dataset, order, most_clips, most)
        assert [place for batch in batches for place in batch] == order.tolist()
        for batch, following in zip(batches, [*batches[1:], None]):
            assert len(batch) <= most_clips
            assert len(batch) == 1 or size(dataset, batch) <= most
            if following:  # the next clip would not have fitted
                longer = [*batch, following[0]]
                assert len(longer) > most_clips or size(dataset, longer) > most


def size(dataset, batch):
    shapes = [dataset.data_list[place]['keypoint'].shape for place in batch]
    return sum(shape[0] for shape in shapes) * max(shape[1] for shape in shapes)


def test_going_on_between_two_batches_makes_the_same_ones(dataset):
    order = by_length(dataset)
    batches = plan_passes(dataset, order, 3, 20)
    for first in range(len(batches)):
        done = sum(map(len, batches[:first]))
        assert plan_passes(dataset, order[done:], 3, 20) == batches[first:]


def test_batches_are_loaded_in_their_order(dataset, teacher):
    preprocessor = teacher.model.data_preprocessor
    batches = [[3, 1], [2]]
    for places, batch in zip(batches, load_batches(dataset, batches, preprocessor), strict=True):
        wanted = preprocessor.collate([dataset[place]['inputs'] for place in places])
        assert torch.equal(batch.keypoint.cpu(), wanted.keypoint)


def test_a_pass_on_a_cpu_is_small():
    assert most_frames(torch.device('cpu')) < most_frames(torch.device('cuda'))


@pytest.fixture
def watch(monkeypatch):
    """Function that gives a list, in which the clips of each later forward pass are counted."""

    def start():
        seen = []
        extract = FrozenTeacher.extract

        def count(self, inputs, reads=None):
            seen.append(len(inputs.keypoint))
            return extract(self, inputs, reads)

        monkeypatch.setattr(FrozenTeacher, 'extract', count)
        return seen

    return start


def test_two_passes_for_a_batch(dataset, teacher, tmp_path, watch):
    passes = watch()
    for name, made, wanted in (
        ('both', dict(part_matrix={}), [4, 20, 4, 20, 1, 5]),
        ('bank', {}, [4, 4, 1]),
        ('matrix', dict(bank=False, part_matrix={}), [20, 20, 5]),
    ):
        passes.clear()
        compute_teacher_files(teacher, dataset, tmp_path / name, **made, batch_size=4)
        assert passes == wanted
        compute_teacher_files(teacher, dataset, tmp_path / name, **made, batch_size=4)
        assert passes == wanted  # what is there is not made again


def test_clips_of_classes_that_the_teacher_lacks_are_refused(dataset, teacher, folder):
    dataset.labels[[2, 5]] = 7
    message = r'2 clips of .*high\.pkl .*class 7: 2 clips\); the head has 3 classes'
    with pytest.raises(ValueError, match=message):
        compute_teacher_files(teacher, dataset, folder)
    assert not folder.exists()


def test_batches_do_not_change_the_files(dataset, teacher, tmp_path):
    files, settings = [], dict(score='cross_entropy')
    for batch_size in (1, 4, 64):
        folder = tmp_path / str(batch_size)
        compute_teacher_files(teacher, dataset, folder, True, settings, batch_size)
        files.append(read(folder))
    for other in files[1:]:
        for name, value in files[0].items():
            if value.dtype.kind == 'f':
                np.testing.assert_allclose(other[name], value, rtol=1e-3, atol=1e-3)
            else:
                assert (other[name] == value).all()
    assert files[0]['frame_dirs'].tolist() == dataset.frame_dirs
    assert files[0]['labels'].tolist() == dataset.labels.tolist()


@pytest.mark.parametrize('reads', [('pooled',), ('joints',), ('segments', 'logits')])
def test_a_bank_holds_what_is_read_and_no_more(
    reads, dataset, teacher, teacher_cfg, folder, load_batch, monkeypatch
):
    monkeypatch.setattr(teacher, 'reads', reads)
    compute_teacher_files(teacher, dataset, folder, batch_size=4)
    files = {file.stem for file in folder.glob('*.npy')} - {'places'}  # of the rows, to go on
    assert files == {'frame_dirs', 'labels', *tensors_of(reads)}
    samples = load_batch(teacher.model, range(12))['data_samples']
    for contrast in ('batch', 'bank'):
        bank = FeatureBank(str(folder), teacher_cfg, contrast, reads=reads[-1:])
        bank.init_weights()
        there = [name for name in CLIP_FEATURES if hasattr(bank(samples), name)]
        assert there == list(reads[-1:])  # and not the others that the file holds
    bank = FeatureBank(str(folder), teacher_cfg, reads=('parts', *reads))
    with pytest.raises(FingerprintError, match=r"has no \['parts'\]: .*build_part_matrix"):
        bank.init_weights()


def test_only_what_is_read_is_computed(teacher, ragged, monkeypatch):
    monkeypatch.setattr(teacher.model.cls_head, 'forward', None)
    features = teacher.extract(ragged, ('pooled',))
    assert vars(features).keys() - {'_reader'} == {'pooled'}
    with pytest.raises(AttributeError, match=r"'joints' was not computed, only \('pooled',\)"):
        _ = features.joints


# ---------------------------------------------------------------- interrupted


class InterruptionError(Exception):
    """What ends a build before its time."""


@pytest.fixture
def interrupt(monkeypatch):
    """Function that has the teacher fail at its n-th pass, counted from 0."""

    def at(number):
        left = [number]
        extract = FrozenTeacher.extract

        def fail(self, inputs, reads=None):
            left[0] -= 1
            if left[0] < 0:
                raise InterruptionError
            return extract(self, inputs, reads)

        monkeypatch.setattr(FrozenTeacher, 'extract', fail)

    return at


@pytest.mark.parametrize('fill', ['zero', 'mean'])
@pytest.mark.parametrize(('stop', 'done'), [(0, 0), (1, 0), (2, 4), (5, 8)])
def test_an_interrupted_build_goes_on(
    stop, done, fill, dataset, teacher, folder, tmp_path, interrupt, watch, monkeypatch
):
    settings = dict(fill=fill)
    compute_teacher_files(teacher, dataset, tmp_path / 'wanted', True, settings, batch_size=4)
    interrupt(stop)
    with pytest.raises(InterruptionError):
        compute_teacher_files(teacher, dataset, folder, True, settings, batch_size=4)
    monkeypatch.undo()
    assert json.loads((folder / 'progress.json').read_text())['done'] == done
    assert read_record(folder) is None
    monkeypatch.setattr('partkd.distillation.build.joint_means', None)  # not computed again

    passes = watch()
    compute_teacher_files(teacher, dataset, folder, True, settings, batch_size=4)
    assert len(passes) == 2 * -(-(9 - done) // 4)
    assert read_record(folder)['digests'] == read_record(tmp_path / 'wanted')['digests']


def test_a_build_of_something_else_starts_anew(
    dataset, teacher, teacher_cfg, folder, tmp_path, interrupt, monkeypatch
):
    interrupt(4)
    with pytest.raises(InterruptionError):
        compute_teacher_files(teacher, dataset, folder, True, {}, batch_size=4)
    monkeypatch.undo()
    state = torch.load(teacher_cfg['checkpoint'])
    state['state_dict']['cls_head.fc.bias'] += 1
    torch.save(state, teacher_cfg['checkpoint'])
    other = MODELS.build(teacher_cfg)
    other.init_weights()
    other.to(DEVICE)
    for target in (folder, tmp_path / 'wanted'):
        compute_teacher_files(other, dataset, target, True, {}, batch_size=4)
    assert read_record(folder)['digests'] == read_record(tmp_path / 'wanted')['digests']


def test_another_order_starts_anew(dataset, teacher, folder, tmp_path, interrupt, monkeypatch):
    """Lengths are others where stored clips have been cut, and so is the order by length."""
    compute_teacher_files(teacher, dataset, tmp_path / 'wanted', True, {}, batch_size=4)
    interrupt(4)
    with pytest.raises(InterruptionError):
        compute_teacher_files(teacher, dataset, folder, True, {}, batch_size=4)
    monkeypatch.undo()
    monkeypatch.setattr('partkd.distillation.build.by_length', lambda dataset: np.arange(9)[::-1])
    compute_teacher_files(teacher, dataset, folder, True, {}, batch_size=4)
    mine, theirs = read(folder), read(tmp_path / 'wanted')
    np.testing.assert_allclose(mine['logits'], theirs['logits'], rtol=1e-5, atol=1e-6)


def test_another_score_starts_anew(dataset, teacher, folder, interrupt, watch, monkeypatch):
    interrupt(4)
    with pytest.raises(InterruptionError):
        compute_teacher_files(teacher, dataset, folder, True, {}, batch_size=4)
    monkeypatch.undo()
    passes = watch()
    compute_teacher_files(teacher, dataset, folder, True, dict(score='cross_entropy'), batch_size=4)
    assert len(passes) == 6


def test_a_second_process_is_told(dataset, teacher, folder):
    folder.mkdir()
    with FileLock(folder / 'lock'), pytest.raises(BusyError, match='another process is at work in'):
        compute_teacher_files(teacher, dataset, folder)


def write(rows, *places):
    places = np.array(places)
    rows.write(places, dict(a=np.stack([places, places], 1).astype('f4')))


def test_rows_of_a_killed_process_count_as_far_as_they_were_recorded(tmp_path):
    killed = ResumableRows(tmp_path, 5)
    killed.__enter__()
    write(killed, 4, 0)
    killed.seconds_between_records = -1
    write(killed, 2)
    killed.seconds_between_records = 60
    write(killed, 1)

    with ResumableRows(tmp_path, 5) as rows:
        assert rows.done == 3
        write(rows, 1, 3)
    wanted = np.repeat(np.arange(5.0)[:, None], 2, 1)
    np.testing.assert_array_equal(np.load(rows.file('a')), wanted)


NOTES = {
    'one too many': dict(done=4),
    'more than there are': dict(done=6),
    'negative': dict(done=-1),
    'half': dict(done=2.5),
    'infinite': dict(done=np.inf),
    'truth': dict(done=True),
    'no arrays': dict(arrays=[]),
    'other sums': dict(arrays=[['a', 1], ['places', 2]]),
    'names': dict(arrays=['a', 'places']),
}
FILES = (
    'missing',
    'short',
    'no note',
    'a deep note',
    'flipped',
    'zeros',
    'doubles',
    'wider',
    'moved',
)


@pytest.mark.parametrize('fault', [*NOTES, *FILES])
def test_damaged_rows_are_computed_again(tmp_path, fault):
    with ResumableRows(tmp_path, 5) as rows:
        write(rows, 4, 0, 2)
    note, raw = tmp_path / 'progress.json', rows.file('a').read_bytes()
    if fault in NOTES:
        note.write_text(json.dumps(json.loads(note.read_text()) | NOTES[fault]))
    elif fault == 'a deep note':
        note.write_text('[' * 10**5)
    elif fault == 'flipped':
        rows.file('a').write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    elif fault == 'zeros':
        np.save(rows.file('a'), np.zeros((5, 2), 'f4'))
    elif fault == 'doubles':
        np.save(rows.file('a'), np.load(rows.file('a')).astype(float))
    elif fault == 'wider':
        np.save(rows.file('a'), np.zeros((5, 3), 'f4'))
    elif fault == 'moved':
        np.save(rows.file('places'), np.array([0, 4, 2, 1, 3]))
    elif fault == 'missing':
        rows.file('a').unlink()
    elif fault == 'short':
        rows.file('a').write_bytes(rows.file('a').read_bytes()[:-9])
    else:
        note.write_text('{')
    with ResumableRows(tmp_path, 5) as rows:
        assert rows.done == 0
        write(rows, 0, 1, 2, 3, 4)
    np.testing.assert_array_equal(np.load(rows.file('a'))[:, 0], np.arange(5.0))


@pytest.mark.parametrize('fault', ['none', 'flipped', 'missing', 'no note'])
def test_what_is_computed_once_is_computed_again_where_it_is_damaged(tmp_path, fault):
    values = iter((np.ones(3), np.full(3, 2.0)))
    with ResumableRows(tmp_path, 5) as rows:
        assert (rows.once('filling', lambda: next(values)) == 1).all()
    file = rows.file('filling')
    if fault == 'flipped':
        file.write_bytes(file.read_bytes()[:-1] + b'\1')
    elif fault == 'missing':
        file.unlink()
    elif fault == 'no note':
        (tmp_path / 'progress.json').unlink()
    with ResumableRows(tmp_path, 5) as rows:
        assert (rows.once('filling', lambda: next(values)) == (1 if fault == 'none' else 2)).all()


def test_a_full_disk_is_found_before_rows_are_written(tmp_path, monkeypatch):
    """Not at a later row, whose page of the map has no room: that ends the process by a signal."""

    def allocate(_, start, size):
        assert start == 0 and size > 1000 * 3 * 4
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr('os.posix_fallocate', allocate)
    text = r'rows\.npy cannot be written \(No space left on device\): name a place .* has room'
    with pytest.raises(OSError, match=text), ResumableRows(tmp_path, 1000) as rows:
        rows.write(np.arange(2), dict(rows=np.ones((2, 3), np.float32)))
