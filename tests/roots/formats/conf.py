project = "formats"
version = "1"
copyright = "nobody"
extensions = ["myst_parser", "sphinxext_liveviz"]
exclude_patterns = ["_build", "included*"]
html_theme = "basic"
