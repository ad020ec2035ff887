"""Tokens to a clue, and the queue of keys."""

import math

import pytest
import torch
import torch.nn.functional as F

from partkd.models.layers import ClueEncoder, KeyQueue


def attention_by_hand(layer, tokens):
    """One layer of a transformer, post-norm, head by head and token by token."""
    width, heads = tokens.shape[1], layer.self_attn.num_heads
    size = width // heads
    mapped = F.linear(tokens, layer.self_attn.in_proj_weight, layer.self_attn.in_proj_bias)
    query, key, value = mapped.split(width, 1)
    mixed = torch.zeros_like(tokens)
    for head in range(heads):
        own = slice(head * size, (head + 1) * size)
        for row in range(len(tokens)):
            scores = torch.stack([query[row, own] @ one[own] / math.sqrt(size) for one in key])
            mixed[row, own] = sum(w * v[own] for w, v in zip(scores.softmax(0), value))
    tokens = layer.norm1(tokens + layer.self_attn.out_proj(mixed))
    return layer.norm2(tokens + layer.linear2(layer.linear1(tokens).relu()))


def test_a_clue_is_the_maximum_over_tokens_that_have_met():
    torch.manual_seed(0)
    encoder = ClueEncoder(in_channels=7, width=6, num_heads=3).eval()
    assert encoder.mixing.linear1.out_features == 6
    tokens = torch.randn(2, 5, 7)
    clues = encoder(tokens)
    for row, own in enumerate(tokens):
        embedded = torch.stack(
            [
                encoder.embedding[3](encoder.embedding[1](encoder.embedding[0](token)).relu())
                for token in own
            ]
        )
        expected = attention_by_hand(encoder.mixing, embedded).max(0).values
        torch.testing.assert_close(clues[row], expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(encoder(tokens.flip(1)), clues)


def unit(*angles):
    return torch.tensor([[math.cos(angle), math.sin(angle)] for angle in angles])


def test_the_oldest_keys_make_place():
    queue = KeyQueue(5, 2)
    torch.testing.assert_close(queue.keys.norm(dim=1), torch.ones(5))
    start, expected, place = queue.keys.clone(), list(queue.keys.clone()), 0
    for count in (2, 2, 3, 0, 5):
        keys = F.normalize(torch.randn(count, 2), dim=1)
        queue.enqueue(keys)
        for key in keys:  # one by one
            expected[place] = key
            place = (place + 1) % 5
        assert torch.equal(queue.keys, torch.stack(expected)) and queue.place == place
    assert not torch.equal(queue.keys, start)


def test_a_queue_starts_alike_whatever_the_seed():
    """As processes may have seeds of their own, and buffers are not sent round."""
    torch.manual_seed(0)
    first = KeyQueue(5, 3)
    assert torch.equal(KeyQueue(5, 3).keys, first.keys)
    assert torch.linalg.matrix_rank(first.keys) == 3


def test_a_batch_that_the_queue_cannot_hold_is_named():
    with pytest.raises(ValueError, match='a batch of 3 clips .* the queue of 2 keys: set model.qu'):
        KeyQueue(2, 2).enqueue(unit(0, 1, 2))


def enqueue_some(rank, queue, keys):
    """Unlike numbers of the same keys."""
    queue.enqueue(keys[:3] if rank == 0 else keys[3:])
    return queue.state_dict()


def test_two_processes_have_one_queue(run_two):
    torch.manual_seed(0)
    queue, keys = KeyQueue(7, 2), F.normalize(torch.randn(5, 2), dim=1)
    queue.enqueue(unit(1, 2, 3, 4))
    first, second = run_two(enqueue_some, queue, keys)
    queue.enqueue(keys)
    for name, value in queue.state_dict().items():
        assert torch.equal(first[name], value) and torch.equal(second[name], value)
