"""The same dance with several seeds, one after the other, to choose from by eye."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from ..core import motion as core_motion
from ..jobs.job import Job
from ..settings import properties
from ..steps import Steps, run
from ..takes import ghost, store as take_store
from ..takes.rollback import Snapshot
from . import session
from .rough import Rough
from .session import Generation

COUNT = 3


@dataclass
class SeedTrials:
    """Dances of the same settings and several seeds; each becomes a take, or none does.

    Attributes
    ----------
    generations : list of Generation
        In the order in which they are made. The first one's take is played; the others are
        shown beside it.
    number : int
        Which of them is in the making.
    """

    generations: list[Generation]
    number: int = 0
    done: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The song's."""
        return self.generations[0].name

    @property
    def job(self) -> Job:
        """What runs now."""
        return self.generations[self.number].job

    @property
    def part(self) -> tuple[int, int]:
        """Which of how many jobs runs, for the panel's bar."""
        return self.number, len(self.generations)

    @property
    def warnings(self) -> list[str]:
        """What the worker warns of, each warning once."""
        return list(dict.fromkeys(w for g in self.generations for w in g.warnings))

    @property
    def is_new(self) -> bool:
        """Whether the dancer was added with its dances."""
        return self.generations[0].is_new

    @property
    def early(self) -> core_motion.Motion | None:
        """What can be looked at by now of the dance in the making, or None."""
        return self.generations[self.number].early

    def rough(self) -> Rough | None:
        """The same in its place in the scene."""
        return self.generations[self.number].rough()

    def advance(self) -> bool:
        """Go on with this dance, or with the next one."""
        return run(self.advance_steps())

    def advance_steps(self) -> Steps[bool]:
        """The same in small steps."""
        if (yield from self.generations[self.number].advance_steps()):
            return True
        if self.number + 1 == len(self.generations):
            return False
        self.number += 1
        yield from self.job.start_steps()
        return True

    def finish(self) -> Any:
        """Write all dances at once; see ``write``."""
        return run(self.write())

    def write(self) -> Steps[Any]:
        """Write all dances, in small steps, and show them side by side; the armature.

        Raises Audio2PoseError, with nothing written, where one of them cannot be written.
        """
        first, *others = self.generations
        before = Snapshot(first.dance.armature)
        names = []
        try:
            armature = yield from first.write()
            names.append(_made(armature, first))
            for other in others:
                other.dance.target_id = armature.session_uid
                yield from other.write()
                names.append(_made(armature, other))
        except BaseException:  # a cancel between two steps as well
            before.restore()
            raise
        take_store.play(armature, take_store.find(armature, names[0]))
        properties.note_seed(first.dance.scene.audio2pose, first.dance.params.seed)
        shown = [take_store.find(armature, name) for name in dict.fromkeys(names[1:])]
        ghost.show(first.dance.scene, armature, shown)
        self.done = [*first.done, f"{' and '.join(t.name for t in shown)} stand beside it"]
        return armature


def _made(armature: Any, generation: Generation) -> str:
    """The name of the take that a dance became."""
    return generation.same or str(take_store.current(armature).name)


def begin(context: Any) -> SeedTrials:
    """Check the settings of ``context.scene`` and make the jobs, none of them started.

    A seed that is set is the first one, and the ones after it follow; else all are drawn.
    Raises Audio2PoseError with one clear line; changes nothing.
    """
    settings = context.scene.audio2pose
    first = settings.seed
    if settings.randomise_seed:
        first = random.SystemRandom().randint(0, properties.MAX_SEED - COUNT)
    seeds = [(first + k) % properties.MAX_SEED for k in range(COUNT)]
    begun = session.begin(context, seeds[0])
    begun.aside = ghost.STEP
    return SeedTrials([begun, *(begun.with_seed(seed) for seed in seeds[1:])])
