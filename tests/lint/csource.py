"""C source as the lints need it: without comments and the inside of strings, line by line."""
import re

_TOKEN = re.compile(
    r"""
    /\*.*?\*/               # comment
  | //[^\n]*                # the other kind
  | "(?:\\.|[^"\\\n])*"     # string
  | '(?:\\.|[^'\\\n])*'     # character
    """,
    re.DOTALL | re.VERBOSE,
)


def _blank(match):
    token = match.group(0)
    if token[0] == "/":
        return re.sub(r"[^\n]", " ", token)
    return token[0] + "x" * (len(token) - 2) + token[0]


def strip(text):
    """Blank out comments, fill strings with x; lines and columns stay where they are."""
    return _TOKEN.sub(_blank, text)


def strip_directives(text):
    """Blank out preprocessor lines with their continuations; the input is already stripped."""
    return re.sub(
        r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*",
        lambda m: re.sub(r"[^\n]", " ", m.group(0)),
        text,
        flags=re.MULTILINE,
    )
