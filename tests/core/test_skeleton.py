"""The skeleton's tables agree with each other."""

from __future__ import annotations

import numpy as np

from audio2pose_core import skeleton as sk


def test_parents_come_before_children() -> None:
    assert sk.NUM_JOINTS == 24 == len(sk.OFFSETS)
    assert sk.PARENTS[0] == -1
    assert all(0 <= p < j for j, p in enumerate(sk.PARENTS) if j)


def test_mirror_is_its_own_inverse_and_keeps_the_tree() -> None:
    assert [sk.MIRROR[m] for m in sk.MIRROR] == list(range(sk.NUM_JOINTS))
    for j, p in enumerate(sk.PARENTS):
        if p >= 0:
            assert sk.PARENTS[sk.MIRROR[j]] == sk.MIRROR[p]
    reflected = sk.OFFSETS[list(sk.MIRROR)] * [-1, 1, 1]
    assert np.allclose(reflected, sk.OFFSETS)


def test_rest_pose_stands_on_the_floor_facing_z() -> None:
    rest = sk.rest_positions()
    assert np.allclose(rest[list(sk.CONTACT_JOINTS), 1], sk.CONTACT_REST_HEIGHTS)
    toes = rest[sk.INDEX["left_foot"]] + sk.END_SITES[sk.INDEX["left_foot"]]
    assert abs(toes[1]) < 1e-9
    assert toes[2] > rest[sk.INDEX["left_ankle"]][2]
    assert rest[sk.INDEX["left_hand"]][0] > 0 > rest[sk.INDEX["right_hand"]][0]
    top = rest[sk.INDEX["head"]] + sk.END_SITES[sk.INDEX["head"]]
    assert 1.6 < top[1] < 1.8
