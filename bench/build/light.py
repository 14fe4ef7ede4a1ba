"""Pages with cells of plain Python, as a tutorial of the language has them: nothing in them takes time."""

from __future__ import annotations

from .recipe import Recipe, text

_NUMBERS = Recipe(
    "Numbers",
    (
        "Integers are as long as they need to be.",
        text('f"2 to the 64 is {2**64}, MARK"'),
        "Division gives a float, or with two slashes an integer.",
        text(
            """
            quotient, remainder = divmod(1000, 7)
            print(f"{quotient} and {remainder}, MARK")
            """
        ),
        "A sum over squares needs no list.",
        text(
            """
            total = sum(n * n for n in range(100))
            f"{total}, MARK"
            """
        ),
        "The greatest common divisor is in the library.",
        text(
            """
            import math

            f"{math.gcd(84, 36)}, MARK"
            """
        ),
    ),
    text('print(f"{math.isqrt(2026)}, MARK")'),
)

_STRINGS = Recipe(
    "Strings",
    (
        "A string is a sequence of characters.",
        text(
            """
            sentence = "a cell is a piece of code with an output"
            f"{len(sentence)} characters, MARK"
            """
        ),
        "It can be split into words, and joined again.",
        text(
            """
            words = sentence.split()
            print("-".join(reversed(words)))
            print(f"{len(words)} words, MARK")
            """
        ),
        "A counter counts.",
        text(
            """
            from collections import Counter

            f"{Counter(sentence).most_common(2)}, MARK"
            """
        ),
        "Methods return new strings, and leave the old one alone.",
        text('f"{sentence.title()}, MARK"'),
    ),
    text('print(f"{sentence.upper()[:6]}, MARK")'),
)

_COLLECTIONS = Recipe(
    "Lists and dictionaries",
    (
        "A list keeps its order.",
        text(
            """
            primes = [n for n in range(2, 60) if all(n % d for d in range(2, n))]
            f"{len(primes)} primes, MARK"
            """
        ),
        "A dictionary maps keys to values.",
        text(
            """
            squares = {n: n * n for n in primes[:5]}
            for n, square in squares.items():
                print(n, square)
            print(f"MARK")
            """
        ),
        "A set has no doubles.",
        text('f"{sorted({n % 6 for n in primes})}, MARK"'),
        "Pairs of neighbours come from the library.",
        text(
            """
            from itertools import pairwise

            f"{max(b - a for a, b in pairwise(primes))}, MARK"
            """
        ),
    ),
    text('print(f"{list(zip(primes, squares))}, MARK")'),
)

_FUNCTIONS = Recipe(
    "Functions and classes",
    (
        "A function has a name, parameters and a value.",
        text(
            '''
            def area(width: float, height: float = 1.0) -> float:
                """Return the area of a rectangle."""
                return width * height


            f"{area(3, height=4)}, MARK"
            '''
        ),
        "A class describes a kind of thing.",
        text(
            """
            from dataclasses import dataclass


            @dataclass
            class Point:
                x: int
                y: int = 0


            print(Point(2), f"MARK")
            """
        ),
        "A generator gives one value after the other.",
        text(
            """
            def countdown(n):
                while n:
                    yield n
                    n -= 1


            f"{list(countdown(5))}, MARK"
            """
        ),
        "An exception can be caught.",
        text(
            """
            try:
                area("a", "b")
            except TypeError as error:
                print(f"{type(error).__name__}, MARK")
            """
        ),
    ),
    text('f"{sum(countdown(10))}, MARK"'),
)

RECIPES = (_NUMBERS, _STRINGS, _COLLECTIONS, _FUNCTIONS)
