"""Distances, components and spanning trees on small graphs."""

import pytest

from partkd.layouts.graph import components, hop_distances, spanning_tree

SQUARE = [(0, 1), (1, 2), (2, 3), (3, 0)]


def test_hop_distances():
    assert hop_distances(5, SQUARE, 0) == [0, 1, 2, 1, None]


def test_components():
    assert components(5, [(0, 3), (4, 1)]) == [[0, 3], [1, 4], [2]]


def test_spanning_tree_prefers_the_own_group_then_the_first_link():
    assert spanning_tree(4, SQUARE, 0, 'aaaa') == [0, 0, 1, 0]
    assert spanning_tree(4, SQUARE, 0, 'abcc') == [0, 0, 3, 0]


def test_pieces_have_no_spanning_tree():
    with pytest.raises(ValueError, match='link the pieces'):
        spanning_tree(5, SQUARE, 0, 'aaaaa')
