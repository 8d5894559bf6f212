"""Classes of words that the reading of a name cannot tell apart, and words that stand in for them.

Reading a name looks at its words only for what they are: in which list, in which script and case,
how long. So all words of one class, say Latin words in title case, are read alike, and one word
can stand in for all of them.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import polars as pl

from crmmigrate.compiled.columns import text_column
from crmmigrate.standardize.name_loops import CASES, name_case
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_order import MARY, second_given_names
from crmmigrate.values.name_tokens import LEGAL_WORDS, known_words
from crmmigrate.values.patronymics import CYRILLIC_PATRONYMIC, LATIN_PATRONYMIC
from crmmigrate.values.person import VOWEL

__all__ = ["LITERAL", "MARK", "POSITIONS", "class_names", "classify", "stand_in"]

POSITIONS = 9
"""Words of a name that can be told apart; longer cells are read one by one."""
MARK = "\x1e"
"""Stands beside a blank that was set to cut a text and is no part of it."""
LITERAL = "="
"""Class of words that stand for themselves: known words, and all that has no other class."""

_LATIN = "A-Za-zÀ-ÖØ-öø-ķĹ-ňŊ-žƠơƯưƏəƁɓƊɗƘƙƳƴǍ-ǜǞ-ǯȘ-țḀ-ẕẠ-ỹ"
_DOTTED, _BARE = "A-HJ-TW-Z", "B-DF-HJ-NP-TWZ"
"""Initials that are nothing else: no Roman numeral, no word for `and`, no `O Meara`, no `x`, no `u.` for `und`."""
_UNCHANGED = r"^(?:(?:IJ|\p{Lu})(?:['’ʼ-](?:IJ|\p{Lu}))*|d['’ʼ]\p{Ll}{1,2}(?:['’ʼ]\p{Ll}{1,2})*)$"
"""Words in one case that are written as they are even where names are recased: `A-B`, `d'a`."""
_FORM_IN = rf"(?i)['’ʼ-](?:{'|'.join(LEGAL_WORDS)})(?:$|['’ʼ-])|^(?:{'|'.join(LEGAL_WORDS)})['’ʼ-]"
"""Words with a legal form as a part of them: `Nord-GmbH`."""
_PATRONYMICS = tuple(
    f"{name}ович"
    for name in ("петр", "павл", "борис", "олег", "иван", "антон", "семен", "егор", "глеб")
)
_ROMANIZED = tuple(
    f"{name}ovich"
    for name in ("petr", "pavl", "boris", "oleg", "ivan", "anton", "semen", "egor", "gleb")
)
_INITIALS = "BCGHJKLQRTUWZNF"


@dataclass(frozen=True, slots=True)
class _Script:
    """A script: the letters that its words may have, and letters for words that stand in."""

    mark: str
    letters: str
    heads: str
    tails: str
    cased: bool = False
    glued: bool = False


_SCRIPTS = (
    _Script("l", _LATIN, "qzxjwkvg", "aueo", cased=True),
    _Script("c", r"\x{0400}-\x{0481}\x{048a}-\x{04bf}\x{04d0}-\x{04ff}", "щфцхжчшб", "аоуы", cased=True),
    _Script("g", "ΆΈ-ΊΌΎ-ΡΣ-Ϋά-ία-ώ", "ψξζφχβγδ", "αουω", cased=True),
    _Script("a", "Ա-Ֆա-ֆ", "ժծձճցջղռ", "աօու", cased=True),
    _Script("r", r"ء-غف-يپچژگکی", "ظضذثغخشص", "ثظضذ"),
    _Script("h", "א-ת׳", "צטסזגקפד", "זצטס"),
    _Script("d", r"\p{Devanagari}\p{Bengali}\p{Tamil}\p{Telugu}\p{Gujarati}", "ठढझछफघधथ", "ठढझछ"),
    _Script("t", r"ก-ฮะ-ฺเ-์", "ฆฌฎฏฐฑฒฬ", "ฌฆฏฎ", glued=True),
    _Script("o", "ა-ჿ", "ჟჰჯჭძცშღ", "ჟჰჯჭ"),
)  # fmt: skip
_BLOCKS = (
    _Script("k", "一-鿿", "乄乆乊乑乛乢乥乧乨", "乨", glued=True),
    _Script("n", "가-힣", "뷁쀍퓛쮦꿹뗗쌟풿훍", "훍", glued=True),
    _Script("j", "一-鿿ぁ-ゖァ-ヺー々〆", "ヸヹヺヷヂヅヱヰヲ", "ヲ", glued=True),
)


def classify(words: pl.Series, of_regions: frozenset[str]) -> pl.DataFrame:
    """Return the class of each distinct word.

    Returns:
        `class`; `second`, the class where second given names are a class of their own; `bare`, the
        word without marks.

    Args:
        words: Distinct words, as they are written.
        of_regions: Known words of the regions' own rules, in lower case.
    """
    text = pl.col("word")
    frame = words.alias("word").to_frame().with_columns(text.str.strip_chars(MARK))
    frame = frame.with_columns(bare=text.str.replace_all("İ", "i", literal=True).str.to_lowercase())
    frame = _with_patronymics(frame.with_columns(_word_classes(frame, of_regions)))
    cut = words.str.ends_with(MARK).arg_true()
    classes = frame["class"].clone().scatter(cut, _cut_classes(frame["class"].gather(cut)))
    second = frame["bare"].is_in(sorted(frozenset().union(*_iberian().values()))).arg_true()
    listed = frame[second].with_columns(classes.gather(second))
    seconds = classes.clone().scatter(second, listed.select(_second_class()).to_series())
    return pl.DataFrame({"class": classes, "second": seconds, "bare": frame["word"]})


def _cut_classes(classes: pl.Series) -> pl.Series:
    """Class of words behind which a text was cut: letters of names written together."""
    name = pl.col(classes.name)
    letter = pl.when(name.is_in(["k1", "n1"])).then(pl.concat_str(name, pl.lit("+")))
    return classes.to_frame().select(letter.otherwise(pl.lit(LITERAL))).to_series()


def _second_class() -> pl.Expr:
    """Class of a word of the Iberian lists where second given names are a class of their own."""
    text, bare, name = pl.col("word"), pl.col("bare"), pl.col("class")
    own = pl.lit(None, pl.String)
    for kind, listed in _iberian().items():
        mark = pl.concat_str(pl.lit(kind), name.str.slice(1, 1))
        own = pl.when(bare.is_in(listed)).then(mark).otherwise(own)
    common = (text.str.len_chars() > 3) & ~bare.is_in(sorted(MARY))
    told = pl.when(common).then(own).otherwise(pl.lit(LITERAL))
    return pl.when((name != LITERAL) & own.is_not_null()).then(told).otherwise("class")


def _word_classes(words: pl.DataFrame, of_regions: frozenset[str]) -> pl.Series:
    """Class of each word by its signs, its script and the lists that it stands in."""
    column = text_column(words["word"])
    cases = pl.Series(name_case(column.data, column.offsets))
    literal = words["word"].eq("IJ") | words["bare"].is_in(sorted(_told_apart() | of_regions))
    kinds = pl.Series(CASES, dtype=pl.String).gather(cases)
    classes = pl.select(pl.when(literal).then(pl.lit(LITERAL)).otherwise(kinds)).to_series()
    at = (cases == 0).arg_true()
    rest = words[at].with_columns(_letter_classes(words["word"].gather(at)))
    signed = _signed(pl.col("word"), of_regions, pl.col("class")).fill_null(LITERAL)
    return classes.scatter(at, rest.select(signed.alias("class"))["class"]).alias("class")


@cache
def _iberian() -> dict[str, list[str]]:
    """Return the words that are looked for only where two family names are usual.

    Second given names, what follows `María de`, and words that are both; they are plain words
    elsewhere.
    """
    second, devout = second_given_names(), frozenset(load_knowledge("name_words")["devout"])
    kinds = {"s": second - devout, "e": second & devout, "f": devout - second}
    return {kind: sorted(words - _told_apart()) for kind, words in kinds.items()}


@cache
def _told_apart() -> frozenset[str]:
    """Return the words that stand for themselves in every region."""
    return known_words() - frozenset(load_knowledge("name_words")["devout"])


def _signed(text: pl.Expr, of_regions: frozenset[str], others: pl.Expr) -> pl.Expr:
    """Class of words with digits, known words and initials, and the class given for all others."""
    squeezed = pl.col("bare").str.replace_all(".", "", literal=True)
    foreign = ~squeezed.is_in(sorted(of_regions))
    known = squeezed.is_in(sorted(_told_apart() | of_regions))
    upper = text.str.contains("[A-Z]")
    return (
        pl.when(text.str.contains(r"\d{3}"))
        .then(
            pl.when(text.str.contains(r"[\p{Lu}\p{Lt}]"))
            .then(pl.lit(LITERAL))
            .when(text.str.contains(r"\p{L}"))
            .then(pl.lit("9l"))
            .otherwise(pl.lit("9"))
        )
        .when(text.str.contains("@", literal=True))
        .then(
            pl.when(text.str.contains(r"[\p{Lu}\p{Lt}]"))
            .then(pl.lit(LITERAL))
            .otherwise(pl.lit("@"))
        )
        .when(text.str.contains(rf"(?i)^[{_DOTTED}]\.$") & foreign)
        .then(pl.when(upper).then(pl.lit("i.")).otherwise(pl.lit("n.")))
        .when(text.str.contains(f"(?i)^[{_BARE}]$") & foreign)
        .then(pl.when(upper).then(pl.lit("i")).otherwise(pl.lit("n")))
        .when(known)
        .then(pl.lit(LITERAL))
        .when(text.str.contains(_UNCHANGED) | text.str.contains(_FORM_IN))
        .then(pl.lit(LITERAL))
        .when(text.str.contains(r"^[A-HJ-Z]\.[A-HJ-Z]\.$"))
        .then(pl.lit("ii"))
        .otherwise(others)
    )


def _with_patronymics(words: pl.DataFrame) -> pl.DataFrame:
    """Give patronymics classes of their own."""
    name, bare = pl.col("class"), pl.col("bare")
    cyrillic = name.str.starts_with("c") & bare.str.contains(CYRILLIC_PATRONYMIC)
    latin = name.str.starts_with("l") & bare.str.contains(LATIN_PATRONYMIC)
    case = name.str.slice(1, 1)
    return words.with_columns(
        pl.when(cyrillic)
        .then(pl.concat_str(pl.lit("p"), case))
        .when(latin)
        .then(pl.concat_str(pl.lit("q"), case))
        .otherwise(name)
        .alias("class")
    )


def _letter_classes(words: pl.Series) -> pl.Series:
    """Class of words of two letters or more of one script, the first one that has all of them."""
    classes = pl.Series([None], dtype=pl.String).new_from_index(0, words.len())
    left = pl.int_range(words.len(), dtype=pl.UInt32, eager=True)
    for script in (*_SCRIPTS, *_BLOCKS):
        if script is _SCRIPTS[1]:
            # Only Latin has letters before U+0370.
            left = left.filter(words.gather(left).str.contains(r"[\x{370}-\x{10ffff}]"))
        # The first letter tells for nearly all words which script to look at.
        may = words.gather(left).str.contains(rf"^[{script.letters}\p{{M}}]")
        at = left.filter(may)
        if at.is_empty():
            continue
        some = words.gather(at)
        shaped = (_in_block if script in _BLOCKS else _in_script)(pl.col(words.name), script)
        found = some.to_frame().select(shaped.alias("class"))["class"]
        classes = classes.scatter(at, found)
        left = pl.concat([left.filter(~may), at.filter(found.is_null())])
    return classes.alias("class")


def _in_block(text: pl.Expr, block: _Script) -> pl.Expr:
    """Class of words of a script whose words are written together, with their length."""
    length = text.str.len_chars()
    addressed = text.str.contains(f".(?:{'|'.join(load_knowledge('name_words')['honorifics'])})$")
    exact = pl.min_horizontal(length, pl.lit(5)).cast(pl.String)
    joined = text.str.contains(f"^[{block.letters}]+-[{block.letters}]+$") & (length > 4)
    whole = (text.str.contains(f"^[{block.letters}]+$") | joined) & ~addressed
    return pl.when(whole).then(pl.concat_str(pl.lit(block.mark), exact))


def _in_script(text: pl.Expr, script: _Script) -> pl.Expr:
    """Class of words of a script, with their case and length where it has case."""
    if script.cased:
        shape = rf"^[{script.letters}]+(?:['’ʼ-][{script.letters}]+)*$"
        kind = pl.concat_str(pl.lit(script.mark), _detail(text))
    else:
        letters = rf"[{script.letters}\p{{M}}]"
        shape, kind = rf"^{letters}+(?:['’׳-]{letters}+)*$", pl.lit(script.mark)
    enough = (text.str.len_chars() > 1) & text.str.contains(shape)
    return pl.when(enough).then(kind)


def _detail(text: pl.Expr) -> pl.Expr:
    """Case and length of a word; of capitals also whether they may be a degree: short, ASCII."""
    length = text.str.len_chars()
    upper, lower = text.str.contains(r"\p{Lu}"), text.str.contains(r"\p{Ll}")
    case = pl.when(upper & lower).then(pl.lit("T")).otherwise(pl.lit("L"))
    vowel, ascii_ = text.str.contains(f"(?i){VOWEL.pattern}|İ"), text.str.contains("^[A-Z]+$")
    letters = (
        pl.when(ascii_ & vowel & (length < 4))
        .then(pl.lit("a"))
        .when(vowel)
        .then(pl.lit("v"))
        .when(ascii_ | (length > 3) | text.str.contains(r"^[^\p{Latin}]+$"))
        .then(pl.lit("-"))
    )
    loud = pl.concat_str(pl.lit("U"), pl.min_horizontal(length, pl.lit(4)), letters)
    calm = pl.concat_str(case, pl.min_horizontal(length, pl.lit(3)))
    return pl.when(upper & ~lower).then(loud).otherwise(calm)


@cache
def class_names() -> tuple[str, ...]:
    """Return every class that words have stand-ins of, in a fixed order."""
    names = [f"{kind}{case}" for kind in "sefpq" for case in "TUL"]
    names += ["9", "9l", "@", "k1+", "n1+", "i", "i.", "n", "n.", "ii"]
    for script in _SCRIPTS:
        if not script.cased:
            names.append(script.mark)
            continue
        names += [f"{script.mark}{case}{length}" for case in "TL" for length in (2, 3)]
        names += [
            f"{script.mark}U{length}{detail}" for length in (2, 3, 4) for detail in ("a", "v", "-")
        ]
    names += [f"{script.mark}{length}" for script in _BLOCKS for length in range(1, 6)]
    return tuple(names)


@cache
def stand_in(name: str, position: int) -> str | None:
    """Return the word that stands in for a class at a position of a name; None if there is none."""
    letter = _INITIALS[position]
    fixed = {
        "9": f"777{position}", "9l": f"q777{position}", "@": f"qz{position}@q.qz", "ii": f"{letter}.{_INITIALS[-1]}.",
        "i": letter, "i.": f"{letter}.", "n": letter.lower(), "n.": f"{letter.lower()}.",
    }  # fmt: skip
    if name in fixed:
        return fixed[name]
    if name[0] in "sefpq":
        others = {"p": _PATRONYMICS, "q": _ROMANIZED}
        listed = others.get(name[0]) or _plain_words(name[0])
        return _written(listed[position], name[1]) if position < len(listed) else None
    if name[-1] == "+":
        return f"{stand_in(name[:-1], position)}{MARK}"
    script = next(s for s in (*_SCRIPTS, *_BLOCKS) if s.mark == name[0])
    if not script.cased:
        head = script.heads[position % len(script.heads)]
        return _unlike(script, head, position, int(name[1:] or 5))
    length = int(name[2])
    length = length if length < (4 if name[1] == "U" else 3) else 6
    words = _cased_words(script.mark, length, name[3:])
    return _written(words[position], name[1]) if position < len(words) else None


def _written(word: str, case: str) -> str:
    return {"T": word.capitalize(), "U": word.upper(), "L": word}[case]


@cache
def _plain_words(kind: str) -> tuple[str, ...]:
    words = [w for w in _iberian()[kind] if w not in MARY]
    return tuple(w for w in words if w.isascii() and len(w) > 4)[:POSITIONS]


def _unlike(script: _Script, head: str, position: int, length: int) -> str:
    """Return a word of a script without case, unlike those of other positions."""
    if script in _BLOCKS:
        return head + script.tails * (length - 1) if length < 5 else head + script.tails * 4
    at = position // len(script.heads)
    return head + script.tails[at % 4] * (length - 2) + script.tails[(at + 1) % 4]


@cache
def _cased_words(mark: str, length: int, detail: str) -> tuple[str, ...]:
    """Return words of a length that are in no list, some with and some without vowels."""
    script = next(s for s in _SCRIPTS if s.mark == mark)
    found: list[str] = []
    tails = script.heads if detail == "-" else script.tails
    if detail == "-" and mark == "l":
        tails = "qzxkvg"
    own = "é" if mark == "l" and detail == "v" and length == 3 else ""
    for head, tail in product(script.heads, tails):
        body = head + tail + own
        word = body + "".join((tail + head)[at % 2] for at in range(length - len(body)))
        if head != tail and word not in known_words():
            found.append(word)
    # Heads in turn, so that neighbouring stand-ins differ in their first letter.
    return tuple(sorted(found, key=lambda w: (found.index(w) % len(tails), found.index(w))))
