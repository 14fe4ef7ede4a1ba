"""The lock's graph."""

from __future__ import annotations

from sphinxext_liveviz.runtime.lock import reachable, without_cycles


def test_names_come_after_those_they_depend_on() -> None:
    acyclic = without_cycles({"panel": ["bokeh", "param"], "bokeh": ["numpy"], "numpy": [], "param": []})
    assert list(acyclic) == ["numpy", "bokeh", "param", "panel"]
    assert acyclic["panel"] == ["bokeh", "param"]


def test_a_cycle_is_broken_once() -> None:
    acyclic = without_cycles({"panel": ["material", "param"], "material": ["panel"], "param": []})
    assert acyclic == {"param": [], "panel": ["param"], "material": ["panel"]}


def test_cycles_within_cycles_and_of_one() -> None:
    depends = {"a": ["a", "b"], "b": ["c"], "c": ["a", "b", "d"], "d": ["b"]}
    acyclic = without_cycles(depends)
    order = list(acyclic)
    assert set(order) == set(depends)
    assert all(order.index(other) < order.index(name) for name in order for other in acyclic[name])


def test_what_is_not_there_is_no_dependency() -> None:
    assert without_cycles({"panel": ["nh3"]}) == {"panel": []}
    assert reachable(["panel", "gone"], {"panel": ["nh3"]}) == {"panel"}


def test_a_broken_cycle_loses_nothing_that_a_page_loads() -> None:
    depends = {"panel": ["material"], "material": ["panel"], "other": []}
    assert reachable(["material"], depends) == {"panel", "material"}


def test_the_order_does_not_depend_on_the_order_of_pages() -> None:
    depends = {"b": ["a"], "a": ["b"], "c": ["a", "b"]}
    assert list(without_cycles(depends)) == list(without_cycles(dict(reversed(depends.items()))))
