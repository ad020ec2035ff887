import pytest
import torch
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.device import get_device
from torch import nn

from partkd.engine import BFloat16OptimWrapper

DEVICE = get_device()


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
