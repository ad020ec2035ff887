"""Batches of like length: all indices once, alike on all processes, with little padding."""

from collections import Counter

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler, InfiniteSampler, RepeatDataset
from mmengine.hooks import Hook
from mmengine.runner import Runner

from partkd.datasets import LengthGroupedBatchSampler, PairedPoseDataset


class Clips:
    """Lengths as NTU60 has them, and labels."""

    def __init__(self, count: int, num_classes: int = 60) -> None:
        rng = np.random.default_rng(0)
        self.num_frames = np.clip(rng.lognormal(4.3, 0.4, count), 30, 300).astype(np.int64)
        self.labels = rng.integers(num_classes, size=count)

    def __len__(self) -> int:
        return len(self.labels)


def make(clips: Clips, batch_size: int = 16, seed: int = 1, **options):
    return LengthGroupedBatchSampler(DefaultSampler(clips, seed=seed), batch_size, **options)


def padding(clips: Clips, batches: list[list[int]]) -> float:
    """Share of a set of batches that is padding."""
    lengths = [clips.num_frames[batch] for batch in batches]
    real = sum(int(batch.sum()) for batch in lengths)
    return 1 - real / sum(len(batch) * int(batch.max()) for batch in lengths)


@pytest.mark.parametrize('clips_per_class', [1, 3, 4])
@pytest.mark.parametrize('count', [1, 15, 16, 1000])
def test_every_index_comes_once_in_full_batches(count, clips_per_class):
    sampler = make(Clips(count), window=4, clips_per_class=clips_per_class)
    batches = list(sampler)
    assert sorted(sum(batches, [])) == list(range(count))
    assert len(batches) == len(sampler) == -(-count // 16)
    assert sum(len(batch) < 16 for batch in batches) == bool(count % 16)


def test_clips_that_fill_no_batch_are_left_out():
    sampler = make(Clips(1000), window=4, drop_last=True)
    batches = list(sampler)
    assert len(batches) == len(sampler) == 62
    assert all(len(set(batch)) == 16 for batch in batches)
    # Chance left them out, not their length.
    dropped = set(range(1000)) - set(sum(batches, []))
    assert dropped == set(list(DefaultSampler(Clips(1000), seed=1))[-8:])


def test_order_is_that_of_seed_and_epoch():
    clips = Clips(1000)
    sampler, again = make(clips), make(clips)
    first = list(sampler)
    assert first == list(sampler) == list(again)
    sampler.sampler.set_epoch(1)
    second = list(sampler)
    assert second != first
    again.sampler.set_epoch(1)
    assert list(again) == second
    assert list(make(clips, seed=2)) != first


def test_batches_are_shuffled_within_their_window_alone():
    clips = Clips(1024)
    order = list(DefaultSampler(clips, seed=1))
    batches = list(make(clips, window=8))
    for start in range(0, 64, 8):
        window = batches[start : start + 8]
        assert set(sum(window, [])) == set(order[start * 16 : (start + 8) * 16])
        longest = [clips.num_frames[batch].max() for batch in window]
        assert sorted(longest) != longest


def test_padding_falls():
    clips = Clips(4000)
    order = list(DefaultSampler(clips, seed=1))
    random = padding(clips, [order[start : start + 64] for start in range(0, 4000, 64)])
    grouped = padding(clips, list(make(clips, 64)))
    of_class = padding(clips, list(make(clips, 64, clips_per_class=4)))
    assert random > 0.5
    assert grouped < 0.04
    assert of_class < 0.1


@pytest.mark.parametrize('clips_per_class', [1, 4])
def test_processes_have_clips_of_like_length_in_every_step(monkeypatch, clips_per_class):
    clips = Clips(4001)  # an odd number, so that one clip comes twice
    ranks = []
    for rank in range(2):
        monkeypatch.setattr('mmengine.dataset.sampler.get_dist_info', lambda rank=rank: (rank, 2))
        ranks.append(list(make(clips, clips_per_class=clips_per_class)))
    assert [len(batch) for batch in ranks[0]] == [len(batch) for batch in ranks[1]]
    counts = Counter(sum(ranks[0] + ranks[1], []))
    assert len(counts) == 4001 and sorted(counts.values())[-2:] == [1, 2]
    longest = np.array([[clips.num_frames[batch].max() for batch in rank] for rank in ranks])
    waits = np.abs(longest[0] - longest[1]) / longest.max(0)
    # Each window ends in its few longest clips, which chance deals out.
    assert np.median(waits) < 0.05
    assert np.mean(waits) < 0.1


def share_with_mates(clips: Clips, batches: list[list[int]], mates: int) -> float:
    """Share of the clips whose batch holds so many of their class, themselves included."""
    counts = [Counter(clips.labels[batch].tolist()).values() for batch in batches]
    return sum(n for batch in counts for n in batch if n >= mates) / len(clips)


def test_clips_of_a_class_stay_together():
    clips = Clips(2000)
    together = list(make(clips, window=125, clips_per_class=4))
    # Four in five if each of the 60 classes has three left over.
    assert share_with_mates(clips, together, 4) > 0.9
    assert share_with_mates(clips, list(make(clips, window=125)), 4) < 0.1
    clips.labels = np.arange(2000) // 8  # eight clips each: nothing is left over
    assert share_with_mates(clips, list(make(clips, window=125, clips_per_class=4)), 4) == 1


def test_rare_classes_alone_make_full_batches():
    clips = Clips(64, num_classes=60)
    batches = list(make(clips, clips_per_class=4))
    assert [len(batch) for batch in batches] == [16] * 4


def test_a_sampler_without_end():
    sampler = InfiniteSampler(Clips(100), seed=1)
    batches = iter(LengthGroupedBatchSampler(sampler, 10, window=5))
    two_epochs = [next(batches) for _ in range(20)]
    assert Counter(sum(two_epochs, [])) == Counter(list(range(100)) * 2)


def test_a_wrapper_that_hides_lengths_is_named(make_clip, write_annotations):
    dataset = PairedPoseDataset(write_annotations([make_clip()]), pipeline=[])
    sampler = DefaultSampler(RepeatDataset(dataset, times=2), seed=1)
    with pytest.raises(ValueError, match=r'RepeatDataset has no num_frames.*without a wrapper'):
        LengthGroupedBatchSampler(sampler, 1)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(batch_size=0), 'batch_size=0'),
        (dict(window=0), 'window=0'),
        (dict(clips_per_class=17), r'clips_per_class=17.*batch_size is 16'),
    ],
)
def test_numbers_out_of_range_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        make(Clips(20), **options)


