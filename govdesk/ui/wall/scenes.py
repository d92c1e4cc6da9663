"""The scenes of the wall, in the order in which they rotate: a new one is a file and an entry here."""

from types import ModuleType

from govdesk.ui.wall import loop_scene, open_scene, quality_scene, situation_scene, trends_scene, warning_scene

#: Each has ``NAME`` (ASCII, of the address) and ``build(view: WallView) -> Scene``, and the word ``wall.scene_<NAME>``
#: in locales/*/wall.toml for the head of the wall and the desk's choice.
SCENES: tuple[ModuleType, ...] = (
    situation_scene, open_scene, loop_scene, trends_scene, warning_scene, quality_scene)


def list_names() -> tuple[str, ...]:
    """Return the names of all scenes, in order."""
    return tuple(str(module.NAME) for module in SCENES)


def find(name: str) -> ModuleType:
    """Return the scene of a name.

    Raises
    ------
    KeyError
        When there is none.
    """
    return {str(module.NAME): module for module in SCENES}[name]
