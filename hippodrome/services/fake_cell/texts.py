"""Sentences and words of a text, close to those of nltk's punkt and Treebank, with which the server cuts.

punkt goes by a model learnt from newspapers, which is fetched when it runs; here a short list stands in for it.
"""

import re

END = re.compile(
    r"""(?<![.?!])([.?!]++)["')\]}]*+\s++(?=\S)"""
)  # ++ gives nothing back: a long row of marks is quick
TITLES = {
    "dr",
    "mr",
    "mrs",
    "ms",
    "messrs",
    "prof",
    "rev",
    "hon",
    "st",
    "sr",
    "jr",
    "gen",
    "col",
    "capt",
    "lt",
    "gov",
}
MONTHS = {"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"}
OTHERS = {
    "inc",
    "ltd",
    "co",
    "corp",
    "bros",
    "dept",
    "univ",
    "ave",
    "blvd",
    "rd",
    "ft",
    "vs",
    "etc",
    "fig",
    "vol",
    "ph.d",
}
ABBREVIATIONS = TITLES | MONTHS | OTHERS
DOTTED = re.compile(r"[^\W\d](?:\.[^\W\d])*")  # J. Smith, U.S., e.g., p.m.
STARTERS = {"The", "A", "An", "It", "He", "She", "We", "They", "You", "In", "On", "But", "And", "If", "This", "That"}
WORD_MAX = 30  # characters; nothing that long is an abbreviation

SPACED: tuple[tuple[re.Pattern[str], str], ...] = (  # in this order
    (re.compile(r'(^|(?<=[\s(\[{<]))"'), " `` "),
    (re.compile(r'"'), " '' "),
    (re.compile(r"\.{3}|--|[;@#$%&?!()\[\]{}<>«»“”„‘’]"), r" \g<0> "),
    (re.compile(r"[,:](?!\d)"), r" \g<0> "),
    (re.compile(r"""(?<!\.)\.(?=[\])}>'»”’\s]*$)"""), " . "),
    (re.compile(r"(?<=[^\s'])(?:n't|'(?:s|m|d|ll|re|ve)?)(?=\s|$)", re.IGNORECASE), r" \g<0>"),
)
JOINED = re.compile(
    r"\b(?:can(?=not\b)|gon(?=na\b)|wan(?=na\b)|got(?=ta\b)|gim(?=me\b)|lem(?=me\b))|(?<!\S)'t(?=is\b|was\b)",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """Without the blanks between them."""
    found, start = list[str](), 0
    for end in END.finditer(text):
        if _is_end(text, end):
            found.append(text[start : end.end()].rstrip())
            start = end.end()
    return [*found, text[start:].rstrip()]


def _is_end(text: str, end: re.Match[str]) -> bool:
    mark, after = end[1], text[end.end() : end.end() + WORD_MAX]
    if "?" in mark or "!" in mark:
        return True
    if len(mark) > 1:
        return after[0].isupper()
    before = text[max(0, end.start() - WORD_MAX) : end.start()]
    word = before.split()[-1].lstrip("([{\"'") if before and not before[-1].isspace() else ""
    if DOTTED.fullmatch(word) and len(word) == 1:
        return False
    if word.lower() in ABBREVIATIONS or DOTTED.fullmatch(word):
        return after.split()[0] in STARTERS
    return True


def words(text: str) -> list[str]:
    """With marks as words by themselves: `don't stop.` is do, n't, stop and a dot."""
    return [word for sentence in sentences(text) for word in _words(sentence)]


def _words(sentence: str) -> list[str]:
    for pattern, spaced in SPACED:
        sentence = pattern.sub(spaced, sentence)
    return JOINED.sub(r"\g<0> ", sentence).split()
