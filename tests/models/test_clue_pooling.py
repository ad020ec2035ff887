"""The temporal and the spatial clue of a clip, beside loops over tokens."""

import pytest
import torch

from partkd.layouts import get_layout
from partkd.models import CluePooling, PartPooling, SkeletonEncoder
from partkd.models.necks.part_pooling import cut_evenly
from partkd.structures import SkeletonBatch

STEPS, CHANNELS = 3, 8


def batch_of(lengths):
    """Two persons of one clip, one of the other; clips of unlike lengths."""
    keypoint = torch.randn(2, 2, max(lengths), 17, 3)
    frames = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return SkeletonBatch(keypoint, frames, torch.tensor([[True, True], [True, False]]))


@pytest.mark.parametrize('units', ['parts', 'joints'])
@pytest.mark.parametrize('separate', [False, True])
def test_clues_are_those_of_a_loop(units, separate):
    torch.manual_seed(0)
    layout, lengths = get_layout('coco'), (9, 5)
    neck = CluePooling(
        layout, CHANNELS, width=6, num_heads=2, units=units, separate=separate, num_steps=STEPS
    ).eval()
    batch = batch_of(lengths)
    z = torch.randn(3, CHANNELS, 9, 17)
    features = neck(z, batch, ('joints',))
    groups = layout.parts if units == 'parts' else [(joint,) for joint in range(17)]
    half = slice(0, CHANNELS // 2) if separate else slice(None)
    other = slice(CHANNELS // 2, None) if separate else slice(None)
    clues = []
    for person, length in zip(z, (9, 9, 5), strict=True):
        stretches = cut_evenly(torch.ones(1, length, dtype=torch.bool), STEPS)[0]
        units_of = [  # of each step and unit a vector of channels
            [
                torch.stack([person[:, frame, list(group)].mean(1) for frame in frames]).mean(0)
                for group in groups
            ]
            for frames in (stretch.nonzero().flatten().tolist() for stretch in stretches)
        ]
        temporal = torch.stack([torch.cat([one[half] for one in step]) for step in units_of])
        spatial = torch.stack(
            [torch.cat([step[unit][other] for step in units_of]) for unit in range(len(groups))]
        )
        clues.append(torch.cat([neck.temporal(temporal[None]), neck.spatial(spatial[None])], 1)[0])
    expected = torch.stack([(clues[0] + clues[1]) / 2, clues[2]])
    torch.testing.assert_close(features.pooled, expected, rtol=1e-4, atol=1e-5)
    plain = PartPooling(layout, num_steps=STEPS)(z, batch, ('joints',))
    for name in ('parts', 'segments', 'joints'):
        assert torch.equal(getattr(features, name), getattr(plain, name))


def test_parts_make_the_same_weights_read_every_layout():
    """What one layout's encoder has learned of its parts is another one's."""
    backbone = dict(type='STGCN', base_channels=4, num_stages=2, inflate_stages=[], down_stages=[])
    neck = dict(type='CluePooling', in_channels=4, width=6, num_heads=2)
    encoders = [
        SkeletonEncoder(backbone=backbone, neck=neck, layout=layout).eval()
        for layout in ('coco', 'nturgb+d')
    ]
    encoders[1].neck.load_state_dict(encoders[0].neck.state_dict())
    for encoder in encoders:
        assert encoder(torch.randn(2, 1, 9, encoder.layout.num_joints, 3)).pooled.shape == (2, 12)


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(width=6, num_heads=4), 'num_heads=4 do not divide width=6'),
        (dict(in_channels=7, separate=True), 'in_channels=7 are no two branches alike: set'),
        (dict(units='limbs'), "units='limbs': it is one of 'parts', 'joints'"),
    ],
)
def test_what_cannot_be_pooled_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        CluePooling('coco', **dict(in_channels=8) | settings)
