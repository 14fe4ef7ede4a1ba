"""Pages with Panel and Bokeh cells, as reference and how-to pages of a plotting library have them."""

from __future__ import annotations

from .recipe import Recipe, rich, text

_PANEL = text(
    """
    import panel as pn

    pn.extension()
    """
)
_PLOT = text(
    """
    import numpy as np
    import panel as pn
    from bokeh.plotting import figure

    pn.extension()
    """
)

_SLIDERS = Recipe(
    "Sliders",
    (
        "A slider picks a number from a range. Its value follows while it is dragged.",
        _PANEL,
        "The bounds and the step are set when it is made.",
        rich(
            """
            amplitude = pn.widgets.FloatSlider(name=f"MARK", start=0, end=5, step=0.1, value=2)
            phase = pn.widgets.IntSlider(name="Phase", start=0, end=360, step=15, value=90)
            pn.Column(amplitude, phase)
            """
        ),
        "A function that is bound to sliders runs again whenever one of them moves.",
        rich(
            """
            def describe(amplitude, phase):
                return f"Amplitude {amplitude}, phase {phase} degrees, MARK"


            pn.Row(amplitude, pn.bind(describe, amplitude, phase))
            """
        ),
        "A range slider has two handles.",
        rich(
            """
            span = pn.widgets.RangeSlider(name="Span", start=0, end=100, value=(20, 70))
            pn.Column(span, pn.bind(lambda ends: f"{ends[1] - ends[0]} wide, MARK", span))
            """
        ),
    ),
    rich(
        """
        discrete = pn.widgets.DiscreteSlider(name=f"MARK", options=[2, 4, 8, 16, 32], value=8)
        discrete
        """
    ),
)

_LINES = Recipe(
    "Lines",
    (
        "A line plot joins points in the order in which they are given.",
        _PLOT,
        "Two waves share one figure, and a legend names them.",
        rich(
            """
            x = np.linspace(0, 4 * np.pi, 120)
            waves = figure(height=260, width=520, title=f"MARK")
            waves.line(x, np.sin(x), legend_label="sin", line_width=2)
            waves.line(x, np.cos(x), legend_label="cos", line_width=2, color="firebrick", line_dash="dashed")
            pn.pane.Bokeh(waves)
            """
        ),
        "A slider for the frequency makes the figure again.",
        rich(
            """
            frequency = pn.widgets.FloatSlider(name="Frequency", start=0.5, end=4, value=1)


            def wave(frequency):
                plot = figure(height=220, width=520, title=f"MARK")
                plot.line(x, np.sin(frequency * x), line_width=2)
                return plot


            pn.Column(frequency, pn.bind(wave, frequency))
            """
        ),
        "An area plot fills what lies below.",
        rich(
            """
            area = figure(height=220, width=520, title=f"MARK")
            area.varea(x=x, y1=np.zeros_like(x), y2=np.exp(-x / 6) * np.abs(np.sin(x)), alpha=0.4)
            pn.pane.Bokeh(area)
            """
        ),
    ),
    rich(
        """
        steps = figure(height=200, width=520, title=f"MARK")
        steps.step(np.arange(12), np.arange(12) % 5, line_width=2, mode="center")
        pn.pane.Bokeh(steps)
        """
    ),
)

_LAYOUTS = Recipe(
    "Layouts",
    (
        "Rows and columns hold other objects, and can be nested.",
        _PANEL,
        "Tabs show one of several objects at a time.",
        rich(
            """
            pn.Tabs(
                ("Text", pn.pane.Markdown(f"### Notes\\n\\nMARK")),
                ("Widgets", pn.Column(pn.widgets.Checkbox(name="Grid"), pn.widgets.TextInput(name="Title"))),
            )
            """
        ),
        "A card has a header, and folds.",
        rich(
            """
            apply = pn.widgets.Button(name="Apply", button_type="primary")
            pn.Card(pn.pane.HTML(f"<b>MARK</b>"), apply, title="Settings", width=400)
            """
        ),
        "An accordion is a stack of cards.",
        rich(
            """
            pn.Accordion(
                ("First", pn.pane.Markdown("Open me.")), ("Second", pn.pane.Markdown(f"MARK")), active=[1], width=400
            )
            """
        ),
    ),
    rich(
        """
        pn.FlexBox(*[pn.pane.HTML(str(n), width=40, height=40) for n in range(8)], pn.pane.HTML(f"MARK"))
        """
    ),
)

