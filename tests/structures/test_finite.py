import pytest
import torch

from partkd.structures import NonFiniteError, require_finite


def test_the_first_tensor_and_its_share_are_named():
    whole = dict(weight=torch.tensor([1.0, 3e38]), steps=torch.tensor(7), mask=torch.ones(2) > 0)
    require_finite(whole, 'the model', 'train it again')
    bad = torch.tensor([[1.0, torch.nan], [torch.inf, -torch.inf]])
    message = r'^the model: 3 of 4 numbers of bias are .*\(NaN\), and some of 1 others: train '
    with pytest.raises(NonFiniteError, match=message):
        require_finite(dict(whole, bias=bad, last=bad), 'the model', 'train it again')
