"""Curves as small SVG pictures: both axes are logarithmic, so that a line of slope 1 is linear growth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _BOTTOM, _TOP = 680, 330, 70, 150, 44, 46
#: Told apart on white and on black paper, and by people who see few colours.
_COLOURS = ("#1a7f94", "#c2630f", "#7d5bbe", "#5f8f2f", "#b0436e", "#6b6f74")
_GREY = "#7a8088"
_LABEL_HEIGHT = 15


class _Axis:
    """A logarithmic axis over some values, from one round number (1, 2 or 5 times a power of ten) to another."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        steps = [digit * 10.0**power for power in range(-4, 13) for digit in (1, 2, 5)]
        low = max(step for step in steps if step <= min(values) * (1 + 1e-9))
        high = min(step for step in steps if step >= max(values) * (1 - 1e-9))
        if low == high:
            high = steps[steps.index(low) + 1]
        self.low, self.high, self._start, self._end = low, high, start, end
        ticks = [step for step in steps if low <= step <= high]
        self.ticks = ticks if len(ticks) <= 7 else [step for step in ticks if f"{step:e}".startswith("1")]

    def at(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self._start + share * (self._end - self._start)


def curve(title: str, lines: Mapping[str, Sequence[tuple[float, float]]], x_unit: str, y_unit: str) -> str:
    """Lines of points (x, y), both above 0, as an SVG document, with a dashed line of linear growth.

    The dashed line belongs to the line that ends highest. It runs through the last point of a cost (growth steeper than
    linear starts below it), and through the first of a rate (`…/s`: what falls behind is what more x does not bring).
    """
    kept = {name: sorted((x, max(y, 1e-3)) for x, y in points) for name, points in lines.items()}
    every = [point for points in kept.values() for point in points]
    across = _Axis([x for x, _ in every], _LEFT, _WIDTH - _RIGHT)
    up = _Axis([y for _, y in every], _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{_GREY}">',
        f"<title>{escape(title)}</title>",
        f'<text x="0" y="14" font-size="14">{escape(title)}</text>',
        *_grid(across, up, x_unit, y_unit),
        *_linear(
            max(kept.values(), key=lambda points: points[-1][1]), across, up, through=0 if y_unit.endswith("/s") else -1
        ),
    ]
    labels = []
    for (name, points), colour in zip(kept.items(), _COLOURS * (len(kept) // len(_COLOURS) + 1), strict=False):
        places = [(across.at(x), up.at(y)) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        labels.append((places[-1][1], places[-1][0], f"{name} {points[-1][1]:,.3g} {y_unit}", colour))
    return "\n".join([*parts, *_labels(labels), "</svg>"]) + "\n"


def _grid(across: _Axis, up: _Axis, x_unit: str, y_unit: str) -> Iterator[str]:
    for tick in across.ticks:
        yield f'<text x="{across.at(tick):.1f}" y="{_HEIGHT - 24}" text-anchor="middle">{tick:,.10g}</text>'
    yield (
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2:.1f}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(x_unit)}</text>'
    )
    for tick in up.ticks:
        y = up.at(tick)
        yield (
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_GREY}" opacity=".3"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:,.10g}</text>'
        )
    yield f'<text x="{_LEFT - 8}" y="{_TOP - 14}" text-anchor="end">{escape(y_unit)}</text>'


def _linear(points: Sequence[tuple[float, float]], across: _Axis, up: _Axis, *, through: int) -> Iterator[str]:
    """Linear growth through a point, as far as it stays within the picture."""
    x, y = points[through]
    start = max(across.low, x * up.low / y)
    end = min(across.high, x * up.high / y)
    if start < end:
        yield (
            f'<line x1="{across.at(start):.1f}" y1="{up.at(y * start / x):.1f}" x2="{across.at(end):.1f}" '
            f'y2="{up.at(y * end / x):.1f}" stroke="{_GREY}" stroke-dasharray="4 4"/>'
        )


def _labels(labels: Sequence[tuple[float, float, str, str]]) -> Iterator[str]:
    """The name and last figure of each line at its end, moved down where the one above would be written over."""
    free = 0.0
    for y, x, text, colour in sorted(labels):
        free = max(y + 4, free)
        yield f'<text x="{x + 10:.1f}" y="{free:.1f}" fill="{colour}">{escape(text)}</text>'
        free += _LABEL_HEIGHT
