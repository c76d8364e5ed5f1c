"""The dancer's body: closed, on the floor, every vertex held by a bone."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from audio2pose_core import skeleton
from audio2pose_core.figure import mesh as figure_mesh
from audio2pose_core.motion import rest_motion
from blender_addon.figure import mannequin, placement
from blender_addon.rig import own_armature

pytestmark = pytest.mark.blender


@pytest.fixture
def dancer():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return mannequin.create_dancer()


def evaluated_points(thing) -> np.ndarray:
    """Vertices (n, 3) as Blender draws them, in world space."""
    bpy.context.view_layer.update()
    drawn = thing.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = drawn.to_mesh()
    points = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", points)
    drawn.to_mesh_clear()
    return points.reshape(-1, 3)


def bone_weights(thing) -> np.ndarray:
    """(vertices, 24) weights in the order of the joints."""
    order = [skeleton.INDEX[g.name] for g in thing.vertex_groups]
    out = np.zeros((len(thing.data.vertices), skeleton.NUM_JOINTS))
    for v in thing.data.vertices:
        for g in v.groups:
            out[v.index, order[g.group]] += g.weight
    return out


def test_the_armature_has_our_bones_and_the_body_is_its_child(dancer):
    assert own_armature.missing_bones(dancer) == []
    (figure,) = dancer.children
    assert figure.modifiers[0].object == dancer
    assert figure.users_collection == dancer.users_collection


def test_every_vertex_is_held_by_bones_with_weights_that_add_up_to_one(dancer):
    weights = bone_weights(dancer.children[0])
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-5)
    assert ((weights > 0).sum(axis=1) <= 4).all()


def test_pieces_are_closed_and_look_outward(dancer):
    import bmesh

    figure = bmesh.new()
    figure.from_mesh(dancer.children[0].data)
    assert all(edge.is_manifold for edge in figure.edges)
    # A person of this height has some 70 litres; inside-out pieces would count against it.
    assert 0.05 < figure.calc_volume(signed=True) < 0.09
    figure.free()


def test_it_stands_on_the_floor_and_is_as_tall_as_the_skeleton(dancer):
    points = evaluated_points(dancer.children[0])
    assert abs(points[:, 2].min()) < 0.004
    assert 1.68 < points[:, 2].max() < 1.76
    # The soles are where a flat foot has contact.
    for j in (skeleton.INDEX["left_foot"], skeleton.INDEX["right_ankle"]):
        near = points[bone_weights(dancer.children[0])[:, j] > 0.5]
        assert abs(near[:, 2].min()) < 0.004


def test_left_is_warm_and_right_is_cool(dancer):
    figure = dancer.children[0]
    points = evaluated_points(figure)
    for material, sign in ((figure_mesh.LEFT, 1), (figure_mesh.RIGHT, -1)):
        faces = [p for p in figure.data.polygons if p.material_index == material]
        assert len(faces) > 100
        assert all(sign * points[list(p.vertices), 0].mean() > 0 for p in faces)
    warm = figure.data.materials[figure_mesh.LEFT].diffuse_color
    cool = figure.data.materials[figure_mesh.RIGHT].diffuse_color
    assert warm[0] > 2 * warm[2] and cool[2] > 2 * cool[0]


def test_bending_an_elbow_moves_forearm_and_hand_only(dancer):
    figure = dancer.children[0]
    before = evaluated_points(figure)
    dancer.pose.bones["left_elbow"].rotation_quaternion = (0.7, 0.7, 0.0, 0.0)
    moved = np.linalg.norm(evaluated_points(figure) - before, axis=1) > 1e-5
    beyond = before[:, 0] > skeleton.rest_positions()[skeleton.INDEX["left_elbow"], 0] + 0.04
    assert moved[beyond].mean() > 0.95
    assert not moved[before[:, 0] < 0.39].any()


def test_two_dancers_share_their_materials():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    first, second = mannequin.create_dancer(), mannequin.create_dancer()
    shared = [d.children[0].data.materials[0] for d in (first, second)]
    assert shared[0] == shared[1]
    assert first.name != second.name


# --- where a new dancer stands ---


def box(place, size=(2.0, 2.0, 2.0)):
    mesh = bpy.data.meshes.new("Box")
    corners = [(x * size[0] / 2, y * size[1] / 2, z * size[2] / 2)
               for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]  # fmt: skip
    mesh.from_pydata(corners, [], [])
    thing = bpy.data.objects.new("Box", mesh)
    thing.location = place
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.view_layer.update()
    return thing


ROOM = (-1.0, -1.0, 1.0, 1.0)


def test_a_new_dancer_stands_at_the_cursor(registered):
    registered.cursor.location = (3.0, -2.0, 0.5)
    assert placement.free_spot(registered, ROOM) == (3.0, -2.0, 0.5)


def test_a_new_dancer_stands_clear_of_what_is_there(registered):
    """Blender's own cube stands where its cursor is."""
    box((0, 0, 0))
    x, y, z = placement.free_spot(registered, ROOM)
    assert max(abs(x), abs(y)) >= 2.0 and np.hypot(x, y) <= 2.5 and z == 0
    box((x, y, z))
    again = placement.free_spot(registered, ROOM)
    assert np.abs(np.subtract(again[:2], (x, y))).max() >= 2.0


def test_a_floor_and_a_room_are_danced_in(registered):
    box((0, 0, -0.02), (8.0, 8.0, 0.04))
    box((0, 0, 0), (30.0, 30.0, 6.0))
    assert placement.free_spot(registered, ROOM) == (0.0, 0.0, 0.0)


def test_where_there_is_no_room_at_all_it_is_the_cursor(registered):
    for x in np.arange(-15, 16, 10.0):
        for y in np.arange(-15, 16, 10.0):
            box((x, y, 1.0), (10.5, 10.5, 2.0))
    assert placement.free_spot(registered, ROOM) == (0.0, 0.0, 0.0)


def test_the_room_of_a_dance_holds_its_path():
    motion = rest_motion(10, 30.0)
    motion.root[:, 0], motion.root[:, 2] = np.linspace(0, 2, 10), np.linspace(0, -1, 10)
    room = placement.room_of(motion)
    assert room == pytest.approx((-0.6, -0.6, 2.6, 1.6))
