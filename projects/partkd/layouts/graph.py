"""Plain graph questions, asked by layouts: distances, components, spanning trees."""

from collections import deque
from collections.abc import Iterable, Sequence

Link = tuple[int, int]


def neighbours(num_joints: int, links: Iterable[Link]) -> list[list[int]]:
    """List the joints that each joint is linked with, in the order of the links.

    Args:
        num_joints (int): Number of joints V.
        links (Iterable[tuple[int, int]]): Pairs of linked joints, in either direction.

    Returns:
        list[list[int]]: For every joint, its neighbours.
    """
    adjacent: list[list[int]] = [[] for _ in range(num_joints)]
    for a, b in links:
        adjacent[a].append(b)
        adjacent[b].append(a)
    return adjacent


def hop_distances(num_joints: int, links: Iterable[Link], start: int) -> list[int | None]:
    """Count the links between one joint and every other.

    Args:
        num_joints (int): Number of joints V.
        links (Iterable[tuple[int, int]]): Pairs of linked joints, in either direction.
        start (int): The joint to count from.

    Returns:
        list[int | None]: Distance of each joint; None where no path leads to it.
    """
    adjacent = neighbours(num_joints, links)
    distance: list[int | None] = [None] * num_joints
    distance[start] = 0
    queue = deque([(start, 1)])
    while queue:
        joint, next_distance = queue.popleft()
        for other in adjacent[joint]:
            if distance[other] is None:
                distance[other] = next_distance
                queue.append((other, next_distance + 1))
    return distance


def components(num_joints: int, links: Sequence[Link]) -> list[list[int]]:
    """Split a graph into its connected pieces.

    Args:
        num_joints (int): Number of joints V.
        links (Sequence[tuple[int, int]]): Pairs of linked joints, in either direction.

    Returns:
        list[list[int]]: Ascending joints of each piece, pieces ordered by their first joint.
    """
    pieces: list[list[int]] = []
    seen: set[int] = set()
    for start in range(num_joints):
        if start not in seen:
            distance = hop_distances(num_joints, links, start)
            pieces.append([joint for joint in range(num_joints) if distance[joint] is not None])
            seen.update(pieces[-1])
    return pieces


def spanning_tree(
    num_joints: int, links: Sequence[Link], centre: int, group: Sequence[object]
) -> list[int]:
    """Give every joint of a connected graph one parent, a link nearer to the centre.

    Where several neighbours are equally near, one of the joint's own group (body part) comes
    first, then the one whose link comes first. So the tree of a symmetric body is symmetric.

    Args:
        num_joints (int): Number of joints V.
        links (Sequence[tuple[int, int]]): Pairs of linked joints, in either direction.
        centre (int): Root of the tree, its own parent.
        group (Sequence[object]): A label for every joint.

    Returns:
        list[int]: Parent of every joint.

    Raises:
        ValueError: If the graph is not connected.
    """
    distance = [hops for hops in hop_distances(num_joints, links, centre) if hops is not None]
    if len(distance) < num_joints:
        raise ValueError('a graph in pieces has no spanning tree: link the pieces')
    adjacent = neighbours(num_joints, links)
    parents = []
    for joint in range(num_joints):
        nearer = [other for other in adjacent[joint] if distance[other] < distance[joint]]
        # min() keeps the first of equals, which is the first link.
        parents.append(min(nearer, key=lambda k: group[k] != group[joint], default=joint))
    return parents
