"""Few keys, and planted feet stay planted: what a contact is to key reduction."""

from __future__ import annotations

import foreign_rigs
import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

import quick_jobs
from quick_jobs import MOVES, STANDS, QuickJob
from test_edits import action_of, regenerate
from test_seams import dancer, every_frame, heads  # noqa: F401
from test_takes import dance, scene  # noqa: F401

from audio2pose_core.motion import Motion
from blender_addon.jobs.messages import KeyReductionRequest
from blender_addon.takes import metadata as take_metadata

pytestmark = pytest.mark.blender
FRAMES = np.arange(1, 193)


def stands(frames: np.ndarray) -> np.ndarray:
    """Where a foot of the stand-in dance stands, (n, 4) bool, at 24 frames a second."""
    _, contacts = quick_jobs.steps(8.0)
    at = Motion(30.0, np.zeros((240, 3)), np.tile([1.0, 0, 0, 0], (240, 24, 1)), contacts)
    return at.sample((frames - 1) / 24, 24.0).contacts > 0.5


def test_the_stand_in_dance_has_contacts_that_a_wrong_scale_would_change():
    _, contacts = quick_jobs.steps(8.0)
    assert set(np.unique(contacts)) == {MOVES, STANDS}
    assert MOVES < 0.5 < STANDS and 0.5 < (contacts > 0.5).mean() < 0.9


def test_a_planted_foot_strays_by_a_millimetre_and_a_half(scene, dancer):  # noqa: F811
    """At a tolerance of 3 cm, which a free foot uses."""
    scene.audio2pose.key_error = 3.0
    armature = dance(1)
    shown = heads(armature, dancer, FRAMES)
    motion = quick_jobs.sway(8.0, 1)
    armature.animation_data.action = every_frame(armature, motion, FRAMES)
    off = np.linalg.norm(shown - heads(armature, dancer, FRAMES), axis=-1)
    planted = stands(FRAMES)[:, 0]
    assert off[planted].max() < 0.0015 + 1e-4
    assert off[~planted].max() > 0.003, "it is free to stray, and so needs fewer keys"


@pytest.mark.parametrize("again", [False, True])
def test_the_worker_is_told_which_tips_are_planted(scene, again):  # noqa: F811
    """On a rig; of a regenerated region the take's own contacts, as they were stored."""
    scene.audio2pose.target = foreign_rigs.build("Mine", foreign_rigs.FAMILIES["mixamo"])
    dance(1)
    frames = FRAMES
    if again:
        assert regenerate(2, 3) == {"FINISHED"}
        frames = np.arange(49, 145)
    asked = [a for a in QuickJob.asked if isinstance(a, KeyReductionRequest)][-1]
    contact = asked.chain.contacts
    assert sorted(set(contact.tolist())) == [-1, 0, 1, 2, 3]
    expected = stands(frames)[:, np.maximum(contact, 0)] & (contact >= 0)
    np.testing.assert_array_equal(asked.planted, expected)


def test_contacts_are_stored_as_they_are(scene):  # noqa: F811
    kept = take_metadata.read_motion(action_of(dance(1)))
    np.testing.assert_allclose(kept.contacts, quick_jobs.steps(8.0)[1], atol=0.5 / 255)
