"""Growth curves as small SVG pictures: both axes in powers of ten, so that a line of slope 1 is linear growth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 300, 56, 34, 34


def curve(title: str, points: Sequence[tuple[float, float]]) -> str:
    """Points (x, y), both above 0, as an SVG document, with a dashed line of linear growth through the last."""
    xs, ys = [x for x, _ in points], [max(y, 1e-3) for _, y in points]
    left, right = math.floor(math.log10(min(xs))), math.ceil(math.log10(max(xs)) + 1e-9)
    low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)) + 1e-9)

    def at(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - left) / (right - left)
        up = (math.log10(y) - low) / (high - low)
        return _LEFT + across * (_WIDTH - _LEFT - 16), _HEIGHT - _BOTTOM - up * (_HEIGHT - _BOTTOM - _TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#6b6f74">',
        f'<title>{escape(title)}</title><text x="0" y="14" font-size="13">{escape(title)}</text>',
    ]
    for power in range(left, right + 1):
        x, _ = at(10**power, 10**low)
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT - 12}" text-anchor="middle">{10**power:,}</text>')
    for power in range(low, high + 1):
        _, y = at(10**left, 10**power)
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - 16}" y1="{y:.1f}" y2="{y:.1f}" stroke="#9aa0a6" opacity=".35"/>'
        )
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    # Linear growth through the last point, as far as it stays within the picture.
    start = max(min(xs), xs[-1] * 10**low / ys[-1])
    (x1, y1), (x2, y2) = at(start, ys[-1] * start / xs[-1]), at(xs[-1], ys[-1])
    parts.append(
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#9aa0a6" stroke-dasharray="4 4"/>'
    )
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(x, y) for x, y in zip(xs, ys, strict=True)))
    parts.append(f'<polyline points="{path}" fill="none" stroke="#14697f" stroke-width="2"/>')
    for x, y in zip(xs, ys, strict=True):
        cx, cy = at(x, y)
        parts.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="4" fill="#14697f"/>')
        parts.append(f'<text x="{cx:.1f}" y="{cy - 9:.1f}" text-anchor="middle" fill="#14697f">{y:.3g} s</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
