from collections.abc import Sequence
from pathlib import Path

from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from .pictures import save_picture

Stretch = tuple[int, float, float, str]
_MOST_NAMED = 20


def draw_timeline(stretches: Sequence[Stretch], file: str | Path, unit: str = 'frame') -> None:
    """Draw what people do over time, a row for each person.

    Args:
        stretches (Sequence): Person, begin, end and action.
        file (str | Path): The picture to write.
        unit (str): Of begin and end. Defaults to ``'frame'``.
    """
    persons = sorted({person for person, *_ in stretches})
    actions = list(dict.fromkeys(action for *_, action in stretches))
    palette = colormaps['tab20' if len(actions) <= _MOST_NAMED else 'turbo'].resampled(
        max(len(actions), _MOST_NAMED)
    )
    colours = {action: palette(number) for number, action in enumerate(actions)}
    figure = Figure(figsize=(11, 1.6 + 0.55 * max(len(persons), 1)), layout='constrained')
    axis = figure.subplots()
    for row, person in enumerate(persons):
        own = [one for one in stretches if one[0] == person]
        axis.broken_barh(
            [(begin, end - begin) for _, begin, end, _ in own],
            (row - 0.35, 0.7),
            facecolors=[colours[action] for *_, action in own],
            edgecolor='white',
            linewidth=0.5,
        )
    axis.set_yticks(range(len(persons)), [f'person {person}' for person in persons])
    axis.invert_yaxis()
    axis.set_xlim(left=0)
    axis.set_xlabel(unit)
    figure.legend(
        handles=[Patch(color=colours[action], label=action) for action in actions[:_MOST_NAMED]],
        loc='outside lower center',
        ncols=min(len(actions), 5) or 1,
        fontsize=8,
        frameon=False,
    )
    save_picture(figure, file)
