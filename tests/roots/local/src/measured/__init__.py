"""A project that documents itself."""

__version__ = "1.0"


def measure(rod: float) -> str:
    return f"{rod} rods"
