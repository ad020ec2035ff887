import pytest
import torch
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.device import get_device
from torch import nn

from partkd.engine import BFloat16OptimWrapper, optim_wrapper
from partkd.engine.optim_wrapper import has_bfloat16, precision

DEVICE = get_device()


@pytest.fixture(autouse=True)
def able(monkeypatch):
    """On whatever machine this runs."""
    monkeypatch.setattr(optim_wrapper, 'has_bfloat16', lambda device: True)


@pytest.fixture
def model() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(8, 2).to(DEVICE)


def wrap(model: nn.Module, **options) -> BFloat16OptimWrapper:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return OPTIM_WRAPPERS.build(dict(type='BFloat16OptimWrapper', optimizer=optimizer, **options))


def test_the_forward_pass_alone_runs_in_bfloat16(model):
    wrapper = wrap(model)
    with wrapper.optim_context(model):
        output = model(torch.ones(4, 8, device=DEVICE))
    assert output.dtype == torch.bfloat16
    assert model(torch.ones(4, 8, device=DEVICE)).dtype == torch.float32
    wrapper.update_params(output.float().square().mean())
    assert model.weight.dtype == torch.float32


def test_a_step_is_close_to_that_of_float32(model):
    inputs = torch.randn(4, 8, device=DEVICE)
    start = model.weight.detach().clone()
    model(inputs).square().mean().backward()
    expected = start - 0.1 * model.weight.grad
    model.zero_grad()
    wrapper = wrap(model)
    with wrapper.optim_context(model):
        loss = model(inputs).float().square().mean()
    wrapper.update_params(loss)
    assert not torch.equal(model.weight, start)
    torch.testing.assert_close(model.weight, expected, atol=2e-3, rtol=2e-2)


def test_gradients_are_summed_over_steps(model):
    wrapper = wrap(model, accumulative_counts=2)
    start = model.weight.detach().clone()
    for step in range(2):
        with wrapper.optim_context(model):
            loss = model(torch.ones(4, 8, device=DEVICE)).float().mean()
        wrapper.update_params(loss)
        assert torch.equal(model.weight, start) is (step == 0)


def test_a_runner_trains_with_it(tiny_runner):
    seen = []
    wrapper = dict(type='BFloat16OptimWrapper', optimizer=dict(type='SGD', lr=0.1, momentum=0.9))
    runner = tiny_runner(1, optim_wrapper=wrapper)
    runner.model.layers[0].register_forward_hook(lambda *_: seen.append(_[-1].dtype))
    runner.train()
    assert seen[0] == torch.bfloat16
    assert all(weight.dtype == torch.float32 for weight in runner.model.parameters())
    assert precision(runner.optim_wrapper) == 'bfloat16'


# ---------------------------------------------------------------- a device without bfloat16


def test_without_instructions_all_is_float32_and_it_is_said_once(tiny_runner, monkeypatch):
    said = []
    monkeypatch.setattr(optim_wrapper, 'has_bfloat16', lambda device: False)
    monkeypatch.setattr(optim_wrapper, 'print_log', lambda text, **kwargs: said.append(text))
    seen, weights = [], []
    for name in ('BFloat16OptimWrapper', 'OptimWrapper'):
        options = dict(optim_wrapper=dict(type=name, optimizer=dict(type='SGD', lr=0.1)))
        runner = tiny_runner(2, name=name, randomness=dict(seed=0), **options)
        runner.model.layers[0].register_forward_hook(lambda *_: seen.append(_[-1].dtype))
        runner.train()
        assert precision(runner.optim_wrapper) == 'float32'
        weights.append(runner.model.layers[0].weight)
    assert set(seen) == {torch.float32} and torch.equal(*weights)
    assert len(said) == 1 and 'no instructions for bfloat16: training in float32' in said[0]


@pytest.mark.parametrize(
    'machine, capability, onednn, flags, able',
    [
        ('x86_64', 'AVX512', True, True, True),
        ('x86_64', 'AVX2', True, True, False),  # ATEN_CPU_CAPABILITY=avx2
        ('x86_64', 'AVX512', False, True, False),  # ONEDNN_MAX_CPU_ISA=AVX2
        ('x86_64', 'AVX512', True, False, False),  # oneDNN emulates it
        ('aarch64', 'DEFAULT', True, False, True),
        ('aarch64', 'DEFAULT', False, False, False),
    ],
)
def test_what_a_cpu_can_do(machine, capability, onednn, flags, able, monkeypatch):
    monkeypatch.setattr('platform.machine', lambda: machine)
    monkeypatch.setattr(torch.backends.cpu, 'get_cpu_capability', lambda: capability)
    monkeypatch.setattr(torch.backends.mkldnn, 'is_available', lambda: True)
    monkeypatch.setattr(torch.ops.mkldnn, '_is_mkldnn_bf16_supported', lambda: onednn)
    for flag in ('_is_avx512_bf16_supported', '_is_amx_tile_supported'):
        monkeypatch.setattr(torch.cpu, flag, lambda: flags)
    assert has_bfloat16('cpu') is able


def test_emulation_on_a_gpu_is_none(monkeypatch):
    asked = []
    monkeypatch.setattr(torch.cuda, 'is_bf16_supported', lambda **kwargs: asked.append(kwargs))
    has_bfloat16('cuda')
    assert asked == [dict(including_emulation=False)]
