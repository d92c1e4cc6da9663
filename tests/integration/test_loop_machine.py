"""Small runs of the machine that `make soak-loop` runs for 50,000 steps."""

import random
from datetime import timedelta

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.loop_machine import LoopMachine, World


def test_the_loop_is_what_the_model_says():
    World.tally.clear()
    machine = type("SeededMachine", (LoopMachine,), {})
    run_state_machine_as_test(seed(20261122)(machine), settings=settings(
        max_examples=4, stateful_step_count=15, deadline=None, database=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck)))
    assert World.tally["attempts"] > 0


def test_a_long_walk_of_one_world_is_what_the_model_says():
    World.tally.clear()
    world, rng = World(), random.Random(7)
    try:
        for n in range(10):
            world.go_on(rng, 12)
            world.at -= timedelta(days=rng.choice([0, 0, 2]))  # the clock of the computer is put back
            if n % 6 == 2:
                world.urge()
                world.merge(rng)
            if n % 6 == 4 and world.verdicts:
                world.unmerge(rng)
        world.bring(rng)
        world.send_again()
        world.check_all()
    finally:
        world.stop()
    assert min(World.tally[name] for name in ("taken", "refused", "crashes", "merged", "clocks")) > 0