_SELECTORS = Recipe(
    "Selectors",
    (
        "A selector picks one of several options, or some of them.",
        _PLOT,
        "The options may be a list, or a dictionary from labels to values.",
        rich(
            """
            color = pn.widgets.Select(name=f"MARK", options=["navy", "teal", "orange"])
            sizes = pn.widgets.RadioButtonGroup(options={"small": 5, "medium": 9, "large": 14}, value=9)
            pn.Column(color, sizes)
            """
        ),
        "What is picked decides how the points look.",
        rich(
            """
            points = np.random.default_rng(7).normal(size=(2, 60))


            def scatter(color, size):
                plot = figure(height=260, width=360, title=f"MARK")
                plot.scatter(*points, color=color, size=size, alpha=0.6)
                return plot


            pn.Row(pn.Column(color, sizes), pn.bind(scatter, color, sizes))
            """
        ),
        "With a multiple selection the value is a list.",
        rich(
            """
            fruits = pn.widgets.MultiChoice(options=["apple", "fig", "pear", "plum"], value=["fig", "plum"])
            pn.Column(fruits, pn.bind(lambda names: f"{len(names)} chosen, MARK", fruits))
            """
        ),
    ),
    rich(
        """
        pn.widgets.CheckBoxGroup(name=f"MARK", options=["x", "y", "z"], value=["y"], inline=True)
        """
    ),
)

_BARS = Recipe(
    "Bars and histograms",
    (
        "Bars compare a number between categories.",
        _PLOT,
        "The categories are the range of an axis.",
        rich(
            """
            months = ["Jan", "Feb", "Mar", "Apr", "May"]
            bars = figure(x_range=months, height=240, width=480, title=f"MARK", toolbar_location=None)
            bars.vbar(x=months, top=[5, 3, 4, 2, 6], width=0.8)
            pn.pane.Bokeh(bars)
            """
        ),
        "A histogram counts what falls between edges.",
        rich(
            """
            values = np.random.default_rng(11).normal(size=400)
            bins = pn.widgets.IntSlider(name="Bins", start=5, end=40, value=15)


            def histogram(bins):
                counts, edges = np.histogram(values, bins=bins)
                plot = figure(height=240, width=480, title=f"MARK")
                plot.quad(top=counts, bottom=0, left=edges[:-1], right=edges[1:], line_color="white")
                return plot


            pn.Column(bins, pn.bind(histogram, bins))
            """
        ),
        "An image is a grid of numbers, shown through a palette.",
        rich(
            """
            u, v = np.meshgrid(np.linspace(-2, 2, 40), np.linspace(-2, 2, 40))
            picture = figure(height=280, width=280, title=f"MARK")
            picture.image([np.exp(-(u**2) - v**2)], x=-2, y=-2, dw=4, dh=4, palette="Viridis256")
            pn.pane.Bokeh(picture)
            """
        ),
    ),
    rich(
        """
        sideways = figure(y_range=months, height=200, width=480, title=f"MARK")
        sideways.hbar(y=months, right=[2, 6, 4, 5, 3], height=0.7)
        pn.pane.Bokeh(sideways)
        """
    ),
)

_INPUTS = Recipe(
    "Inputs and indicators",
    (
        "Inputs take what readers type. Indicators show how far something is.",
        _PANEL,
        "Text and numbers each have their input.",
        rich(
            """
            title = pn.widgets.TextInput(name="Title", value=f"MARK")
            count = pn.widgets.IntInput(name="Count", value=12, start=0, end=40)
            pn.Row(title, count)
            """
        ),
        "A progress bar is bound to the number.",
        rich(
            """
            progress = pn.indicators.Progress(name=f"MARK", value=count, max=40, width=300)
            pn.Column(count, progress, pn.pane.Markdown(pn.bind(lambda n: f"{n} of 40, MARK", count)))
            """
        ),
        "A button counts its clicks.",
        rich(
            """
            button = pn.widgets.Button(name=f"MARK", button_type="success")
            clicks = pn.bind(lambda n: f"{n} clicks", button.param.clicks)
            pn.Row(button, clicks)
            """
        ),
    ),
    rich(
        """
        pn.Column(pn.widgets.DatetimePicker(name=f"MARK"), pn.indicators.Number(name="Total", value=42))
        """
    ),
)

RECIPES = (_SLIDERS, _LINES, _LAYOUTS, _SELECTORS, _BARS, _INPUTS)
