"""What operators share that work on the chosen dancer."""

from __future__ import annotations

from typing import Any

import bpy

from ...core import errors
from ...rig import active
from . import reports


class DancerOperator(bpy.types.Operator):
    """Runs ``work`` on the chosen armature; a deliberate error becomes one clear report."""

    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender's own way

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there is a dancer."""
        if active.active_dancer(context) is not None:
            return True
        cls.poll_message_set("Choose a dancer first")
        return False

    def execute(self, context: Any) -> Any:
        """Work, and say what happened."""
        try:
            said = self.work(active.active_dancer(context))
        except errors.Audio2PoseError as error:
            return reports.refuse(self, error)
        reports.tell(self, said)
        return {"FINISHED"}

    def work(self, armature: Any) -> str:
        """What the operator does; a line for the user, or nothing."""
        raise NotImplementedError
