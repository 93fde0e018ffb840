"""The chain strip: Data - Config - Train - Check - Live - Monitor with real ids, each box a link.

It draws the plain `Box` records of `playground.chain`. The browser part only ever sets text, so a hostile
name stays text; the links are real ones, so a box opens in a new tab as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from playground.chain import Box

CSS = """
.strip { container-type: inline-size; font-family: var(--st-font); color: var(--st-text-color); }
ol { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 0.5rem; list-style: none;
     margin: 0; padding: 0; }
li { position: relative; min-width: 0; }
li:not(:last-child)::after { content: ""; position: absolute; top: 50%; right: -0.5rem; width: 0.5rem; height: 2px;
     background: var(--st-border-color); }
a { display: block; box-sizing: border-box; height: 100%; padding: 0.5rem 0.65rem; min-height: 4.2rem;
    border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
    background: var(--st-background-color); color: inherit; text-decoration: none;
    transition: border-color .35s, background-color .35s; }
a:hover { border-color: var(--st-primary-color); }
a:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: -3px; }
.name { display: flex; align-items: center; gap: 0.35rem; font-size: 0.8rem; font-weight: 600; }
.name svg { width: 1rem; height: 1rem; flex: none; fill: none; stroke: currentColor; stroke-width: 1.7;
    stroke-linecap: round; stroke-linejoin: round; }
.line { display: block; font-size: 0.82rem; line-height: 1.3; overflow: hidden; text-overflow: ellipsis;
    white-space: nowrap; }
.line:first-of-type { margin-top: 0.2rem; }
.line.id { font-variant-numeric: tabular-nums; }
.line.why { color: var(--st-gray-text-color); font-size: 0.76rem; }
.empty a { background: transparent; border-style: dashed; }
.empty .name { color: var(--st-gray-text-color); font-weight: 500; }
.current a { box-shadow: inset 0 -3px 0 var(--st-primary-color); }
.fresh a { border-color: var(--st-primary-color); background: var(--st-blue-background-color); }
.fresh .name, .running .name { color: var(--st-blue-text-color); }
.done .name svg { color: var(--st-green-text-color); }
.stale .why { color: var(--st-orange-text-color); }
.failed .name, .failed .why { color: var(--st-red-text-color); }
.running a { border-color: var(--st-primary-color); animation: breathe 1.4s ease-in-out infinite; }
.hero a { min-height: 7rem; padding: 0.9rem 0.8rem; }
.hero .name { font-size: 1rem; flex-direction: column; align-items: flex-start; gap: 0.5rem; }
.hero .name svg { width: 1.5rem; height: 1.5rem; }
@keyframes breathe { 50% { background: var(--st-blue-background-color); } }
@container (max-width: 43rem) {
  ol { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  li:nth-child(3)::after { display: none; }
  a, .hero a { min-height: 3.9rem; padding: 0.4rem 0.5rem; }
  .hero .name { font-size: 0.85rem; flex-direction: row; align-items: center; gap: 0.35rem; }
  .hero .name svg { width: 1.05rem; height: 1.05rem; }
  .line { font-size: 0.76rem; } .line.why { font-size: 0.72rem; }
}
@media (prefers-reduced-motion: reduce) { a { transition: none; } .running a { animation: none; } }
"""

JS = """
const ICONS = {
  data: '<ellipse cx="10" cy="5" rx="6.5" ry="2.5"/><path d="M3.5 5v10c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5V5M3.5 10c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5"/>',
  config: '<path d="M3 6h8m4 0h2M3 14h2m4 0h8"/><circle cx="13" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>',
  train: '<path d="M6.5 4v12l9-6z"/>',
  check: '<path d="M10 2.5l6.5 2.6v4.4c0 4-2.7 6.7-6.5 8-3.8-1.3-6.5-4-6.5-8V5.1z"/><path d="M7 9.8l2.2 2.2 4-4.2"/>',
  live: '<circle cx="10" cy="10" r="2.2"/><path d="M5.4 14.6a6.5 6.5 0 010-9.2m9.2 0a6.5 6.5 0 010 9.2M2.7 17.2a10.2 10.2 0 010-14.4m14.6 0a10.2 10.2 0 010 14.4"/>',
  monitor: '<path d="M2.5 10.5h3.2l2-5.5 4 10 2.2-4.5h3.6"/>',
}
const STATES = { empty: 'not yet', done: '', fresh: 'just changed', running: 'running', stale: 'stale', failed: 'failed' }

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector('ol')
  list.className = data.size
  data.boxes.forEach((box, at) => {
    let item = list.children[at]
    if (!item) { item = document.createElement('li'); item.append(document.createElement('a')); list.append(item) }
    item.className = box.state + (data.current === box.page ? ' current' : '')
    const link = item.firstChild
    link.setAttribute('href', box.page + (Object.keys(box.query).length ? '?' + new URLSearchParams(box.query) : ''))
    link.title = [...box.lines, box.why].filter(Boolean).join('\\n')
    link.setAttribute('aria-label', [box.label, ...box.lines, box.why, STATES[box.state]].filter(Boolean).join(', '))
    if (data.current === box.page) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current')
    const name = text('span', 'name', box.label)
    const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    icon.setAttribute('viewBox', '0 0 20 20')
    icon.setAttribute('aria-hidden', 'true')
    icon.innerHTML = ICONS[box.stage] || ''
    name.prepend(icon)
    link.replaceChildren(name, ...box.lines.map(line => text('span', 'line id', line)),
      ...(box.why ? [text('span', 'line why', box.why)] : []))
    link.onclick = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
      event.preventDefault()
      setTriggerValue('opened', box.stage)
    }
  })
}
"""

_strip = st.components.v2.component(
    "chain_strip", html='<nav class="strip" aria-label="The chain"><ol></ol></nav>', css=CSS, js=JS
)


def chain_strip(boxes: Sequence[Box], current: str, large: bool = False) -> Box | None:
    """Draw the strip and return the box a person opened, if any.

    Parameters
    ----------
    boxes : sequence of Box
        The six boxes, in order.
    current : str
        The page on screen, underlined in the strip.
    large : bool
        The tall form of the start page.
    """
    data = {"boxes": [asdict(box) for box in boxes], "current": current, "size": "hero" if large else "bar"}
    opened = _strip(data=data, key="chain.strip", on_opened_change=lambda: None).opened
    return next((box for box in boxes if box.stage == opened), None)