class RecordHook(Hook):
    """Keeps the names of every batch's clips."""

    def __init__(self) -> None:
        self.names = []

    def before_train_iter(self, runner, batch_idx, data_batch) -> None:
        self.names.append([sample.frame_dir for sample in data_batch['data_samples']])


@pytest.fixture
def train(make_clip, write_annotations, tmp_path):
    """A function that trains a tiny model on ragged clips: its weights and batches."""
    lengths = [8 + 3 * (i * 7 % 20) for i in range(20)]
    clips = [make_clip(f'clip_{i:02}', i % 2, (1, n, 17, 2)) for i, n in enumerate(lengths)]
    file = write_annotations(clips)

    def run(name: str, max_epochs: int, resume: bool = False):
        torch.manual_seed(0)
        record = RecordHook()
        normalise = dict(type='NormalizePose2D', mode='body')
        runner = Runner(
            model=dict(
                type='SkeletonRecognizer',
                backbone=dict(type='STGCN', in_channels=2, base_channels=4, num_stages=2),
                cls_head=dict(type='SkeletonHead', num_classes=2, in_channels=4),
            ),
            work_dir=str(tmp_path / name),
            train_dataloader=dict(
                dataset=dict(
                    type='PairedPoseDataset',
                    ann_file=file,
                    pipeline=[normalise, dict(type='PackSkeletonInputs')],
                ),
                sampler=dict(type='DefaultSampler', shuffle=True),
                batch_sampler=dict(type='LengthGroupedBatchSampler'),
                batch_size=4,
                num_workers=0,
            ),
            train_cfg=dict(by_epoch=True, max_epochs=max_epochs),
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
            auto_scale_lr=dict(enable=True, base_batch_size=8),
            custom_hooks=[record, dict(type='EpochSeedHook')],
            randomness=dict(seed=3),
            default_scope='mmaction',
            experiment_name=f'{name}_{max_epochs}_{tmp_path.name}',
            log_level='WARNING',
            resume=resume,
        )
        runner.train()
        return runner, record.names

    return run


def test_trains_and_resumes(train):
    whole, names = train('whole', 2)
    assert sorted(sum(names[:5], [])) == sorted(sum(names[5:], []))
    assert len(set(sum(names[:5], []))) == 20 and names[:5] != names[5:]
    lengths = dict(
        zip(whole.train_dataloader.dataset.frame_dirs, whole.train_dataloader.dataset.num_frames)
    )
    for batch in names:
        # Twenty lengths, three apart, make five batches of four neighbours.
        assert np.ptp([lengths[name] for name in batch]) == 9
    assert whole.optim_wrapper.get_lr()['lr'] == [0.05]  # 4 clips a batch, not 8

    train('halves', 1)
    resumed, rest = train('halves', 2, resume=True)
    assert rest == names[5:]
    for name, value in whole.model.state_dict().items():
        assert torch.equal(resumed.model.state_dict()[name], value), name


def test_lengths_are_those_of_the_file(make_clip, write_annotations):
    clips = [make_clip(f'clip_{i}', i, (1, 4 + i, 17, 2)) for i in range(3)]
    dataset = PairedPoseDataset(write_annotations(clips), pipeline=[])
    assert dataset.num_frames.tolist() == [4, 5, 6]
